"""What goes wrong is said in the chat, in plain words, where it happened; and the conversation goes on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from support.notebook import SLOW, Chat, Notebook

pytestmark = pytest.mark.parametrize("shared_notebook", [pytest.param({"app": "lab"}, id="lab")], indirect=True)


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    return shared_notebook


def assert_goes_on(chat: Chat, prompt: str = "go on", answer: str | re.Pattern[str] = "All is well") -> None:
    """The next prompt is answered."""
    chat.ask(prompt)
    expect(chat.answer).to_have_attribute("data-status", "done")
    expect(chat.answer_text).to_have_text(answer)


@pytest.mark.parametrize(
    ("way", "said", "message"),
    [
        ("before", [], "broke before the stream"),
        ("during", ["The first half"], "broke in the middle"),
    ],
)
def test_an_action_that_raises(notebook: Notebook, way: str, said: list[str], message: str):
    chat = notebook.show_chat("faulty.application()")
    chat.ask(way)
    expect(chat.answer).to_have_attribute("data-status", "failed")
    expect(chat.answer_text).to_have_text(said)
    expect(chat.error.first).to_have_text(message)
    expect(chat.status).to_have_text(f"Failed: {message}")
    traceback = chat.answer.get_by_text("RuntimeError: traceback")
    expect(chat.answer.locator("pre")).not_to_be_visible()
    traceback.click()
    expect(chat.answer.locator("pre")).to_contain_text("faulty.py")
    notebook.graph().expect_node("prompt", "next", 1)
    assert_goes_on(chat)
    assert notebook.evaluate("len(chat.app.state['chat_history'])") == 2


def test_an_action_that_raises_after_its_result(notebook: Notebook):
    chat = notebook.show_chat("faulty.application()")
    chat.ask("after")
    chat.expect_answer("All of it")
    expect(chat.answer.locator(".bcw-remark")).to_contain_text("broke when all was said")
    assert_goes_on(chat)
    assert notebook.evaluate("len(chat.app.state['chat_history'])") == 4


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("{0: offline.Fault(status=401)}", "refused the API key"),
        ("{1: offline.Fault(status=429)}", "limits the rate"),
        ("{1: offline.Fault(status=500)}", "a problem of its own"),
        ("{1: offline.Fault(drop_after=9)}", "dropped in the middle of the answer"),
        ("{1: offline.Fault(malformed_after=9)}", "JSON"),
    ],
)
def test_a_provider_that_fails(notebook: Notebook, fault: str, message: str):
    client = f"offline.client(rate=2000, first_token=0, faults=offline.Faults(at={fault}))"
    chat = notebook.show_chat(f"demo.application({client})")
    chat.ask("Write a poem about rivers")
    expect(chat.answer).to_have_attribute("data-status", "failed")
    expect(chat.answer.locator(".bcw-error")).to_contain_text(message)
    if "after=9" in fault:
        expect(chat.answer_text).not_to_be_empty()
    expect(chat.retry_button).to_be_visible()
    assert_goes_on(chat, "Write a poem about rain", re.compile("rain"))


def test_a_delta_that_is_no_text(notebook: Notebook):
    chat = notebook.show_chat("faulty.application()")
    chat.ask("no text")
    expect(chat.answers.first).to_contain_text("42")
    assert_goes_on(chat)


def test_half_a_surrogate_pair(notebook: Notebook):
    chat = notebook.show_chat("faulty.application()")
    chat.ask("surrogate")
    chat.expect_answer("half \N{REPLACEMENT CHARACTER} a pair")
    expect(chat.answer.locator(".bcw-remark")).to_contain_text("surrogate")
    assert_goes_on(chat)


def test_a_delta_of_a_megabyte(notebook: Notebook):
    chat = notebook.show_chat("faulty.application()")
    chat.ask("megabyte")
    expect(chat.answer).to_have_attribute("data-status", "done")
    assert notebook.evaluate("chat.turns[-1].text == faulty.MEGABYTE")
    # A long text is rendered in slices.
    notebook.page.wait_for_function(
        "([text, length]) => text.textContent.replace(/\\s/g, '').length === length",
        arg=[chat.answer_text.element_handle(), 15 * 65_536],
        timeout=SLOW,
    )
    assert_goes_on(chat)


def test_a_turn_that_says_nothing(notebook: Notebook):
    chat = notebook.show_chat("faulty.application()")
    chat.ask("empty")
    expect(chat.status).to_have_text("Complete")
    assert_goes_on(chat)


def test_a_prompt_from_a_cell_while_the_pages_turn_runs(notebook: Notebook):
    chat = notebook.show_chat("held.application()")
    chat.send("one |two")
    chat.expect_answer("one ", status="streaming")
    cell = notebook.start("await chat.send('too early')")
    notebook.wait_for_cell(cell)
    error = notebook.error_of(cell)
    assert "TurnRunning" in error
    assert "wait for it to end, or stop it" in error
    notebook.execute("held.let_go()")
    chat.expect_answer("one two")
    assert_goes_on(chat, "and on", "and on")


def test_an_input_that_nobody_can_type(notebook: Notebook):
    chat = notebook.show_chat("faulty.needs_more()")
    expect(chat.note).to_contain_text("action 'search' needs input 'index'; pass inputs={'index': ...}")
    expect(chat.message).not_to_be_editable()
    chat = notebook.show_chat("faulty.needs_more(), inputs={'index': faulty.Index({'a': 'found a'})}")
    expect(chat.message).to_be_editable()
    chat.ask("a")
    assert notebook.evaluate("chat.app.state['found']") == "found a"


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        ("BurrChat()", "NotAnApplication", "ApplicationBuilder.build()"),
        ("BurrChat(object())", "NotAnApplication", "object"),
        ("BurrChat(ApplicationBuilder())", "NotAnApplication", "build()"),
        ("BurrChat(held.application(), promt='x')", "TypeError", "promt"),
        ("BurrChat(held.application(), history='talk')", "ConventionError", "chat_history"),
    ],
)
def test_a_chat_that_cannot_be_made(notebook: Notebook, call: str, error: str, words: str):
    cell = notebook.start(
        f"from burr.core import ApplicationBuilder\nfrom burr_chat_widget import BurrChat\nfrom apps import held\n{call}"
    )
    notebook.wait_for_cell(cell)
    expect(cell.locator(".jp-OutputArea-output")).to_have_count(1)
    last = notebook.error_of(cell).strip().splitlines()[-1]
    assert last.startswith(error)
    assert words in last
