"""Turns of several chats on one time axis: what is beside what, and what it says of each."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from support.notebook import SLOW, Notebook
from support.scripts import script
from support.timeline import show_timeline

COUNT = 40


def ask(notebook: Notebook, name: str, made: str, prompt: str) -> None:
    """Make and show a chat, and have a turn with it."""
    cell = notebook.run(
        f"from burr_chat_widget import BurrChat, demo, offline\nfrom apps import scripted\n{name} = {made}\n{name}"
    )
    chat = notebook.chat(cell)
    expect(chat.connection).to_have_text("Connected", timeout=SLOW)
    chat.ask(prompt)


def row(comparison: Locator, label: str) -> list[str]:
    """First text, deltas, rate, longest gap, frames and total of a lane, as they are written."""
    header = comparison.page.get_by_role("rowheader", name=label, exact=True)
    return comparison.get_by_role("row").filter(has=header).get_by_role("cell").all_inner_texts()


def test_turns_of_several_chats_stand_beside_each_other(notebook: Notebook):
    ask(notebook, "coalesced", "BurrChat(scripted.application())", script(deltas=COUNT))
    ask(notebook, "singly", "BurrChat(scripted.application(), coalesce=False)", script(deltas=COUNT))
    client = "offline.client(rate=float('inf'), first_token=0)"
    ask(notebook, "whole", f"BurrChat(demo.application({client}, streaming=False))", "What is a delta?")
    turns = "{name: chat.turns[-1] for name, chat in [('coalesced', coalesced), ('singly', singly), ('whole', whole)]}"
    cell = notebook.run(f"singly.timeline.beside({turns})")

    comparison = cell.locator('.bcw[data-view="comparison"]')
    expect(comparison.get_by_role("rowheader")).to_have_text(["coalesced", "singly", "whole"], timeout=SLOW)
    frames = notebook.evaluate("len({row['frame'] for row in coalesced.timeline.to_rows()})")
    assert row(comparison, "coalesced")[1::3] == [str(COUNT), str(frames)]
    assert row(comparison, "singly")[1::3] == [str(COUNT), str(COUNT)]
    assert row(comparison, "whole")[1::3] == ["not streamed", "\u2013"]

    plot = comparison.get_by_role("application", name="Turns in time")
    plot.focus()
    plot.press("End")
    delta = comparison.get_by_role("region", name="Delta")
    expect(delta).to_contain_text("The answer at once, whole")
    for lane in ("singly", "coalesced"):
        plot.press("ArrowUp")
        plot.press("End")
        expect(delta).to_contain_text(f"answer, {lane}")


GATE = """\
import asyncio, threading
from burr_chat_widget import BurrChat, demo, offline
tokens = threading.Semaphore(0)
chat = BurrChat(demo.application(offline.blocking_client(sleep=lambda _: tokens.acquire()), sync=True))
usual = BurrChat(demo.application(offline.client(rate=float("inf"), first_token=0)))
"""
"""A model that blocks until its next token is let go."""

SAY = """\
while len(chat.turns[-1].deltas) < {count}:
    tokens.release()
    await asyncio.sleep(0.01)
"""


def test_the_deltas_of_a_sync_action_come_live_and_stand_in_its_lane(notebook: Notebook):
    notebook.run(GATE)
    chat = notebook.chat(notebook.run("chat"))
    timeline = show_timeline(notebook)
    chat.send("What is a delta?")
    chat.wait_until("running")
    for count in (2, 4):
        notebook.run(SAY.format(count=count))
        seen = notebook.evaluate("len(chat.turns[-1].deltas)")
        notebook.until(lambda seen=seen: timeline.number("deltas") >= seen, "the marks")
        timeline.press("End")
        expect(timeline.delta).to_contain_text(re.compile(r"^Delta (\d+) of \1, answer_question: at "))
        expect(timeline.figures).to_contain_text("The turn is running.")
    notebook.run("tokens.release(10_000)\nother = await usual.send('What is a delta?')")
    chat.wait_until("idle")
    deltas = notebook.evaluate("[len(turn.deltas) for turn in (chat.turns[-1], other)]")
    comparison = show_timeline(notebook, 'chat.timeline.beside({"sync": chat.turns[-1], "async": other})')
    comparison.expect_deltas(sum(deltas))
    for key, label, count in (("End", "async", deltas[1]), ("ArrowUp", "sync", deltas[0])):
        comparison.press(key)
        expect(comparison.delta).to_contain_text(re.compile(rf"of {count}, answer_question, {label}\b"))


def test_of_a_turn_that_still_runs_it_says_so_far(notebook: Notebook):
    notebook.run("from apps import held")
    ask(notebook, "ended", "BurrChat(held.application())", "one\ntwo\n")
    cell = notebook.run("runs = BurrChat(held.application())\nruns")
    chat = notebook.chat(cell)
    chat.send("one\n|two\n")
    chat.expect_answer("one", status="streaming")
    cell = notebook.run("ended.timeline.beside({'ended': ended.turns[-1], 'runs': runs.turns[-1]})")
    comparison = cell.locator('.bcw[data-view="comparison"]')
    expect(comparison.get_by_role("rowheader")).to_have_text(["ended", "runs"], timeout=SLOW)
    assert row(comparison, "runs")[1::4] == ["1", "so far"]
    assert "so far" not in row(comparison, "ended")
    expect(comparison).to_contain_text("So far: runs still ran when this was made, and is shown as far as that.")

    # Where there is no room for a table, the same is there, and nothing sticks out.
    comparison.evaluate("(root) => { root.style.width = '400px'; }")
    for part in (".bcw-timeline", ".bcw-timeline-table"):
        assert comparison.locator(part).evaluate("(part) => part.scrollWidth <= part.clientWidth")
    assert row(comparison, "runs")[1::4] == ["1", "so far"]
    expect(comparison.get_by_role("columnheader")).to_have_count(7)
    notebook.execute("held.let_go()")
    chat.expect_answer("one two")
