"""The chat page of a server: a real uvicorn in a process of its own, which may die, and a way to it that may be cut."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from support.notebook import SLOW
from support.served import ChatPage, Server, serving

PICTURES = Path("docs/images" if os.environ.get("UPDATE_IMAGES") else "test-results")

Open = Callable[..., ChatPage]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """For all tests that leave it as it was. What one of them lets go of stays so."""
    with serving(tmp_path_factory.mktemp("served")) as started:
        yield started


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """One that may be killed."""
    with serving(tmp_path) as started:
        yield started


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Opens pages, and closes them at the end."""
    pages: list[ChatPage] = []

    def open_at(url: str, **options: object) -> ChatPage:
        pages.append(ChatPage.open(browser, url, **options))
        return pages[-1]

    yield open_at
    for page in pages:
        page.close()


def expect_said(page: ChatPage, *texts: str) -> None:
    """Wait until these are all messages, in order, and nothing runs."""
    expect(page.chat.articles.locator(".bcw-text")).to_have_text(texts, timeout=SLOW)
    page.chat.wait_until("idle")


def test_a_conversation_has_an_address(server: Server, opened: Open):
    page = opened(server.url).connected()
    address = page.page.url
    assert address.startswith(f"{server.url}/chat/")
    page.chat.ask("over the hills")
    expect_said(page, "over the hills", "over the hills")
    page.graph.expect_node("answer", "done", 1)
    page.graph.expect_node("prompt", "next", 1)
    page.graph.expect_taken("prompt", "answer", 1)

    page.page.get_by_role("link", name="New conversation").click()
    expect(page.page).not_to_have_url(address)
    page.connected()
    expect(page.chat.articles).to_have_count(0)
    page.page.go_back()
    expect(page.page).to_have_url(address)
    page.connected()
    expect_said(page, "over the hills", "over the hills")
    assert page.foreign_requests() == []
    assert page.errors == []


def test_an_answer_is_stopped_and_the_next_one_is_given(server: Server, opened: Open):
    page = opened(server.url).connected()
    page.chat.send("one two @never three")
    expect(page.chat.answer_text).to_have_text("one two ")
    page.graph.expect_node("answer", "running", 1)
    page.chat.stop_button.click()
    expect(page.chat.answer).to_have_attribute("data-status", "stopped", timeout=SLOW)
    page.chat.wait_until("idle")
    page.chat.ask("four")
    expect_said(page, "one two @never three", "one two", "four", "four")


def test_a_page_that_is_loaded_anew_goes_on_with_the_answer(server: Server, opened: Open):
    page = opened(server.url).connected()
    page.chat.send("one two @reloaded three four")
    expect(page.chat.answer_text).to_have_text("one two ")
    page.page.reload()
    page.connected()
    expect(page.chat.answer_text).to_have_text("one two ")
    expect(page.chat.stop_button).to_be_visible()
    server.let_go("reloaded")
    expect_said(page, "one two @reloaded three four", "one two three four")


def test_two_pages_show_the_same_conversation(server: Server, opened: Open):
    first = opened(server.url).connected()
    second = opened(first.page.url).connected()
    first.chat.send("one @middle two")
    expect(second.chat.answer_text).to_have_text("one ")
    second.graph.expect_node("answer", "running", 1)
    server.let_go("middle")
    expect_said(second, "one @middle two", "one two")
    second.chat.ask("three")
    expect_said(first, "one @middle two", "one two", "three", "three")
    assert first.chat.shown() == second.chat.shown()


@pytest.mark.parametrize("again", [1, 3])
def test_nothing_is_lost_or_doubled_where_the_way_is_cut_in_mid_answer(again: int, server: Server, opened: Open):
    page = opened(server.url).connected()
    words = " ".join(f"w{n} @cut-{again}-{n}" for n in range(again))
    page.chat.send(f"{words} end")
    for n in range(again):
        expect(page.chat.answer_text).to_contain_text(f"w{n}")
        server.way.cut()
        expect(page.chat.connection).to_have_text("No answer")
        expect(page.chat.note).to_contain_text("The server does not answer.")
        expect(page.chat.answer_text).to_contain_text(f"w{n}")
        server.let_go(f"cut-{again}-{n}")
        server.way.mend()
        page.connected()
    expect_said(page, f"{words} end", " ".join([*(f"w{n}" for n in range(again)), "end"]))


def test_an_answer_that_ended_while_the_way_was_cut_is_there(server: Server, opened: Open):
    page = opened(server.url).connected()
    witness = opened(page.page.url.replace(server.url, server.own_url)).connected()
    page.chat.send("one @rest two")
    expect(page.chat.answer_text).to_have_text("one ")
    server.way.cut()
    server.let_go("rest")
    expect_said(witness, "one @rest two", "one two")
    expect(page.chat.answer).to_have_attribute("data-status", "streaming")
    server.way.mend()
    expect_said(page, "one @rest two", "one two")


def test_a_server_that_is_started_again_goes_on_where_it_was(own_server: Server, opened: Open):
    page = opened(own_server.url).connected()
    page.chat.ask("kept")
    page.chat.send("half @never other half")
    expect(page.chat.answer_text).to_have_text("half ")
    own_server.kill()
    expect(page.chat.connection).to_have_text("No answer")
    expect(page.chat.answer_text).to_have_text("half ")
    own_server.start()
    page.connected()
    # Nothing is known of a turn that the process has died with: the prompt is the reader's again.
    expect_said(page, "kept", "kept")
    expect(page.chat.message).to_have_value("half @never other half")
    expect(page.chat.note).to_have_text("Not answered: it was cut off on the server, and can be sent again.")
    page.chat.ask("more")
    expect_said(page, "kept", "kept", "more", "more")


def test_a_server_that_is_silent_is_noticed_though_nobody_asks_it_anything(own_server: Server, opened: Open):
    page = opened(own_server.url).connected()
    page.chat.send("half @on other half")
    expect(page.chat.answer_text).to_have_text("half ")
    own_server.freeze()
    expect(page.chat.connection).to_have_text("No answer", timeout=SLOW)
    own_server.thaw()
    page.connected()
    own_server.let_go("on")
    expect_said(page, "half @on other half", "half other half")


def test_what_is_sent_while_the_server_is_away_is_sent_once_when_it_is_back(own_server: Server, opened: Open):
    page = opened(own_server.url).connected()
    page.chat.ask("first")
    own_server.kill()
    expect(page.chat.connection).to_have_text("No answer")
    page.chat.send("second")
    page.chat.send("third")
    expect(page.chat.queue).to_have_count(2)
    own_server.start()
    expect_said(page, "first", "first", "second", "second", "third", "third")


def test_what_waits_behind_an_answer_that_the_server_dies_with_is_sent_when_it_is_back(
    own_server: Server, opened: Open
):
    page = opened(own_server.url).connected()
    page.chat.send("half @never other half")
    expect(page.chat.answer_text).to_have_text("half ")
    own_server.kill()
    expect(page.chat.connection).to_have_text("No answer")
    page.chat.send("second")
    page.chat.send("third")
    expect(page.chat.queue).to_have_count(2)
    own_server.start()
    expect_said(page, "second", "second", "third", "third")
    expect(page.chat.message).to_have_value("half @never other half")
    expect(page.chat.note).to_have_text("Not answered: it was cut off on the server, and can be sent again.")


@pytest.mark.parametrize("heard", [False, True])
def test_a_prompt_whose_request_is_lost_is_sent_again_and_counts_once(heard: bool, server: Server, opened: Open):
    """Lost on its way there, or, when the server has `heard` it, its answer on the way back."""
    page = opened(server.url).connected()
    lost: list[str] = []

    def lose(route: Route) -> None:
        if '"type":"send"' not in (route.request.post_data or "") or len(lost) == 2:
            route.continue_()
            return
        lost.append(route.request.url)
        if heard:
            route.fetch()
        route.abort()

    page.page.route(re.compile(r"/commands\b"), lose)
    with page.page.expect_event("requestfinished", lambda request: '"type":"send"' in (request.post_data or "")):
        page.chat.send("just once")
    assert len(lost) == 2
    expect_said(page, "just once", "just once")


@pytest.mark.parametrize("heard", [False, True])
def test_an_answer_that_was_kept_before_the_server_died_is_not_asked_for_again(
    heard: bool, own_server: Server, opened: Open
):
    """Whether the page has `heard` that it began, or not even that."""
    page = opened(own_server.url).connected()
    page.chat.ask("first")
    witness = opened(page.page.url.replace(own_server.url, own_server.own_url)).connected()
    if heard:
        page.chat.send("half @rest other half")
        expect(page.chat.answer_text).to_have_text("half ")
        own_server.way.cut()
        own_server.let_go("rest")
    else:

        def past_the_cut(route: Route) -> None:
            if went or '"type":"send"' not in (route.request.post_data or ""):
                route.continue_()
                return
            own_server.way.cut()
            went.append(True)
            to, _, _ = route.request.url.replace(own_server.url, own_server.own_url).partition("?page=")
            assert route.fetch(url=to, headers={**route.request.headers, "origin": own_server.own_url}).ok
            route.abort()

        went: list[bool] = []
        own_server.let_go("rest")
        page.page.route(re.compile(r"/commands\b"), past_the_cut)
        page.chat.send("half @rest other half")
    expect_said(witness, "first", "first", "half @rest other half", "half other half")
    expect(page.chat.connection).to_have_text("No answer")
    own_server.kill()
    page.page.unroute(re.compile(r"/commands\b"))
    own_server.start()
    own_server.way.mend()
    page.connected()
    expect_said(page, "first", "first", "half @rest other half", "half other half")
    expect(page.chat.message).to_have_value("")
    expect(page.chat.note).to_have_text("")
    page.chat.ask("more")
    expect_said(page, "first", "first", "half @rest other half", "half other half", "more", "more")


def test_a_prompt_that_the_server_turns_away_says_why(server: Server, opened: Open):
    page = opened(server.url).connected()
    page.chat.send("€uro " * 150_000)  # over a million bytes of not so many characters
    expect(page.chat.note).to_contain_text("Not sent: A request's body may have", timeout=SLOW)
    page.chat.ask("less")
    expect_said(page, "less", "less")


def test_the_token_is_asked_for_and_does_not_stay_in_the_address(tmp_path: Path, opened: Open):
    with serving(tmp_path, "--token", "open-sesame") as server:
        without = opened(server.url)
        expect(without.page.locator("body")).to_contain_text("?token=")
        page = opened(f"{server.url}/?token=open-sesame").connected()
        assert "token" not in page.page.url
        page.chat.ask("inside")
        page.page.reload()
        page.connected()
        expect_said(page, "inside", "inside")

        shared = opened(f"{page.page.url}?token=open-sesame").connected()
        expect(shared.page).to_have_url(page.page.url)
        expect_said(shared, "inside", "inside")

        server.kill()
        server.start("--token", "another")
        page.chat.wait_until("disconnected")
        expect(page.chat.note).to_contain_text("its token")
        expect(page.chat.articles).to_have_count(2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_token_can_be_typed_without_a_script(scheme: str, tmp_path: Path, opened: Open):
    with serving(tmp_path, "--token", "open-sesame", "--title", "Rivers") as server:
        address = f"{server.url}/chat/p/a"
        page = opened(address, size=(320, 480), color_scheme=scheme, java_script_enabled=False)
        form = page.page.locator("form")
        expect(form.get_by_role("heading")).to_have_text("Rivers")
        expect(form.get_by_label("Token")).to_be_focused()
        form.get_by_label("Token").fill("guess")
        form.get_by_role("button", name="Open").click()
        expect(form.get_by_role("alert")).to_have_text("That is not the token of this server.")
        expect(form.get_by_label("Token")).to_have_attribute("aria-invalid", "true")
        page.page.screenshot(path=PICTURES / f"token-{scheme}.png")
        assert page.page.evaluate("document.documentElement.scrollWidth") <= 320
        background = page.page.locator("main").evaluate("main => getComputedStyle(main).backgroundColor")
        assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(28, 29, 32)"}[scheme]
        form.get_by_label("Token").fill("open-sesame")
        form.get_by_label("Token").press("Enter")
        expect(page.page).to_have_url(address)
        expect(page.page.locator("main#chat")).to_be_attached()
        assert page.foreign_requests() == []


def test_only_what_is_exposed_is_offered(server: Server, opened: Open):
    page = opened(server.url).connected()
    page.chat.ask("one")
    expect(page.views.get_by_role("button")).to_have_text(["State machine", "Timeline"])
    expect(page.chat.root.get_by_role("button", name="Edit")).to_have_count(0)
    expect(page.chat.root.get_by_role("button", name="Retry")).to_have_count(0)
    page.show("Timeline")
    timeline = page.page.locator('.bcw[data-view="timeline"]')
    expect(timeline.get_by_role("region", name="Figures")).to_contain_text("1 delta")
    expect(timeline.get_by_role("button", name="Pause")).to_have_count(0)
    assert page.errors == []


def test_what_is_exposed_works(tmp_path: Path, opened: Open):
    with serving(tmp_path, "--expose", "state", "--expose", "stepping", "--expose", "history") as server:
        page = opened(server.url).connected()
        page.show("Inspector")
        inspector = page.page.locator('.bcw[data-view="inspector"]')
        inspector.get_by_role("button", name="Pause").click()
        page.chat.send("step by step")
        page.chat.wait_until("paused")
        inspector.get_by_role("button", name="Step", exact=True).click()
        expect(inspector.locator('[data-key="said"]')).to_contain_text("step by step")
        inspector.get_by_role("button", name="Continue", exact=True).click()
        expect_said(page, "step by step", "step by step")
        page.chat.edit("step by step", "another way")
        expect_said(page, "another way", "another way")
        page.chat.show_version("Previous", "2 of 2")
        expect_said(page, "step by step", "step by step")
        assert page.errors == []


def test_what_is_loaded_on_demand_is_let_in(tmp_path: Path, opened: Open):
    """By the page's policy, which lets in nothing else."""
    with serving(tmp_path, target="apps.waiting:large_builder") as server:
        page = opened(server.url).connected()
        policy = page.page.request.get(page.page.url).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
        expect(page.graph.root.locator(".bcw-graph-canvas")).to_have_attribute("data-layout", "better", timeout=SLOW)
        page.chat.ask("$x^2$ ![far](https://elsewhere.invalid/1.png)\n\n```python\nprint(1)\n```\n")
        expect(page.chat.answer_text.locator("math")).to_be_visible(timeout=SLOW)
        expect(page.chat.answer_text.locator("pre")).to_contain_text("print(1)")
        assert page.foreign_requests() == []
        assert page.errors == []


def test_several_processes_serve_one_page(tmp_path: Path, opened: Open):
    with serving(tmp_path, "--workers", "3", "--expose", "stepping") as server:
        page = opened(server.url).connected()
        for number in range(3):
            page.chat.send(f"one @{number} two")
            expect(page.chat.answer_text).to_have_text("one ")
            page.graph.expect_node("answer", "running", number + 1)
            server.let_go(str(number))
            expect(page.chat.answers).to_have_count(number + 1)
            page.chat.expect_answer("one two")
        page.chat.send("stopped @never")
        expect(page.chat.answer_text).to_have_text("stopped ")
        page.chat.stop_button.click()
        expect(page.chat.answer).to_have_attribute("data-status", "stopped", timeout=SLOW)


def test_a_page_that_comes_to_another_process_goes_on_with_what_it_has_begun(tmp_path: Path, opened: Open):
    with serving(tmp_path, "--workers", "3") as server:
        page = opened(server.url).connected()
        page.chat.ask("before")
        cuts = range(4)  # after each of them any process may take the page's stream
        page.chat.send(" ".join(f"w{n} @cut-{n}" for n in cuts) + " end")
        for n in cuts:
            expect(page.chat.answer_text).to_contain_text(f"w{n}")
            server.way.cut()
            expect(page.chat.connection).to_have_text("No answer")
            server.way.mend()
            page.connected()
            expect(page.chat.note).to_have_text("")
            expect(page.chat.answer).to_have_attribute("data-status", "streaming")
            server.let_go(f"cut-{n}")
        # Elsewhere than where it ran it is from earlier, which a notice after it says.
        expect(page.chat.articles.get_by_text("w0 w1 w2 w3 end", exact=True)).to_be_visible(timeout=SLOW)
        page.chat.wait_until("idle")
        expect(page.chat.message).to_have_value("")
        assert page.chat.note.text_content() == ""


def test_what_one_of_several_processes_dies_with_is_the_readers_again(tmp_path: Path, opened: Open):
    with serving(tmp_path, "--workers", "3", target="apps.workers:builder") as server:
        page = opened(server.url).connected()
        page.chat.ask("kept")
        page.chat.send("half @never other half")
        expect(page.chat.answer_text).to_contain_text("half")
        worker = (page.chat.answer_text.text_content() or "").partition(":")[0]
        os.kill(int(worker), signal.SIGKILL)
        expect(page.chat.message).to_have_value("half @never other half", timeout=SLOW)
        expect(page.chat.note).to_have_text("Not answered: it was cut off on the server, and can be sent again.")
        page.connected()
        page.chat.ask("more")
        expect(page.chat.answer_text).to_contain_text(": more")


def test_with_several_processes_the_console_stays_empty(tmp_path: Path, opened: Open):
    with serving(tmp_path, "--workers", "3") as server:
        page = opened(server.url).connected()
        for number in range(4):
            page.chat.ask(f"number {number}")
            page.page.reload()
            page.connected()
            expect(page.chat.prompts).to_have_count(number + 1)
            page.show("Timeline")  # which asks how the turn went
        assert page.errors == []


def test_the_page_fits_a_narrow_window(server: Server, opened: Open):
    page = opened(server.url, size=(320, 640)).connected()
    page.chat.ask("a rather long message that does not fit into one line of a window as narrow as this")
    for view in ["State machine", "Timeline", "Chat"]:
        page.show(view)
        expect(page.page.locator(".bcw-page-pane:visible")).to_have_count(1)
        assert page.page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.page.evaluate("document.documentElement.scrollHeight") <= 640
    expect(page.chat.message).to_be_in_viewport()
    page.show("State machine")
    page.graph.expect_node("answer", "done", 1)
    # With room for two the one that was chosen stands beside the chat.
    page.page.set_viewport_size({"width": 1000, "height": 640})
    expect(page.page.locator(".bcw-page-pane:visible")).to_have_count(2)
    page.chat.ask("still there")
    page.graph.expect_node("answer", "done", 2)


@pytest.mark.parametrize("size", [(1280, 800), (320, 640)])
def test_the_page_is_never_higher_than_the_window(size: tuple[int, int], tmp_path: Path, opened: Open):
    """Not with a graph, or the list of it, that has no room in it."""
    with serving(tmp_path, "--expose", "state", "--expose", "stepping", target="apps.waiting:large_builder") as server:
        page = opened(server.url, size=size).connected()

        def fits() -> bool:
            return page.page.evaluate("document.documentElement.scrollHeight <= innerHeight")

        page.chat.ask("one")
        assert fits()
        for view, of in [
            ("State machine", ".bcw-node"),
            ("Inspector", '[role="option"]'),
            ("Timeline", '[aria-label="Figures"]'),
        ]:
            page.show(view)
            expect(page.page.locator(".bcw-page-pane:visible").last.locator(of).first).to_be_visible(timeout=SLOW)
            assert fits(), view
        page.show("State machine")
        page.graph.root.get_by_role("button", name="List", exact=True).click()
        expect(page.graph.root.get_by_role("button", name="Graph", exact=True)).to_be_visible()
        assert fits()


@pytest.mark.parametrize(
    ("name", "size", "scheme"),
    [("light", (1280, 760), "light"), ("dark", (1280, 760), "dark"), ("narrow", (320, 640), "light")],
)
def test_pictures(name: str, size: tuple[int, int], scheme: str, tmp_path: Path, opened: Open):
    """The demo's page, its answer under way or done. A person looks at them; the wide ones are in the docs."""
    with serving(tmp_path, "--title", "Streaming chatbot", target="burr_chat_widget.demo:builder") as server:
        page = opened(
            server.url, size=size, color_scheme=scheme, device_scale_factor=2, reduced_motion="reduce"
        ).connected()
        page.chat.ask("Write a poem about a river at night")
        page.chat.send("How does one word get from `yield` to this page?")
        expect(page.chat.answer_text).to_contain_text("appends to the", timeout=SLOW)
        if size[0] > 760:
            expect(page.graph.node("answer_question")).to_be_visible()
        folder = PICTURES if name != "narrow" else Path("test-results")
        folder.mkdir(parents=True, exist_ok=True)
        page.page.screenshot(path=folder / f"served-{name}.png")
        background = page.page.evaluate("getComputedStyle(document.querySelector('.bcw-page')).backgroundColor")
        assert background == ("rgb(28, 29, 32)" if scheme == "dark" else "rgb(255, 255, 255)")
