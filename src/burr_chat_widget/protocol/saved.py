"""What a notebook's file keeps of a chat: what a page of it would have asked the kernel, answered beforehand.

Notebooks are kept for long. What changes in here, or in what it is made of, must leave documents readable that were written before:
`FORMAT` is raised where a reader of today could not show what is new, and js/src/saved/document.ts says what it makes of older ones.
"""

from __future__ import annotations

from typing import Literal

from .events import Value
from .frames import FrameSent, Row, WireEvent
from .view import View

__all__ = ["FORMAT", "SavedChat", "SavedPlace", "SavedStep", "SavedTurn"]

FORMAT = 1


class SavedTurn(Value, frozen=True, kw_only=True):
    """What was told of a turn, as `Logged` has it, from its first event to its last.

    Attributes:
        key: the turn's.
        frames: those that carried it, without their bodies.
    """

    key: str
    events: list[WireEvent]
    frames: list[FrameSent] = []


class SavedPlace(Value, frozen=True, kw_only=True):
    """What there is at a place of a step's values, as `Inspected` has it from the first row or character on."""

    what: Literal["state", "given", "result", "inputs"]
    path: list[int]
    rows: list[Row] = []
    text: str | None = None
    more: int = 0


class SavedStep(Value, frozen=True, kw_only=True):
    """What can be looked at of a step, or with None of the state at the end. A row can be opened where its place is among them."""

    step: int | None
    places: list[SavedPlace]


class SavedChat(Value, frozen=True, kw_only=True):
    """A chat as it was: nothing runs in it any more, and it is all that there is to know.

    Attributes:
        format: `FORMAT`.
        version: of the package that has written it.
        time: when it was written, in seconds since the epoch.
        view: its end; where it was too long, without its beginning.
        left_out: so many messages the view is without.
        turns: what was told of the last turns, as far as there was room.
        steps: what can be looked at of the last steps, of the branch that was shown, as far as there was room.
    """

    format: int
    version: str
    time: float
    view: View
    left_out: int = 0
    turns: list[SavedTurn] = []
    steps: list[SavedStep] = []
