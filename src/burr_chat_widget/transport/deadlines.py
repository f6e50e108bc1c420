"""What must not take longer than so many seconds, and cannot look at the clock itself: a call that waits for somebody else."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Generator
from math import inf

from .recurring import Recurring, recurring

__all__ = ["Deadlines"]

logger = logging.getLogger(__name__)


class Deadlines:
    """Interrupts what is late: one thread, which begins with the first deadline, does so for all of them. Used on any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[object, tuple[float, Callable[[], object]]] = {}
        self._next = inf  # when the thread looks again, at the latest
        self._looking: Recurring | None = None

    @contextlib.contextmanager
    def within(self, seconds: float, interrupt: Callable[[], object]) -> Generator[Callable[[], bool]]:
        """Whoever is in here for longer is interrupted, once.

        Args:
            seconds: after which that happens.
            interrupt: does it, on another thread: at no time after this has been left. It must not wait.

        Yields:
            Says whether it has happened.
        """
        name, end = object(), time.monotonic() + seconds
        with self._lock:
            self._open[name] = (end, interrupt)
            if end < self._next:
                self._next = end
                self._looking = self._looking or recurring(self._look, "burr-chat deadlines")
                self._looking.wake()
        try:
            yield lambda: name not in self._open
        finally:
            with self._lock:
                self._open.pop(name, None)

    def _look(self) -> float | None:
        with self._lock:
            now = time.monotonic()
            for name, (end, interrupt) in [*self._open.items()]:
                if end <= now:
                    del self._open[name]
                    try:
                        interrupt()
                    except Exception:  # the others are interrupted all the same
                        logger.exception("what is late could not be interrupted")
            if self._open:
                self._next = min(end for end, _ in self._open.values())
            elif self._next <= now:  # else it stays: the next call, which may come soon, need not wake the thread
                self._next = inf
            return None if self._next == inf else self._next - now
