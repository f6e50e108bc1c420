"""Who listens to a conversation: as long as somebody does, it stays open, and what other processes do is shown."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator

__all__ = ["Listeners"]

logger = logging.getLogger(__name__)


class Listeners:
    """Counts those who listen, and looks after the conversation for them. All of it happens on the server's loop.

    Args:
        look: shows what other processes have done.
        every: seconds between two looks.
    """

    def __init__(self, look: Callable[[], Awaitable[object]], every: float) -> None:
        self._look = look
        self._every = every
        self._count = 0
        self._looking: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return self._count

    @contextlib.contextmanager
    def one(self) -> Generator[None]:
        """One more, as long as it is in here."""
        self._count += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_after())
        try:
            yield
        finally:
            self._count -= 1

    async def hearing(self, source: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """One more, as long as it is sent what `source` yields."""
        with self.one():
            async with contextlib.aclosing(source):
                async for sent in source:
                    yield sent

    def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()

    async def _look_after(self) -> None:
        while self._count:
            await asyncio.sleep(self._every)
            try:
                await self._look()
            except Exception:
                logger.warning("whether a conversation was continued elsewhere cannot be told", exc_info=True)
