"""Several processes serve the same conversations, and one of them dies in the middle of a turn."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from apps.waiting import GATES

from .conftest import PATIENCE, Process, Site

Start = Callable[..., Process]


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


def until(found: Callable[[], Any]) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


class Fleet:
    """A server of several processes. Each request has a connection of its own, so that any of them may answer."""

    def __init__(self, start: Start, store: str, workers: int, folder: Path) -> None:
        arguments = ("apps.workers:builder", "--port", "0", "--workers", str(workers), "--store", store)
        self.process = start(*arguments, environment={GATES: str(folder)})
        self.url = self.process.url.rstrip("/")
        self.answers: list[httpx.Response] = []
        until(lambda: self.status("/history/p/up") == 200)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=PATIENCE)

    def say(self, prompt: str) -> httpx.Response:
        """Run a turn to its end."""
        address = f"{self.url}/chats/p/a/turns"
        return httpx.post(address, json={"prompt": prompt}, headers={"accept": "application/json"}, timeout=PATIENCE)

    def asked(self, prompt: str) -> int:
        """How that is answered; 0 where it comes to one that has died. The answer is the last of `answers`."""
        try:
            self.answers.append(self.say(prompt))
        except httpx.TransportError:
            return 0
        return self.answers[-1].status_code

    def said(self) -> list[str]:
        """What one of the processes has of the conversation, without who said it."""
        return [item["content"].partition(": ")[2] or item["content"] for item in self.get("/history/p/a").json()]

    def status(self, path: str) -> int:
        """How one of them answers; 0 where that is the one that has died."""
        try:
            with httpx.stream("GET", f"{self.url}{path}", timeout=PATIENCE) as response:
                return response.status_code
        except httpx.TransportError:
            return 0


def check(fleet: Fleet) -> None:
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
        # By whichever process it is answered, a second prompt is refused.
        with ThreadPoolExecutor(8) as pool:
            refused = list(pool.map(fleet.say, ["second"] * 16))
        assert {response.status_code for response in refused} == {409}
        assert {response.json()["error"] for response in refused} == {"turn-running"}
        assert {response.json()["turn"] for response in refused} == {event.data["turn"]}
        # Whichever is asked lets others follow it.
        address = f"/chats/p/a/turns/{event.data['turn']}/events"
        assert {fleet.status(address) for _ in range(12)} == {200}
        # What the turn has saved so far is seen where it runs, and nowhere else.
        assert fleet.said()[:2] == ["first", "first "]

        os.kill(int(worker), signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            stream.rest()
    site.http.close()
    # Whoever runs the server reads it.
    assert "started in its place" in fleet.process.until(f"worker process {worker} has died (exit code -9)")

    # What the dead one held is free: at once, or when its lease has run out. One that was restarted may not listen yet.
    until(lambda: fleet.asked("next") == 200)
    after = fleet.answers[-1]
    assert (after.status_code, after.json()["status"]) == (200, "completed")
    assert after.json()["text"].partition(":")[0] != worker
    everything = ["first", "first ", "next", "next "]
    # Each process shows that, those that have shown something older a second ago too.
    until(lambda: all(fleet.said() == everything for _ in range(12)))


Begin = Callable[[str, int], Fleet]


def test_one_of_three_workers_on_a_postgresql_dies(begin: Begin, postgresql_url: str) -> None:
    fleet = begin(postgresql_url, 3)
    check(fleet)
    assert fleet.process.end() == 0


def test_one_of_two_workers_on_a_redis_dies(begin: Begin, redis_url: str) -> None:
    check(begin(redis_url, 2))


def test_one_of_two_workers_on_a_file_dies(begin: Begin, tmp_path: Path) -> None:
    check(begin(str(tmp_path / "chats.sqlite"), 2))
    locks = [*(tmp_path / "chats.sqlite.turns").glob("*.lock")]
    assert locks
    assert all(len(lock.stem) == 64 and lock.stat().st_size == 0 for lock in locks)
