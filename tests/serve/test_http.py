"""The endpoints over real sockets: what each answers, to the byte where that is promised."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import FastAPI

from apps import gates, served
from apps.served import script
from burr_chat_widget import serve
from burr_chat_widget.protocol.events import TurnEvent
from burr_chat_widget.protocol.frames import Frame, KernelMessage, Remark, Snapshot
from burr_chat_widget.protocol.lines import ViewReplaced
from burr_chat_widget.protocol.sse import BEAT, PAGE_BEAT, server_sent
from burr_chat_widget.protocol.view import View
from support.in_thread import running

from .conftest import Sent, Serve, Site, Stream, parsed

STREAM_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
}


def text_of(events: list[Sent]) -> str:
    return "".join(each.data["text"] for each in events if each.event == "text-delta")


def running_turn(turn: str) -> dict[str, str]:
    """What is said of it to who begins another one."""
    return {
        "error": "turn-running",
        "message": "a turn is running in this conversation",
        "remedy": "wait for it to end, or stop it: POST .../stop",
        "turn": turn,
    }


def streams(response: httpx.Response) -> bool:
    return {name: response.headers.get(name) for name in STREAM_HEADERS} == STREAM_HEADERS


# Turns.


def test_a_turn_streams_its_events_numbered_to_the_last_one(site: Site) -> None:
    with site.stream("POST", "/chats/p/a/turns", json={"prompt": "Hello to you"}) as stream:
        assert stream.response.status_code == 200
        assert streams(stream.response)
        events = stream.rest()
    assert [each.id for each in events] == [str(number) for number in range(len(events))]
    assert all(each.event == each.data["type"] for each in events)
    assert [each.event for each in events if each.event != "text-delta"] == [
        "turn-started", "step-started", "state-changed", "step-finished", "transition-taken",
        "step-started", "state-changed", "step-finished", "transition-taken", "turn-completed",
    ]  # fmt: skip
    assert text_of(events) == "Hello to you "


def test_what_is_sent_is_what_the_protocol_writes(site: Site) -> None:
    with site.stream("POST", "/chats/p/a/turns", json={"prompt": 'é " \\ \r\n \u2028 data: 👋'}) as stream:
        events = stream.rest()
    told = [msgspec.convert(each.data, TurnEvent) for each in events]
    assert stream.raw == "".join(server_sent(event, number) for number, event in enumerate(told)).encode()


def test_its_location_has_the_same_events_again(site: Site) -> None:
    with site.stream("POST", "/chats/p/a/turns", json={"prompt": "Hello"}) as stream:
        first = stream.rest()
        where = stream.response.headers["location"]
    assert where == f"/chats/p/a/turns/{first[0].data['turn']}/events"
    again = site.http.get(where)
    assert streams(again)
    assert again.content == stream.raw


def test_who_wants_json_waits_for_the_end(site: Site) -> None:
    response = site.http.post("/chats/p/a/turns", json={"prompt": "Hello"}, headers={"accept": "application/json"})
    assert response.status_code == 200
    result = response.json()
    assert result.pop("turn") in response.headers["location"]
    assert result == {"status": "completed", "text": "Hello ", "error": None}


def test_a_turn_that_fails_ends_with_the_error_event(site: Site) -> None:
    events = site.say(script("so far", fail="the database password is hunter2"))
    assert events[-1].event == "turn-failed"
    assert text_of(events) == "so far"
    response = site.http.post(
        "/chats/p/a/turns", json={"prompt": script(fail="hunter2")}, headers={"accept": "application/json"}
    )
    assert response.json()["status"] == "failed"
    assert response.json()["error"]["message"]
    assert "hunter2" not in response.text
    assert "hunter2" not in json.dumps(events[-1].data)
    assert text_of(site.say("And now")) == "And now "


def test_a_second_prompt_while_one_runs_is_refused_with_the_turn_that_runs(site: Site) -> None:
    gates.hold("middle")
    with site.stream("POST", "/chats/p/a/turns", json={"prompt": script("one", "two", gates=["", "middle"])}) as stream:
        begun = stream.until("text-delta")
        for path, body in (("/chats/p/a/turns", {"prompt": "me too"}), ("/response/p/a", {"prompt": "me too"})):
            response = site.http.post(path, json=body)
            assert response.status_code == 409
            assert response.json() == running_turn(begun[0].data["turn"])
        assert text_of(site.say("Another conversation", chat="p/b")) == "Another conversation "
        gates.release("middle")
        assert stream.rest()[-1].event == "turn-completed"
    assert text_of(site.say("Now it may")) == "Now it may "


def test_of_many_prompts_at_once_one_runs(site: Site) -> None:
    gates.hold("middle")
    prompt = {"prompt": script("one", gates=["middle"])}

    def post(_: int) -> int:
        response = site.http.post("/chats/p/a/turns", json=prompt)
        if response.status_code == 409:
            refused.append(1)
            if len(refused) == 7:
                gates.release("middle")
        return response.status_code

    refused: list[int] = []
    with ThreadPoolExecutor(8) as threads:
        found = [*threads.map(post, range(8))]
    assert sorted(found) == [200] + [409] * 7


def test_no_turn_begins_whose_stream_cannot_be_opened(serving: Serve) -> None:
    site = serving(limits=serve.ServeLimits(streams=1))
    with site.stream("GET", "/chats/p/a/events") as listening:
        listening.next()
        for path in ("/chats/p/a/turns", "/response/p/a"):
            response = site.http.post(path, json={"prompt": "Hello"})
            assert (response.status_code, response.json()["error"]) == (503, "too-many-streams")
            assert response.headers["retry-after"]
        assert site.http.get("/chats/p/a/events").status_code == 503
        assert site.http.get("/history/p/a").json() == []


def test_who_waits_for_json_is_counted_too(serving: Serve) -> None:
    site = serving(limits=serve.ServeLimits(streams=2))
    gates.hold("middle")
    json_wanted = {"accept": "application/json"}
    with site.stream("GET", "/chats/p/a/events") as listening, ThreadPoolExecutor(1) as threads:
        listening.next()
        prompt = script("one", "two", gates=["", "middle"])
        waits = threads.submit(site.http.post, "/chats/p/a/turns", json={"prompt": prompt}, headers=json_wanted)
        listening.until("text-delta")
        response = site.http.get("/chats/p/a/events")
        assert (response.status_code, response.json()["error"]) == (503, "too-many-streams")
        gates.release("middle")
        assert waits.result().json()["status"] == "completed"
        with site.stream("GET", "/chats/p/a/events") as again:
            assert again.next().event == "view-replaced"


def test_stop_ends_the_turn_as_stopped(site: Site) -> None:
    gates.hold("middle")
    with site.stream("POST", "/chats/p/a/turns", json={"prompt": script("one", "two", gates=["", "middle"])}) as stream:
        turn = stream.until("text-delta")[0].data["turn"]
        response = site.http.post("/chats/p/a/stop")
        assert (response.status_code, response.json()) == (202, {"turn": turn})
        assert stream.rest()[-1].event == "turn-stopped"
    assert site.http.get("/history/p/a").json() == []
    response = site.http.post("/chats/p/a/stop")  # where none runs
    assert (response.status_code, response.json()) == (202, {"turn": None})


def test_inputs_that_the_application_does_not_take_are_named(site: Site) -> None:
    response = site.http.post("/chats/p/a/turns", json={"prompt": "Hello", "inputs": {"colour": "red"}})
    assert response.status_code == 422
    assert response.json()["error"] == "invalid-input"
    assert [*response.json()["fields"]] == ["colour"]
    response = site.http.post("/chats/p/a/turns", json={})
    assert (response.status_code, response.json()["error"]) == (422, "missing-input")
    assert '"inputs"' in response.json()["remedy"]
    response = site.http.post("/chats/p/a/turns", json={"prompt": "Hello", "inputs": {"prompt": "again"}})
    assert (response.status_code, response.json()["error"]) == (422, "invalid-input")
    assert "takes no text" in response.json()["message"]


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"", 400, "no-json"),
        (b'{"prompt": ', 400, "no-json"),
        (b'{"prompt": "\xff"}', 400, "no-json"),
        (b'{"inputs": {"deep": ' + b"[" * 100_000, 400, "no-json"),
        (b"null", 422, "invalid-body"),
        (b'{"prompt": 7}', 422, "invalid-body"),
        (b'{"prompt": "a", "promt": "b"}', 422, "invalid-body"),
    ],
)
def test_a_body_that_is_none_is_refused(site: Site, body: bytes, status: int, error: str) -> None:
    response = site.http.post("/chats/p/a/turns", content=body)
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert {"message", "remedy"} < {*response.json()}


@pytest.mark.parametrize("path", ["/chats/p/a/turns/t99/events", "/chats/p/a/turns/%00/events"])
def test_a_turn_that_has_not_run_here_is_not_found(site: Site, path: str) -> None:
    response = site.http.get(path)
    assert (response.status_code, response.json()["error"]) == (404, "no-such-turn")


# The conversation.


def test_the_view_is_what_was_said_and_where_it_is(site: Site) -> None:
    site.say("Hello")
    response = site.http.get("/chats/p/a")
    assert response.headers["content-type"] == "application/json"
    view = msgspec.json.decode(response.content, type=View)
    assert [(each.role, each.text) for each in view.messages] == [("user", "Hello"), ("assistant", "Hello ")]
    assert [node.name for node in view.graph.actions] == ["prompt", "answer"]
    assert view.composer.input == "prompt"


@pytest.mark.parametrize("where", ["/chats/p/{}/turns", "/response/p/{}"])
async def test_no_turn_begins_for_which_there_is_no_stream(where: str, serving: Serve) -> None:
    """However many ask for the last one at the same time."""
    site = serving(limits=serve.ServeLimits(streams=1))
    gates.hold("all")
    ask = {"prompt": script("said", gates=["all"])}

    async def answered(client: httpx.AsyncClient, number: int) -> int:
        async with client.stream("POST", where.format(f"a{number}"), json=ask) as response:
            if response.status_code != 200:
                return response.status_code
            begins.set()
            await told.wait()
            return 200

    begins, told = asyncio.Event(), asyncio.Event()
    async with httpx.AsyncClient(base_url=site.url, timeout=60) as client:
        asked = [asyncio.create_task(answered(client, number)) for number in range(10)]
        pending = set(asked)
        while len(pending) > 1:
            _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        await begins.wait()
        begun = [bool((await client.get(f"/chats/p/a{number}")).json()["turns"]) for number in range(10)]
        told.set()
        statuses = [await each for each in asked]
    assert sorted(statuses) == [200] + [503] * 9
    assert begun == [status == 200 for status in statuses]
    gates.release("all")


def test_the_conversation_begins_with_the_view_and_goes_on_with_all_turns(site: Site) -> None:
    site.say("Before")
    with site.stream("GET", "/chats/p/a/events") as stream:
        assert streams(stream.response)
        first = stream.next()
        assert first.event == "view-replaced"
        assert [each["text"] for each in first.data["view"]["messages"]] == ["Before", "Before "]
        said = site.say("One") + site.say("Two")
        turns = [stream.until("turn-completed"), stream.until("turn-completed")]
    events = [each for turn in turns for each in turn]

    def told(heard: list[Sent]) -> list[dict[str, Any]]:  # when a delta was said is kept less exactly than it is told
        return [{**each.data, "time": None} for each in heard if each.data["turn"]]

    assert told(events) == told(said)
    assert {each.event for each in events if not each.data["turn"]} <= {"composer-changed", "controls-changed"}
    boot, number = str(first.id).rsplit("-", 1)
    assert [each.id for each in events] == [f"{boot}-{int(number) + n}" for n in range(1, len(events) + 1)]
    msgspec.convert([each.data for each in [first, *events]], list[TurnEvent | Remark | ViewReplaced])


def test_two_listeners_hear_the_same(site: Site) -> None:
    with site.stream("GET", "/chats/p/a/events") as one, site.stream("GET", "/chats/p/a/events") as two:
        views = one.next(), two.next()
        site.say("Hello")
        heard = one.until("turn-completed"), two.until("turn-completed")
    assert views[0] == views[1]
    assert heard[0] == heard[1]


def read_frames(stream: Stream, site: Site, until: str) -> list[KernelMessage]:
    """What a page is sent, to the event of that name; the page acknowledges what it has."""
    found: list[KernelMessage] = []
    while True:
        sent = stream.next()
        assert (sent.id, sent.event) == (None, None)
        message = msgspec.convert(sent.data, KernelMessage)
        found.append(message)
        if isinstance(message, Frame):
            site.http.post("/chats/p/a/commands", json={"type": "ack", "client": "page", "seq": message.seq})
            if any(type(each).__struct_config__.tag == until for each in message.events):
                return found


def test_a_page_is_sent_a_snapshot_and_frames_and_its_commands_are_carried_out(site: Site) -> None:
    with site.stream("GET", "/chats/p/a/frames", params={"client": "page"}) as stream:
        assert streams(stream.response)
        snapshot = msgspec.convert(stream.next().data, KernelMessage)
        assert isinstance(snapshot, Snapshot)
        assert snapshot.client == "page"
        command = {"type": "send", "client": "page", "request": "r1", "text": "Hello there"}
        response = site.http.post("/chats/p/a/commands", params={"page": True}, json=command)
        assert (response.status_code, response.json()) == (202, None)
        found = read_frames(stream, site, "turn-completed")
    events = [event for each in found if isinstance(each, Frame) for event in each.events]
    assert "".join(getattr(each, "text", "") for each in events if type(each).__name__ == "Text") == "Hello there "
    assert site.http.get("/history/p/a").json()[-1]["content"] == "Hello there "


def test_a_command_that_is_answered_has_its_answer_in_the_response(site: Site) -> None:
    turn = site.say("Hello")[0].data["turn"]
    command = {"type": "log", "client": "page", "request": "r1", "turn": turn}
    response = site.http.post("/chats/p/a/commands", json=command)
    assert response.status_code == 200
    assert (response.json()["type"], response.json()["request"], response.json()["more"]) == ("logged", "r1", False)
    command = {"type": "inspect", "client": "page", "request": "r2", "step": None}
    assert "state" in site.http.post("/chats/p/a/commands", json=command).json()["error"]


def test_a_command_of_a_page_whose_stream_is_not_here_is_sent_elsewhere(site: Site) -> None:
    command = {"type": "send", "client": "nobody", "request": "r1", "text": "Hello"}
    response = site.http.post("/chats/p/a/commands", params={"page": True}, json=command)
    # No error's status: browsers would show it to who reads their console.
    assert (response.status_code, response.json()["error"]) == (200, "not-here")
    assert response.headers["connection"] == "close"
    assert site.http.get("/history/p/a").json() == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("commands", {"type": "stop", "client": "c" * 129, "turn": "t1"}),
        ("commands", {"type": "rewind", "client": "page", "request": "r" * 129, "step": 1}),
        ("commands", {"type": "send", "client": "page", "request": "r1", "inputs": {"n" * 129: 1}}),
        ("turns", {"prompt": "Hello", "inputs": {str(number): 1 for number in range(101)}}),
    ],
)
def test_what_clients_make_up_is_short_as_others_are_told_of_it(site: Site, path: str, body: dict[str, Any]) -> None:
    response = site.http.post(f"/chats/p/a/{path}", json=body)
    assert (response.status_code, response.json()["error"]) == (422, "invalid-body")
    view = site.http.get("/chats/p/a").json()
    assert (view["turns"], view["refused"]) == ([], [])


def test_what_is_no_command_is_refused(site: Site) -> None:
    response = site.http.post("/chats/p/a/commands", json={"type": "explode", "client": "page"})
    assert (response.status_code, response.json()["error"]) == (422, "invalid-body")
    assert "explode" in response.json()["message"]


# Files.


def test_a_module_of_the_page_comes_gzipped_and_once(site: Site) -> None:
    with site.stream("GET", "/assets/math") as stream:
        raw = b"".join(stream.response.iter_raw())
    headers = stream.response.headers
    assert headers["content-encoding"] == "gzip"
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert b"export" in gzip.decompress(raw)
    again = site.http.get("/assets/math", headers={"if-none-match": headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/nothing",
        "/assets/math.js.gz",
        "/assets/..%2Fwidget",
        "/static/widget.js",
        "/static/..%2Fpage.py",
        "/nothing",
    ],
)
def test_no_other_file_is_served(site: Site, path: str) -> None:
    response = site.http.get(path)
    assert (response.status_code, response.json()["error"]) == (404, "not-found")


def test_a_silent_stream_is_kept_alive_with_beats_but_not_the_examples(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("burr_chat_widget.serve.streams.HEARTBEAT", 0.01)
    gates.hold("middle")
    held = {"prompt": script("one", gates=["middle"])}
    with (
        site.stream("POST", "/response/p/b", json=held) as example,
        site.stream("POST", "/chats/p/a/turns", json=held) as turn,
        site.stream("GET", "/chats/p/c/events") as events,
        site.stream("GET", "/chats/p/c/frames", params={"client": "page"}) as frames,
    ):
        for stream, beat in ((turn, BEAT), (events, BEAT), (frames, PAGE_BEAT)):
            read, raw = stream.response.iter_raw(), b""
            while raw.count(beat) < 3:
                raw += next(read)
            assert parsed(raw)
        gates.release("middle")
        assert b": \n\n" not in b"".join(example.response.iter_raw())


# How they are asked.


def test_one_connection_serves_for_many_requests(site: Site) -> None:
    connection = socket.create_connection(httpx.URL(site.url).netloc.decode().split(":"))
    with connection, connection.makefile("rb") as answers:
        for _ in range(3):
            connection.sendall(b"GET /chats/p/a HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert answers.readline() == b"HTTP/1.1 200 OK\r\n"
            headers = dict(iter(lambda: tuple(answers.readline().strip().lower().split(b": ", 1)), (b"",)))
            assert b"connection" not in headers
            answers.read(int(headers[b"content-length"]))
        body = b'{"prompt":"Hello"}'
        connection.sendall(
            b"POST /chats/p/a/turns HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        assert answers.readline() == b"HTTP/1.1 200 OK\r\n"
        headers = dict(iter(lambda: tuple(answers.readline().strip().lower().split(b": ", 1)), (b"",)))
        assert headers[b"transfer-encoding"] == b"chunked"
        stream = b""
        while (size := int(answers.readline(), 16)) > 0:
            stream += answers.read(size)
            answers.readline()
        answers.readline()
        assert parsed(stream)[-1].event == "turn-completed"
        connection.sendall(b"GET /history/p/a HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert answers.readline() == b"HTTP/1.1 200 OK\r\n"


def test_conversations_stay_when_the_server_starts_again(serving: Serve) -> None:
    first = serving()
    first.say("Hello")
    seen = first.http.get("/history/p/a").json()
    assert serving().http.get("/history/p/a").json() == seen
    assert [each["content"] for each in seen] == ["Hello", "Hello "]


def test_what_another_server_of_the_same_store_runs_is_told_here(serving: Serve) -> None:
    here, there = serving(), serving()
    here.say("Before")
    assert [each["content"] for each in there.http.get("/history/p/a").json()] == ["Before", "Before "]
    gates.hold("middle")
    with here.stream("POST", "/chats/p/a/turns", json={"prompt": script("one", gates=["middle"])}) as stream:
        turn = stream.next().data["turn"]
        refused = there.http.post("/chats/p/a/turns", json={"prompt": "me too"})
        assert (refused.status_code, refused.json()) == (409, running_turn(turn))
        with there.stream("GET", f"/chats/p/a/turns/{turn}/events") as followed:
            assert followed.next().data["turn"] == turn
            gates.release("middle")
            stream.rest()
            followed.rest()
        assert followed.raw == stream.raw
    # What the client of Burr's example is told first is what any of them has left.
    with there.stream("POST", "/response/p/a", json={"prompt": "After"}) as stream:
        raw = b"".join(stream.response.iter_raw())
    history = json.loads(raw.split(b"\n\n")[0].removeprefix(b"data: "))["value"]
    assert [each["content"] for each in history][2:] == [script("one", gates=["middle"]), "one"]
    assert there.http.get(f"/chats/p/a/turns/{turn}/events").content == followed.raw


def test_a_process_that_does_not_answer_is_said(serving: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that runs a turn, and an earlier version of this; here nobody looks what is wished."""
    monkeypatch.setattr("burr_chat_widget.serve.processes.elsewhere.PATIENCE", 0.3)
    monkeypatch.setattr("burr_chat_widget.serve.processes.relay.Relay.begin", lambda *_: None)
    here, there = serving(), serving()
    gates.hold("middle")
    with here.stream("POST", "/chats/p/a/turns", json={"prompt": script("one", gates=["middle"])}) as stream:
        turn = stream.next().data["turn"]
        refused = there.http.post("/chats/p/a/turns", json={"prompt": "me too"})
        assert (refused.status_code, refused.json()["turn"]) == (409, None)
        stop = {"type": "stop", "client": "page", "turn": turn}
        for method, path, body in (
            ("GET", f"/chats/p/a/turns/{turn}/events", None),
            ("POST", "/chats/p/a/stop", None),
            ("POST", "/chats/p/a/commands", stop),
        ):
            response = there.http.request(method, path, json=body)
            assert (response.status_code, response.json()["error"]) == (503, "turn-elsewhere")
            assert response.headers["retry-after"]
        gates.release("middle")
        stream.rest()
    assert there.http.post("/chats/p/a/stop").status_code == 202
    assert there.http.get(f"/chats/p/a/turns/{turn}/events").status_code == 404


def test_the_same_name_in_another_project_is_another_conversation(site: Site) -> None:
    site.say("Hello", chat="p/a")
    assert site.http.get("/history/q/a").json() == []


def test_the_router_serves_in_an_application_of_ones_own(tmp_path: Any) -> None:
    own = FastAPI()
    own.include_router(serve.router(served.builder, store=tmp_path / "chats.sqlite"), prefix="/bots/echo")

    @own.get("/mine")
    async def mine() -> str:
        return "mine"

    with running(own) as url, contextlib.closing(Site(f"{url}/bots/echo")) as site:
        with site.stream("POST", "/chats/p/a/turns", json={"prompt": "Hello"}) as stream:
            assert text_of(stream.rest()) == "Hello "
        where = stream.response.headers["location"]
        assert where.startswith("/bots/echo/chats/p/a/turns/")
        assert httpx.get(url + where).content == stream.raw
        response = site.http.get("/chats/p/-a")
        assert (response.status_code, response.json()["error"]) == (422, "invalid-id")
        assert site.http.get("/chats/p/a", headers={"host": "evil.example"}).json()["error"] == "host-refused"
        assert httpx.get(f"{url}/mine").json() == "mine"
        assert "$ref" in httpx.get(f"{url}/openapi.json").text


def test_the_description_names_every_endpoint_and_refers_to_nothing_that_is_not_there(site: Site) -> None:
    described = site.http.get("/openapi.json").json()
    assert {(method, path) for path, methods in described["paths"].items() for method in methods} == {
        ("post", "/create/{project_id}/{app_id}"),
        ("get", "/history/{project_id}/{app_id}"),
        ("post", "/response/{project_id}/{app_id}"),
        ("get", "/chats/{project_id}/{app_id}"),
        ("post", "/chats/{project_id}/{app_id}/turns"),
        ("get", "/chats/{project_id}/{app_id}/turns/{turn}/events"),
        ("get", "/chats/{project_id}/{app_id}/events"),
        ("post", "/chats/{project_id}/{app_id}/stop"),
        ("post", "/chats/{project_id}/{app_id}/commands"),
        ("get", "/chats/{project_id}/{app_id}/frames"),
        ("get", "/assets/{name}"),
    }

    def references(part: Any) -> set[str]:
        if isinstance(part, list):
            return {each for item in part for each in references(item)}
        if not isinstance(part, dict):
            return set()
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(item) for item in part.values())) if part else own

    components = {f"#/components/schemas/{name}" for name in described.get("components", {}).get("schemas", {})}
    assert references(described) <= components
    turns = described["paths"]["/chats/{project_id}/{app_id}/turns"]["post"]
    event = turns["responses"]["200"]["content"]["text/event-stream"]["schema"]["properties"]
    assert "text-delta" in event["event"]["enum"]
    assert "prompt" in turns["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert turns["responses"]["409"]["content"]["application/json"]["schema"]["required"] == [
        "error",
        "message",
        "remedy",
    ]


def test_the_description_has_no_docstrings_but_says_what_each_field_is(site: Site) -> None:
    described = site.http.get("/openapi.json").json()
    texts = [*descriptions(described)]
    assert len(texts) > 500
    for text in texts:
        assert not re.search(r"^\s*(Args|Attributes|Raises|Returns|Example):", text, re.MULTILINE), text
        assert "\n " not in text
        assert text == text.strip()
    path = described["paths"]["/chats/{project_id}/{app_id}/turns"]["post"]["responses"]["200"]
    events = path["content"]["text/event-stream"]["schema"]["properties"]["data"]["anyOf"]
    begun = next(each for each in events if each["title"] == "TurnStarted")
    assert begun["description"] == "A turn begins."
    fields = {name: field.get("description") for name, field in begun["properties"].items() if name != "type"}
    assert all(fields.values()), fields
    assert fields["time"] == "wall clock when it happened, in seconds since the epoch."
    assert fields["prompt"] == "the text that a person typed, when the application takes one; None for a turn without."


def descriptions(part: Any) -> Iterator[str]:
    """Every text that describes something."""
    if isinstance(part, list):
        for each in part:
            yield from descriptions(each)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key == "description" and isinstance(value, str):
                yield value
            else:
                yield from descriptions(value)
