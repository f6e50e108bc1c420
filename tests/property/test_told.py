"""What is kept of a turn's events: all of them, in order, whole or by the chunk."""

from __future__ import annotations

import itertools

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.frames import Frame, Text
from burr_chat_widget.protocol.marks import TICKS_PER_SECOND, decode_marks, encode_mark
from burr_chat_widget.session import Turn
from burr_chat_widget.session.told import Told
from burr_chat_widget.transport.coalesce import FRAME_TEXT
from burr_chat_widget.transport.outbox import Outbox
from support.events import first_view, turns
from support.page import Page

TICK = 1 / TICKS_PER_SECOND


def one_turn(told: list[object]) -> list[e.TurnEvent]:
    """The events of the first turn."""
    return [t for t in told if isinstance(t, e.TurnEvent) and t.turn == "t0"]


def recorded(events: list[e.TurnEvent]) -> Turn:
    turn = Turn("t0", {})
    for event in events:
        turn.record(event)
    return turn


def same(a: e.TurnEvent, b: e.TurnEvent) -> bool:
    """Equal; of deltas the times nearly, since they are kept as differences."""
    if isinstance(a, e.TextDelta) and isinstance(b, e.TextDelta):
        near = abs(a.time - b.time) < TICK and abs(a.monotonic - b.monotonic) < TICK
        return near and (a.turn, a.step, a.text) == (b.turn, b.step, b.text)
    return a == b


@given(turns(most=1).map(one_turn), st.data())
def test_events_are_kept(events: list[e.TurnEvent], data: st.DataObject) -> None:
    told = recorded(events).events
    assert len(told) == len(events)
    assert all(same(*pair) for pair in zip(told, events, strict=True))
    if events:
        start = data.draw(st.integers(0, len(events) - 1))
        assert same(told[start], events[start])
        assert same(told[start - len(events)], events[start])
        assert all(same(*pair) for pair in zip(told[start:], events[start:], strict=True))


@given(turns(most=1).map(one_turn), st.integers(0, 40))
def test_chunks_hold_every_event_once(events: list[e.TurnEvent], start: int) -> None:
    turn = recorded(events)
    start = min(start, len(events))
    found, end = turn.events.chunk(start)
    assert end == len(events)
    others = [each for each in found if not isinstance(each, Text)]
    assert others == [each for each in events[start:] if not isinstance(each, e.TextDelta)]
    deltas = [each for each in events[start:] if isinstance(each, e.TextDelta)]
    texts = [each for each in found if isinstance(each, Text)]
    assert "".join(each.text for each in texts) == "".join(each.text for each in deltas)
    assert sum(len(list(decode_marks(each.marks))) for each in texts) == len(deltas)


def test_a_chunk_that_begins_in_the_middle_has_the_times() -> None:
    stamp = {"time": 0.0, "turn": "t0"}
    events: list[e.TurnEvent] = [
        e.TurnStarted(**stamp, monotonic=10.0, inputs={}),
        e.StepStarted(**stamp, monotonic=11.0, step=3, action="answer"),
        *(e.TextDelta(**stamp, monotonic=11.0 + n, step=3, text="ab"[n % 2] * 40_000) for n in range(1, 5)),
    ]
    told = recorded(events).events
    chunk, end = told.chunk(0)
    assert end == 4  # the deltas that reach 65,536 characters
    rest, end = told.chunk(end)
    assert end == len(events)
    marks = [list(decode_marks(each.marks)) for part in (chunk, rest) for each in part if isinstance(each, Text)]
    assert marks == [[(10_000, 40_000)]] * 4
    assert all(len(each.text) <= FRAME_TEXT for each in rest if isinstance(each, Text))


class Counted(Told):
    """Says how often a single event was looked up."""

    looked_up = 0

    def __getitem__(self, index):
        self.looked_up += 1
        return super().__getitem__(index)


def test_a_chunk_behind_many_parts_looks_at_none_of_them_singly() -> None:
    """A model that thinks for long has told thousands of deltas that are no text."""
    stamp = {"time": 0.0, "turn": "t0"}
    thought = e.PartDelta(**stamp, monotonic=12.0, step=3, part="thought", kind="reasoning", text="x")
    events: list[e.TurnEvent] = [
        e.TurnStarted(**stamp, monotonic=10.0, inputs={}),
        e.StepStarted(**stamp, monotonic=11.0, step=3, action="answer"),
        *[thought] * 2000,
        e.TextDelta(**stamp, monotonic=13.0, step=3, text="a"),
        *[thought] * 2000,
        e.TextDelta(**stamp, monotonic=15.0, step=3, text="b"),
    ]
    turn = Turn("t0", {})
    turn.events = told = Counted(turn.deltas)
    for event in events:
        turn.record(event)
    assert told.chunk(2001)[0][1] == Text(step=3, text="a", marks=encode_mark(20_000, 1))
    assert told.chunk(4002)[0][1] == Text(step=3, text="b", marks=encode_mark(20_000, 1))
    assert told.looked_up == 0


@given(turns(), st.lists(st.integers(1, 5), max_size=30))
def test_frames_say_which_events_they_carried(told: list[object], batches: list[int]) -> None:
    """Each event of a turn is in one frame, and the frames are as they were sent."""
    seconds = itertools.count()
    outbox = Outbox(first_view(), clock=lambda: float(next(seconds)))
    page = Page(outbox)
    frames: list[dict[str, object]] = []

    def take() -> None:
        for message in outbox.take():
            page.receive(message)
            if message["type"] == "frame":
                frames.append(message)
        page.ack()

    take()
    count = 0
    for index, event in enumerate(told):
        outbox.put(event)  # pyright: ignore[reportArgumentType]
        count += isinstance(event, e.TurnEvent)
        assert outbox.told() == count
        if index % 7 in batches:
            take()
    while outbox.next_due() is not None and page.view != outbox.view():
        take()
    sent = outbox.sent(0, count)
    assert [number for frame in sent for number in range(frame.first, frame.last)] == list(range(count))
    by_number = {frame["seq"]: frame for frame in frames}
    assert all(msgspec.json.decode(f.body or "", type=Frame) == msgspec.convert(by_number[f.seq], Frame) for f in sent)
