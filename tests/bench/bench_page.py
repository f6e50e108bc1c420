"""The whole widget in a real JupyterLab: a long answer, and the time until something is seen.

The answer is 250 KB of Markdown, in deltas of six characters (an English word and its space) at 12.5 KB/s. The main thread's
time is processor time, by Chromium's own counter, over the deltas that were yielded meanwhile; the frame rate of the same
page while idle is taken in the same run.
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench.probe import Probe
from support.notebook import SLOW

SIZE = 250_000
DELTA = 6
RATE = 12_500 // DELTA
RUNS = 3
PAINTS = 8

PARAGRAPHS = """
## Section {n}

A **generator** hands out one value and stops there, with its `locals` intact, until somebody asks for the next one. That
is all that *streaming* needs: the producer goes on when the consumer has taken what there was.

- the first item, with `code` in it
- the second, with a [link](https://example.org/{n}) and **strong** words
  - nested once

| step | action | deltas |
|---|:-:|---:|
| 1 | prompt | 0 |
| 2 | answer_{n} | 1{n} |

```python
def stream_{n}(words):
    for word in words:
        yield word + " "  # one delta
    return len(words)
```

1. then one
2. then two

> A quotation, in which nothing much is said, but at some length, so that it breaks over several lines of the page.
"""

APPLICATION = f"""
import asyncio, time
from burr.core import ApplicationBuilder, State, action
from burr.core.action import streaming_action
from burr_chat_widget import BurrChat

PARAGRAPHS = {PARAGRAPHS!r}
text = ""
while len(text) < {SIZE}:
    text += PARAGRAPHS.replace("{{n}}", str(len(text) % 97))
times = []

@action(reads=[], writes=["prompt"])
def prompt(state: State, prompt: str) -> State:
    return state.update(prompt=prompt)

@streaming_action(reads=[], writes=["answer"])
async def answer(state: State):
    times.clear()
    began = time.time()
    for n in range(0, {SIZE}, {DELTA}):
        delay = began + n / {DELTA} / {RATE} - time.time()
        if delay > 0:
            await asyncio.sleep(delay)
        times.append(time.time())
        yield {{"delta": text[n : n + {DELTA}]}}, None
    yield {{"answer": "done"}}, state.update(answer="done")

app = (ApplicationBuilder().with_actions(prompt, answer).with_transitions(("prompt", "answer"), ("answer", "prompt"))
    .with_state(State({{}})).with_entrypoint("prompt").build())
"""

FIRST_PAINT = """async ([source, selector]) => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const cells = notebook.model.sharedModel;
    cells.insertCell(cells.cells.length, {cell_type: "code", source});
    notebook.activeCellIndex = cells.cells.length - 1;
    const count = () => document.querySelectorAll(selector).length;
    const before = count();
    const began = performance.now();
    const painted = new Promise((resolve) => {
        const observer = new MutationObserver(() => {
            if (count() > before) {
                observer.disconnect();
                requestAnimationFrame(() => resolve(performance.now() - began));
            }
        });
        observer.observe(document.body, {childList: true, subtree: true});
    });
    void window.jupyterapp.commands.execute("notebook:run-cell");
    return await painted;
}"""

COUNT_FRAMES = """() => {
    if (window.frameCount !== undefined) return;
    window.frameCount = 0;
    const tick = () => { window.frameCount++; requestAnimationFrame(tick); };
    requestAnimationFrame(tick);
}"""

ONE_WORD = """
import anywidget
class Word(anywidget.AnyWidget):
    _esm = '''export default { render({ el }) {
        const p = document.createElement("p");
        p.className = "word";
        p.textContent = "word";
        el.append(p);
    } }'''
Word()
"""

Row = tuple[str, str, str]
"""What was measured, the figure, and the aim."""


@dataclass
class Run:
    """One long answer. Times per delta in microseconds, beyond what the idle page works."""

    first: float
    last: float
    frames: float
    idle_frames: float
    long_tasks: list[int]


def rows(probe: Probe) -> Iterator[Row]:
    """The table's rows: medians of the runs."""
    probe.notebook.run(APPLICATION)
    chat, word = _first_paint(probe)
    yield "first paint, ms (an anywidget of one word)", f"{chat:.0f} ({word:.0f})", ""
    yield "first paint over an anywidget of one word", f"{chat / word:.2f}", "at most 2"
    runs = [_long_answer(probe) for _ in range(RUNS)]
    first = statistics.median(run.first for run in runs)
    yield f"main thread per delta, us, first tenth of {SIZE // 1000} KB", f"{first:.0f}", ""
    ratio = statistics.median(run.last / run.first for run in runs)
    yield "main thread per delta, last tenth over first", f"{ratio:.2f}", "at most 1.2"
    tasks = statistics.median_low(sorted((len(run.long_tasks), max(run.long_tasks, default=0)) for run in runs))
    yield "tasks over 50 ms in an answer (longest, ms)", f"{tasks[0]} ({tasks[1]})", "none"
    frames, idle = (statistics.median(getattr(run, name) for run in runs) for name in ("frames", "idle_frames"))
    yield "frames per second (the same page idle)", f"{frames:.0f} ({idle:.0f})", "55 of 60"


def _first_paint(probe: Probe) -> tuple[float, float]:
    """Milliseconds from running the cell: the chat's, and one word's."""
    times: dict[str, list[float]] = {"chat": [], "word": []}
    ways = {"word": (ONE_WORD, "p.word"), "chat": ("BurrChat(app)", '.bcw[data-view="chat"] [role="log"]')}
    for name, (source, selector) in itertools.chain.from_iterable([ways.items()] * PAINTS):
        times[name].append(probe.notebook.page.evaluate(FIRST_PAINT, [source, selector]))
        probe.notebook.wait_for_kernel()
    # The first of each loads what all share.
    return statistics.median(times["chat"][1:]), statistics.median(times["word"][1:])


def _long_answer(probe: Probe) -> Run:
    page = probe.notebook.page
    probe.clear_but(2)
    chat = probe.notebook.chat(probe.notebook.run("chat = BurrChat(app)\nchat"))
    probe.begin("body > nothing")
    page.evaluate(COUNT_FRAMES)
    idle = _Window(probe)
    page.wait_for_timeout(5000)
    idle.close()
    chat.send("go")
    page.wait_for_function("document.querySelector('.bcw article[data-role=assistant]') !== null", timeout=SLOW)
    tenth = SIZE / DELTA / RATE / 10
    first = _Window(probe)
    page.wait_for_timeout(tenth * 1000)
    first.close()
    middle = _Window(probe)
    page.wait_for_timeout(8 * tenth * 1000 - 500)
    middle.close()
    last = _Window(probe)
    page.wait_for_timeout(0.9 * tenth * 1000)
    last.close()
    # Not the page object's own way to wait, which looks at the whole page again and again.
    page.wait_for_function("document.querySelector('.bcw').dataset.sessionStatus === 'idle'", timeout=SLOW)
    page.wait_for_timeout(1000)  # the observer of long tasks is told of them a little later
    times: list[float] = probe.notebook.evaluate("times")
    return Run(
        first=first.per_delta(times, idle.busy_share),
        last=last.per_delta(times, idle.busy_share),
        frames=middle.frame_rate,
        idle_frames=idle.frame_rate,
        long_tasks=page.evaluate("window.seen.longTasks"),
    )


class _Window:
    """What happens from now until it is closed."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._busy, self._frames = probe.page_busy(), self._count()
        self._began = time.time()

    def close(self) -> None:
        self._ended = time.time()
        self._busy, self._frames = self._probe.page_busy() - self._busy, self._count() - self._frames

    @property
    def seconds(self) -> float:
        return self._ended - self._began

    @property
    def frame_rate(self) -> float:
        return self._frames / self.seconds

    @property
    def busy_share(self) -> float:
        return self._busy / self.seconds

    def per_delta(self, times: list[float], idle_share: float) -> float:
        """Microseconds for each delta that was yielded meanwhile, beyond what the idle page works."""
        deltas = sum(self._began <= at < self._ended for at in times)
        return (self._busy - idle_share * self.seconds) / deltas * 1e6

    def _count(self) -> int:
        return self._probe.notebook.page.evaluate("window.frameCount")
