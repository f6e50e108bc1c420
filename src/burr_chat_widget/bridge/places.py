"""Where code runs: inside which step of which turn, and there in which span."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

__all__ = ["Place", "enter", "here", "inside", "leave"]


class Place:
    """A step, or a span of it.

    A turn may run inside a step of another one, and an application inside another: `around` is the place outside of this one.
    """

    __slots__ = ("around", "span", "step")

    def __init__(self, step: Any, span: Any, around: Place | None) -> None:
        self.step = step
        self.span = span
        self.around = around

    @property
    def over(self) -> bool:
        """Whether what ran here has ended. A thread or task that was used for it may remember it for long."""
        return (self.step if self.span is None else self.span).ended


inside: ContextVar[Place | None] = ContextVar("burr_chat_widget_inside", default=None)
"""The place of what runs in this context, None outside of every step; use `here`, which passes over what has ended."""


def here() -> Place | None:
    """The innermost place that goes on."""
    place = inside.get()
    while place is not None and place.over:
        place = place.around
    return place


def enter(step: Any, span: Any) -> None:
    """What follows in this context, and the tasks that it starts, is part of the span, or of the step where that is None."""
    inside.set(Place(step, span, here()))


def leave(span: Any) -> None:
    """What follows in this context is no part of the span any more."""
    place = inside.get()
    if place is not None and place.span is span:
        inside.set(place.around)
