"""Conversations that stay, in real kernels that are restarted, killed, and two at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.kernel import PATIENCE, Kernel, KernelPage, start_kernel

from .conftest import KERNELS

CELL = """
import os
os.chdir({folder!r})
from burr_chat_widget import BurrChat
from apps.kept import chatbot
chat = BurrChat.open(chatbot, app_id="rivers")
"""
WITH_A_PERSISTER = """
from burr.integrations.persisters.b_aiosqlite import AsyncSQLitePersister
chat = BurrChat.open(chatbot, app_id="rivers", store=AsyncSQLitePersister.from_values("burr-chats.sqlite"))
"""
ENDLESS = json.dumps({"deltas": 100_000, "delay": 0.01})


@pytest.fixture(params=KERNELS)
def kernel(request: pytest.FixtureRequest) -> Iterator[Kernel]:
    """One of its own for each test: it is restarted."""
    with start_kernel(request.param) as kernel:
        yield kernel


@pytest.fixture
def cell(tmp_path: Path) -> str:
    """The cell that opens the conversation; its store is the default one."""
    return CELL.format(folder=str(tmp_path))


def restart(kernel: Kernel) -> None:
    """Kill the kernel, and start it anew."""
    kernel.client.parent.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=PATIENCE)
    kernel.published.clear()


def opened(kernel: Kernel, cell: str) -> KernelPage:
    kernel.run(cell)
    return KernelPage.show(kernel)


def said(page: KernelPage) -> list[tuple[str, str]]:
    assert page.view is not None
    return [(m.role, m.text) for m in page.view.messages if m.kind != "notice"]


def test_after_a_restart_the_whole_conversation_is_there(kernel: Kernel, cell: str):
    page = opened(kernel, cell)
    for text in ("one", json.dumps({"deltas": 50}), "**three**"):
        page.ask(text)
    before = said(page)
    assert len(before) == 6
    restart(kernel)
    page = opened(kernel, cell)
    assert said(page) == before
    assert page.view is not None
    assert {m.turn for m in page.view.messages} == {"earlier"}
    assert page.view.nodes["prompt"].status == "next"
    assert page.ask("four") == "four"
    assert kernel.evaluate("chat.app.sequence_id, len(chat.app.state['chat_history'])") == "(11, 8)"


def test_killed_in_the_middle_of_a_turn(kernel: Kernel, cell: str):
    page = opened(kernel, cell)
    page.ask("one")
    page.send(ENDLESS)
    page.until(lambda view: view.messages[-1].status == "streaming", "the first delta")
    restart(kernel)
    page = opened(kernel, cell)
    assert said(page) == [("user", "one"), ("assistant", "one")]
    assert page.ask("two") == "two"
    restart(kernel)
    assert [text for _, text in said(opened(kernel, cell))] == ["one", "one", "two", "two"]


@pytest.mark.parametrize("again", ["", WITH_A_PERSISTER], ids=["the default store", "a persister made in the cell"])
def test_the_cell_run_again_in_the_middle_of_a_turn(kernel: Kernel, cell: str, again: str):
    before = opened(kernel, cell + again)
    before.ask("one")
    before.send(ENDLESS)
    before.until(lambda view: view.messages[-1].status == "streaming", "the first delta")
    page = opened(kernel, cell + again)
    closed = [m["content"]["comm_id"] for m in kernel.published if m["msg_type"] == "comm_close"]
    assert before.comm in closed, "the chat before has left the page"
    assert said(page) == [("user", "one"), ("assistant", "one")]
    assert page.ask("two") == "two"


def test_a_cell_that_cannot_be_run_leaves_the_chat_as_it_is(kernel: Kernel, cell: str):
    page = opened(kernel, cell)
    page.ask("one")
    kernel.run(
        "try:\n    BurrChat.open(chatbot, app_id='rivers', history='hist')\nexcept ValueError as error:\n    print(error)"
    )
    assert kernel.evaluate("chat.comm is not None") == "True"
    assert page.ask("two") == "two"


def test_two_kernels_on_one_conversation(kernel: Kernel, cell: str):
    first = opened(kernel, cell)
    first.ask("one")
    with start_kernel(KERNELS[0]) as other:
        second = opened(other, cell)
        assert said(second) == said(first)
        second.ask("two")
        refused = first.send("three")
        first.until(lambda view: view.refused, "the refusal")
        assert first.view is not None
        assert first.view.refused[-1].request == refused
        assert "continued elsewhere" in first.view.refused[-1].reason
        assert "BurrChat.open(...) again" in first.view.refused[-1].reason
    again = opened(kernel, cell)
    assert [text for _, text in said(again)] == ["one", "one", "two", "two"]
    assert again.ask("three") == "three"
