"""What is dropped is taken up again, what is left goes on or stops, and a server that exits lets go of its streams."""

from __future__ import annotations

import http.client
import json
import signal
import sqlite3
from collections.abc import Callable

import httpx
import pytest

from apps import gates
from apps.served import script

from .conftest import Process, Sent, Serve, Site, parsed

LAST_ID = "last-event-id"


def run_held(site: Site, *pieces: str) -> tuple[str, Callable[[int], None]]:
    """Begin a turn that waits at a gate before each piece; the path of its events, and what opens a gate."""
    names = [f"piece {number}" for number in range(len(pieces))]
    gates.hold(*names)
    with site.stream("POST", "/chats/p/a/turns", json={"prompt": script(*pieces, gates=names)}) as stream:
        stream.next()
        return stream.response.headers["location"], lambda number: gates.release(names[number])


def after(site: Site, path: str, last: str | None, **options: object) -> httpx.Response:
    """The rest of a stream."""
    return site.http.get(path, headers={} if last is None else {LAST_ID: last}, **options)  # pyright: ignore[reportArgumentType]


def test_wherever_a_finished_turn_was_cut_the_rest_comes_once(site: Site) -> None:
    with site.stream("POST", "/chats/p/a/turns", json={"prompt": "One two three"}) as stream:
        stream.rest()
        path = stream.response.headers["location"]
    blocks = [block + b"\n\n" for block in stream.raw.split(b"\n\n")[:-1]]
    for cut in range(len(blocks)):
        rest = after(site, path, str(cut - 1) if cut else None)
        assert rest.status_code == 200
        assert rest.content == b"".join(blocks[cut:])
        assert site.http.get(path, params={"last_event_id": cut - 1} if cut else {}).content == rest.content
    for number in (len(blocks) - 1, len(blocks), 10**9):
        done = after(site, path, str(number))
        assert (done.status_code, done.content) == (204, b"")


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "\u0661", "9" * 40, "1e3"])
def test_what_is_no_number_is_refused(site: Site, last: str) -> None:
    turn = site.say("Hello")[0].data["turn"]
    response = site.http.get(f"/chats/p/a/turns/{turn}/events", params={"last_event_id": last})
    assert (response.status_code, response.json()["error"]) == (422, "invalid-last-event-id")


def test_wherever_a_running_turn_is_cut_every_event_comes_once(site: Site) -> None:
    pieces = [f"{number} " for number in range(6)]
    path, go_on = run_held(site, *pieces)
    heard: list[Sent] = []
    before = 6  # events come before the first piece
    while not heard or heard[-1].event != "turn-completed":
        if 0 <= len(heard) - before < len(pieces):
            go_on(len(heard) - before)
        # One event of each connection, which is then dropped.
        with site.stream("GET", path, headers={LAST_ID: str(heard[-1].id)} if heard else {}) as stream:
            heard.append(stream.next())
    assert [each.id for each in heard] == [str(number) for number in range(len(heard))]
    assert "".join(each.data["text"] for each in heard if each.event == "text-delta") == "".join(pieces)
    assert after(site, path, heard[-1].id).status_code == 204
    assert parsed(site.http.get(path).content) == heard


def test_a_turn_goes_on_when_its_client_goes_away(site: Site) -> None:
    path, go_on = run_held(site, "one ", "two")
    go_on(0)
    go_on(1)
    events = parsed(site.http.get(path).content)
    assert events[-1].event == "turn-completed"
    assert site.http.get("/history/p/a").json()[-1]["content"] == "one two"


def test_a_turn_stops_with_its_client_where_that_is_wanted(site: Site) -> None:
    gates.hold("never")
    body = {"prompt": script("one", "two", gates=["", "never"])}
    with site.stream("POST", "/chats/p/a/turns", params={"on_disconnect": "stop"}, json=body) as stream:
        stream.until("text-delta")
        path = stream.response.headers["location"]
    events = parsed(site.http.get(path).content)
    assert events[-1].event == "turn-stopped"
    assert site.http.get("/history/p/a").json() == []
    assert site.say("And now")[-1].event == "turn-completed"


def test_a_turn_whose_client_stays_to_the_end_is_not_stopped(site: Site) -> None:
    with site.stream("POST", "/chats/p/a/turns", params={"on_disconnect": "stop"}, json={"prompt": "Hello"}) as stream:
        assert stream.rest()[-1].event == "turn-completed"
    assert site.http.get("/history/p/a").json()[-1]["content"] == "Hello "


def test_who_waits_for_json_and_goes_away_stops_the_turn_too(site: Site) -> None:
    gates.hold("never")
    with site.stream("GET", "/chats/p/a/events") as listening:
        listening.next()
        body = json.dumps({"prompt": script("one", "two", gates=["", "never"])})
        connection = http.client.HTTPConnection(httpx.URL(site.url).netloc.decode())
        try:
            headers = {"accept": "application/json", "content-type": "application/json"}
            connection.request("POST", "/chats/p/a/turns?on_disconnect=stop", body, headers)
            listening.until("turn-started")
        finally:
            connection.close()
        assert listening.until("turn-stopped")


def test_another_word_for_what_becomes_of_it_is_refused(site: Site) -> None:
    response = site.http.post("/chats/p/a/turns", params={"on_disconnect": "explode"}, json={"prompt": "Hello"})
    assert (response.status_code, response.json()["error"]) == (422, "invalid-request")
    assert [*response.json()["fields"]] == ["on_disconnect"]


# The stream of a conversation.


def test_wherever_a_conversation_is_cut_every_event_comes_once(site: Site) -> None:
    with site.stream("GET", "/chats/p/a/events") as whole:
        first = whole.next()
        site.say("One two")
        site.say("Three")
        events = [first]
        while sum(each.event == "turn-completed" for each in events) < 2:
            events.append(whole.next())
        for cut in range(len(events) - 1):
            with site.stream("GET", "/chats/p/a/events", headers={LAST_ID: str(events[cut].id)}) as stream:
                assert [stream.next() for _ in events[cut + 1 :]] == events[cut + 1 :]
        with site.stream("GET", "/chats/p/a/events", params={"last_event_id": events[-1].id}) as stream:
            said = site.say("Four")
            assert stream.until("turn-started")[-1].data == said[0].data


@pytest.mark.parametrize("last", ["", "x", "7", "deadbeef-1", "-", "{boot}-x", "{boot}-", "{boot}-999999", "{boot}--1"])
def test_from_what_is_not_remembered_the_view_comes_again(site: Site, last: str) -> None:
    with site.stream("GET", "/chats/p/a/events") as stream:
        boot = str(stream.next().id).rpartition("-")[0]
    with site.stream("GET", "/chats/p/a/events", headers={LAST_ID: last.replace("{boot}", boot)}) as stream:
        assert stream.next().event == "view-replaced"


def test_after_the_server_was_started_again_the_view_comes_again(serving: Serve) -> None:
    site = serving()
    site.say("Hello")
    with site.stream("GET", "/chats/p/a/events") as stream:
        last = stream.next()
    with serving().stream("GET", "/chats/p/a/events", headers={LAST_ID: str(last.id)}) as stream:
        again = stream.next()
    assert again.event == "view-replaced"
    assert again.id != last.id
    assert [each["text"] for each in again.data["view"]["messages"]][:2] == ["Hello", "Hello "]


def test_who_falls_behind_what_is_remembered_is_sent_the_view(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("burr_chat_widget.serve.ring.EVENTS", 3)
    with site.stream("GET", "/chats/p/a/events") as stream:
        first = stream.next()
    site.say("One two three four")
    with site.stream("GET", "/chats/p/a/events", headers={LAST_ID: str(first.id)}) as stream:
        again = stream.next()
    assert again.event == "view-replaced"
    assert again.data["view"]["messages"][-1]["text"] == "One two three four "


# The server's end.


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_exits_ends_its_streams_and_keeps_what_was_said(
    start: Callable[..., Process], how: signal.Signals
) -> None:
    server = start("apps.slow:builder", "--port", "0", "--store", "chats.sqlite")
    site = Site(server.url.rstrip("/"))
    site.say("finished")
    with (
        site.stream("GET", "/chats/p/a/events") as events,
        site.stream("GET", "/chats/p/a/frames", params={"client": "page"}) as frames,
        site.stream("POST", "/chats/p/a/turns", json={"prompt": "for ever"}) as turn,
        site.stream("POST", "/response/p/b", json={"prompt": "for ever"}) as response,
    ):
        events.next()
        frames.next()
        turn.until("text-delta")
        server.process.send_signal(how)
        turn.rest()
        events.rest()
        frames.rest()
        b"".join(response.response.iter_raw())
    site.close()
    code = server.wait()
    assert code == (0 if how == signal.SIGINT else -signal.SIGTERM)
    assert not [line for line in server.said if "Traceback" in line or "rror" in line], server.said
    with sqlite3.connect(server.folder / "chats.sqlite") as store:
        assert store.execute("SELECT count(*) FROM burr_state WHERE app_id = 'a'").fetchone()[0] > 0
    store.close()
    again = start("apps.slow:builder", "--port", "0", "--store", "chats.sqlite")
    site = Site(again.url.rstrip("/"))
    assert [each["content"] for each in site.http.get("/history/p/a").json()] == ["finished", "finished"]
    assert site.say("And now")[-1].event == "turn-completed"
    site.close()
    assert again.end() == 0
