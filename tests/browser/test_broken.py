"""What the reader is told when the widget itself cannot work: never an empty cell."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from support.notebook import SLOW, Notebook

BREAK = """() => {
window.ResizeObserver = class extends window.ResizeObserver {
    observe(element) {
        if (element.closest?.('.bcw[data-view="%s"]')) throw new Error('made to fail');
        super.observe(element);
    }
};
}"""


@pytest.mark.parametrize(("broken", "whole"), [("chat", "graph"), ("graph", "chat")])
def test_a_view_that_cannot_be_rendered_says_so(notebook: Notebook, broken: str, whole: str):
    notebook.page.evaluate(BREAK % broken)
    cell = notebook.run(
        "from burr_chat_widget import BurrChat\nfrom apps import held\nBurrChat(held.application(), title='Held')"
    )
    alert = cell.get_by_role("alert")
    expect(alert).to_contain_text("This view could not be shown", timeout=SLOW)
    expect(alert).to_contain_text("made to fail")
    expect(cell.locator(f'.bcw[data-view="{whole}"]')).to_contain_text("Held" if whole == "chat" else "think")


def test_without_openai_the_cell_says_what_to_install(notebook: Notebook):
    notebook.execute("import sys; sys.modules['openai'] = None")
    cell = notebook.start("from burr_chat_widget import BurrChat, demo\nBurrChat(demo.application())")
    notebook.wait_for_cell(cell)
    last = notebook.error_of(cell).strip().splitlines()[-1]
    assert last.startswith(("ImportError", "ModuleNotFoundError"))
    assert "burr-chat-widget[demo]" in last


def test_a_view_whose_chat_is_gone_says_so(notebook: Notebook):
    notebook.show_chat("held.application()")
    cell = notebook.run("graph = chat.graph\nchat.close()\ngraph")
    expect(cell.locator(".jp-OutputArea-output")).to_have_text("<graph of <BurrChat 'Chat': 0 turns, closed>>")
