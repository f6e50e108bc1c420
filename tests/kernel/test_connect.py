"""A chat that is connected to a server, in a real kernel: what its page sees and asks, while cells run and the server comes and goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.kernel import Kernel, KernelPage, start_kernel
from support.served import Server, serving

from .conftest import KERNELS, NEWEST, SETUP


@pytest.fixture(scope="module", params=[NEWEST, KERNELS[-1]])
def shared_kernel(request: pytest.FixtureRequest) -> Iterator[Kernel]:
    with start_kernel(request.param) as kernel:
        kernel.run(SETUP)
        yield kernel


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as started:
        yield started


@pytest.fixture
def page(kernel: Kernel, server: Server) -> Iterator[KernelPage]:
    """A page that shows `chat`, which is connected."""
    kernel.run(f"chat = BurrChat.connect({server.own_url!r}, app_id='rivers')")
    yield KernelPage.show(kernel)
    kernel.run("chat.close()")


def said(page: KernelPage) -> list[str]:
    assert page.view is not None
    return [message.text for message in page.view.messages if message.kind != "notice"]


def test_a_page_chats_with_the_server(page: KernelPage):
    assert page.ask("one two").strip() == "one two"
    assert page.kernel.evaluate("[(turn.prompt, turn.text, turn.status) for turn in chat.turns]") == (
        "[('one two', 'one two ', 'completed')]"
    )
    page.kernel.run("turn = await chat.send('three')")
    page.until(lambda view: view.status == "idle" and len(view.turns) == 2, "Python's turn")
    assert said(page) == ["one two", "one two ", "three", "three "]
    assert page.view is not None
    assert page.view.graph.entrypoint == "prompt"


def test_the_answer_streams_while_a_cell_runs(page: KernelPage, server: Server):
    request = page.send("begun @rest rest")
    page.until(lambda view: view.messages and view.messages[-1].text == "begun ", "the first word")
    with page.kernel.busy():
        server.let_go("rest")
        page.wait_for_turn(request)
    assert said(page) == ["begun @rest rest", "begun rest "]


def test_two_chats_of_one_kernel_show_one_conversation(page: KernelPage, server: Server):
    page.kernel.run(f"other = BurrChat.connect({server.own_url!r}, app_id='rivers')")
    beside = KernelPage.show(page.kernel, "beside", "other")
    page.ask("from the first")
    beside.until(lambda view: view.status == "idle" and len(view.turns) == 1, "the first one's turn")
    beside.ask("from the second")
    page.until(lambda view: view.status == "idle" and len(view.turns) == 2, "the second one's turn")
    assert said(page) == said(beside)
    page.kernel.run("other.close()")


def test_the_server_is_killed_and_started_again(page: KernelPage, server: Server):
    page.ask("before")
    request = page.send("half @never whole")
    page.until(lambda view: view.messages[-1].text == "half ", "half of an answer")
    server.kill()
    page.until(lambda view: "does not answer any more" in (view.composer.hint or ""), "the page to say so")
    server.start()
    page.until(lambda view: view.composer.enabled, "the server to be back")
    page.kernel.until(lambda: page.kernel.evaluate("chat.turns[-1].status") == "'failed'", "the turn to be given up")
    assert said(page) == ["before", "before"]
    assert page.ask("after").strip() == "after"
    assert page.kernel.evaluate("[turn.status for turn in chat.turns]") == "['completed', 'failed', 'completed']"
    assert page.kernel.evaluate("chat.turns[1].request") == repr(request)


def test_a_magic_shows_the_state_as_the_server_shows_it(kernel: Kernel, tmp_path: Path):
    with serving(tmp_path, "--expose", "state") as server:
        kernel.run(f"%reload_ext burr_chat_widget\nchat = BurrChat.connect({server.own_url!r}, app_id='rivers')")
        page = KernelPage.show(kernel)
        page.ask("one two")
        assert kernel.printed(kernel.run("%burr state said")) == "said: 'one two'\n"
        assert "chat_history: " in kernel.printed(kernel.run("%burr state"))
        assert kernel.evaluate("get_ipython().complete('sa', '%burr state sa', 14)[1]") == "['said']"
        kernel.run("chat.close()")


def test_a_magic_says_that_the_server_does_not_show_the_state(page: KernelPage):
    kernel = page.kernel
    kernel.run("%reload_ext burr_chat_widget")
    request = kernel.start("%burr state")
    (error,) = kernel.until(lambda: kernel.of(request, "error"), "the cell to fail")
    assert "it has no expose='state'" in error["content"]["evalue"]


def test_an_error_names_what_to_do(kernel: Kernel, server: Server):
    kernel.run(f"""
try:
    BurrChat.connect({server.own_url!r} + "/elsewhere")
except ConnectionError as error:
    words = str(error)
""")
    assert "there is no burr-chat-widget server at" in kernel.evaluate("words")
    assert kernel.errors() == ""
