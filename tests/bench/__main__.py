"""`make bench`: every figure, as tables. Nothing here passes or fails.

`ARGS=figures`, `ARGS=rivals` or `ARGS=serve` measures one part only; `ARGS=--write` puts what was measured into docs/benchmark.md.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import gzip
import itertools
import json
import os
import platform
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench import bench_bridge, bench_checkpoints, bench_page, bench_rivals, bench_serve, bench_timeline, bench_wire
from bench.probe import Probe
from support.browser import launch
from support.jupyter import Jupyter, start_jupyter

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src/burr_chat_widget/static"
DOCUMENT = ROOT / "docs/benchmark.md"
PARTS = ("figures", "rivals", "serve")
VERSIONS = ("jupyterlab", "jupyter-server", "ipykernel", "ipywidgets", "anywidget", "apache-burr")
SERVED = ("fastapi", "uvicorn", "apache-burr")

Row = tuple[str, str, str]
"""What was measured, the figure, and the aim."""


def bridge() -> Iterator[Row]:
    """The bridge beside Burr alone."""
    with ThreadPoolExecutor() as pool:  # this thread has an event loop already, Playwright's
        figures = pool.submit(bench_bridge.measure).result()
    yield "Burr's astream_result, us per delta", f"{figures['plain_us']:.1f}", ""
    yield "bridge, async stream, over that", f"{figures['async_ratio']:.2f}", "under 1.5"
    yield "bridge, sync stream in a thread, over that", f"{figures['sync_thread_ratio']:.2f}", "under 10"


def checkpoints() -> Iterator[Row]:
    """What it costs to be able to go back."""
    with ThreadPoolExecutor() as pool:
        figures = pool.submit(bench_checkpoints.measure).result()
    run = f"checkpoints of {bench_checkpoints.STEPS:,} steps of a chat of {bench_checkpoints.MESSAGES} messages"
    yield f"{run}, MB beside what else the run keeps", f"{figures['checkpoints_mb']:.0f}", "under 50"


def notebooks(browser: Browser, jupyter: Jupyter) -> Iterator[Row]:
    """The way from `yield` to paint, a long answer, and the timeline of one."""
    for name, rows in (("wire", bench_wire.rows), ("page", bench_page.rows), ("timeline", bench_timeline.rows)):
        probe = Probe.open(browser, jupyter, name)
        yield from rows(probe)
        probe.notebook.close()


def renderer() -> Iterator[Row]:
    """The Markdown renderer alone."""
    script = Path(__file__).parent / "bench_markdown.mjs"
    done = subprocess.run(["node", str(script)], stdout=subprocess.PIPE, check=True, cwd=ROOT)
    figures = json.loads(done.stdout)
    yield "renderer alone, main thread per delta, last tenth over first", f"{figures['ratio']:.2f}", "at most 1.2"
    yield "renderer alone, tasks over 50 ms", str(len(figures["longTasks"])), "none"


def bundle() -> Iterator[Row]:
    """What a chat loads."""
    core = b"".join((STATIC / name).read_bytes() for name in ("widget.js", "widget.css"))
    yield "core, KB minified", f"{len(core) / 1000:.0f}", "at most 300"
    yield "core, KB gzipped", f"{len(gzip.compress(core, 9)) / 1000:.0f}", "at most 100"
    for asset in sorted((STATIC / "assets").glob("*.gz")):
        yield f"on demand: {asset.name}, KB", f"{asset.stat().st_size / 1000:.0f}", ""


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of Markdown, each as soon as its row is there."""
    yield "| " + " | ".join(headings) + " |"
    yield "|---|" + "--:|" * (len(headings) - 1)
    for row in rows:
        yield "| " + " | ".join([*row, *[""] * (len(headings) - len(row))]) + " |"


def environment(browser: Browser | None, command: str) -> Iterator[str]:
    """The command, the day, the machine and the versions."""
    versions = ", ".join(f"{name} {version(name)}" for name in (SERVED if browser is None else VERSIONS))
    yield f"`{command}` on {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}, {_load('before')}"
    chromium = "" if browser is None else f" Chromium {browser.version} (headless),"
    yield f"Python {platform.python_version()},{chromium} {versions}."
    yield ""


def measure(part: str, browser: Browser | None, jupyter: Jupyter | None) -> Iterator[str]:
    """Lines of Markdown."""
    if browser is None or jupyter is None:
        yield from table(("what", "written by hand", "served", "served over by hand"), bench_serve.rows())
        yield ""
    elif part == "figures":

        def rows() -> Iterator[Row]:
            yield from bridge()
            yield from checkpoints()
            yield from notebooks(browser, jupyter)
            yield from renderer()
            yield from bundle()

        yield from table(("what", "figure", "aim"), rows())
        yield ""
    else:
        for title, headings, rivals in bench_rivals.tables(browser, jupyter):
            yield f"**{title}**"
            yield ""
            yield from table(headings, rivals)
            yield ""
    yield _load("after")


def write(part: str, lines: Sequence[str]) -> None:
    """Put the lines between the part's marks in the document; what is written by hand around them stays."""
    begin, end = (f"<!-- {part}: {mark} -->" for mark in ("begin", "end"))
    text = DOCUMENT.read_text(encoding="utf-8")
    measured = "\n".join([begin, *lines, end])
    DOCUMENT.write_text(
        re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: measured, text, flags=re.DOTALL), encoding="utf-8"
    )


def _load(when: str) -> str:
    return f"load average {when} {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; the run itself makes some 2 of it."


def main() -> None:
    """Print the tables, row by row."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="what to measure; all when left out")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmark.md")
    options = parser.parse_args()
    command = f"make bench ARGS={options.part}" if options.part else "make bench"
    parts = [options.part] if options.part else PARTS
    with contextlib.ExitStack() as stack:
        browser, jupyter = None, None
        for part in parts:
            if part != "serve" and browser is None:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
                jupyter = stack.enter_context(start_jupyter(folder))
                browser = launch(stack.enter_context(sync_playwright()))
                stack.callback(browser.close)
            shown = None if part == "serve" else browser
            lines: list[str] = []
            for line in itertools.chain(environment(shown, command), measure(part, shown, jupyter)):
                print(line, flush=True)
                lines.append(line)
            if options.write:
                write(part, lines)


if __name__ == "__main__":
    main()
