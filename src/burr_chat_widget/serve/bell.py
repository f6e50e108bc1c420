"""What other threads tell the server's loop: that there is something new. What it is, whoever is interested looks up."""

from __future__ import annotations

import asyncio
import contextlib

__all__ = ["Bell"]


class Bell:
    """Rung on any thread, as often as one likes; heard on the loop, once for all that came until then.

    Whoever listens takes `next()` first and looks then: what comes while it looks rings that.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._under_way = False
        self._next: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """There is something new. Never waits."""
        if self._under_way:
            return
        self._under_way = True
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens
            self._loop.call_soon_threadsafe(self._rung)

    def next(self) -> asyncio.Future[None]:
        """Done at the next ring; everybody's. To be waited for with `wait`, which does not cancel it."""
        if self._next is None:
            self._next = self._loop.create_future()
        return self._next

    @staticmethod
    async def wait(rung: asyncio.Future[None], timeout: float | None = None) -> None:
        """Wait for it, so many seconds at most."""
        await asyncio.wait({rung}, timeout=timeout)

    def _rung(self) -> None:
        self._under_way = False
        rung, self._next = self._next, None
        if rung is not None:
            rung.set_result(None)
