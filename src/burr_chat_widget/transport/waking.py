"""Loops that hear of each other: what another thread tells a future is noticed, though asyncio wakes a loop only on its own thread.

What people make in cells (locks, queues, clients) belongs to the kernel's loop, and actions use it on ours. A lock released
over here would not be noticed over there, and the other way round. Our loop therefore gets up for what other threads tell its
futures, and while a turn runs it nudges the kernel's now and then.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading
from collections.abc import Callable
from typing import Any

__all__ = ["Nudger", "WakingLoop", "live_loop"]

SETTLE = 0.002
"""Seconds until our loop acts on what another thread tells one of its futures: until that thread is done telling."""

if sys.platform == "win32":
    _EventLoop = asyncio.ProactorEventLoop
else:
    _EventLoop = asyncio.SelectorEventLoop


class WakingLoop(_EventLoop):
    """A loop that gets up for what another thread tells one of its futures, as when a cell sets an `asyncio.Event`."""

    owner: int | None = None
    """The thread that runs it."""

    def call_soon(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        if threading.get_ident() == self.owner:
            return super().call_soon(callback, *args, context=context)
        # `asyncio.Event.set` goes through its waiters one by one: were they woken at once, they would leave the queue meanwhile.
        return self.call_soon_threadsafe(self._call_later, callback, args, context)

    def _call_later(
        self, callback: Callable[..., object], args: tuple[Any, ...], context: contextvars.Context | None
    ) -> None:
        self.call_later(SETTLE, callback, *args, context=context)


class Nudger:
    """Wakes a loop that another thread runs, so that it sees what has been told to its futures."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._under_way = False

    def aim(self) -> None:
        """Nudge the loop that runs here, unless the one before still runs."""
        loop = live_loop(self._loop)
        if loop is not self._loop:
            self._loop, self._under_way = loop, False

    def nudge(self) -> None:
        """Wake the loop; nothing happens while an earlier nudge waits for a cell that blocks it."""
        if self._loop is None or self._under_way:
            return
        self._under_way = True
        try:
            self._loop.call_soon_threadsafe(self._arrived)
        except RuntimeError:  # it is closed
            self._loop = None

    def _arrived(self) -> None:
        self._under_way = False


def live_loop(held: asyncio.AbstractEventLoop | None) -> asyncio.AbstractEventLoop | None:
    """`held` while it runs, else the loop that runs here; without one `held`, which may run again, unless it is closed."""
    if held is not None and held.is_running():
        return held
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None if held is None or held.is_closed() else held
