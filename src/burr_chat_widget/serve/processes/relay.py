"""What a process tells the others that share its store of the turns that it runs, and what it does for them.

In the calm case that is one write for each turn: when it has ended, the log of its events is put on the board, where any process finds
it for some minutes. While it runs, nobody is told of it who does not wish so. A process that runs turns looks for wishes, for all of its
turns with one query; from the first one on it adds to the turn's log what was told since.

What is on the board is what clients of this process see: see `Exposure`. Those of another see what its own lets through of that.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from burr_chat_widget.serve.turns import ServedTurn, as_sent
from burr_chat_widget.store import Store

from .board import Board, Lost, board_of
from .locks import Locks
from .names import turn_name
from .watch import Watch

__all__ = ["CUT", "FOLLOW", "LOOK", "Relay", "follow_wish", "relay_of", "stop_wish"]

logger = logging.getLogger(__name__)

LOOK = 0.2
"""Seconds between two looks at what is wished, while turns run here."""

PAUSE = 1.0
"""Seconds until the board is looked at again after it could not be reached: who has wished something waits for longer."""

AGAIN, ENOUGH = (0.05, 0.1, 0.2, 0.4), 2.0
"""Seconds between two tries to tell a turn's end, and after which no further one is made: the next turn waits for it."""

FRESH = 60.0
"""Seconds after which the log of a turn of which nothing was told is written to, so that it is kept."""

PIECE = 65_536
"""Bytes from which on no further event is written in the same piece."""

MOST = 32_000_000
"""Bytes of a turn that others are told."""

CUT = b": the rest is not told here\n\n"
"""What a log ends with that would have more."""

FOLLOW = "follow"


def follow_wish(conversation: str) -> str:
    """That the turn that runs in a conversation is told of. When it is taken down, the conversation's own log says which turn that is."""
    return f"{conversation}.{FOLLOW}"


def stop_wish(conversation: str, turn: str) -> str:
    """That the turn of that key ends as stopped, and no other."""
    return f"{conversation}.{turn_name(conversation, turn)}"


def relay_of(store: Store | None, locks: Locks) -> Relay | None:
    """What fits a store; None where processes cannot share it."""
    board = board_of(store)
    return None if board is None else Relay(board, locks)


@dataclass
class _Told:
    """How much of a turn is on the board.

    Attributes:
        events: how many of its events are.
        size: how many bytes that is.
        piece: what was to be written last, and how many events that is: perhaps it is there, and is not to be another thing then.
        over: nothing is added any more.
        wished: somebody elsewhere wishes to be told.
        written: when something was written last.
        alone: held by whoever writes.
    """

    turn: ServedTurn
    events: int = 0
    size: int = 0
    piece: tuple[bytes, int] | None = None
    over: bool = False
    wished: bool = False
    written: float = 0.0
    alone: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass
class _Running:
    told: _Told
    stop: Callable[[str], object]


class Relay:
    """Tells of the turns of one process. Used on the server's loop.

    Attributes:
        board: what is shared with others.
        locks: by which turns are kept apart; who has one runs a turn.
        watch: looks at those of the others.
    """

    def __init__(self, board: Board, locks: Locks) -> None:
        self.board = board
        self.locks = locks
        self.watch = Watch(locks)
        self._running: dict[tuple[str, str], _Running] = {}  # the one that began last in a conversation comes last
        self._looking: asyncio.Task[None] | None = None
        self._failing = False

    def begin(self, conversation: str, turn: ServedTurn, stop: Callable[[str], object]) -> None:
        """A turn runs here from now on; `stop` lets the one with a key end as stopped."""
        self._running[conversation, turn.key] = _Running(_Told(turn), stop)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_after())

    async def end(self, conversation: str, turn: str) -> None:
        """The turn of that key has ended. When this returns its log is on the board, if that can be reached."""
        running = self._running.get((conversation, turn))
        if running is None:
            return
        try:
            await self._tell_the_end(conversation, running.told)
        except Exception:
            logger.warning("other processes cannot be told of turn %s", turn, exc_info=True)
        self._running.pop((conversation, turn), None)

    async def close(self) -> None:
        """Look for nothing any more, and let go of the board."""
        await self.watch.close()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})
        await self.board.close()

    async def _look_after(self) -> None:
        while self._running:
            pause = LOOK
            try:
                await self._look()
                self._failing = False
            except Exception:
                if not self._failing:
                    logger.warning("what other processes wish cannot be looked up", exc_info=True)
                self._failing, pause = True, PAUSE
            await asyncio.sleep(pause)

    async def _look(self) -> None:
        """Do what is wished.

        Raises:
            Exception: what has gone wrong last, of one turn or of all. What could be done for the others is done.
        """
        wishes = await self.board.wishes()
        done: set[str] = set()
        failed: Exception | None = None
        for (conversation, key), running in [*self._running.items()]:
            own = {wish for wish in wishes if wish.startswith(f"{conversation}.")}
            try:
                await self._grant(conversation, key, running, own)
                done |= own  # another turn that was to be stopped is over
            except Exception as error:
                done -= own
                failed = error
        if done:
            await self.board.take_down(done)
        if failed is not None:
            raise failed

    async def _grant(self, conversation: str, key: str, running: _Running, wishes: set[str]) -> None:
        """Do what is wished in the conversation of one turn."""
        told = running.told
        if stop_wish(conversation, key) in wishes:
            running.stop(key)
        if told.wished or wishes:
            told.wished = True
            await self._tell(conversation, told, surely=len(wishes) > 0)
        if wishes:
            await self.board.write(conversation, 0, f"{key}\n".encode())

    async def _tell_the_end(self, conversation: str, told: _Told) -> None:
        """Try it more than once: to those who never hear of its end the turn is lost."""
        end = time.monotonic() + ENOUGH
        for wait in AGAIN:
            try:
                await self._tell(conversation, told, to_the_end=True)
                return
            except Exception:
                if time.monotonic() > end:
                    raise
                await asyncio.sleep(wait)
        await self._tell(conversation, told, to_the_end=True)

    async def _tell(self, conversation: str, told: _Told, *, to_the_end: bool = False, surely: bool = False) -> None:
        """Write what was told since; all of it, where what was written is not there any more.

        Args:
            conversation: its name.
            told: of the turn.
            to_the_end: the turn has ended, which is told too.
            surely: also make sure that it is all there.
        """
        log = turn_name(conversation, told.turn.key)
        async with told.alone:
            while True:
                try:
                    await self._write(log, told, to_the_end=to_the_end)
                    if surely or (not to_the_end and time.monotonic() - told.written > FRESH):
                        await self.board.write(log, told.size, b"")
                        told.written = time.monotonic()
                    return
                except Lost:
                    told.events, told.size, told.piece, told.over = 0, 0, None, False

    async def _write(self, log: str, told: _Told, *, to_the_end: bool) -> None:
        while not told.over:
            if told.piece is None:
                told.piece = await asyncio.to_thread(_piece, told.turn, told.events, to_the_end=to_the_end)
            data, events = told.piece
            if not events:
                told.piece = None
                return
            over = told.size + len(data) > MOST
            data = CUT if over else data
            await self.board.write(log, told.size, data)
            told.piece, told.over = None, over
            told.events, told.size, told.written = told.events + events, told.size + len(data), time.monotonic()


def _piece(turn: ServedTurn, start: int, *, to_the_end: bool) -> tuple[bytes, int]:
    """Some of what was told of a turn from that event on, and how many events that is."""
    data, number = b"", start
    while len(data) < PIECE and (some := turn.some(number, to_the_end=to_the_end)):
        data += as_sent(some)
        number += len(some)
    return data, number - start
