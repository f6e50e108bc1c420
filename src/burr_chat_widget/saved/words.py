"""What the saved forms of a chat say in the same words: its name, and tables of what is in it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from burr_chat_widget.protocol.graph import TransitionInfo
from burr_chat_widget.protocol.timeline import Lane
from burr_chat_widget.protocol.trim import undone_turns
from burr_chat_widget.protocol.view import Session, Step, View

__all__ = ["NAMES", "TIMES", "Table", "about", "graph_table", "lanes_table", "named", "steps_table", "title_of", "way"]

NAMES = {
    "graph": "State machine",
    "inspector": "Steps",
    "timeline": "Timeline",
    "comparison": "Turns compared",
    "quiz": "State machine",
}
"""What is kept of a view, by the view's own name."""

TIMES = "\N{MULTIPLICATION SIGN}"

STEPS = 200
"""So many of the last steps are in a table."""


class Table(NamedTuple):
    """Words in rows, each as long as the heads."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str


def title_of(session: Session) -> str:
    """What the chat is called."""
    return session.title or "Chat"


def named(session: Session) -> str | None:
    """The conversation's name; None where nobody has given it one, but a number was made up."""
    try:
        uuid.UUID(session.app_id)
    except ValueError:
        return session.app_id or None
    return None


def about(session: Session, view: str | None) -> list[str]:
    """What stands beside the title: what is seen of the chat, and which model it talks to."""
    return [*filter(None, [view and NAMES[view], session.model])]


def way(transition: TransitionInfo, source: str = "") -> str:
    """A transition in words."""
    condition = "" if transition.condition == "default" else f" if {transition.condition}"
    return f"{source}to {transition.to_action}{condition}"


def graph_table(view: View) -> Table:
    """The state machine: an action a row, and where it leads to."""
    ways: dict[str, list[str]] = {action.name: [] for action in view.graph.actions}
    for at, transition in enumerate(view.graph.transitions):
        times = view.taken[at] if at < len(view.taken) else 0
        ways[transition.from_action].append(way(transition) + (f" {TIMES}{times}" if times else ""))
    rows = [
        [name, str(view.nodes[name].visits if name in view.nodes else 0), "; ".join(to)] for name, to in ways.items()
    ]
    return Table(["action", "steps", "leads"], rows, _count(len(rows), "action"))


def steps_table(view: View) -> Table:
    """The last steps, one a row."""
    steps, undone = view.steps, undone_turns(view)
    last = f"the last {STEPS} of {len(steps)} steps" if len(steps) > STEPS else _count(len(steps), "step")
    heads = ["step", "action", "status", "duration", "first delta", "deltas", "next", "why"]
    return Table(heads, [_step(step, step.turn in undone) for step in steps[-STEPS:]], last)


def _step(step: Step, undone: bool) -> list[str]:
    decision = step.decision
    why = next((c.condition for c in decision.conditions if c.taken), "") if decision is not None else ""
    if decision is not None and len(decision.conditions) == 1 and why == "default":
        why = "always"
    return [
        str(step.step),
        step.action,
        "undone" if undone and step.status == "done" else step.status,
        _seconds(step.duration),
        _seconds(step.first_delta),
        str(step.deltas) if step.streaming else "",
        decision.to_action if decision is not None else "",
        why,
    ]


def lanes_table(lanes: Sequence[Lane]) -> Table:
    """Turns that are compared, one a row."""
    heads = ["turn", "status", "actions", "first text", "deltas", "deltas/s", "longest gap", "whole turn"]
    return Table(heads, [_lane(lane) for lane in lanes], _count(len(lanes), "turn"))


def _lane(lane: Lane) -> list[str]:
    figures = lane.figures
    return [
        lane.label,
        figures.status,
        ", ".join(step.action for step in figures.steps),
        _seconds(figures.first_text),
        str(figures.deltas),
        "" if figures.rate is None else f"{figures.rate:.3g}",
        _seconds(None if figures.longest_gap is None else figures.longest_gap.seconds),
        _seconds(figures.ended),
    ]


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def _count(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
