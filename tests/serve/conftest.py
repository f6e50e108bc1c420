"""Servers as users run them: uvicorn on a free port of loopback, in a thread of the test's process or in one of its own."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from apps import gates, served
from burr_chat_widget import serve
from burr_chat_widget.protocol.sse import BEAT, PAGE_BEAT
from support.in_thread import running
from support.servers import or_skip, postgresql, redis

PATIENCE = 180.0
"""Seconds after which who waits for what does not come gives up."""


class Sent(NamedTuple):
    """One server-sent event."""

    id: str | None
    event: str | None
    data: Any


def is_beat(block: bytes) -> bool:
    """Whether it says only that the connection is alive."""
    return block.startswith(b":") or block + b"\n\n" == PAGE_BEAT


def parsed(stream: bytes) -> list[Sent]:
    """The events in what a stream has sent; beats are passed over."""
    assert stream == b"" or stream.endswith(b"\n\n"), stream[-100:]
    found: list[Sent] = []
    for block in stream.split(b"\n\n")[:-1]:
        if is_beat(block):
            continue
        fields = dict(line.split(": ", 1) for line in block.decode().split("\n"))
        assert {*fields} <= {"id", "event", "data"}
        found.append(Sent(fields.get("id"), fields.get("event"), json.loads(fields["data"])))
        assert found[-1].event in (None, found[-1].data["type"])
    return found


class Stream:
    """A response that streams, read event by event."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._raw = b""
        self._pieces = response.iter_raw()
        self._rest = b""

    @property
    def raw(self) -> bytes:
        """What was read so far, without the beats that came while nothing else did."""
        return self._raw.replace(BEAT, b"")

    def next(self) -> Sent:
        """The next event. Raises StopIteration at the end."""
        while True:
            block, end, rest = self._rest.partition(b"\n\n")
            if not end:
                piece = next(self._pieces)
                self._raw += piece
                self._rest += piece
                continue
            self._rest = rest
            if not is_beat(block):
                return parsed(block + end)[0]

    def until(self, event: str) -> list[Sent]:
        """The events up to the first one of that name."""
        found = [self.next()]
        while found[-1].event != event:
            found.append(self.next())
        return found

    def rest(self) -> list[Sent]:
        """The events to the end."""
        found: list[Sent] = []
        with contextlib.suppress(StopIteration):
            while True:
                found.append(self.next())
        return found


class Site:
    """A server, and a client of it."""

    def __init__(self, url: str, **options: Any) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=PATIENCE, **options)

    @contextlib.contextmanager
    def stream(self, method: str, path: str, **options: Any) -> Iterator[Stream]:
        """A response that streams. Its end is the client's going away."""
        with self.http.stream(method, path, **options) as response:
            yield Stream(response)

    def close(self) -> None:
        """Let go of its connections."""
        self.http.close()

    def say(self, prompt: str | None = None, chat: str = "p/a", **inputs: Any) -> list[Sent]:
        """Run a turn; its events."""
        with self.stream("POST", f"/chats/{chat}/turns", json={"prompt": prompt, "inputs": inputs}) as stream:
            assert stream.response.status_code == 200, stream.response.read()
            return stream.rest()


Serve = Callable[..., Site]


@pytest.fixture
def site(serving: Serve) -> Site:
    """A server of the application that a test controls."""
    return serving()


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serve]:
    """Starts servers in threads, of applications in the test's own process; all exit when the test ends."""
    with contextlib.ExitStack() as stack:

        def start(build: Any = served.builder, *, client: dict[str, Any] | None = None, **options: Any) -> Site:
            options.setdefault("store", tmp_path / "chats.sqlite")
            url = stack.enter_context(running(serve.app(build, **options)))
            found = Site(url, **(client or {}))
            stack.callback(found.close)
            return found

        yield start
        gates.release()


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """An empty PostgreSQL."""
    yield from or_skip(postgresql())


@pytest.fixture
def redis_url() -> Iterator[str]:
    """An empty Redis."""
    yield from or_skip(redis())


class Process:
    """`python -m burr_chat_widget serve ...` in a process of its own.

    Attributes:
        folder: that it runs in.
        said: the lines that it has printed so far.
        url: of its page.
    """

    def __init__(self, *arguments: str, folder: Path, environment: dict[str, str] | None = None) -> None:
        path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "burr_chat_widget", "serve", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": path, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # it ends with its workers
        )
        self.folder = folder
        self.said: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def until(self, words: str) -> str:
        """The line that holds these words."""
        while (line := self._lines.get(timeout=PATIENCE)) is not None:
            self.said.append(line)
            if words in line:
                return line
        raise AssertionError(f"it has ended without saying {words!r}: {self.said}")

    @property
    def url(self) -> str:
        """Where it is served."""
        return self.until("is served at").split(" at ")[1].strip()

    def end(self, how: int = signal.SIGINT) -> int:
        """Ask it to end; how it ended."""
        self.process.send_signal(how)
        return self.wait()

    def wait(self) -> int:
        """Wait for its end."""
        code = self.process.wait(PATIENCE)
        while (line := self._lines.get(timeout=PATIENCE)) is not None:
            self.said.append(line)
        return code


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts servers in processes of their own, in the test's folder."""
    started: list[Process] = []

    def run(*arguments: str, **options: Any) -> Process:
        started.append(Process(*arguments, folder=tmp_path, **options))
        return started[-1]

    yield run
    for each in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(each.process.pid, signal.SIGKILL)
        each.process.wait()
        if each.process.stdout is not None:
            each.process.stdout.close()
