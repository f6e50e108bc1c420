"""A session with a page that looks at it, on this loop: what Python and what a page do, and what is seen of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.view import Held, View
from burr_chat_widget.session import ChatSession, Turn

from .page import Page

PATIENCE = 180.0
"""Seconds after which who waits for what does not come gives up."""


class Scene:
    """A session and its page."""

    def __init__(self, app: Any, *, runner: Any = "kernel", **options: Any) -> None:
        self.session = ChatSession(app, runner=runner, **options)
        self.page = Page(self.session.outbox)
        self._requests = 0

    # From Python.

    def send(self, text: str | None = None, /, **inputs: Any) -> asyncio.Future[Turn]:
        """Begin a turn."""
        return asyncio.wrap_future(self.session.begin(text, inputs).future)

    async def let(self, how: Any) -> Turn:
        """Step, step delta or resume."""
        return await asyncio.wait_for(asyncio.wrap_future(self.session.let(how)), PATIENCE)

    # From the page.

    def say(self, kind: type[Any], **fields: Any) -> str:
        """Send a command; returns the request's name."""
        self._requests += 1
        request = fields.pop("request", f"r{self._requests}")
        self.session.pages.handle(kind(client="page", request=request, **fields))
        return request

    async def ask(self, kind: type[Any], **fields: Any) -> str | None:
        """Send a command and wait for the answer: None, or why it was refused."""
        request = self.say(kind, **fields)
        view = await self.until(lambda view: is_answered(view, request))
        return next((each.reason for each in view.refused if each.request == request), None)

    async def press(self, how: Any) -> View:
        """Step, step delta or continue, as the page's buttons do: the view when the turn is held again or has ended."""
        kind = {"step": c.StepAction, "step-delta": c.StepDelta, "resume": c.Resume}[how]
        before = self.view.held
        request = self.say(kind)
        return await self.until(
            lambda view: (
                is_answered(view, request) and (view.status == "idle" if view.held is None else view.held is not before)
            )
        )

    # What is seen.

    @property
    def view(self) -> View:
        """What the page shows."""
        self._look()
        assert self.page.view is not None
        return self.page.view

    async def until(self, condition: Callable[[View], Any]) -> View:
        """What the page shows, when it shows that."""

        def seen() -> View | None:
            self._look()
            view = self.page.view
            return view if view is not None and condition(view) else None

        return await until(seen)

    async def held(self) -> Held:
        """Where the turn is held, when it is."""
        view = await self.until(lambda view: view.held)
        assert view.held is not None
        return view.held

    async def caught_up(self) -> View:
        """What the page shows when it has everything that was told."""
        return await self.until(lambda view: view == self.session.outbox.view())

    def _look(self) -> None:
        for message in self.session.outbox.take():
            self.page.receive(message)
        self.page.ack()


def is_answered(view: View, request: str) -> bool:
    """Whether the page has heard what became of what it asked."""
    return (
        request in view.accepted
        or any(each.request == request for each in view.refused)
        or any(turn.request == request for turn in view.turns)
    )


async def until(found: Callable[[], Any]) -> Any:
    """Wait for something, which another thread or task does; returns it."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while not (value := found()):
        if asyncio.get_running_loop().time() > end:
            raise AssertionError(f"waited {PATIENCE} s in vain")
        await asyncio.sleep(0.001)
    return value
