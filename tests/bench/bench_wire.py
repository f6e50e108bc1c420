"""From `yield` to the painted page, through a real JupyterLab: bytes, frames and delay, beside one message per delta.

The two ways run in turn, in the same notebook, so that what else the machine does hits both.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable

from bench.probe import Figures, Probe, quantile
from bench.stream import PARAGRAPH
from bench.ways import CHAT, IMPORTS, MESSAGE, Way
from support.notebook import Chat

RATES = {60: 600, 800: 4000}
"""Deltas a second, and how many of them."""

ROUNDS = 3
FIRSTS = 12
"""Short streams, for the first delta alone."""

ANSWER = '.bcw article[data-role="assistant"]:last-of-type .bcw-text'
OUTPUTS = ".jp-Notebook .jp-OutputArea-output"

ACKED = 4.5
"""Seconds without a message after which the page's last acknowledgement is in."""

BYTES_PER_DELTA = 6 + 1 / PARAGRAPH

Row = tuple[str, str, str]
"""What was measured, the figure, and the aim."""


def duration(rate: int, count: int) -> float:
    """Seconds that a stream lasts; a rate of 0 is as fast as Python can."""
    return count / rate if rate else 0


def show_chat(probe: Probe) -> Chat:
    """The widget in a new cell, ready to be asked."""
    return probe.notebook.chat(probe.notebook.run(CHAT))


def ask(probe: Probe, chat: Chat, rate: int, count: int, *, quiet: float = ACKED) -> Figures:
    """One turn, typed into the composer."""
    chat.wait_until("idle")
    probe.begin(ANSWER)
    chat.send(f"{rate} {count}")
    return probe.end(count, lasts=duration(rate, count), quiet=quiet)


def show(probe: Probe, way: Way, rate: int, count: int, *, quiet: float = 1.0) -> Figures:
    """One stream by another way, in a cell that awaits it."""
    probe.notebook.run(IMPORTS + way.prepare)
    probe.begin(OUTPUTS)
    probe.notebook.start(way.start("cell", rate, count))
    return probe.end(count, lasts=duration(rate, count), quiet=quiet)


def rows(probe: Probe) -> list[Row]:
    """The table's rows."""
    chat = show_chat(probe)
    ask(probe, chat, 60, 60)

    def message(rate: int, count: int, quiet: float = 1.0) -> Figures:
        # The other way's cells go, and the chat stays.
        figures = show(probe, MESSAGE, rate, count, quiet=quiet)
        probe.clear_but(2)
        return figures

    out: list[Row] = []
    for rate, count in RATES.items():
        ours: list[Figures] = []
        theirs: list[Figures] = []
        for _ in range(ROUNDS):
            ours.append(ask(probe, chat, rate, count))
            theirs.append(message(rate, count))
        out += _rows_at(rate, ours, theirs)
    first_ours: list[float] = []
    first_theirs: list[float] = []
    for _ in range(FIRSTS):
        first_ours += ask(probe, chat, 60, 12, quiet=1.0).delays[:1]
        first_theirs += message(60, 12).delays[:1]
    for percent, name in ((50, "median"), (95, "p95")):
        pair = f"{quantile(first_ours, percent):.0f} ({quantile(first_theirs, percent):.0f})"
        out.append((f"first delta of {FIRSTS} turns, {name}, ms (one message a delta)", pair, "as soon as there"))
    return out


def _rows_at(rate: int, ours: list[Figures], theirs: list[Figures]) -> list[Row]:
    aims = {60: "at most 20", 800: "at most 6"}

    def pair(figure: Callable[[Figures], float]) -> tuple[float, float]:
        return statistics.median(map(figure, ours)), statistics.median(map(figure, theirs))

    def row(name: str, figures: tuple[float, float], aim: str = "", digits: int = 1) -> Row:
        return f"{rate} deltas/s: {name} (one message a delta)", "{:.{d}f} ({:.{d}f})".format(*figures, d=digits), aim

    p95 = pair(lambda f: f.quantile(95))
    return [
        row("deltas lost", pair(lambda f: f.lost), "0", 0),
        row("bytes per byte of text", pair(lambda f: f.bytes / (BYTES_PER_DELTA * f.deltas)), aims[rate]),
        row("comm messages a second", pair(lambda f: f.comms / f.seconds), "at most 40"),
        row("all messages a second", pair(lambda f: f.messages / f.seconds)),
        row("p50 ms", pair(lambda f: f.quantile(50)), digits=0),
        row("p95 ms", p95, f"at most {p95[1] + 33:.0f}" if rate == 60 else "", 0),
    ]
