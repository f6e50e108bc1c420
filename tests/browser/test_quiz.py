"""The quiz: turns are held before each action, nothing on the page says which comes next, and what was predicted is scored."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from browser.conftest import RESULTS
from support.inspector import show_inspector
from support.jupyter import Jupyter
from support.notebook import SLOW, Chat, Graph, Notebook

LOOP = ["start", "count", "count", "count", "say"]
WAYS = ["generate_code", "answer_question", "generate_poem", "prompt_for_more"]
POEM = ["prompt", "check_safety", "decide_mode", "generate_poem"]
HOW = pytest.mark.parametrize("how", ["mouse", "keys", "nodes", "keys on nodes"])


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    return shared_notebook


class Quiz:
    """A quiz on the page, found by role and name."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        self.page = root.page
        self.graph = Graph(root)
        self.panel = root.locator(".bcw-quiz-panel")
        self.answers = root.get_by_role("group", name="Answers").get_by_role("button")
        self.verdict = root.locator(".bcw-quiz-verdict")
        self.conditions = self.verdict.get_by_role("listitem")
        self.score = root.locator(".bcw-quiz-score")

    def button(self, name: str) -> Locator:
        """The button of that name."""
        return self.root.get_by_role("button", name=name, exact=True)

    def start(self) -> None:
        """Press the button, and wait until the next turn will be held."""
        self.button("Start quiz").click()
        expect(self.button("End quiz")).to_be_visible()

    def expect_asked(self, after: str | None, *ways: str) -> None:
        """Wait until it asks what comes after an action, and names these."""
        asked = "Which action runs first?" if after is None else f"It was {after} that ran last."
        expect(self.panel).to_contain_text(asked, timeout=SLOW)
        expect(self.answers.locator("span")).to_have_text(list(ways), timeout=SLOW)

    def answer(self, action: str, how: str) -> None:
        """Choose an action: by its button or its node, with the mouse or the keyboard."""
        expect(self.answers.first).to_have_attribute("aria-disabled", "false", timeout=SLOW)
        if how == "mouse":
            self.answers.filter(has_text=re.compile(rf"^{action}\d$")).click()
        elif how == "keys":
            # The focus is where the last answer was given.
            names = self.answers.locator("span").all_inner_texts()
            if self.score.inner_text() == "Score: 0 of 0":
                self.answers.first.focus()
            self.page.keyboard.press(str(names.index(action) + 1))
        elif how == "nodes":
            self.graph.node(action).click()
        else:
            self.graph.node(action).focus()
            self.page.keyboard.press("Enter")


def show_quiz(notebook: Notebook) -> Quiz:
    """Show it in a cell of its own."""
    root = notebook.run("chat.quiz").locator('.bcw[data-view="quiz"]')
    quiz = Quiz(root)
    expect(quiz.button("Start quiz")).to_be_visible(timeout=SLOW)
    expect(quiz.graph.group).to_be_visible(timeout=SLOW)
    return quiz


def given_away(quiz: Quiz) -> list[str]:
    """What in the views of its chat tells which action comes next, where the quiz asks it; its own questions apart."""
    return quiz.root.evaluate(
        r"""(quiz) => {
            const found = [];
            for (const root of document.querySelectorAll(`.bcw[data-session="${quiz.dataset.session}"]`)) {
                const view = root.dataset.view;
                for (const node of root.querySelectorAll('[data-status="next"], [data-list-status="next"]')) {
                    found.push(`${view}: next ${node.dataset.action ?? node.textContent}`);
                }
                for (const node of root.querySelectorAll('[data-held]')) {
                    if (node.dataset.action !== undefined) found.push(`${view}: held ${node.dataset.action}`);
                }
                const copy = root.cloneNode(true);
                for (const each of copy.querySelectorAll('.bcw-quiz-panel, style')) each.remove();
                const labels = [...copy.querySelectorAll('[data-action]')].map((node) => node.getAttribute('aria-label'));
                const text = [copy.textContent, ...labels].join('\n').replaceAll('what runs next', '');
                const words = text.match(/(\bnext\b|Held before|held here)[^.\n]{0,30}/g) ?? [];
                found.push(...words.map((each) => `${view}: ${each}`));
            }
            return found;
        }"""
    )


@HOW
def test_a_loop_is_predicted_and_scored(notebook: Notebook, how: str):
    notebook.run("from apps import loops")
    chat = notebook.show_chat("loops.application()")
    quiz = show_quiz(notebook)
    graph = notebook.graph(chat.root.locator(".."))
    quiz.start()
    chat.send("3")
    # The third is wrong: the loop is over later than was thought.
    said = ["start", "count", "count", "say", "say"]
    scores = ["0 of 0", "0 of 0", "1 of 1", "1 of 2", "2 of 3"]
    ran: list[str] = []
    for action, right, score in zip(said, LOOP, scores, strict=True):
        ways = {"start": ["count"], "count": ["count", "say"]}
        after = ran[-1] if ran else None
        quiz.expect_asked(after, *(ways[after] if after else ["start"]))
        # What has run is marked as done, whatever comes, and nothing else is.
        for name in ("start", "count", "say"):
            for shown in (graph, quiz.graph):
                shown.expect_node(name, "done" if name in ran else "idle", ran.count(name))
        expect(graph.transition("count", "count")).to_have_attribute("data-taken", str(max(0, ran.count("count") - 1)))
        assert given_away(quiz) == []
        quiz.answer(action, how)
        ran.append(right)
        verdict = "Right." if action == right else f"No. After count comes {right}, not {action}."
        expect(quiz.verdict).to_contain_text(verdict, timeout=SLOW)
        expect(quiz.score).to_have_text(f"Score: {score}")
    chat.expect_answer("1 2 3 ")
    chat.wait_until("idle")
    assert notebook.evaluate("(chat.turns[-1].status, chat.turns[-1].actions)") == ("completed", LOOP)
    expect(quiz.conditions).to_have_text([re.compile("^false.*last < goal.*count"), re.compile("^else.*say.*taken")])
    quiz.button("End quiz").click()
    chat.ask("1")
    chat.expect_answer("1 ")


@pytest.mark.parametrize("how", ["mouse", "keys"])
def test_the_demo_is_predicted_and_every_view_keeps_the_answer(notebook: Notebook, how: str):
    chat = notebook.show_chat()
    inspector = show_inspector(notebook)
    quiz = show_quiz(notebook)
    quiz.start()
    chat.send("Write a poem about rivers")
    quiz.expect_asked(None, "prompt")
    quiz.answer("prompt", how)
    quiz.expect_asked("prompt", "check_safety")
    bar = chat.root.get_by_role("group", name="Held")
    expect(bar).to_contain_text("Held after prompt The quiz asks what runs next.")
    expect(inspector.next).to_contain_text("Held after prompt The quiz asks what runs next.")
    expect(chat.status).to_have_text("Held after prompt")
    quiz.answer("check_safety", how)
    quiz.expect_asked("check_safety", "decide_mode", "unsafe_response")
    expect(inspector.chosen).to_contain_text("check_safety", timeout=SLOW)
    assert given_away(quiz) == []
    expect(inspector.root).not_to_contain_text("unsafe_response")
    quiz.answer("unsafe_response", how)
    expect(quiz.verdict).to_contain_text("After check_safety comes decide_mode, not unsafe_response.", timeout=SLOW)
    expect(quiz.conditions.first).to_contain_text("safe = True")
    quiz.expect_asked("decide_mode", *WAYS)
    quiz.answer("generate_poem", how)
    expect(quiz.score).to_have_text("Score: 1 of 2", timeout=SLOW)
    chat.wait_until("idle")
    expect(chat.answer).to_have_attribute("data-status", "done")
    assert notebook.evaluate("(chat.turns[-1].status, chat.turns[-1].actions)") == ("completed", POEM)


def test_the_end_lets_the_turn_go_on_and_a_stop_asks_no_more(notebook: Notebook):
    notebook.run("from apps import loops")
    chat = notebook.show_chat("loops.application()")
    quiz = show_quiz(notebook)
    quiz.start()
    chat.send("2")
    quiz.expect_asked(None, "start")
    quiz.answer("start", "mouse")
    quiz.expect_asked("start", "count")
    quiz.button("End quiz").click()
    chat.expect_answer("1 2 ")
    chat.wait_until("idle")
    expect(quiz.button("Start quiz")).to_be_focused()

    quiz.start()
    chat.send("3")
    quiz.expect_asked(None, "start")
    chat.stop_button.click()
    chat.wait_until("idle")
    expect(quiz.answers).to_have_count(0)
    expect(quiz.panel).to_contain_text("Send a prompt in the chat")
    # The next one is held again.
    chat.send("1")
    quiz.expect_asked(None, "start")
    # The reader may go on without an answer, too.
    chat.root.get_by_role("button", name="Continue", exact=True).click()
    chat.expect_answer("1 ")
    expect(quiz.score).to_have_text("Score: 0 of 0")
    quiz.button("End quiz").click()
    chat.ask("2")
    chat.expect_answer("1 2 ")


def test_the_timeline_tells_nothing_of_a_turn_that_the_quiz_asks_about(notebook: Notebook):
    notebook.run("from apps import loops")
    chat = notebook.show_chat("loops.application()")
    quiz = show_quiz(notebook)
    timeline = notebook.run("chat.timeline").locator('.bcw[data-view="timeline"]')
    quiz.start()
    chat.send("1")
    quiz.expect_asked(None, "start")
    quiz.answer("start", "mouse")
    quiz.expect_asked("start", "count")
    timeline.get_by_text("On the wire").click()
    expect(timeline).to_contain_text("What was told of it did not come: The quiz asks what runs next.", timeout=SLOW)
    expect(timeline).not_to_contain_text("transition-taken")
    quiz.button("End quiz").click()
    chat.expect_answer("1 ")
    expect(timeline).to_contain_text("transition-taken", timeout=SLOW)


@pytest.mark.parametrize("look", ["light", "dark", "narrow"])
def test_quiz_looks(browser: Browser, jupyter: Jupyter, tmp_path: Path, look: str):
    """Pictures for a person to look at; the page is not wider than its box."""
    size = (690, 1400) if look == "narrow" else (1280, 1400)
    notebook = Notebook.create(browser, jupyter, name=f"quiz-{look}-{tmp_path.name}", dark=look == "dark", size=size)
    try:
        chat: Chat = notebook.show_chat()
        quiz = show_quiz(notebook)
        quiz.start()
        notebook.execute("import asyncio; sent = asyncio.ensure_future(chat.send('Write a poem about rivers'))")
        for after, answer in [(None, "prompt"), ("prompt", "check_safety"), ("check_safety", "unsafe_response")]:
            if after is None:
                quiz.expect_asked(None, "prompt")
            else:
                expect(quiz.panel).to_contain_text(f"It was {after} that ran last.", timeout=SLOW)
            quiz.answer(answer, "mouse")
        quiz.expect_asked("decide_mode", *WAYS)
        box = quiz.root.evaluate("(root) => [root.scrollWidth, root.clientWidth]")
        assert box[0] <= box[1]
        RESULTS.mkdir(exist_ok=True)
        quiz.root.screenshot(path=RESULTS / f"quiz-{look}.png")
        chat.root.locator("..").screenshot(path=RESULTS / f"quiz-{look}-chat.png")
    finally:
        notebook.close()
