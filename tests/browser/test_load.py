"""Models faster than the page: nothing is lost, the page answers meanwhile, the notebook is idle afterwards."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from apps import flood
from support.notebook import SLOW, Chat, Notebook

pytestmark = pytest.mark.parametrize("shared_notebook", [pytest.param({"app": "lab"}, id="lab")], indirect=True)

MILLION = 1_000_000
PATIENCE = 4 * SLOW
"""Milliseconds that a million deltas may take on a machine with other things to do."""


class Frames:
    """The frames of all chats, as they come over the page's websockets: when, in seconds."""

    def __init__(self, notebook: Notebook) -> None:
        self.times: list[float] = []
        session = notebook.context.new_cdp_session(notebook.page)
        session.on("Network.webSocketFrameReceived", self._receive)
        session.send("Network.enable")

    def _receive(self, event: dict[str, Any]) -> None:
        response = event["response"]
        binary = response["opcode"] == 2
        payload = base64.b64decode(response["payloadData"]) if binary else response["payloadData"].encode()
        if b'"type": "frame"' in payload or b'"type":"frame"' in payload:
            self.times.append(event["timestamp"])


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Iterator[Notebook]:
    """Its server's rate limit is the default one, which one message for each delta would exceed by far."""
    shared_notebook.execute("import asyncio\nfrom apps import flood")
    yield shared_notebook
    # "IOPub message rate exceeded" is told on stderr, and in the log only that messages go through again.
    stderr = '.jp-RenderedText[data-mime-type="application/vnd.jupyter.stderr"]'
    expect(shared_notebook.page.locator(stderr)).to_have_count(0)
    assert "iopub messages resumed" not in shared_notebook.jupyter.log.read_text()


def digest_of(chat: Chat, end: str = "\n\n") -> str:
    """The SHA-256 of what the last answer shows: its paragraphs, as they were written, with `end` after each."""
    return chat.answer_text.evaluate(
        """async (text, end) => {
            const said = [...text.querySelectorAll('p')].map((p) => p.textContent + end).join('');
            const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(said));
            return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
        }""",
        end,
    )


def look_around(chat: Chat) -> None:
    """What a reader does while an answer streams in, which is held at its end: each click has its effect meanwhile."""
    for prompt in ("2", "3", "5"):
        chat.message.fill(prompt)
        chat.root.get_by_role("button", name="Queue", exact=True).click()
        expect(chat.queue).to_have_count(1)
        chat.queue.get_by_role("button", name="Cancel").click()
        expect(chat.queue).to_have_count(0)
    expect(chat.answer).to_have_attribute("data-status", "streaming")


def test_a_million_deltas_of_one_turn(notebook: Notebook):
    chat = notebook.show_chat("flood.application()")
    graph = notebook.graph()
    frames = Frames(notebook)
    chat.send(f"{MILLION}|")
    expect(chat.answer).to_have_attribute("data-status", "streaming", timeout=SLOW)

    look_around(chat)
    notebook.execute("flood.let_go()")
    expect(chat.answer).to_have_attribute("data-status", "done", timeout=PATIENCE)
    expect(chat.answer_text.locator("p")).to_have_count(MILLION // flood.WORDS, timeout=PATIENCE)
    written = hashlib.sha256("".join(flood.deltas(MILLION)).encode()).hexdigest()
    assert digest_of(chat) == written
    assert notebook.evaluate("len(chat.turns[-1].deltas), chat.turns[-1].status") == (MILLION, "completed")
    assert len(frames.times) < 100 * (frames.times[-1] - frames.times[0])
    expect(chat.answer).to_contain_text("not every delta has a time of its own")

    # The notebook is idle, and as quick as before.
    notebook.wait_for_kernel()
    expect(notebook.run("6 * 7").locator(".jp-OutputArea-output")).to_have_text("42", timeout=SLOW)
    graph.expect_node("answer", "done", 1)
    chat.ask("2")
    chat.expect_answer("1 2")
    expect(chat.answer).not_to_contain_text("not every delta")


def test_a_million_deltas_of_one_paragraph(notebook: Notebook):
    chat = notebook.show_chat(f"flood.application(words={MILLION + 1})")
    chat.send(f"{MILLION}|")
    expect(chat.answer).to_have_attribute("data-status", "streaming", timeout=SLOW)
    look_around(chat)
    notebook.execute("flood.let_go()")
    expect(chat.answer).to_have_attribute("data-status", "done", timeout=PATIENCE)
    text = "".join(flood.deltas(MILLION, MILLION + 1))
    notebook.page.wait_for_function(
        "([chat, length]) => chat.textContent.length === length",
        arg=[chat.answer_text.element_handle(), len(text)],
        timeout=PATIENCE,
    )
    assert digest_of(chat, end="") == hashlib.sha256(text.encode()).hexdigest()

    # A second one below it is stopped long before its end.
    chat.send(f"{MILLION}|")
    expect(chat.answers).to_have_count(2, timeout=SLOW)
    chat.stop_button.click()
    expect(chat.answer).to_have_attribute("data-status", "stopped", timeout=SLOW)
    expect(chat.status).to_have_text("Stopped", timeout=SLOW)
    chat.wait_until("idle")  # the page says "Stopped" at once, before the kernel has
    assert notebook.evaluate("len(chat.turns[-1].deltas) < 1_000_000, chat.turns[-1].status") == (True, "stopped")
    notebook.wait_for_kernel()


def test_many_small_turns(notebook: Notebook):
    chat = notebook.show_chat("scripted.application()")
    notebook.run(
        "import json\nfor n in range(200):\n    await chat.send(json.dumps({'deltas': 3, 'text': f'{n}:{{n}} '}))"
    )
    expect(chat.answers).to_have_count(200, timeout=SLOW)
    expect(chat.prompts).to_have_count(200, timeout=SLOW)
    chat.expect_answer("199:0 199:1 199:2")
    expect(chat.status).to_have_text("Complete", timeout=SLOW)
    said = [text.strip() for text in chat.answers.locator(".bcw-text").all_text_contents()]
    assert said == [f"{n}:0 {n}:1 {n}:2" for n in range(200)]
    assert [json.loads(text)["text"] for text in chat.prompt_texts.all_text_contents()] == [
        f"{n}:{{n}} " for n in range(200)
    ]
    assert {status for _, status, _ in chat.shown()} == {"done"}
    notebook.wait_for_kernel()


def test_four_chats_at_once(notebook: Notebook):
    count = 100_000
    chats: list[Chat] = []
    for n in range(4):
        chats.append(notebook.show_chat("flood.application()"))
        notebook.execute(f"chat{n} = chat")
    # One of them has no end: the others are complete all the same, and before it.
    notebook.run(
        f"""
endless = asyncio.ensure_future(chat0.send('{10**12}'))
await asyncio.gather(*(each.send('{count}') for each in (chat1, chat2, chat3)))
status = chat0.turns[-1].status
chat0.stop()
await endless"""
    )
    assert notebook.evaluate("status, chat0.turns[-1].status") == ("running", "stopped")
    for chat in chats[1:]:
        expect(chat.answer).to_have_attribute("data-status", "done", timeout=SLOW)
        expect(chat.answer_text.locator("p")).to_have_count(count // flood.WORDS, timeout=SLOW)
        assert digest_of(chat) == hashlib.sha256("".join(flood.deltas(count)).encode()).hexdigest()
    said: int = notebook.evaluate("len(chat0.turns[-1].deltas)")
    expect(chats[0].answer).to_have_attribute("data-status", "stopped", timeout=PATIENCE)
    expect(chats[0].answer_text.locator("p").last).to_contain_text(re.compile(rf"\b{said}\s*$"), timeout=PATIENCE)
    notebook.wait_for_kernel()
