"""What one stream costs and when it is seen, taken the same way for every way to show it.

Seen: a `ResizeObserver` looks at the text at the end of each animation frame in which the page changed, after all
animation callbacks and right before the paint. Page and kernel run on one machine and share its wall clock.
Bytes and messages: all that the page's websockets received, status messages and all, until nothing comes any more.
Page: processor time of the page's main thread, so that other work on the machine does not count.
"""

from __future__ import annotations

import itertools
import json
import statistics
import time
from dataclasses import dataclass, field
from typing import Any

import psutil
from playwright.sync_api import Browser
from playwright.sync_api import TimeoutError as Late

from bench.stream import TIMES
from support.jupyter import Jupyter
from support.notebook import Notebook

PATIENCE = 12.0
"""Seconds after which a kernel that should be idle, or a page that should have everything, is given up."""

COUNT_SOCKETS = """
window.received = {bytes: 0, messages: 0, comms: 0};
window.WebSocket = class extends WebSocket {
    constructor(...parameters) {
        super(...parameters);
        this.addEventListener("message", ({data}) => {
            const received = window.received;
            received.messages++;
            if (typeof data === "string") {
                received.bytes += new TextEncoder().encode(data).length;
                return;
            }
            received.bytes += data.byteLength;
            const head = new TextDecoder().decode(new Uint8Array(data, 0, Math.min(600, data.byteLength)));
            if (/"msg_type": ?"(\\w+)"/.exec(head)?.[1] === "comm_msg") received.comms++;
        });
    }
};
"""

BEGIN = """(selector) => {
    window.seen = {highest: [], longTasks: []};
    Object.assign(window.received, {bytes: 0, messages: 0, comms: 0});
    window.seenText = () => [...document.querySelectorAll(selector)].map((node) => node.textContent).join(" ");
    if (window.probing) return;
    window.probing = true;
    const ruler = document.createElement("div");
    ruler.style.cssText = "position: fixed; width: 1px; height: 1px; contain: strict; visibility: hidden";
    document.body.append(ruler);
    let changed = false;
    new ResizeObserver(() => {
        changed = false;
        const number = /(\\d{5})\\D*$/.exec(window.seenText().slice(-40))?.[1];
        if (number !== undefined) window.seen.highest.push([Number(number), Date.now() / 1000]);
    }).observe(ruler);
    let wide = false;
    // Only a frame in which the page changes is made more expensive: one that does not would perhaps not be made at all.
    new MutationObserver(() => {
        if (!changed) ruler.style.width = (wide = !wide) ? "2px" : "1px";
        changed = true;
    }).observe(document.querySelector(".jp-Notebook"), {childList: true, characterData: true, subtree: true});
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.seen.longTasks.push(Math.round(entry.duration));
    }).observe({type: "longtask"});
}"""

IDLE = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"

CLEAR = """(kept) => {
    const cells = window.jupyterapp.shell.currentWidget.content.model.sharedModel;
    cells.deleteCellRange(kept, cells.cells.length);
}"""


@dataclass
class Figures:
    """One stream. Delays in milliseconds, from `yield` to seen; `late` is from when the delta was due."""

    deltas: int
    lost: int
    bytes: int
    messages: int
    comms: int
    """Messages that are comm messages."""
    seconds: float
    """From the first `yield` to the last."""
    delays: list[float]
    late: list[float]
    standstill: float
    """The longest time between two changes that a reader sees, milliseconds."""
    page: float
    """Seconds that the page's main thread worked, beyond what the same page works when idle."""
    kernel: float
    """Seconds that the kernel's process worked."""
    long_tasks: list[int]
    remark: str = ""

    def quantile(self, percent: int) -> float:
        """Of the delays."""
        return quantile(self.delays, percent)


def quantile(values: list[float], percent: int) -> float:
    """NaN without values."""
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


@dataclass
class Probe:
    """A notebook under observation. `begin`, let the stream run, `end`."""

    notebook: Notebook
    kernel: psutil.Process = field(init=False)
    _before: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        self.notebook.context.add_init_script(COUNT_SOCKETS)
        self.notebook.reload()
        self._session = self.notebook.page.context.new_cdp_session(self.notebook.page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.kernel = psutil.Process(self.notebook.evaluate("__import__('os').getpid()"))

    @classmethod
    def open(cls, browser: Browser, jupyter: Jupyter, name: str) -> Probe:
        """A new notebook, its kernel and a probe on them."""
        return cls(Notebook.create(browser, jupyter, name=name))

    def clear(self) -> None:
        """Leave nothing of what was shown before."""
        self.clear_but(1)
        self.notebook.execute("import ipywidgets; ipywidgets.Widget.close_all()")

    def clear_but(self, cells: int) -> None:
        """Delete the cells after the first few, with what they show."""
        self.notebook.page.evaluate(CLEAR, cells)

    def abandon(self) -> None:
        """Leave a notebook that may not answer any more, and end its kernel."""
        self.kernel.kill()
        self.notebook.context.close()

    def begin(self, selector: str) -> None:
        """Watch the text in `selector`."""
        self.times.unlink(missing_ok=True)
        self.notebook.page.evaluate(BEGIN, selector)
        self._before = self._spent()

    def end(self, deltas: int, *, lasts: float, quiet: float) -> Figures:
        """Wait until the stream, which `lasts` so long, has ended, the kernel is idle, and nothing came for `quiet` seconds."""
        remark = "" if self._wait_for_end(lasts) else f"not idle after {PATIENCE:.0f} s"
        still, last = self._wait_for_quiet(quiet, PATIENCE / 3 if remark else PATIENCE)
        if not still:
            remark = remark or f"still changing {PATIENCE:.0f} s later"
        now = self._spent()
        # What the page does in the quiet it does in every second, the probe's own work included.
        idle = (now[1] - last[1]) / (now[0] - last[0]) if still else 0.0
        seconds, page, kernel = (after - before for before, after in zip(self._before, last, strict=True))
        received = self.notebook.page.evaluate("window.received")
        seen = self.notebook.page.evaluate("window.seen")
        shown = set(self.notebook.page.evaluate("(window.seenText().match(/\\d{5}/g) ?? []).map(Number)"))
        times: list[list[float]] = json.loads(self.times.read_text()) if self.times.exists() else []
        # What was shown before the stream began is another stream's.
        highest = [(number, at) for number, at in seen["highest"] if times and at >= times[0][1]]
        seen_at = first_seen(len(times), highest)
        there = [n for n in range(len(times)) if n in shown and seen_at[n] is not None]
        changes = [times[0][0], *(at for _, at in highest)] if times else []
        return Figures(
            deltas=deltas,
            lost=deltas - len(shown),
            seconds=times[-1][1] - times[0][1] if times else float("nan"),
            delays=[(seen_at[n] - times[n][1]) * 1000 for n in there],
            late=[(seen_at[n] - times[n][0]) * 1000 for n in there],
            standstill=max((b - a for a, b in itertools.pairwise(changes)), default=0.0) * 1000,
            page=page - idle * seconds,
            kernel=kernel,
            long_tasks=seen["longTasks"],
            remark=remark,
            **received,
        )

    @property
    def times(self) -> Any:
        """The file that the stream writes at its end."""
        return self.notebook.jupyter.folder / TIMES

    def page_busy(self) -> float:
        """Seconds that the page's main thread has worked so far."""
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return next(each["value"] for each in metrics if each["name"] == "TaskDuration")

    def _spent(self) -> tuple[float, float, float]:
        """Seconds: by the clock, of the page's main thread, and of the kernel's process."""
        times = self.kernel.cpu_times()
        return time.monotonic(), self.page_busy(), times.user + times.system

    def _wait_for_end(self, lasts: float) -> bool:
        deadline = time.monotonic() + lasts + PATIENCE
        while not self.times.exists() and time.monotonic() < deadline:
            self.notebook.page.wait_for_timeout(100)
        try:
            self.notebook.page.wait_for_function(IDLE, timeout=max(1, 1000 * (deadline - time.monotonic())))
        except Late:
            return False
        return self.times.exists()

    def _wait_for_quiet(self, seconds: float, patience: float) -> tuple[bool, tuple[float, float, float]]:
        """Until the page has neither changed nor received anything for so long; says what was spent until the quiet."""
        state = "[window.received.messages, window.seen.highest.length]"
        spent, current = self._spent(), self.notebook.page.evaluate(state)
        deadline = spent[0] + patience
        while (now := time.monotonic()) - spent[0] < seconds:
            if now > deadline:
                return False, spent
            self.notebook.page.wait_for_timeout(100)
            last, current = current, self.notebook.page.evaluate(state)
            if current != last:
                spent = self._spent()
        return True, spent


def first_seen(count: int, highest: list[tuple[int, float]]) -> dict[int, Any]:
    """When each delta was there first; None when none so high ever was. Deltas are seen in order."""
    out: dict[int, float | None] = dict.fromkeys(range(count))
    position = 0
    for number, at in highest:
        while position <= min(number, count - 1):
            out[position] = at
            position += 1
    return out
