"""Turns as streams through a real kernel: what a page reports becomes rows, and what is sent singly."""

from __future__ import annotations

import ast
import json
from typing import Any

from burr_chat_widget.protocol.marks import decode_marks
from support.kernel import Kernel, KernelPage
from support.scripts import script, words


def rows(kernel: Kernel) -> list[dict[str, Any]]:
    return json.loads(ast.literal_eval(kernel.evaluate("__import__('json').dumps(chat.timeline.to_rows())")))


def logged(page: KernelPage, turn: str) -> dict[str, Any]:
    """The kernel's answer to `log`."""
    page.command("log", request="the log", turn=turn, start=0)

    def answer() -> dict[str, Any] | None:
        contents = (m["content"]["data"].get("content") for m in page.kernel.published if m["msg_type"] == "comm_msg")
        return next((c for c in contents if isinstance(c, dict) and c.get("request") == "the log"), None)

    return page.kernel.until(answer, "the log")


def test_what_a_page_reports_is_in_the_rows(page: KernelPage):
    page.ask(script(deltas=30, delay=0.005))
    assert page.view is not None
    log = logged(page, page.view.turns[-1].key)
    assert log["error"] is None
    assert not log["more"]
    assert sum(len(list(decode_marks(ev["marks"]))) for ev in log["events"] if ev["type"] == "text") == 30
    seen = [{"seq": f["seq"], "received": f["sent"] + 0.25, "painted": f["sent"] + 0.5} for f in log["frames"]]
    page.command("painted", frames=seen)
    found = page.kernel.until(lambda: [row for row in rows(page.kernel) if row["painted"] is not None], "the report")
    assert len(found) == 30
    assert "".join(row["text"] for row in found) == words(30)
    assert [row["delta"] for row in found] == list(range(30))
    assert all(row["yielded"] <= row["sent"] < row["received"] < row["painted"] for row in found)
    assert {row["frame"] for row in found} == {
        m["content"]["data"]["content"]["seq"]
        for m in page.frames
        if any(ev["type"] == "text" for ev in m["content"]["data"]["content"]["events"])
    }


def test_without_coalescing_each_delta_is_a_message(kernel: Kernel):
    kernel.run("chat = BurrChat(scripted.application(), coalesce=False)")
    page = KernelPage.show(kernel)
    assert page.ask(script(deltas=100)) == words(100)
    carried = [
        [ev["type"] for ev in m["content"]["data"]["content"]["events"]]
        for m in page.frames
        if any(ev["type"] == "text" for ev in m["content"]["data"]["content"]["events"])
    ]
    assert carried == [["text"]] * 100
    assert len({row["frame"] for row in rows(kernel)}) == 100
