"""The README's pictures: a chat in JupyterLab in the middle of an answer, and its views. They are only taken when all that they show
is there.

`UPDATE_IMAGES=1 make browser ARGS="-k screenshots"` writes them into docs/images/, anything else into test-results/.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from support.jupyter import Jupyter
from support.notebook import SLOW, Notebook
from support.timeline import show_timeline

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


def test_the_inspector_and_the_timeline(browser: Browser, jupyter: Jupyter):
    """Of one turn: the step that decided, and a delta on its way."""
    notebook = Notebook.create(
        browser,
        jupyter,
        name="screenshot-views",
        size=(1400, 1800),
        device_scale_factor=1.5,
        reduced_motion="reduce",
    )
    try:
        chat = notebook.show_chat("demo.application(client=offline.client(rate=40))")
        inspector = notebook.run("chat.inspector").locator('.bcw[data-view="inspector"]')
        chat.ask("Write a poem about the sea")
        inspector.get_by_role("option").filter(has_text="decide_mode").click()
        inspector.get_by_role("tab", name="Why").click()
        expect(inspector.get_by_role("tabpanel")).to_contain_text("mode=generate_poem", timeout=SLOW)
        FOLDER.mkdir(parents=True, exist_ok=True)
        notebook.page.mouse.move(0, 0)
        inspector.screenshot(path=FOLDER / "inspector.png")

        inspector.get_by_role("option").last.click()
        timeline = show_timeline(notebook)
        expect(timeline.figures).to_contain_text("clock is not the kernel", timeout=SLOW)
        timeline.press("Home", *["ArrowRight"] * 20)
        expect(timeline.root.get_by_role("region", name="Delta")).to_contain_text("Delta 21 of", timeout=SLOW)
        notebook.page.mouse.move(0, 0)
        timeline.root.screenshot(path=FOLDER / "timeline.png")
    finally:
        notebook.close()
