"""What happens while something else is awaited."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from contextvars import Context
from functools import partial
from typing import Any, Generic, TypeVar

__all__ = ["Meanwhile", "News"]

logger = logging.getLogger(__name__)

T = TypeVar("T")
E = TypeVar("E")


class News(Generic[E]):
    """Events on their way to the loop, from any thread.

    Attributes:
        events: those that were not taken yet.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.events: deque[E] = deque()
        self._waiting: asyncio.Future[None] | None = None

    def put(self, event: E) -> None:
        """Add an event, on any thread."""
        # Whoever puts appends and then looks whether somebody waits; who waits says so and then looks for events.
        self.events.append(event)
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(_wake, waiting)

    def take(self) -> list[E]:
        """The events since the last time, on the loop's thread."""
        return [self.events.popleft() for _ in range(len(self.events))]

    async def wait(self, future: asyncio.Future[Any]) -> None:
        """Return when there are events or `future` is done, whichever comes first."""
        waiting = self._loop.create_future()
        wake = partial(_wake, waiting)
        future.add_done_callback(wake)
        self._waiting = waiting
        try:
            if not self.events and not future.done():
                await waiting
        finally:
            self._waiting = None
            future.remove_done_callback(wake)


class Meanwhile(Generic[T, E]):
    """Awaits something, and is interrupted by news: while `goes_on()`, take the news; then read `result`.

    What is awaited runs in the task that calls, and to it all is as if it were awaited there: `asyncio.current_task()`,
    timeouts, cancellation. Its context is the one that is given, so that whoever takes the news runs in another. A timeout that
    it has set cancels the task, as ever: where that fires while the taker of the news awaits something else, the taker is hit, as
    it is by timeouts around the `yield` of any async generator (PEP 789).

    Args:
        steps: the iterator of an awaitable, what its `__await__()` returns.
        news: what interrupts.
        context: where it runs.
    """

    def __init__(self, steps: Generator[Any, Any, T], news: News[E], context: Context) -> None:
        self._steps = steps
        self._news = news
        self._context = context
        self._resume: Callable[[], Any] = partial(steps.send, None)
        self._future: asyncio.Future[Any] | None = None  # what it waits for, None when it can go on
        self._own = False  # whether that future is ours
        self._begun = self._ended = False
        self._interrupted: asyncio.CancelledError | None = None
        self.result: T

    def waits_for(self, handed: Any) -> None:
        """It has run up to here and waits for this, as a task is told so."""
        self._begun, self._own = True, False
        problem = None
        if handed is not None:
            blocking = getattr(handed, "_asyncio_future_blocking", None)
            task = asyncio.current_task()
            if blocking is None:
                problem = f"{task!r} got a bad yield: {handed!r}"
            elif handed.get_loop() is not asyncio.get_running_loop():
                problem = f"{task!r} got {handed!r} attached to a different loop"
            elif not blocking:
                problem = f"yield was used instead of yield from in {task!r} with {handed!r}"
            elif handed is task:
                problem = f"{task!r} cannot await itself"
            else:
                handed._asyncio_future_blocking = False
                self._future = handed
                return
        if problem is not None:
            self._resume = partial(self._steps.throw, RuntimeError(problem))
        # A bare yield, which `asyncio.sleep(0)` makes: it goes on in the loop's next round.
        loop = asyncio.get_running_loop()
        self._future, self._own = loop.create_future(), True
        loop.call_soon(_wake, self._future)

    async def goes_on(self) -> bool:
        """Wait until there are news or what is awaited has ended: False then.

        Raises:
            BaseException: what is awaited raised.
        """
        while self._advances():
            if self._news.events:
                return True
            await self._rest(self._news.wait)
        return False

    async def to_its_end(self) -> T:
        """Wait until it has ended, and leave the news where they are.

        Raises:
            BaseException: what is awaited raised.
        """
        while self._advances():
            await self._rest(_until)
        return self.result

    async def close(self) -> None:
        """Cancel what is awaited, unless it has ended, and wait for its end. What it raises then is logged.

        Raises:
            asyncio.CancelledError: the task was cancelled in the meantime.
        """
        if self._ended:
            return
        if not self._begun:
            self._ended = True
            self._steps.close()
            return
        self._interrupted = None
        self._cancel(asyncio.CancelledError())
        try:
            await self.to_its_end()
        except asyncio.CancelledError:
            pass
        except Exception:
            logger.debug("closing an action raised", exc_info=True)
        if self._interrupted is not None:
            raise self._interrupted

    def _advances(self) -> bool:
        """Let it run up to the next future that it waits for, if it can; False when it has ended."""
        if self._ended or (self._future is not None and not self._future.done()):
            return not self._ended
        resume, self._resume = self._resume, partial(self._steps.send, None)
        self._begun = True
        try:
            handed = self._context.run(resume)
        except StopIteration as end:
            self._ended = True
            self.result = end.value
            return False
        except BaseException:
            self._ended = True
            raise
        self.waits_for(handed)
        return True

    async def _rest(self, wait: Callable[[asyncio.Future[Any]], Awaitable[None]]) -> None:
        assert self._future is not None
        try:
            await wait(self._future)
        except asyncio.CancelledError as error:
            self._interrupted = error
            self._cancel(error)

    def _cancel(self, error: asyncio.CancelledError) -> None:
        """As a task is cancelled: by what it waits for, where that is not done yet."""
        if self._future is None or self._own or not self._future.cancel(*error.args[:1]):
            self._future = None
            self._resume = partial(self._steps.throw, error)


async def _until(future: asyncio.Future[Any]) -> None:
    await asyncio.wait({future})


def _wake(waiting: asyncio.Future[None], _done: object = None) -> None:
    if not waiting.done():
        waiting.set_result(None)
