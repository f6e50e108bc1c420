"""The pictures of the README and of docs/streaming_lab.md: a chat in JupyterLab in the middle of an answer, and its views. They are only
taken when all that they show is there.

`UPDATE_IMAGES=1 make browser ARGS="-k screenshots"` writes them into docs/images/, anything else into test-results/.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

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


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def lab(theme: str, browser: Browser, jupyter: Jupyter) -> Iterator[Notebook]:
    """A notebook of that theme, for the pictures of the streaming lab."""
    name = f"screenshot-lab-{theme}"
    opened = Notebook.create(browser, jupyter, name=name, size=(1240, 1800), reduced_motion="reduce")
    # The last one that any notebook used stays.
    opened.use_theme(f"JupyterLab {theme.title()}")
    yield opened
    opened.use_theme("JupyterLab Light")
    opened.close()


def take(part: Locator, name: str) -> None:
    """Take a picture of a part of the page, without the pointer over it."""
    part.page.mouse.move(0, 0)
    FOLDER.mkdir(parents=True, exist_ok=True)
    part.screenshot(path=FOLDER / f"{name}.png")


OFFLINE = "demo.application(client=offline.client(rate={rate}), pause=0{more})"


def test_a_turn_on_the_wire(theme: str, lab: Notebook):
    """A delta in all three columns."""
    chat = lab.show_chat(OFFLINE.format(rate=60, more=""))
    timeline = show_timeline(lab)
    chat.ask("Write a poem about the sea")
    expect(timeline.figures).to_contain_text("clock is not the kernel", timeout=SLOW)
    timeline.root.get_by_text("On the wire").click()
    events = timeline.root.get_by_role("listbox", name="Burr events")
    events.focus()
    for key in ["PageDown", "PageDown", "ArrowDown", "ArrowDown"]:
        events.press(key)
    expect(timeline.root.get_by_role("region", name="The frame as JSON")).to_contain_text("text", timeout=SLOW)
    take(timeline.root.locator(".bcw-wire"), f"wire-{theme}")


def test_turns_beside_each_other(theme: str, lab: Notebook):
    """Streamed, with a frame for each delta, and not streamed."""
    made = {
        "streamed": f"BurrChat({OFFLINE.format(rate=60, more='')})",
        "a frame a delta": f"BurrChat({OFFLINE.format(rate=60, more='')}, coalesce=False)",
        "not streamed": f"BurrChat({OFFLINE.format(rate=60, more=', streaming=False')})",
    }
    turns: list[str] = []
    lab.run("from burr_chat_widget import BurrChat, demo, offline\nchats = {}")
    for name, expression in made.items():
        chat = lab.chat(lab.run(f"chats[{name!r}] = {expression}\nchats[{name!r}]"))
        expect(chat.connection).to_have_text("Connected", timeout=SLOW)
        chat.ask("What is a delta?")
        turns.append(f"{name!r}: chats[{name!r}].turns[-1]")
    comparison = show_timeline(lab, f"chats['streamed'].timeline.beside({{{', '.join(turns)}}})")
    comparison.press("Home", "ArrowUp", "ArrowUp", "Home", *["ArrowRight"] * 8)
    expect(comparison.delta).to_contain_text("Delta 9 of", timeout=SLOW)
    take(comparison.root, f"comparison-{theme}")


def test_a_recording_is_replayed(theme: str, lab: Notebook):
    """In the middle of its answer."""
    lab.show_chat(OFFLINE.format(rate=60, more=""))
    lab.execute("recorder = chat.record('lesson.jsonl', overwrite=True)")
    lab.execute("turn = await chat.send('Write a poem about the sea'); recorder.stop()")
    chat = lab.chat(lab.run("chat = BurrChat.replay('lesson.jsonl')\nchat"))
    timeline = show_timeline(lab)
    timeline.button("Delta back").click()
    past = chat.root.get_by_role("group", name="The past")
    expect(past).to_contain_text("Replaying turn 1", timeout=SLOW)
    for _ in range(30):
        timeline.button("Delta back").click()
    expect(timeline.canvas).to_have_attribute("data-deltas", re.compile(r"\d\d"), timeout=SLOW)
    take(timeline.root, f"replay-{theme}")


def test_a_quiz(theme: str, lab: Notebook):
    """One answer was wrong, and the next question is there."""
    chat = lab.show_chat()
    root = lab.run("chat.quiz").locator('.bcw[data-view="quiz"]')
    root.get_by_role("button", name="Start quiz").click()
    chat.send("Write a poem about rivers")
    answers = root.get_by_role("group", name="Answers").get_by_role("button")
    asked = root.locator(".bcw-quiz-panel")
    for after, number in [("Which action runs first?", 0), ("It was prompt", 0), ("It was check_safety", 1)]:
        expect(asked).to_contain_text(after, timeout=SLOW)
        expect(answers.first).to_have_attribute("aria-disabled", "false", timeout=SLOW)
        answers.nth(number).click()
    expect(asked).to_contain_text("It was decide_mode", timeout=SLOW)
    expect(root.locator(".bcw-quiz-score")).to_have_text(re.compile(r"Score: 0 of 1"), timeout=SLOW)
    take(root, f"quiz-{theme}")
