"""A span while it goes on, and how it ended."""

from __future__ import annotations

import concurrent.futures
import sys
import time
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from burr.core import State

from .control import Stopped
from .failures import named
from .printable import clean

__all__ = ["Opened", "Status"]

Status: TypeAlias = Literal["done", "stopped", "failed"]


class Opened:
    """A span that has not ended.

    Args:
        number: its number.
        parent: that of the span around it.
        masked: makes of a text one without what must not be seen in the turn, nor in the values that follow it.

    Attributes:
        known: what other applications have that it is inside of: states, inputs and bound parameters.
    """

    def __init__(self, number: int, parent: int | None, masked: Callable[..., str]) -> None:
        self.number = number
        self.parent = parent
        self.known: tuple[Any, ...] = ()
        self._masked = masked
        self.began = time.monotonic()  # later by what the step was held since
        self.deltas = 0
        self.status: Status = "done"  # if it ended now
        self.error: str | None = None
        self.first: State[Any] | None = None  # of an application: its state at the beginning, and as it was seen last
        self.last: State[Any] | None = None
        self.ended = False
        self._handled = sys.exc_info()[1]

    def leave_out(self, since: float, now: float) -> None:
        """The step was held from `since` to `now`: so much of that as it was open is not of its work."""
        self.began += now - max(since, self.began)

    def outcome(self, error: BaseException | None = None) -> None:
        """How it ended: Burr does not tell of a cancellation, nor of what is raised inside of a span."""
        if error is None:
            error = sys.exc_info()[1]
            if error is self._handled or isinstance(error, Stopped):  # that is somebody else's
                error = None
        if error is None:
            self.status, self.error = "done", None
        elif isinstance(error, Exception) and not isinstance(error, concurrent.futures.CancelledError):
            self.status, self.error = "failed", clean(named(error, self._without_hidden)[:500])
        else:
            self.status, self.error = "stopped", None

    def _without_hidden(self, text: str) -> str:
        return self._masked(text, *self.known, self.first, self.last)
