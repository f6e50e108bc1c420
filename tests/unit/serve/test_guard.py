"""Who may ask the server for something: every refusal, and what its body says."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.requests import Request

from burr_chat_widget.serve import ServeLimits
from burr_chat_widget.serve.guard import Guard, Refusal, is_loopback


def request(
    *pieces: bytes, client: str = "127.0.0.1", server: tuple[str, int | None] = ("127.0.0.1", 8000), **headers: str
) -> Request:
    """A request with these headers, and a body that comes in these pieces."""
    named = {"host": "127.0.0.1:8000", **{name.replace("_", "-"): value for name, value in headers.items()}}
    coming = [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
        for number, piece in enumerate(pieces, 1)
    ]

    async def receive() -> Any:
        return coming.pop(0)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/chats/p/a/turns",
        "query_string": b"",
        "client": (client, 1234),
        "server": server,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in named.items()],
    }
    return Request(scope, receive)


def refused(guard: Guard, asked: Request) -> tuple[int, dict[str, Any]]:
    """The status and the body with which it is refused."""
    with pytest.raises(Refusal) as caught:
        guard.check(asked)
    response = caught.value.response()
    return response.status_code, json.loads(bytes(response.body))


@pytest.mark.parametrize(
    ("name", "loopback"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("app.localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.0.1", False),
        ("example.com", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("", False),
    ],
)
def test_what_is_loopback(name: str, loopback: bool) -> None:
    assert is_loopback(name) is loopback


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:1", "[::1]:8000"])
def test_loopback_may_be_asked(host: str) -> None:
    Guard().check(request(host=host))


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "localhost.evil.example", "", "[bad", "10.0.0.1:8000"]
)
def test_a_name_from_elsewhere_that_leads_here_is_refused(host: str) -> None:
    status, body = refused(Guard(), request(host=host))
    assert (status, body["error"]) == (403, "host-refused")
    assert "hosts=" in body["remedy"]
    assert "--allow-host" in body["remedy"]


@pytest.mark.parametrize("address", ["192.168.1.7", "10.0.0.2", "fd00::1"])
def test_what_comes_in_from_the_network_is_refused_whatever_it_calls_the_server(address: str) -> None:
    status, body = refused(Guard(), request(host="localhost:8000", server=(address, 8000)))
    assert (status, body["error"]) == (403, "host-refused")
    assert "token" in body["remedy"]
    Guard(hosts=["chat.example.com"]).check(request(host="chat.example.com", server=(address, 8000)))
    Guard(token="secret").check(request(authorization="Bearer secret", server=(address, 8000)))


def test_what_has_no_address_is_this_machines() -> None:
    Guard().check(request(host="localhost", server=("/run/chat.sock", None)))
    Guard().check(request(host="localhost", server=("::1", 8000)))


def test_named_hosts_may_be_asked_and_no_others() -> None:
    guard = Guard(hosts=["Chat.Example.com"])
    guard.check(request(host="chat.example.com"))
    guard.check(request(host="chat.example.com:443"))
    guard.check(request(host="localhost"))
    assert refused(guard, request(host="other.example.com"))[1]["error"] == "host-refused"


def test_who_has_the_token_may_ask_under_any_name_unless_names_are_given() -> None:
    bearer = "Bearer secret"
    Guard(token="secret").check(request(host="anything.example", authorization=bearer))
    named = Guard(token="secret", hosts=["chat.example.com"])
    assert refused(named, request(host="anything.example", authorization=bearer))[0] == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:8888"},
        {"origin": "http://127.0.0.1"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "", "host": ""},
        {"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors"},
        {"sec_fetch_site": "same-site", "sec_fetch_mode": "no-cors"},
    ],
)
def test_a_page_from_elsewhere_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Refusal) as caught:
        Guard(token=None, hosts=[""]).check(request(**headers))
    assert caught.value.status_code == 403
    assert caught.value.body["error"] == "origin-refused"
    assert "origins=" in caught.value.body["remedy"]


def test_the_servers_own_page_named_origins_and_what_is_no_page_may_ask() -> None:
    guard = Guard(origins=["https://front.example/"])
    guard.check(request(origin="http://127.0.0.1:8000"))
    guard.check(request(origin="https://front.example"))
    guard.check(request(sec_fetch_site="same-origin", sec_fetch_mode="cors"))
    guard.check(request(sec_fetch_site="cross-site", sec_fetch_mode="navigate"))
    guard.check(request())


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer "},
        {"authorization": "Basic secret"},
        {"authorization": "secret"},
        {"cookie": "burr-chat-00000000=secret"},
        {"authorization": "Bearer secrets"},
    ],
)
def test_without_the_token_nothing_is_answered(headers: dict[str, str]) -> None:
    status, body = refused(Guard(token="secret"), request(**headers))
    assert (status, body["error"]) == (401, "token-needed")
    assert "Authorization: Bearer" in body["remedy"]
    assert "?token=" in body["remedy"]


def test_the_token_is_shown_in_the_header_or_in_the_cookie() -> None:
    guard = Guard(token="secret")
    guard.check(request(authorization="Bearer secret"))
    guard.check(request(authorization="bearer  secret"))
    guard.check(request(cookie=f"other=1; {guard.cookie}=secret"))
    assert guard.cookie != Guard(token="another").cookie


def test_whatever_is_shown_is_compared() -> None:
    guard = Guard(token="secret")
    assert guard.is_token("secret")
    assert not guard.is_token("secrét")
    assert not Guard().is_token("")


@pytest.mark.parametrize("token", ["", " ", "two words", "clé", "a\n"])
def test_a_token_is_what_a_header_can_carry(token: str) -> None:
    with pytest.raises(ValueError, match="without spaces"):
        Guard(token=token)


def test_a_client_begins_so_many_turns_within_a_minute() -> None:
    now = 100.0
    guard = Guard(limits=ServeLimits(turns=2), clock=lambda: now)
    guard.count_turn(request())
    now = 130.0
    guard.count_turn(request())
    with pytest.raises(Refusal) as caught:
        guard.count_turn(request())
    assert (caught.value.status_code, caught.value.body["error"]) == (429, "too-many-turns")
    assert caught.value.headers == {"retry-after": "30"}
    assert "30 s" in caught.value.body["remedy"]
    guard.count_turn(request(client="10.0.0.2"))  # another client's are its own
    now = 160.0
    guard.count_turn(request())


def test_a_client_begins_sixty_turns_within_a_minute_unless_another_limit_is_given() -> None:
    guard = Guard(clock=lambda: 100.0)
    for _ in range(60):
        guard.count_turn(request())
    with pytest.raises(Refusal):
        guard.count_turn(request())


def test_clients_that_are_silent_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("burr_chat_widget.serve.guard.CLIENTS", 3)
    guard = Guard(limits=ServeLimits(turns=1))
    for number in range(50):
        guard.count_turn(request(client=f"10.0.0.{number}"))
    assert len(guard._begun) == 3


def test_so_many_streams_are_open() -> None:
    guard = Guard(limits=ServeLimits(streams=1))
    guard.open_stream()
    with pytest.raises(Refusal) as caught:
        guard.open_stream()
    assert (caught.value.status_code, caught.value.body["error"]) == (503, "too-many-streams")
    assert "retry-after" in (caught.value.headers or {})
    guard.close_stream()
    guard.open_stream()


async def test_a_body_is_read_as_far_as_it_may_go() -> None:
    guard = Guard(limits=ServeLimits(body=10))
    assert await guard.body(request(b"12345", b"67890")) == b"1234567890"
    for asked in (request(b"12345", b"678901"), request(b"", content_length="11")):
        with pytest.raises(Refusal) as caught:
            await guard.body(asked)
        assert (caught.value.status_code, caught.value.body["error"]) == (413, "too-large")
        assert "10 bytes" in caught.value.body["message"]


async def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("burr_chat_widget.serve.guard.WHOLE", 0.01)
    asked = request()

    async def never() -> Any:
        await asyncio.Event().wait()

    with pytest.raises(Refusal) as caught:
        await Guard().body(Request(asked.scope, never))
    assert (caught.value.status_code, caught.value.body["error"]) == (408, "too-slow")
    assert caught.value.headers == {"connection": "close"}
