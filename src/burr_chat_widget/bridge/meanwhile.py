"""What happens while something else is awaited."""

from __future__ import annotations

import asyncio
import types
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any, Generic, TypeVar

__all__ = ["Meanwhile", "News"]

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

    What is awaited runs in the task that calls, as if it were awaited there: context variables, `asyncio.current_task()`,
    timeouts and cancellation are the same. A task of its own for it would have another context, and Burr keeps in context
    variables, from one await to the next, which of its calls is under way.
    """

    def __init__(self, awaited: Awaitable[T], news: News[E]) -> None:
        self._steps = awaited.__await__()
        self._news = news
        self._resume: Callable[[], Any] = self._next
        self._future: asyncio.Future[Any] | None = None
        self._begun = self._ended = False
        self.result: T

    def _next(self) -> Any:
        return self._steps.send(None)

    async def goes_on(self) -> bool:
        """Wait until there are news or what is awaited has ended: False then.

        Raises:
            BaseException: what is awaited raised.
        """
        while not self._ended:
            if (self._future is None or self._future.done()) and not self._advance():
                return False
            if self._news.events:
                return True
            try:
                if self._future is None:  # as `asyncio.sleep(0)` does
                    await _pause()
                else:
                    await self._news.wait(self._future)
            except asyncio.CancelledError as error:
                self._cancel(error)
        return False

    def _advance(self) -> bool:
        """Let it run up to the next future that it waits for; False when it has come to its end."""
        self._begun = True
        resume, self._resume = self._resume, self._next
        try:
            self._future = resume()
        except StopIteration as end:
            self._ended = True
            self.result = end.value
            return False
        except BaseException:
            self._ended = True
            raise
        if self._future is not None:
            self._future._asyncio_future_blocking = False  # what a task does with a future that it is handed
        return True

    def _cancel(self, error: asyncio.CancelledError) -> None:
        """As a task is cancelled: by what it waits for, where that is not done yet."""
        if self._future is None or not self._future.cancel():
            self._future = None
            self._resume = partial(self._steps.throw, error)

    async def close(self) -> None:
        """Cancel what is awaited, unless it has ended, and wait for its end."""
        if self._ended:
            return
        if not self._begun:
            self._ended = True
            self._steps.close()
            return
        self._cancel(asyncio.CancelledError())
        try:
            while await self.goes_on():
                self._news.take()
        except asyncio.CancelledError:
            pass


@types.coroutine
def _pause() -> Generator[None, None, None]:
    yield


def _wake(waiting: asyncio.Future[None], _done: object = None) -> None:
    if not waiting.done():
        waiting.set_result(None)
