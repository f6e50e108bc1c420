"""Page objects: a notebook in JupyterLab or Notebook, and a chat in it."""

from __future__ import annotations

import re
from typing import Any

import nbformat
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from support.jupyter import Jupyter

SLOW = 60_000
"""Milliseconds that a kernel or a page may take on a slow machine. Nothing is asserted about how long it took."""


class Notebook:
    """An open notebook with a live kernel. Cells are run through the app's own commands."""

    def __init__(self, page: Page, context: BrowserContext, jupyter: Jupyter, app: str, name: str) -> None:
        self.page = page
        self.context = context
        self.jupyter = jupyter
        self.app = app
        self.name = name

    @classmethod
    def create(
        cls,
        browser: Browser,
        jupyter: Jupyter,
        *,
        name: str,
        app: str = "lab",
        kernel: str = "python3",
        dark: bool = False,
        size: tuple[int, int] = (1280, 900),
        cells: list[str] | None = None,
        **context_options: Any,
    ) -> Notebook:
        """Write a notebook file with `cells` and open it."""
        name = re.sub(r"[^A-Za-z0-9-]+", "-", name) + ".ipynb"
        document = nbformat.v4.new_notebook(
            metadata={"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}},
            cells=[nbformat.v4.new_code_cell(source) for source in cells or [""]],
        )
        nbformat.write(document, jupyter.folder / name)
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **context_options)
        page = context.new_page()
        notebook = cls(page, context, jupyter, app, name)
        notebook.open()
        if dark:
            notebook.command("apputils:change-theme", theme="JupyterLab Dark")
            page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
        return notebook

    def open(self) -> None:
        """Go to the notebook's page and wait for its kernel."""
        self.page.goto(self.jupyter.path(self.app, self.name), timeout=SLOW)
        self.page.wait_for_function("window.jupyterapp !== undefined", timeout=SLOW)
        expect(self.page.locator(".jp-Notebook").first).to_be_visible(timeout=SLOW)
        self.page.wait_for_function(
            """() => {
                const panel = window.jupyterapp.shell.currentWidget;
                const kernel = panel?.sessionContext?.session?.kernel;
                return kernel?.connectionStatus === 'connected' && kernel?.status === 'idle';
            }""",
            timeout=SLOW,
        )

    def close(self) -> None:
        """Shut the kernel down and leave."""
        self.page.evaluate("window.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown()")
        self.context.close()

    def command(self, name: str, **arguments: Any) -> None:
        """Execute one of the app's commands."""
        self.page.evaluate("([name, args]) => window.jupyterapp.commands.execute(name, args)", [name, arguments])

    @property
    def cells(self) -> Locator:
        """The code cells."""
        return self.page.locator(".jp-Notebook .jp-CodeCell")

    def start(self, source: str) -> Locator:
        """Put `source` into a new last cell, run it and do not wait for it; returns the cell."""
        count = self.page.evaluate(
            """(source) => {
                const notebook = window.jupyterapp.shell.currentWidget.content;
                const cells = notebook.model.sharedModel;
                cells.insertCell(cells.cells.length, {cell_type: 'code', source});
                notebook.activeCellIndex = cells.cells.length - 1;
                return cells.cells.length;
            }""",
            source,
        )
        self.page.evaluate("void window.jupyterapp.commands.execute('notebook:run-cell')")
        return self.cells.nth(count - 1)

    def run(self, source: str) -> Locator:
        """Run `source` in a new last cell and wait until it is done; fails with its error."""
        cell = self.start(source)
        self.wait_for_cell(cell)
        error = cell.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']")
        if error.count() and "Traceback" in (text := error.first.inner_text()):
            raise AssertionError(text)
        return cell

    def wait_for_cell(self, cell: Locator) -> None:
        """Until the cell has a number, which it has when it is done."""
        expect(cell.locator(".jp-InputPrompt").first).to_have_text(re.compile(r"\[\d+\]"), timeout=SLOW)

    def evaluate(self, expression: str) -> str:
        """The text of an expression's value in the kernel."""
        cell = self.run(f"print({expression})")
        return cell.locator(".jp-OutputArea-output").inner_text().strip()

    def chat(self, within: Locator | None = None) -> Chat:
        """The chat shown last, or the one within."""
        root = (within or self.page).locator('.bcw[data-view="chat"]').last
        expect(root).to_be_visible(timeout=SLOW)
        return Chat(root)

    def show_chat(self, application: str = "demo.application()", **options: Any) -> Chat:
        """Display a chat with an application, in a cell that also imports what is needed."""
        arguments = "".join(f", {name}={value!r}" for name, value in options.items())
        cell = self.run(f"from burr_chat_widget import BurrChat, demo\nchat = BurrChat({application}{arguments})\nchat")
        return self.chat(cell)


class Chat:
    """A chat on the page, found by role and name."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        self.page = root.page
        self.log = root.get_by_role("log", name="Conversation")
        self.message = root.get_by_role("textbox", name="Message")
        self.send_button = root.get_by_role("button", name="Send", exact=True)
        self.stop_button = root.get_by_role("button", name="Stop", exact=True)
        self.status = root.get_by_role("status")
        self.articles = self.log.get_by_role("article")

    @property
    def answer(self) -> Locator:
        """The assistant's last message."""
        return self.log.locator('article[data-role="assistant"]').last

    def send(self, text: str) -> None:
        """Type a prompt and send it."""
        self.message.fill(text)
        self.message.press("Enter")

    def ask(self, text: str) -> str:
        """Send a prompt, wait for the end of the turn, and return what is shown as the answer."""
        before = self.log.locator('article[data-role="user"]').count()
        self.send(text)
        expect(self.log.locator('article[data-role="user"]')).to_have_count(before + 1, timeout=SLOW)
        self.wait_until("idle")
        return self.answer.inner_text()

    def wait_until(self, status: str) -> None:
        """Until the session has this status."""
        expect(self.root).to_have_attribute("data-session-status", status, timeout=SLOW)
