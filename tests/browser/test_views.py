"""One conversation in several views: further cells, views that come late, a reloaded page, a second page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

import burr_chat_widget
from support.notebook import SLOW, Chat, Notebook

BUNDLE = (Path(burr_chat_widget.__file__).parent / "static/widget.js").stat().st_size
SMALL = BUNDLE // 4
"""Bytes that two further views may cost: a few thousand of ours, and whatever Jupyter says about their cells and the kernel."""

pytestmark = pytest.mark.parametrize(
    "shared_notebook",
    [pytest.param({"app": "lab"}, id="lab"), pytest.param({"app": "notebook"}, id="notebook7")],
    indirect=True,
)


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    return shared_notebook


def expect_alike(notebook: Notebook, *chats: Chat) -> None:
    """Wait until all show the same messages, to the last element; none of them shows none."""
    notebook.until(lambda: all(chat.shown() == chats[0].shown() != [] for chat in chats), "all to show the same")


def test_views_before_and_in_mid_stream_show_the_whole_conversation(notebook: Notebook):
    first = notebook.show_chat("held.application()")
    graph = notebook.graph()
    first.ask("an earlier prompt")
    second = notebook.chat(notebook.run("chat"))
    other_graph = notebook.graph(notebook.run("chat.graph"))
    expect_alike(notebook, first, second)
    other_graph.expect_node("answer", "done", 1)

    second.send("one |two |three")
    first.expect_answer("one ", status="streaming")
    notebook.execute("held.let_go()")
    first.expect_answer("one two ", status="streaming")
    late = notebook.chat(notebook.run("chat"))
    late_graph = notebook.graph(notebook.run("chat.graph"))
    for chat in (second, late):
        chat.expect_answer("one two ", status="streaming")
    for each in (graph, other_graph, late_graph):
        each.expect_node("answer", "running", 2)
        each.expect_taken("think", "answer", 2)

    notebook.execute("held.let_go()")
    for chat in (first, second, late):
        chat.expect_answer("one two three")
        expect(chat.articles).to_have_count(4)
    expect_alike(notebook, first, second, late)
    for each in (graph, other_graph, late_graph):
        each.expect_node("prompt", "next", 2)
        each.expect_taken("answer", "prompt", 2)


def test_the_bundle_travels_once(notebook: Notebook):
    before = notebook.received
    chat = notebook.show_chat("held.application()")
    expect(chat.connection).to_have_text("Connected", timeout=SLOW)
    assert notebook.received - before > BUNDLE
    before = notebook.received
    notebook.chat(notebook.run("chat"))
    notebook.graph(notebook.run("chat.graph"))
    assert notebook.received - before < SMALL


def test_a_view_that_is_taken_away_leaves_the_others(notebook: Notebook):
    chat = notebook.show_chat("held.application()")
    second = notebook.run("chat")
    view = notebook.chat(second)
    notebook.command("notebook:delete-cell")
    expect(view.root).to_have_count(0)
    chat.ask("still here")
    chat.expect_answer("still here")
    notebook.run("chat.close()")
    # What the notebook's file keeps of it is all that is left.
    expect(chat.root.and_(notebook.page.locator(":not(.bcw-saved *)"))).to_have_count(0)


def test_a_page_reloaded_in_mid_stream_shows_everything(own_notebook: Notebook):
    notebook = own_notebook
    chat = notebook.show_chat("held.application()")
    notebook.run("chat.graph")
    chat.ask("an earlier prompt")
    chat.send("one |two")
    chat.expect_answer("one ", status="streaming")

    notebook.reload()
    chat = notebook.chat()
    graph = notebook.graph()
    expect(chat.prompt_texts).to_have_text(["an earlier prompt", "one |two"], timeout=SLOW)
    chat.expect_answer("one ", status="streaming")
    graph.expect_node("answer", "running", 2)
    notebook.execute("held.let_go()")
    chat.expect_answer("one two")
    graph.expect_node("prompt", "next", 2)
    chat.ask("and on")
    chat.expect_answer("and on")


def test_a_second_page_is_the_same_conversation(own_notebook: Notebook, browser: Browser):
    notebook = own_notebook
    chat = notebook.show_chat("held.application()")
    chat.send("one |two")
    chat.expect_answer("one ", status="streaming")
    notebook.save()
    context = browser.new_context()
    page = Notebook(context.new_page(), context, notebook.jupyter, notebook.app, notebook.name)
    page.open()
    other = page.chat()
    other.expect_answer("one ", status="streaming")

    # It sees that a turn runs: what is typed there waits for its end.
    other.send("from the other page")
    expect(other.queue).to_have_count(1)
    notebook.execute("held.let_go()")
    for each in (chat, other):
        expect(each.prompt_texts).to_have_text(["one |two", "from the other page"], timeout=SLOW)
        each.expect_answer("from the other page")
    expect_alike(notebook, chat, other)
    other.send("~stop me")
    other.wait_until("running")
    expect(chat.stop_button).to_be_visible(timeout=SLOW)
    chat.stop_button.click()
    for each in (chat, other):
        expect(each.answer).to_have_attribute("data-status", "stopped", timeout=SLOW)
    context.close()


def test_a_graph_without_a_size_follows_a_turn(notebook: Notebook):
    """As when the page is laid out late: the view was moved while it was being read."""
    chat = notebook.show_chat("held.application()")
    chat.send("one |two")
    chat.expect_answer("one ", status="streaming")
    notebook.page.add_style_tag(content='.bcw[data-view="graph"] { display: none !important }')
    cell = notebook.run("chat.graph")
    notebook.execute("held.let_go()")
    chat.expect_answer("one two")
    graph = cell.locator('.bcw[data-view="graph"]')
    expect(graph.get_by_role("alert")).to_have_count(0)
    expect(graph.locator('[data-action="answer"]')).to_have_attribute("data-status", "done", timeout=SLOW)
