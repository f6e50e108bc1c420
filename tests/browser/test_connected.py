"""A chat that is connected to a server, on a page of JupyterLab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.notebook import SLOW, Notebook
from support.served import Server

RESULTS = Path("test-results")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path, target="apps.waiting:builder")
    try:
        made.start()
        yield made
    finally:
        made.kill()
        made.way.close()


def test_a_page_chats_with_a_server_that_goes_away_and_comes_back(notebook: Notebook, server: Server):
    notebook.run("from burr_chat_widget import BurrChat")
    cell = notebook.run(f"chat = BurrChat.connect({server.url!r}, app_id='rivers')\nchat")
    chat, graph = notebook.chat(cell), notebook.graph(cell)
    expect(chat.connection).to_have_text("Connected", timeout=SLOW)
    chat.ask("one two")
    graph.expect_node("answer", "done", 1)

    chat.message.fill("three @rest four")
    chat.message.press("Enter")
    expect(chat.articles).to_have_count(4, timeout=SLOW)
    expect(chat.articles.last).to_contain_text("three", timeout=SLOW)
    server.way.cut()
    expect(chat.message).to_have_attribute("aria-disabled", "true", timeout=SLOW)
    expect(chat.root).to_contain_text("does not answer any more. It is tried again; what runs there may go on.")
    expect(chat.connection).to_have_text("Server not reached")
    expect(chat.status).to_have_text("Waiting for the server")
    RESULTS.mkdir(exist_ok=True)
    chat.root.screenshot(path=RESULTS / "connected-away.png")

    server.let_go("rest")
    server.way.mend()
    expect(chat.message).to_have_attribute("aria-disabled", "false", timeout=SLOW)
    expect(chat.connection).to_have_text("Connected")
    expect(chat.articles.last).to_contain_text("three four", timeout=SLOW)
    chat.wait_until("idle")
    graph.expect_node("answer", "done", 2)
    chat.root.screenshot(path=RESULTS / "connected-back.png")


def test_what_the_server_withholds_is_not_offered(notebook: Notebook, server: Server):
    notebook.run("from burr_chat_widget import BurrChat")
    cell = notebook.run(f"chat = BurrChat.connect({server.url!r}, app_id='lakes')\nchat")
    chat = notebook.chat(cell)
    expect(chat.connection).to_have_text("Connected", timeout=SLOW)
    chat.ask("one two")
    inspector = notebook.run("chat.inspector").locator('.bcw[data-view="inspector"]')
    expect(inspector.get_by_role("tabpanel")).to_have_text(
        "The server does not show its clients values of the state.", timeout=SLOW
    )
    for name in ["Edit", "Retry"]:
        expect(chat.root.get_by_role("button", name=name)).to_have_count(0)
    for name in ["Rewind", "Fork", "Add a key", "Step", "Pause"]:
        expect(inspector.get_by_role("button", name=name, exact=True)).to_have_count(0)
    inspector.screenshot(path=RESULTS / "connected-inspector.png")
    timeline = notebook.run("chat.timeline").locator('.bcw[data-view="timeline"]')
    expect(timeline.get_by_role("region", name="Figures")).to_contain_text("2 deltas", timeout=SLOW)
    expect(timeline.get_by_role("button", name="Pause")).to_have_count(0)
