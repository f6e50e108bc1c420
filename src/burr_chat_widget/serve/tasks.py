"""What is done to its end, whatever becomes of who has asked for it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["Tasks"]

T = TypeVar("T")


class Tasks:
    """Used on the loop `loop`, the server's."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._open: set[asyncio.Task[Any]] = set()

    @property
    def busy(self) -> bool:
        """Whether anything is under way."""
        return not all(task.done() for task in self._open)

    def spawn(self, doing: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Do it; nobody needs to wait for it."""

        def ended(task: asyncio.Task[T]) -> None:
            self._open.discard(task)
            if not task.cancelled():
                task.exception()  # somebody has heard it, or nobody wants to

        task = self._loop.create_task(doing)
        self._open.add(task)
        task.add_done_callback(ended)
        return task

    async def undisturbed(self, doing: Coroutine[Any, Any, T]) -> T:
        """Do it, and wait for it; it is not cancelled with who waits, so that nothing stays claimed."""
        return await asyncio.shield(self.spawn(doing))

    async def finish(self) -> None:
        """Wait until nothing is under way."""
        while self._open:
            await asyncio.wait(self._open)
