"""One conversation as other processes have it: which turn runs there, what is told of it, and how it is stopped."""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import Awaitable, Callable
from typing import TypeVar

from burr_chat_widget.errors import ServerBusy, StoreError
from burr_chat_widget.serve.bell import Bell
from burr_chat_widget.serve.exposure import Exposure
from burr_chat_widget.serve.turns import ServedTurn

from .relay import Relay, follow_wish, stop_wish
from .remote import RemoteTurn

__all__ = ["Elsewhere", "NoAnswer"]

T = TypeVar("T")

ASK = 0.1
"""Seconds between two looks whether a wish was heard."""

PATIENCE = 5.0
"""Seconds for which an answer is waited for."""

RELEASE, TRIES = 0.05, 20
"""Seconds between two looks whether a turn that has ended is over for everybody, and how often that is looked at."""


class NoAnswer(ServerBusy):
    """Another process runs a turn, and does not hear what is wished of it."""


class Elsewhere:
    """Used on the server's loop. Where no process can share the store, nothing is elsewhere.

    Args:
        relay: tells others of the turns of this process; None where there are no others.
        conversation: the conversation's name: see `conversation_name`.
        exposure: what clients of this process see.
        bell: is rung when there is more of a turn that is followed.
    """

    def __init__(self, relay: Relay | None, conversation: str, exposure: Exposure, bell: Bell) -> None:
        self._relay = relay
        self._conversation = conversation
        self._exposure = exposure
        self._bell = bell
        self._turns: weakref.WeakValueDictionary[str, RemoteTurn] = weakref.WeakValueDictionary()

    # What runs here.

    def begin(self, turn: ServedTurn, stop: Callable[[str], object]) -> None:
        """A turn runs here from now on: see `Relay.begin`."""
        if self._relay is not None:
            self._relay.begin(self._conversation, turn, stop)

    async def end(self, turn: ServedTurn) -> None:
        """It has ended: see `Relay.end`."""
        if self._relay is not None:
            await self._relay.end(self._conversation, turn.key)

    def watch(self, wanted: Callable[[], bool], taken: Callable[[], object]) -> None:
        """Somebody listens here from now on: see `Watch.add`."""
        if self._relay is not None:
            self._relay.watch.add(self._conversation, wanted, taken)

    def unwatch(self) -> None:
        """Nobody listens any more."""
        if self._relay is not None:
            self._relay.watch.remove(self._conversation)

    # What runs in another process. A StoreError is raised by these where the store cannot be reached.

    async def running(self) -> str | None:
        """The key of the turn that another process runs, None where none does. From now on it tells of that turn.

        Raises:
            NoAnswer: if it does not.
        """
        if self._relay is None or not await self._granted(follow_wish(self._conversation)):
            return None
        said = await self._read(self._relay.board.read(self._conversation, 0))
        return said.partition(b"\n")[0].decode() or None

    async def stop(self, turn: str | None) -> str | None:
        """Let the running turn end as stopped, if it is that one; gives its key. None where none runs.

        Raises:
            NoAnswer: if the process that runs it has not heard it.
        """
        key = await self.running() if turn is None else turn
        heard = key is not None and await self._granted(stop_wish(self._conversation, key))
        return key if heard else None

    async def turn(self, key: str, *, none_runs: bool = False) -> RemoteTurn | None:
        """The turn of that key, of one that runs or has ended some minutes ago at most.

        Args:
            key: see `Turn`.
            none_runs: no other process can run one now, since this one does.

        Raises:
            NoAnswer: if a turn runs of which nothing is told.
        """
        if self._relay is None:
            return None
        found = self._turns.get(key)
        if found is None:
            found = RemoteTurn(self._relay.board, self._conversation, key, self._exposure, self, self._bell)
        await self._read(found.read())
        if not (found.is_known or none_runs):
            await self.running()
            await self._read(found.read())  # of that one, or one that has ended meanwhile
        if not found.is_known:
            return None
        self._turns[key] = found
        return found

    async def runs(self, turn: str, *, thoroughly: bool) -> bool:
        """See `remote.Place`."""
        if not thoroughly:
            return await self._is_taken()
        try:
            return await self.running() == turn
        except NoAnswer:
            return True

    async def freed(self) -> None:
        """See `remote.Place`."""
        for _ in range(TRIES):
            if not await self._is_taken():
                return
            await asyncio.sleep(RELEASE)

    async def _granted(self, wish: str) -> bool:
        """Wish something, and wait until it is done; False where no turn runs. What nobody has heard is forgotten after a while."""
        if self._relay is None or not await self._is_taken():
            return False
        board = self._relay.board
        await self._read(board.wish(wish))
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            await asyncio.sleep(ASK)
            if wish not in await self._read(board.wishes()):
                return True
            if not await self._is_taken():
                return False
        raise NoAnswer("another process of the server runs a turn, and does not answer", remedy="ask again")

    async def _is_taken(self) -> bool:
        if self._relay is None:
            return False
        return len(await self._read(self._relay.locks.taken([self._conversation]))) > 0

    @staticmethod
    async def _read(asked: Awaitable[T]) -> T:
        try:
            return await asked
        except Exception as error:
            raise StoreError(f"what other processes tell cannot be read: {error}") from error
