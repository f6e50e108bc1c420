"""A turn as a stream, as Python sees it: figures, a table of its deltas, what others are compared with."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import Any

from burr_chat_widget.protocol.events import StepStarted, TextDelta, TurnStarted
from burr_chat_widget.protocol.fold import fold, new_view
from burr_chat_widget.protocol.graph import Graph
from burr_chat_widget.protocol.timeline import SAID, Figures, Lane, LaneFrame, figures
from burr_chat_widget.protocol.view import Composer, Node, Session, View

from .turn import Turn

__all__ = ["figures_of", "lane_of", "rows_of"]


def figures_of(turn: Turn) -> Figures:
    """Its figures. Unlike those of a page, which has a mark for each of the first 20,000 deltas only, they know every delta."""
    return figures(_view_of(turn), turn.key)


def rows_of(turn: Turn) -> list[dict[str, Any]]:
    """Its deltas of text, one a row; see `TimelineView.to_rows`."""
    rows: list[dict[str, Any]] = []
    frames = iter(turn.frames)
    frame = next(frames, None)
    began, action, delta, before = 0.0, "", 0, 0.0
    for number, event in enumerate(turn.events):
        if isinstance(event, TurnStarted):
            began = event.monotonic
        elif isinstance(event, StepStarted):
            action, delta = event.action, 0
        elif isinstance(event, TextDelta):
            yielded = event.monotonic - began
            while frame is not None and frame.last <= number:
                frame = next(frames, None)
            by = frame if frame is not None and frame.first <= number else None
            rows.append(
                {
                    "turn": turn.key,
                    "step": event.step,
                    "action": action,
                    "delta": delta,
                    "text": event.text,
                    "yielded": yielded,
                    "gap": yielded - before if delta else None,
                    "sent": by and by.sent - began,
                    "frame": by and by.seq,
                    "received": None if by is None else _since(began, by.received),
                    "painted": None if by is None else _since(began, by.painted),
                }
            )
            delta, before = delta + 1, yielded
    return rows


def lane_of(label: str, turn: Turn) -> Lane:
    """What a page needs to draw the turn beside others."""
    view = _view_of(turn)
    made = figures(view, turn.key)
    said: dict[int, list[str]] = {each.step: [] for each in made.steps}
    places: list[int] = []  # of each delta, among the events
    for number, event in enumerate(turn.events):
        if isinstance(event, TextDelta):
            said.setdefault(event.step, []).append(event.text)
            places.append(number)
    frames = [
        LaneFrame(
            seq=frame.seq,
            first=bisect_left(places, frame.first),
            last=bisect_left(places, frame.last),
            sent=frame.sent - made.began,
            received=_since(made.began, frame.received),
            painted=_since(made.began, frame.painted),
        )
        for frame in turn.frames
    ]
    return Lane(
        label=label,
        figures=made,
        marks=[step.marks for step in view.steps],
        texts=["".join(said[each.step]) or _at_once(view, each.step) for each in made.steps],
        frames=[frame for frame in frames if frame.first < frame.last],
    )


def _view_of(turn: Turn) -> View:
    """The view as if there had been this turn alone, of an application of which nothing is known."""
    graph = Graph(entrypoint="", actions=[], transitions=[])
    view = new_view(Session(title="", app_id=""), graph, Composer(), next_action=None)
    view.nodes = defaultdict(Node)
    start = 0
    while start < len(turn.events):
        events, start = turn.events.chunk(start)
        for event in events:
            fold(view, event)
    seen = view.turns[0]
    if turn.status != "running" and seen.ended is None:
        # One has gone back into it: it was completed with its last step.
        seen.status = turn.status
        seen.ended = max((step.started + (step.duration or 0.0) for step in view.steps), default=seen.started)
    return view


def _at_once(view: View, step: int) -> str:
    """What a step has said that streamed nothing."""
    messages = (m for m in view.messages if m.step == step and m.role != "user" and m.kind in SAID)
    return "\n\n".join(message.text for message in messages if message.text)


def _since(began: float, time: float | None) -> float | None:
    return None if time is None else time - began
