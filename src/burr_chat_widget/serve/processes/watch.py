"""Whether other processes run turns in the conversations that are listened to here: one query for all of them, now and then."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import NamedTuple

from .locks import Locks

__all__ = ["Watch"]

logger = logging.getLogger(__name__)

EVERY = 0.5
"""Seconds between two looks, while anybody listens."""


class _Watched(NamedTuple):
    wanted: Callable[[], bool]
    taken: Callable[[], object]


class Watch:
    """Used on the server's loop.

    Args:
        locks: who has taken one runs a turn.
    """

    def __init__(self, locks: Locks) -> None:
        self._locks = locks
        self._watched: dict[str, _Watched] = {}
        self._looking: asyncio.Task[None] | None = None
        self._failing = False

    def add(self, conversation: str, wanted: Callable[[], bool], taken: Callable[[], object]) -> None:
        """Look after a conversation: `taken` is called whenever another process has it, where `wanted` says that this is of interest."""
        self._watched[conversation] = _Watched(wanted, taken)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_after())

    def remove(self, conversation: str) -> None:
        """Look after it no more."""
        self._watched.pop(conversation, None)

    async def close(self) -> None:
        """Look after nothing any more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})

    async def _look_after(self) -> None:
        while self._watched:
            await asyncio.sleep(EVERY)
            try:
                await self._look()
                self._failing = False
            except Exception:
                if not self._failing:
                    logger.warning("whether other processes run turns cannot be told", exc_info=True)
                self._failing = True

    async def _look(self) -> None:
        wanted = [name for name, watched in self._watched.items() if watched.wanted()]
        for name in await self._locks.taken(wanted) if wanted else ():
            if (watched := self._watched.get(name)) is not None and watched.wanted():
                watched.taken()
