"""A session whose application is a server's: what was told there is shown here, and what is asked here is done there."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import functools
import uuid
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NoReturn, TypeVar

import msgspec
from msgspec.structs import replace

from burr_chat_widget.errors import NoApplication, ServerError, TurnRunning
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.frames import Inspected, Logged
from burr_chat_widget.session import GoOn, Sending, Turn, checked_pace
from burr_chat_widget.session.front import Stamp, stamp
from burr_chat_widget.session.lookups import Lookups, look_up
from burr_chat_widget.transport.loops import SessionLoop, wait_for
from burr_chat_widget.transport.outbox import Outbox

from .address import Address
from .asked import Asked, Wanted, in_python
from .asking import Asking
from .controls import RemoteBreakpoints, RemoteFaults, RemotePast, checkpoints_of
from .following import Following
from .pages import RemotePages
from .server import Server, encoded

__all__ = ["RemoteSession"]

T = TypeVar("T")

SETTLING = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between two tries to begin a turn, where none runs any more as far as was heard: the server may still be saving it."""

KEPT = "what it has kept of the answer is in the chat"

KINDS: dict[GoOn, type[c.Resume | c.StepAction | c.StepDelta]] = {
    "resume": c.Resume,
    "step": c.StepAction,
    "step-delta": c.StepDelta,
}


class RemoteSession(Lookups):
    """What `ChatSession` is to a chat, for one that is connected to a server.

    The server is followed and asked on a loop of its own, in a thread; Python's calls come in here, a page's at `pages`. What only an
    application in this process could do raises `NoApplication`; what the server does not allow is refused in the server's words.

    Raises:
        ServerError: if the server cannot be reached, does not let one in, or is none of ours.

    Attributes:
        outbox: for pages of this process.
    """

    def __init__(self, address: Address, token: str | None) -> None:
        self._address = address
        self._client = f"python-{uuid.uuid4().hex[:8]}"
        self._loop = SessionLoop()
        server, asked = Server(address, token), Asked()
        self._following = Following(server, asked)
        self._asking = Asking(server, self._following, asked)
        try:
            self.outbox: Outbox = wait_for(self._loop, self._following.begin)
        except BaseException:
            self.close()
            raise
        self.pages = RemotePages(self._asking, self.outbox, self._submit)
        self.breakpoints = RemoteBreakpoints(self._following, self._set)
        self.faults = RemoteFaults(self._following, self._set)
        self.past = RemotePast(self._set, self._refuse)

    @property
    def title(self) -> str:
        """Heading of the chat."""
        return self._following.title

    @property
    def turns(self) -> list[Turn]:
        """The turns, as far as the server tells of them; in `inputs` are short printable forms."""
        return self._following.turns.shown

    @property
    def checkpoints(self) -> Any:
        """Where the application was after each step; their states are asked for when they are looked at."""
        return checkpoints_of(self.outbox.view(), self._state_after)

    @property
    def running(self) -> Turn | None:
        """The running turn."""
        return self._following.turns.running

    @property
    def pace(self) -> float:
        """Seconds for which the running action's generator is held at each delta."""
        return self._following.controls.pace

    # From any thread.

    def begin(self, text: str | None, inputs: Mapping[str, Any]) -> Sending:
        """Begin a turn; its future raises what that of `ChatSession` raises, or `ServerError`."""
        try:
            plain = msgspec.to_builtins(dict(inputs), str_keys=True)
            encoded(plain)
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"inputs travel to the server as JSON, which has no form for one of these: {error}"
            ) from None
        command = c.Send(client=self._client, request=_request(), text=text, inputs=plain)
        wanted = Wanted()
        future = self._submit(functools.partial(self._send, command, wanted))
        return Sending(future, functools.partial(self._stop, functools.partial(self._asking.stop_wanted, wanted)))

    def let(self, how: GoOn) -> concurrent.futures.Future[Turn]:
        """Let the held turn go on, or begin one; the future holds it when it is held again or has ended."""
        command = KINDS[how](client=self._client, request=_request())
        return self._submit(functools.partial(self._let, command))

    def stop(self, turn: str | None = None) -> None:
        """Let the running turn end as stopped; one that was asked for and has not begun, when it does."""
        self._stop(functools.partial(self._asking.stop, self._client, turn))

    def pause(self, *, off: bool = False) -> None:
        """Hold the running turn, or the next one, before its next action; with `off`, do not."""
        self._set(c.Pause(client=self._client, request=_request(), off=off))

    def set_pace(self, seconds: float) -> None:
        """Hold the running action's generator for so many seconds at each delta; 0 for not at all."""
        self._set(c.SetPace(client=self._client, request=_request(), seconds=checked_pace(seconds)))

    def ask(self, command: c.Inspect | c.Log, answer: Callable[[Inspected | Logged], object]) -> None:
        """See `Lookups.ask`. How a turn went is known here, with the frames that went out from here; of the rest the server is asked."""
        known = next((turn for turn in self.turns if isinstance(command, c.Log) and turn.key == command.turn), None)
        if isinstance(command, c.Log) and known is not None:
            answer(self.log(command))
            return

        async def look() -> None:
            answer(await self._asking.look(command))

        with contextlib.suppress(RuntimeError):  # the chat is closed
            self._submit(look)

    def inspect(self, command: c.Inspect) -> Inspected:
        """Values are not here."""
        return Inspected(client=command.client, request=command.request, error="Only the server has this.")

    def looked_into(self, command: c.Inspect) -> Inspected:
        """The server is asked."""
        try:
            answer = wait_for(self._loop, functools.partial(self._asking.look, command))
        except RuntimeError as error:  # the chat is closed
            raise ServerError(str(error)) from error
        if isinstance(answer, Logged) or answer.error is not None:
            raise ServerError(answer.error or "the server has no answer to this")
        if answer.more and not answer.rows:
            raise ServerError("the server says that there are more values, and does not give them")
        return answer

    def log(self, command: c.Log) -> Logged:
        """How a turn went, as far as that is known here."""
        return look_up(command, self.turns)

    def stamp(self) -> Stamp:
        """Time and turn of what is told now."""
        return stamp()

    def look(self) -> None:
        """The server sees to that."""

    def shown(self) -> None:
        """The chat is displayed."""

    def close(self) -> None:
        """Leave the server. What runs there goes on."""
        self._loop.close()

    # What an application in this process would be needed for.

    @property
    def app(self) -> NoReturn:
        """It is the server's."""
        self._refuse("its application is there", "look into its state with chat.inspector, where the server shows it")

    @property
    def branches(self) -> NoReturn:
        """Each has an application."""
        self._refuse(
            "the applications of its branches are there", "switch between them in the chat, where the server allows it"
        )

    @property
    def redaction(self) -> NoReturn:
        """What is hidden is the server's business."""
        self._refuse("its values are there")

    def record(self, *_: Any, **_options: Any) -> NoReturn:
        """Values of the state belong into a recording."""
        self._refuse("it is recorded where its application is", "record it there, with chat.record(...) of a BurrChat")

    def _refuse(self, why: str, remedy: str | None = None) -> NoReturn:
        raise NoApplication(
            f"this chat shows a conversation of the server at {self._address.base}: {why}",
            remedy=remedy or "make a chat of an application with BurrChat(app)",
        )

    def _submit(self, make: Callable[[], Coroutine[Any, Any, T]]) -> concurrent.futures.Future[T]:
        return self._loop.submit(make, contextvars.copy_context())

    def _stop(self, stop: Callable[[], Coroutine[Any, Any, None]]) -> None:
        with contextlib.suppress(RuntimeError):  # the chat is closed
            self._submit(stop)

    def _state_after(self, step: int, branch: str) -> dict[str, str]:
        """See `RemoteCheckpoint.state`."""
        rows = self.rows(c.Inspect(client=self._client, request=_request(), step=step, branch=branch))
        return {row.key: row.text for row in rows if row.change != "removed"}

    def _set(self, command: Any) -> None:
        """Ask for something and wait until it is done: no longer than an answer takes.

        Raises:
            BurrChatError: if the server does not do it.
        """
        wait_for(self._loop, functools.partial(self._done, command))

    # On the loop's thread.

    def _turn(self, key: str | None) -> Turn:
        turn = self._following.turns.get(key or "")
        if turn is None:
            # Of a turn that it has kept, but that is none of those it knows, it says no more than that.
            raise ServerError(
                "the prompt was answered by a process of the server that is not heard any more", remedy=KEPT
            )
        return turn

    async def _done(self, command: Any, wanted: Wanted | None = None) -> str | None:
        running = self.running is not None
        try:
            return await self._asking.ask(command, wanted)
        except ServerError as error:
            known = in_python(error, running=running, ended=self._following.composer.ended)
            raise known from error.__cause__ if known is error else error

    async def _send(self, command: c.Send, wanted: Wanted) -> Turn:
        with self._asking.wanting(wanted):
            turn = self._turn(await self._begun(command, wanted))
        await self._following.turns.end_of(turn)
        return turn

    async def _begun(self, command: c.Send, wanted: Wanted) -> str | None:
        for wait in SETTLING:
            with contextlib.suppress(TurnRunning):
                return await self._done(command, wanted)
            if self.running is not None:
                break
            await asyncio.sleep(wait)
            command = replace(command, request=_request())
        raise TurnRunning(
            "a turn is running in this conversation", remedy="wait for it to end, or stop it with chat.stop()"
        )

    async def _let(self, command: c.Resume | c.StepAction | c.StepDelta) -> Turn:
        rest = self._following.turns.next_rest()
        running = self.running
        key = await self._done(command)
        turn = running if key is None and running is not None else self._turn(key)
        if turn.status == "running":
            await rest
        return turn


def _request() -> str:
    return uuid.uuid4().hex
