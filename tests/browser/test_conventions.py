"""Applications in the shapes of Burr's examples, the most different ones, each through its turns in JupyterLab."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from apps.conventions.rows import ROWS
from support.notebook import SLOW, Chat, Notebook

CHOSEN = (
    "streaming chatbot",
    "multi-modal",
    "retrieval from a graph",
    "typed state",
    "structured course",
    "several agents",
    "models in parallel",
    "counter",
)


def show(notebook: Notebook, row: str) -> Chat:
    """A chat with the application of that row."""
    cell = notebook.run(
        "from burr_chat_widget import BurrChat\nfrom apps.conventions.rows import ROWS\n"
        f"row = ROWS[{row!r}]\nchat = BurrChat(row.make(), inputs=row.inputs)\nchat"
    )
    chat = notebook.chat(cell)
    expect(chat.connection).to_have_text("Connected", timeout=SLOW)
    return chat


def give(chat: Chat, given: str | dict[str, Any] | None) -> None:
    """Type it, fill it in, or press Run."""
    if isinstance(given, str):
        chat.send(given)
    elif given is None:
        chat.run_button.click()
    else:
        form = chat.root.get_by_role("form")
        for name, value in given.items():
            text = "\n".join(value) if isinstance(value, list) else str(value)
            form.get_by_role("textbox", name=name).fill(text)
        chat.send_button.click()


def expect_shown(article: Locator, kind: str, text: Any, result: str | None = None) -> None:
    """Wait until the message is shown in the way of its kind."""
    if kind in ("user", "text"):
        plain = re.sub(r"^- |\*\*", "", text, flags=re.MULTILINE)
        expect(article.locator(".bcw-text")).to_have_text(plain, timeout=SLOW, use_inner_text=True)
    elif kind == "code":
        expect(article.get_by_role("region", name="Code")).to_have_text(text)
    elif kind == "image":
        expect(article.get_by_role("img")).to_be_visible()
    elif kind == "error":
        expect(article.locator(".bcw-error")).to_have_text(text)
    elif kind == "tool-call":
        article.get_by_role("button", name=re.compile(", done$")).click()
        expect(article.get_by_role("region", name="Result")).to_contain_text(str(result).strip('[]"'))
    else:
        expect(article).to_contain_text(str(next(iter(text.values())) if isinstance(text, dict) else text))


@pytest.mark.parametrize("name", CHOSEN)
def test_its_turns(shared_notebook: Notebook, name: str):
    chat = show(shared_notebook, name)
    graph = shared_notebook.graph()
    visits = Counter[str]()
    seen = 0
    for turn in ROWS[name].turns:
        give(chat, turn.given)
        expect(chat.articles).to_have_count(seen + len(turn.shown), timeout=SLOW)
        for number, shown in enumerate(turn.shown, seen):
            article = chat.articles.nth(number)
            expect(article).to_have_attribute("data-role", "user" if shown[0] == "user" else "assistant")
            expect(article).to_have_attribute("data-status", "done", timeout=SLOW)
            expect_shown(article, *shown)
        seen += len(turn.shown)
        visits.update(turn.actions)
        for action in set(turn.actions):
            expect(graph.node(action)).to_have_attribute("data-visits", str(visits[action]), timeout=SLOW)
        chat.wait_until("idle")
        told = (
            f"chat.turns[-1].status, chat.turns[-1].actions, {{key: chat.app.state[key] for key in {list(turn.state)}}}"
        )
        expected = repr(("completed", turn.actions, turn.state))
        assert shared_notebook.execute(f"print(repr(({told})))").strip() == expected
        if turn.ends:
            chat.root.get_by_role("button", name="Start again").click()
    assert shared_notebook.foreign_requests() == []
