"""A conversation in cells, in a real front end."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import expect

from support.notebook import Notebook
from support.scripts import waiting_app, words

SEEN = "![seen](https://example.com/seen.png)"
HOSTILE = [
    f"{SEEN} <img src='https://example.com/tag.png'> <div style='background: url(https://example.com/css.png)'>x</div>",
    "![by name][name]\n\n[name]: https://example.com/name.png\n",
    # Fences that end before this, or never begin, as JupyterLab reads them.
    f"- a\n  ```\n\n{SEEN}",
    "- a\n  ```\n\n<img src='https://example.com/tag.png'>",
    f"$$\n```\n$$\n\n{SEEN}",
    f"$a\n```\nb$\n\n{SEEN}",
    f"```\n\\begin{{a}}\n```\n\\end{{a}}\n\n```\n{SEEN}\n```",
    f'[a]: x "b\n```\n"\n\n{SEEN}\n```',
    # Diagrams have images, too.
    '```mermaid\nflowchart TD\n  A@{ img: "https://example.com/diagram.png", label: "x", w: 60, h: 60 }\n```',
    '- ~~~ mermaid\n  %%{init: {"themeCSS": "* { background-image: url(https://example.com/theme.png) }"}}%%\n  flowchart TD\n  A\n  ~~~',
]
KEPT = "```html\n<b>kept</b>\n```\n"


def test_an_answer_grows_below_its_cell_and_in_the_chat(notebook: Notebook, tmp_path: Path):
    notebook.run(f"%load_ext burr_chat_widget\n{waiting_app(tmp_path)}")
    chat = notebook.chat(notebook.run("%chat app"))
    cell = notebook.start(f"%%chat\nat first @then {words(400)}@last at last")
    below = cell.locator(".jp-RenderedMarkdown")
    for shown, gate in (("at first", "then"), (f"at first {words(400).strip()}", "last")):
        expect(below).to_have_text(shown)
        chat.expect_answer(shown, status="streaming")
        (tmp_path / gate).touch()
    notebook.wait_for_cell(cell)
    expect(below).to_have_text(f"at first {words(400)}at last")
    expect(below).to_have_count(1)
    chat.expect_answer(f"at first {words(400)}at last")


def test_nothing_is_fetched_because_the_model_wrote_it(notebook: Notebook):
    notebook.run("%load_ext burr_chat_widget\nfrom apps import scripted\napp = scripted.application()\n%chat app")
    for text in [*HOSTILE, KEPT]:
        cell = notebook.run(f"%%chat\n{json.dumps({'deltas': 1, 'text': text})}")
        below = cell.locator(".jp-RenderedMarkdown")
        expect(below).not_to_be_empty()
        expect(below.locator("img, [style*=background]")).to_have_count(0)
    expect(below.locator("pre")).to_have_text("<b>kept</b>\n")
    assert notebook.foreign_requests() == []
