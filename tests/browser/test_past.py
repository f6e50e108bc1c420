"""The past is looked at, and gone on from: in the same branch or in another, with the state as it was or changed by hand."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from support.inspector import Inspector, show_inspector
from support.notebook import SLOW, Chat, Notebook

DEMO = "demo.application(pause=0)"
UNSAFE, SAFE = "Tell me something unsafe", "Write a poem about the sea"


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    return shared_notebook


def banner(root: Locator) -> Locator:
    return root.get_by_role("group", name="The past")


def show_two_turns(notebook: Notebook) -> tuple[Chat, Inspector]:
    """`prompt check_safety unsafe_response` and `prompt check_safety decide_mode generate_poem` were run."""
    chat = notebook.show_chat(DEMO)
    inspector = show_inspector(notebook)
    chat.ask(UNSAFE)
    chat.ask(SAFE)
    expect(inspector.steps).to_have_count(7, timeout=SLOW)
    return chat, inspector


def edit(inspector: Inspector, key: str, value: str) -> None:
    """Write another value of a key of the state."""
    row = inspector.row(key)
    expect(row).to_be_visible(timeout=SLOW)
    row.hover()
    row.get_by_role("button", name=f"Edit {key}").click()
    area = row.get_by_role("textbox", name=f"New value of {key}")
    area.fill(value)
    area.press("Enter")


def go(inspector: Inspector, way: str) -> None:
    """Rewind or fork, and say that it is meant."""
    inspector.button(way).click()
    inspector.button(f"{way} now").click()


def test_an_earlier_step_shows_all_as_it_was_and_leads_back(notebook: Notebook):
    chat, inspector = show_two_turns(notebook)
    graph = notebook.graph()
    second = notebook.chat(notebook.run("chat"))
    inspector.step_of("check_safety").first.click()
    for each in (chat, second):
        expect(banner(each.root)).to_contain_text(re.compile(r"The past: after step \d+, check_safety\."))
        expect(each.prompt_texts).to_have_text([UNSAFE])
        expect(each.answers).to_have_count(0)
        expect(each.message).to_have_attribute("aria-disabled", "true")
        expect(each.root).to_contain_text("This is the past. Go back to now to go on.")
    expect(banner(graph.root)).to_be_visible()
    graph.expect_node("check_safety", "done", 1)
    graph.expect_node("unsafe_response", "idle", 0)
    graph.expect_node("decide_mode", "idle", 0)
    graph.expect_taken("check_safety", "unsafe_response", 1)
    graph.expect_taken("check_safety", "decide_mode", 0)
    expect(inspector.row("safe")).to_contain_text("False", timeout=SLOW)
    expect(inspector.row("response")).to_have_count(0)

    # Within a turn, what was said before the step is there.
    inspector.step_of("unsafe_response").click()
    expect(chat.answers).to_have_count(1)
    graph.expect_node("unsafe_response", "done", 1)

    banner(chat.root).get_by_role("button", name="Back to now").click()
    expect(chat.message).to_be_focused()
    for each in (chat, second):
        expect(banner(each.root)).to_have_count(0)
        expect(each.prompt_texts).to_have_text([UNSAFE, SAFE])
        expect(each.answers).to_have_count(2)
    graph.expect_node("generate_poem", "done", 1)
    expect(inspector.chosen).to_contain_text("generate_poem")
    chat.ask(UNSAFE)
    expect(chat.answers).to_have_count(3)


@pytest.mark.parametrize("view", ["chat", "inspector", "graph"])
def test_escape_leads_back_from_each_view(notebook: Notebook, view: str):
    chat, inspector = show_two_turns(notebook)
    graph = notebook.graph()
    inspector.step_of("check_safety").first.click()
    expect(banner(chat.root)).to_be_visible()
    places = {"chat": chat.message, "inspector": inspector.chosen, "graph": graph.node("prompt")}
    places[view].focus()
    if view == "inspector":
        # There it leaves what is asked first.
        inspector.button("Rewind").click()
        notebook.page.keyboard.press("Escape")
        expect(inspector.button("Rewind")).to_be_focused()
        expect(banner(chat.root)).to_be_visible()
    if view == "graph":
        # A card that the focus has opened is closed first.
        notebook.page.keyboard.press("Enter")
        notebook.page.keyboard.press("Escape")
        expect(banner(chat.root)).to_be_visible()
    notebook.page.keyboard.press("Escape")
    expect(banner(chat.root)).to_have_count(0)
    expect(chat.prompt_texts).to_have_text([UNSAFE, SAFE])


def test_a_turn_goes_on_unseen(notebook: Notebook):
    chat = notebook.show_chat("held.application()")
    inspector = show_inspector(notebook)
    chat.ask("once")
    chat.send("a|b")
    chat.expect_answer("a", status="streaming")
    inspector.step_of("think").first.click()
    expect(chat.prompt_texts).to_have_text(["once"])
    expect(chat.answers).to_have_count(0)
    assert "new" not in banner(chat.root).inner_text()
    notebook.execute("held.let_go()")
    expect(banner(chat.root)).to_contain_text("Something new has come since.", timeout=SLOW)
    expect(chat.answers).to_have_count(0)
    chat.message.focus()
    notebook.page.keyboard.press("Escape")
    chat.expect_answer("ab")
    assert notebook.evaluate("[turn.status for turn in chat.turns]") == ["completed", "completed"]


def test_escape_stops_no_turn_that_is_not_seen(notebook: Notebook):
    chat = notebook.show_chat("held.application()")
    inspector = show_inspector(notebook)
    chat.ask("once")
    chat.send("a|b")
    chat.expect_answer("a", status="streaming")
    inspector.step_of("think").first.click()
    expect(banner(chat.root)).to_be_visible()
    chat.message.focus()
    notebook.page.keyboard.press("Escape")
    chat.expect_answer("a", status="streaming")
    notebook.execute("held.let_go()")
    chat.expect_answer("ab")


def test_rewound_with_another_value_the_answer_is_another(notebook: Notebook):
    chat, inspector = show_two_turns(notebook)
    app_id = notebook.evaluate("chat.app.uid")
    inspector.step_of("check_safety").first.click()
    edit(inspector, "safe", "true")
    changes = inspector.root.get_by_role("list", name="Changes of the state").get_by_role("listitem")
    expect(changes).to_have_text([re.compile("safe = true")])
    go(inspector, "Rewind")
    expect(changes).to_have_count(0, timeout=SLOW)
    expect(banner(chat.root)).to_have_count(0)
    inspector.expect_actions("prompt", "check_safety")
    assert notebook.evaluate("chat.app.state['safe']") is True
    state_now = inspector.root.get_by_role("tree", name="State now")
    expect(state_now.locator('[data-key="safe"]')).to_contain_text("True", timeout=SLOW)
    inspector.do("Continue")
    inspector.expect_actions("prompt", "check_safety", "decide_mode", "answer_question")
    inspector.wait_until("idle")
    assert notebook.evaluate("chat.app.uid") == app_id
    expect(chat.prompt_texts).to_have_text([UNSAFE])


def test_forked_with_another_value_there_are_two_branches(notebook: Notebook):
    chat, inspector = show_two_turns(notebook)
    app_id = notebook.evaluate("chat.app.uid")
    inspector.step_of("check_safety").last.click()
    # With the keyboard.
    row = inspector.row("safe")
    expect(row).to_be_visible(timeout=SLOW)
    row.focus()
    notebook.page.keyboard.press("Enter")
    expect(row.get_by_role("textbox")).to_be_focused()
    notebook.page.keyboard.press("ControlOrMeta+a")
    notebook.page.keyboard.type("false")
    notebook.page.keyboard.press("Enter")
    expect(row).to_be_focused()
    expect(row).to_contain_text("→ false")
    inspector.button("Fork").focus()
    notebook.page.keyboard.press("Enter")
    expect(inspector.button("Fork now")).to_be_focused()
    expect(inspector.root).to_contain_text("in another branch, with an application of its own; this one stays")
    notebook.page.keyboard.press("Enter")
    inspector.expect_actions("prompt", "check_safety", "unsafe_response", "prompt", "check_safety")
    branches = inspector.root.get_by_role("region", name="Branches")
    expect(branches.get_by_role("button", name=re.compile(r"^Branch \d"))).to_have_count(2, timeout=SLOW)
    forked = notebook.evaluate("chat.app.uid")
    assert forked != app_id
    assert notebook.evaluate("chat.app.state['safe']") is False
    inspector.do("Continue")
    inspector.expect_actions(*["prompt", "check_safety", "unsafe_response"] * 2)
    inspector.wait_until("idle")
    expect(chat.answers.last).to_contain_text("I would rather not talk about that")
    branches.get_by_role("button", name=re.compile("^Branch 1")).click()
    expect(inspector.steps).to_have_count(7, timeout=SLOW)
    assert notebook.evaluate("(chat.app.uid, chat.app.state['safe'])") == (app_id, True)


def test_a_typed_state_says_at_the_row_what_is_wrong(notebook: Notebook):
    notebook.run("from apps import said")
    chat = notebook.show_chat("said.typed_writer()")
    inspector = show_inspector(notebook)
    chat.ask("rivers")
    inspector.step_of("take").click()
    edit(inspector, "post", "not JSON")
    row = inspector.row("post")
    expect(row).to_contain_text("This is not JSON")
    area = row.get_by_role("textbox")
    area.fill("5")
    area.press("Enter")
    go(inspector, "Rewind")
    expect(row.get_by_role("alert")).to_be_visible(timeout=SLOW)
    expect(inspector.note).to_contain_text("Not done")
    assert notebook.evaluate("chat.app.state['post'] is not None")
    expect(inspector.steps).to_have_count(2)
    edit(inspector, "post", '{"title": "By hand", "paragraphs": ["One."]}')
    expect(row.get_by_role("alert")).to_have_count(0)
    go(inspector, "Rewind")
    inspector.expect_actions("take")
    assert notebook.evaluate("(type(chat.app.state['post']).__name__, chat.app.state['post'].title)") == (
        "Post",
        "By hand",
    )


def test_keys_are_added_and_removed_and_changes_are_undone(notebook: Notebook):
    _, inspector = show_two_turns(notebook)
    inspector.step_of("check_safety").first.click()
    changes = inspector.root.get_by_role("list", name="Changes of the state").get_by_role("listitem")
    edit(inspector, "prompt", "Another prompt")
    inspector.button("Add a key").click()
    inspector.root.get_by_role("textbox", name="Key").fill("extra")
    value = inspector.root.get_by_role("textbox", name="Value, as JSON")
    value.fill('{"a": [1, 2]}')
    value.press("Enter")
    row = inspector.row("chat_history", "0")
    row.focus()
    notebook.page.keyboard.press("Delete")
    expect(row).to_contain_text("to be removed")
    expect(changes).to_have_count(3)
    inspector.root.get_by_role("button", name="Undo the change of prompt").click()
    expect(changes).to_have_count(2)
    expect(inspector.row("prompt")).not_to_contain_text("Another prompt")
    go(inspector, "Rewind")
    inspector.expect_actions("prompt", "check_safety")
    assert notebook.evaluate("[chat.app.state[k] for k in ('prompt', 'extra', 'chat_history')]") == [
        UNSAFE,
        {"a": [1, 2]},
        [],
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures(notebook: Notebook, theme: str):
    """For a person to look at: test-results/past-*.png."""
    notebook.use_theme(f"JupyterLab {theme.title()}")
    chat, inspector = show_two_turns(notebook)
    inspector.step_of("check_safety").first.click()
    edit(inspector, "safe", "true")
    row = inspector.row("prompt")
    row.hover()
    row.get_by_role("button", name="Edit prompt").click()
    inspector.button("Fork").click()
    for name, width in (("wide", None), ("narrow", "320px")):
        for part in ("chat", "inspector"):
            root = chat.root.locator("..") if part == "chat" else inspector.root
            root.evaluate("(el, width) => { el.style.width = width ?? ''; }", width)
            expect(banner(chat.root)).to_be_visible()
            root.screenshot(path=f"test-results/past-{part}-{theme}-{name}.png")
        inspector.state.screenshot(path=f"test-results/past-state-{theme}-{name}.png")
    notebook.use_theme("JupyterLab Light")
