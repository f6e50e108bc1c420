"""A conversation in cells, in a real front end."""

from __future__ import annotations

from playwright.sync_api import expect

from support.notebook import Notebook
from support.scripts import script, words

HOSTILE = (
    "![seen](https://example.com/seen.png) <img src='https://example.com/tag.png'> "
    "<div style='background: url(https://example.com/css.png)'>x</div> ![by name][name]\\n\\n[name]: https://example.com/name.png\\n\\n"
    "```html\\n<b>kept</b>\\n```\\n"
)


def test_an_answer_grows_below_its_cell_and_in_the_chat(notebook: Notebook):
    notebook.run("%load_ext burr_chat_widget\nfrom apps import scripted\napp = scripted.application()")
    chat = notebook.chat(notebook.run("%chat app"))
    cell = notebook.start(f"%%chat\n{script(deltas=400, delay=0.01)}")
    below = cell.locator(".jp-RenderedMarkdown")
    expect(below).to_contain_text("word3 ")
    expect(chat.answer).to_contain_text("word3 ")
    expect(below).not_to_contain_text("word399")
    notebook.wait_for_cell(cell)
    expect(below).to_have_text(words(400).strip())
    expect(below).to_have_count(1)
    chat.expect_answer(words(400))


def test_nothing_is_fetched_because_the_model_wrote_it(notebook: Notebook):
    notebook.run("%load_ext burr_chat_widget\nfrom apps import scripted\napp = scripted.application()\n%chat app")
    cell = notebook.run(f'%%chat\n{{"deltas": 1, "text": "{HOSTILE}"}}')
    below = cell.locator(".jp-RenderedMarkdown")
    expect(below.locator("pre")).to_have_text("<b>kept</b>\n")
    expect(below.locator("img, [style*=background]")).to_have_count(0)
    assert notebook.foreign_requests() == []
