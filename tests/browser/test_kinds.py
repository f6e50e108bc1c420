"""What is said beyond text, in JupyterLab: each way through two turns, what the reader sees of it, and how it is unfolded."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, expect

from browser.conftest import RESULTS
from support.jupyter import Jupyter
from support.notebook import SLOW, Chat, Notebook


def show(notebook: Notebook, application: str) -> Chat:
    """A chat with one of the applications of `apps.said`."""
    source = (
        f"from burr_chat_widget import BurrChat\nfrom apps import said\nchat = BurrChat(said.{application}())\nchat"
    )
    chat = notebook.chat(notebook.run(source))
    expect(chat.connection).to_have_text("Connected", timeout=SLOW)
    return chat


def kinds(chat: Chat) -> list[str]:
    """Kind and action of each message that is no prompt; the action only where the reader is told."""
    return chat.log.locator('article:not([data-role="user"])').evaluate_all(
        "all => all.map(a => [a.dataset.kind, a.querySelector('.bcw-by')?.textContent].filter(Boolean).join(' by '))"
    )


def button(chat: Chat, name: str) -> Locator:
    return chat.log.get_by_role("button", name=name).last


def test_text_code_images_and_errors(shared_notebook: Notebook):
    chat = show(shared_notebook, "multi_modal")
    chat.ask("text")
    expect(chat.answer_text.locator("strong")).to_have_text("text")
    chat.ask("code")
    expect(chat.answer.get_by_role("region", name="Code, python")).to_have_text("def river():\n    return 'flows'\n")
    chat.ask("image")
    image = chat.answer.get_by_role("img", name="A square")
    expect(image).to_be_visible()
    expect(image).to_have_js_property("naturalWidth", 16)
    chat.ask("url")
    expect(chat.answer.get_by_role("button", name="Load image: A square (images.example)")).to_be_visible()
    expect(chat.answer.get_by_role("img")).to_have_count(0)
    chat.ask("error")
    expect(chat.answer.locator(".bcw-error")).to_have_text("The model is not there.")
    assert kinds(chat) == [f"{kind} by respond" for kind in ("text", "code", "image", "image", "error")]
    assert shared_notebook.foreign_requests() == []


def test_a_tool_is_called(shared_notebook: Notebook):
    chat = show(shared_notebook, "tool_calling")
    for number in (1, 2):
        chat.ask("What is the weather?")
        chat.expect_answer("It is clear.")
        assert kinds(chat) == ["reasoning by call", "tool-call", "text by answer"] * number
    thoughts = button(chat, "Reasoning")
    expect(thoughts).to_have_attribute("aria-expanded", "false")
    thoughts.press("Enter")
    expect(chat.log.get_by_text("I need the weather.")).to_be_visible()

    row = button(chat, "get_weather, done")
    expect(row).to_have_attribute("aria-expanded", "false")
    row.press(" ")
    given = chat.log.get_by_role("region", name="Arguments")
    expect(given).to_contain_text("Paris")
    given.get_by_role("button", name="days").press("Enter")
    expect(given.get_by_role("list").last).to_have_text(re.compile(r"0\s*1\s*1\s*2"))
    expect(chat.log.get_by_role("region", name="Result")).to_contain_text("clear")
    assert shared_notebook.evaluate("chat.turns[-1].status, chat.turns[-1].text, chat.turns[-1].actions") == (
        "completed",
        "It is clear.",
        ["ask", "call", "run_tools", "answer"],
    )


def test_objects_like_those_of_langchain(shared_notebook: Notebook):
    chat = show(shared_notebook, "langchain_like")
    for number, topic in enumerate(("rivers", "lakes"), 1):
        chat.ask(topic)
        chat.expect_answer(f"Three pages on {topic}.")
        assert kinds(chat) == ["text by research", "tool-call", "text"] * number
    button(chat, "search, done").click()
    expect(chat.log.get_by_role("region", name="Arguments")).to_contain_text("lakes")
    expect(chat.log.get_by_role("region", name="Result")).to_contain_text("three pages")


def test_a_history_of_strings(shared_notebook: Notebook):
    chat = show(shared_notebook, "string_history")
    for question in ("Where?", "When?"):
        chat.ask(question)
        chat.expect_answer(f"You asked: {question}")
    expect(chat.prompt_texts).to_have_text(["Where?", "When?"])
    assert kinds(chat) == ["text by converse"] * 2


def test_an_object_grows(shared_notebook: Notebook):
    chat = show(shared_notebook, "typed_writer")
    for topic in ("rivers", "lakes"):
        chat.ask(topic)
        post = chat.answer.get_by_role("list", name="Post")
        expect(post.get_by_text(f"On {topic}")).to_be_visible()
        post.get_by_role("button", name="paragraphs").click()
        expect(post.get_by_text("It ends in the sea.")).to_be_visible()
        post.get_by_role("button", name="tags").click()
        expect(post.get_by_text("geography")).to_be_visible()
    assert kinds(chat) == ["data by write"] * 2
    expect(chat.answers.first.get_by_role("list", name="Post").get_by_text("On rivers")).to_be_visible()
    assert shared_notebook.evaluate("chat.app.state['post'].title") == "On lakes"


def test_progress_and_a_structured_result(shared_notebook: Notebook):
    chat = show(shared_notebook, "progress")
    for topic in ("rivers", "lakes"):
        chat.ask(topic)
        bar = chat.log.get_by_role("progressbar").last
        expect(bar).to_have_attribute("aria-valuetext", "4 of 4")
        found = button(chat, "found")
        expect(found).to_have_attribute("aria-expanded", "false")
        expect(found).to_contain_text(topic)
    assert kinds(chat) == ["progress by work", "data"] * 2
    found.click()
    pages = chat.log.get_by_role("list", name="found").get_by_role("button", name="pages")
    pages.click()
    expect(pages).to_have_attribute("aria-expanded", "true")
    assert shared_notebook.evaluate("chat.app.state['found']['score']") == 0.5


def test_two_actions_speak_in_one_turn(shared_notebook: Notebook):
    chat = show(shared_notebook, "two_voices")
    for number in (1, 2):
        chat.ask("Go on")
        assert kinds(chat) == ["text by draft answer", "text by check answer"] * number
    expect(chat.answers.locator(".bcw-text")).to_have_text(["A first draft.", "It holds."] * 2)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_how_it_looks(browser: Browser, jupyter: Jupyter, dark: bool):
    """Leaves pictures for a person to look at."""
    RESULTS.mkdir(exist_ok=True)
    theme = "dark" if dark else "light"
    notebook = Notebook.create(browser, jupyter, name=f"kinds-{theme}", dark=dark, size=(1100, 900))
    try:
        for name, prompts in (
            ("multi_modal", ["code", "image", "url", "error"]),
            ("tool_calling", ["What is the weather?"]),
            ("typed_writer", ["rivers"]),
            ("progress", ["rivers"]),
        ):
            chat = show(notebook, name)
            for prompt in prompts:
                chat.ask(prompt)
            for title in ("Reasoning", "get_weather, done", "found", "pages", "paragraphs"):
                for each in chat.log.get_by_role("button", name=title, expanded=False).all():
                    each.click()
            expect(chat.articles).not_to_have_count(0)
            chat.root.screenshot(path=RESULTS / f"kinds-{name}-{theme}.png")
    finally:
        notebook.close()
