"""The timeline in a real JupyterLab: 20,000 deltas are panned and zoomed, beside 200 in the same run.

Both are moved in the same way, in turn, by real input: the wheel with Ctrl zooms, the wheel across and a drag pan, and so do keys. A frame
is from one animation frame to the next; a redraw is a frame in which the plot was drawn anew. The main thread's time is processor time,
by Chromium's own counter, beyond what the idle page works.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import expect

from bench.probe import Probe, quantile
from support.notebook import SLOW
from support.timeline import Timeline, show_timeline

MANY, FEW = 20_000, 200
RUNS = 5
MOVES = 40
"""Of each way to move, in each direction."""
IDLE = 10
"""Seconds for which the page is left alone."""

WATCH = """(canvas) => {
    window.moved = {frames: [], redraws: 0};
    const observer = new MutationObserver(() => window.moved.redraws++);
    observer.observe(canvas, {attributes: true});
    let last = null;
    const tick = (now) => {
        if (last !== null) window.moved.frames.push(now - last);
        last = now;
        if (!window.moved.done) return requestAnimationFrame(tick);
        observer.disconnect();
    };
    requestAnimationFrame(tick);
}"""

UNWATCH = "() => { window.moved.done = true; return window.moved; }"

Row = tuple[str, str, str]
"""What was measured, the figure, and the aim."""


@dataclass
class Moved:
    """What it took to pan and zoom one timeline. Times in milliseconds."""

    frames: list[float]
    redraws: int
    busy: float
    """Of the main thread, for each redraw."""


def rows(probe: Probe) -> Iterator[Row]:
    """The table's rows."""
    probe.notebook.run("from apps import flood\nfrom burr_chat_widget import BurrChat")
    timelines = {count: _timeline(probe, count) for count in (MANY, FEW)}
    idle = _idle(probe)
    runs: dict[int, list[Moved]] = {count: [] for count in timelines}
    for _ in range(RUNS):
        for count, timeline in timelines.items():
            runs[count].append(_move(probe, timeline, idle))
    p95 = {count: quantile([frame for run in moved for frame in run.frames], 95) for count, moved in runs.items()}
    rate = {count: 1000 / statistics.mean(f for run in moved for f in run.frames) for count, moved in runs.items()}
    busy = {count: statistics.median(run.busy for run in moved) for count, moved in runs.items()}
    redraws = {count: statistics.median(run.redraws for run in moved) for count, moved in runs.items()}
    nodes = {count: timeline.root.locator("*").count() for count, timeline in timelines.items()}
    what = f"timeline of {MANY:,} deltas, panned and zoomed"
    yield f"{what}: frames per second ({FEW} deltas)", f"{rate[MANY]:.0f} ({rate[FEW]:.0f})", "55 of 60"
    yield f"{what}: frame time p95, ms ({FEW} deltas)", f"{p95[MANY]:.1f} ({p95[FEW]:.1f})", ""
    yield f"{what}: frame time p95 over that of {FEW} deltas", f"{p95[MANY] / p95[FEW]:.2f}", "at most 1.2"
    yield f"{what}: main thread per redraw, ms ({FEW} deltas)", f"{busy[MANY]:.1f} ({busy[FEW]:.1f})", ""
    yield f"{what}: redraws ({FEW} deltas)", f"{redraws[MANY]:.0f} ({redraws[FEW]:.0f})", ""
    yield f"{what}: elements on the page ({FEW} deltas)", f"{nodes[MANY]} ({nodes[FEW]})", "as many"


def _timeline(probe: Probe, count: int) -> Timeline:
    """Of a turn of so many deltas."""
    notebook = probe.notebook
    chat = notebook.chat(notebook.run("chat = BurrChat(flood.application())\nchat"))
    timeline = show_timeline(notebook)
    chat.send(str(count))
    timeline.expect_deltas(count)
    chat.wait_until("idle")
    expect(timeline.figures).to_contain_text("From yield to paint", timeout=SLOW)
    return timeline


def _idle(probe: Probe) -> float:
    """Which share of the time the page's main thread works when nothing is done to it."""
    began, busy = time.monotonic(), probe.page_busy()
    probe.notebook.page.wait_for_timeout(IDLE * 1000)
    return (probe.page_busy() - busy) / (time.monotonic() - began)


def _move(probe: Probe, timeline: Timeline, idle: float) -> Moved:
    page, mouse, keyboard = timeline.page, timeline.page.mouse, timeline.page.keyboard
    timeline.canvas.scroll_into_view_if_needed()
    timeline.press("0")
    box = timeline.canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 60
    mouse.move(x, y)
    page.evaluate(WATCH, timeline.canvas.element_handle())
    began, busy = time.monotonic(), probe.page_busy()
    for sign in (-1, 1):
        keyboard.down("Control")
        for _ in range(MOVES):
            mouse.wheel(0, sign * 20)
        keyboard.up("Control")
        if sign < 0:
            for across in (1, -1):
                for _ in range(MOVES):
                    mouse.wheel(across * 20, 0)
            mouse.down()
            mouse.move(x - 200, y, steps=MOVES)
            mouse.move(x, y, steps=MOVES)
            mouse.up()
            for key in ("Shift+ArrowRight", "Shift+ArrowLeft"):
                for _ in range(MOVES // 4):
                    keyboard.press(key)
    page.wait_for_function(
        "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(true))))"
    )
    busy, seconds = probe.page_busy() - busy, time.monotonic() - began
    moved = page.evaluate(UNWATCH)
    return Moved(moved["frames"], moved["redraws"], 1000 * (busy - idle * seconds) / moved["redraws"])
