"""Reading server-sent events, against an oracle that says what WHATWG's specification says, in its own words and order.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from burr_chat_widget.protocol import sse_reading
from burr_chat_widget.protocol.events import TextDelta
from burr_chat_widget.protocol.sse import server_sent
from burr_chat_widget.protocol.sse_reading import EventReader, ServerSent


@dataclass
class Interpretation:
    """What a stream means, by the specification: all of it at once, character by character."""

    events: list[ServerSent] = field(default_factory=list)
    last_event_id: str = ""
    reconnection_time: int | None = None

    def __init__(self, stream: bytes) -> None:
        self.events, self.last_event_id, self.reconnection_time = [], "", None
        self.data_buffer = self.event_type_buffer = self.last_event_id_buffer = ""
        # "Streams must be decoded using the UTF-8 decode algorithm", which strips one leading BOM.
        text = stream.decode("utf-8", "replace").removeprefix("\ufeff")
        line = ""
        position = 0
        while position < len(text):
            character = text[position]
            if character == "\r" and text[position + 1 : position + 2] == "\n":
                position += 1
            if character in "\r\n":
                self.interpret(line)
                line = ""
            else:
                line += character
            position += 1
        # "Once the end of the file is reached, any pending data must be discarded."

    def interpret(self, line: str) -> None:
        if line == "":
            self.dispatch()
        elif line[0] == ":":
            pass
        elif ":" in line:
            name, value = line[: line.index(":")], line[line.index(":") + 1 :]
            if value[:1] == " ":
                value = value[1:]
            self.process(name, value)
        else:
            self.process(line, "")

    def process(self, name: str, value: str) -> None:
        if name == "event":
            self.event_type_buffer = value
        elif name == "data":
            self.data_buffer += value + "\n"
        elif name == "id":
            if "\0" not in value:
                self.last_event_id_buffer = value
        elif name == "retry" and value and all("0" <= digit <= "9" for digit in value):
            self.reconnection_time = int(value)

    def dispatch(self) -> None:
        self.last_event_id = self.last_event_id_buffer
        if self.data_buffer == "":
            self.event_type_buffer = ""
            return
        data = self.data_buffer[:-1] if self.data_buffer[-1] == "\n" else self.data_buffer
        self.events.append(ServerSent(self.event_type_buffer or "message", data, self.last_event_id))
        self.data_buffer = self.event_type_buffer = ""


def read(pieces: list[bytes]) -> tuple[list[ServerSent], str, int | None]:
    reader = EventReader()
    events = [event for piece in pieces for event in reader.feed(piece)]
    return events, reader.last_id, reader.retry


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    """The stream in pieces, empty ones among them."""
    ends = sorted(place % (len(stream) + 1) for place in places)
    return [stream[a:b] for a, b in itertools.pairwise([0, *ends, len(stream)])]


AWKWARD = st.sampled_from(
    ["", " ", "  ", "data: ", ":", "data", "id: 1", "\u2028", "\u2029", "\x85", "\x0b\x0c\x1c", "\0", "\ufeff", "é", "水", "🌊", "\t", "[DONE]"]
)  # fmt: skip
WORDS = st.lists(AWKWARD | st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])), max_size=4)
TEXT = WORDS.map("".join)
RETRIES = st.sampled_from(["10", "007", "+5", "-1", "1_0", " 3", "3 ", "٣", "²", "1.5", ""]) | st.integers(0).map(str)
FIELDS = st.one_of(
    st.tuples(st.sampled_from(["data", "event", "id", "retry", "Data", "data ", "x"]), TEXT),
    st.tuples(st.just("retry"), RETRIES),
)
LINES = st.one_of(
    FIELDS.map(lambda field: f"{field[0]}: {field[1]}"),
    FIELDS.map(lambda field: f"{field[0]}:{field[1]}"),
    FIELDS.map(lambda field: field[0]),
    TEXT.map(lambda text: f":{text}"),
    TEXT,
    st.just(""),
).map(str.encode)
BROKEN = st.sampled_from(
    [b"\xff", b"\xe2\x82", b"data: \xf0\x9f", b"id: \xc3", b"\xed\xa0\x80", b"\xef\xbb", b"\xef\xbb\xbf"]
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r", b"\n\n", b"\r\r", b"\r\n\r\n", b"\n\r", b"\r\n\n"])
STREAMS = st.tuples(
    st.sampled_from([b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf", b"\xef\xbb"]),
    st.lists(st.tuples(LINES | BROKEN, ENDS).map(b"".join), max_size=12).map(b"".join),
    st.just(b"") | LINES | BROKEN,  # a last line that has no end
).map(b"".join)


@given(stream=STREAMS | st.binary(), places=st.lists(st.integers(0, 10_000), max_size=12))
@example(stream=b"data: a\r\n\r\n", places=[8])  # within a line end
@example(stream=b"data: a\r\n\r\n", places=[9, 10])
@example(stream=b"data: a\r\rdata: b\r\r", places=[9])
@example(stream="data: 水\n\n".encode(), places=[7, 8])
@example(stream=b"\xef\xbb\xbfdata: a\n\n", places=[1, 2])
@example(stream=b"id: 1\ndata\n\nid: 2\nevent: x\n\ndata: b\n\n", places=[])  # the second has no data
def test_any_stream_in_any_pieces(stream: bytes, places: list[int]):
    expected = Interpretation(stream)
    found = read(cut(stream, places))
    assert found == (expected.events, expected.last_event_id, expected.reconnection_time)


@given(stream=STREAMS)
def test_byte_by_byte(stream: bytes):
    expected = Interpretation(stream)
    assert read([bytes([each]) for each in stream])[0] == expected.events


@given(stream=STREAMS, extra=STREAMS)
def test_an_event_is_there_as_soon_as_its_last_byte_is(stream: bytes, extra: bytes):
    reader = EventReader()
    at_once = list(reader.feed(stream))
    assert at_once == Interpretation(stream).events
    assert [*at_once, *reader.feed(extra)] == Interpretation(stream + extra).events


@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])) | TEXT, max_size=5),
    places=st.lists(st.integers(0, 10_000), max_size=12),
)
def test_what_is_sent_is_read(texts: list[str], places: list[int]):
    events = [TextDelta(time=1.5, monotonic=0.5, turn="t1", step=1, text=text) for text in texts]
    stream = "".join(server_sent(event, number) for number, event in enumerate(events)).encode()
    found, last_id, _ = read(cut(stream, places))
    assert ["".join(server_sent(event, number)) for number, event in enumerate(events)] == [
        f"id: {each.last_id}\nevent: {each.event}\ndata: {each.data}\n\n" for each in found
    ]
    assert last_id == (str(len(texts) - 1) if texts else "")


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: one\ndata: two\n\n", [("message", "one\ntwo", "")]),
        (b"data\n\ndata\ndata\n\ndata:", [("message", "", ""), ("message", "\n", "")]),
        (b"data:test\n\ndata: test\n\n", [("message", "test", ""), ("message", "test", "")]),
        (b": a comment\n\n:\n\ndata: x\n\n", [("message", "x", "")]),
        (b"id: 7\ndata: x\n\ndata: y\n\nid\ndata: z\n\n", [("message", "x", "7"), ("message", "y", "7"), ("message", "z", "")]),
        (b"id: 7\ndata: x\n\nid: \0\ndata: y\n\n", [("message", "x", "7"), ("message", "y", "7")]),
        (b"event: tick\ndata: x\n\ndata: y\n\n", [("tick", "x", ""), ("message", "y", "")]),
        (b"event: lost\n\ndata: y\n\n", [("message", "y", "")]),
        (b"data:  two spaces\n\n", [("message", " two spaces", "")]),
        (b"data: a data: b\n\n", [("message", "a data: b", "")]),
        ("data: a\u2028b\x85c\n\n".encode(), [("message", "a\u2028b\x85c", "")]),
        (b"retry: " + b"9" * 5000 + b"\ndata: x\n\n", [("message", "x", "")]),
        (b"data: cut off", []),
        (b"data: cut off\n", []),
    ],
)  # fmt: skip
def test_what_the_specification_says_in_words(stream: bytes, events: list[tuple[str, str, str]]):
    assert [tuple(event) for event in read([stream])[0]] == events


def test_an_event_that_is_told_again_after_the_last_id():
    reader = EventReader(last_id="5")
    assert list(reader.feed(b"data: x\n\n")) == [ServerSent("message", "x", "5")]


def test_an_event_is_as_long_as_it_may_be(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sse_reading, "LARGEST", 10)
    assert [event.data for event in EventReader().feed(b"data: 6789\n\ndata: 6789\n\n")] == ["6789", "6789"]
    for pieces in ([b"data: 67890"], [b"data: ", b"67", b"890"], [b"data: 1\ndata: 2\n"], [b"data: 1\n\ndata: 67890"]):
        with pytest.raises(sse_reading.TooLong):
            read(pieces)


def test_a_long_line_in_small_pieces_costs_what_its_length_costs():
    """Reported, not judged: where each piece copied what was there before, this would take minutes."""
    reader = EventReader()
    began = time.perf_counter()
    found = [
        *reader.feed(b"data: "),
        *(e for _ in range(200_000) for e in reader.feed(b"0123456789")),
        *reader.feed(b"\n\n"),
    ]
    print(f"2 MB in 200,000 pieces: {time.perf_counter() - began:.2f} s")
    assert [len(event.data) for event in found] == [2_000_000]
