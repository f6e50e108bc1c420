"""What shows a chat besides JupyterLab and Notebook: its server, and the conversation that all of them are put through."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, Page, Route, expect

from support.inspector import Inspector
from support.notebook import SLOW, Chat, Graph

TESTS = Path(__file__).parents[1]

CELLS = [
    "from burr_chat_widget import BurrChat\nfrom apps import held\nchat = BurrChat(held.application())\nchat",
    "chat.graph",
    "chat.inspector",
]
"""The notebook that hosts with a page show."""


def environment(home: Path) -> dict[str, str]:
    """That of a host's process: nothing of the developer's is read or written."""
    return {**os.environ, "HOME": str(home), "IPYTHONDIR": str(home / "ipython"), "PYTHONPATH": str(TESTS)}


def write_notebook(path: Path, cells: list[str], kernel: str = "python3") -> None:
    """A notebook file with these cells."""
    specification = {"name": kernel, "display_name": kernel, "language": "python"}
    made = [nbformat.v4.new_code_cell(source) for source in cells]
    nbformat.write(nbformat.v4.new_notebook(metadata={"kernelspec": specification}, cells=made), path)


@contextlib.contextmanager
def started(command: list[str], folder: Path, port: int) -> Iterator[str]:
    """Start a host's server, wait until it listens on the port, and end it at last; gives its address."""
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment(folder), stdout=output, stderr=subprocess.STDOUT, text=True
        )
    try:
        end = time.monotonic() + SLOW / 1000
        while True:
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                break
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Watched:
    """A page, and what it asked of other machines: none of it comes."""

    def __init__(self, browser: Browser) -> None:
        self.page = browser.new_page(viewport={"width": 1280, "height": 1600})
        self.page.set_default_timeout(SLOW)
        self.foreign: list[str] = []
        self.page.route(re.compile(r"https?://(?!127\.0\.0\.1:|localhost:)"), self._refuse)

    def _refuse(self, route: Route) -> None:
        self.foreign.append(route.request.url)
        route.abort()


def converse(page: Page, start: float = SLOW) -> None:
    """On a page that shows `CELLS`: a prompt is typed, the answer streams, the state machine lights up in both its views, Stop stops,
    the next prompt is answered, and a turn is run step by step. `start`: milliseconds that it may take until the chat is connected.
    """
    chat = Chat(page.locator('.bcw[data-view="chat"]').first)
    own, alone = (Graph(page.locator('.bcw[data-view="graph"]').nth(n)) for n in (0, 1))
    inspector = Inspector(page.locator('.bcw[data-view="inspector"]'))
    expect(chat.connection).to_have_text("Connected", timeout=start)
    # What has no style sheet is there, and not to be read.
    for view in (chat, own, alone, inspector):
        expect(view.root).to_have_css("--bcw-radius", "10px", timeout=SLOW)

    chat.send("shown |never shown")
    chat.expect_answer("shown ", status="streaming")
    for graph in (own, alone):
        graph.expect_node("think", "done", 1)
        graph.expect_node("answer", "running", 1)
    chat.stop_button.click()
    chat.expect_answer("shown ", status="stopped")
    chat.wait_until("idle")

    chat.ask("the next")
    chat.expect_answer("the next")
    for graph in (own, alone):
        graph.expect_node("answer", "done", 2)
        graph.expect_node("prompt", "next", 2)

    inspector.do("Pause")
    chat.send("by steps")
    inspector.wait_until("paused")
    for action in ("prompt", "think"):
        inspector.do("Step")
        alone.expect_node(action, "done", 3)
    chat.wait_until("paused")
    inspector.do("Continue")
    chat.expect_answer("by steps")
    alone.expect_node("answer", "done", 3)
