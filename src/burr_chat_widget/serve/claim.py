"""Whose a conversation is: this process's, while something goes on in it here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from burr_chat_widget.errors import ServerBusy, StoreError, TurnRunning

from .processes.elsewhere import NoAnswer
from .processes.locks import TurnLock

__all__ = ["Claim"]

logger = logging.getLogger(__name__)

TRIES = (0.05, 0.1, 0.2)
"""Seconds between two tries to take a lock: who looks in another process holds it for a moment, and runs no turn."""

ROUNDS = 5
"""So often all of that is done where no process says that it runs a turn: who looks on a busy machine holds it for longer."""


class Claim:
    """The conversation's lock, held as long as anything goes on under it. All of it happens on the server's loop.

    Args:
        lock: keeps other processes out.
        renew: called when the lock has just been taken: brings what these have left.
        running: the key of the turn that another process runs, None where none does: see `Elsewhere.running`.

    Attributes:
        held: whether something goes on.
    """

    def __init__(
        self, lock: TurnLock, renew: Callable[[], Awaitable[None]], running: Callable[[], Awaitable[str | None]]
    ) -> None:
        self._lock = lock
        self._renew = renew
        self._running = running
        self._gate = asyncio.Lock()
        self._holders = 0
        self._closed = False

    @property
    def held(self) -> bool:
        return self._holders > 0

    async def take(self) -> None:
        """From now on no other process runs a turn. Each call that does not raise needs a `give_back`.

        Raises:
            TurnRunning: if another process does; `turn` is its key, where that can be told.
            ServerBusy: if it is closed.
        """
        turn = None
        for _ in range(ROUNDS):
            if await self._joined():
                return
            try:
                turn = await self._running()
            except (NoAnswer, StoreError):  # it runs one, as far as can be told
                break
            if turn is not None:
                break
        raise TurnRunning("A turn is running: wait for it to end, or stop it first.", turn=turn)

    async def _joined(self) -> bool:
        """One more holder; False where another process has the lock."""
        async with self._gate:
            if self._closed:
                raise ServerBusy("the conversation is being closed", remedy="ask again")
            if not self._holders and not await self._taken():
                return False
            self._holders += 1
            return True

    async def _taken(self) -> bool:
        """Take the lock, and renew; False where somebody else has it."""
        if not await self._acquired():
            return False
        try:
            await self._renew()
        except BaseException:
            await self._release()
            raise
        return True

    async def give_back(self) -> None:
        """What went on is over."""
        async with self._gate:
            if self._holders == 1:
                await self._release()
            self._holders -= 1

    async def look(self) -> bool:
        """Renew, unless something goes on here; False where something goes on elsewhere, of which nothing is to be seen yet."""
        async with self._gate:
            if self._holders or self._closed:
                return True
            if not await self._lock.acquire():
                return False
            # A turn that begins elsewhere from here on does no harm: what it saves before its end is passed over.
            await self._release()
            await self._renew()
            return True

    async def meanwhile(self) -> None:
        """Renew, whoever has the lock, unless something goes on here: what a running turn has saved so far is passed over."""
        async with self._gate:
            if not (self._holders or self._closed):
                await self._renew()

    async def close(self, how: Callable[[], Awaitable[None]]) -> None:
        """Nothing begins any more; then close what there is."""
        async with self._gate:
            self._closed = True
            await how()

    async def _acquired(self) -> bool:
        for wait in TRIES:
            if await self._lock.acquire():
                return True
            await asyncio.sleep(wait)
        return await self._lock.acquire()

    async def _release(self) -> None:
        try:
            await self._lock.release()
        except Exception:
            logger.warning("the lock of a conversation could not be given back", exc_info=True)
