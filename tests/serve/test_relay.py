"""Several processes share a store, each with an address of its own here: what one of them runs is followed and stopped at any other."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg2
import pytest
from redis import Redis

from apps.waiting import GATES
from burr_chat_widget import BurrChat
from burr_chat_widget.protocol.fold import fold
from burr_chat_widget.protocol.frames import Frame, KernelMessage, Snapshot
from burr_chat_widget.protocol.view import View
from burr_chat_widget.serve import ServeLimits
from support.session import until as until_told

from .conftest import PATIENCE, Process, Sent, Site, parsed
from .test_workers import until

LAST_ID = "last-event-id"
TURNS = "/chats/p/a/turns"


class Worker(Site):
    """One of the processes."""

    def __init__(self, process: Process) -> None:
        super().__init__(process.url.rstrip("/"))
        self.process = process

    def kill(self) -> None:
        """It dies, and has no time for anything."""
        os.killpg(self.process.process.pid, signal.SIGKILL)
        self.process.process.wait(PATIENCE)

    def seen(self) -> Any:
        """What a client sees that asks once."""
        return shown(self.http.get("/chats/p/a").json())

    def ask(self, prompt: str) -> httpx.Response:
        """Run a turn to its end."""
        return self.http.post(TURNS, json={"prompt": prompt}, headers={"accept": "application/json"})


def shown(view: Any) -> Any:
    """What is to be seen of a view: who has said what, and what can be asked next. That there was something earlier is a notice."""
    messages = [(each["role"], each["text"], each["status"]) for each in view["messages"] if each["kind"] != "notice"]
    nodes = {name: node["status"] for name, node in view["nodes"].items()}
    return view["status"], messages, nodes, view["composer"], view["turns"]


@pytest.fixture(params=["file", "postgresql", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store that several processes share."""
    if request.param == "file":
        return str(tmp_path / "chats.sqlite")
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def workers(start: Callable[..., Process], store: str, tmp_path: Path) -> Iterator[list[Worker]]:
    """Three processes on that store, which each run turns that wait for files in the test's folder."""
    arguments = ("apps.workers:builder", "--port", "0", "--store", store)
    processes = [start(*arguments, environment={GATES: str(tmp_path)}) for _ in range(3)]
    found = [Worker(process) for process in processes]
    for each in found:
        until(lambda each=each: answers(each))
    yield found
    for each in found:
        each.close()


def answers(worker: Worker) -> bool:
    try:
        return worker.http.get("/history/p/up").status_code == 200
    except httpx.TransportError:
        return False


def events_of(raw: bytes) -> list[bytes]:
    """The events of a stream as they were sent, without the comments that keep it alive."""
    assert raw.endswith(b"\n\n")
    blocks = [block + b"\n\n" for block in raw.split(b"\n\n")[:-1]]
    return [block for block in blocks if not block.startswith(b":")]


class Follower:
    """Reads a stream to its end, in a thread."""

    def __init__(self, worker: Worker, path: str, last: str | None = None) -> None:
        self._request = (f"{worker.url}{path}", {} if last is None else {LAST_ID: last})
        self._news = threading.Condition()
        self.raw = b""
        self.status = 0
        self._over = False
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        url, headers = self._request
        with httpx.stream("GET", url, headers=headers, timeout=PATIENCE) as response:
            self.status = response.status_code
            for piece in response.iter_raw():
                with self._news:
                    self.raw += piece
                    self._news.notify_all()

    def until(self, words: bytes) -> None:
        """Wait until they were sent."""
        with self._news:
            assert self._news.wait_for(lambda: words in self.raw, PATIENCE), self.raw[-1000:]

    def end(self) -> list[bytes]:
        """All events, when the stream has ended."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        return events_of(self.raw)


def let_go(folder: Path, gate: str) -> None:
    (folder / gate).touch()


def test_a_running_turn_is_followed_at_every_process_from_any_event_on(workers: list[Worker], tmp_path: Path) -> None:
    first, *others = workers
    assert first.ask("before").status_code == 200
    with first.stream("POST", TURNS, json={"prompt": "one two @middle three\n\ndata: x é @last four"}) as stream:
        path = stream.response.headers["location"]
        while stream.next().data.get("text") != "two ":
            pass
        told = len(events_of(stream.raw))
        followers = [Follower(worker, path, last) for worker in others for last in (None, "0", str(told - 2))]
        for each in followers:
            each.until(b'"text":"two "')  # while the turn is held
        let_go(tmp_path, "middle")
        for each in followers:
            each.until('"text":"é "'.encode())
        # Who comes in its middle hears the same.
        followers += [Follower(worker, path, str(told)) for worker in others]
        let_go(tmp_path, "last")
        stream.rest()
    whole = events_of(stream.raw)
    assert b"event: turn-completed" in whole[-1]
    starts = [0, 1, told - 1] * 2 + [told + 1] * 2
    assert [each.end() for each in followers] == [whole[start:] for start in starts]
    for worker in workers:
        for cut in range(len(whole)):
            rest = worker.http.get(path, headers={LAST_ID: str(cut - 1)} if cut else {})
            assert events_of(rest.content) == whole[cut:]
        for number in (len(whole) - 1, len(whole), 10**9):
            done = worker.http.get(path, headers={LAST_ID: str(number)})
            assert (done.status_code, done.content) == (204, b"")
        unknown = worker.http.get(f"{TURNS}/t1/events")
        assert (unknown.status_code, unknown.json()["error"]) == (404, "no-such-turn")


def forget(store: str) -> None:
    """The store loses what was told of turns, as a PostgreSQL does in a crash and a Redis that keeps nothing on disk."""
    if store.startswith("postgresql"):
        with contextlib.closing(psycopg2.connect(store)) as connection, connection, connection.cursor() as cursor:
            cursor.execute("TRUNCATE burr_chat_told")
    elif store.startswith("redis"):
        with Redis.from_url(store) as connection:
            connection.delete(*connection.scan_iter("burr-chats told:*"))
    else:
        shutil.rmtree(Path(f"{store}.turns", "told"))


def test_what_a_store_has_forgotten_of_a_running_turn_is_told_again(
    workers: list[Worker], store: str, tmp_path: Path
) -> None:
    first, second, third = workers
    with first.stream("POST", TURNS, json={"prompt": "one two @middle three @last four"}) as stream:
        path = stream.response.headers["location"]
        followers = [Follower(second, path)]
        followers[0].until(b'"text":"two "')
        forget(store)
        followers.append(Follower(third, path))  # nothing more was told meanwhile
        followers[1].until(b'"text":"two "')
        forget(store)
        let_go(tmp_path, "middle")
        for each in followers:
            each.until(b'"text":"three "')
        let_go(tmp_path, "last")
        stream.rest()
    whole = events_of(stream.raw)
    assert [each.end() for each in followers] == [whole, whole]


def test_a_turn_that_nobody_followed_is_known_when_its_process_has_died(workers: list[Worker]) -> None:
    first, *others = workers
    with first.stream("POST", TURNS, json={"prompt": "one two"}) as stream:
        path = stream.response.headers["location"]
        stream.rest()
    first.kill()
    whole = events_of(stream.raw)
    for worker in others:
        for cut in range(len(whole)):
            assert (
                events_of(worker.http.get(path, headers={LAST_ID: str(cut - 1)} if cut else {}).content) == whole[cut:]
            )
        assert worker.http.get(path, headers={LAST_ID: str(len(whole) - 1)}).status_code == 204
    assert others[0].ask("and now").json()["status"] == "completed"


def test_a_running_turn_is_stopped_at_every_process(workers: list[Worker]) -> None:
    first, second, third = workers
    assert first.ask("before").status_code == 200
    for number, (runs, stops) in enumerate([(first, second), (second, third), (third, first), (first, third)]):
        with runs.stream("POST", TURNS, json={"prompt": f"round {number} @never"}) as stream:
            key = stream.next().data["turn"]
            stream.until("text-delta")
            refused = stops.http.post(TURNS, json={"prompt": "me too"})
            assert (refused.status_code, refused.json()["turn"]) == (409, key)
            if number % 2:
                stopped = stops.http.post("/chats/p/a/stop")
                assert (stopped.status_code, stopped.json()) == (202, {"turn": key})
            else:
                # A page's Stop, wherever its stream is; of another turn's it is none.
                for turn in ("t1", key):
                    command = {"type": "stop", "client": "page", "turn": turn}
                    sent = stops.http.post("/chats/p/a/commands", params={"page": True}, json=command)
                    assert (sent.status_code, sent.json()) == (202, None)
            assert stream.rest()[-1].event == "turn-stopped"
    assert second.http.post("/chats/p/a/stop").json() == {"turn": None}  # nothing runs
    for each in workers:  # the state is what it was before
        assert len(each.http.get("/history/p/a").json()) == 2
    assert third.ask("after").json()["status"] == "completed"


def test_the_stop_of_another_turn_stops_nothing(workers: list[Worker], tmp_path: Path) -> None:
    first, second, _ = workers
    with first.stream("POST", TURNS, json={"prompt": "one @on two"}) as stream:
        stream.until("text-delta")
        command = {"type": "stop", "client": "page", "turn": "t1"}
        assert second.http.post("/chats/p/a/commands", params={"page": True}, json=command).status_code == 202
        let_go(tmp_path, "on")
        assert stream.rest()[-1].event == "turn-completed"


_message: msgspec.json.Decoder[KernelMessage] = msgspec.json.Decoder(KernelMessage)


class Page:
    """What a page does that has a stream of frames: acknowledges each, and folds it."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self.view: View | None = None

    def show(self, found: Callable[[View], object]) -> View:
        """Read on until the view is such."""
        with self._worker.stream("GET", "/chats/p/a/frames", params={"client": "page"}) as stream:
            for piece in self._messages(stream):
                if isinstance(piece, Snapshot):
                    self.view = piece.view
                elif isinstance(piece, Frame) and self.view is not None:
                    for event in piece.events:
                        fold(self.view, event)
                    ack = {"type": "ack", "client": "page", "seq": piece.seq}
                    self._worker.http.post("/chats/p/a/commands", params={"page": True}, json=ack)
                if self.view is not None and found(self.view):
                    return self.view
        raise AssertionError("the stream has ended")

    @staticmethod
    def _messages(stream: Any) -> Iterator[KernelMessage]:
        while True:
            yield _message.decode(msgspec.json.encode(stream.next().data))


def text_of(view: View) -> str:
    return view.messages[-1].text if view.messages else ""


def test_who_listens_elsewhere_sees_the_turn_grow_and_then_what_is_kept(workers: list[Worker], tmp_path: Path) -> None:
    first, second, third = workers
    assert first.ask("before").status_code == 200
    with second.stream("GET", "/chats/p/a/events") as listening:
        assert listening.next().event == "view-replaced"
        with first.stream("POST", TURNS, json={"prompt": "one @middle two @last three"}) as stream:
            stream.until("text-delta")
            page = Page(third)
            view = page.show(lambda view: text_of(view).endswith("one "))
            assert (view.status, view.nodes["answer"].status, view.nodes["take"].status) == (
                "running",
                "running",
                "done",
            )
            assert [each.text for each in view.messages if each.role == "user"] == [
                "before",
                "one @middle two @last three",
            ]
            heard: list[Sent] = []
            while not heard or heard[-1].data.get("text") != "one ":
                heard.append(listening.next())
            let_go(tmp_path, "middle")
            assert page.show(lambda view: text_of(view).endswith("two ")).status == "running"
            let_go(tmp_path, "last")
            stream.rest()
        told = events_of(stream.raw)
        answer = "".join(each.data.get("text", "") for each in parsed(stream.raw) if each.event == "text-delta")
        while heard[-1].event != "turn-completed":
            heard.append(listening.next())
        # The same events, each once, under ids of that stream's own; where it was behind, the view comes first.
        data = [(each.event, each.data) for each in heard if each.data.get("turn")]
        assert data == [(sent.event, sent.data) for sent in parsed(b"".join(told))]
        assert len({each.id for each in heard}) == len(heard)
        replaced = listening.until("view-replaced")[-1].data["view"]
    # What is seen then is what the store has, as for a process that was never there.
    until(lambda: third.seen() == shown(replaced))
    assert [text for _, text, _ in shown(replaced)[1]][2:] == ["one @middle two @last three", answer]
    kept = page.show(lambda view: not view.turns)
    assert shown(msgspec.to_builtins(kept)) == shown(replaced)
    assert third.ask("after").json()["status"] == "completed"


def test_when_the_process_dies_in_mid_turn_who_follows_is_told_so(workers: list[Worker]) -> None:
    first, second, third = workers
    assert first.ask("before").status_code == 200
    before = second.seen()
    with contextlib.ExitStack() as streams:
        listening = streams.enter_context(second.stream("GET", "/chats/p/a/events"))
        assert listening.next().event == "view-replaced"
        stream = streams.enter_context(first.stream("POST", TURNS, json={"prompt": "one two @never"}))
        path = stream.response.headers["location"]
        while stream.next().data.get("text") != "two ":
            pass
        told = events_of(stream.raw)
        followers = [Follower(worker, path, last) for worker in (second, third) for last in (None, "3")]
        for each in followers:
            each.until(b'"text":"two "')
        while listening.next().data.get("text") != "two ":
            pass
        first.kill()
        with pytest.raises(httpx.TransportError):
            stream.rest()
        ends = [each.end() for each in followers]
        failed = ends[0][-1]
        assert ends == [[*told[start:], failed] for start in (0, 4) * 2]  # it says the same at each
        (last,) = parsed(failed)
        assert (last.id, last.event, last.data["error"]["kind"]) == (str(len(told)), "turn-failed", "ServerError")
        assert listening.until("turn-failed")[-1].data == last.data
        # It stays to be seen where it was seen; where nobody looked, there is what was kept.
        seen = second.seen()[1]
        assert seen[: len(before[1])] == before[1]
        (_, asked, _), (_, half, _) = seen[len(before[1]) :]
        assert asked == "one two @never"
        assert half.endswith(": one two ")
        assert third.seen() == before
    for worker in (second, third):
        again = worker.http.get(path, headers={LAST_ID: str(len(told) - 1)})
        assert events_of(again.content) == [failed]
    after = third.ask("next")
    assert after.json()["status"] == "completed"
    until(lambda: [text for _, text, _ in second.seen()[1]][2:] == ["next", after.json()["text"]])


def test_a_process_that_has_seen_older_things_shows_all_of_them_before_the_turn(
    workers: list[Worker], tmp_path: Path
) -> None:
    """What was said between is seen, once, though nobody looked meanwhile."""
    first, second, third = workers
    assert second.seen()[1] == []
    assert first.ask("one").status_code == 200
    assert third.ask("two").status_code == 200
    with first.stream("POST", TURNS, json={"prompt": "three @on"}) as stream:
        stream.until("text-delta")
        view = Page(second).show(lambda view: text_of(view).endswith("three "))
        assert [each.text for each in view.messages if each.role == "user"] == ["one", "two", "three @on"]
        let_go(tmp_path, "on")
        stream.rest()


@pytest.mark.parametrize("stream", ["events", "frames?client=page"])
def test_who_comes_to_another_process_sees_the_turn_that_ended_just_now(
    serving: Callable[..., Site], stream: str
) -> None:
    never = ServeLimits(fresh=10 * PATIENCE, watch=10 * PATIENCE)
    first, second = serving(limits=never), serving(limits=never)
    assert second.http.get("/chats/p/a").json()["messages"] == []
    assert first.http.post(TURNS, json={"prompt": "hello"}, headers={"accept": "application/json"}).status_code == 200
    assert second.http.get("/chats/p/a").json()["messages"] == []  # for as long as it may be
    with second.stream("GET", f"/chats/p/a/{stream}") as told:
        assert "hello" in str(told.next().data)


async def test_a_connected_chat_follows_and_stops_what_another_process_runs(
    workers: list[Worker], tmp_path: Path
) -> None:
    first, second, _ = workers
    chat = await asyncio.to_thread(BurrChat.connect, f"{second.url}/chats/p/a")
    try:
        for prompt, ends in (("one @on two", "completed"), ("three @never", "stopped")):
            with first.stream("POST", TURNS, json={"prompt": prompt}) as stream:
                key = (await asyncio.to_thread(stream.next)).data["turn"]
                # The page shows a turn before it is among those that Python has.
                await until_told(lambda key=key: key in [each.key for each in chat.turns])
                (turn,) = [each for each in chat.turns if each.key == key]
                await until_told(lambda turn=turn: turn.actions == ["prompt", "take", "answer"])
                assert turn.status == "running"
                if ends == "completed":
                    let_go(tmp_path, "on")
                else:
                    await asyncio.to_thread(chat.stop)
                told = events_of((await asyncio.to_thread(stream.rest), stream.raw)[1])
            await until_told(lambda turn=turn: turn.status != "running")
            assert turn.status == ends
            assert len(turn.events) == len(told)
    finally:
        await asyncio.to_thread(chat.close)
