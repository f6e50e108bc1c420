"""The README's pictures: a chat in JupyterLab in the middle of an answer. They are only taken when all that they show is there.

`UPDATE_IMAGES=1 make browser ARGS="-k screenshots"` writes them into docs/images/, anything else into test-results/.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from support.jupyter import Jupyter
from support.notebook import SLOW, Notebook

FOLDER = Path("docs/images" if os.environ.get("UPDATE_IMAGES") else "test-results")

SETUP = """
from burr_chat_widget import BurrChat, demo, offline

# The fourth request is the second answer: it comes to a halt in the middle, so that there is time for the picture.
faults = offline.Faults(at={3: offline.Fault(stall_after=147, stall=3600)})
app = demo.application(client=offline.client(rate=1000, first_token=0, faults=faults))
"""

CELL = """
chat = BurrChat(app, suggestions=demo.SUGGESTIONS)
chat
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chat_and_its_state_machine(theme: str, browser: Browser, jupyter: Jupyter):
    notebook = Notebook.create(
        browser,
        jupyter,
        name=f"screenshot-{theme}",
        dark=theme == "dark",
        size=(1440, 900),
        device_scale_factor=2,
        reduced_motion="reduce",
    )
    try:
        notebook.run(SETUP.strip())
        cell = notebook.run(CELL.strip())
        chat = notebook.chat(cell)
        chat.ask("Write a poem about a river at night")
        chat.send("How does one word get from `yield` to this page?")

        expect(chat.answer).to_contain_text("appends to the", timeout=SLOW)
        expect(chat.answer).to_have_attribute("data-status", "streaming")
        expect(chat.stop_button).to_be_visible()
        graph = cell.locator('.bcw[data-view="graph"]')
        expect(graph.locator("[data-action]")).to_have_count(8)
        expect(graph.locator('[data-action="answer_question"]')).to_have_attribute("data-status", "running")
        expect(graph.locator('[data-action="generate_poem"]')).to_have_attribute("data-visits", "1")
        taken = '[data-from="decide_mode"][data-to="answer_question"]'
        expect(graph.locator(taken)).to_have_attribute("data-taken", "1")

        notebook.page.mouse.move(0, 0)
        FOLDER.mkdir(parents=True, exist_ok=True)
        cell.screenshot(path=FOLDER / f"chat-{theme}.png")
    finally:
        notebook.close()
