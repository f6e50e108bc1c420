"""What a person does about a turn: stop it, queue the next, try again, copy, take a suggestion, run without a text."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from apps import held
from support.notebook import SLOW, Chat, Notebook

OPTIONS: dict[str, Any] = {"app": "lab", "permissions": ["clipboard-read", "clipboard-write"]}
pytestmark = pytest.mark.parametrize("shared_notebook", [pytest.param(OPTIONS, id="lab")], indirect=True)


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    return shared_notebook


@pytest.fixture
def chat(notebook: Notebook) -> Chat:
    return notebook.show_chat("held.application()")


def stop(chat: Chat, how: str) -> None:
    if how == "Stop":
        chat.stop_button.click()
    else:
        chat.message.press("Escape")


@pytest.mark.parametrize("how", ["Stop", "Escape"])
def test_a_stream_is_stopped_and_the_next_prompt_answered(notebook: Notebook, chat: Chat, how: str):
    graph = notebook.graph()
    chat.send("shown |never shown")
    chat.expect_answer("shown ", status="streaming")
    stop(chat, how)
    chat.expect_answer("shown ", status="stopped")
    expect(chat.answer).to_contain_text("Stopped")
    expect(chat.message).to_be_focused()
    chat.wait_until("idle")
    expect(chat.status).to_have_text("Stopped")
    graph.expect_node("prompt", "next", 1)
    assert notebook.evaluate("chat.turns[-1].status, chat.turns[-1].text, chat.app.state['chat_history']") == (
        "stopped",
        "shown ",
        [],
    )

    chat.ask("the next")
    chat.expect_answer("the next")
    expect(chat.answers.first.locator(".bcw-text")).to_have_text("shown ")
    expect(chat.answers.first).to_have_attribute("data-status", "stopped")


def test_stop_is_pressed_while_the_chat_grows(notebook: Notebook, chat: Chat):
    """It moves between the press and the release of the button."""
    chat.send("shown |§|never shown")
    chat.expect_answer("shown ", status="streaming")
    chat.stop_button.hover()
    before = chat.stop_button.bounding_box()
    notebook.page.mouse.down()
    notebook.execute("held.let_go()")
    expect(chat.answer_text.locator("p")).to_have_count(held.PARAGRAPHS)
    assert chat.stop_button.bounding_box() != before
    notebook.page.mouse.up()
    expect(chat.answer).to_have_attribute("data-status", "stopped")
    chat.wait_until("idle")
    assert notebook.evaluate("chat.turns[-1].status") == "stopped"


@pytest.mark.parametrize("prompt", ["~in a silent step", "|before the first delta"])
def test_a_turn_that_has_said_nothing_is_stopped(notebook: Notebook, chat: Chat, prompt: str):
    graph = notebook.graph()
    chat.send(prompt)
    graph.expect_node("think" if prompt.startswith("~") else "answer", "running", 1)
    stop(chat, "Stop")
    expect(chat.answer).to_have_attribute("data-status", "stopped", timeout=SLOW)
    chat.wait_until("idle")
    expect(chat.answer_text).to_have_count(0)
    chat.ask("the next")
    chat.expect_answer("the next")
    assert notebook.evaluate("[turn.status for turn in chat.turns]") == ["stopped", "completed"]


def test_what_is_typed_while_a_turn_runs_is_sent_after_it(notebook: Notebook, chat: Chat):
    chat.send("first|")
    chat.expect_answer("first", status="streaming")
    chat.send("second|")
    chat.send("third")
    chat.send("fourth")
    expect(chat.queue).to_have_count(3)
    expect(chat.prompts).to_have_count(1)
    chat.queue.filter(has_text="third").get_by_role("button", name="Cancel").click()
    expect(chat.queue).to_have_count(2)

    stop(chat, "Stop")
    expect(chat.prompts).to_have_count(2, timeout=SLOW)
    chat.expect_answer("second", status="streaming")
    notebook.execute("held.let_go()")
    expect(chat.prompt_texts).to_have_text(["first|", "second|", "fourth"], timeout=SLOW)
    chat.expect_answer("fourth")
    expect(chat.queue).to_have_count(0)


def test_an_answer_is_tried_again_beside_the_one_before(notebook: Notebook, chat: Chat):
    chat.ask("once")
    chat.ask("twice")
    chat.retry_button.click()
    expect(chat.versions("2 of 2")).to_be_visible()
    expect(chat.prompt_texts).to_have_text(["once", "twice"], timeout=SLOW)
    expect(chat.message).to_be_focused()
    chat.wait_until("idle")
    expect(chat.answers).to_have_count(2)
    chat.expect_answer("twice")
    assert notebook.evaluate("len(chat.turns), len(chat.branches), len(chat.app.state['chat_history'])") == (2, 2, 4)


@pytest.mark.parametrize("how", ["Stop", "Escape"])
def test_a_stopped_turn_is_tried_again_in_its_place(notebook: Notebook, chat: Chat, how: str):
    chat.ask("once")
    chat.send("half |whole")
    chat.expect_answer("half ", status="streaming")
    stop(chat, how)
    chat.expect_answer("half ", status="stopped")
    expect(chat.answer).to_contain_text("A stopped turn is not kept")
    chat.wait_until("idle")
    chat.retry_button.click()
    chat.expect_answer("half ", status="streaming")
    notebook.execute("held.let_go()")
    chat.expect_answer("half whole")
    chat.wait_until("idle")
    expect(chat.root.get_by_text("is not kept")).to_have_count(0)
    expect(chat.versions("1 of 2")).to_have_count(0)
    assert notebook.evaluate("len(chat.branches), len(chat.app.state['chat_history'])") == (1, 4)


def test_a_failed_turn_is_tried_again(notebook: Notebook):
    chat = notebook.show_chat("faulty.application()")
    chat.send("before")
    expect(chat.answer).to_have_attribute("data-status", "failed", timeout=SLOW)
    notebook.execute("faulty.WAYS['before'] = lambda: iter([{'delta': 'mended'}])")
    chat.retry_button.click()
    chat.expect_answer("mended")
    expect(chat.answers).to_have_count(1)
    expect(chat.prompt_texts).to_have_text(["before"])


def test_messages_and_code_are_copied_as_written(notebook: Notebook, chat: Chat):
    text = "Some *code*:\n\n```python\nprint(1)\n```"
    notebook.execute(f"await chat.send({text!r})")
    expect(chat.answer.locator("pre code")).to_have_text("print(1)", timeout=SLOW)
    read = "navigator.clipboard.readText()"
    chat.answer.get_by_role("button", name="Copy", exact=True).click()
    expect(chat.answer).to_contain_text("Copied")
    assert notebook.page.evaluate(read) == text
    chat.answer.get_by_role("button", name="Copy code").click()
    expect(chat.answer.get_by_role("button", name="Copy code")).to_have_text("Copied")
    assert notebook.page.evaluate(read) == "print(1)"


def test_earlier_prompts_are_recalled_and_a_suggestion_is_sent(notebook: Notebook):
    chat = notebook.show_chat("held.application()", suggestions=["Say this", "Say that"])
    suggestion = chat.root.get_by_role("button", name="Say that")
    suggestion.focus()
    notebook.page.keyboard.press("Enter")
    chat.expect_answer("Say that")
    expect(suggestion).to_have_count(0)
    expect(chat.message).to_be_focused()
    chat.message.press("ArrowUp")
    expect(chat.message).to_have_value("Say that")
    chat.message.press("ArrowDown")
    expect(chat.message).to_have_value("")


def test_an_application_without_inputs_is_run_and_says_when_it_has_ended(notebook: Notebook):
    chat = notebook.show_chat("faulty.without_inputs()")
    expect(chat.message).to_have_count(0)
    chat.run_button.click()
    chat.expect_answer("counted to 1")
    expect(chat.note).to_contain_text("The application has ended: 'count' would begin again.", timeout=SLOW)
    expect(chat.run_button).to_have_count(0)
    chat.root.get_by_role("button", name="Start again").click()
    chat.run_button.click()
    chat.expect_answer("counted to 2")
