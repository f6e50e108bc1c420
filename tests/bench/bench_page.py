"""The whole widget in a real JupyterLab: a long answer, and the time until something is seen.

The answer is 250 KB of Markdown, in deltas of four characters at 12.5 KB/s. What the main thread does is taken from
Chromium's own counters; the page's frame rate while idle is taken in the same run.
"""

from __future__ import annotations

import itertools
import statistics
from typing import Any

from playwright.sync_api import CDPSession, Page

from support.notebook import Notebook

SIZE = 250_000
RATE = 12_500 // 4

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

@action(reads=[], writes=["prompt"])
def prompt(state: State, prompt: str) -> State:
    return state.update(prompt=prompt)

@streaming_action(reads=[], writes=["answer"])
async def answer(state: State):
    began = time.monotonic()
    for n in range(0, {SIZE}, 4):
        delay = began + n / 4 / {RATE} - time.monotonic()
        if delay > 0:
            await asyncio.sleep(delay)
        yield {{"delta": text[n : n + 4]}}, None
    yield {{"answer": "done"}}, state.update(answer="done")

app = (ApplicationBuilder().with_actions(prompt, answer).with_transitions(("prompt", "answer"), ("answer", "prompt"))
    .with_state(State({{}})).with_entrypoint("prompt").build())
"""

WATCH = """() => {
    const seen = window.watched = {longTasks: [], frames: 0, text: []};
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) seen.longTasks.push(Math.round(entry.duration));
    }).observe({type: "longtask"});
    const tick = () => { seen.frames++; requestAnimationFrame(tick); };
    requestAnimationFrame(tick);
}"""

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

ONE_WORD = """
import anywidget
class Word(anywidget.AnyWidget):
    _esm = 'export default { render({ el }) { const p = document.createElement("p"); p.className = "word"; p.textContent = "word"; el.append(p); } }'
Word()
"""

CHAT = """
BurrChat(app)
"""


def measure(notebook: Notebook) -> dict[str, Any]:
    """Figures of one run."""
    notebook.run(APPLICATION)
    return {**_first_paint(notebook), **_long_answer(notebook)}


def _first_paint(notebook: Notebook) -> dict[str, float]:
    times: dict[str, list[float]] = {"chat": [], "word": []}
    ways = {"word": (ONE_WORD, "p.word"), "chat": (CHAT, '.bcw[data-view="chat"] [role="log"]')}
    for name, (source, selector) in itertools.chain.from_iterable([ways.items()] * 6):
        times[name].append(notebook.page.evaluate(FIRST_PAINT, [source, selector]))
    # The first of each loads what all share.
    chat, word = (statistics.median(values[1:]) for values in (times["chat"], times["word"]))
    return {"first paint ms": chat, "one word ms": word, "first paint ratio": chat / word}


def _long_answer(notebook: Notebook) -> dict[str, Any]:
    page = notebook.page
    chat = notebook.chat(notebook.run("chat = BurrChat(app)\nchat"))
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.evaluate(WATCH)
    idle = _frame_rate(page, 5000)
    chat.send("go")
    page.wait_for_function("document.querySelectorAll('.bcw article[data-role=assistant]').length > 0")
    page.evaluate("window.watched.longTasks.length = 0")
    tenth = SIZE // 4 // RATE / 10 * 1000
    first = _busy(page, session, tenth)
    frames = _frame_rate(page, 8 * tenth - 500)
    last = _busy(page, session, tenth * 0.9)
    chat.wait_until("idle")
    per_delta = RATE / 1000 * tenth
    return {
        "us per delta, first tenth": first / per_delta * 1e6,
        "us per delta, last tenth": last / (per_delta * 0.9) * 1e6,
        "last over first": last / 0.9 / first,
        "long tasks ms": page.evaluate("window.watched.longTasks"),
        "frames per second": frames,
        "frames per second idle": idle,
    }


def _busy(page: Page, session: CDPSession, milliseconds: float) -> float:
    """Seconds that the main thread was busy in the time."""

    def total() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(m["value"] for m in metrics if m["name"] == "TaskDuration")

    before = total()
    page.wait_for_timeout(milliseconds)
    return total() - before


def _frame_rate(page: Page, milliseconds: float) -> float:
    return page.evaluate(
        """async (ms) => {
            const before = window.watched.frames, began = performance.now();
            await new Promise((resolve) => setTimeout(resolve, ms));
            return (window.watched.frames - before) / (performance.now() - began) * 1000;
        }""",
        milliseconds,
    )
