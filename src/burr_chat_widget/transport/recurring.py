"""A function that is called again when it wants to be, or earlier: in a thread of its own, or on the loop where there are no threads."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable
from typing import Protocol

from .waking import live_loop

__all__ = ["Recurring", "has_threads", "recurring"]

Function = Callable[[], float | None]
"""Returns in how many seconds it wants to be called again; None: only when it is woken. It must not raise."""


class Recurring(Protocol):
    """What calls a function again and again."""

    def wake(self) -> None:
        """Call it soon; callable on any thread, returns at once."""
        ...

    def end(self) -> None:
        """Call it once more, for what is due by now, and never again."""
        ...


@functools.cache
def has_threads() -> bool:
    """Whether this Python can start threads. Pyodide, which runs in the browser, has none."""
    try:
        threading.Thread(target=bool, daemon=True).start()
    except RuntimeError:
        return False
    return True


def recurring(function: Function, name: str) -> Recurring:
    """Begin to call a function, in a daemon thread of that name if there are threads."""
    return _InThread(function, name) if has_threads() else _OnLoop(function)


class _InThread:
    def __init__(self, function: Function, name: str) -> None:
        self._function = function
        self._woken = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def end(self) -> None:
        self._ended = True
        self._woken.set()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=1)

    def _run(self) -> None:
        while True:
            ended = self._ended
            wait = self._function()
            if ended:
                return
            if wait is None or wait > 0:
                self._woken.wait(wait)
                self._woken.clear()


class _OnLoop:
    """On the loop that runs where it is woken; where none does, nothing is called until it is woken again."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._woken = False  # it is called in the loop's next round
        self._ended = False

    def wake(self) -> None:
        loop = live_loop(self._loop)
        if loop is not self._loop:
            self._loop, self._timer, self._woken = loop, None, False
        if not self._woken:
            self._woken = True
            self._call_in(0)

    def end(self) -> None:
        self._ended = True
        if self._timer is not None:
            self._timer.cancel()
        self._function()

    def _call_in(self, wait: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = (
            None if wait is None or self._loop is None or self._ended else self._loop.call_later(wait, self._run)
        )

    def _run(self) -> None:
        self._woken = False
        wait = self._function()
        if not self._woken:
            self._call_in(wait)
