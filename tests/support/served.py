"""A server in a process of its own, the way to it, and its page in a browser."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect

from apps import waiting
from support.cuttable import Cuttable
from support.notebook import SLOW, Chat, Graph
from support.ports import free_port

TESTS = Path(__file__).parents[1]


class Server:
    """`python -m burr_chat_widget serve`, again and again on the same port and with the same conversations.

    Attributes:
        url: where it is asked: through the way that can be cut.
        own_url: where it is itself.
    """

    def __init__(self, folder: Path, *arguments: str, target: str) -> None:
        self._folder = folder
        self._arguments = arguments
        self._target = target
        self._process: subprocess.Popen[str] | None = None
        self._port = free_port()
        self.own_url = f"http://127.0.0.1:{self._port}"
        self.way = Cuttable(self.own_url)
        self.url = self.way.url
        (folder / "gates").mkdir()

    def start(self, *more: str) -> None:
        """Start it, with these arguments besides, and wait until it listens."""
        command = [sys.executable, "-m", "burr_chat_widget", "serve", self._target, "--port", str(self._port)]
        path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
        log = self._folder / "log"
        with log.open("a") as stderr:
            self._process = subprocess.Popen(
                [*command, *self._arguments, *more],
                cwd=self._folder,
                env={**os.environ, "PYTHONPATH": path, waiting.GATES: str(self._folder / "gates")},
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                start_new_session=True,  # it is killed with its workers
            )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "is served at" in line:
                return
        raise AssertionError(f"the server did not start: {log.read_text()}")

    def kill(self) -> None:
        """End it without a word."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate()
            self._process = None

    def freeze(self) -> None:
        """Let it do nothing any more, with its connections open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, signal: signal.Signals) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, signal)

    def let_go(self, gate: str) -> None:
        """Let the application go on that waits there, or will."""
        (self._folder / "gates" / gate).touch()


class ChatPage:
    """The page of one conversation."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.chat = Chat(page.locator('.bcw[data-view="chat"]'))
        self.graph = Graph(page.locator('.bcw[data-view="graph"]'))
        self.views = page.get_by_role("group", name="Views")
        self.requests: list[str] = []
        """The addresses of all that was asked for."""
        self.errors: list[str] = []
        """What the page complained about, refusals of its own policy among it."""
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)

    @classmethod
    def open(cls, browser: Browser, url: str, *, size: tuple[int, int] = (1280, 800), **options: Any) -> ChatPage:
        """A new browser's page at that address."""
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        context.set_default_timeout(SLOW)
        opened = cls(context.new_page())
        opened.page.goto(url)
        return opened

    def connected(self) -> ChatPage:
        """Wait until it is."""
        expect(self.chat.connection).to_have_text("Connected", timeout=SLOW)
        return self

    def show(self, view: str) -> None:
        """Choose a view."""
        self.views.get_by_role("button", name=view, exact=True).click()

    def close(self) -> None:
        """Close the browser's page, and all that belongs to it."""
        self.page.context.close()

    def foreign_requests(self) -> list[str]:
        """What was asked of anybody but the server."""
        own = urlsplit(self.page.url).netloc
        return [url for url in self.requests if not url.startswith("data:") and urlsplit(url).netloc != own]


@contextlib.contextmanager
def serving(folder: Path, *arguments: str, target: str = "apps.waiting:builder") -> Iterator[Server]:
    """A server that has started."""
    server = Server(folder, *arguments, target=target)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        server.way.close()
