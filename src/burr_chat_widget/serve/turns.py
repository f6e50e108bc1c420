"""A turn as clients follow it: at any time, from any event on, as often as they like."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager
from itertools import islice
from typing import Literal

from msgspec.structs import replace

from burr_chat_widget.protocol.events import TurnCompleted, TurnError, TurnEvent, TurnFailed, TurnStopped
from burr_chat_widget.protocol.frames import FrameSent
from burr_chat_widget.protocol.sse import server_sent
from burr_chat_widget.session import Turn

from .bell import Bell
from .exposure import Exposure

__all__ = ["ServedTurn", "as_sent"]

MOST = 200
"""So many events are handed out at once."""


class ServedTurn:
    """One turn of a served conversation.

    Attributes:
        turn: what the session has of it, unfiltered.
        first: how many events of turns the conversation's outbox had been told before.
        free: the next turn may begin, here and in any other process.
    """

    def __init__(
        self,
        turn: Turn,
        first: int,
        bell: Bell,
        exposure: Exposure,
        sent: Callable[[int, int], list[FrameSent]],
        followed: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self.turn = turn
        self.first = first
        self.free = False
        self._bell = bell
        self._exposure = exposure
        self._sent = sent
        self._followed = followed

    @property
    def key(self) -> str:
        """Its name: unique in the conversation, in whichever process it ran."""
        return self.turn.key

    @property
    def status(self) -> Literal["running", "completed", "stopped", "failed"]:
        """What became of it; `running` until the next one may begin."""
        return self.turn.status if self.free else "running"

    @property
    def text(self) -> str:
        """What was said in answer so far."""
        return self.turn.text

    @property
    def error(self) -> TurnError | None:
        """What went wrong, as clients are told of it."""
        error = self.turn.error
        return None if error is None else self._exposure.error(error, self.key)

    def is_over_at(self, start: int) -> bool:
        """Whether nothing comes after the events before number `start`."""
        return self.free and start >= len(self.turn.events)

    async def ready(self, start: int = 0) -> AsyncGenerator[list[tuple[int, TurnEvent]], None]:
        """What is told of it, filtered, each with its number within the turn: from number `start` on, as many at once as there are.

        Ends after the last event, which is told when the next turn may begin. Nothing is kept for who follows slowly: they are read
        from the turn's own record, and who is behind is handed more at once.
        """
        number = start
        with self._followed():
            while True:
                rung, free = self._bell.next(), self.free
                some = self.some(number, to_the_end=free)
                if some:
                    yield some
                    number += len(some)
                    if len(some) == MOST:
                        await asyncio.sleep(0)  # there is more, and others have theirs to do
                elif free:
                    return
                else:
                    await self._bell.wait(rung)

    async def events(self, start: int = 0) -> AsyncGenerator[tuple[int, TurnEvent], None]:
        """The same, one by one."""
        async with contextlib.aclosing(self.ready(start)) as ready:
            async for some in ready:
                for each in some:
                    yield each

    async def sent(self, start: int = 0) -> AsyncGenerator[bytes, None]:
        """The same as server-sent events, their numbers as ids."""
        async with contextlib.aclosing(self.ready(start)) as ready:
            async for some in ready:
                yield as_sent(some)

    def some(self, start: int, *, to_the_end: bool) -> list[tuple[int, TurnEvent]]:
        """What is told of it, from number `start` on, as much as is handed out at once; its end only where that is wanted.

        On any thread.
        """
        found: list[tuple[int, TurnEvent]] = []
        for number, event in enumerate(islice(self.turn.events.since(start), MOST), start):
            if isinstance(event, TurnCompleted | TurnStopped | TurnFailed) and not to_the_end:
                break
            found.append((number, self._exposure.turn_event(event)))
        return found

    async def ended(self) -> None:
        """Wait until the next turn may begin."""
        while not self.free:
            rung = self._bell.next()
            if not self.free:
                await self._bell.wait(rung)

    def frames(self, start: int, end: int) -> list[FrameSent]:
        """The frames that carried any of its events from `start` to before `end`, as far as they are remembered: see `Turn.frames_of`."""
        sent = self._sent(self.first + start, self.first + end)
        return [replace(frame, first=frame.first - self.first, last=frame.last - self.first) for frame in sent]


def as_sent(some: list[tuple[int, TurnEvent]]) -> bytes:
    """Events as they are sent, their numbers as ids."""
    return "".join(server_sent(event, number) for number, event in some).encode()
