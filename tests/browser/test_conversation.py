"""A chat and its state machine in a cell: the way from a prompt to what the reader sees, in every app and kernel."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from support.notebook import SLOW, Notebook

PLACES = [
    pytest.param({"app": "lab"}, id="lab"),
    pytest.param({"app": "notebook"}, id="notebook7"),
    pytest.param({"app": "lab", "kernel": "ipykernel-6.31"}, id="lab-ipykernel6"),
    pytest.param({"app": "notebook", "kernel": "ipykernel-6.31"}, id="notebook7-ipykernel6"),
]


def words(text: str) -> list[str]:
    """What Markdown makes of a text has the same words."""
    return re.findall(r"\w+", text)


@pytest.mark.parametrize("shared_notebook", PLACES, indirect=True)
def test_typing_and_python_are_one_conversation(shared_notebook: Notebook):
    notebook = shared_notebook
    chat = notebook.show_chat("demo.application()")

    chat.ask("Write a poem about a river at night")
    expect(chat.prompt_texts).to_have_text(["Write a poem about a river at night"])
    assert words(chat.answer_text.inner_text()) == words(notebook.evaluate("chat.turns[-1].text"))
    assert notebook.evaluate("chat.turns[-1].actions[-1], chat.turns[-1].status") == ("generate_poem", "completed")

    cell = notebook.run('turn = await chat.send("Tell me something unsafe")\nprint(turn.text)')
    said = notebook.evaluate("turn.text")
    expect(cell.locator(".jp-OutputArea-output")).to_have_text(said, timeout=SLOW)
    chat.expect_answer(said)
    expect(chat.prompt_texts).to_have_text(["Write a poem about a river at night", "Tell me something unsafe"])
    assert notebook.evaluate("len(chat.turns), len(chat.app.state['chat_history'])") == (2, 4)


@pytest.mark.parametrize("shared_notebook", PLACES, indirect=True)
def test_the_graph_lights_up_as_the_turn_goes_on(shared_notebook: Notebook):
    notebook = shared_notebook
    chat = notebook.show_chat("held.application()")
    graph = notebook.graph()
    graph.expect_node("prompt", "next", 0)
    graph.expect_taken("prompt", "think", 0)

    chat.send("~one |two")
    graph.expect_node("think", "running", 1)
    graph.expect_node("prompt", "done", 1)
    graph.expect_taken("prompt", "think", 1)
    expect(chat.typing).to_contain_text("think", timeout=SLOW)
    expect(chat.status).to_have_text("Running think", timeout=SLOW)
    expect(chat.answers).to_have_count(0)

    notebook.execute("held.let_go()")
    graph.expect_node("answer", "running", 1)
    graph.expect_node("think", "done", 1)
    chat.expect_answer("one ", status="streaming")
    expect(chat.typing).to_have_count(0)
    expect(chat.status).to_have_text("Generating", timeout=SLOW)

    notebook.execute("held.let_go()")
    chat.expect_answer("one two")
    expect(chat.status).to_have_text("Complete", timeout=SLOW)
    graph.expect_node("answer", "done", 1)
    graph.expect_node("prompt", "next", 1)
    for source, target in (("prompt", "think"), ("think", "answer"), ("answer", "prompt")):
        graph.expect_taken(source, target, 1)


@pytest.mark.parametrize("shared_notebook", PLACES[:2], indirect=True)
def test_roles_names_and_attributes(shared_notebook: Notebook):
    """The page's public surface: what people with assistive technology, and tests, find things by."""
    notebook = shared_notebook
    chat = notebook.show_chat("held.application()", title="Echo", suggestions=["Say hello"])
    graph = notebook.graph()
    chat.wait_until("idle")
    expect(graph.root).to_have_attribute("data-session-status", "idle")
    expect(graph.group).to_be_visible()
    expect(chat.log).to_have_attribute("aria-live", "off")
    expect(chat.root.get_by_role("region", name="Echo")).to_be_visible()
    expect(chat.send_button).to_have_attribute("aria-disabled", "true")
    expect(graph.root.get_by_role("list", name="Actions")).to_have_count(1)

    chat.root.get_by_role("button", name="Say hello").click()
    chat.expect_answer("Say hello")
    chat.send("a|b")
    for root in (chat.root, graph.root):
        expect(root).to_have_attribute("data-session-status", "running", timeout=SLOW)
    expect(chat.stop_button).to_be_visible()
    expect(chat.log).to_have_attribute("aria-busy", "true", timeout=SLOW)
    chat.expect_answer("a", status="streaming")
    notebook.execute("held.let_go()")
    chat.expect_answer("ab")
    for root in (chat.root, graph.root):
        expect(root).to_have_attribute("data-session-status", "idle", timeout=SLOW)
    expect(chat.articles).to_have_count(4)
    expect(chat.prompts.last).to_have_attribute("data-status", "done")
    expect(chat.answer.get_by_role("button", name="Copy", exact=True)).to_be_visible()
    expect(chat.retry_button).to_have_count(1)
    expect(chat.root.get_by_role("button", name="Retry")).to_have_count(2)
    expect(chat.root.get_by_role("button", name="Edit")).to_have_count(2)
    expect(graph.node("think")).to_have_attribute("aria-label", re.compile("^think, .*done"))
