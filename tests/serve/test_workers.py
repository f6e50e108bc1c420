"""Several processes serve the same conversations, and one of them dies in the middle of a turn."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from apps.waiting import GATES
from support.servers import Unavailable, postgresql, redis

from .conftest import PATIENCE, Process, Site

Start = Callable[..., Process]


def running(server: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    try:
        started = server()
        url = started.__enter__()
    except Unavailable as reason:
        pytest.skip(str(reason))
    try:
        yield url
    finally:
        started.__exit__(None, None, None)


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """An empty PostgreSQL."""
    yield from running(postgresql)


@pytest.fixture
def redis_url() -> Iterator[str]:
    """An empty Redis."""
    yield from running(redis)


@pytest.fixture
def begin(start: Start, tmp_path: Path) -> Iterator[Callable[[str, int], Fleet]]:
    """Starts a server of several processes, on a store."""
    begun: list[Fleet] = []

    def begin(store: str, workers: int) -> Fleet:
        begun.append(Fleet(start, store, workers, tmp_path))
        return begun[-1]

    yield begin
    for fleet in begun:
        if fleet.process.process.poll() is None:  # killed, it would leave its workers behind
            fleet.process.end(signal.SIGTERM)


class Fleet:
    """A server of several processes. Each request has a connection of its own, so that any of them may answer."""

    def __init__(self, start: Start, store: str, workers: int, folder: Path) -> None:
        self.gates = folder
        arguments = ("apps.workers:builder", "--port", "0", "--workers", str(workers), "--store", store)
        self.process = start(*arguments, environment={GATES: str(folder)})
        self.url = self.process.url.rstrip("/")
        self.until(self._answers)

    def _answers(self) -> bool:
        try:
            return self.get("/history/p/up").status_code == 200
        except httpx.TransportError:  # none of them listens yet
            return False

    def until(self, found: Callable[[], Any]) -> Any:
        """Wait for something that another process does."""
        end = time.monotonic() + PATIENCE
        while not (value := found()):
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.01)
        return value

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=PATIENCE)

    def say(self, prompt: str) -> httpx.Response:
        """Run a turn to its end."""
        address = f"{self.url}/chats/p/a/turns"
        return httpx.post(address, json={"prompt": prompt}, headers={"accept": "application/json"}, timeout=PATIENCE)

    def said(self) -> list[str]:
        """What one of the processes has of the conversation, without who said it."""
        return [item["content"].partition(": ")[2] or item["content"] for item in self.get("/history/p/a").json()]

    def let_go(self, gate: str) -> None:
        (self.gates / gate).touch()


def check(fleet: Fleet, *, several: bool = True) -> None:
    """One turn at a time across processes; what dies with one of them is only the turn that it ran."""
    first = fleet.say("first")
    assert (first.status_code, first.json()["status"]) == (200, "completed")

    site = Site(fleet.url)
    with site.stream("POST", "/chats/p/a/turns", json={"prompt": "held @gate on"}) as stream:
        worker = ""
        while not worker:
            event = stream.next()
            if event.event == "text-delta":
                worker = event.data["text"].rstrip(": ")
        # By whichever process it is answered, a second prompt is refused; the one that runs the turn knows its key.
        refused: list[Any] = []
        with ThreadPoolExecutor(8) as pool:
            while len(refused) < 16 or (several and {bool(each["turn"]) for each in refused} != {True, False}):
                for response in pool.map(fleet.say, ["second"] * 8):
                    assert response.status_code == 409, response.text
                    refused.append(response.json())
                assert len(refused) < 2000, "all were answered by one process"
        assert {each["error"] for each in refused} == {"turn-running"}
        assert {each["turn"] for each in refused} <= {event.data["turn"], None}
        # What the turn has saved so far is seen where it runs, and nowhere else.
        assert fleet.said()[:2] == ["first", "first "]

        os.kill(int(worker), signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            stream.rest()
    site.http.close()

    def answered() -> httpx.Response | None:
        try:
            response = fleet.say("next")
        except httpx.TransportError:  # it was accepted by the one that died
            return None
        return response if response.status_code != 409 else None

    after = fleet.until(answered)
    assert (after.status_code, after.json()["status"]) == (200, "completed")
    assert after.json()["text"].partition(":")[0] != worker
    everything = ["first", "first ", "next", "next "]
    # Each process shows that, those that have shown something older a second ago too.
    fleet.until(lambda: all(fleet.said() == everything for _ in range(12)))


Begin = Callable[[str, int], Fleet]


def test_one_of_three_workers_on_a_postgresql_dies(begin: Begin, postgresql_url: str) -> None:
    fleet = begin(postgresql_url, 3)
    check(fleet)
    assert fleet.process.end() == 0


def test_one_of_two_workers_on_a_redis_dies(begin: Begin, redis_url: str) -> None:
    check(begin(redis_url, 2))


def test_one_of_two_workers_on_a_file_dies(begin: Begin, tmp_path: Path) -> None:
    check(begin(str(tmp_path / "chats.sqlite"), 2))
    locks = [*(tmp_path / "chats.sqlite.turns").iterdir()]
    assert locks
    assert all(len(lock.stem) == 64 and lock.stat().st_size == 0 for lock in locks)
