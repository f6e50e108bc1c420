"""A view that grows by events as they were told, each made sure to fit: the fold takes them as they travel, and trusts them."""

from __future__ import annotations

from typing import Any

import msgspec

from . import events as e
from .fold import fold
from .frames import BranchesChanged, ComposerChanged, ControlsChanged, Text
from .marks import TICKS_PER_SECOND, decode_marks, encode_mark, utf16_length
from .view import View

__all__ = ["Unfolded"]

LATEST = 2**53 / TICKS_PER_SECOND
"""Times on the clock of the events are before this: a tick after it is none that a number of JavaScript's can tell."""


class Unfolded:
    """The view that events make one by one; consecutive deltas are put together first, as in a frame.

    Raises:
        ValueError: if the view that it begins with contradicts itself.
    """

    def __init__(self, view: View) -> None:
        if view.status != "idle" and not view.turns:
            raise ValueError(f"it is {view.status}, and has no turn")
        self._view = _copied(view)
        self._step: tuple[str, int] | None = None  # whose deltas wait: its turn and number
        self._texts: list[str] = []
        self._marks: list[str] = []
        self._ticks = 0
        for step in self._view.steps:  # the last one may be streaming: its next delta's mark counts from its last one
            if step.status == "running" and step.action not in view.nodes:
                raise ValueError(f"no action {step.action!r} in the graph")
            self._ticks = _ticks(step.started) + sum(ticks for ticks, _ in decode_marks(step.marks))

    def copy(self) -> View:
        """The view now."""
        self._settle()
        return _copied(self._view)

    def add(self, event: Any) -> None:
        """Take one more event.

        Raises:
            ValueError: if it does not fit; the view is what it was.
            LookupError, ArithmeticError, TypeError: if it does not fit a view that no session has made.
        """
        if isinstance(event, e.TextDelta):
            self._add_delta(event)
            return
        self._settle()
        _check(self._view, event)
        fold(self._view, event)
        if isinstance(event, e.StepStarted):
            self._ticks = _ticks(event.monotonic)

    def _add_delta(self, delta: e.TextDelta) -> None:
        if (delta.turn, delta.step) != self._step:
            self._settle()
            if all(step.step != delta.step for step in self._view.steps):
                raise ValueError(f"no step {delta.step} in the view")
            if all(turn.key != delta.turn for turn in self._view.turns):
                raise ValueError(f"no turn {delta.turn!r} in the view")
            self._step = delta.turn, delta.step
        now = _ticks(delta.monotonic)
        self._texts.append(delta.text)
        self._marks.append(encode_mark(max(0, now - self._ticks), utf16_length(delta.text)))
        self._ticks = max(self._ticks, now)

    def _settle(self) -> None:
        if self._step is not None:
            fold(self._view, Text(step=self._step[1], text="".join(self._texts), marks="".join(self._marks)))
            self._step, self._texts, self._marks = None, [], []


def _check(view: View, event: Any) -> None:
    """Make sure that what the event speaks of is there: where the fold finds that it is not, it has already changed something."""
    _ticks(event.monotonic)
    match event:
        case e.TurnStarted():
            if event.turn != event.replaces and any(turn.key == event.turn for turn in view.turns):
                raise ValueError(f"turn {event.turn!r} has begun before")
        case ComposerChanged() | ControlsChanged() | BranchesChanged() | e.Notice():
            pass  # of no turn, or of one that was taken back
        case _:
            if all(turn.key != event.turn for turn in reversed(view.turns)):
                raise ValueError(f"no turn {event.turn!r} in the view")
    match event:
        case e.PartDelta() if (event.keep or 0) < 0 or event.tail < 0:
            raise ValueError("less than nothing cannot be kept of a part")
        case e.StepStarted():
            names = [event.action]
        case e.TransitionTaken():
            names = [event.to_action]
        case e.TurnStarted() | e.TurnCompleted() | e.TurnStopped() | e.TurnFailed():
            names = [event.next_action]
        case e.TurnPaused() if event.at == "action":
            names = [event.next_action]
        case ComposerChanged():
            names = [event.composer.action]
        case _:
            return
    for name in names:
        if name is not None and name not in view.nodes:
            raise ValueError(f"no action {name!r} in the graph")


def _ticks(monotonic: float) -> int:
    if not abs(monotonic) < LATEST:
        raise ValueError(f"the time {monotonic!r} is out of range")
    return round(monotonic * TICKS_PER_SECOND)


def _copied(view: View) -> View:
    return msgspec.convert(msgspec.to_builtins(view), View)
