"""Where turns run: a loop in a daemon thread of ours, or the kernel's own. Threads are crossed in this package and in `bridge/threads`.

What people make in cells belongs to the kernel's loop, and actions use it on ours: `waking` makes that work. Where a library
refuses to be used on two loops, `LOOP_BOUND` knows its error.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import inspect
import logging
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, Literal, Protocol, TypeVar

from .waking import Nudger, WakingLoop, live_loop

__all__ = ["KernelLoop", "Runner", "SessionLoop", "TurnLoop", "loop_remedy", "new_loop", "wait_for"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

Runner = Literal["thread", "kernel"]

PATIENCE = 5.0
"""Seconds that a closed loop, or one that is busy, is waited for: `GRACE` twice, and a little."""

NUDGE = 0.05
"""Seconds between two nudges: the longest that what waits on the kernel's loop for an action goes unnoticed."""

GRACE = 2.0
"""Seconds that turns have to end by themselves when the loop is closed."""

LOOP_BOUND = (
    "different event loop",
    "different loop",
    "than the current one",  # an event loop in debug mode: "Non-thread-safe operation invoked on an event loop other ..."
    "no running event loop",
    "no current event loop",
    "Timeout context manager should be used inside a task",
    "SQLite objects created in a thread",
    "signal only works in main thread",
    "switch to a different thread",
)
"""What is said, in one place or another, by errors about an object that is used on another loop or thread than its own."""


def loop_remedy(told: str) -> str | None:
    """What helps, if an error's message or traceback tells of an object of the kernel's own loop or thread."""
    if not any(words in told for words in LOOP_BOUND):
        return None
    return (
        "Something that the action uses belongs to the notebook's own event loop or thread, and turns run on another. "
        'Make it in the action, or run turns where cells run: BurrChat(app, runner="kernel").'
    )


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

    def is_here(self) -> bool:
        """Whether nothing else can happen on the loop while the caller goes on: it is the loop's thread, or no loop runs."""
        ...

    def close(self) -> None:
        """Let go of the loop, and of what runs on it when it does not end soon. Returns at once."""
        ...

    def ended(self) -> bool:
        """After `close`: whether nothing runs any more. Waits a little for what takes its time."""
        ...


class SessionLoop:
    """An event loop in a daemon thread, started when it is first needed."""

    def __init__(self) -> None:
        self._loop: WakingLoop | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ticking = False
        self._home = Nudger()
        self._home.aim()

    def submit(
        self, make: Callable[[], Coroutine[Any, Any, T]], context: contextvars.Context
    ) -> concurrent.futures.Future[T]:
        """See `TurnLoop`."""
        with self._lock:
            if self._closed:
                raise RuntimeError("the chat is closed")
            if self._loop is None:
                self._loop = WakingLoop()
                self._thread = threading.Thread(
                    target=self._run, args=(self._loop,), name="burr-chat-session", daemon=True
                )
                self._thread.start()
            self._home.aim()
            # With the lock held: what is submitted before `close` is known to the loop before it stops.
            return _submit(self._loop, make, context, self._begun)

    def call(self, function: Callable[[], object]) -> None:
        """See `TurnLoop`."""
        with self._lock:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(function)

    def is_here(self) -> bool:
        """See `TurnLoop`."""
        return self._closed or threading.current_thread() is self._thread

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

    # On the loop's thread.

    def _begun(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        if not self._ticking:
            self._tick()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self._home.nudge()

    def _tick(self) -> None:
        self._ticking = bool(self._tasks)
        if self._ticking:
            self._home.nudge()
            asyncio.get_running_loop().call_later(NUDGE, self._tick)

    def _run(self, loop: WakingLoop) -> None:
        asyncio.set_event_loop(loop)
        loop.owner = threading.get_ident()
        try:
            while True:
                try:
                    loop.run_forever()  # until `close` stops it, even if that was before it ran
                    break
                except (KeyboardInterrupt, SystemExit):
                    logger.warning("a task on the chat's loop wanted to end the process", exc_info=True)
            loop.run_until_complete(self._wind_up())
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()

    async def _wind_up(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE)
        cancelled: set[asyncio.Task[Any]] = set()
        deadline = time.monotonic() + GRACE
        while (left := asyncio.all_tasks() - {asyncio.current_task()}) and time.monotonic() < deadline:
            new = {task for task in left if _is_new(task)}
            for task in left - new - cancelled:
                task.cancel()
                cancelled.add(task)
            # What is new may have been handed a coroutine, which would never be awaited: it begins first.
            await asyncio.wait(left, timeout=0 if new else GRACE, return_when=asyncio.FIRST_COMPLETED)


def _is_new(task: asyncio.Task[Any]) -> bool:
    """Whether a task has not begun yet."""
    coroutine = task.get_coro()
    return inspect.iscoroutine(coroutine) and inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED


class KernelLoop:
    """The loop that runs where the chat was made or is used first: in a notebook, the kernel's own."""

    def __init__(self) -> None:
        self._loop = live_loop(None)
        self._closed = False

    def submit(
        self, make: Callable[[], Coroutine[Any, Any, T]], context: contextvars.Context
    ) -> concurrent.futures.Future[T]:
        """See `TurnLoop`."""
        if self._closed:
            raise RuntimeError("the chat is closed")
        self._loop = live_loop(self._loop)
        if self._loop is None:
            raise RuntimeError(
                "runner='kernel' needs a running event loop: await chat.send(...) in one, or use runner='thread'"
            )
        return _submit(self._loop, make, context, lambda _task: None)

    def call(self, function: Callable[[], object]) -> None:
        """See `TurnLoop`."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function)

    def is_here(self) -> bool:
        """See `TurnLoop`."""
        if self._loop is None or not self._loop.is_running():
            return True
        try:
            return asyncio.get_running_loop() is self._loop
        except RuntimeError:
            return False

    def close(self) -> None:
        """See `TurnLoop`."""
        self._closed = True
        self._loop = None

    def ended(self) -> bool:
        """See `TurnLoop`."""
        return True  # a turn ends on this very thread, after whoever asks


def wait_for(loop: TurnLoop, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine on a loop, and wait for what it returns. Not where `is_here`: the loop would wait for itself.

    Raises:
        TimeoutError: if the loop does not come to it for `PATIENCE` seconds: then it is not run any more.
    """
    waits: concurrent.futures.Future[None] = concurrent.futures.Future()  # cancelled when nobody does any more

    async def run() -> T:
        if not waits.set_running_or_notify_cancel():
            raise concurrent.futures.CancelledError
        return await make()

    future = loop.submit(run, contextvars.copy_context())
    try:
        done, _ = concurrent.futures.wait([future], PATIENCE)
        if not done and waits.cancel():
            raise TimeoutError("the chat's loop is busy")
        return future.result()
    finally:
        waits.cancel()


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
    loop: asyncio.AbstractEventLoop,
    make: Callable[[], Coroutine[Any, Any, T]],
    context: contextvars.Context,
    begun: Callable[[asyncio.Task[T]], None],
) -> concurrent.futures.Future[T]:
    future: concurrent.futures.Future[T] = concurrent.futures.Future()
    # Who waits for it may be cancelled; the future cannot be, since the turn has an end in any case.
    future.set_running_or_notify_cancel()

    def begin() -> None:
        # A task copies the context that it is made in: what runs here prints where the chat was displayed.
        task = context.copy().run(loop.create_task, make())
        task.add_done_callback(finish)
        begun(task)

    def finish(task: asyncio.Task[T]) -> None:
        if task.cancelled():
            future.set_exception(concurrent.futures.CancelledError())
        elif (error := task.exception()) is not None:
            future.set_exception(error)
        else:
            future.set_result(task.result())

    loop.call_soon_threadsafe(begin)
    return future
