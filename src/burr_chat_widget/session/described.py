"""A turn's figures in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from burr_chat_widget.protocol.timeline import Figures

__all__ = ["described"]

CLOCKS = {"sent": "its sending", "received": "its receipt", "painted": "its being painted"}


HELD = 0.25
"""Seconds between actions from which on they are not the widget's own."""


def described(figures: Figures, rows: Iterable[Mapping[str, Any]]) -> str:
    """The figures of a turn and the rows of its deltas, in a few short lines."""
    return "\n".join([_whole(figures), _first(figures), *_stream(figures), *_way(list(rows))])


def _whole(figures: Figures) -> str:
    status = "is running" if figures.ended is None else f"{figures.status} after {_seconds(figures.ended)}"
    actions = " -> ".join(step.action for step in figures.steps) or "nothing has run"
    return f"Turn {figures.turn} {status}: {actions}."


def _first(figures: Figures) -> str:
    first = figures.first_delta
    if first is None:
        said = figures.first_text
        return f"No deltas: the answer was there at once, after {_seconds(said)}." if said is not None else "No deltas."
    earlier = [step.action for step in figures.steps if step.start < first.before]
    action = next(step.action for step in figures.steps if step.step == first.step)
    before = f" ({', '.join(earlier)})" if earlier else ""
    ran = sum(step.end - step.start for step in figures.steps if step.start < first.before and step.end is not None)
    if first.before - ran >= HELD:
        before += f", {_seconds(first.before - ran)} of it while no action ran"
    return f"First delta after {_seconds(first.at)}: {_seconds(first.before)} before its step{before}, {_seconds(first.own)} in {action}."


def _stream(figures: Figures) -> list[str]:
    if not figures.deltas:
        return []
    parts = [_count(figures.deltas, "delta of text", "deltas of text"), _count(figures.characters, "character")]
    if figures.rate is not None:
        parts.append(f"{figures.rate:.3g} deltas/s")
    line = ", ".join(parts)
    if (gap := figures.longest_gap) is not None:
        at_most = "at most " if figures.thinned else ""
        line += f"; the longest gap {at_most}{_seconds(gap.seconds)}, at {_seconds(gap.at)}"
    return [f"{line}."]


def _way(rows: list[Mapping[str, Any]]) -> list[str]:
    frames = {row["frame"] for row in rows if row["frame"] is not None}
    if not frames:
        return []
    waits: list[str] = []
    for clock, words in CLOCKS.items():
        known = [row[clock] - row["yielded"] for row in rows if row[clock] is not None]
        if known:
            waits.append(f"{_seconds(median(known))} to {words}")
    return [f"{_count(len(frames), 'frame')} carried them; from a delta's yield, in the median, {', '.join(waits)}."]


def _count(number: int, one: str, more: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def _seconds(value: float) -> str:
    if value < 0.9995:
        return f"{value * 1000:.0f} ms"
    if value < 59.995:
        return f"{value:.2f} s"
    minutes, seconds = divmod(round(value), 60)
    return f"{minutes} min {seconds} s"
