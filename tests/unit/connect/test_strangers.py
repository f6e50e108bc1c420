"""What is no server of ours, or not of this version, or tells nonsense: responses that a test writes, over real sockets."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from burr_chat_widget import BurrChat
from burr_chat_widget.connect import following
from burr_chat_widget.errors import ServerError
from burr_chat_widget.protocol.events import TurnStarted
from burr_chat_widget.protocol.fold import new_view
from burr_chat_widget.protocol.graph import Graph
from burr_chat_widget.protocol.lines import ViewReplaced
from burr_chat_widget.protocol.sse import server_sent
from burr_chat_widget.protocol.view import Composer, Session
from support.session import until

Answer = Callable[..., str]


def response(status: str, kind: str | None, body: str, *more: str) -> bytes:
    headers = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", "Connection: close", *more]
    return "\r\n".join([*headers, *([f"Content-Type: {kind}"] if kind else []), "", body]).encode()


def stream(*events: str) -> bytes:
    """A response that goes on."""
    return ("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + "".join(events)).encode()


def view() -> ViewReplaced:
    graph = Graph(entrypoint="", actions=[], transitions=[])
    return ViewReplaced(view=new_view(Session(title="T", app_id="a"), graph, Composer(), next_action=None))


def answer_one(client: socket.socket, answer: bytes) -> None:
    client.recv(65_536)
    client.sendall(answer)
    if b"event-stream" in answer and not answer.endswith(b"\0"):
        return  # it goes on
    client.shutdown(socket.SHUT_WR)
    while client.recv(65_536):  # what is not read would break the connection before the answer is
        pass


@pytest.fixture
def answering() -> Iterator[Answer]:
    """Starts a server that answers with these bytes, the n-th connection with the n-th, and with the last from then on."""
    made: list[socket.socket] = []

    def start(*answers: bytes) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        made.append(listener)

        def run() -> None:
            for number in itertools.count():
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                made.append(client)
                with contextlib.suppress(OSError):  # the client has gone
                    answer_one(client, answers[min(number, len(answers) - 1)])

        threading.Thread(target=run, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for each in made:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (response("404 Not Found", "text/html", "<h1>nginx</h1>"), "there is no burr-chat-widget server at"),
        (response("404 Not Found", "application/json", '{"detail": "Not Found"}'), "there is no burr-chat-widget server at"),
        (response("405 Method Not Allowed", None, ""), "there is no burr-chat-widget server at"),
        (response("200 OK", "text/html", "<h1>Hello</h1>"), "there is no burr-chat-widget server at"),
        (response("200 OK", None, ""), "there is no burr-chat-widget server at"),
        (response("307 Temporary Redirect", None, "", "Location: https://h/x"), "sends on to https://h/x; connect to that address"),
        (response("502 Bad Gateway", "text/html", "<h1>nginx</h1>"), "answers with the status 502"),
        (response("401 Unauthorized", None, ""), "answers those who have its token; pass the one"),
        (response("403 Forbidden", "application/json", json.dumps({"error": "host-refused", "message": "not so", "remedy": "so"})), "not so; so"),
        (response("503 Busy", "application/json", json.dumps({"error": "server-busy", "message": "full", "remedy": None})), "full"),
        (b"SSH-2.0-OpenSSH\r\n", "does not answer"),
        (b"", "does not answer"),
        (stream("data: no JSON\n\n"), "cannot be understood .* use the same version"),
        (stream('data: {"type": "of-the-future"}\n\n'), "cannot be understood .* use the same version"),
        (stream('data: {"type": "view-replaced", "view": {}}\n\n'), "cannot be understood .* use the same version"),
    ],
)  # fmt: skip
def test_it_is_said_what_is_there_instead(answering: Answer, answer: bytes, words: str):
    with pytest.raises(ServerError, match=words):
        BurrChat.connect(answering(answer))


def test_a_stream_that_ends_at_once(answering: Answer):
    ended = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(ServerError, match="ends what it has begun to tell; try again"):
        BurrChat.connect(answering(ended))


async def test_what_cannot_be_understood_later_ends_the_chat_in_words(answering: Answer):
    chat = BurrChat.connect(answering(stream(server_sent(view(), "b-0"), 'id: b-1\ndata: {"type": "new"}\n\n')))
    view_of = chat._session.outbox.view
    await until(lambda: not view_of().composer.enabled)
    assert "use the same version of burr-chat-widget here and there" in (view_of().composer.hint or "")
    with pytest.raises(ServerError, match="cannot be understood"):
        await chat.send("x")
    chat.close()


async def test_an_event_that_does_not_end_ends_the_chat_in_words(answering: Answer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("burr_chat_widget.protocol.sse_reading.LARGEST", 1_000_000)
    endless = f"id: b-1\ndata: {'x' * 1_000_000}"
    chat = BurrChat.connect(answering(stream(server_sent(view(), "b-0"), endless)))
    await until(lambda: not chat._session.outbox.view().composer.enabled)
    with pytest.raises(ServerError, match=r"cannot be understood \(an event of more than 1 MB\)"):
        await chat.send("x")
    chat.close()


async def test_values_that_the_server_announces_and_does_not_give(answering: Answer):
    none = {"type": "inspected", "client": "c", "request": "r", "more": 3}
    chat = BurrChat.connect(
        answering(stream(server_sent(view(), "b-0")), response("200 OK", "application/json", json.dumps(none)))
    )
    with pytest.raises(ServerError, match="says that there are more values, and does not give them"):
        chat._session._state_after(1, "")  # pyright: ignore[reportAttributeAccessIssue]
    chat.close()


async def test_an_answer_that_never_comes(answering: Answer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("burr_chat_widget.connect.asking.LATE", 0.01)
    told = stream(server_sent(view(), "b-0"))
    chat = BurrChat.connect(answering(told, response("202 Accepted", "application/json", "null"), told))
    with pytest.raises(ServerError, match="has not said what became of it; see in the chat"):
        await chat.send("x")
    chat.close()


async def test_a_server_that_was_started_again_is_not_asked_twice(answering: Answer):
    before, after = stream(server_sent(view(), "b-0")), stream(server_sent(view(), "c-0"))
    chat = BurrChat.connect(answering(before, b"", after))
    with pytest.raises(ServerError, match="is gone, or out of reach, and has not said what became of it"):
        await chat.send("x")
    chat.close()


async def test_what_was_answered_before_the_server_was_started_again_is_not_asked_twice(
    answering: Answer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("burr_chat_widget.connect.session._request", lambda: "r1")
    answered = view()
    answered.view.accepted = ["r1"]
    chat = BurrChat.connect(answering(stream(server_sent(view(), "b-0")), b"", stream(server_sent(answered, "c-0"))))
    with pytest.raises(
        ServerError, match=r"was answered by a process of the server that is not heard any more; what it has kept"
    ):
        await chat.send("x")
    chat.close()


async def test_a_server_that_may_have_taken_it_is_waited_for_so_long(
    answering: Answer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("burr_chat_widget.connect.asking.UNSURE", 0.01)
    chat = BurrChat.connect(answering(stream(server_sent(view(), "b-0")), b""))
    with pytest.raises(ServerError, match=r"does not answer .*, and may have taken it; see in the chat"):
        await chat.send("x")
    chat.close()


async def test_a_turn_that_no_process_knows(answering: Answer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(following, "AGAIN", 0.01)
    begun = TurnStarted(time=1.0, monotonic=1.0, turn="t1", inputs={}, prompt="x", request=None)
    gone = response("404 Not Found", "application/json", json.dumps({"error": "no-such-turn", "message": "none"}))
    first = stream(server_sent(view(), "b-0"), server_sent(begun, "b-1"))
    ended = response("503 Away", None, "")
    chat = BurrChat.connect(answering(first[:-1] + b"\n" + b": \0", ended, stream(server_sent(view(), "c-0")), gone))
    await until(lambda: [turn.status for turn in chat.turns] == ["failed"])
    error = chat.turns[0].error
    assert error is not None
    assert error.message.startswith("The server does not know this turn any more")
    chat.close()


def test_without_httpx_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch):
    import sys

    for name in [*sys.modules]:
        if name.startswith("burr_chat_widget.connect"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(ImportError, match=r"pip install 'burr-chat-widget\[connect\]'"):
        BurrChat.connect("http://127.0.0.1:1")
