"""`make bench`: every figure, as one table. Nothing here passes or fails."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(Path(__file__).parent)]

import bench_bridge  # noqa: E402
import bench_page  # noqa: E402
import bench_wire  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from support.browser import launch  # noqa: E402
from support.jupyter import start_jupyter  # noqa: E402
from support.notebook import Notebook  # noqa: E402

STATIC = ROOT / "src/burr_chat_widget/static"

Row = tuple[str, str, str]
"""What was measured, the figure, and the aim."""


def bridge() -> Iterator[Row]:
    """The bridge beside Burr alone."""
    figures = bench_bridge.measure()
    yield "Burr's astream_result, us per delta", f"{figures['plain_us']:.1f}", ""
    yield "bridge, async stream, over that", f"{figures['async_ratio']:.2f}", "under 1.5"
    yield "bridge, sync stream in a thread, over that", f"{figures['sync_thread_ratio']:.2f}", "under 10"


def wire(notebook: Notebook) -> Iterator[Row]:
    """The way from `yield` to paint, beside one message a delta."""
    aims = {
        60: {"bytes per byte": "at most 20", "frames per second": "at most 40"},
        800: {"bytes per byte": "at most 6", "frames per second": "at most 40"},
    }
    results = bench_wire.measure(notebook)
    for ours, theirs in zip(results["this"], results["one message a delta"], strict=True):
        rate = int(ours.pop("rate"))
        for name, value in ours.items():
            aim = aims[rate].get(name, "")
            if name == "p95 ms" and rate == 60:
                aim = f"at most {theirs[name] + 33:.0f}"
            yield f"{rate} deltas/s: {name} (one message a delta)", f"{value:.1f} ({theirs[name]:.1f})", aim


def page(notebook: Notebook) -> Iterator[Row]:
    """A long answer in the widget, and the first paint."""
    figures = bench_page.measure(notebook)
    yield "first paint over an anywidget of one word", f"{figures['first paint ratio']:.2f}", "at most 2"
    yield "main thread per delta, us, first tenth of 250 KB", f"{figures['us per delta, first tenth']:.0f}", ""
    yield "main thread per delta, last tenth over first", f"{figures['last over first']:.2f}", "at most 1.2"
    long_tasks = figures["long tasks ms"]
    yield "tasks over 50 ms (longest)", f"{len(long_tasks)} ({max(long_tasks, default=0)})", "none"
    idle = f"{figures['frames per second idle']:.0f}"
    yield "frames per second (the same page idle)", f"{figures['frames per second']:.0f} ({idle})", "55 of 60"


def renderer() -> Iterator[Row]:
    """The Markdown renderer alone."""
    script = Path(__file__).parent / "bench_markdown.mjs"
    done = subprocess.run(["node", str(script)], stdout=subprocess.PIPE, check=True, cwd=ROOT)
    for name, value in json.loads(done.stdout).items():
        yield f"renderer alone: {name}", str(value), ""


def bundle() -> Iterator[Row]:
    """What a chat loads."""
    core = b"".join((STATIC / name).read_bytes() for name in ("widget.js", "widget.css"))
    yield "core, KB minified", f"{len(core) / 1000:.0f}", "at most 300"
    yield "core, KB gzipped", f"{len(gzip.compress(core, 9)) / 1000:.0f}", "at most 100"
    for asset in sorted((STATIC / "assets").glob("*.gz")):
        yield f"on demand: {asset.name}, KB", f"{asset.stat().st_size / 1000:.0f}", ""


def rows() -> Iterator[Row]:
    """Everything, in the order of the table."""
    yield from bridge()
    with start_jupyter(Path(tempfile.mkdtemp())) as jupyter, sync_playwright() as playwright:
        browser = launch(playwright)
        for part in (wire, page):
            notebook = Notebook.create(browser, jupyter, name=part.__name__)
            yield from part(notebook)
            notebook.close()
        browser.close()
    yield from renderer()
    yield from bundle()


def main() -> None:
    """Print the table, row by row."""
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print(f"| {'what':<62} | {'figure':>16} | {'aim':>12} |\n|{'-' * 64}|{'-' * 17}:|{'-' * 13}:|")
    for what, figure, aim in rows():
        print(f"| {what:<62} | {figure:>16} | {aim:>12} |", flush=True)


if __name__ == "__main__":
    main()
