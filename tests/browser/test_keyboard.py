"""No key typed in the widget reaches the notebook, whatever has the focus; what keys do inside it still works."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from support.notebook import SLOW, Chat, Graph, Notebook

PLACES = [pytest.param({"app": "lab"}, id="lab"), pytest.param({"app": "notebook"}, id="notebook7")]
pytestmark = pytest.mark.parametrize("shared_notebook", PLACES, indirect=True)

LETTERS = ["a", "b", "x", "d", "d", "m", "y", "c", "v", "z", "o", "1", "Space"]
CHORDS = [
    "Shift+Enter",
    "Control+Enter",
    "Alt+Enter",
    "Control+z",
    "Control+Shift+z",
    "Control+Shift+Minus",
    "ArrowUp",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "Shift+ArrowUp",
    "Escape",
]


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    return shared_notebook


@pytest.fixture
def chat(notebook: Notebook) -> Chat:
    return notebook.show_chat("held.application()")


def press_all(notebook: Notebook, keys: list[str], element: Locator) -> None:
    """Press each key with the focus on `element`, as a person who comes back to it after each would."""
    for key in keys:
        element.focus()
        notebook.page.keyboard.press(key)


def assert_untouched(notebook: Notebook, chat: Chat, before: list[tuple[str, str, int | None]]) -> None:
    """The cells are as they were, none is running, and the chat is the one it was: a cell run anew would show another."""
    # Whatever a key has started in the kernel is before this.
    notebook.evaluate("None")
    assert notebook.contents() == before
    expect(chat.connection).to_have_text("Connected")
    expect(chat.root).to_have_attribute("data-marked", "yes")
    assert not notebook.page.locator(".jp-Dialog").count()


def mark(notebook: Notebook, chat: Chat) -> list[tuple[str, str, int | None]]:
    chat.root.evaluate("(root) => { root.dataset.marked = 'yes' }")
    return notebook.contents()


def test_in_the_composer(notebook: Notebook, chat: Chat):
    before = mark(notebook, chat)
    press_all(notebook, LETTERS, chat.message)
    expect(chat.message).to_have_value("abxddmycvzo1 ")
    chat.message.fill("")
    press_all(notebook, CHORDS, chat.message)
    assert_untouched(notebook, chat, before)
    expect(chat.prompts).to_have_count(0)


def test_on_a_button(notebook: Notebook, chat: Chat):
    chat.ask("hello")
    button = chat.answer.get_by_role("button", name="Copy", exact=True)
    before = mark(notebook, chat)
    press_all(notebook, LETTERS + CHORDS, button)
    assert_untouched(notebook, chat, before)


def test_on_a_node_of_the_graph(notebook: Notebook, chat: Chat):
    graph = notebook.graph()
    before = mark(notebook, chat)
    press_all(notebook, LETTERS + CHORDS, graph.node("think"))
    assert_untouched(notebook, chat, before)


def test_on_the_conversation(notebook: Notebook, chat: Chat):
    before = mark(notebook, chat)
    press_all(notebook, LETTERS + CHORDS, chat.log)
    assert_untouched(notebook, chat, before)


def test_in_the_graph_of_another_cell(notebook: Notebook, chat: Chat):
    graph: Graph = notebook.graph(notebook.run("chat.graph"))
    before = mark(notebook, chat)
    press_all(notebook, LETTERS + CHORDS, graph.node("answer"))
    assert_untouched(notebook, chat, before)


def test_lines_are_broken_and_undone_and_the_prompt_sent(notebook: Notebook, chat: Chat):
    keyboard = notebook.page.keyboard
    chat.message.focus()
    keyboard.type("one")
    keyboard.press("Shift+Enter")
    keyboard.type("two")
    expect(chat.message).to_have_value("one\ntwo")
    keyboard.press("Control+z")
    expect(chat.message).not_to_have_value("one\ntwo")
    keyboard.press("Control+Shift+z")
    expect(chat.message).to_have_value("one\ntwo")
    keyboard.press("Enter")
    chat.expect_answer("one two")
    assert notebook.evaluate("chat.turns[-1].prompt") == "one\ntwo"


def test_enter_that_belongs_to_an_input_method_does_not_send(chat: Chat):
    chat.message.fill("にほん")
    for options in ("{key: 'Enter', isComposing: true}", "{key: 'Enter', keyCode: 229}"):
        chat.message.evaluate(
            f"(area) => area.dispatchEvent(new KeyboardEvent('keydown', {{bubbles: true, cancelable: true, ...{options}}}))"
        )
    expect(chat.message).to_have_value("にほん")
    expect(chat.prompts).to_have_count(0)
    chat.message.press("Enter")
    chat.expect_answer("にほん")


@pytest.mark.parametrize("where", ["composer", "conversation", "graph"])
def test_saving_still_saves(notebook: Notebook, chat: Chat, where: str):
    element = {"composer": chat.message, "conversation": chat.log, "graph": notebook.graph().node("think")}[where]
    notebook.save()
    notebook.page.evaluate(
        "window.jupyterapp.shell.currentWidget.content.model.setMetadata('marked', performance.now())"
    )
    dirty = "window.jupyterapp.shell.currentWidget.context.model.dirty"
    notebook.page.wait_for_function(dirty, timeout=SLOW)
    element.focus()
    notebook.page.keyboard.press("Control+s")
    notebook.page.wait_for_function(f"!{dirty}", timeout=SLOW)
