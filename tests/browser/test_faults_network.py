"""The websocket cut and reconnected: nothing is lost, and what was asked for is done once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from support.jupyter import Jupyter
from support.network import Network, network_to
from support.notebook import SLOW, Chat, Notebook
from support.scripts import script, words


@pytest.fixture(scope="module")
def network(jupyter: Jupyter) -> Iterator[Network]:
    with network_to(jupyter) as between:
        yield between


@pytest.fixture(scope="module")
def shared_notebook(browser: Browser, network: Network) -> Iterator[Notebook]:
    notebook = Notebook.create(browser, network.jupyter, name="cut")
    yield notebook
    notebook.close()


@pytest.fixture
def notebook(shared_notebook: Notebook, network: Network) -> Iterator[Notebook]:
    yield shared_notebook
    network.mend()
    shared_notebook.wait_for_kernel()


@pytest.fixture
def chat(notebook: Notebook) -> Chat:
    return notebook.show_chat("held.application()")


def cut(notebook: Notebook, network: Network) -> None:
    """Cut the page off, and wait until it has noticed."""
    network.cut()
    notebook.page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.connectionStatus === 'connecting'",
        timeout=SLOW,
    )


def mend(notebook: Notebook, network: Network) -> None:
    network.mend()
    notebook.wait_for_kernel()


def test_a_cut_while_nothing_runs(notebook: Notebook, network: Network, chat: Chat):
    chat.ask("before")
    cut(notebook, network)
    mend(notebook, network)
    chat.ask("after")
    chat.expect_answer("after")
    expect(chat.prompt_texts).to_have_text(["before", "after"])


def test_a_cut_in_mid_stream(notebook: Notebook, network: Network):
    chat = notebook.show_chat("scripted.application()")
    chat.send(script(deltas=1_000_000, delay=0.01))
    expect(chat.answer_text).to_contain_text("word20 ", timeout=SLOW)
    cut(notebook, network)
    mend(notebook, network)
    told: int = notebook.evaluate("len(chat.turns[-1].deltas)")
    expect(chat.answer_text).to_contain_text(f"word{told} ", timeout=SLOW)
    expect(chat.connection).to_have_text("Connected")
    chat.stop_button.click()
    chat.wait_until("idle")
    chat.expect_answer(words(notebook.evaluate("len(chat.turns[-1].deltas)")), status="stopped")
    chat.ask("and on")
    chat.expect_answer("and on")


def test_a_prompt_sent_while_cut_off_is_answered_once(notebook: Notebook, network: Network, chat: Chat):
    cut(notebook, network)
    chat.send("said into the void")
    expect(chat.status).to_have_text("Waiting for the kernel")
    mend(notebook, network)
    chat.expect_answer("said into the void")
    expect(chat.prompt_texts).to_have_text(["said into the void"])
    chat.ask("and on")
    assert notebook.evaluate("[turn.prompt for turn in chat.turns]") == ["said into the void", "and on"]


def test_stop_pressed_while_cut_off_takes_effect(notebook: Notebook, network: Network, chat: Chat):
    chat.send("shown |never shown")
    chat.expect_answer("shown ", status="streaming")
    cut(notebook, network)
    chat.stop_button.click()
    chat.expect_answer("shown ", status="stopped")
    mend(notebook, network)
    chat.wait_until("idle")
    chat.ask("and on")
    chat.expect_answer("and on")
    assert notebook.evaluate("[turn.status for turn in chat.turns]") == ["stopped", "completed"]
