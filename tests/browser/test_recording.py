"""A recording on a page: what is shown is what was shown, and the composer says why nothing can be sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.inspector import show_inspector
from support.notebook import SLOW, Notebook
from support.timeline import show_timeline

RESULTS = Path("test-results")
SCRIPTS = [json.dumps(script) for script in ({"deltas": 4, "text": "**{n}** "}, {"deltas": 2, "fail": "during"})]


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    return shared_notebook


def test_what_is_shown_is_what_was_shown(notebook: Notebook, tmp_path: Path):
    path = str(tmp_path / "lesson.jsonl")
    live = notebook.show_chat("scripted.application()")
    notebook.run(f"recorder = chat.record({path!r})")
    for script in SCRIPTS:
        live.ask(script)
    said = live.shown()
    notebook.run(f"recorder.stop()\nchat.close()\nchat = BurrChat.replay({path!r})")
    cell = notebook.run("chat")
    chat = notebook.chat(cell)
    expect(chat.connection).to_have_text("Connected", timeout=SLOW)
    expect(chat.articles).to_have_count(len(said), timeout=SLOW)
    assert chat.shown() == said
    expect(chat.error).to_contain_text("failed in the middle of the stream")
    expect(chat.message).to_have_attribute("aria-disabled", "true")
    expect(chat.root).to_contain_text("This is a recording: it can be looked at and replayed, and nothing can be sent.")
    chat.wait_until("idle")

    graph = notebook.graph(cell)
    graph.expect_node("prompt", "next", 2)
    graph.expect_node("answer", "failed", 2)
    graph.expect_taken("prepare", "answer", 2)

    inspector = show_inspector(notebook)
    inspector.expect_actions("prompt", "prepare", "answer", "prompt", "prepare", "answer")
    inspector.steps.nth(2).click()
    history = inspector.row("chat_history")
    expect(history).to_have_attribute("data-change", "changed", timeout=SLOW)
    expect(inspector.row("chat_history", "1", "content")).to_contain_text("**0** **1** **2** **3** ")

    for name in ("Pause", "Rewind", "Fork", "Add a key"):
        expect(inspector.root.get_by_role("button", name=name)).to_have_count(0)
    expect(chat.retry_button).to_have_count(0)
    RESULTS.mkdir(exist_ok=True)
    chat.root.screenshot(path=RESULTS / "recording.png")


def test_a_turn_before_the_recording_is_seen_and_says_that_it_is_not_in_it(notebook: Notebook, tmp_path: Path):
    path = str(tmp_path / "later.jsonl")
    live = notebook.show_chat("scripted.application()")
    live.ask(json.dumps({"deltas": 4}))
    notebook.run(f"recorder = chat.record({path!r})")
    live.ask(json.dumps({"deltas": 2}))
    notebook.run(f"recorder.stop()\nchat.close()\nchat = BurrChat.replay({path!r})")
    timeline = show_timeline(notebook)
    replay = timeline.root.get_by_role("region", name="Replay")
    wire = timeline.root.get_by_text("On the wire")
    expect(timeline.figures).to_contain_text("This is a recording")
    expect(replay).to_be_visible()
    expect(wire).to_be_visible()
    timeline.turn.select_option("t1")
    expect(timeline.figures).to_contain_text("This turn is not in the recording: it was over when the recording began.")
    timeline.expect_deltas(4)
    expect(replay).to_have_count(0)
    expect(wire).to_have_count(0)
    timeline.turn.select_option("t2")
    expect(replay).to_be_visible()
