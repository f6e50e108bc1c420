"""The lab: a turn is replayed in all views, the source is held, the model made to fail, and a turn is looked at on the wire."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from support.inspector import show_inspector
from support.notebook import SLOW, Chat, Notebook
from support.scripts import script

POEM = "Write a poem about the sea"
COUNT = 24
PIECES = [f"word{n} " for n in range(COUNT)]
SCRIPT = script(deltas=COUNT, delay=0.02)
FAULTS = ["slow first token", "stall", "dropped connection", "error in mid-stream", "malformed chunk", "awkward bytes"]
UNHURRIED = 0.2
"""Seconds before each delta of a turn that is replayed at a tenth of its speed: it plays for three quarters of a minute at least."""
NOTHING = "The source runs at its own pace, and nothing is replayed."
RECORDING = "This is a recording: it can be replayed, and nothing runs."


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    return shared_notebook


class Lab:
    """The timeline's lab, found by role and name."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        self.page = root.page
        self.replay = root.get_by_role("region", name="Replay")
        self.controls = root.get_by_role("region", name="Lab")
        self.which = self.controls.get_by_role("status")
        self.slider = self.replay.get_by_role("slider", name="Where the replay is")
        self.pace = self.controls.get_by_role("spinbutton", name="Hold the source at each delta for")
        self.faults = self.controls.get_by_role("group", name="Faults")

    def button(self, name: str) -> Locator:
        return self.replay.get_by_role("button", name=name, exact=True)

    def do(self, name: str) -> None:
        self.button(name).click()

    def told(self) -> int:
        """How many deltas the replay has told, by its own words."""
        words = self.slider.get_attribute("aria-valuetext") or ""
        found = re.search(r"([\d,]+) of [\d,]+ deltas?", words)
        assert found is not None, words
        return int(found[1].replace(",", ""))

    def fault(self, name: str) -> Locator:
        return self.faults.get_by_role("button", name=name, exact=True)

    def open_wire(self) -> None:
        self.root.get_by_text("On the wire").click()
        expect(self.list("Burr events")).to_be_visible(timeout=SLOW)

    def list(self, name: str) -> Locator:
        return self.root.get_by_role("listbox", name=name, exact=True)

    def row(self, name: str, number: int) -> Locator:
        """The row of that place, from 0 on, where it is in sight."""
        return self.list(name).locator(f'[role="option"][aria-posinset="{number + 1}"]')

    def expect_in_sight(self, name: str, number: int) -> None:
        """Wait until the row is where the list shows it."""
        expect(self.row(name, number)).to_be_visible()
        assert self.list(name).evaluate(
            """(list, row) => {
                const [inner, outer] = [row, list].map((each) => each.getBoundingClientRect());
                return inner.top >= outer.top && inner.bottom <= outer.bottom;
            }""",
            self.row(name, number).element_handle(),
        )

    def marked(self, name: str) -> list[int]:
        """The marked rows, as far as they are made."""
        rows = self.list(name).locator('[role="option"][aria-selected="true"]')
        return rows.evaluate_all("(rows) => rows.map((row) => Number(row.ariaPosInSet) - 1)")


def show_lab(notebook: Notebook, says: str = NOTHING) -> Lab:
    root = notebook.run("chat.timeline").locator('.bcw[data-view="timeline"]')
    lab = Lab(root)
    expect(lab.which).to_have_text(says, timeout=SLOW)
    return lab


def show_turn(notebook: Notebook, delay: float = 0.02) -> tuple[Chat, Lab]:
    """A turn of `PIECES` has been told, with so many seconds before each, at least."""
    chat = notebook.show_chat("scripted.application()")
    lab = show_lab(notebook)
    chat.ask(script(deltas=COUNT, delay=delay))
    expect(chat.answer_text).to_have_text("".join(PIECES).strip())
    return chat, lab


def show_turn_by_seconds(notebook: Notebook, path: Path) -> tuple[Chat, Lab, list[str]]:
    """A recording of such a turn, in which each event was told a second after the one before; with the events' types."""
    notebook.show_chat("scripted.application()")
    notebook.execute(f"recorder = chat.record({str(path)!r})\nturn = await chat.send({SCRIPT!r})\nrecorder.stop()")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    told = [line for line in lines if line.get("turn") and "monotonic" in line]
    for second, line in enumerate(told):
        line["monotonic"] = float(second)
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    chat = notebook.chat(notebook.run(f"chat = BurrChat.replay({str(path)!r})\nchat"))
    return chat, show_lab(notebook, RECORDING), [line["type"] for line in told]


def banner(root: Locator) -> Locator:
    return root.get_by_role("group", name="The past")


def expect_told(chat: Chat, lab: Lab) -> int:
    """The chat says exactly what the replay says that it has told; returns how many deltas that are."""
    count = lab.told()
    if count:
        expect(chat.answer_text).to_have_text("".join(PIECES[:count]).strip())
    else:
        expect(chat.answers).to_have_count(0)
    return count


def test_a_replay_by_deltas_and_steps_shows_exactly_what_was_told(notebook: Notebook):
    chat, lab = show_turn(notebook)
    graph = notebook.graph(chat.root.locator(".."))
    second = notebook.chat(notebook.run("chat"))
    inspector = show_inspector(notebook)
    lab.do("Delta back")
    expect(banner(chat.root)).to_contain_text(re.compile(r"Replaying turn 1 at \d+\.\d\d s"))
    expect(lab.which).to_have_text("Replaying what was recorded: nothing runs.")
    assert expect_told(chat, lab) == COUNT - 1
    graph.expect_node("answer", "running", 1)
    lab.do("Delta back")
    assert expect_told(chat, lab) == expect_told(second, lab) == COUNT - 2
    lab.do("Delta forward")
    assert expect_told(chat, lab) == COUNT - 1

    lab.do("Step back")
    assert expect_told(chat, lab) == 0
    graph.expect_node("prepare", "done", 1)
    graph.expect_node("answer", "next", 0)
    graph.expect_taken("prepare", "answer", 1)
    inspector.expect_actions("prompt", "prepare")
    expect(inspector.chosen).to_contain_text("prepare")
    expect(inspector.row("prepared")).to_contain_text("True", timeout=SLOW)
    lab.do("Step back")
    graph.expect_node("prepare", "next", 0)
    graph.expect_node("prompt", "done", 1)
    lab.do("Delta forward")
    assert expect_told(chat, lab) == 1
    graph.expect_node("answer", "running", 1)
    lab.do("Step forward")
    assert expect_told(chat, lab) == COUNT
    expect(chat.answer).to_have_attribute("data-status", "done")
    graph.expect_node("answer", "done", 1)

    lab.do("Back to now")
    inspector.expect_actions("prompt", "prepare", "answer")
    for each in (chat, second):
        expect(banner(each.root)).to_have_count(0)
        expect(each.answer_text).to_have_text("".join(PIECES).strip())
    expect(lab.which).to_have_text(NOTHING)


def test_the_slider_scrubs_both_ways_with_mouse_and_keys(notebook: Notebook, tmp_path: Path):
    chat, lab, told = show_turn_by_seconds(notebook, tmp_path / "seconds.jsonl")
    lab.slider.scroll_into_view_if_needed()
    box = lab.slider.bounding_box()
    assert box is not None
    seen: list[int] = []
    lab.page.mouse.move(box["x"] + box["width"] * 0.98, box["y"] + box["height"] / 2)
    lab.page.mouse.down()
    for place in (0.9, 0.6, 0.3, 0.5, 0.8):
        lab.page.mouse.move(box["x"] + box["width"] * place, box["y"] + box["height"] / 2)
        expect(banner(chat.root)).to_contain_text("Replaying turn 1")
        seconds = int(lab.slider.input_value()) // 1000
        seen.append(told[: seconds + 1].count("text-delta"))
        assert expect_told(chat, lab) == seen[-1]
    lab.page.mouse.up()
    assert seen[0] > seen[1] > seen[2] < seen[3] < seen[4]
    lab.slider.focus()
    before = lab.told()
    lab.page.keyboard.press("ArrowLeft")
    assert expect_told(chat, lab) == before - 1
    lab.page.keyboard.press("ArrowUp")
    assert expect_told(chat, lab) == before
    lab.page.keyboard.press("Home")
    expect(chat.articles).to_have_count(0)
    lab.page.keyboard.press("End")
    assert expect_told(chat, lab) == COUNT
    lab.page.keyboard.press("Escape")
    expect(banner(chat.root)).to_have_count(0)


def test_it_plays_either_way_and_can_be_paused_anywhere(notebook: Notebook):
    chat, lab = show_turn(notebook, delay=UNHURRIED)
    lab.replay.get_by_role("combobox", name="Speed").select_option("0.1")
    lab.do("Play")
    expect(chat.answer_text).to_have_text(re.compile(r"word2\b"))
    lab.do("Pause replay")
    forward = expect_told(chat, lab)
    assert 3 <= forward < COUNT
    lab.replay.get_by_role("combobox", name="Speed").select_option("10")
    lab.do("Play")
    expect(lab.button("Play")).to_be_visible()
    assert expect_told(chat, lab) == COUNT

    lab.replay.get_by_role("combobox", name="Speed").select_option("0.1")
    lab.do("Backwards")
    lab.do("Play")
    expect(chat.answer_text).not_to_have_text(re.compile(rf"word{COUNT - 1}\b"))
    lab.do("Pause replay")
    backward = expect_told(chat, lab)
    assert 0 < backward < COUNT
    lab.replay.get_by_role("combobox", name="Speed").select_option("10")
    lab.do("Play")
    expect(lab.button("Play")).to_be_visible()
    expect(chat.articles).to_have_count(0)
    lab.do("Backwards")
    lab.do("Back to now")
    assert notebook.evaluate("len(chat.turns)") == 1


def test_nothing_moves_when_it_plays(notebook: Notebook):
    _, lab = show_turn(notebook, delay=UNHURRIED)
    lab.replay.get_by_role("combobox", name="Speed").select_option("0.1")
    buttons = lab.replay.get_by_role("button")
    boxes = "(buttons) => buttons.map((each) => [each.offsetLeft, each.offsetTop, each.offsetWidth, each.offsetHeight])"
    before = buttons.evaluate_all(boxes)
    lab.do("Play")
    expect(lab.button("Pause replay")).to_be_visible()
    assert buttons.evaluate_all(boxes) == before
    lab.do("Pause replay")
    expect(lab.button("Play")).to_be_visible()
    assert buttons.evaluate_all(boxes) == before
    lab.do("Back to now")


def test_a_new_turn_leads_back_to_now(notebook: Notebook):
    chat, lab = show_turn(notebook)
    lab.do("Delta back")
    expect(banner(chat.root)).to_be_visible()
    expect(chat.message).to_have_attribute("aria-disabled", "true")
    notebook.run("await chat.send('by Python')")
    expect(banner(chat.root)).to_have_count(0)
    chat.expect_answer("by Python")
    expect(lab.which).to_have_text(NOTHING)


def test_a_recording_is_replayed_in_all_views_without_its_application(notebook: Notebook):
    notebook.show_chat("scripted.application()")
    notebook.execute("recorder = chat.record('lesson.jsonl', overwrite=True)")
    notebook.execute(f"turn = await chat.send({SCRIPT!r}); recorder.stop()")
    chat = notebook.chat(notebook.run("chat = BurrChat.replay('lesson.jsonl')\nchat"))
    graph = notebook.graph(chat.root.locator(".."))
    lab = show_lab(notebook, RECORDING)
    expect(lab.faults).to_have_count(0)
    expect(chat.answer_text).to_have_text("".join(PIECES).strip())
    lab.do("Delta back")
    assert expect_told(chat, lab) == COUNT - 1
    expect(lab.which).to_have_text("Replaying what was recorded: nothing runs.")
    lab.do("Step back")
    graph.expect_node("answer", "next", 0)
    lab.replay.get_by_role("combobox", name="Speed").select_option("10")
    lab.do("Play")
    expect(lab.button("Play")).to_be_visible()
    assert expect_told(chat, lab) == COUNT
    graph.expect_node("answer", "done", 1)
    lab.open_wire()
    expect(lab.root.get_by_text("No page was shown the turn as it happened.")).to_be_visible()
    expect(lab.row("Server-sent events", 0)).to_contain_text("event: turn-started")
    lab.slider.focus()
    lab.page.keyboard.press("Escape")
    expect(banner(chat.root)).to_have_count(0)


COUNTING = """
from burr.core import ApplicationBuilder
from burr.core.action import streaming_action
yielded = []
@streaming_action(reads=[], writes=["said"])
async def count(state, prompt: str):
    for n in range(5):
        yielded.append(n)
        yield {"delta": f"{n} "}, None
    yield {"said": prompt}, state.update(said=prompt)
app = ApplicationBuilder().with_actions(count).with_transitions(("count", "count")).with_entrypoint("count").build()
"""


def test_the_source_itself_is_held_at_each_delta(notebook: Notebook):
    notebook.run(COUNTING)
    chat = notebook.show_chat("app")
    lab = show_lab(notebook)
    lab.pace.fill("60")
    lab.pace.press("Enter")
    expect(lab.which).to_have_text("The source is held 60.00 s at each delta: the generator itself waits.")
    chat.send("Count")
    chat.expect_answer("0", status="streaming")
    # Held at its first yield, the generator has made no second delta, and nothing that was made waits to be told.
    assert notebook.evaluate("(yielded, len(chat.turns[-1].deltas), chat.pace)") == ([0], 1, 60.0)
    lab.pace.fill("0")
    lab.pace.press("Enter")
    chat.expect_answer("0 1 2 3 4")
    expect(lab.which).to_have_text(NOTHING)
    assert notebook.evaluate("(yielded, len(chat.turns[-1].deltas), chat.pace)") == ([0, 1, 2, 3, 4], 5, 0.0)

    # And by Python, seen on the page.
    notebook.execute("chat.pace = 0.05")
    expect(lab.which).to_have_text("The source is held 0.05 s at each delta: the generator itself waits.")
    chat.ask("Again")
    chat.expect_answer("0 1 2 3 4")
    gaps = "min(b.time - a.time for a, b in zip(chat.turns[-1].deltas, chat.turns[-1].deltas[1:]))"
    assert notebook.evaluate(gaps) >= 0.05


def test_single_deltas_are_let_go_beside_the_plot(notebook: Notebook):
    notebook.run(COUNTING)
    chat = notebook.show_chat("app")
    lab = show_lab(notebook)
    stepping = lab.controls.get_by_role("group", name="Stepping")
    stepping.get_by_role("button", name="Pause").click()
    chat.send("Count")
    chat.wait_until("paused")
    for number in range(3):
        stepping.get_by_role("button", name="Step delta").click()
        expect(chat.answer_text).to_have_text(" ".join(map(str, range(number + 1))))
        chat.wait_until("paused")
        assert notebook.evaluate("yielded") == list(range(number + 1))
    stepping.get_by_role("button", name="Continue").click()
    chat.expect_answer("0 1 2 3 4")


FAILS: dict[str, str] = {
    "dropped connection": "without sending complete message body",
    "error in mid-stream": "a fault that the offline model was asked for",
    "malformed chunk": "",
}


@pytest.mark.parametrize("name", [*FAULTS, "burst"])
def test_a_fault_by_the_panel_befalls_the_next_answer(notebook: Notebook, name: str):
    chat = notebook.show_chat("demo.application(client=offline.client(rate=200, first_token=0), pause=0)")
    lab = show_lab(notebook)
    lab.fault(name).click()
    expect(lab.fault(name)).to_have_attribute("aria-pressed", "true")
    expect(lab.faults).to_contain_text(f"The next streamed answer, and only that: {name}.")
    chat.ask(POEM)
    expect(lab.fault(name)).to_have_attribute("aria-pressed", "false", timeout=SLOW)
    assert notebook.evaluate("(chat.faults.next, chat.faults.names[0])") == (None, "slow first token")
    told = notebook.evaluate("[round(d.time, 3) for d in chat.turns[-1].deltas]")
    if name in FAILS:
        expect(chat.answer).to_have_attribute("data-status", "failed")
        expect(chat.answer).to_contain_text(FAILS[name])
        assert len(told) == 12
    else:
        expect(chat.answer).to_have_attribute("data-status", "done")
        gaps = [after - before for before, after in itertools.pairwise(told)]
        if name == "stall":
            assert gaps[7] >= 2.9
        if name == "slow first token":
            assert told[0] >= 2.9
    notebook.execute(f"whole = await BurrChat(demo.application(offline.client(), pause=0)).send({POEM!r})")
    whole, said = notebook.evaluate("(whole.text, chat.turns[-1].text)")
    assert whole.startswith(said) if name in FAILS else said == whole
    # And only that one.
    chat.ask(POEM)
    expect(chat.answer).to_have_attribute("data-status", "done")


def test_without_the_offline_model_nothing_goes_wrong_on_purpose(notebook: Notebook):
    notebook.show_chat("scripted.application()")
    lab = show_lab(notebook)
    expect(lab.faults).to_contain_text("Only the offline model can be made to go wrong")
    expect(lab.faults.get_by_role("button")).to_have_count(0)


def frames_of(notebook: Notebook) -> list[tuple[int, int]]:
    """Of each frame that carried the last turn, its first event and the first one after it."""
    expression = (
        "[(f.first - t.events.first, f.last - t.events.first) for t in chat.turns[-1:]"
        " for f in chat._session.outbox.sent(t.events.first, t.events.first + len(t.events)) if f.first < f.last]"
    )
    return notebook.evaluate(expression)


def test_the_wire_shows_the_counterparts_of_what_is_chosen(notebook: Notebook):
    chat, lab = show_turn(notebook)
    frames = frames_of(notebook)
    kinds: list[str] = notebook.evaluate("[type(e).__name__ for e in chat.turns[-1].events]")
    lab.open_wire()
    expect(lab.row("Burr events", 0)).to_contain_text("turn-started")
    expect(lab.row("Burr events", 0)).to_have_attribute("aria-setsize", str(len(kinds)))
    expect(lab.row("Frames", 0)).to_have_attribute("aria-setsize", str(len(frames)))

    delta = kinds.index("TextDelta") + 5
    lab.list("Burr events").focus()
    for _ in range(delta + 1):
        lab.page.keyboard.press("ArrowDown")
    frame = next(n for n, (first, last) in enumerate(frames) if first <= delta < last)
    for name, number in (("Burr events", delta), ("Frames", frame), ("Server-sent events", delta)):
        expect(lab.row(name, number)).to_have_attribute("aria-selected", "true")
        lab.expect_in_sight(name, number)
        assert lab.marked(name) == [number]
    expect(lab.root.get_by_role("region", name="What is sent")).to_contain_text(
        f"id: {delta}\nevent: text-delta\ndata: "
    )
    event: dict[str, Any] = json.loads(lab.root.get_by_role("region", name="The event as JSON").inner_text())
    assert (event["type"], event["text"]) == ("text-delta", PIECES[5])
    body: dict[str, Any] = json.loads(lab.root.get_by_role("region", name="The frame as JSON").inner_text())
    assert PIECES[5] in "".join(each.get("text", "") for each in body["events"])

    # A frame has all the events that it carried.
    lab.page.keyboard.press("ArrowRight")
    expect(lab.list("Frames")).to_be_focused()
    lab.page.keyboard.press("End")
    first, last = frames[-1]
    expect(lab.row("Frames", len(frames) - 1)).to_have_attribute("aria-selected", "true")
    assert lab.marked("Burr events") == lab.marked("Server-sent events") == list(range(first, last))

    # The delta that is chosen in the wire view is the plot's, and the server-sent form is chosen like the others.
    lab.list("Server-sent events").focus()
    lab.page.keyboard.press("Home")
    expect(lab.row("Server-sent events", 0)).to_contain_text("id: 0")
    assert lab.marked("Frames") == [0]
    chat.message.focus()
    lab.page.keyboard.press("Escape")


def test_the_same_bytes_as_the_package_makes(notebook: Notebook):
    _, lab = show_turn(notebook)
    code = "from burr_chat_widget.protocol.sse import server_sent"
    notebook.execute(code)
    lab.open_wire()
    lab.list("Server-sent events").focus()
    shown = lab.root.get_by_role("region", name="What is sent")
    count: int = notebook.evaluate("len(chat.turns[-1].events)")
    lab.page.keyboard.press("ArrowDown")
    for number in range(count):
        sent: str = notebook.evaluate(f"server_sent(chat.turns[-1].events[{number}], {number})")
        if "event: text-delta" in sent:
            # The page knows its time to tenths of milliseconds.
            expect(shown).to_contain_text(f"id: {number}\nevent: text-delta\n")
            data, known = (json.loads(text.split("data: ")[1]) for text in (shown.inner_text(), sent))
            assert {**data, "time": 0, "monotonic": 0} == {**known, "time": 0, "monotonic": 0}
            assert abs(data["monotonic"] - known["monotonic"]) < 0.0002
        else:
            expect(shown).to_have_text(sent.strip(), use_inner_text=True)
        lab.page.keyboard.press("ArrowDown")


def test_ten_thousand_deltas_are_listed_and_scrubbed(notebook: Notebook):
    chat = notebook.show_chat("scripted.application()")
    lab = show_lab(notebook)
    chat.ask(json.dumps({"deltas": 10_000, "text": "w{n}.\n\n"}))
    lab.open_wire()
    options = lab.list("Server-sent events").get_by_role("option")
    expect(options.first).to_be_visible()
    assert options.count() < 60
    lab.list("Server-sent events").focus()
    lab.page.keyboard.press("End")
    lab.expect_in_sight("Burr events", 10_000)
    assert options.count() < 60
    lab.slider.focus()
    lab.page.keyboard.press("Home")
    lab.page.keyboard.press("PageUp")
    lab.page.keyboard.press("PageUp")
    lab.page.keyboard.press("PageUp")
    for number in range(3):
        lab.page.keyboard.press("ArrowRight")
        expect(chat.answer_text).to_have_text("".join(f"w{n}." for n in range(number + 1)))
    lab.page.keyboard.press("End")
    lab.page.keyboard.press("ArrowLeft")
    assert lab.told() == 9_999
    expect(chat.answer_text).to_contain_text("w9998.")
    expect(chat.answer_text).not_to_contain_text("w9999.")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures(notebook: Notebook, theme: str):
    """For a person to look at: test-results/lab-*.png."""
    notebook.use_theme(f"JupyterLab {theme.title()}")
    chat = notebook.show_chat("demo.application(pause=0)")
    lab = show_lab(notebook)
    chat.ask(POEM)
    lab.open_wire()
    lab.fault("stall").click()
    lab.do("Delta back")
    for _ in range(20):
        lab.do("Delta back")
    lab.list("Burr events").focus()
    for _ in range(3):
        lab.page.keyboard.press("PageDown")
    lab.page.set_viewport_size({"width": 1280, "height": 3000})
    for name, width in (("wide", None), ("narrow", "320px")):
        lab.root.evaluate("(el, width) => { el.style.width = width ?? ''; }", width)
        lab.root.screenshot(path=f"test-results/lab-{theme}-{name}.png")
    chat.root.locator("..").screenshot(path=f"test-results/lab-chat-{theme}.png")
    lab.page.set_viewport_size({"width": 1280, "height": 900})
    notebook.use_theme("JupyterLab Light")
