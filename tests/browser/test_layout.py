"""How the widget sits in the notebook: scrolling, themes, narrow pages, reduced motion. Pictures go to test-results/."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from apps import held
from browser.conftest import RESULTS
from support.notebook import SLOW, Chat, Notebook

pytestmark = pytest.mark.parametrize(
    "shared_notebook",
    [pytest.param({"app": "lab"}, id="lab"), pytest.param({"app": "notebook"}, id="notebook7")],
    indirect=True,
)


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    return shared_notebook


def wait_for_parts(chat: Chat, count: int, more_than: float = 1500) -> float:
    """Until so many long texts are shown whole, and the conversation is higher; returns how high."""
    expect(chat.answer_text.locator("p")).to_have_count(count * held.PARAGRAPHS, timeout=SLOW)
    log = chat.log.element_handle()
    chat.page.wait_for_function("([log, height]) => log.scrollHeight > height", arg=[log, more_than], timeout=SLOW)
    return chat.log.evaluate("(log) => log.scrollHeight")


def wait_at_end(chat: Chat) -> None:
    log = chat.log.element_handle()
    chat.page.wait_for_function(
        "(log) => log.scrollHeight - log.clientHeight - log.scrollTop <= 2", arg=log, timeout=SLOW
    )


def test_the_log_follows_and_releases_and_the_notebook_never_scrolls(notebook: Notebook):
    chat = notebook.show_chat("held.application()")
    chat.message.focus()
    before = notebook.scroll_positions()
    chat.send("§|§|§|§|the end")
    height = wait_for_parts(chat, 1)
    wait_at_end(chat)
    notebook.execute("held.let_go()")
    height = wait_for_parts(chat, 2, height)
    wait_at_end(chat)
    expect(chat.jump_button).to_have_count(0)

    # Released by the reader's move: what comes then moves nothing.
    chat.log.hover()
    chat.log.evaluate(
        """(log) => log.addEventListener('scrollend', () => {
            log.hasMovedUp = log.scrollHeight - log.clientHeight - log.scrollTop >= 250;
        })"""
    )
    chat.page.mouse.wheel(0, -300)
    expect(chat.jump_button).to_be_visible()
    chat.page.wait_for_function("(log) => log.hasMovedUp", arg=chat.log.element_handle(), timeout=SLOW)
    first_seen = (
        "(log) => document.elementFromPoint(log.getBoundingClientRect().x + 60, log.getBoundingClientRect().y + 60)"
    )
    seen = chat.log.evaluate_handle(first_seen)
    top = chat.log.evaluate("(log) => log.scrollTop")
    notebook.execute("held.let_go()")
    height = wait_for_parts(chat, 3, height)
    assert abs(chat.log.evaluate("(log) => log.scrollTop") - top) <= 1
    assert chat.log.evaluate(f"(log, seen) => ({first_seen})(log) === seen", seen)

    # Followed again by the button, and no jump when the stream ends.
    chat.jump_button.click()
    wait_at_end(chat)
    expect(chat.log).to_be_focused()
    notebook.execute("held.let_go()")
    wait_for_parts(chat, 4, height)
    wait_at_end(chat)
    notebook.execute("held.let_go()")
    expect(chat.answer_text).to_contain_text("the end", timeout=SLOW)
    chat.wait_until("idle")
    wait_at_end(chat)
    assert notebook.scroll_positions() == before


def test_a_long_prompt_does_not_look_like_a_reader_who_scrolls(notebook: Notebook):
    chat = notebook.show_chat("held.application()")
    line = "line of a prompt that goes on and on\n\n"
    chat.send(f"{line * 60}|{line * 60}|the end")
    chat.wait_until("running")
    notebook.execute("held.let_go(2)")
    chat.wait_until("idle")
    expect(chat.jump_button).to_have_count(0)
    wait_at_end(chat)


def test_a_turn_that_ends_does_not_move_a_reader_who_has_moved_up(notebook: Notebook):
    chat = notebook.show_chat("held.application()")
    chat.send("§|the end")
    wait_for_parts(chat, 1)
    wait_at_end(chat)
    chat.log.focus()
    chat.page.keyboard.press("Home")
    chat.page.wait_for_function("(log) => log.scrollTop === 0", arg=chat.log.element_handle(), timeout=SLOW)
    notebook.execute("held.let_go()")
    chat.wait_until("idle")
    expect(chat.retry_button).to_have_count(1)
    assert chat.log.evaluate("(log) => log.scrollTop") == 0
    expect(chat.log).to_be_focused()


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_the_theme_of_the_host(notebook: Notebook, theme: str):
    notebook.use_theme(f"JupyterLab {theme}")
    chat = notebook.show_chat("demo.application()", suggestions=["Write a poem about a river at night"])
    chat.ask("Write a Python generator that groups a stream into batches")
    expect(chat.answer.locator("pre code span").first).to_be_attached(timeout=SLOW)
    lightness = (
        "(element) => getComputedStyle(element).%s.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => a + +b, 0) / 765"
    )
    background = chat.root.locator(".bcw-chat").evaluate(lightness % "backgroundColor")
    text = chat.answer_text.evaluate(lightness % "color")
    assert (background > 0.8 and text < 0.4) if theme == "Light" else (background < 0.3 and text > 0.6)
    RESULTS.mkdir(exist_ok=True)
    chat.root.locator("xpath=..").screenshot(path=RESULTS / f"theme-{theme}-{notebook.app}.png".lower())
    notebook.use_theme("JupyterLab Light")


def overflowing(page: Page) -> list[str]:
    """What in the widget, outside the boxes that scroll, is wider than the widget's place."""
    return page.locator(".bcw").evaluate_all(
        """(roots) => roots.flatMap((root) => {
            const right = root.parentElement.parentElement.getBoundingClientRect().right + 1;
            const scrolls = (element) => {
                for (let box = element.parentElement; box !== root.parentElement; box = box.parentElement)
                    if (getComputedStyle(box).overflowX !== 'visible') return true;
                return false;
            };
            return [...root.querySelectorAll('*')]
                .filter((element) => element.getBoundingClientRect().right > right && !scrolls(element))
                .map((element) => element.outerHTML.slice(0, 80));
        })"""
    )


def test_a_place_of_320_pixels(notebook: Notebook):
    chat = notebook.show_chat("demo.application()", title="A chat with a title that is much too long for it")
    chat.ask("Write a Python generator that groups a stream into batches")
    place = chat.root.locator("xpath=../..")
    place.evaluate("(place) => { place.style.width = '320px' }")
    graph = notebook.graph()
    for root in (chat.root, graph.root):
        box = root.bounding_box()
        assert box is not None
        assert 280 <= box["width"] <= 320
    # The state machine is laid out anew for its place.
    notebook.until(lambda: not overflowing(notebook.page), "nothing to be wider than its place")
    assert place.evaluate("(place) => place.scrollWidth <= place.clientWidth")
    assert chat.log.evaluate("(log) => log.scrollWidth <= log.clientWidth")
    for control in (chat.message, chat.send_button):
        box, outer = control.bounding_box(), place.bounding_box()
        assert box is not None
        assert outer is not None
        assert box["x"] >= outer["x"]
        assert box["x"] + box["width"] <= outer["x"] + 320
    chat.ask("Tell me something unsafe")
    RESULTS.mkdir(exist_ok=True)
    place.screenshot(path=RESULTS / f"narrow-{notebook.app}.png")


def test_the_title_is_said_before_what_the_chat_talks_to(notebook: Notebook):
    chat = notebook.show_chat("demo.application()", title="A chat about rivers")
    place = chat.root.locator("xpath=../..")
    place.evaluate("(place) => { place.style.width = '320px' }")
    title, model = chat.root.locator(".bcw-title"), chat.root.locator(".bcw-model")
    is_whole = "(text) => text.scrollWidth <= text.clientWidth"
    assert title.evaluate(is_whole)
    assert not model.evaluate(is_whole)
    place.screenshot(path=RESULTS / f"title-{notebook.app}.png")
    place.evaluate("(place) => { place.style.width = '' }")
    assert model.evaluate(is_whole)


def test_a_place_with_no_room_beside_the_message(notebook: Notebook):
    """A narrow window with the file browser open: the buttons are below the text, which keeps its words together."""
    chat = notebook.show_chat("held.application()")
    place = chat.root.locator("xpath=../..")
    row = chat.root.locator(".bcw-composer-row")
    for width, below in ((320, False), (150, True)):
        place.evaluate("(place, width) => { place.style.width = `${width}px` }", width)
        message, send, around = chat.message.bounding_box(), chat.send_button.bounding_box(), row.bounding_box()
        assert message is not None
        assert send is not None
        assert around is not None
        assert (send["y"] >= message["y"] + message["height"]) == below
        assert send["x"] + send["width"] <= around["x"] + around["width"]
        assert message["height"] <= 3 * 24
    chat.send("one|")
    chat.message.fill("two")
    expect(chat.stop_button).to_be_visible(timeout=SLOW)
    assert chat.message.evaluate("(area) => area.scrollWidth <= area.clientWidth")
    RESULTS.mkdir(exist_ok=True)
    place.screenshot(path=RESULTS / f"narrowest-{notebook.app}.png")
    notebook.execute("held.let_go()")
    chat.expect_answer("one")
    place.screenshot(path=RESULTS / f"narrowest-idle-{notebook.app}.png")


def test_with_reduced_motion_nothing_moves_by_itself(notebook: Notebook):
    notebook.page.emulate_media(reduced_motion="reduce")
    chat = notebook.show_chat("held.application()")
    chat.send("~one")
    expect(chat.typing).to_be_visible(timeout=SLOW)
    notebook.graph().expect_node("think", "running", 1)
    moving = """() => document.getAnimations().filter((animation) =>
        animation.effect?.target?.closest?.('.bcw') && animation.playState === 'running'
        && animation.effect.getComputedTiming().iterations === Infinity).length"""
    assert notebook.page.evaluate(moving) == 0
    notebook.page.emulate_media(reduced_motion="no-preference")
    # The other way round the same question finds something: it can fail.
    notebook.page.wait_for_function(f"({moving})() > 0", timeout=SLOW)
    notebook.execute("held.let_go()")
    chat.expect_answer("one")
