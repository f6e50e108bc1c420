"""A kernel that is busy, interrupted or restarted, as the reader of a chat sees it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from support.notebook import SLOW, Notebook

KERNELS = [
    pytest.param({"kernel": "python3"}, id="ipykernel7"),
    pytest.param({"kernel": "ipykernel-6.31"}, id="ipykernel6"),
]
BLOCK = "from pathlib import Path\nimport time\nwhile not Path('let_go').exists():\n    time.sleep(0.01)\nPath('let_go').unlink()"
"""A cell that blocks the kernel's main thread until a file lets it go."""


def let_go(notebook: Notebook) -> None:
    (notebook.jupyter.folder / "let_go").touch()


@pytest.mark.parametrize("shared_notebook", KERNELS[:1], indirect=True)
def test_stop_and_prompts_do_not_wait_for_a_blocking_cell(shared_notebook: Notebook):
    notebook = shared_notebook
    chat = notebook.show_chat("scripted.application()")
    cell = notebook.start(BLOCK)
    expect(cell.locator(".jp-InputPrompt").first).to_have_text("[*]:")
    chat.send('{"deltas": 100000, "delay": 0.02, "text": "so it goes "}')
    expect(chat.answer).to_have_attribute("data-status", "streaming", timeout=SLOW)
    grown = chat.answer_text.inner_text()
    expect(chat.answer_text).not_to_have_text(grown, timeout=SLOW)
    chat.stop_button.click()
    chat.wait_until("idle")
    expect(chat.answer).to_have_attribute("data-status", "stopped")
    chat.ask("the next")
    chat.expect_answer("the next")
    expect(chat.connection).to_have_text("Connected")
    expect(cell.locator(".jp-InputPrompt").first).to_have_text("[*]:")
    let_go(notebook)
    notebook.wait_for_cell(cell)


@pytest.mark.parametrize("shared_notebook", KERNELS[1:], indirect=True)
def test_with_one_shell_commands_wait_for_the_cell_and_the_stream_does_not(shared_notebook: Notebook):
    notebook = shared_notebook
    chat = notebook.show_chat("scripted.application()")
    chat.send('{"deltas": 100000, "delay": 0.02, "text": "so it goes "}')
    expect(chat.answer).to_have_attribute("data-status", "streaming", timeout=SLOW)
    cell = notebook.start(BLOCK)
    expect(cell.locator(".jp-InputPrompt").first).to_have_text("[*]:")
    grown = chat.answer_text.inner_text()
    expect(chat.answer_text).not_to_have_text(grown, timeout=SLOW)
    chat.stop_button.click()
    # What the reader has stopped is closed at once; the kernel hears of it later.
    expect(chat.answer).to_have_attribute("data-status", "stopped")
    expect(chat.root).to_have_attribute("data-session-status", "running")
    let_go(notebook)
    notebook.wait_for_cell(cell)
    chat.wait_until("idle")

    cell = notebook.start(BLOCK)
    chat.send("while it is busy")
    expect(chat.prompt_texts.last).to_have_text("while it is busy")
    expect(chat.status).to_have_text("Waiting for the kernel")
    let_go(notebook)
    chat.expect_answer("while it is busy")


@pytest.mark.parametrize("shared_notebook", KERNELS, indirect=True)
def test_a_chat_shown_before_a_blocking_cell(shared_notebook: Notebook):
    """Run All: a page's first message meets a busy kernel. With one shell it waits; nothing is lost."""
    notebook = shared_notebook
    waits = notebook.execute("import ipykernel; print(ipykernel.version_info[0])") == "6\n"
    notebook.execute("from burr_chat_widget import BurrChat\nfrom apps import held")
    first = notebook.start("chat = BurrChat(held.application())\nchat")
    cell = notebook.start(BLOCK)
    chat = notebook.chat(first)
    chat.send("early")
    if waits:
        expect(chat.connection).to_have_text("Kernel busy", timeout=SLOW)
        expect(chat.note).to_contain_text("The kernel is busy")
        expect(chat.message).to_be_editable()
        let_go(notebook)
    chat.expect_answer("early")
    expect(chat.connection).to_have_text("Connected")
    if not waits:
        let_go(notebook)
    notebook.wait_for_cell(cell)


@pytest.mark.parametrize("shared_notebook", KERNELS, indirect=True)
def test_interrupted_and_restarted(shared_notebook: Notebook):
    notebook = shared_notebook
    chat = notebook.show_chat("held.application()")
    graph = notebook.graph()
    # The interrupt button is for cells: the turn goes on.
    chat.send("one |two")
    chat.expect_answer("one ", status="streaming")
    cell = notebook.start_and_see("import time\nwhile True:\n    time.sleep(0.01)")
    notebook.command("notebook:interrupt-kernel")
    notebook.wait_for_cell(cell)
    assert "KeyboardInterrupt" in notebook.error_of(cell)
    expect(chat.answer).to_have_attribute("data-status", "streaming")
    notebook.execute("held.let_go()")
    chat.expect_answer("one two")

    # An awaited turn is the cell's.
    cell = notebook.start("turn = await chat.send('three |four')")
    chat.expect_answer("three ", status="streaming")
    notebook.command("notebook:interrupt-kernel")
    chat.expect_answer("three ", status="stopped")
    chat.wait_until("idle")
    notebook.wait_for_cell(cell)
    notebook.wait_for_kernel()

    chat.message.fill("a draft")
    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    for root in (chat.root, graph.root):
        expect(root).to_have_attribute("data-session-status", "disconnected", timeout=SLOW)
    expect(chat.connection).to_have_text("Disconnected")
    expect(chat.status).to_have_text("Disconnected")
    expect(chat.note).to_contain_text("Run the cells again")
    expect(chat.message).not_to_be_editable()
    expect(chat.message).to_have_value("a draft")
    expect(chat.send_button).to_have_attribute("aria-disabled", "true")
    expect(chat.answers.first).to_have_attribute("data-status", "done")
    notebook.wait_for_kernel()
    again = notebook.show_chat("held.application()")
    again.ask("a new chat")
    again.expect_answer("a new chat")
