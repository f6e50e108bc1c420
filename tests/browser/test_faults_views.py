"""Views that come and go, sleep and wake in mid-stream: each shows the whole conversation, and none holds up another."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.notebook import SLOW, Chat, Notebook

pytestmark = pytest.mark.parametrize("shared_notebook", [pytest.param({"app": "lab"}, id="lab")], indirect=True)

ENDLESS = json.dumps({"deltas": 1_000_000, "delay": 0.005})
FINITE = json.dumps({"deltas": 500, "delay": 0.005})
WORDS = "".join(f"word{n} " for n in range(500)).strip()


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    return shared_notebook


@pytest.fixture
def chat(notebook: Notebook) -> Chat:
    return notebook.show_chat("scripted.application()")


def begin(chat: Chat, prompt: str = ENDLESS) -> None:
    chat.send(prompt)
    expect(chat.answer_text).to_contain_text("word20 ", timeout=SLOW)


def expect_growth(chat: Chat) -> None:
    """Wait until more is shown than now."""
    count = chat.answer_text.evaluate("(text) => text.textContent.length")
    expect(chat.answer_text).to_have_text(re.compile(rf"^.{{{count + 100},}}", re.DOTALL), timeout=SLOW)


def expect_whole(notebook: Notebook, *chats: Chat) -> None:
    """Stop the turn and compare what each shows with what was said, to the last character."""
    chats[0].stop_button.click()
    for chat in chats:
        chat.wait_until("idle")
    said = notebook.evaluate("chat.turns[-1].text").strip()
    for chat in chats:
        chat.expect_answer(said, status="stopped")
        expect(chat.articles).to_have_count(2)


def test_a_page_reloaded_while_text_is_under_way(notebook: Notebook, chat: Chat):
    begin(chat)
    notebook.reload()
    chat = notebook.chat()
    expect_growth(chat)
    expect_whole(notebook, chat)


def test_outputs_are_cleared_one_after_the_other(notebook: Notebook, chat: Chat):
    second = notebook.chat(notebook.run("chat"))
    third_cell = notebook.run("chat")
    third = notebook.chat(third_cell)
    begin(third)
    notebook.command("notebook:clear-cell-output")
    expect(third_cell.locator(".bcw")).to_have_count(0)
    expect_growth(second)
    notebook.command("notebook:delete-cell")
    expect_growth(second)
    notebook.command("notebook:clear-all-cell-outputs")
    expect(notebook.page.locator(".bcw")).to_have_count(0)

    chat = notebook.chat(notebook.run("chat"))
    late = notebook.chat(notebook.run("chat"))
    expect_growth(chat)
    expect_whole(notebook, chat, late)


def test_the_chats_cell_is_run_again(notebook: Notebook, chat: Chat):
    begin(chat)
    notebook.execute("old = chat")
    cell = notebook.cells.last
    notebook.command("notebook:run-cell")
    fresh = notebook.chat(cell)
    expect(fresh.connection).to_have_text("Connected", timeout=SLOW)
    expect(fresh.articles).to_have_count(0)
    fresh.ask("hello")
    fresh.expect_answer("hello")
    # The other turn has gone on all the while, and nothing of it is here.
    said = "len(old.turns[-1].deltas)"
    before = notebook.evaluate(said)
    assert before > 20
    fresh.ask("and on")
    assert notebook.evaluate(said) > before
    notebook.execute("old.stop()")
    expect(fresh.prompt_texts).to_have_text(["hello", "and on"])
    expect(fresh.answers.locator(".bcw-text")).to_have_text(["hello", "and on"])
    assert notebook.evaluate("len(chat.turns), len(old.turns)") == (2, 1)


HIDE = """() => {
    window.seen = {requestAnimationFrame: window.requestAnimationFrame};
    window.requestAnimationFrame = () => 0;
    Object.defineProperty(document, 'hidden', {configurable: true, get: () => true});
    Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => 'hidden'});
    document.dispatchEvent(new Event('visibilitychange'));
}"""
SHOW = """() => {
    Object.assign(window, window.seen);
    delete document.hidden;
    delete document.visibilityState;
    document.dispatchEvent(new Event('visibilitychange'));
}"""
"""A headless browser hides no tab, whatever is in front of it: so this is what a page is told when it is hidden."""


def test_a_hidden_page_keeps_up_and_comes_back(notebook: Notebook, chat: Chat):
    begin(chat)
    notebook.page.evaluate(HIDE)
    # It is far behind only for the eye: the kernel waits for no ack, and a prompt from elsewhere is answered.
    expect_growth(chat)
    expect_growth(chat)
    has_credit = "len(chat._session.outbox._sent) < chat._session.outbox.limits.window_frames"
    notebook.until(lambda: notebook.evaluate(has_credit), "the page to acknowledge what it has")
    notebook.execute("chat.stop()")
    expect(chat.answer).to_have_attribute("data-status", "stopped", timeout=SLOW)
    notebook.execute(f"await chat.send({FINITE!r})")
    chat.expect_answer(WORDS)
    notebook.page.evaluate(SHOW)
    chat.ask("and on")
    chat.expect_answer("and on")


def test_a_page_whose_frames_stop_unannounced(notebook: Notebook, chat: Chat):
    """As when another window covers it: it is not hidden, and no animation frame comes."""
    begin(chat)
    notebook.page.evaluate(
        "() => { window.animate = window.requestAnimationFrame; window.requestAnimationFrame = () => 0; }"
    )
    expect_growth(chat)
    expect_growth(chat)
    notebook.page.evaluate("() => { window.requestAnimationFrame = window.animate; }")
    expect_whole(notebook, chat)


def test_a_page_frozen_for_longer_than_the_kernel_waits(notebook: Notebook, chat: Chat, tmp_path: Path):
    frozen, forgotten = tmp_path / "frozen", tmp_path / "forgotten"
    begin(chat)
    notebook.execute(
        "import dataclasses, pathlib, threading, time\n"
        "outbox = chat._session.outbox\n"
        "limits = outbox.limits\n"
        "def watch():\n"
        f"    while not pathlib.Path({str(frozen)!r}).exists():\n"
        "        time.sleep(0.02)\n"
        "    outbox.limits = dataclasses.replace(limits, forget=0.5)\n"
        "    while outbox._clients:\n"
        "        time.sleep(0.02)\n"
        "    outbox.limits = limits\n"
        "    chat.stop()\n"
        "    while chat.turns[-1].status == 'running':\n"
        "        time.sleep(0.02)\n"
        f"    pathlib.Path({str(forgotten)!r}).touch()\n"
        "threading.Thread(target=watch, daemon=True).start()"
    )
    session = notebook.context.new_cdp_session(notebook.page)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    frozen.touch()
    end = time.monotonic() + SLOW / 1000
    while not forgotten.exists():
        assert time.monotonic() < end, "the kernel still waits for the page"
        time.sleep(0.05)
    assert chat.answer.get_attribute("data-status") == "streaming", "the page was not frozen"
    session.send("Page.setWebLifecycleState", {"state": "active"})
    chat.wait_until("idle")
    chat.expect_answer(notebook.evaluate("chat.turns[-1].text").strip(), status="stopped")
    chat.ask("and on")
    chat.expect_answer("and on")
