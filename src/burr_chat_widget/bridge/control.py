"""What ends a turn early, and what keeps an application to one turn at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from weakref import WeakSet

from burr.core import Application

from burr_chat_widget.errors import TurnRunning
from burr_chat_widget.protocol.events import TurnEvent

__all__ = ["Stopped", "TurnControl", "check_free", "claim", "release"]

_running: WeakSet[Application[Any]] = WeakSet()


def check_free(app: Application[Any]) -> None:
    """Make sure that no turn of `app` runs, in this chat or another.

    Raises:
        TurnRunning: if it is in the middle of one.
    """
    if app in _running:
        raise TurnRunning(
            f"application {app.uid!r} is in the middle of a turn", remedy="wait for that turn to end, or stop it first"
        )


def claim(app: Application[Any]) -> None:
    """Begin a turn of `app`.

    Raises:
        TurnRunning: if it is in the middle of one.
    """
    check_free(app)
    _running.add(app)


def release(app: Application[Any]) -> None:
    """The turn of `app` has ended."""
    _running.discard(app)


class Stopped(Exception):
    """The turn was asked to stop; it goes no further than the bridge."""


class TurnControl:
    """Held by whoever may want to end a turn early; made for one turn and given to `stream_turn`.

    Its life: made; attached to the events of a turn; running, from the first event asked for; closing, when the turn gives
    back what it holds; over.

    Attributes:
        stopped: whether `stop` was called.
    """

    def __init__(self) -> None:
        self.stopped = False
        self._events: Any = None  # an async generator; typeshed has no `ag_running` for it
        self._task: asyncio.Task[Any] | None = None
        self._closing = False
        self._cancels = 0

    def stop(self) -> None:
        """End the turn as stopped. Call it on the loop's thread; at any time, any number of times.

        Where the turn waits for the action, the task that it runs in is cancelled, and the cancellation caught; where the
        consumer holds it at an event, it ends when the next one is asked for. An action that catches the cancellation and goes
        on is stopped at its next item or its end.
        """
        self.stopped = True
        if self._task is None or self._closing:
            return
        loop = self._task.get_loop()
        try:
            inside = asyncio.current_task(loop) is self._task
        except RuntimeError:
            inside = False
        if inside:
            # Called by the action itself or a hook: the flag may be seen before anything is awaited, and a cancellation would
            # then hit the consumer.
            loop.call_soon(self._interrupt)
        else:
            self._interrupt()

    def _interrupt(self) -> None:
        if self._task is None or self._events is None or self._closing or not self._events.ag_running:
            return
        self._cancels += 1
        self._task.cancel()

    def attach(self, events: AsyncGenerator[TurnEvent, None]) -> None:
        """These are the turn's events."""
        if self._events is not None:
            raise ValueError("a TurnControl is for one turn; make another one")
        self._events = events

    def enter(self) -> None:
        """The turn goes on in this task.

        Raises:
            Stopped: if it was asked to stop.
        """
        self._task = asyncio.current_task()
        if self.stopped:
            raise Stopped

    def close(self) -> None:
        """From now on `stop` cancels nothing: the turn is ending anyway."""
        self._closing = True

    def absorb(self) -> bool | None:
        """Take back the cancellations that `stop` asked for.

        Returns:
            True if no other was asked for; False if somebody else cancelled the task too; None if nobody did, as far as can be
            known: what was caught then comes from the action.
        """
        ours, self._cancels = self._cancels, 0
        task: Any = asyncio.current_task()  # `uncancel` and `cancelling` came with Python 3.11
        if task is None or not hasattr(task, "uncancel"):  # Python 3.10 does not count them
            return bool(ours)
        for _ in range(ours if task is self._task else 0):
            task.uncancel()
        if task.cancelling():
            return False
        return True if ours else None
