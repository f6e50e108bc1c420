"""Where turns run: a loop in a daemon thread of ours, or the kernel's own. Threads are crossed here and in `pump` only."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Literal, Protocol, TypeVar

__all__ = ["KernelLoop", "Runner", "SessionLoop", "TurnLoop", "new_loop"]

T = TypeVar("T")

Runner = Literal["thread", "kernel"]

PATIENCE = 5.0
"""Seconds that a closed loop is waited for."""


class TurnLoop(Protocol):
    """A loop that turns run on."""

    def submit(
        self, make: Callable[[], Coroutine[Any, Any, T]], context: contextvars.Context
    ) -> concurrent.futures.Future[T]:
        """Run a coroutine on the loop, in a copy of `context`; callable on any thread, returns at once."""
        ...

    def call(self, function: Callable[[], object]) -> None:
        """Call a function on the loop's thread, soon; callable on any thread. Nothing happens before the first turn."""
        ...

    def close(self) -> None:
        """Cancel what runs and let go of the loop."""
        ...

    def ended(self) -> bool:
        """After `close`: whether nothing runs any more. Waits a little for what takes its time."""
        ...


class SessionLoop:
    """An event loop in a daemon thread, started when it is first needed."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = False

    def submit(
        self, make: Callable[[], Coroutine[Any, Any, T]], context: contextvars.Context
    ) -> concurrent.futures.Future[T]:
        """See `TurnLoop`."""
        return _submit(self._started(), make, context)

    def call(self, function: Callable[[], object]) -> None:
        """See `TurnLoop`."""
        with self._lock:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(function)

    def close(self) -> None:
        """See `TurnLoop`."""
        with self._lock:
            self._closed = True
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(loop.stop)

    def ended(self) -> bool:
        """See `TurnLoop`."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(PATIENCE)
            return not self._thread.is_alive()
        return self._thread is None

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._closed:
                raise RuntimeError("the chat is closed")
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=_run_loop, args=(self._loop,), name="burr-chat-session", daemon=True
                )
                self._thread.start()
            return self._loop


class KernelLoop:
    """The loop that runs where the chat was made or is used first: in a notebook, the kernel's own."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self.adopt()

    def adopt(self) -> None:
        """Take the loop that runs now, if there is one and none is held that still lives."""
        if self._loop is None or self._loop.is_closed():
            try:
                self._loop = asyncio.get_running_loop()
            except RuntimeError:
                self._loop = None

    def submit(
        self, make: Callable[[], Coroutine[Any, Any, T]], context: contextvars.Context
    ) -> concurrent.futures.Future[T]:
        """See `TurnLoop`."""
        return _submit(self._held(), make, context)

    def call(self, function: Callable[[], object]) -> None:
        """See `TurnLoop`."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function)

    def close(self) -> None:
        """See `TurnLoop`."""
        self._loop = None

    def ended(self) -> bool:
        """See `TurnLoop`."""
        return True  # a turn ends on this very thread, after whoever asks

    def _held(self) -> asyncio.AbstractEventLoop:
        self.adopt()
        if self._loop is None:
            raise RuntimeError(
                "runner='kernel' needs a running event loop: await chat.send(...) in one, or use runner='thread'"
            )
        return self._loop


def new_loop(runner: Runner) -> TurnLoop:
    """The loop for a session's turns.

    Raises:
        ValueError: if there is no such runner.
    """
    if runner == "thread":
        return SessionLoop()
    if runner == "kernel":
        return KernelLoop()
    raise ValueError(f"runner={runner!r} is neither 'thread' nor 'kernel'")


def _submit(
    loop: asyncio.AbstractEventLoop, make: Callable[[], Coroutine[Any, Any, T]], context: contextvars.Context
) -> concurrent.futures.Future[T]:
    future: concurrent.futures.Future[T] = concurrent.futures.Future()

    def begin() -> None:
        # A task copies the context that it is made in: what runs here prints where the chat was displayed.
        task = context.copy().run(loop.create_task, make())
        task.add_done_callback(finish)

    def finish(task: asyncio.Task[T]) -> None:
        if task.cancelled():
            future.cancel()
            future.set_running_or_notify_cancel()
        elif (error := task.exception()) is not None:
            future.set_exception(error)
        else:
            future.set_result(task.result())

    loop.call_soon_threadsafe(begin)
    return future


def _run_loop(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
