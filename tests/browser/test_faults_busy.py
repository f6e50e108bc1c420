"""A cell that blocks the kernel, and one that awaits, while a turn streams, is begun and is stopped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from support.jupyter import Jupyter
from support.notebook import SLOW, Chat, Notebook

WAYS = [
    pytest.param(("python3", "perCommTarget"), id="perCommTarget"),
    pytest.param(("python3", "perComm"), id="perComm"),
    pytest.param(("python3", "disabled"), id="disabled"),
    pytest.param(("ipykernel-6.31", "perCommTarget"), id="ipykernel6"),
]
"""Kernel, and JupyterLab's setting for where comm messages go: to threads of their own, or where the cells run."""

pytestmark = pytest.mark.parametrize("shared_notebook", WAYS, indirect=True)

ENDLESS = json.dumps({"deltas": 1_000_000, "delay": 0.01})
RUNNING = re.compile(r"\[\*\]")


@pytest.fixture(scope="module")
def shared_notebook(browser: Browser, jupyter: Jupyter, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    kernel, comms = request.param
    settings = (
        jupyter.folder.parent / "home/settings/@jupyterlab/apputils-extension/kernels-settings.jupyterlab-settings"
    )
    settings.write_text(json.dumps({"commsOverSubshells": comms}))
    notebook = Notebook.create(browser, jupyter, name=f"busy-{kernel}-{comms}", kernel=kernel)
    settings.unlink()
    yield notebook
    notebook.close()


@pytest.fixture
def subshells(request: pytest.FixtureRequest) -> bool:
    """Whether the page's messages reach the kernel while a cell runs."""
    kernel, comms = request.node.callspec.params["shared_notebook"]
    return kernel == "python3" and comms != "disabled"


class Cell:
    """A cell that keeps the kernel until it is let go, after `first` is done."""

    def __init__(self, notebook: Notebook, wait: str, flag: Path, first: str = "") -> None:
        self.notebook = notebook
        self.flag = flag
        self.locator: Locator = notebook.start(
            f"{first}\nfrom pathlib import Path\nimport asyncio, time\n"
            f"while not Path({str(flag)!r}).exists():\n    {wait}"
        )
        self.expect_running()

    def expect_running(self) -> None:
        expect(self.locator.locator(".jp-InputPrompt").first).to_have_text(RUNNING, timeout=SLOW)

    def let_go(self) -> None:
        self.flag.touch()
        self.notebook.wait_for_cell(self.locator)


def expect_growth(chat: Chat) -> None:
    """Wait until more is shown than now."""
    count = chat.answer_text.evaluate("(text) => text.textContent.length")
    expect(chat.answer_text).to_have_text(re.compile(rf"^.{{{count + 100},}}", re.DOTALL), timeout=SLOW)


@pytest.mark.parametrize("wait", ["time.sleep(0.02)", "await asyncio.sleep(0.02)"], ids=["blocks", "awaits"])
def test_a_stream_goes_on_and_stop_and_prompts_are_carried_out(
    shared_notebook: Notebook, subshells: bool, wait: str, tmp_path: Path
):
    notebook = shared_notebook
    chat = notebook.show_chat("scripted.application()")
    # The kernel of 7.4 serves comm messages whenever the cell awaits; the one of 6.31 when it is done.
    at_once = subshells or ("await" in wait and "ipykernel-6" not in notebook.name)

    chat.send(ENDLESS)
    expect(chat.answer_text).to_contain_text("word5 ", timeout=SLOW)
    cell = Cell(notebook, wait, tmp_path / "first")
    expect_growth(chat)
    expect_growth(chat)

    chat.stop_button.click()
    expect(chat.answer).to_have_attribute("data-status", "stopped")
    said = chat.answer_text.inner_text()
    if not at_once:
        expect(chat.connection).to_have_text("Kernel busy", timeout=SLOW)
        expect(chat.note).to_contain_text("The kernel is busy")
        cell.expect_running()
        cell.let_go()
    chat.wait_until("idle")
    expect(chat.answer).to_have_attribute("data-status", "stopped")
    assert chat.answer_text.inner_text().startswith(said)
    if at_once:
        cell.expect_running()
        cell.let_go()

    cell = Cell(notebook, wait, tmp_path / "second")
    chat.send('{"deltas": 3}')
    if not at_once:
        expect(chat.connection).to_have_text("Kernel busy", timeout=SLOW)
        expect(chat.prompts).to_have_count(2)
        cell.expect_running()
        cell.let_go()
    chat.expect_answer("word0 word1 word2")
    if at_once:
        cell.expect_running()
        cell.let_go()
    expect(chat.connection).to_have_text("Connected", timeout=SLOW)
    expect(chat.note).to_be_empty()
    assert notebook.evaluate("[turn.status for turn in chat.turns]") == ["stopped", "completed"]


def test_a_chat_shown_by_a_cell_that_goes_on_to_block(shared_notebook: Notebook, subshells: bool, tmp_path: Path):
    """As with Run All: the kernel is kept before the page's first message can reach it."""
    notebook = shared_notebook
    show = (
        "from burr_chat_widget import BurrChat\nfrom apps import scripted\n"
        "chat = BurrChat(scripted.application())\ndisplay(chat)"
    )
    cell = Cell(notebook, "time.sleep(0.02)", tmp_path / "flag", show)
    chat = notebook.chat(cell.locator)
    if subshells:
        expect(chat.connection).to_have_text("Connected", timeout=SLOW)
        chat.ask('{"deltas": 3}')
        chat.expect_answer("word0 word1 word2")
        cell.expect_running()
        cell.let_go()
    else:
        expect(chat.connection).to_have_text("Kernel busy", timeout=SLOW)
        expect(chat.status).to_have_text("Waiting for the kernel")
        chat.send('{"deltas": 3}')
        expect(chat.queue).to_have_count(1)
        cell.let_go()
        chat.expect_answer("word0 word1 word2")
        expect(chat.connection).to_have_text("Connected", timeout=SLOW)
    assert notebook.evaluate("[turn.status for turn in chat.turns]") == ["completed"]
