"""Editing an earlier prompt and retrying an answer: each is another branch, and the application goes with the one that is shown."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from support.inspector import show_inspector
from support.notebook import SLOW, Chat, Notebook

DEMO = "demo.application(pause=0)"
ONE, TWO, THREE = PROMPTS = ("Tell me something unsafe", "Is it unsafe to wait?", "An unsafe third")


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    return shared_notebook


@pytest.fixture
def chat(notebook: Notebook) -> Chat:
    return converse(notebook)


def converse(notebook: Notebook) -> Chat:
    """A chat in which the three were asked."""
    chat = notebook.show_chat(DEMO)
    for prompt in PROMPTS:
        chat.ask(prompt)
    return chat


def expect_branch(notebook: Notebook, chat: Chat, *prompts: str) -> None:
    """The chat shows the branch with these prompts, all answered, and the application is on it."""
    expect(chat.prompt_texts).to_have_text(list(prompts), timeout=SLOW)
    expect(chat.stop_button).to_have_count(0, timeout=SLOW)
    chat.wait_until("idle")
    expect(chat.answers).to_have_count(len(prompts))
    said = "[m['content'] for m in chat.app.state['chat_history'] if m['role'] == 'user']"
    assert notebook.evaluate(said) == list(prompts)
    assert notebook.evaluate("chat.app.state['prompt']") == prompts[-1]
    assert notebook.evaluate("[turn.prompt for turn in chat.turns]") == list(prompts)


def press(button: Locator) -> None:
    """Press it with the keyboard, once it does not rest: a key does not wait for that as a click does."""
    expect(button).to_have_attribute("aria-disabled", "false")
    button.focus()
    button.page.keyboard.press("Enter")


def test_the_first_of_three_prompts_is_edited(notebook: Notebook, chat: Chat):
    app_id = notebook.evaluate("chat.app.uid")
    chat.edit(ONE, "Something unsafe, please")
    expect(chat.message).to_be_focused()
    expect_branch(notebook, chat, "Something unsafe, please")
    assert notebook.evaluate("chat.app.uid") != app_id
    chat.show_version("Previous", "2 of 2")
    expect_branch(notebook, chat, *PROMPTS)
    assert notebook.evaluate("chat.app.uid") == app_id
    chat.show_version("Next", "1 of 2")
    expect_branch(notebook, chat, "Something unsafe, please")


def test_the_answer_in_the_middle_is_tried_again_and_the_branch_goes_on(notebook: Notebook, chat: Chat):
    first = chat.articles.first.element_handle()
    chat.answers.nth(1).get_by_role("button", name="Retry").click()
    expect_branch(notebook, chat, ONE, TWO)
    chat.ask("An unsafe fourth")
    expect_branch(notebook, chat, ONE, TWO, "An unsafe fourth")

    chat.show_version("Previous", "2 of 2")
    expect(chat.versions("1 of 2").get_by_role("button", name="Previous version")).to_be_focused()
    expect_branch(notebook, chat, ONE, TWO, THREE)
    # What both have in common was not made anew.
    assert chat.articles.first.evaluate("(article, first) => article === first", first)
    chat.ask("An unsafe fifth")
    expect_branch(notebook, chat, ONE, TWO, THREE, "An unsafe fifth")
    chat.show_version("Next", "1 of 2")
    expect_branch(notebook, chat, ONE, TWO, "An unsafe fourth")

    # A third version, of the second.
    chat.edit(TWO, "Is it unsafe to ask?")
    expect_branch(notebook, chat, ONE, "Is it unsafe to ask?")
    chat.show_version("Previous", "3 of 3")
    expect_branch(notebook, chat, ONE, TWO, "An unsafe fourth")
    chat.show_version("Previous", "2 of 3")
    expect_branch(notebook, chat, ONE, TWO, THREE, "An unsafe fifth")
    assert notebook.evaluate("[len(branch.turns) for branch in chat.branches]") == [4, 3, 2]


def test_from_the_keyboard(notebook: Notebook, chat: Chat):
    cells = notebook.contents()
    keyboard = notebook.page.keyboard
    edit = chat.prompt(TWO).get_by_role("button", name="Edit")
    press(edit)
    expect(chat.editor).to_be_focused()
    keyboard.type(" And why?")
    keyboard.press("Escape")
    expect(edit).to_be_focused()
    expect(chat.prompt_texts).to_have_text(PROMPTS)
    keyboard.press("Enter")
    expect(chat.editor).to_have_value(TWO)
    expect(chat.editor).to_be_focused()
    keyboard.press("Shift+Enter")
    keyboard.type("abdd")
    expect(chat.editor).to_have_value(f"{TWO}\nabdd")
    keyboard.press("Enter")
    expect(chat.message).to_be_focused()
    expect_branch(notebook, chat, ONE, f"{TWO}\nabdd")

    press(chat.versions("2 of 2").get_by_role("button", name="Previous version"))
    expect_branch(notebook, chat, *PROMPTS)
    before, after = (chat.versions("1 of 2").get_by_role("button", name=f"{w} version") for w in ("Previous", "Next"))
    expect(before).to_be_focused()
    expect(before).to_have_attribute("aria-disabled", "true")
    keyboard.press("Tab")
    expect(after).to_be_focused()
    expect(after).to_have_attribute("aria-disabled", "false")
    keyboard.press(" ")
    expect_branch(notebook, chat, ONE, f"{TWO}\nabdd")
    assert notebook.contents() == cells


def test_views_agree_and_a_reloaded_page_shows_the_same_branch(own_notebook: Notebook):
    notebook = own_notebook
    chat = converse(notebook)
    second = notebook.chat(notebook.run("chat"))
    chat.edit(TWO, "Edited, unsafe")
    for each in (chat, second):
        expect_branch(notebook, each, ONE, "Edited, unsafe")
    second.show_version("Previous", "2 of 2")
    for each in (chat, second):
        expect_branch(notebook, each, *PROMPTS)
    assert chat.shown() == second.shown()
    chat.show_version("Next", "1 of 2")
    expect_branch(notebook, second, ONE, "Edited, unsafe")
    notebook.reload()
    again = notebook.chat()
    expect_branch(notebook, again, ONE, "Edited, unsafe")
    again.show_version("Previous", "2 of 2")
    expect_branch(notebook, again, *PROMPTS)


def test_the_arrows_rest_while_a_turn_runs(notebook: Notebook):
    chat = notebook.show_chat("held.application()")
    chat.ask("once")
    chat.retry_button.click()
    arrow = chat.versions("2 of 2").get_by_role("button", name="Previous version")
    expect(arrow).to_have_attribute("aria-disabled", "false", timeout=SLOW)
    chat.send("a|b")
    chat.expect_answer("a", status="streaming")
    expect(arrow).to_have_attribute("aria-disabled", "true")
    expect(chat.prompt("once").get_by_role("button", name="Edit")).to_have_attribute("aria-disabled", "true")
    notebook.execute("held.let_go()")
    expect(arrow).to_have_attribute("aria-disabled", "false", timeout=SLOW)
    arrow.click()
    expect(chat.prompt_texts).to_have_text(["once"], timeout=SLOW)


def test_a_stopped_version_that_is_tried_again_keeps_its_place(notebook: Notebook):
    chat = notebook.show_chat("held.application()")
    chat.ask("once")
    chat.edit("once", "half |whole")
    chat.expect_answer("half ", status="streaming")
    chat.stop_button.click()
    chat.expect_answer("half ", status="stopped")
    chat.wait_until("idle")
    chat.retry_button.click()
    chat.expect_answer("half ", status="streaming")
    notebook.execute("held.let_go()")
    chat.expect_answer("half whole")
    chat.show_version("Previous", "2 of 2")
    chat.expect_answer("once")
    chat.show_version("Next", "1 of 2")
    chat.expect_answer("half whole")
    assert notebook.evaluate("len(chat.app.state['chat_history'])") == 2


def test_the_tree_of_branches_and_two_compared(notebook: Notebook):
    chat = notebook.show_chat(DEMO)
    inspector = show_inspector(notebook)
    for prompt in (ONE, TWO):
        chat.ask(prompt)
    branches = inspector.root.get_by_role("region", name="Branches")
    expect(branches).to_have_count(0)
    chat.edit(TWO, "What is a state machine?")
    expect(chat.versions("2 of 2")).to_be_visible(timeout=SLOW)
    chat.wait_until("idle")
    rows = branches.get_by_role("listitem").filter(has=notebook.page.get_by_role("button", name="Branch "))
    expect(rows).to_have_count(2, timeout=SLOW)
    first = branches.get_by_role("button", name=f"Branch 1: {ONE}, 6 steps")
    second = branches.get_by_role("button", name="Branch 2: What is a state machine?, 4 steps of its own")
    expect(second).to_have_attribute("aria-current", "true", timeout=SLOW)

    branches.get_by_role("button", name="Compare with branch 1").click()
    comparison = branches.get_by_role("region", name="Comparison")
    expect(comparison).to_contain_text("The first 3 steps are shared. They part at the 6th step.")
    parts = comparison.locator('tr[data-parts="true"] > td')
    expect(parts).to_have_text(["decide_mode", "unsafe_response"])
    tree = comparison.get_by_role("tree", name="Difference of the states")
    row = tree.locator('[data-key="prompt"]')
    expect(row).to_have_attribute("data-change", "changed", timeout=SLOW)
    expect(row.locator("del")).to_have_text(f"'{TWO}'")
    expect(tree.locator('[data-key="mode"]')).to_have_attribute("data-change", "added")

    press(first)
    expect_branch(notebook, chat, ONE, TWO)
    expect(first).to_be_focused()
    expect(first).to_have_attribute("aria-current", "true")
    expect(row.locator("del")).to_have_text("'What is a state machine?'", timeout=SLOW)
    expect(tree.locator('[data-key="mode"]')).to_have_attribute("data-change", "removed")
