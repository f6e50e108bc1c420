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
        look: shows what other processes have done, up to now.
        every: seconds between two looks.
        heard: is called with whether anybody listens, whenever that is another thing than before.
        catch_up: shows the turn that another process runs, to whoever begins to listen.
    """

    def __init__(
        self,
        look: Callable[[], Awaitable[object]],
        every: float,
        heard: Callable[[bool], object],
        catch_up: Callable[[], Awaitable[object]],
    ) -> None:
        self._look = look
        self._every = every
        self._heard = heard
        self._catch_up = catch_up
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
        if self._count == 1:
            self._heard(True)
        try:
            yield
        finally:
            self._count -= 1
            if not self._count:
                self._heard(False)

    async def hearing(self, source: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """One more, as long as it is sent what `source` yields."""
        with self.one():
            # They may come from another process, whose last turn they have seen.
            await self._see()
            await self._catch_up()
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
            await self._see()

    async def _see(self) -> None:
        try:
            await self._look()
        except Exception:
            logger.warning("whether a conversation was continued elsewhere cannot be told", exc_info=True)
