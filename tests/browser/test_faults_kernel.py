"""The kernel interrupted, restarted, killed and shut down in mid-stream: what the page says, and how one goes on."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from support.jupyter import TOKEN
from support.notebook import SLOW, Chat, Notebook

pytestmark = pytest.mark.parametrize("shared_notebook", [pytest.param({"app": "lab"}, id="lab")], indirect=True)

WORDS = "".join(f"word{n} " for n in range(300)).strip()


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    return shared_notebook


def streaming(notebook: Notebook) -> Chat:
    """A chat whose second answer has said `one ` and goes on."""
    chat = notebook.show_chat("held.application()")
    chat.ask("an earlier prompt")
    chat.send("one |two")
    chat.expect_answer("one ", status="streaming")
    return chat


def expect_cut_off(chat: Chat) -> None:
    """The chat says that the kernel is gone, keeps what was said, and cannot be written in; the state machine is still."""
    chat.wait_until("disconnected")
    expect(chat.connection).to_have_text("Disconnected")
    expect(chat.status).to_have_text("Disconnected")
    expect(chat.prompt_texts).to_have_text(["an earlier prompt", "one |two"])
    chat.expect_answer("one ", status="stopped")
    expect(chat.answer).to_contain_text("the kernel is gone")
    expect(chat.note).to_contain_text("Run the cells again")
    expect(chat.message).not_to_be_editable()
    expect(chat.send_button).to_have_attribute("aria-disabled", "true")
    expect(chat.stop_button).to_have_count(0)
    expect(chat.retry_button).to_have_count(0)
    expect(chat.page.locator('.bcw [data-action][data-status="running"]')).to_have_count(0)


def run_again(notebook: Notebook, chat: Chat) -> Chat:
    """Do what the chat says: run its cell again."""
    notebook.wait_for_kernel()
    cells = "[...document.querySelectorAll('.jp-Notebook .jp-CodeCell')]"
    cell = notebook.cells.nth(chat.root.evaluate(f"(root) => {cells}.indexOf(root.closest('.jp-CodeCell'))"))
    cell.locator(".jp-InputArea-editor").click()
    notebook.command("notebook:run-cell")
    fresh = notebook.chat(cell)
    expect(fresh.connection).to_have_text("Connected", timeout=SLOW)
    expect(fresh.articles).to_have_count(0)
    return fresh


def toolbar(notebook: Notebook, name: str) -> None:
    notebook.page.locator(f'.jp-NotebookPanel-toolbar [data-jp-item-name="{name}"]').locator(
        "jp-button, button"
    ).first.click()


def test_the_interrupt_button_stops_the_cell_and_not_the_chat(notebook: Notebook):
    chat = notebook.show_chat("scripted.application()")
    chat.send('{"deltas": 300, "delay": 0.01}')
    expect(chat.answer_text).to_contain_text("word5 ", timeout=SLOW)
    cell = notebook.start_and_see("import time\nwhile True:\n    time.sleep(0.02)")
    toolbar(notebook, "interrupt")
    notebook.wait_for_cell(cell)
    assert "KeyboardInterrupt" in notebook.error_of(cell)
    chat.expect_answer(WORDS)
    chat.ask("and on")
    chat.expect_answer("and on")
    assert notebook.evaluate("[turn.status for turn in chat.turns]") == ["completed", "completed"]


def test_an_awaited_turn_is_stopped_by_the_interrupt_button(notebook: Notebook):
    chat = notebook.show_chat("held.application()")
    cell = notebook.start("await chat.send('shown |never shown')")
    chat.expect_answer("shown ", status="streaming")
    toolbar(notebook, "interrupt")
    notebook.wait_for_cell(cell)
    chat.expect_answer("shown ", status="stopped")
    chat.ask("and on")
    chat.expect_answer("and on")
    assert notebook.evaluate("[turn.status for turn in chat.turns]") == ["stopped", "completed"]


def test_the_kernel_is_restarted(notebook: Notebook):
    chat = streaming(notebook)
    toolbar(notebook, "restart")
    notebook.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
    expect_cut_off(chat)
    chat = run_again(notebook, chat)
    chat.ask("and on")
    chat.expect_answer("and on")


def test_the_kernel_is_restarted_from_another_page(own_notebook: Notebook, browser: Browser):
    notebook = own_notebook
    chat = notebook.show_chat("held.application()")
    chat.ask("an earlier prompt")
    notebook.save()
    context = browser.new_context()
    other = Notebook(context.new_page(), context, notebook.jupyter, notebook.app, notebook.name)
    other.open()
    also = other.chat()
    also.send("one |two")
    for each in (chat, also):
        each.expect_answer("one ", status="streaming")
    toolbar(other, "restart")
    other.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
    expect_cut_off(also)
    expect_cut_off(chat)
    expect(chat.note).to_contain_text("restarted from another page")
    expect(also.note).not_to_contain_text("another page")
    context.close()
    chat = run_again(notebook, chat)
    chat.ask("and on")
    chat.expect_answer("and on")


def test_the_kernel_is_killed(notebook: Notebook):
    chat = streaming(notebook)
    chat.message.fill("a draft")
    # The page's own connection would wait for a reply that never comes.
    notebook.page.evaluate(
        """() => {
            const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            kernel.requestExecute({code: 'import os, signal; os.kill(os.getpid(), signal.SIGKILL)'}).done.catch(() => {});
        }"""
    )
    expect_cut_off(chat)
    # Jupyter tells that it has started the kernel again.
    dialog = notebook.page.locator(".jp-Dialog")
    expect(dialog).to_be_visible(timeout=SLOW)
    dialog.get_by_role("button", name="Ok").click()
    expect(chat.message).to_have_value("a draft")
    chat = run_again(notebook, chat)
    chat.ask("and on")
    chat.expect_answer("and on")


def test_the_kernel_is_shut_down_and_the_page_left_over_reloaded(own_notebook: Notebook):
    notebook = own_notebook
    chat = streaming(notebook)
    notebook.command("kernelmenu:shutdown")
    expect_cut_off(chat)
    notebook.save()
    notebook.page.reload(timeout=SLOW)
    # The page has a fresh kernel, which knows of no chat: it is as it was saved.
    notebook.wait_for_kernel()
    saved = notebook.page.locator('.bcw-saved .bcw[data-view="chat"]')
    expect(saved).to_be_visible(timeout=SLOW)
    expect(saved.get_by_role("button", name="Send")).to_have_count(0)
    chat = streaming(notebook)
    notebook.execute("held.let_go()")
    chat.expect_answer("one two")


def test_the_kernel_is_culled(notebook: Notebook):
    """Somebody else has ended it: the server, after a time of no use."""
    chat = streaming(notebook)
    kernel = notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id")
    notebook.page.request.delete(f"{notebook.jupyter.url}api/kernels/{kernel}?token={TOKEN}")
    expect_cut_off(chat)
