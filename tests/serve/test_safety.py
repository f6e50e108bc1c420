"""What a server refuses, and what it does not tell, over real sockets; how it is started from the command line."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from burr.core import ApplicationBuilder, Condition, State, action

from apps.served import script
from burr_chat_widget.serve import ServeLimits

from .conftest import Process, Serve, Site, parsed

ENDPOINTS = [
    ("GET", "/chats/p/a", None),
    ("GET", "/chats/p/a/events", None),
    ("GET", "/chats/p/a/frames?client=x", None),
    ("GET", "/chats/p/a/turns/t1/events", None),
    ("POST", "/chats/p/a/turns", {"prompt": "Hello"}),
    ("POST", "/chats/p/a/stop", None),
    ("POST", "/chats/p/a/commands", {"type": "stop", "client": "x", "turn": "t1"}),
    ("POST", "/create/p/a", None),
    ("GET", "/history/p/a", None),
    ("POST", "/response/p/a", {"prompt": "Hello"}),
    ("GET", "/openapi.json", None),
]
FILES = ["/assets/math", "/", "/chat/p/a"]


def is_said(response: httpx.Response) -> dict[str, Any]:
    """The body of a refusal; all of them have these fields."""
    body = response.json()
    assert {"error", "message", "remedy"} <= {*body}
    assert body["message"]
    return body


def test_nothing_is_answered_without_the_token_and_all_with_it(serving: Serve) -> None:
    site = serving(token="secret")
    for method, path, body in ENDPOINTS:
        check_token(site, method, path, body)


def check_token(site: Site, method: str, path: str, body: Any) -> None:
    for headers in ({}, {"authorization": "Bearer wrong"}, {"cookie": "burr-chat=secret"}):
        response = site.http.request(method, path, json=body, headers=headers)
        assert (response.status_code, is_said(response)["error"]) == (401, "token-needed")
        assert response.headers["www-authenticate"] == "Bearer"
    with site.http.stream(method, path, json=body, headers={"authorization": "Bearer secret"}) as response:
        assert response.status_code in (200, 202, 404)


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "https://evil.example"}, {"origin": "null"}])
def test_pages_and_names_from_elsewhere_are_refused(site: Site, headers: dict[str, str]) -> None:
    for method, path, body in [*ENDPOINTS, *(("GET", path, None) for path in FILES)]:
        check_elsewhere(site, method, path, body, headers)


def check_elsewhere(site: Site, method: str, path: str, body: Any, headers: dict[str, str]) -> None:
    response = site.http.request(method, path, json=body, headers=headers)
    assert response.status_code == 403
    assert is_said(response)["error"] == ("host-refused" if "host" in headers else "origin-refused")
    assert is_said(response)["remedy"]


def test_nothing_was_begun_for_whom_was_refused(site: Site) -> None:
    for method, path, body in ENDPOINTS:
        site.http.request(method, path, json=body, headers={"origin": "https://evil.example"})
    assert site.http.get("/history/p/a").json() == []


def test_a_request_without_a_host_is_refused(site: Site) -> None:
    with socket.create_connection((httpx.URL(site.url).host, httpx.URL(site.url).port)) as connection:
        connection.sendall(b"GET /chats/p/a HTTP/1.0\r\n\r\n")
        answer = connection.makefile("rb").read()
    assert answer.split(b" ")[1] == b"403"


def test_a_named_origin_may_ask_and_read_the_answer(serving: Serve) -> None:
    site = serving(origins=["https://Front.example/"])
    origin = {"origin": "https://front.example"}
    asks = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,last-event-id",
    }
    preflight = site.http.options("/chats/p/a/turns", headers={**origin, **asks})
    assert preflight.status_code == 200
    response = site.http.post("/chats/p/a/turns", json={"prompt": "Hello"}, headers=origin)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == "https://front.example"
    other = site.http.post("/chats/p/a/turns", json={"prompt": "Hello"}, headers={"origin": "https://other.example"})
    assert (other.status_code, other.headers.get("access-control-allow-origin")) == (403, None)


def test_the_page_takes_the_token_from_the_address_into_a_cookie(serving: Serve) -> None:
    site = serving(token="secret")
    for path in ("/", "/chat/p/a"):
        refused = site.http.get(path)
        assert refused.status_code == 401
        assert "?token=" in refused.text
        assert site.http.get(path, params={"token": "wrong"}).status_code == 401
    shown = site.http.get("/chat/p/a", params={"token": "secret"})
    assert shown.status_code == 303
    assert "secret" not in shown.headers["location"]
    cookie = shown.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    clean = site.http.get(shown.url.join(shown.headers["location"]))
    assert (clean.status_code, clean.url.path, clean.url.query) == (200, "/chat/p/a", b"")
    assert site.http.get("/chats/p/a").status_code == 200
    begun = site.http.get("/")
    assert begun.status_code == 303
    assert site.http.get(begun.url.join(begun.headers["location"])).status_code == 200


def test_the_page_allows_nothing_from_elsewhere(site: Site) -> None:
    page = site.http.get("/chat/p/a")
    policy = dict(each.strip().split(" ", 1) for each in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"].split() == ["'self'", "'wasm-unsafe-eval'"]
    assert policy["connect-src"] == "'self'"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"


def test_what_names_the_page_is_text(serving: Serve) -> None:
    page = serving(title='<script>alert(1)</script>"').http.get("/chat/p/a")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;" in page.text
    assert serving().http.get("/chat/p/%22%3E%3Cscript%3E").status_code == 422


NO_IDS = (
    "..",
    ".",
    "-a",
    "_a",
    "a/b",
    "a%2Fb",
    "a%00",
    "a%0A",
    "%20",
    "a%20b",
    "a:b",
    "%C3%A9",
    "a" * 129,
    "~",
    "%2e%2e",
)
IDS = ("a", "A.b_c~d-9", "0", "a" * 128)


def test_an_id_is_no_path(site: Site) -> None:
    connection = http.client.HTTPConnection(
        httpx.URL(site.url).netloc.decode()
    )  # httpx would make another path of some
    for name in NO_IDS:
        for path in (f"/chats/p/{name}/events", f"/chats/{name}/a/events", f"/history/p/{name}", f"/chat/p/{name}"):
            connection.request("GET", path)
            response = connection.getresponse()
            body = json.loads(response.read())
            assert (response.status, body["error"]) in [(422, "invalid-id"), (404, "not-found")], path
    connection.close()
    for name in IDS:
        assert site.http.post(f"/create/p/{name}").json() == name


def test_a_body_that_is_too_large_is_refused(site: Site) -> None:
    large = json.dumps({"prompt": "x" * 1_000_001}).encode()

    def pieces() -> Any:  # without a length
        yield large[:500_000]
        yield large[500_000:]

    for path in ("/chats/p/a/turns", "/chats/p/a/commands", "/response/p/a"):
        for content in (large, pieces()):
            response = site.http.post(path, content=content)
            assert (response.status_code, is_said(response)["error"]) == (413, "too-large")
            assert response.headers["connection"] == "close"
    assert site.http.get("/history/p/a").json() == []


def test_a_client_that_begins_too_many_turns_is_told_when_to_come_again(serving: Serve) -> None:
    site = serving(limits=ServeLimits(turns=2))
    *begun, refused = [site.http.post("/response/p/a", json={"prompt": "Hello"}) for _ in range(3)]
    assert [each.status_code for each in begun] == [200, 200]
    assert (refused.status_code, is_said(refused)["error"]) == (429, "too-many-turns")
    assert 0 < int(refused.headers["retry-after"]) <= 60
    command = {"type": "send", "client": "x", "request": "r", "text": "Hello"}
    assert site.http.post("/chats/p/a/commands", json=command).status_code == 429
    assert site.http.get("/chats/p/a").status_code == 200


def ask(site: Site, kind: str, chat: str = "p/a", **fields: Any) -> int:
    """Send a command with a name of its own; the response's status."""
    command = {"type": kind, "client": "x", "request": uuid.uuid4().hex, **fields}
    return site.http.post(f"/chats/{chat}/commands", json=command).status_code


def test_stepping_through_a_turn_begins_none(serving: Serve) -> None:
    site = serving(expose=["stepping"], limits=ServeLimits(turns=1))
    with site.stream("GET", "/chats/p/a/events") as told:
        assert ask(site, "pause") == 202
        assert ask(site, "send", text="one two three") == 202
        for how in ("step-action", "step-delta", "step-delta", "step-delta"):
            told.until("turn-paused")
            assert ask(site, how) == 202
        told.until("turn-paused")
        assert ask(site, "resume") == 202
        told.until("turn-completed")
    for how in ("resume", "step-action", "step-delta", "send"):
        assert ask(site, how) == 429


@action(reads=[], writes=["n"])
def tick(state: State) -> State:
    return state.update(n=1)


@pytest.mark.parametrize("how", ["resume", "step-action", "step-delta"])
def test_what_begins_a_turn_without_a_prompt_is_counted(serving: Serve, how: str) -> None:
    ticking = ApplicationBuilder().with_actions(tick).with_entrypoint("tick")
    site = serving(lambda: ticking, expose=["stepping"], limits=ServeLimits(turns=2))
    assert [ask(site, how, f"p/{name}") for name in "abc"] == [202, 202, 429]


def test_a_prompt_that_is_refused_is_counted(serving: Serve) -> None:
    site = serving(limits=ServeLimits(turns=2))
    wrong = {"inputs": {"nope": 1}}
    assert [site.http.post("/chats/p/a/turns", json=wrong).status_code for _ in range(3)] == [422, 422, 429]


def test_what_was_not_asked_for_by_name_stays_in_the_process(serving: Serve, tmp_path: Path) -> None:
    site = serving()
    with (
        site.stream("GET", "/chats/p/a/events") as listening,
        site.stream("GET", "/chats/p/a/frames", params={"client": "x"}) as frames,
    ):
        listening.next()
        site.say("Hello")
        site.say(script("so far", fail=f"cannot read {tmp_path}"))
        listening.until("turn-failed")
        frames.next()
        told = [listening.raw, frames.raw, *(site.http.get(path).content for path in ("/chats/p/a", "/history/p/a"))]
    for each in told:
        assert b"the-private-value" not in each
        assert b"Traceback" not in each
        assert b"RuntimeError" not in each
    # The prompt names it, which is the client's own; nothing else does.
    failed = json.loads(listening.raw.split(b"event: turn-failed\ndata: ")[1].split(b"\n")[0])
    assert str(tmp_path) not in json.dumps(failed)
    for command in (
        {"type": "inspect", "request": "r", "step": None},
        {"type": "inspect", "request": "r", "step": 0, "what": "inputs"},
    ):
        answer = site.http.post("/chats/p/a/commands", json={**command, "client": "x"})
        assert "expose" in answer.json()["error"]


def test_what_was_asked_for_by_name_is_told(serving: Serve) -> None:
    site = serving(expose=["state", "tracebacks"])
    site.say("Hello")
    assert b"the-private-value" in site.http.get("/chats/p/a").content
    assert "Traceback" in site.say(script(fail="broken"))[-1].data["error"]["traceback"]


def test_what_another_process_tells_its_clients_is_not_told_where_it_is_not_asked_for(serving: Serve) -> None:
    """Two servers of one store: what the open one leaves for the other holds more than the other's clients may see."""
    open_, closed = serving(expose=["state", "tracebacks"]), serving()
    prompt = {"prompt": script("one", "two", fail="broken")}
    with open_.stream("POST", "/chats/p/a/turns", json=prompt) as whole:
        path = whole.response.headers["location"]
        told = whole.rest()
    assert b"the-private-value" in whole.raw
    assert "Traceback" in told[-1].data["error"]["traceback"]
    response = closed.http.get(path)
    assert b"the-private-value" not in response.content
    found = parsed(response.content)
    assert [(each.id, each.event) for each in found] == [(each.id, each.event) for each in told]
    assert (found[-1].data["error"]["kind"], found[-1].data["error"]["traceback"]) == ("Error", None)
    assert "broken" not in found[-1].data["error"]["message"]


def test_what_breaks_in_the_server_is_a_reference_into_its_log(
    serving: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[int] = []

    def broken() -> Any:
        calls.append(1)
        if len(calls) > 1:
            raise RuntimeError("the password is hunter2")
        from apps.served import builder

        return builder()

    site = serving(broken)
    response = site.http.get("/chats/p/a")
    assert (response.status_code, is_said(response)["error"]) == (500, "server-failed")
    assert "hunter2" not in response.text
    assert response.json()["reference"] in caplog.text
    assert "hunter2" in caplog.text


def test_what_a_condition_raises_stays_here(serving: Serve, caplog: pytest.LogCaptureFixture) -> None:
    broken: list[bool] = []

    @action(reads=["said"], writes=["said"])
    def ask(state: State, prompt: str) -> State:
        return state.update(said=prompt)

    def decide(state: State) -> bool:
        if broken:
            raise RuntimeError(f"no way on from {state['said']}, and the password is hunter2")
        return True

    def build() -> Any:
        again = ("ask", "ask", Condition(["said"], decide, name="decide"))
        return ApplicationBuilder().with_actions(ask).with_transitions(again).with_entrypoint("ask")

    site = serving(build)
    site.say("the-first")
    broken.append(True)
    for path in ("/chats/p/a/turns", "/response/p/a"):
        response = site.http.post(path, json={"prompt": "next"})
        assert (response.status_code, is_said(response)["error"]) == (500, "application-failed")
        assert "hunter2" not in response.text
        assert response.json()["reference"] in caplog.text
    command = {"type": "send", "client": "page", "request": "r1", "text": "next"}
    assert site.http.post("/chats/p/a/commands", json=command).status_code == 202
    view = site.http.get("/chats/p/a")
    assert [each["request"] for each in view.json()["refused"]] == ["r1"]
    assert "hunter2" not in view.text
    assert caplog.text.count("hunter2") >= 3


def test_a_client_that_goes_away_before_its_request_is_whole_is_no_error(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_connection((httpx.URL(site.url).host, httpx.URL(site.url).port)) as connection:
        connection.sendall(b"POST /chats/p/a/turns HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
    assert site.say("Hello")[-1].event == "turn-completed"
    assert not caplog.records


# The command line.


def test_it_says_where_the_page_is_and_ends_with_ctrl_c(start: Callable[..., Process]) -> None:
    server = start("burr_chat_widget.demo:builder", "--port", "0")
    url = server.url
    assert url.startswith("http://127.0.0.1:")
    assert httpx.get(url).status_code == 303
    assert "burr-chats.sqlite" in server.until("are kept in")
    assert server.end(signal.SIGINT) == 0
    assert not any("Traceback" in line for line in server.said)


@pytest.mark.parametrize("how", ["made-up", "given", "environment"])
def test_the_address_that_it_says_has_the_token(start: Callable[..., Process], how: str) -> None:
    environment = {"BURR_CHAT_WIDGET_TOKEN": "s&cret"} if how == "environment" else {}
    given = {"made-up": ["--token"], "given": ["--token", "s&cret"], "environment": []}[how]
    server = start("apps.slow:builder", "--port", "0", *given, environment=environment)
    url = server.url
    token = httpx.URL(url).params["token"]
    assert token == "s&cret" if how != "made-up" else len(token) >= 32
    with httpx.Client(follow_redirects=True) as client:
        page = client.get(url)
        assert page.status_code == 200
        assert "token" not in str(page.url)
        assert client.get(httpx.URL(url).join("/chats/p/a")).status_code == 200
    assert httpx.get(httpx.URL(url).join("/chats/p/a")).status_code == 401
    server.end()
    assert not any("token=" in line for line in server.said[1:])


def test_a_port_that_is_taken_is_said(start: Callable[..., Process]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = start("apps.slow:builder", "--port", str(taken.getsockname()[1]))
        assert server.wait() == 1
    assert "name another with --port" in server.said[-1]


def test_several_workers_serve_one_conversation(start: Callable[..., Process]) -> None:
    server = start("apps.slow:builder", "--port", "0", "--workers", "2", "--store", "chats.sqlite")
    site = Site(server.url.rstrip("/"))  # which listens as soon as it says where
    site.say("Hello")
    for _ in range(6):  # each on a connection of its own, whichever worker that is
        found = httpx.get(f"{site.url}/history/p/a").json()
        assert [each["content"] for each in found] == ["Hello", "Hello"]
    site.close()
    server.end()
    assert not any("Traceback" in line for line in server.said), server.said


def test_another_host_is_served_with_a_token(start: Callable[..., Process]) -> None:
    server = start("apps.slow:builder", "--host", "0.0.0.0", "--port", "0", "--token", "secret")
    url = httpx.URL(server.url)
    assert url.host == "127.0.0.1"
    server.until("It listens on all addresses of this machine, at each of them with the same port and token.")
    bearer = {"authorization": "Bearer secret", "host": "anything.example"}
    assert httpx.get(url.join("/chats/p/a"), headers=bearer).status_code == 200
    assert httpx.get(url.join("/chats/p/a"), headers={"host": "anything.example"}).status_code == 401
    server.end()


@pytest.mark.parametrize("trusted", [False, True])
def test_a_proxy_is_believed_where_it_is_named(
    start: Callable[..., Process], monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    named = {"FORWARDED_ALLOW_IPS": "127.0.0.1"} if trusted else {}
    server = start("apps.slow:builder", "--port", "0", "--token", "secret", environment=named)
    url = httpx.URL(server.url)
    forwarded = {"x-forwarded-for": "10.0.0.7", "x-forwarded-proto": "https"}
    with httpx.Client(headers={"authorization": "Bearer secret"}) as client:

        def ask(headers: dict[str, str]) -> int:
            return client.post(url.join("/chats/p/a/turns"), json={"inputs": {"nope": 1}}, headers=headers).status_code

        assert {ask({}) for _ in range(60)} == {422}
        assert ask({}) == 429
        assert ask(forwarded) == (422 if trusted else 429)
        origin = {"origin": f"https://{url.host}:{url.port}", "host": f"{url.host}:{url.port}"}
        assert client.get(url.join("/chats/p/a"), headers={**forwarded, **origin}).status_code == 200
        cookie = client.get(url, headers=forwarded).headers["set-cookie"]
        assert ("Secure" in cookie) == trusted
    server.end()


def test_the_form_of_the_page_takes_the_token_too(serving: Serve) -> None:
    site = serving(token="secret", title="<Rivers>")
    for path in ("/", "/chat/p/a"):
        asked = site.http.get(path)
        assert asked.status_code == 401
        assert 'method="post"' in asked.text
        assert "&lt;Rivers&gt;" in asked.text
        assert "script" not in asked.headers["content-security-policy"]
        wrong = site.http.post(path, data={"token": "wrong"})
        assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
        assert "That is not the token" in wrong.text
        other = site.http.post(path, data={"token": "secret"}, headers={"origin": "https://evil.example"})
        assert (other.status_code, "set-cookie" in other.headers) == (403, False)
        shown = site.http.post(path, data={"token": " secret "}, headers={"origin": site.url})
        assert shown.status_code == 303
        assert "secret" not in shown.headers["location"]
        cookie = shown.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        assert site.http.get(path).status_code in (200, 303)
        site.http.cookies.clear()
