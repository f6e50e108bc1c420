"""Page objects: a notebook in JupyterLab or Notebook, and a chat and a state machine in it."""

from __future__ import annotations

import ast
import re
import time
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import nbformat
from playwright.sync_api import Browser, BrowserContext, Locator, Page, WebSocket, expect

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
        self.requests: list[str] = []
        """The addresses of all that the page asked for, websockets included."""
        context.set_default_timeout(SLOW)
        context.on("request", lambda request: self.requests.append(request.url))
        self.received = 0
        """How many bytes have come over the websockets."""
        page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        self.requests.append(socket.url)
        socket.on("framereceived", self._count)

    def _count(self, payload: str | bytes) -> None:
        self.received += len(payload)

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
        """Write a notebook file with `cells` and open it: one of its own, and with it a kernel, for a test that is tried again too.

        Jupyter looks for free ports and binds them later: a kernel whose port somebody has taken meanwhile never answers.
        """
        name = f"{re.sub(r'[^A-Za-z0-9-]+', '-', name)}-{uuid.uuid4().hex[:6]}.ipynb"
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
            notebook.use_theme("JupyterLab Dark")
        return notebook

    def open(self) -> None:
        """Go to the notebook's page and wait for its kernel."""
        self.page.goto(self.jupyter.path(self.app, self.name), timeout=SLOW)
        self._wait_until_ready()

    def reload(self) -> None:
        """Save, reload the page and wait for its kernel: what was not saved would be gone."""
        self.save()
        self.page.reload(timeout=SLOW)
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        self.page.wait_for_function("window.jupyterapp !== undefined", timeout=SLOW)
        expect(self.page.locator(".jp-Notebook").first).to_be_visible(timeout=SLOW)
        self.wait_for_kernel()

    def wait_for_kernel(self) -> None:
        """Until the kernel is connected and has nothing to do."""
        self.page.wait_for_function(
            """() => {
                const panel = window.jupyterapp.shell.currentWidget;
                const kernel = panel?.sessionContext?.session?.kernel;
                return kernel?.connectionStatus === 'connected' && kernel?.status === 'idle';
            }""",
            timeout=SLOW,
        )

    def use_theme(self, name: str) -> None:
        """Switch to `JupyterLab Light` or `JupyterLab Dark`."""
        self.command("apputils:change-theme", theme=name)
        self.page.wait_for_function(
            "(light) => document.body.dataset.jpThemeLight === light",
            arg=str(name.endswith("Light")).lower(),
            timeout=SLOW,
        )

    def close(self) -> None:
        """Shut the kernel down and leave. Raises if anything was asked of another machine."""
        self.page.evaluate("window.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown()")
        self.context.close()
        assert not (foreign := self.foreign_requests()), f"left the loopback: {foreign}"

    def foreign_requests(self) -> list[str]:
        """What was asked of anybody but the Jupyter server."""
        server = urlsplit(self.jupyter.url).netloc
        return [
            url for url in self.requests if not url.startswith(("data:", "blob:")) and urlsplit(url).netloc != server
        ]

    def command(self, name: str, **arguments: Any) -> None:
        """Execute one of the app's commands and wait for it."""
        self.page.evaluate(
            "async ([name, args]) => { await window.jupyterapp.commands.execute(name, args) }", [name, arguments]
        )

    def save(self) -> None:
        """Write the notebook with its outputs."""
        self.page.evaluate("window.jupyterapp.shell.currentWidget.context.save()")

    @property
    def cells(self) -> Locator:
        """The code cells."""
        return self.page.locator(".jp-Notebook .jp-CodeCell")

    def contents(self) -> list[tuple[str, str, int | None]]:
        """Type, source and execution count of every cell: what keys that reach the notebook would change."""
        cells = self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells.map(
                (cell) => [cell.cell_type, cell.source, cell.execution_count ?? null])"""
        )
        return [tuple(cell) for cell in cells]

    def scroll_positions(self) -> list[float]:
        """How far each box that scrolls around the notebook's cells is scrolled."""
        return self.page.evaluate(
            """() => {
                const tops = [];
                let box = document.querySelector('.jp-Notebook .jp-Cell');
                for (; box !== null; box = box.parentElement) tops.push(box.scrollTop);
                return tops;
            }"""
        )

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
        if text := self.error_of(cell):
            raise AssertionError(text)
        return cell

    def wait_for_cell(self, cell: Locator) -> None:
        """Until the cell has a number, which it has when it is done."""
        expect(cell.locator(".jp-InputPrompt").first).to_have_text(re.compile(r"\[\d+\]"), timeout=SLOW)

    def start_and_see(self, source: str) -> Locator:
        """As `start`, and wait until the kernel is in the cell: its prompt says so before, when an interrupt is ignored yet.

        What is printed is sent a little later, when the cell is well in what it does.
        """
        cell = self.start(f"print('runs')\n{source}")
        expect(cell.locator(".jp-OutputArea-output").first).to_have_text("runs", timeout=SLOW)
        return cell

    def error_of(self, cell: Locator) -> str:
        """What a cell that is done has raised, as the reader sees it."""
        raised = cell.evaluate(
            """(node) => {
                const {widgets} = window.jupyterapp.shell.currentWidget.content;
                const outputs = widgets.find((cell) => cell.node === node).model.outputs.toJSON();
                return outputs.find(({output_type}) => output_type === 'error')?.traceback.join('\\n') ?? null;
            }"""
        )
        if raised is None:
            return ""
        # The notebook knows it before it is shown.
        text = re.sub(r"\x1b\[[0-9;]*m", "", raised)
        shown = cell.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").last
        expect(shown).to_have_text(text, timeout=SLOW)
        return shown.inner_text()

    def until(self, condition: Callable[[], Any], what: str) -> None:
        """Ask until `condition()` is true: for what no locator can wait for."""
        end = time.monotonic() + SLOW / 1000
        while not condition():
            assert time.monotonic() < end, f"waited for {what}"
            self.page.wait_for_timeout(50)

    def execute(self, code: str) -> str:
        """Run `code` in the kernel without a cell and return what it printed; fails with its error."""
        printed, error = self.page.evaluate(
            """async (code) => {
                const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                const future = kernel.requestExecute({code, store_history: false});
                let printed = '';
                let error = null;
                future.onIOPub = ({header, content}) => {
                    if (header.msg_type === 'stream') printed += content.text;
                    if (header.msg_type === 'error') error = content.traceback.join('\\n');
                };
                await future.done;
                return [printed, error];
            }""",
            code,
        )
        if error is not None:
            raise AssertionError(error)
        return printed

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the kernel, a literal."""
        return ast.literal_eval(self.execute(f"print(repr(({expression})))"))

    def chat(self, within: Locator | None = None) -> Chat:
        """The chat shown last, or the one within."""
        root = (within or self.page).locator('.bcw[data-view="chat"]').last
        expect(root).to_be_visible(timeout=SLOW)
        return Chat(root)

    def graph(self, within: Locator | None = None) -> Graph:
        """The state machine shown last, or the one within."""
        root = (within or self.page).locator('.bcw[data-view="graph"]').last
        expect(root.locator("[data-action]").first).to_be_visible(timeout=SLOW)
        return Graph(root)

    def show_chat(self, application: str = "demo.application()", **options: Any) -> Chat:
        """Display a chat with an application, in a cell that also imports what is needed."""
        arguments = "".join(f", {name}={value!r}" for name, value in options.items())
        imports = "from burr_chat_widget import BurrChat, demo, offline\nfrom apps import asking, email_assistant, faulty, held, scripted"
        cell = self.run(f"{imports}\nchat = BurrChat({application}{arguments})\nchat")
        chat = self.chat(cell)
        expect(chat.connection).to_have_text("Connected", timeout=SLOW)
        return chat


class Chat:
    """A chat on the page, found by role and name."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        self.page = root.page
        self.log = root.get_by_role("log", name="Conversation")
        self.message = root.get_by_role("textbox", name="Message")
        self.send_button = root.get_by_role("button", name="Send", exact=True)
        self.stop_button = root.get_by_role("button", name="Stop", exact=True)
        self.run_button = root.get_by_role("button", name="Run", exact=True)
        self.retry_button = root.get_by_role("button", name="Retry", exact=True).last
        """That of the last turn: each that has ended has one."""
        self.editor = root.get_by_role("textbox", name="Edit message")
        self.jump_button = root.get_by_role("button", name="Jump to latest")
        self.status = root.get_by_role("status")
        self.articles = self.log.get_by_role("article")
        self.prompts = self.log.locator('article[data-role="user"]')
        self.prompt_texts = self.prompts.locator(".bcw-text")
        self.answers = self.log.locator('article[data-role="assistant"]')
        self.note = root.locator(".bcw-note")
        """Why something was not sent, or cannot be."""
        self.connection = root.locator(".bcw-connection")
        self.typing = root.locator(".bcw-typing")
        """What runs, while nothing is said yet."""
        self.queue = root.get_by_role("list", name="Queued").get_by_role("listitem")

    @property
    def answer(self) -> Locator:
        """The assistant's last message."""
        return self.answers.last

    @property
    def answer_text(self) -> Locator:
        """What the assistant's last message says, without its buttons and remarks."""
        return self.answer.locator(".bcw-text")

    @property
    def error(self) -> Locator:
        """The error of the assistant's last message, its traceback apart."""
        return self.answer.locator(".bcw-error > p")

    def send(self, text: str) -> None:
        """Type a prompt and send it."""
        self.message.fill(text)
        self.message.press("Enter")

    def ask(self, text: str) -> str:
        """Send a prompt, wait for the end of the turn, and return what is shown as the answer."""
        before = self.prompts.count()
        self.send(text)
        expect(self.prompts).to_have_count(before + 1, timeout=SLOW)
        # Stop is there from the prompt on; the session is idle before the kernel knows of it.
        expect(self.stop_button).to_have_count(0, timeout=SLOW)
        self.wait_until("idle")
        return self.answer.inner_text()

    def wait_until(self, status: str) -> None:
        """Until the session has this status."""
        expect(self.root).to_have_attribute("data-session-status", status, timeout=SLOW)

    def expect_answer(self, text: str, status: str = "done") -> None:
        """Wait until the last message of the assistant says exactly this and has this status, and with `done` for its turn's end."""
        expect(self.answer).to_have_attribute("data-status", status, timeout=SLOW)
        expect(self.answer_text).to_have_text(text, timeout=SLOW)
        if status == "done":
            # The step that has said it ends before the turn does.
            self.wait_until("idle")

    def prompt(self, text: str) -> Locator:
        """The message of a prompt."""
        return self.prompts.filter(has=self.root.page.get_by_text(text, exact=True))

    def edit(self, prompt: str, text: str) -> None:
        """Send another prompt in place of an earlier one."""
        self.prompt(prompt).get_by_role("button", name="Edit").click()
        self.editor.fill(text)
        self.editor.press("Enter")

    def versions(self, words: str) -> Locator:
        """The arrows beside an answer, by their place: `2 of 3`."""
        return self.log.get_by_role("group", name=f"Version {words}", exact=True)

    def show_version(self, which: str, words: str) -> None:
        """Press `Previous` or `Next` at the arrows of that place."""
        arrow = self.versions(words).get_by_role("button", name=f"{which} version")
        expect(arrow).to_have_attribute("aria-disabled", "false", timeout=SLOW)
        arrow.click()

    def shown(self) -> list[tuple[str | None, str | None, str]]:
        """Role, status and DOM of every message's text: what two views of one conversation have in common."""
        return [
            tuple(each)
            for each in self.articles.evaluate_all(
                """(articles) => articles.map((article) => [article.dataset.role, article.dataset.status,
                    [...article.querySelectorAll('.bcw-text')].map((text) => text.innerHTML).join('')])"""
            )
        ]


class Graph:
    """A state machine on the page."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        self.group = root.get_by_role("group", name="State machine")

    def node(self, action: str) -> Locator:
        """The action's node."""
        return self.root.locator(f'[data-action="{action}"]')

    def transition(self, source: str, target: str) -> Locator:
        """The transition from `source` to `target`."""
        return self.root.locator(f'[data-from="{source}"][data-to="{target}"]')

    def expect_node(self, action: str, status: str, visits: int) -> None:
        """Wait until a node has this status and so many visits."""
        expect(self.node(action)).to_have_attribute("data-status", status, timeout=SLOW)
        expect(self.node(action)).to_have_attribute("data-visits", str(visits), timeout=SLOW)

    def expect_taken(self, source: str, target: str, times: int) -> None:
        """Wait until a transition has been taken so many times."""
        expect(self.transition(source, target)).to_have_attribute("data-taken", str(times), timeout=SLOW)
