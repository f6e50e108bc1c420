"""From `yield` to the painted page, through a real JupyterLab: bytes, frames and delay, beside one message per delta.

Delays are taken on one machine's wall clock: from the action's `yield` to the animation frame in which the text is there.
The two ways run in turn, in the same notebook, so that what else the machine does hits both.
"""

from __future__ import annotations

import base64
import json
import statistics
from typing import Any

from playwright.sync_api import Page, expect

from support.notebook import SLOW, Chat, Notebook

RATES = {60: 600, 800: 4000}
"""Deltas a second, and how many of them."""

TEXT = "abcd "

OBSERVE = """([selector]) => {
    const root = [...document.querySelectorAll(selector)].at(-1);
    const count = () => root.textContent.split("abcd").length - 1;
    const seen = window.seen = [];
    let asked = false;
    const look = () => {
        asked = false;
        seen.push([count(), Date.now() / 1000]);
    };
    window.observer?.disconnect();
    window.observer = new MutationObserver(() => { if (!asked) { asked = true; requestAnimationFrame(look); } });
    window.observer.observe(root, {childList: true, characterData: true, subtree: true});
    return count();
}"""

NAIVE = """
import anywidget, asyncio, time
class Naive(anywidget.AnyWidget):
    _esm = '''export default { render({ model, el }) {
        const text = document.createElement("p");
        text.className = "naive";
        el.append(text);
        model.on("msg:custom", ({ delta }) => text.append(delta));
    } }'''
naive = Naive()
naive
"""

NAIVE_RUN = """
times = []
began = time.monotonic()
for n in range({count}):
    delay = began + n / {rate} - time.monotonic()
    if delay > 0:
        await asyncio.sleep(delay)
    times.append(time.time())
    naive.send({{"delta": {text!r}}})
"""


class Wire:
    """Counts what the page's websockets receive."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        self.frames = 0
        session = page.context.new_cdp_session(page)
        session.on("Network.webSocketFrameReceived", self._count)
        session.send("Network.enable")

    def _count(self, event: dict[str, Any]) -> None:
        response = event["response"]
        data = response["payloadData"]
        raw = base64.b64decode(data) if response["opcode"] == 2 else data.encode()
        self.bytes += len(raw)
        self.frames += b'"comm_msg"' in raw

    def reset(self) -> None:
        self.bytes = self.frames = 0


def delays(yielded: list[float], seen: list[tuple[int, float]], before: int) -> list[float]:
    """Milliseconds from each delta's `yield` until its text is there."""
    out: list[float] = []
    position = 0
    for n, at in enumerate(yielded):
        wanted = before + n + 1
        while seen[position][0] < wanted:
            position += 1
        out.append((seen[position][1] - at) * 1000)
    return out


def measure(notebook: Notebook) -> dict[str, list[dict[str, float]]]:
    """The figures of both ways at each rate."""
    notebook.run("from burr_chat_widget import BurrChat\nfrom apps import scripted")
    chat = notebook.chat(notebook.run("chat = BurrChat(scripted.application())\nchat"))
    notebook.run(NAIVE)
    chat.ask("warm up")
    wire = Wire(notebook.page)
    results: dict[str, list[dict[str, float]]] = {"this": [], "one message a delta": []}
    for rate, count in RATES.items():
        results["this"].append(_measure_chat(notebook, chat, wire, rate, count))
        results["one message a delta"].append(_measure_naive(notebook, wire, rate, count))
    return results


def _measure_chat(notebook: Notebook, chat: Chat, wire: Wire, rate: int, count: int) -> dict[str, float]:
    page = notebook.page
    turns = chat.log.locator('article[data-role="user"]').count()
    before = page.evaluate(OBSERVE, ['.bcw [role="log"]'])
    wire.reset()
    chat.send(json.dumps({"rate": rate, "deltas": count, "text": TEXT}))
    expect(chat.log.locator('article[data-role="user"]')).to_have_count(turns + 1, timeout=SLOW)
    chat.wait_until("idle")
    return _results(notebook, wire, rate, before, "[chat.turns[-1].started + d.time for d in chat.turns[-1].deltas]")


def _measure_naive(notebook: Notebook, wire: Wire, rate: int, count: int) -> dict[str, float]:
    before = notebook.page.evaluate(OBSERVE, [".naive"])
    wire.reset()
    notebook.run(NAIVE_RUN.format(count=count, rate=rate, text=TEXT))
    return _results(notebook, wire, rate, before, "times")


def _results(notebook: Notebook, wire: Wire, rate: int, before: int, times: str) -> dict[str, float]:
    notebook.page.wait_for_timeout(2500)  # acks that come late are part of what was received
    size, frames = wire.bytes, wire.frames
    seen = notebook.page.evaluate("window.seen")
    yielded = json.loads(notebook.evaluate(times))
    found = delays(yielded, seen, before)
    quantiles = statistics.quantiles(found, n=100)
    return {
        "rate": rate,
        "bytes per byte": size / (len(TEXT) * len(yielded)),
        "frames per second": frames / (yielded[-1] - yielded[0]),
        "first ms": found[0],
        "p50 ms": quantiles[49],
        "p95 ms": quantiles[94],
        "p99 ms": quantiles[98],
    }
