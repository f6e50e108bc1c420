"""The widget beside what a notebook user would do instead, in the same run, taken in turn: slow, fast, and all at once.

Each way shows the same stream (`stream.py`) in the same notebook, and what it has shown is removed before the next. A way
after which the kernel does not get idle is given a new notebook. Beside a cell that blocks, the other ways run as a task
and, where they can, in a thread; a cell that awaits them would not let another cell run at all.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from playwright.sync_api import Browser

from bench.bench_wire import ACKED, ANSWER, OUTPUTS, duration, show, show_chat
from bench.probe import Figures, Probe, quantile
from bench.ways import IMPORTS, OUTPUT, RIVALS, Start
from support.jupyter import Jupyter

IDLE = {60: 300, 300: 1200, 0: 10_000}
"""Deltas a second (0: at once), and how many of them."""

BLOCKED = {60: 240, 300: 1200}
BLOCKED_FOR = 2
BLOCKING = f"import time\ntime.sleep({BLOCKED_FOR})"
BEFORE_BLOCKING = 1.0
"""Seconds of the stream before the cell that blocks is run."""

QUIET = 1.2

OURS = "**this widget**"

Line = tuple[str, Figures | str]
"""A way, and its figures or why there are none."""


class Rivals:
    """All ways in one notebook, which is replaced where a way leaves it unusable."""

    def __init__(self, browser: Browser, jupyter: Jupyter) -> None:
        self._browser = browser
        self._jupyter = jupyter
        self._opened = 0
        self._probe = self._open()

    def close(self) -> None:
        """Leave the notebook."""
        self._probe.notebook.close()

    def idle(self, rate: int, count: int) -> Iterator[Line]:
        """Every way, with nothing else in the kernel."""
        self._probe.clear()
        chat = show_chat(self._probe)
        self._probe.begin(ANSWER)
        chat.send(f"{rate} {count}")
        yield OURS, self._end(rate, count, ACKED)
        for way in RIVALS:
            if way is OUTPUT and rate == 0:
                yield way.name, "not run: at 300 a second it already falls behind for good"
                continue
            self._probe.clear()
            figures = show(self._probe, way, rate, count, quiet=QUIET)
            yield way.name, self._checked(figures)

    def blocked(self, rate: int, count: int) -> Iterator[Line]:
        """Every way, while another cell blocks the kernel's main thread for two seconds in mid-stream."""
        self._probe.clear()
        chat = show_chat(self._probe)
        self._probe.begin(ANSWER)
        chat.send(f"{rate} {count}")
        self._block()
        yield OURS, self._end(rate, count, ACKED)
        for way in RIVALS:
            if way is OUTPUT and rate > 60:
                yield way.name, "not run: it falls behind for good without the other cell too"
                continue
            starts: tuple[Start, ...] = ("task", "thread") if way.threads else ("task",)
            for how in starts:
                self._probe.clear()
                self._probe.notebook.run(IMPORTS + way.prepare)
                self._probe.begin(OUTPUTS)
                self._probe.notebook.start(way.start(how, rate, count))
                self._block()
                yield f"{way.name}, in a {how}", self._end(rate, count, QUIET)

    def asked_while_blocked(self, count: int) -> Iterator[Line]:
        """A burst that is asked for while another cell blocks the kernel's main thread for two seconds."""
        self._probe.clear()
        chat = show_chat(self._probe)
        self._probe.begin(ANSWER)
        cell = self._probe.notebook.start(BLOCKING)
        chat.send(f"0 {count}")
        yield OURS, self._end(0, count, ACKED)
        self._probe.notebook.wait_for_cell(cell)
        yield "all others", "cannot: they are begun by a cell, which waits until the other has ended"

    def _block(self) -> None:
        time.sleep(BEFORE_BLOCKING)
        self._probe.notebook.start(BLOCKING)

    def _end(self, rate: int, count: int, quiet: float) -> Figures:
        lasts = duration(rate, count) + BLOCKED_FOR
        return self._checked(self._probe.end(count, lasts=lasts, quiet=quiet))

    def _checked(self, figures: Figures) -> Figures:
        if figures.remark:
            self._probe.abandon()
            self._probe = self._open()
        return figures

    def _open(self) -> Probe:
        self._opened += 1
        return Probe.open(self._browser, self._jupyter, f"rivals-{self._opened}")


HEADINGS = ("way", "lost", "KB", "messages", "first ms", "p50", "p95", "p99", "page s", "long tasks", "kernel s")
LATE = (
    "way",
    "lost",
    "KB",
    "messages",
    "p50 ms after due",
    "p95",
    "stood still ms",
    "page s",
    "long tasks",
    "kernel s",
)


def tables(browser: Browser, jupyter: Jupyter) -> Iterator[tuple[str, tuple[str, ...], Iterator[tuple[str, ...]]]]:
    """Title, headings and rows of each table; the rows are measured as they are asked for."""
    rivals = Rivals(browser, jupyter)
    for rate, count in IDLE.items():
        how = f"{count:,} deltas at {rate} a second" if rate else f"{count:,} deltas at once"
        yield how, HEADINGS, (_idle_row(*line) for line in rivals.idle(rate, count))
    for rate, count in BLOCKED.items():
        how = f"{count:,} deltas at {rate} a second, beside a cell that blocks for two seconds"
        yield how, LATE, (_late_row(*line) for line in rivals.blocked(rate, count))
    how = f"{IDLE[0]:,} deltas at once, asked for while a cell blocks for two seconds"
    yield how, HEADINGS, (_idle_row(*line) for line in rivals.asked_while_blocked(IDLE[0]))
    rivals.close()


def _idle_row(name: str, figures: Figures | str) -> tuple[str, ...]:
    if isinstance(figures, str):
        return name, figures
    first = f"{figures.delays[0]:.0f}" if figures.delays else "-"
    seen = (f"{figures.quantile(percent):,.0f}" for percent in (50, 95, 99))
    return (_remarked(name, figures), *_received(figures), first, *seen, *_spent(figures))


def _late_row(name: str, figures: Figures | str) -> tuple[str, ...]:
    if isinstance(figures, str):
        return name, figures
    seen = (f"{quantile(figures.late, percent):,.0f}" for percent in (50, 95))
    return (_remarked(name, figures), *_received(figures), *seen, f"{figures.standstill:,.0f}", *_spent(figures))


def _remarked(name: str, figures: Figures) -> str:
    return f"{name} ({figures.remark})" if figures.remark else name


def _received(figures: Figures) -> tuple[str, ...]:
    return f"{figures.lost:,}", f"{figures.bytes / 1000:,.0f}", f"{figures.messages:,}"


def _spent(figures: Figures) -> tuple[str, ...]:
    tasks = f"{len(figures.long_tasks)} ({max(figures.long_tasks)} ms)" if figures.long_tasks else "0"
    return f"{figures.page:.2f}", tasks, f"{figures.kernel:.2f}"
