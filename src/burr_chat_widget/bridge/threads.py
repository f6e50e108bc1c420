"""Sync user code in a thread of its own, with its items brought to the loop in batches."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from queue import SimpleQueue
from typing import Any

__all__ = ["Worker"]

logger = logging.getLogger(__name__)

HELD_BACK = 4096
"""So many items may wait for the loop before the generator is held."""

PATIENCE = 0.1
"""Seconds to wait for a generator that is being closed. A thread cannot be killed: what is busy longer ends by itself."""


class Worker:
    """One thread, made when it is first needed, which runs the sync code of one turn, in a copy of the caller's context.

    Args:
        one_by_one: says whether a generator is held at each item until the next one is wanted, instead of running ahead.
    """

    def __init__(self, one_by_one: Callable[[], bool] = lambda: False) -> None:
        self._one_by_one = one_by_one
        self._jobs: SimpleQueue[Callable[[], None] | None] | None = None

    def _submit(self, work: Callable[[], Any]) -> asyncio.Future[Any]:
        # Not the loop's pool, nor one of `concurrent.futures`: Python waits for their threads when it ends, and an action that
        # blocks would keep a kernel from being shut down.
        if self._jobs is None:
            self._jobs = SimpleQueue()
            threading.Thread(target=_serve, args=(self._jobs,), name="burr-action", daemon=True).start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        context = contextvars.copy_context()

        def job() -> None:
            result = context.run(work)
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(_set, future, result)

        self._jobs.put(job)
        return future

    async def call(self, run: Callable[[], Any]) -> Any:
        """What `run` returns or raises. When cancelled, the thread goes on and its result is dropped."""

        def work() -> tuple[Any, BaseException | None]:
            try:
                return run(), None
            except BaseException as error:  # a future cannot hold StopIteration: it would never be done
                return None, error

        result, error = await self._submit(work)
        if isinstance(error, StopIteration):  # nor can a coroutine raise it
            raise RuntimeError("the action raised StopIteration") from error
        if error is not None:
            raise error
        return result

    async def stream(
        self, make: Callable[[], Iterable[Any]], at: Callable[[tuple[float, float]], None]
    ) -> AsyncGenerator[Any, None]:
        """The items of the iterable that `make` makes, which is made, iterated and closed in the thread.

        Args:
            make: makes the iterable.
            at: is told, before each item, its wall and monotonic time.
        """
        relay = _Relay(make, self._one_by_one)
        done = self._submit(relay.run)
        items = relay.items
        try:
            while True:
                while items:
                    item, wall, monotonic = items.popleft()
                    at((wall, monotonic))
                    yield item
                if relay.ended and not items:
                    break
                await relay.more()
            if relay.error is not None:
                raise relay.error
        finally:
            relay.close()
            await asyncio.wait({done}, timeout=PATIENCE)

    def shutdown(self) -> None:
        """No more work; the thread ends with what it is doing."""
        if self._jobs is not None:
            self._jobs.put(None)
            self._jobs = None


def _serve(jobs: SimpleQueue[Callable[[], None] | None]) -> None:
    while (job := jobs.get()) is not None:
        job()


class _Relay:
    """Items on their way from the thread to the loop.

    The thread appends and looks whether the loop waits; the loop says that it waits and looks whether there are items. So one
    of them sees the other, and the loop is woken once for all that come before it looks.
    """

    def __init__(self, make: Callable[[], Iterable[Any]], one_by_one: Callable[[], bool]) -> None:
        self._make = make
        self._one_by_one = one_by_one
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Future[None] | None = None
        self._closed = False
        self._held = False
        self._go: SimpleQueue[None] = SimpleQueue()
        self.items: deque[tuple[Any, float, float]] = deque()
        self.ended = False
        self.error: BaseException | None = None

    def run(self) -> None:
        """In the thread: iterate."""
        items = self.items
        source: Any = None
        try:
            source = self._make()
            for item in source:
                if self._closed:
                    break
                items.append((item, time.time(), time.monotonic()))
                if self._waiting is not None:
                    self._wake()
                if len(items) >= HELD_BACK or self._one_by_one():
                    self._hold()
        except BaseException as error:
            self.error = error
        finally:
            self._close_source(source)
            self.ended = True
            self._wake()

    def _hold(self) -> None:
        """In the thread: wait until the loop wants more."""
        self._held = True
        while not self._closed and self._waiting is None and (self.items or self._one_by_one()):
            self._go.get()
        self._held = False

    def _close_source(self, source: Any) -> None:
        if not hasattr(source, "close"):
            return
        try:
            source.close()
        except BaseException as error:
            if self.error is None and not self._closed:
                self.error = error
            logger.debug("closing a stream raised", exc_info=True)

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            try:
                self._loop.call_soon_threadsafe(_set, waiting, None)
            except RuntimeError:  # the loop is closed
                self._closed = True

    async def more(self) -> None:
        """On the loop: wait until there are items, or the end."""
        waiting = self._loop.create_future()
        self._waiting = waiting
        if self._held:
            self._go.put(None)
        if self.items or self.ended:
            self._waiting = None
            return
        await waiting

    def close(self) -> None:
        """On the loop: the generator is closed when it comes to its next `yield`."""
        self._closed = True
        self._waiting = None
        self._go.put(None)


def _set(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)
