"""A turn that another process runs or has run, as its log on the board tells it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from typing import Protocol

import msgspec

from burr_chat_widget.protocol.events import TurnError, TurnEvent, TurnFailed
from burr_chat_widget.protocol.sse import server_sent
from burr_chat_widget.serve.bell import Bell
from burr_chat_widget.serve.exposure import Exposure

from .board import Board
from .names import turn_name
from .relay import CUT

__all__ = ["Place", "RemoteTurn"]

logger = logging.getLogger(__name__)

POLL = 0.2
"""Seconds between two looks at the log of a turn that is followed."""

DOUBT, THOROUGH = 20, 60
"""So many looks without anything new, and it is asked whether some turn still runs; whether it is this one.

A lock that a restarted store has forgotten is taken again within this time.
"""

MOST = 200
"""So many events are handed out at once."""

ENDS = (b"event: turn-completed\n", b"event: turn-stopped\n", b"event: turn-failed\n")

_decoder: msgspec.json.Decoder[TurnEvent] = msgspec.json.Decoder(TurnEvent)


class Place(Protocol):
    """The conversation, as other processes have it."""

    async def runs(self, turn: str, *, thoroughly: bool) -> bool:
        """Whether that turn still runs, as far as that can be told; else whether any does."""
        ...

    async def freed(self) -> None:
        """Returns when the next turn may begin, as far as that can be told."""
        ...


class RemoteTurn:
    """What is told of it, as the process that runs it tells it to its own clients, less what is not exposed here. Used on the server's loop.

    The log is read while somebody follows; each reader has its own place in what was read.

    Args:
        board: where the log is.
        conversation: the conversation's name.
        key: the turn's.
        exposure: what clients of this process see: the other may have been told to let its own see more.
        place: says what becomes of it.
        bell: is rung when there is more.

    Attributes:
        over: there will be no more: it has ended, or it is not told to its end here.
    """

    def __init__(
        self,
        board: Board,
        conversation: str,
        key: str,
        exposure: Exposure,
        place: Place,
        bell: Bell,
    ) -> None:
        self.key = key
        self.over = False
        self._board = board
        self._log = turn_name(conversation, key)
        self._exposure = exposure
        self._place = place
        self._bell = bell
        self._told: list[bytes] = []  # each event, as it is sent
        self._at = 0
        self._half = b""
        self._reading: asyncio.Task[None] | None = None
        self._followers = 0
        self._one_at_a_time = asyncio.Lock()

    @property
    def is_known(self) -> bool:
        """Whether anything was told of it."""
        return len(self._told) > 0

    def is_over_at(self, start: int) -> bool:
        """Whether nothing comes after the events before number `start`."""
        return self.over and start >= len(self._told)

    async def read(self, *, follows: bool = False) -> bool:
        """Read what is there; says whether there was anything new.

        Args:
            follows: its end is told when the next turn may begin.

        Raises:
            Exception: the driver's own, where the store cannot be reached; msgspec.DecodeError where another version has told it.
        """
        async with self._one_at_a_time:
            news = False
            while not self.over and (data := await self._board.read(self._log, self._at)):
                news = True
                *whole, half = (self._half + data).split(b"\n\n")
                shown = await asyncio.to_thread(self._shown, [block + b"\n\n" for block in whole])
                self._at, self._half = self._at + len(data), half
                for block in shown:
                    await self._take(block, follows=follows)
                    if self.over:
                        break
            return news

    async def ready(self, start: int = 0) -> AsyncGenerator[list[bytes], None]:
        """Its events as they are sent, from number `start` on, as many at once as there are. Ends after the last one that is told."""
        number = start
        self._followers += 1
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_on())
        try:
            while True:
                rung, over = self._bell.next(), self.over
                some = self._told[number : number + MOST]
                if some:
                    yield some
                    number += len(some)
                elif over or self._reading.done():
                    return
                else:
                    await self._bell.wait(rung)
        finally:
            self._followers -= 1

    async def sent(self, start: int = 0) -> AsyncGenerator[bytes, None]:
        """The same, joined."""
        async with contextlib.aclosing(self.ready(start)) as ready:
            async for some in ready:
                yield b"".join(some)

    async def events(self) -> AsyncGenerator[list[TurnEvent], None]:
        """The same from the first one on, as events."""
        async with contextlib.aclosing(self.ready()) as ready:
            async for some in ready:
                yield [_event(block) for block in some]

    async def _read_on(self) -> None:
        """As long as somebody follows."""
        looks = 0
        try:
            while not self.over and self._followers:
                looks = 0 if await self.read(follows=True) else looks + 1
                # When it does not run any more, all that was told of it is there.
                if looks and looks % DOUBT == 0 and not await self._runs(looks) and not await self.read():
                    self._take_as_lost()
                self._bell.ring()
                if not self.over:
                    await asyncio.sleep(POLL)
        except Exception:  # streams end, and are taken up again
            logger.warning("turn %s cannot be followed any longer", self.key, exc_info=True)
        finally:
            self._bell.ring()

    async def _runs(self, looks: int) -> bool:
        return await self._place.runs(self.key, thoroughly=looks % THOROUGH == 0)

    def _shown(self, blocks: list[bytes]) -> list[bytes]:
        return [self._filtered(block, number) for number, block in enumerate(blocks, len(self._told))]

    def _filtered(self, block: bytes, number: int) -> bytes:
        if block == CUT:
            return block
        told = _event(block)
        shown = self._exposure.turn_event(told)
        return block if shown == told else server_sent(shown, number).encode()

    async def _take(self, block: bytes, *, follows: bool) -> None:
        if block == CUT:
            self.over = True
            return
        ends = block.partition(b"\n")[2].startswith(ENDS)
        if ends and follows:
            self._bell.ring()  # what came before the end is told at once
            await self._place.freed()
        self._told.append(block)
        self.over = ends

    def _take_as_lost(self) -> None:
        """The process that ran it has died: nobody will tell its end. Every process that follows says the same."""
        if self._told:
            last = _event(self._told[-1])
            error = TurnError(
                kind="ServerError",
                message="The process of the server that ran this turn has ended before it.",
                remedy="What was finished before is kept: send the prompt again.",
            )
            failed = TurnFailed(time=last.time, monotonic=last.monotonic, turn=self.key, error=error)
            self._told.append(server_sent(failed, len(self._told)).encode())
        self.over = True


def _event(block: bytes) -> TurnEvent:
    return _decoder.decode(block[block.index(b"\ndata: ") + 7 : -2])
