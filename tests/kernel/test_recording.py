"""Recordings through real kernels: written while a page looks on, shown after a restart, and cut off by a kill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from burr_chat_widget.protocol.frames import Inspected, Logged, Text
from burr_chat_widget.protocol.recording import Recording
from burr_chat_widget.protocol.view import View
from support.kernel import PATIENCE, Kernel, KernelPage, start_kernel
from support.scripts import script

from .conftest import KERNELS, NEWEST, SETUP

RECORD = "chat = BurrChat(scripted.application('lesson')); recorder = chat.record({path!r})"
REPLAY = "from burr_chat_widget import BurrChat\nchat = BurrChat.replay({path!r})"


@pytest.fixture(params=[NEWEST, KERNELS[-1]])
def kernel(request: pytest.FixtureRequest) -> Iterator[Kernel]:
    """One of its own for each test: it is restarted."""
    with start_kernel(request.param) as kernel:
        kernel.run(SETUP)
        yield kernel


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "lesson.jsonl")


def shown(kernel: Kernel, cell: str) -> KernelPage:
    kernel.run(cell)
    return KernelPage.show(kernel)


def restart(kernel: Kernel) -> None:
    """Kill the kernel, and start it anew."""
    kernel.client.parent.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=PATIENCE)
    kernel.published.clear()


def answer(page: KernelPage, kind: type[Any], command: str, **fields: Any) -> Any:
    """What the kernel answers to one of the page's questions."""
    request = page.new_request()
    page.command(command, request=request, **fields)

    def found() -> Any:
        for message in page.kernel.published:
            content = message["content"].get("data", {}).get("content") if message["msg_type"] == "comm_msg" else None
            if content and content["type"] == kind.__struct_config__.tag and content["request"] == request:
                return msgspec.convert(content, kind)
        return None

    return page.kernel.until(found, "the answer")


def seen(view: View | None) -> dict[str, Any]:
    """What a reader sees of it."""
    assert view is not None
    return {
        "messages": [(m.role, m.kind, m.text, m.status, m.action) for m in view.messages],
        "steps": [(s.action, s.status, s.marks, s.changes, s.decision) for s in view.steps],
        "graph": (view.graph, view.nodes, view.taken),
    }


def test_a_lesson_is_shown_again_after_a_restart(kernel: Kernel, path: str):
    page = shown(kernel, RECORD.format(path=path))
    page.ask(script(deltas=50, text="é{n} "))
    page.wait_for_turn(page.send(script(deltas=3, fail="during")))
    page.ask("three")
    live = seen(page.view)
    rows = answer(page, Inspected, "inspect", step=2, what="state").rows
    events = answer(page, Logged, "log", turn="t1").events
    restart(kernel)
    again = shown(kernel, REPLAY.format(path=path))
    assert again.view is not None
    assert seen(again.view) == live
    assert again.view.session.recording == "lesson.jsonl"
    assert again.view.composer.enabled is False
    assert answer(again, Inspected, "inspect", step=2, what="state").rows == rows
    logged = answer(again, Logged, "log", turn="t1")
    assert [type(event) for event in logged.events] == [type(event) for event in events]
    assert [event for event in logged.events if isinstance(event, Text)] == [e for e in events if isinstance(e, Text)]
    assert logged.frames == []
    refused = again.send("four")
    again.until(lambda view: view.refused, "the refusal")
    assert again.view.refused[-1].request == refused
    assert "make a chat of an application with BurrChat(app)" in again.view.refused[-1].reason
    assert kernel.evaluate("[turn.status for turn in chat.turns]") == "['completed', 'failed', 'completed']"


def test_a_kernel_that_is_killed_leaves_what_was_told(kernel: Kernel, path: str):
    page = shown(kernel, RECORD.format(path=path))
    page.ask("one")
    page.send(script(deltas=100_000, delay=0.005))
    page.until(lambda view: view.messages[-1].text.startswith("word0 word1 "), "the first deltas")
    assert page.view is not None
    text = page.view.messages[-1].text
    restart(kernel)
    again = shown(kernel, REPLAY.format(path=path) + "\n")
    assert again.view is not None
    assert [turn.status for turn in again.view.turns] == ["completed", "stopped"]
    answered = [m for m in again.view.messages if m.turn == "t2" and m.role == "assistant"]
    assert answered[0].text.startswith(text)
    assert again.view.status == "idle"
    assert Recording.read(path).header.app_id == "lesson"


def test_a_lesson_with_twenty_thousand_deltas(path: str):
    with start_kernel(NEWEST) as kernel:
        kernel.run(SETUP)
        page = shown(kernel, RECORD.format(path=path))
        said = page.ask(script(deltas=20_000, text="{n} "))
        restart(kernel)
        again = shown(kernel, REPLAY.format(path=path))
        assert again.view is not None
        assert again.view.messages[-1].text == said
        assert kernel.evaluate("len(chat.turns[0].deltas)") == "20000"
