"""Streams as responses: heartbeats, what ends them, and that what feeds them is closed in any case."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from burr_chat_widget.protocol.events import MessageAdded, TextDelta, TextReplaced, TurnResumed
from burr_chat_widget.protocol.fold import new_view
from burr_chat_widget.protocol.graph import Graph
from burr_chat_widget.protocol.sse import BEAT, burr_sent
from burr_chat_widget.protocol.view import Composer, Session
from burr_chat_widget.serve import streams
from burr_chat_widget.serve.bell import Bell
from burr_chat_widget.serve.burr import Said
from burr_chat_widget.serve.exiting import Exiting
from burr_chat_widget.serve.ring import Ring
from burr_chat_widget.serve.streams import EventStream, beaten
from burr_chat_widget.transport.outbox import Outbox

WHEN: Any = {"time": 0.0, "monotonic": 0.0, "turn": "t1"}


class Source:
    """Yields what it is told to, and knows when it was closed."""

    def __init__(self) -> None:
        self.pieces: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.closed = asyncio.Event()

    def put(self, *pieces: bytes | Exception | None) -> None:
        for piece in pieces:
            self.pieces.put_nowait(piece)

    async def __call__(self) -> AsyncGenerator[bytes, None]:
        try:
            while (piece := await self.pieces.get()) is not None:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            self.closed.set()


class Client:
    """The other end of a response, as an ASGI server stands in for it."""

    def __init__(self, source: Source, **options: Any) -> None:
        self.exiting = Exiting()
        self.sent: asyncio.Queue[Any] = asyncio.Queue()
        self.received: asyncio.Queue[Any] = asyncio.Queue()
        self.gone: list[str] = []
        self.ended: list[str] = []
        self.response = EventStream(
            source(),
            self.exiting,
            gone=lambda: self.gone.append("gone"),
            ended=lambda: self.ended.append("ended"),
            **options,
        )
        self.answering = asyncio.create_task(self.response({"type": "http"}, self.received.get, self.send))

    async def send(self, message: Any) -> None:
        if not self.answering.cancelled() and message.get("body") == b"unsendable":
            raise OSError("the connection is closed")
        if message.get("body") == b"stuck":
            await asyncio.Event().wait()
        self.sent.put_nowait(message)

    async def pieces(self, count: int) -> list[bytes]:
        """The next pieces of the body."""
        return [(await self.sent.get())["body"] for _ in range(count)]


async def test_what_is_yielded_is_sent_piece_by_piece_and_then_the_end() -> None:
    source = Source()
    client = Client(source, headers={"location": "/there"})
    start = await client.sent.get()
    headers = dict(start["headers"])
    assert start["status"] == 200
    assert headers[b"content-type"].startswith(b"text/event-stream")
    assert headers[b"location"] == b"/there"
    assert b"content-length" not in headers
    source.put(b"one")
    assert await client.pieces(1) == [b"one"]
    source.put(b"two", None)
    assert await client.pieces(2) == [b"two", b""]
    await client.answering
    assert client.sent.empty()
    assert (client.gone, client.ended) == ([], ["ended"])
    assert source.closed.is_set()


async def test_a_client_that_goes_away_ends_it() -> None:
    source = Source()
    client = Client(source)
    source.put(b"one")
    await client.sent.get()
    await client.pieces(1)
    client.received.put_nowait({"type": "http.request", "body": b""})  # the rest of the body is no end
    client.received.put_nowait({"type": "http.disconnect"})
    await client.answering
    assert client.sent.empty()
    assert (client.gone, client.ended, source.closed.is_set()) == (["gone"], ["ended"], True)


async def test_a_client_that_can_no_longer_be_sent_anything_has_gone_away() -> None:
    source = Source()
    client = Client(source)
    source.put(b"unsendable")
    await client.answering
    assert (client.gone, client.ended, source.closed.is_set()) == (["gone"], ["ended"], True)


async def test_a_client_that_takes_nothing_any_more_has_gone_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "STALLED", 0.01)
    source = Source()
    client = Client(source)
    source.put(b"one", b"stuck", b"two")
    await client.answering
    await client.sent.get()
    assert await client.pieces(1) == [b"one"]
    assert client.sent.empty()
    assert (client.gone, client.ended, source.closed.is_set()) == (["gone"], ["ended"], True)


async def test_a_server_that_exits_lets_go_of_a_client_that_takes_nothing() -> None:
    source = Source()
    client = Client(source)
    source.put(b"stuck")
    await client.sent.get()
    client.exiting.tell()
    assert await client.pieces(1) == [b""]
    await client.answering
    assert (client.gone, client.ended, source.closed.is_set()) == ([], ["ended"], True)


async def test_a_large_piece_is_sent_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SLICE", 4)
    source = Source()
    client = Client(source)
    await client.sent.get()
    source.put(b"0123456789", None)
    assert await client.pieces(4) == [b"0123", b"4567", b"89", b""]
    await client.answering


async def test_a_server_that_exits_ends_it_in_good_order() -> None:
    source = Source()
    client = Client(source)
    await client.sent.get()
    client.exiting.tell()
    assert await client.pieces(1) == [b""]
    await client.answering
    assert (client.gone, client.ended, source.closed.is_set()) == ([], ["ended"], True)


async def test_a_stream_that_is_opened_when_the_server_exits_ends_at_once() -> None:
    source = Source()
    client = Client(source)
    client.exiting.tell()
    await client.answering
    assert (await client.sent.get())["type"] == "http.response.start"
    assert await client.pieces(1) == [b""]
    assert client.ended == ["ended"]


async def test_what_goes_wrong_is_raised_and_all_is_closed() -> None:
    source = Source()
    client = Client(source)
    source.put(RuntimeError("broken"))
    with pytest.raises(RuntimeError, match="broken"):
        await client.answering
    assert (client.gone, client.ended, source.closed.is_set()) == ([], ["ended"], True)


async def test_a_response_that_is_cancelled_closes_what_feeds_it() -> None:
    source = Source()
    client = Client(source)
    source.put(b"one")
    await client.sent.get()
    await client.pieces(1)
    client.answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client.answering
    assert (client.ended, source.closed.is_set()) == (["ended"], True)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Heartbeats come often."""
    monkeypatch.setattr("burr_chat_widget.serve.streams.HEARTBEAT", 0.001)


@pytest.mark.usefixtures("quick")
async def test_silence_is_filled_with_comments() -> None:
    source = Source()
    stream = beaten(source())
    assert [await anext(stream) for _ in range(3)] == [BEAT] * 3
    source.put(b"one", b"two")
    found = [await anext(stream)]
    while found[-1] != b"two":
        found.append(await anext(stream))
    assert [each for each in found if each != BEAT] == [b"one", b"two"]
    source.put(None)
    assert [each async for each in stream if each != BEAT] == []
    assert source.closed.is_set()


@pytest.mark.usefixtures("quick")
async def test_what_is_silent_is_closed_with_its_heartbeats() -> None:
    source = Source()
    stream = beaten(source())
    await anext(stream)
    await stream.aclose()
    assert source.closed.is_set()


async def test_without_silence_there_are_no_comments() -> None:
    source = Source()
    source.put(b"one", b"two", None)
    assert [each async for each in beaten(source())] == [b"one", b"two"]


async def test_what_goes_wrong_goes_through_the_heartbeats() -> None:
    source = Source()
    source.put(RuntimeError("broken"))
    with pytest.raises(RuntimeError, match="broken"):
        await anext(beaten(source()))


async def test_uvicorns_end_is_seen_before_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Server:
        should_exit = False

        def handle_exit(self, *_: object) -> None:
            pass

    server = Server()
    before = signal.signal(signal.SIGTERM, server.handle_exit)
    monkeypatch.setattr("burr_chat_widget.serve.exiting.LOOK", 0.001)
    try:
        exiting = Exiting()
        waiting = [asyncio.create_task(exiting.wait()) for _ in range(2)]
        cancelled = asyncio.create_task(exiting.wait())
        await asyncio.sleep(0)
        cancelled.cancel()
        assert not any(each.done() for each in waiting)
        server.should_exit = True
        await asyncio.gather(*waiting)
        await exiting.wait()
    finally:
        signal.signal(signal.SIGTERM, before)


# What a conversation's stream remembers.


def ring(loop: asyncio.AbstractEventLoop) -> tuple[Outbox, Ring]:
    session = Session(title="Chat", app_id="a")
    outbox = Outbox(new_view(session, Graph(entrypoint="a", actions=[], transitions=[]), Composer(), next_action=None))
    return outbox, Ring(outbox, Bell(loop))


def ids(sent: bytes) -> list[str]:
    return [line.decode()[4:] for line in sent.split(b"\n") if line.startswith(b"id: ")]


async def test_what_is_told_on_any_thread_is_heard_in_order() -> None:
    outbox, kept = ring(asyncio.get_running_loop())
    stream = kept.events()
    (first,) = ids(await anext(stream))

    def tell() -> None:
        for _ in range(500):
            outbox.put(TurnResumed(**WHEN))

    telling = asyncio.gather(*(asyncio.to_thread(tell) for _ in range(4)))
    heard: list[str] = []
    while len(heard) < 2000:
        heard += ids(await anext(stream))
    await telling
    await stream.aclose()
    boot = first.removesuffix("-0")
    assert heard == [f"{boot}-{number}" for number in range(1, 2001)]


async def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    outbox, kept = ring(asyncio.get_running_loop())
    monkeypatch.setattr("burr_chat_widget.serve.ring.BYTES", 1000)
    stream = kept.events()
    (first,) = ids(await anext(stream))
    for _ in range(100):
        outbox.put(TurnResumed(**WHEN))
    assert sum(map(len, kept._kept.values())) <= 1000
    again = await anext(stream)  # who was too slow is sent the view
    assert again.startswith(f"id: {first.removesuffix('0')}100\nevent: view-replaced\n".encode())
    outbox.put(TextDelta(**WHEN, step=1, text="x" * 5000))
    assert len(await anext(stream)) > 5000  # the last is remembered in any case
    outbox.replace(outbox.view())
    assert b"event: view-replaced\n" in await anext(stream)
    await stream.aclose()


# What Burr's example is told.


def test_a_texts_own_data_mark_is_escaped_and_nothing_else_is_changed() -> None:
    for text in ("data: ", 'data:  "data: ', "data:\n", "x" * 10, "\\data: \\", "éあ👋\u2028"):
        sent = burr_sent("delta", text).decode()
        assert sent.count("data: ") == 1
        assert sent.endswith(" \n\n")
        assert json.loads(sent.removeprefix("data: ")) == {"type": "delta", "value": text}
    plain = {"type": "delta", "value": 'é"\n'}
    assert burr_sent("delta", 'é"\n') == f"data: {json.dumps(plain)} \n\n".encode()
    assert burr_sent("chat_history", []) == b'data: {"type": "chat_history", "value": []}\n\n'


def test_text_that_is_replaced_or_added_can_only_follow() -> None:
    said = Said()

    def hear(*events: Any) -> list[str]:
        return [said.hear(event) for event in events]

    assert hear(
        TextDelta(**WHEN, step=1, text="Hel"),
        TextReplaced(**WHEN, step=1, text="Hello"),
        TextReplaced(**WHEN, step=1, text="Hello"),
        TextReplaced(**WHEN, step=1, text="Bye"),
        TextDelta(**WHEN, step=1, text="!"),
        TextDelta(**WHEN, step=2, text="Next"),
        MessageAdded(**WHEN, step=2, role="assistant", text="A note", kind="text"),
        MessageAdded(**WHEN, step=2, role="assistant", text="http://image", kind="image"),
        TurnResumed(**WHEN),
        MessageAdded(**WHEN, step=2, role="assistant", text="", kind="text"),
    ) == ["Hel", "lo", "", "\n\nBye", "!", "\n\nNext", "\n\nA note", "", "", ""]
