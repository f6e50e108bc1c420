"""Whether the server is about to exit: streams have no end of their own, and uvicorn waits for them before it says anything."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

__all__ = ["Exiting"]

LOOK = 0.25
"""Seconds between two looks at the server."""


class Exiting:
    """Is told, or sees, that the server goes away, and tells the open streams of one event loop.

    An ASGI server tells an application that it is shutting down when all responses have ended. uvicorn knows it earlier: its server
    is what handles the process's signals, and its `should_exit` is looked at as long as there are streams.
    """

    def __init__(self) -> None:
        self._told = False
        self._waiting: set[asyncio.Future[None]] = set()
        self._watch: asyncio.Task[None] | None = None

    def tell(self) -> None:
        """The server goes away: streams end."""
        self._told = True
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def wait(self) -> None:
        """Until the server goes away."""
        if self._told or _uvicorn_exits():
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._look())
        try:
            await future
        finally:
            self._waiting.discard(future)

    async def _look(self) -> None:
        while self._waiting:
            if _uvicorn_exits():
                self.tell()
                return
            await asyncio.sleep(LOOK)


def _uvicorn_exits() -> bool:
    """Whether the process's signals are handled by a uvicorn server that is about to exit."""
    server: Any = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return bool(getattr(server, "should_exit", False))
