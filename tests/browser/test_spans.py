"""What runs inside a step, in JupyterLab: children of parallel actions and a tracer's spans, live and after."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from browser.conftest import RESULTS
from support.notebook import SLOW, Chat, Graph, Notebook

# One thread for each question: all of them begin.
QUESTIONS = "river, lake, sea"


def show(notebook: Notebook, application: str) -> tuple[Chat, Graph]:
    cell = notebook.run(
        f"from burr_chat_widget import BurrChat\nfrom apps import fan\nchat = BurrChat(fan.{application})\nchat"
    )
    chat = notebook.chat(cell)
    expect(chat.connection).to_have_text("Connected", timeout=SLOW)
    return chat, notebook.graph(cell)


def expect_children(graph: Graph, *statuses: str) -> None:
    """Wait until the node of `compare` has a mark for each of these."""
    marks = graph.node("compare").locator(".bcw-node-child")
    expect(marks).to_have_count(len(statuses), timeout=SLOW)
    for index, status in enumerate(statuses):
        expect(marks.nth(index)).to_have_attribute("data-status", status, timeout=SLOW)


def row(within: Locator, name: str) -> Locator:
    return within.get_by_role("button", name=re.compile(name))


def test_the_children_of_a_parallel_action(notebook: Notebook):
    chat, graph = show(notebook, "application()")
    typing = chat.log.locator(".bcw-typing")
    running = chat.log.get_by_role("list", name="Running in compare").get_by_role("listitem")

    chat.send(QUESTIONS)
    expect(typing).to_contain_text("compare: 0 of 3 done", timeout=SLOW)
    expect(running).to_have_text([f"answer question='{name}'" for name in ("river", "lake", "sea")], timeout=SLOW)
    expect_children(graph, "running", "running", "running")
    expect(chat.status).to_have_text("Running compare")

    # One ends while the others are held: nothing but that child can have been waited for.
    notebook.execute("fan.let_go('lake')")
    expect(typing).to_contain_text("compare: 1 of 3 done", timeout=SLOW)
    expect_children(graph, "running", "done", "running")
    expect(running).to_have_text(["answer question='river'", "answer question='sea'"])
    expect(graph.node("compare")).to_have_attribute("aria-label", re.compile("running, ran once, 1 of 3 applications"))
    graph.node("compare").press("Enter")
    card = graph.root.get_by_role("group", name="Action compare")
    expect(row(card, "^done answer question='lake' answer='LAKE'")).to_be_visible()
    expect(card.get_by_role("list", name="Inside compare").locator("> li[data-status=running]")).to_have_count(2)
    RESULTS.mkdir(exist_ok=True)
    notebook.page.screenshot(path=RESULTS / "spans-running.png")

    notebook.execute("fan.let_go('river', 'sea')")
    chat.expect_answer("RIVER, LAKE, SEA")
    expect_children(graph, "done", "done", "done")
    expect(card.get_by_text("Ran 3 applications")).to_be_visible()
    expect(typing).to_have_count(0)
    card.press("Escape")
    expect(card).to_have_count(0)

    # In the chat, folded, before the answer; opened with the keyboard.
    fold = row(chat.log, "^compare ran 3 applications$")
    expect(fold).to_have_attribute("aria-expanded", "false")
    fold.press("Enter")
    tree = chat.log.get_by_role("list", name="compare ran 3 applications")
    expect(tree.locator("> li")).to_have_count(3)
    river = row(tree, "^done answer question='river'")
    river.press("Enter")
    expect(tree.locator("[data-fact=given]")).to_have_text("given question = 'river'")
    expect(tree.locator("[data-fact=result]")).to_have_text("result answer = 'RIVER'")
    notebook.page.screenshot(path=RESULTS / "spans-done.png")

    # The page knows it from the kernel's snapshot, too.
    notebook.reload()
    chat, graph = notebook.chat(), notebook.graph()
    expect_children(graph, "done", "done", "done")
    expect(row(chat.log, "^compare ran 3 applications$")).to_be_visible()


def test_a_tracer_and_a_child_that_fails(notebook: Notebook):
    notebook.use_theme("JupyterLab Dark")
    chat, graph = show(notebook, "application(deep=True)")
    chat.send("river, !lake")
    expect_children(graph, "running", "running")
    running = chat.log.get_by_role("list", name="Running in compare").get_by_role("listitem")
    expect(running).to_have_text(["answer question='river'", "answer question='!lake'"], timeout=SLOW)
    notebook.execute("fan.let_go('river', '!lake')")
    expect(chat.answer).to_have_attribute("data-status", "failed", timeout=SLOW)
    expect_children(graph, "done", "failed")
    row(chat.log, "^compare ran 2 applications, 1 failed$").click()
    failed = row(chat.log, "^failed look_up → answer question='!lake' ValueError: nobody knows")
    failed.click()
    expect(failed).to_have_attribute("aria-expanded", "true")
    child = chat.log.locator("li[data-kind=application][data-status=failed]")
    expect(child.locator("li[data-kind=action]")).to_have_count(2)
    expect(child.locator("li[data-kind=action][data-status=failed]")).to_contain_text("answer")

    # The spans of `decide`: under its step in the graph, and in one row at the turn's end in the chat.
    trace = row(chat.log, "^Trace of decide$")
    trace.click()
    tree = chat.log.get_by_role("list", name="Trace of decide")
    expect(tree.locator("li[data-kind=span]")).to_have_count(2)
    expect(tree.locator("[data-fact=logged]")).to_have_text("logged count = 2")
    graph.node("decide").click()
    card = graph.root.get_by_role("group", name="Action decide")
    expect(card.locator("[data-fact=logged]")).to_have_text(["logged model = 'none'", "logged count = 2"])
    expect(card.locator("li[data-kind=span] li[data-kind=span]")).to_contain_text("count")
    expect(graph.node("decide").locator(".bcw-node-children")).to_have_count(0)
    notebook.page.screenshot(path=RESULTS / "spans-failed-dark.png")
