"""Stepping from the page: every control with the mouse and from the keyboard, what comes next, what each step did."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from support.inspector import Inspector, show_inspector
from support.jupyter import Jupyter
from support.notebook import SLOW, Chat, Notebook

LOOP = ["start", "count", "count", "count", "say"]
PLACES = pytest.mark.parametrize(
    "shared_notebook",
    [pytest.param({"app": "lab"}, id="lab"), pytest.param({"app": "notebook"}, id="notebook7")],
    indirect=True,
)
HOW = pytest.mark.parametrize("how", ["mouse", "keys", "chords"])


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    return shared_notebook


def show_loops(notebook: Notebook) -> tuple[Chat, Inspector]:
    notebook.run("from apps import loops")
    chat = notebook.show_chat("loops.application()")
    return chat, show_inspector(notebook)


@PLACES
@HOW
def test_step_runs_one_action_at_a_time(notebook: Notebook, how: str):
    chat, inspector = show_loops(notebook)
    graph = notebook.graph()
    inspector.do("Pause", how)
    expect(inspector.button("Pause")).to_have_attribute("aria-pressed", "true", timeout=SLOW)
    chat.send("3")
    inspector.expect_held("Held before start")
    held = ["start", "count", "count", "count", "say", "start"]
    for number, action in enumerate(LOOP):
        expect(graph.node(held[number])).to_have_attribute("data-held", "action", timeout=SLOW)
        inspector.do("Step", how)
        inspector.expect_actions(*LOOP[: number + 1])
        if action != "say":
            inspector.expect_held(f"Held before {held[number + 1]}")
    chat.expect_answer("1 2 3 ")
    inspector.wait_until("idle")
    assert notebook.evaluate("chat.turns[-1].actions") == LOOP


@HOW
def test_continue_goes_on_to_a_breakpoint_and_to_the_end(notebook: Notebook, how: str):
    chat, inspector = show_loops(notebook)
    graph = notebook.graph()
    if how == "mouse":
        graph.node("count").hover()
        graph.node("count").locator('[data-break="after"]').click()
    else:
        graph.node("count").focus()
        notebook.page.keyboard.press("Shift+B")
    expect(graph.node("count").locator('[data-break="after"]')).to_have_attribute("data-set", "true", timeout=SLOW)
    expect(inspector.breakpoints).to_contain_text("after count")
    chat.send("2")
    for times in (1, 2):
        inspector.expect_held("Held after count")
        assert notebook.evaluate("[str(each) for each in chat.breakpoints]") == ["after count"]
        inspector.expect_actions("start", *["count"] * times)
        expect(graph.node("count" if times == 1 else "say")).to_have_attribute("data-held", "action", timeout=SLOW)
        inspector.do("Continue", how)
    chat.expect_answer("1 2 ")
    inspector.wait_until("idle")

    inspector.root.get_by_role("button", name="Remove the breakpoint after count").click()
    expect(inspector.breakpoints).to_have_count(0, timeout=SLOW)
    chat.send("1")
    expect(chat.answer_text).to_have_text("1 ", timeout=SLOW)


@HOW
def test_pause_holds_before_the_next_action_and_can_be_taken_back(notebook: Notebook, how: str):
    chat = notebook.show_chat("held.application()")
    inspector = show_inspector(notebook)
    pause = inspector.button("Pause")
    chat.send("~a thought")
    expect(inspector.next).to_contain_text("Running think", timeout=SLOW)
    inspector.do("Pause", how)
    expect(pause).to_have_attribute("aria-pressed", "true", timeout=SLOW)
    inspector.do("Pause", how)
    expect(pause).to_have_attribute("aria-pressed", "false", timeout=SLOW)
    inspector.do("Pause", how)
    expect(inspector.next).to_contain_text("It will be held before that.", timeout=SLOW)
    notebook.execute("held.let_go()")
    inspector.expect_held("Held before answer")
    inspector.do("Continue", how)
    chat.expect_answer("a thought")


@HOW
def test_step_delta_holds_the_generator_at_its_yield(notebook: Notebook, how: str):
    chat, inspector = show_loops(notebook)
    notebook.execute('chat.breakpoints.add("say")')
    chat.send("3")
    inspector.expect_held("Held before say")
    for said in ("1 ", "1 2 "):
        inspector.do("Step delta", how)
        chat.expect_answer(said, status="streaming")
        inspector.expect_held("Held at a delta of say")
    expect(inspector.next).to_contain_text("The generator is held at its yield, 2 deltas in.")
    expect(notebook.graph().node("say")).to_have_attribute("data-held", "delta")
    expect(inspector.chosen).to_have_attribute("data-status", "held")
    inspector.tab("Deltas").click()
    expect(inspector.panel.get_by_role("row")).to_have_count(3)
    inspector.tab("State").click()
    expect(inspector.row("counted")).to_contain_text("[1, 2, 3]", timeout=SLOW)
    inspector.do("Continue", how)
    chat.expect_answer("1 2 3 ")
    expect(inspector.chosen).to_have_attribute("data-status", "done", timeout=SLOW)


@pytest.mark.parametrize("how", ["mouse", "keys"])
def test_stop_ends_a_turn_that_is_held(notebook: Notebook, how: str):
    chat, inspector = show_loops(notebook)
    notebook.execute('chat.breakpoints.add("say")')
    chat.send("2")
    inspector.expect_held("Held before say")
    inspector.do("Stop", how)
    inspector.wait_until("idle")
    expect(chat.answer).to_have_attribute("data-status", "stopped", timeout=SLOW)
    expect(inspector.next).to_contain_text("Next: start, needs prompt")
    notebook.execute("chat.breakpoints.clear()")
    chat.ask("3")
    chat.expect_answer("1 2 3 ")


@HOW
def test_every_control_on_the_demo(notebook: Notebook, how: str):
    chat = notebook.show_chat("demo.application(client=offline.client(rate=1000, first_token=0), pause=0)")
    inspector, graph = show_inspector(notebook), notebook.graph()
    ways = ["prompt", "check_safety", "decide_mode", "generate_poem"]

    # Pause, and action by action.
    inspector.do("Pause", how)
    expect(inspector.button("Pause")).to_have_attribute("aria-pressed", "true", timeout=SLOW)
    chat.send("Write a poem about rivers")
    inspector.expect_held("Held before prompt")
    for number, action in enumerate(ways[:-1], start=1):
        inspector.do("Step", how)
        inspector.expect_held(f"Held before {ways[number]}")
        inspector.expect_actions(*ways[:number])
        expect(graph.node(action)).to_have_attribute("data-status", "done")
    expect(inspector.next).to_contain_text("mode=generate_poem")

    # Delta by delta: what the page has is what the generator has yielded.
    for count in (1, 2, 3):
        inspector.do("Step delta", how)
        inspector.expect_held("Held at a delta of generate_poem")
        expect(inspector.next).to_contain_text(f"{count} delta{'' if count == 1 else 's'} in", timeout=SLOW)
        assert notebook.evaluate("len(chat.turns[-1].deltas)") == count
    inspector.do("Continue", how)
    inspector.wait_until("idle")
    expect(chat.answer).to_have_attribute("data-status", "done", timeout=SLOW)
    assert notebook.evaluate("chat.turns[-1].status, chat.turns[-1].actions") == ("completed", ways)

    # To a breakpoint, which is set at the node, and no further.
    if how == "mouse":
        graph.node("decide_mode").hover()
        graph.node("decide_mode").locator('[data-break="before"]').click()
    else:
        graph.node("decide_mode").focus()
        notebook.page.keyboard.press("b")
    expect(inspector.breakpoints).to_contain_text("before decide_mode", timeout=SLOW)
    chat.send("What is a delta?")
    inspector.expect_held("Held before decide_mode")
    inspector.do("Stop", "mouse" if how == "mouse" else "keys")
    inspector.wait_until("idle")
    assert notebook.evaluate("chat.turns[-1].status, len(chat.app.state['chat_history'])") == ("stopped", 2)
    notebook.execute("chat.breakpoints.clear()")
    chat.ask("Write a poem about rivers")
    assert notebook.evaluate("chat.turns[-1].actions") == ways


def test_the_chat_alone_shows_where_its_turn_is_held_and_goes_on(notebook: Notebook):
    notebook.run("from apps import loops")
    chat = notebook.show_chat("loops.application()")
    bar = chat.root.get_by_role("group", name="Held")
    notebook.execute('chat.breakpoints.add("count")')
    chat.send("2")
    expect(bar).to_contain_text("Held before count", timeout=SLOW)
    expect(chat.status).to_have_text("Held before count")
    notebook.execute("chat.breakpoints.clear()")
    bar.get_by_role("button", name="Step", exact=True).click()
    expect(bar).to_contain_text("one step further", timeout=SLOW)
    bar.get_by_role("button", name="Step", exact=True).click()
    expect(bar).to_contain_text("Held before say", timeout=SLOW)
    bar.get_by_role("button", name="Step delta").click()
    expect(bar).to_contain_text("Held at a delta of say", timeout=SLOW)
    # The keys are the chat's too, in its text as well.
    chat.message.focus()
    notebook.page.keyboard.press("F8")
    chat.expect_answer("1 2 ")
    expect(bar).to_have_count(0)


def test_the_graph_alone_is_stepped_with_keys(notebook: Notebook):
    chat, _ = show_loops(notebook)
    graph = notebook.graph(notebook.run("chat.graph"))
    graph.node("count").focus()
    notebook.page.keyboard.press("b")
    expect(graph.node("count").locator('[data-break="before"]')).to_have_attribute("data-set", "true", timeout=SLOW)
    chat.send("1")
    expect(graph.node("count")).to_have_attribute("data-held", "action", timeout=SLOW)
    graph.node("count").focus()
    notebook.page.keyboard.press("F10")
    expect(graph.node("say")).to_have_attribute("data-held", "action", timeout=SLOW)
    notebook.page.keyboard.press("F8")
    chat.expect_answer("1 ")


def test_what_comes_next_and_why(notebook: Notebook):
    chat = notebook.show_chat("demo.application(pause=0)")
    inspector = show_inspector(notebook)
    expect(inspector.next).to_contain_text("Next: prompt, needs prompt", timeout=SLOW)
    notebook.execute('chat.breakpoints.add("check_safety", when="after")')
    chat.send("Tell me something unsafe")
    inspector.expect_held("Held after check_safety")
    expect(inspector.next).to_contain_text("Next: unsafe_response")
    expect(inspector.conditions).to_have_count(2)
    expect(inspector.conditions.first).to_contain_text("false")
    expect(inspector.conditions.first).to_contain_text("safe = False")
    expect(inspector.conditions.last).to_have_attribute("data-taken", "true")
    inspector.do("Continue")
    inspector.wait_until("idle")
    inspector.step_of("check_safety").click()
    inspector.tab("Why").click()
    expect(inspector.panel).to_contain_text("After it came unsafe_response")
    expect(inspector.panel).to_contain_text("safe = False")
    inspector.tab("Source").click()
    expect(inspector.panel).to_contain_text('return state.update(safe="unsafe" not in')


def test_a_cell_that_changes_the_state_changes_what_comes_next(notebook: Notebook):
    """No turn runs meanwhile, and none is begun."""
    chat, inspector = show_loops(notebook)
    graph = notebook.graph()
    expect(inspector.root.get_by_role("tree", name="State")).to_contain_text("counted", timeout=SLOW)
    notebook.run("chat.app.update_state(chat.app.state.update(counted=[9]))")
    expect(inspector.row("counted")).to_contain_text("[9]", timeout=SLOW)
    chat.ask("3")
    inspector.step_of("count").first.click()
    inspector.button("Rewind").click()
    inspector.button("Rewind now").click()
    expect(inspector.next).to_contain_text("Next: count", timeout=SLOW)
    expect(inspector.conditions.first).to_contain_text("last = 1")

    notebook.run("chat.app.update_state(chat.app.state.update(last=7))")
    expect(inspector.next).to_contain_text("Next: say", timeout=SLOW)
    expect(inspector.next).to_contain_text("Out of count, on the present state")
    expect(inspector.conditions.first).to_contain_text("last = 7")
    expect(inspector.conditions.last).to_have_attribute("data-taken", "true")
    expect(graph.node("say")).to_have_attribute("data-status", "next", timeout=SLOW)
    expect(graph.node("count")).not_to_have_attribute("data-status", "next")
    expect(inspector.panel).to_contain_text("Since then last was changed by hand.")
    now = inspector.root.get_by_role("tree", name="State now")
    expect(now.locator('[data-key="last"]')).to_contain_text("7", timeout=SLOW)
    notebook.run("chat.app.update_state(chat.app.state.update(last=8))")
    expect(now.locator('[data-key="last"]')).to_contain_text("8", timeout=SLOW)

    notebook.run("chat.app.update_state(chat.app.state.wipe(delete=['goal']))")
    expect(inspector.next).to_contain_text("Nothing comes next", timeout=SLOW)
    expect(inspector.next).to_contain_text(
        "the condition 'last < goal' of the transition to 'count' cannot be evaluated"
    )
    notebook.run("chat.app.update_state(chat.app.state.update(goal=2, last=1))")
    expect(inspector.next).to_contain_text("Next: count", timeout=SLOW)
    assert notebook.evaluate("len(chat.turns)") == 1
    inspector.do("Continue")
    chat.expect_answer("1 2 ")


def test_what_a_step_did(notebook: Notebook):
    chat = notebook.show_chat("demo.application(pause=0)")
    inspector = show_inspector(notebook)
    chat.ask("hello")
    chat.ask("Tell me something unsafe")
    inspector.step_of("prompt").last.click()
    expect(inspector.row("prompt")).to_have_attribute("data-change", "changed", timeout=SLOW)
    expect(inspector.row("prompt").locator("del")).to_have_text("'hello'")
    expect(inspector.row("response")).to_have_attribute("data-change", "removed")
    expect(inspector.row("chat_history", "2")).to_have_attribute("data-change", "added", timeout=SLOW)
    expect(inspector.row("chat_history", "2", "content")).to_contain_text("'Tell me something unsafe'", timeout=SLOW)
    expect(inspector.row("chat_history", "0")).not_to_have_attribute("data-change", "changed")
    inspector.root.get_by_role("checkbox", name="Changed only").check()
    expect(inspector.row("chat_history", "0")).to_have_count(0)
    inspector.tab("Inputs").click()
    expect(inspector.panel.get_by_role("treeitem")).to_contain_text("'Tell me something unsafe'", timeout=SLOW)
    inspector.step_of("unsafe_response").last.click()
    inspector.tab("Result").click()
    expect(inspector.panel.locator('[data-key="response"]')).to_be_visible(timeout=SLOW)
    inspector.tab("Deltas").click()
    expect(inspector.panel.get_by_role("row").nth(1)).to_contain_text("I")


def test_the_state_is_read_with_keys(notebook: Notebook):
    chat = notebook.show_chat("demo.application(pause=0)")
    inspector = show_inspector(notebook)
    chat.ask("Tell me something unsafe")
    before = notebook.contents()
    keyboard = notebook.page.keyboard
    inspector.chosen.focus()
    keyboard.press("Home")
    expect(inspector.chosen).to_contain_text("prompt")
    # It has changed, and is unfolded for that.
    first = inspector.row("chat_history", "0")
    expect(first).to_be_visible(timeout=SLOW)
    first.focus()
    keyboard.press("ArrowRight")
    content = inspector.state.locator('[aria-level="3"][data-key="content"]')
    expect(content).to_contain_text("'Tell me something unsafe'", timeout=SLOW)
    keyboard.press("ArrowDown")
    keyboard.press("ArrowLeft")
    expect(first).to_be_focused()
    keyboard.press("ArrowLeft")
    expect(content).to_have_count(0)
    keyboard.press("ArrowLeft")
    expect(inspector.row("chat_history")).to_be_focused()
    keyboard.press("Enter")
    expect(inspector.row("chat_history")).to_have_attribute("aria-expanded", "false")
    keyboard.press("End")
    expect(inspector.state.get_by_role("treeitem").last).to_be_focused()
    for key in ("a", "b", "d", "d", "Shift+Enter", "Escape"):
        keyboard.press(key)
    assert notebook.contents() == before


@pytest.mark.parametrize("how", ["mouse", "keys"])
def test_rewind(notebook: Notebook, how: str):
    chat, inspector = show_loops(notebook)
    chat.ask("1")
    chat.ask("3")
    inspector.step_of("count").nth(1).click()
    if how == "mouse":
        inspector.button("Rewind").click()
        expect(inspector.root).to_contain_text("Rewinding undoes state, not side effects")
        inspector.button("Rewind now").click()
    else:
        inspector.button("Rewind").focus()
        notebook.page.keyboard.press("Enter")
        expect(inspector.button("Rewind now")).to_be_focused()
        notebook.page.keyboard.press("Enter")
    inspector.expect_actions("start", "count", "say", "start", "count")
    assert notebook.evaluate("(chat.app.state['counted'], chat.app.state['goal'])") == ([1], 3)
    expect(inspector.next).to_contain_text("Next: count")
    # It goes on from there, without a word.
    inspector.do("Step", "mouse" if how == "mouse" else "keys")
    inspector.expect_held("Held before count")
    inspector.do("Continue", "mouse" if how == "mouse" else "keys")
    inspector.wait_until("idle")
    chat.expect_answer("1 2 3 ")
    chat.ask("2")
    chat.expect_answer("1 2 ")


@PLACES
def test_keys_outside_belong_to_the_notebook(notebook: Notebook):
    chat, inspector = show_loops(notebook)
    notebook.execute('chat.breakpoints.add("count")')
    chat.send("1")
    inspector.expect_held("Held before count")
    notebook.cells.last.locator(".cm-content").click()
    for key in ("F8", "Control+\\", "F10", "Control+'", "Control+;"):
        notebook.page.keyboard.press(key)
    # Whatever a key has started in the kernel is before this.
    assert notebook.evaluate("chat.turns[-1].status") == "running"
    inspector.expect_held("Held before count")
    inspector.expect_actions("start")
    inspector.do("Stop")
    inspector.wait_until("idle")


def test_a_page_reloaded_shows_the_turn_held(own_notebook: Notebook):
    notebook = own_notebook
    chat, inspector = show_loops(notebook)
    notebook.execute('chat.breakpoints.add("say")')
    chat.send("2")
    inspector.expect_held("Held before say")
    notebook.reload()
    root = notebook.page.locator('.bcw[data-view="inspector"]').last
    inspector = Inspector(root)
    inspector.expect_held("Held before say")
    inspector.expect_actions("start", "count", "count")
    expect(inspector.row("counted")).to_have_attribute("data-change", "changed", timeout=SLOW)
    inspector.do("Step delta")
    inspector.expect_held("Held at a delta of say")
    inspector.do("Continue")
    notebook.chat().expect_answer("1 2 ")


def test_a_large_state(notebook: Notebook):
    notebook.run(
        "from apps.graphs import build, does\n"
        "from burr_chat_widget import BurrChat\n"
        "def fill(state):\n"
        "    return state.update(text='a line of text\\n' * 350_000, password='secret', **{f'key_{n}': n for n in range(10_000)})\n"
        "chat = BurrChat(build(('fill', 'fill'), fill=does(fill, writes=['text', 'password', *[f'key_{n}' for n in range(10_000)]])))"
    )
    inspector = show_inspector(notebook)
    inspector.do("Step")
    inspector.expect_held("Held before fill")
    expect(inspector.row("password")).to_contain_text("stays in the kernel", timeout=SLOW)
    expect(inspector.row("key_100")).to_have_attribute("data-change", "added")
    rows = inspector.state.get_by_role("treeitem")
    more = inspector.state.get_by_text("Show more")
    before = rows.count()
    more.click()
    expect(rows).not_to_have_count(before, timeout=SLOW)
    text = inspector.row("text")
    expect(text).to_contain_text("5,250,000 characters")
    text.click()
    shown = inspector.state.locator(".bcw-value-text")
    expect(shown).to_contain_text("a line of text", timeout=SLOW)
    first = len(shown.inner_text())
    more.first.click()
    notebook.page.wait_for_function(
        "([box, first]) => box.textContent.length > first", arg=[shown.element_handle(), first], timeout=SLOW
    )
    inspector.do("Stop")
    assert "secret" not in inspector.root.inner_text()


def test_while_a_cell_keeps_the_kernel_it_is_waited_for(browser: Browser, jupyter: Jupyter, tmp_path: Path):
    settings = (
        jupyter.folder.parent / "home/settings/@jupyterlab/apputils-extension/kernels-settings.jupyterlab-settings"
    )
    settings.write_text(json.dumps({"commsOverSubshells": "disabled"}))
    notebook = Notebook.create(browser, jupyter, name="inspector-busy")
    settings.unlink()
    chat, inspector = show_loops(notebook)
    notebook.execute('chat.breakpoints.add("say")')
    chat.send("1")
    inspector.expect_held("Held before say")
    counted = inspector.row("counted", "0")
    expect(counted).to_be_visible(timeout=SLOW)
    go = tmp_path / "go"
    cell = notebook.start(
        f"from pathlib import Path\nimport time\nwhile not Path({str(go)!r}).exists():\n    time.sleep(0.02)"
    )
    expect(cell.locator(".jp-InputPrompt").first).to_have_text(re.compile(r"\[\*\]"), timeout=SLOW)
    inspector.tab("Result").click()
    expect(inspector.panel).to_contain_text("The kernel is busy", timeout=SLOW)
    inspector.button("Step").click()
    expect(inspector.note).to_contain_text("The kernel is busy", timeout=SLOW)
    expect(inspector.button("Step")).to_have_attribute("aria-disabled", "true")
    inspector.tab("State").click()
    expect(counted).to_be_visible()
    go.touch()
    chat.expect_answer("1 ")
    inspector.expect_actions("start", "count", "say")
    notebook.close()


def test_a_kernel_that_is_gone_leaves_what_was_fetched(notebook: Notebook):
    chat, inspector = show_loops(notebook)
    notebook.execute('chat.breakpoints.add("say")')
    chat.send("1")
    inspector.expect_held("Held before say")
    expect(inspector.row("counted", "0")).to_be_visible(timeout=SLOW)
    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    inspector.wait_until("disconnected")
    expect(inspector.next).to_contain_text("The kernel is gone")
    for name in ("Continue", "Pause", "Step", "Step delta", "Stop", "Rewind"):
        expect(inspector.button(name)).to_have_attribute("aria-disabled", "true")
    expect(inspector.row("counted", "0")).to_be_visible()
    inspector.step_of("start").click()
    expect(inspector.state).to_contain_text("The kernel is gone.", timeout=SLOW)
    notebook.wait_for_kernel()
