"""A saved notebook, opened by a reader who has no kernel."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from support.notebook import Notebook
from support.scripts import script, words


@pytest.mark.parametrize("notebook", [pytest.param({"app": app}, id=app) for app in ("lab", "notebook")], indirect=True)
def test_it_stands_in_the_file_and_is_not_seen_beside_the_chat(notebook: Notebook):
    cell = notebook.run(
        "from burr_chat_widget import BurrChat\nfrom apps import scripted\nBurrChat(scripted.application())"
    )
    chat = notebook.chat(cell)
    beside = cell.locator(".bcw-saved")
    for count in (2, 3):
        chat.ask(script(deltas=count))
        expect(beside).to_contain_text(words(count).strip())  # without a cell being run
    expect(beside).to_have_count(1)
    expect(beside).to_be_hidden()
    notebook.save()
    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    notebook.open()
    beside = notebook.page.locator(".bcw-saved")
    expect(beside).to_be_visible()
    expect(beside).to_contain_text(words(3).strip())
    picture = beside.get_by_role("img")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 100")
    notebook.page.screenshot(path="test-results/saved.png")
