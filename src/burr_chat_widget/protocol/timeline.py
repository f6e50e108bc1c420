"""A turn as a stream: when its deltas came, how fast, and what they waited for.

js/src/timeline/figures.ts makes the same `Figures` of the same view; tests/interop holds the two together. Times are in seconds
since the turn began, where nothing else is said.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from .events import Value
from .marks import TICKS_PER_SECOND, decode_marks
from .view import Step, TurnStatus, View

__all__ = ["Figures", "FirstDelta", "Gap", "Lane", "LaneFrame", "StepFigures", "figures", "marks_of"]

SAID = ("text", "code", "error")
"""Kinds of messages that are an answer, as `Turn.text` has them."""


class FirstDelta(Value, frozen=True, kw_only=True):
    """When the first delta came: at `before` + `own`.

    Attributes:
        at: since the turn began.
        before: until its step began: the actions before it, and what was held.
        own: from there on: the action's own, mostly its model's.
        step: the step that it is of.
    """

    at: float
    before: float
    own: float
    step: int


class Gap(Value, frozen=True, kw_only=True):
    """A time without a delta, between two of one step.

    Attributes:
        seconds: how long it was.
        at: when it began: the time of the delta before it.
        step: the step.
        delta: the number in the step, from 0 on, of the delta that ended it.
    """

    seconds: float
    at: float
    step: int
    delta: int


class StepFigures(Value, frozen=True, kw_only=True):
    """One step.

    Attributes:
        end: None while it runs.
        streaming: whether it is a streaming action.
        first_delta: of whatever kind, where that is known: None without deltas.
        deltas: how many deltas of text. Of a step with more of them than have marks, all that it yielded, other parts too.
        characters: of text, in UTF-16 code units, as the page counts.
        thinned: whether one mark may stand for several deltas, see `Text`.
    """

    step: int
    action: str
    start: float
    end: float | None
    status: Literal["running", "done", "stopped", "failed"]
    streaming: bool
    first_delta: float | None
    deltas: int
    characters: int
    thinned: bool


class Figures(Value, frozen=True, kw_only=True):
    """What can be said of a turn in numbers. Deltas are those of text: other parts (reasoning, calls of tools) have no marks.

    Attributes:
        began: on the kernel's monotonic clock, as the `sent` of frames.
        ended: None while it runs.
        first_delta: None without one.
        first_text: when the first of the answer could be read: its first delta, or the end of a step that said it at once.
        deltas: of all steps, as `characters`.
        rate: deltas a second, from the first to the last of each step; None where no step has two at different times.
        longest_gap: None where no step has two deltas.
        thinned: whether there were so many that one mark may stand for several: then `longest_gap` is at most so long.
        steps: in the order in which they ran.
    """

    turn: str
    status: TurnStatus
    began: float
    ended: float | None
    first_delta: FirstDelta | None
    first_text: float | None
    deltas: int
    characters: int
    rate: float | None
    longest_gap: Gap | None
    thinned: bool
    steps: list[StepFigures]


class LaneFrame(Value, frozen=True, kw_only=True):
    """A frame that carried deltas of the turn: from number `first` to before `last`, over all its steps, from 0 on.

    Attributes:
        sent: when the kernel handed it on.
        received: when a page had received it, None where none has said so.
        painted: when that page had painted it.
    """

    seq: int
    first: int
    last: int
    sent: float
    received: float | None
    painted: float | None


class Lane(Value, frozen=True, kw_only=True):
    """One of several turns, of whatever chats, that are shown on one time axis.

    Attributes:
        label: what it is called.
        marks: for each of `figures.steps` its marks, as `Step` has them.
        texts: for each what its deltas said, one after the other; without any what it said at once, at its end.
        frames: those with deltas of it, oldest first.
    """

    label: str
    figures: Figures
    marks: list[str]
    texts: list[str]
    frames: list[LaneFrame]


def marks_of(step: Step, began: float) -> tuple[list[float], list[int]]:
    """When each delta of text came, and where it ends in the step's text, in UTF-16 code units.

    Parts of other kinds (reasoning, calls of tools, data, progress) have no marks. Where a text was replaced as a whole (see
    `Message.revision`), what is shown is no longer what the deltas said.

    Args:
        step: one of a view.
        began: the turn's `started`.
    """
    start = step.started - began
    ticks = end = 0
    times: list[float] = []
    ends: list[int] = []
    for since, length in decode_marks(step.marks):
        ticks += since
        end += length
        times.append(start + ticks / TICKS_PER_SECOND)
        ends.append(end)
    return times, ends


def figures(view: View, turn: str) -> Figures:
    """The figures of a turn, by its key; of a running one as far as it has come.

    Raises:
        ValueError: if there is no such turn in the view.
    """
    of = next((each for each in view.turns if each.key == turn), None)
    if of is None:
        raise ValueError(f"no turn {turn!r} in the view")
    ended = None if of.ended is None else of.ended - of.started
    steps: list[StepFigures] = []
    spoke = _steps_that_spoke(view, turn)
    first: FirstDelta | None = None
    first_text: float | None = None
    gap: Gap | None = None
    intervals, streamed = 0, 0.0
    for step in (each for each in view.steps if each.turn == turn):
        times, ends = marks_of(step, of.started)
        each = _step_figures(step, step.started - of.started, ended, times, ends)
        steps.append(each)
        if first is None and each.first_delta is not None:
            own = each.first_delta - each.start
            first = FirstDelta(at=each.first_delta, before=each.start, own=own, step=each.step)
        if first_text is None:
            first_text = times[0] if times else each.end if each.step in spoke else None
        for delta, (before, after) in enumerate(pairwise(times), start=1):
            if gap is None or after - before > gap.seconds:
                gap = Gap(seconds=after - before, at=before, step=each.step, delta=delta)
        if len(times) > 1 and times[-1] > times[0]:
            intervals += each.deltas - 1
            streamed += times[-1] - times[0]
    return Figures(
        turn=turn,
        status=of.status,
        began=of.started,
        ended=ended,
        first_delta=first,
        first_text=first_text,
        deltas=sum(each.deltas for each in steps),
        characters=sum(each.characters for each in steps),
        rate=intervals / streamed if streamed else None,
        longest_gap=gap,
        thinned=any(each.thinned for each in steps),
        steps=steps,
    )


def _step_figures(
    step: Step, start: float, turn_ended: float | None, times: list[float], ends: list[int]
) -> StepFigures:
    first = start + step.first_delta if step.first_delta is not None else times[0] if times else None
    return StepFigures(
        step=step.step,
        action=step.action,
        start=start,
        # One that was broken off has no duration: it has ended with its turn.
        end=start + step.duration if step.duration is not None else turn_ended,
        status=step.status,
        streaming=step.streaming,
        first_delta=first,
        deltas=max(len(times), step.deltas) if step.thinned else len(times),
        characters=ends[-1] if ends else 0,
        thinned=step.thinned,
    )


def _steps_that_spoke(view: View, turn: str) -> set[int | None]:
    return {m.step for m in view.messages if m.turn == turn and m.role != "user" and m.kind in SAID and m.text}
