"""The timeline in JupyterLab: each delta a mark, live; what is chosen there, in the inspector and in the chat is one; many marks cost
no more than the pixels they fall on.
"""

from __future__ import annotations

import json
import re
import time

import pytest
from playwright.sync_api import Locator, expect

from support.inspector import show_inspector
from support.notebook import SLOW, Chat, Notebook
from support.scripts import script
from support.timeline import Timeline, show_timeline

MANY = 20_000

IN_SIGHT = """(article) => {
    const log = article.closest('.bcw-log').getBoundingClientRect();
    const { top, bottom } = article.getBoundingClientRect();
    return bottom > log.top && top < log.bottom;
}"""


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    return shared_notebook


def show_held(notebook: Notebook) -> tuple[Chat, Timeline]:
    """Its third action streams its prompt back, a line a delta, and waits at each `|`."""
    chat = notebook.show_chat("held.application()")
    return chat, show_timeline(notebook)


def ask_lines(chat: Chat, count: int) -> None:
    chat.ask("".join(f"line {n}\n" for n in range(1, count + 1)))


def is_marked(article: Locator) -> bool:
    return article.evaluate("(article) => getComputedStyle(article).boxShadow !== 'none'")


def gap(prompt: Locator, article: Locator) -> float:
    """How many pixels are between the bubble of a prompt and the mark of what comes after it."""
    return article.evaluate(
        """(article, prompt) => {
            const [, y, blur, spread] = getComputedStyle(article).boxShadow.match(/-?[\\d.]+px/g).map(parseFloat);
            const top = article.getBoundingClientRect().top + Math.min(0, y - blur - spread);
            return top - prompt.getBoundingClientRect().bottom;
        }""",
        prompt.element_handle(),
    )


def is_in_sight(article: Locator) -> bool:
    return article.evaluate(IN_SIGHT)


def test_each_delta_is_a_mark_as_soon_as_it_comes(notebook: Notebook):
    chat, timeline = show_held(notebook)
    expect(timeline.root).to_contain_text("No turn has begun yet")
    chat.send("one\n|two\n|three\nfour\n")
    for count in (1, 2):
        timeline.expect_deltas(count)
        expect(timeline.figures).to_contain_text("The turn is running.")
        expect(chat.answer).to_have_attribute("data-status", "streaming")
        notebook.execute("held.let_go()")
    timeline.expect_deltas(4)
    chat.wait_until("idle")
    expect(timeline.figures).to_contain_text("It was completed after")
    expect(timeline.figures).to_contain_text("4 deltas, 19 characters")
    assert notebook.evaluate("len(chat.turns[-1].deltas)") == timeline.number("deltas") == 4


def test_without_deltas_a_sentence_says_so(notebook: Notebook):
    chat = notebook.show_chat("demo.application(offline.client(rate=float('inf'), first_token=0), streaming=False)")
    timeline = show_timeline(notebook)
    chat.ask("What is a delta?")
    expect(timeline.figures).to_contain_text(
        "There were no deltas: the answer was there as a whole after", timeout=SLOW
    )
    timeline.expect_deltas(0)


def test_the_four_clocks_of_a_turn(notebook: Notebook):
    chat, timeline = show_held(notebook)
    ask_lines(chat, 5)
    expect(timeline.figures).to_contain_text("From yield to paint:", timeout=SLOW)
    expect(timeline.figures).to_contain_text("clock is not the kernel")
    timeline.press("End")
    expect(timeline.delta).to_contain_text(
        re.compile(r"Sent .* later in frame \d+.*; received after .*; painted after ")
    )
    # What the page knows, the kernel knows then.
    notebook.run(
        "import asyncio\n"
        "while not all(row['painted'] is not None for row in chat.timeline.to_rows()):\n    await asyncio.sleep(0.01)"
    )
    rows = notebook.evaluate(
        "[(r['yielded'], r['sent'], r['received'], r['painted']) for r in chat.timeline.to_rows()]"
    )
    assert len(rows) == 5
    assert all(yielded <= sent <= received <= painted for yielded, sent, received, painted in rows)


COUNT_QUESTIONS = """\
questions = []
answered = chat._session.log
chat._session.log = lambda command: (command.client and questions.append(command)) or answered(command)
"""
"""How often pages ask how a turn went; what is saved of it asks too, without being one."""


def test_the_four_clocks_come_while_the_turn_is_held(notebook: Notebook):
    chat, timeline = show_held(notebook)
    notebook.run(COUNT_QUESTIONS)
    chat.send("one\n|two\n|")
    for count in (1, 2):
        timeline.expect_deltas(count)
        timeline.press("End")
        expect(timeline.delta).to_contain_text(f"Delta {count} of {count}")
        expect(timeline.delta).to_contain_text(
            re.compile(r"Sent .* later in frame \d+.*; received after .*; painted after ")
        )
        expect(timeline.figures).to_contain_text("From yield to paint:")
        expect(timeline.figures).to_contain_text("The turn is running.")
        expect(chat.answer).to_have_attribute("data-status", "streaming")
        timeline.press("Escape")
        notebook.execute("held.let_go()")
    chat.wait_until("idle")
    expect(timeline.figures).to_contain_text("It was completed after")


def test_a_timeline_asks_once_a_second_at_most_and_none_asks_nothing(notebook: Notebook):
    chat = notebook.show_chat("scripted.application()")
    notebook.run(COUNT_QUESTIONS)
    chat.ask(script(deltas=150, delay=0.02))
    assert notebook.evaluate("len(questions)") == 0
    first, second = show_timeline(notebook), show_timeline(notebook)
    for timeline in (first, second):
        expect(timeline.figures).to_contain_text("From yield to paint", timeout=SLOW)
    notebook.run("questions.clear()")
    began = time.monotonic()
    chat.send(script(deltas=1_000_000, delay=0.02))
    notebook.until(lambda: notebook.evaluate("len(questions)") >= 3, "questions while the turn runs")
    assert notebook.evaluate("chat.turns[-1].status") == "running"
    chat.stop_button.click()
    chat.wait_until("idle")
    for timeline in (first, second):
        timeline.expect_deltas(notebook.evaluate("len(chat.turns[-1].deltas)"))
        expect(timeline.figures).to_contain_text("It was stopped after")
    elapsed = time.monotonic() - began
    # The first at its beginning, and the whole of it at its end.
    assert notebook.evaluate("len(questions)") <= 2 + elapsed
    # Each was for what had not been told yet, but for the last one.
    starts = notebook.evaluate("[command.start for command in questions]")
    assert starts[:-1] == sorted(set(starts[:-1]))


def test_hover_and_keys_read_a_delta_out(notebook: Notebook):
    chat, timeline = show_held(notebook)
    # A wait between them, so that each has room of its own.
    chat.send("one\n|two\n|three\n")
    for count in (1, 2):
        timeline.expect_deltas(count)
        notebook.execute("import time; time.sleep(0.3); held.let_go()")
    chat.wait_until("idle")
    expect(timeline.figures).to_contain_text("It was completed", timeout=SLOW)
    times = notebook.evaluate("[delta.time for delta in chat.turns[-1].deltas]")
    before = notebook.contents()
    expect(timeline.delta).to_contain_text("Point at a mark")

    timeline.canvas.hover(position=timeline.place(2, times[1]))
    expect(timeline.delta).to_contain_text(re.compile("^Delta 2 of 3, answer: at "))
    expect(timeline.delta.locator("code")).to_have_text("two↵")
    expect(timeline.delta.locator("mark")).to_have_text("two\n")
    chat.message.hover()
    expect(timeline.delta).to_contain_text("Point at a mark")

    for keys, words in [
        (["ArrowRight"], "Delta 1 of 3"),
        (["ArrowRight", "ArrowRight"], "Delta 3 of 3"),
        (["ArrowRight"], "Delta 3 of 3"),
        (["Home"], "Delta 1 of 3"),
        (["End", "ArrowLeft"], "Delta 2 of 3"),
        (["ArrowUp"], "think, is chosen"),
        (["ArrowDown"], "Delta 1 of 3"),
        (["Escape"], "Point at a mark"),
    ]:
        timeline.press(*keys)
        expect(timeline.delta).to_contain_text(words)
    assert notebook.contents() == before


def test_what_is_chosen_is_chosen_in_all_views(notebook: Notebook):
    chat, timeline = show_held(notebook)
    inspector = show_inspector(notebook)
    second = show_timeline(notebook)
    ask_lines(chat, 3)
    first_answer = chat.answers.nth(0)
    ask_lines(chat, 4)
    timeline.expect_deltas(4)

    # In the timeline: the step of the second turn, and its message, which is the newest.
    timeline.press("ArrowRight")
    expect(inspector.chosen).to_have_attribute("data-step", timeline_step(inspector.steps.last))
    assert is_marked(chat.answers.nth(1))
    expect(second.delta).to_contain_text("Delta 1 of 4")

    # In the inspector: another turn, whose message is marked, and whose deltas are here.
    inspector.step_of("answer").first.click()
    expect(timeline.turn).to_have_value("t1")
    timeline.expect_deltas(3)
    expect(timeline.delta).to_contain_text("answer, is chosen: done, 3 deltas.")
    expect(chat.answers).to_have_count(1)
    assert is_marked(first_answer)

    # With the mouse, in the other view.
    second.expect_deltas(3)
    times = notebook.evaluate("[delta.time for delta in chat.turns[0].deltas]")
    second.canvas.click(position=second.place(2, times[0]))
    expect(timeline.delta).to_contain_text(re.compile(r"Delta \d of 3"))
    expect(inspector.chosen).to_have_attribute("data-step", timeline_step(inspector.step_of("answer").first))

    # Back to now.
    timeline.press("Escape")
    expect(chat.answers).to_have_count(2)
    expect(timeline.delta).to_contain_text("Point at a mark")
    assert not is_marked(chat.answers.nth(1))
    assert not is_marked(first_answer)


def timeline_step(option: Locator) -> str:
    return option.get_attribute("data-step") or ""


def shows_in_timeline(article: Locator) -> Locator:
    """The message's button that chooses it."""
    return article.get_by_role("button", name="Show in timeline", exact=True)


def press_button(button: Locator, how: str) -> None:
    """With the mouse, or with Tab and the space bar."""
    if how == "mouse":
        button.click()
        return
    before = button.locator("xpath=preceding-sibling::button").last
    before.focus()
    before.press("Tab")
    expect(button).to_be_focused()
    ring = "(button) => button.matches(':focus-visible') && getComputedStyle(button).outlineStyle !== 'none'"
    assert button.evaluate(ring)
    button.press("Space")


@pytest.mark.parametrize("how", ["mouse", "keys"])
@pytest.mark.parametrize("source", ["live", "recording"])
def test_a_message_chooses_its_turn_and_step_in_all_views(notebook: Notebook, how: str, source: str):
    chat = notebook.show_chat("held.application()")
    if source == "recording":
        notebook.execute("recorder = chat.record('choice.jsonl', overwrite=True)")
    ask_lines(chat, 3)
    ask_lines(chat, 4)
    if source == "recording":
        notebook.execute("recorder.stop()")
        chat = notebook.chat(notebook.run("chat = BurrChat.replay('choice.jsonl')\nchat"))
        expect(chat.answers).to_have_count(2)
    expect(shows_in_timeline(chat.root)).to_have_count(0)
    graph = notebook.graph(chat.root.locator(".."))
    inspector = show_inspector(notebook)
    timeline = show_timeline(notebook)
    timeline.expect_deltas(4)
    graph.expect_node("answer", "done", 2)
    before = notebook.contents()

    # The newest: its step is chosen, and its first delta.
    newest = chat.answers.nth(1)
    press_button(shows_in_timeline(newest), how)
    expect(shows_in_timeline(newest)).to_have_attribute("aria-pressed", "true")
    expect(timeline.delta).to_contain_text("Delta 1 of 4, answer")
    expect(inspector.chosen).to_have_attribute("data-step", timeline_step(inspector.steps.last))
    assert is_marked(newest)

    # An earlier one is looked at as it was then, in all views.
    first = chat.answers.nth(0)
    press_button(shows_in_timeline(first), how)
    expect(timeline.turn).to_have_value("t1")
    expect(timeline.delta).to_contain_text("Delta 1 of 3, answer")
    expect(timeline.root).to_contain_text(re.compile(r"This is turn 1 of 2, since step \d+ of it is chosen\."))
    expect(inspector.chosen).to_have_attribute("data-step", timeline_step(inspector.step_of("answer").first))
    graph.expect_node("answer", "done", 1)
    expect(chat.answers).to_have_count(1)
    assert is_marked(first)
    assert gap(chat.prompt_texts.first, first) >= 4
    expect(shows_in_timeline(first)).to_have_attribute("aria-pressed", "true")
    if how == "keys":
        expect(shows_in_timeline(first)).to_be_focused()

    # A mark chooses the message, and the message that is chosen lets go.
    timeline.press("ArrowUp")
    expect(chat.answers).to_have_count(0)
    timeline.press("ArrowDown")
    expect(shows_in_timeline(first)).to_have_attribute("aria-pressed", "true")
    press_button(shows_in_timeline(first), how)
    expect(chat.answers).to_have_count(2)
    expect(timeline.turn).to_have_value("")
    timeline.expect_deltas(4)
    graph.expect_node("answer", "done", 2)
    assert not is_marked(first)
    assert is_in_sight(first)
    if how == "keys":
        expect(shows_in_timeline(first)).to_be_focused()

    # The way back to the newest turn.
    press_button(shows_in_timeline(first), how)
    back = timeline.button("Back to the newest turn")
    if how == "mouse":
        back.click()
    else:
        back.press("Enter")
    expect(chat.answers).to_have_count(2)
    expect(back).to_have_count(0)
    expect(timeline.turn).to_be_focused()
    timeline.expect_deltas(4)
    assert notebook.contents() == before


def test_a_message_that_still_streams_is_chosen_without_a_change_of_what_is_shown(notebook: Notebook):
    chat, timeline = show_held(notebook)
    chat.send("one\n|two\n")
    timeline.expect_deltas(1)
    shows_in_timeline(chat.answer).click()
    expect(timeline.delta).to_contain_text("Delta 1 of 1, answer")
    notebook.execute("held.let_go()")
    timeline.expect_deltas(2)
    chat.expect_answer("one two")
    expect(timeline.delta).to_contain_text("Delta 1 of 2, answer")
    expect(shows_in_timeline(chat.answer)).to_have_attribute("aria-pressed", "true")


def test_a_click_selects_text_and_nothing_else(notebook: Notebook):
    chat, timeline = show_held(notebook)
    ask_lines(chat, 3)
    timeline.expect_deltas(3)
    chat.answer_text.dblclick(position={"x": 12, "y": 10})
    assert notebook.page.evaluate("getSelection().toString().trim()") == "line"
    expect(timeline.delta).to_contain_text("Point at a mark")
    expect(shows_in_timeline(chat.answer)).to_have_attribute("aria-pressed", "false")


SHADED = """(canvas, { x, y }) => {
    const ratio = canvas.width / canvas.clientWidth;
    const { data } = canvas.getContext('2d').getImageData(x * ratio, y * ratio, 5, 1);
    return data.every((value, index) => index % 4 !== 3 || value > 0);
}"""
"""Whether something is drawn at a place where there is neither a mark nor a bar: more than a tick, which is a pixel wide."""


def test_a_hold_is_shaded_while_it_goes_on(notebook: Notebook):
    chat, timeline = show_held(notebook)
    graph = notebook.graph(chat.root.locator(".."))
    notebook.execute("chat.pause()")
    chat.send("one\n|two\n")
    chat.wait_until("paused")
    expect(timeline.canvas).to_have_attribute("data-holds", "1")
    notebook.execute("await chat.step(); await chat.step()")
    graph.expect_node("think", "done", 1)
    chat.wait_until("paused")
    # Those are over, and the next goes on: there is more of it all the time.
    expect(timeline.canvas).to_have_attribute("data-holds", re.compile("[23]"))
    seen = timeline.seen()[1]
    notebook.until(lambda: timeline.seen()[1] > seen + 1, "the hold to go on")
    end = timeline.seen()[1]
    # Between two rows, shortly before now.
    place = timeline.place(1, end - 0.3)
    place["y"] += 13
    assert timeline.canvas.evaluate(SHADED, place)
    holds = timeline.number("holds")
    # It stays when the turn goes on, and nothing else is shaded.
    notebook.execute("import asyncio; goes_on = asyncio.ensure_future(chat.resume())")
    chat.wait_until("running")
    timeline.expect_deltas(1)
    end = timeline.seen()[1]
    notebook.until(lambda: timeline.seen()[1] > end + 1, "the turn to go on")
    assert timeline.number("holds") == holds
    end = timeline.seen()[1]
    place = timeline.place(1, end - 0.3)
    place["y"] += 13
    assert not timeline.canvas.evaluate(SHADED, place)
    notebook.execute("held.let_go()")
    timeline.expect_deltas(2)
    chat.wait_until("idle")
    # As it was told, when that is known: before each action. The page may have seen two of them as one.
    expect(timeline.figures).to_contain_text("From yield to paint", timeout=SLOW)
    expect(timeline.canvas).to_have_attribute("data-holds", "3")


def test_a_message_out_of_sight_is_brought_in_sight(notebook: Notebook):
    chat, timeline = show_held(notebook)
    # Fails, so that to choose it is not to look at the past.
    chat.send("a first line\n|" + "§")
    timeline.expect_deltas(1)
    chat.stop_button.click()
    chat.wait_until("idle")
    chat.ask("§")
    stopped = chat.answers.first
    expect(stopped).to_have_attribute("data-status", "stopped")
    assert not is_in_sight(stopped)
    timeline.turn.select_option("t1")
    timeline.expect_deltas(1)
    timeline.plot.focus()
    before = notebook.scroll_positions()
    notebook.page.keyboard.press("ArrowRight")
    notebook.page.wait_for_function(f"(article) => ({IN_SIGHT})(article)", arg=stopped.element_handle(), timeout=SLOW)
    assert is_marked(stopped)
    assert notebook.scroll_positions() == before


def test_many_marks_cost_no_more_than_the_pixels_they_fall_on(notebook: Notebook):
    notebook.run("from apps import flood")
    chat = notebook.show_chat("flood.application()")
    timeline = show_timeline(notebook)
    chat.send(str(MANY))
    expect(chat.answer).to_have_attribute("data-status", "done", timeout=SLOW)
    timeline.expect_deltas(MANY)
    expect(timeline.figures).to_contain_text("20,000 deltas", timeout=SLOW)
    expect(timeline.figures).to_contain_text("From yield to paint", timeout=SLOW)
    width = timeline.canvas.evaluate("(canvas) => canvas.clientWidth")

    def expect_bounded(marks: int) -> None:
        """Each row of the plot draws at most one mark a pixel: that of the deltas, and those of the three clocks."""
        assert timeline.number("seen") >= marks
        assert min(1, marks) <= timeline.number("drawn") <= 4 * width
        # Nothing of it is an element of the page.
        assert timeline.root.locator("*").count() < 500

    expect_bounded(MANY)
    start, end = timeline.seen()

    middle = notebook.evaluate(f"chat.turns[-1].deltas[{MANY} // 2].time")
    timeline.canvas.hover(position=timeline.place(1, middle))
    notebook.page.keyboard.down("Control")
    for _ in range(8):
        notebook.page.mouse.wheel(0, -240)
    notebook.page.keyboard.up("Control")
    expect_other_range(timeline, (start, end))
    zoomed = timeline.seen()
    assert zoomed[1] - zoomed[0] < (end - start) / 10
    expect_bounded(1)

    for pan in (drag, wheel, keys):
        before = timeline.seen()
        pan(timeline)
        expect_other_range(timeline, before)
        after = timeline.seen()
        assert after[0] > before[0]
        assert after[1] - after[0] == pytest.approx(before[1] - before[0], abs=2e-4)
        expect_bounded(0)

    timeline.button("Fit").click()
    expect(timeline.canvas).to_have_attribute("data-from", "0.0000")
    assert timeline.seen() == (start, end)
    timeline.press("End", "ArrowLeft")
    expect(timeline.delta).to_contain_text("Delta 19,999 of 20,000")
    expect(timeline.delta.locator("code")).to_have_text("19999·")


WATCH = """() => {
    window.changes = [];
    const observer = new MutationObserver((changes) => {
        for (const { target, type, attributeName } of changes) {
            if (target.nodeName === 'CANVAS') continue;
            window.changes.push(`${target.parentElement?.className} ${target.nodeName} ${type} ${attributeName}`);
        }
    });
    const everything = { subtree: true, childList: true, attributes: true, characterData: true };
    for (const root of document.querySelectorAll('.bcw')) observer.observe(root, everything);
}"""


def test_to_pan_and_zoom_changes_nothing_but_the_plot_however_many_deltas_there_are(notebook: Notebook):
    notebook.run("from apps import flood")
    assert elements_of(notebook, 200) == elements_of(notebook, MANY)


def elements_of(notebook: Notebook, count: int) -> int:
    """Pan and zoom a timeline of so many deltas; returns how many elements it has."""
    chat = notebook.show_chat("flood.application()")
    show_inspector(notebook)
    timeline = show_timeline(notebook)
    chat.send(str(count))
    timeline.expect_deltas(count)
    chat.wait_until("idle")
    expect(timeline.figures).to_contain_text("From yield to paint", timeout=SLOW)
    timeline.canvas.hover(position={"x": 100, "y": ON_THE_AXIS})
    # From the first zoom on there is something to go back from.
    timeline.press(*"++++++++")
    expect(timeline.button("Fit")).to_have_attribute("aria-disabled", "false")
    notebook.page.evaluate(WATCH)
    timeline.press("Shift+ArrowLeft")
    for move in (zoom, drag, wheel, keys):
        before = timeline.seen()
        move(timeline)
        expect_other_range(timeline, before)
    assert notebook.page.evaluate("window.changes") == []
    return timeline.root.locator("*").count()


def expect_other_range(timeline: Timeline, before: tuple[float, float]) -> None:
    """Wait until another part of the axis is drawn."""
    timeline.page.wait_for_function(
        "([canvas, from, to]) => Number(canvas.dataset.from) !== from || Number(canvas.dataset.to) !== to",
        arg=[timeline.canvas.element_handle(), *before],
        timeout=SLOW,
    )


ON_THE_AXIS = 10
"""Where the pointer is at no row, in pixels: nothing is looked at there."""


def zoom(timeline: Timeline) -> None:
    timeline.canvas.hover(position={"x": 100, "y": ON_THE_AXIS})
    timeline.page.keyboard.down("Control")
    timeline.page.mouse.wheel(0, -120)
    timeline.page.keyboard.up("Control")


def drag(timeline: Timeline) -> None:
    box = timeline.canvas.bounding_box()
    assert box is not None
    mouse = timeline.page.mouse
    mouse.move(box["x"] + box["width"] * 0.6, box["y"] + ON_THE_AXIS)
    mouse.down()
    mouse.move(box["x"] + box["width"] * 0.4, box["y"] + ON_THE_AXIS, steps=5)
    mouse.up()


def wheel(timeline: Timeline) -> None:
    timeline.canvas.hover(position={"x": 100, "y": ON_THE_AXIS})
    timeline.page.mouse.wheel(120, 0)


def keys(timeline: Timeline) -> None:
    timeline.press("Shift+ArrowRight")


def test_turns_beside_each_other(notebook: Notebook):
    chat, _ = show_held(notebook)
    ask_lines(chat, 3)
    ask_lines(chat, 6)
    comparison = show_timeline(notebook, 'chat.timeline.beside({"short": chat.turns[0], "long": chat.turns[1]})')
    comparison.expect_deltas(9)
    rows = comparison.figures.get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text(re.compile(r"short.*3"))
    expect(rows.nth(2)).to_contain_text(re.compile(r"long.*6"))
    comparison.press("End")
    expect(comparison.delta).to_contain_text("Delta 6 of 6, answer, long")
    comparison.press("ArrowUp")
    expect(comparison.delta).to_contain_text("of 3, answer, short")


@pytest.mark.parametrize("width", [320, 700])
def test_nothing_sticks_out(notebook: Notebook, width: int):
    chat, timeline = show_held(notebook)
    ask_lines(chat, 12)
    timeline.expect_deltas(12)
    timeline.press("End")
    timeline.root.evaluate("(root, width) => { root.style.width = `${width}px`; }", width)
    inside = "(part) => part.scrollWidth <= part.clientWidth"
    assert timeline.root.locator(".bcw-timeline").evaluate(inside)
    canvas = timeline.canvas
    notebook.page.wait_for_function(
        "(canvas) => canvas.width === Math.round(canvas.clientWidth * devicePixelRatio)",
        arg=canvas.element_handle(),
        timeout=SLOW,
    )
    assert canvas.evaluate("(canvas) => canvas.clientWidth") < width


def test_the_plot_has_the_theme_s_colours(notebook: Notebook):
    chat, timeline = show_held(notebook)
    ask_lines(chat, 2)
    timeline.expect_deltas(2)
    expect(timeline.figures).to_contain_text("From yield to paint", timeout=SLOW)
    # Over letters of a row's label, between the axis' first ticks.
    darkest = """(canvas) => {
        const { data } = canvas.getContext('2d').getImageData(12, 22, 40, 17);
        let least = 255;
        for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 200) least = Math.min(least, data[at]);
        return least;
    }"""
    is_light, is_dark = (f"(canvas) => ({darkest})(canvas) {condition}" for condition in ("< 90", "> 150"))

    def wait_for(condition: str) -> None:
        notebook.page.wait_for_function(condition, arg=timeline.canvas.element_handle(), timeout=SLOW)

    notebook.use_theme("JupyterLab Light")  # the last one that any notebook used stays
    timeline.canvas.scroll_into_view_if_needed()
    wait_for(is_light)
    try:
        notebook.use_theme("JupyterLab Dark")
        wait_for(is_dark)
        # Out of sight, where the notebook leaves it out.
        chat.root.scroll_into_view_if_needed()
        notebook.use_theme("JupyterLab Light")
        timeline.canvas.scroll_into_view_if_needed()
        wait_for(is_light)
    finally:
        notebook.use_theme("JupyterLab Light")


def test_a_timeline_of_a_chat_that_has_been_going_on(notebook: Notebook):
    chat = notebook.show_chat("held.application()")
    ask_lines(chat, 3)
    timeline = show_timeline(notebook)
    timeline.expect_deltas(3)
    expect(timeline.figures).to_contain_text("From yield to paint", timeout=SLOW)
    assert json.loads(notebook.execute("import json; print(json.dumps([len(t.deltas) for t in chat.turns]))")) == [3]
