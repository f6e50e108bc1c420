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
