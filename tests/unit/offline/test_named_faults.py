"""The faults that have a name, once each, as the real client shows them."""

import itertools
import json
import math
from typing import Any

import openai
import pytest

from burr_chat_widget import offline
from burr_chat_widget.offline import Fault, Faults, wire
from burr_chat_widget.offline.faults import NAMED
from unit.offline.made_up_time import MadeUpTime
from unit.offline.test_faults import LOST_IN_STREAM, ask, client, read

POEM = "Write a poem about Füße, 猫 and 🙂"


async def test_a_fault_by_name_is_taken_by_one_streamed_answer() -> None:
    faults = Faults(once="dropped connection")
    in_use = client(faults)
    await ask(in_use)  # not streamed: it takes none
    assert faults.once == "dropped connection"
    with pytest.raises(LOST_IN_STREAM):
        await read(in_use)
    assert faults.once is None
    assert "".join(await read(in_use)).startswith("Backpressure is")


async def test_who_watches_is_told_as_long_as_it_is_there() -> None:
    class Watcher:
        def __init__(self) -> None:
            self.seen: list[str | None] = []

        def taken(self) -> None:
            self.seen.append(faults.once)

    faults = Faults()
    in_use, first, second = client(faults), Watcher(), Watcher()
    faults.watch(first.taken)
    faults.watch(second.taken)
    faults.once = "burst"
    await read(in_use)
    assert (first.seen, second.seen) == ([None], [None])
    seen = second.seen
    del second
    faults.once = "burst"
    await read(in_use)
    await read(in_use)
    assert (first.seen, seen) == ([None, None], [None])


@pytest.mark.parametrize("name", NAMED)
async def test_each_name_is_one_fault_and_the_answer_after_it_is_whole(name: str) -> None:
    time = MadeUpTime()
    faults = Faults(once=name)
    in_use = offline.client(rate=10, first_token=0.5, jitter=0, faults=faults, clock=time.clock, sleep=time.sleep)
    deltas: list[str] = []
    error: Exception | None = None
    try:
        await read(in_use, deltas)
    except Exception as raised:
        error = raised
    slept = [round(each, 6) for each in time.slept]
    time.slept.clear()
    whole = await read(in_use)
    usual = [0.5, *[0.1] * (len(whole) - 1)]
    assert time.slept == pytest.approx(usual)
    broken: dict[str, Any] = {
        "dropped connection": LOST_IN_STREAM,
        "error in mid-stream": openai.APIError,
        "malformed chunk": json.JSONDecodeError,
    }
    if name in broken:
        assert isinstance(error, broken[name])
        assert deltas == whole[:12]
        return
    assert error is None
    assert deltas == whole
    expected: dict[str, list[float]] = {
        "slow first token": [3, *usual[1:]],
        "stall": [*usual[:8], 3, *usual[8:]],
        "awkward bytes": usual,
        "burst": usual[:9],
    }
    assert slept == pytest.approx(expected[name])


@pytest.mark.parametrize("tokens", [0, 3, 10_000])
async def test_a_providers_error_in_mid_stream(tokens: int) -> None:
    deltas: list[str] = []
    with pytest.raises(openai.APIError, match="a fault that the offline model was asked for") as caught:
        await read(client(Fault(error_after=tokens)), deltas)
    # Neither a status, which was fine, nor a connection, which holds.
    assert not isinstance(caught.value, openai.APIStatusError | openai.APIConnectionError)
    assert caught.value.type == "server_error"
    assert deltas == (await read(client(Fault())))[:tokens]


async def test_an_error_before_a_whole_answer_is_a_status() -> None:
    with pytest.raises(openai.InternalServerError, match="a fault that the offline model was asked for"):
        await ask(client(Fault(error_after=3)))


async def body(fault: Fault | None = None, prompt: str = POEM) -> list[bytes]:
    """The pieces of a streamed answer, as its reader is handed them."""
    server = offline.OfflineServer(tempo=offline.Tempo(rate=math.inf, first_token=0), faults=fault)
    asked = {"model": offline.MODEL, "messages": [{"role": "user", "content": prompt}], "stream": True}
    reply = await server.handle("POST", "/v1/chat/completions", json.dumps(asked).encode())
    return [piece async for piece in reply.body]


async def said(fault: Fault) -> str:
    """What the real client reads of it."""
    in_use = client(fault)
    stream = await in_use.chat.completions.create(
        model=offline.MODEL, messages=[{"role": "user", "content": POEM}], stream=True
    )
    return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])


async def test_awkward_bytes_are_nothing_to_a_reader_that_is_right() -> None:
    text = await said(Fault())
    assert "Füße, 猫 and 🙂" in text
    assert await said(Fault(awkward=True)) == text


async def test_awkward_bytes_are_cut_in_each_of_the_ways() -> None:
    pieces = await body(Fault(awkward=True))
    assert pieces.count(b"da") == pieces.count(b"\n\r\n") == sum(piece.startswith(b"ta: ") for piece in pieces)
    cut_characters = 0
    for piece in pieces:
        try:
            piece.decode()
        except UnicodeDecodeError:
            cut_characters += 1
    # Each event but the last, which has no other than ASCII characters, is cut within one: both halves are broken.
    assert cut_characters == 2 * (pieces.count(b"da") - 1)
    assert all(piece.endswith(b"\r") for piece, after in itertools.pairwise(pieces) if after == b"\n\r\n")


def test_a_lone_surrogate_is_escaped_where_all_else_is_utf_8() -> None:
    assert wire.encode("é\ud83d", ascii_only=False) == b'"\\u00e9\\ud83d"'
    assert wire.encode("é", ascii_only=False) == '"é"'.encode()


async def test_a_naive_parser_is_right_until_the_bytes_are_cut() -> None:
    text = await said(Fault())
    whole = await body()
    assert "".join(offline.naive_deltas(whole)) == text
    with pytest.raises(offline.BrokenPiece, match="split in the middle of a character"):
        list(offline.naive_deltas(await body(Fault(awkward=True))))


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ([b'data: "\xc3'], "this piece of 8 bytes ends within one, at the byte 0xc3"),
        ([b'\xa9"\n\n'], "this piece of 4 bytes begins within one, at the byte 0xa9"),
        ([b'data: {"cho'], "in the middle of a line: this piece of 11 bytes ends before its event does"),
        ([b'data: {"text": "data: 5"}\n\n'], "split at a 'data: ' that is in its text"),
    ],
)
def test_what_broke_the_naive_parser_is_said_in_plain_words(pieces: list[bytes], words: str) -> None:
    with pytest.raises(offline.BrokenPiece) as caught:
        list(offline.naive_deltas(pieces))
    assert words in str(caught.value)
    assert str(caught.value).endswith("until the empty line that ends an event has come, and decode only then.")
    assert isinstance(caught.value.__cause__, UnicodeDecodeError | json.JSONDecodeError)


HI = b'data: {"choices": [{"delta": {"content": "Hi"}}]}\n\n'


@pytest.mark.parametrize("at", range(1, 6))
def test_cut_within_the_fields_name_an_event_is_lost_without_a_word(at: int) -> None:
    assert list(offline.naive_deltas([HI[:at], HI[at:], HI])) == ["Hi"]


def test_cut_later_an_event_breaks_the_naive_parser() -> None:
    with pytest.raises(offline.BrokenPiece, match="in the middle of a line"):
        list(offline.naive_deltas([HI[:20], HI[20:]]))


def test_text_that_holds_the_fields_name_breaks_the_naive_parser() -> None:
    with pytest.raises(offline.BrokenPiece, match="that is in its text"):
        list(offline.naive_deltas([HI.replace(b"Hi", b"data: 5")]))


@pytest.mark.parametrize(
    ("event", "pieces"),
    [
        (b'data: "\xc3\xa9"\r\n\r\n', [b"da", b'ta: "\xc3', b'\xa9"\r', b"\n\r\n"]),
        (b"data: 1\n\n", [b"da", b"ta: 1\n\n"]),
        (b"id: 1\r\ndata: 1\r\n\r\n", [b"id: 1\r", b"\nda", b"ta: 1\r\n\r\n"]),
        (b": \xf0\x9f\x99\x82", [b": \xf0", b"\x9f\x99\x82"]),
        (b"", [b""]),
    ],
)
def test_where_an_event_is_cut(event: bytes, pieces: list[bytes]) -> None:
    assert offline.split_awkwardly(event) == pieces


@pytest.mark.parametrize("options", [{"error_after": -1}, {"burst_after": -1}])
def test_a_fault_that_could_not_show_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        Fault(**options)
