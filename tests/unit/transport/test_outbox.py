"""When a frame goes out and what is in it: exact counts, on a clock that the tests move."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.commands import Prefer, decode_command
from burr_chat_widget.protocol.marks import TICKS_PER_SECOND, decode_marks
from burr_chat_widget.transport.coalesce import FRAME_TEXT, MARKED_DELTAS
from burr_chat_widget.transport.limits import SINGLY, Limits
from burr_chat_widget.transport.outbox import Outbox
from burr_chat_widget.transport.sent import BODIES
from support.events import first_view
from support.page import Clock, Page

LIMITS = Limits()


class Chat:
    """An outbox with its first page, on a clock of its own, and everything that was sent."""

    def __init__(self, *, pages: int = 1, limits: Limits = LIMITS) -> None:
        self.clock = Clock()
        self.outbox = Outbox(first_view(), limits=limits, clock=self.clock)
        self.sent: list[tuple[float, dict[str, Any]]] = []
        self.pages = [Page(self.outbox, f"page{n}") for n in range(pages)]
        self.pump()
        self.sent.clear()

    def stamp(self) -> dict[str, Any]:
        return {"time": self.clock.now, "monotonic": self.clock.now, "turn": "t1"}

    def begin(self) -> None:
        self.outbox.put(e.TurnStarted(**self.stamp(), inputs={}, prompt="hi"))
        self.outbox.put(e.StepStarted(**self.stamp(), step=1, action="answer"))

    def delta(self, text: str) -> None:
        self.outbox.put(e.TextDelta(**self.stamp(), step=1, text=text))

    def pump(self) -> None:
        """Send what is due now."""
        while (due := self.outbox.next_due()) is not None and due <= self.clock.now:
            for message in self.outbox.take():
                self.sent.append((self.clock.now, message))
                for page in self.pages:
                    page.receive(message)

    def run(self, seconds: float, *, acks: bool = True) -> None:
        """Let time pass, sending what falls due."""
        end = self.clock.now + seconds
        while (due := self.outbox.next_due()) is not None and due <= end:
            self.clock.now = max(self.clock.now, due)
            self.pump()
            for page in self.pages if acks else []:
                page.ack()
        self.clock.now = end

    def frames(self) -> list[dict[str, Any]]:
        return [m for _, m in self.sent if m["type"] == "frame"]

    def texts(self) -> list[str]:
        return [ev["text"] for f in self.frames() for ev in f["events"] if ev["type"] == "text"]


def test_the_first_delta_of_a_step_goes_out_at_once():
    chat = Chat()
    chat.begin()
    chat.pump()
    chat.delta("Hello")
    chat.pump()
    assert [(at, [ev["type"] for ev in m["events"]]) for at, m in chat.sent] == [
        (100.0, ["turn-started", "step-started"]),
        (100.0, ["text"]),
    ]


@pytest.mark.parametrize(("rate", "size", "frames"), [(20, 6, 20), (30, 6, 15), (60, 4, 20), (60, 6, 20), (800, 6, 30)])
def test_frames_a_second(rate: int, size: int, frames: int):
    """The first delta alone, then: slow ones each by itself or two, within the patience; at 60 every third; at 800 the interval rules."""
    chat = Chat()
    chat.begin()
    chat.pump()
    chat.sent.clear()
    for _ in range(10 * rate):
        chat.run(1 / rate)
        chat.delta("x" * size)
        chat.pump()
    chat.run(1)
    assert "".join(chat.texts()) == "x" * size * 10 * rate
    assert len(chat.frames()) / 10 == pytest.approx(frames, abs=0.5)


@pytest.mark.parametrize("wanted", [1, 5, 60])
def test_no_more_frames_a_second_than_the_reader_wants(wanted: float):
    chat = Chat()
    chat.begin()
    chat.pump()
    chat.delta("first")  # which goes out at once
    chat.pump()
    chat.outbox.hear(Prefer(client="page0", frames=wanted))
    chat.sent.clear()
    began = chat.clock.now
    for _ in range(2000):
        chat.run(0.005)
        chat.delta("xxxxxx")
        chat.pump()
    assert len(chat.frames()) == pytest.approx(10 * wanted, abs=1)
    chat.run(2)
    assert "".join(chat.texts()) == "xxxxxx" * 2000
    assert chat.sent[0][0] >= began

    chat.outbox.hear(Prefer(client="page0"))
    assert chat.outbox.limits == LIMITS


def test_a_preference_does_not_put_together_what_goes_out_singly():
    chat = Chat(limits=SINGLY)
    chat.outbox.hear(Prefer(client="page0", frames=5))
    assert chat.outbox.limits == SINGLY


@pytest.mark.parametrize("frames", [0, 0.5, 61, float("nan"), "30"])
def test_what_is_no_frame_rate_is_turned_away(frames: object):
    with pytest.raises(msgspec.ValidationError):
        decode_command({"type": "prefer", "client": "page", "frames": frames})


def test_at_60_a_second_no_delta_waits_for_more_than_two_others():
    """Which is two frames of a page that paints 60 a second; of what a step says last, the patience."""
    chat = Chat()
    chat.begin()
    put: list[float] = []
    for _ in range(300):
        chat.run(1 / 60)
        chat.delta("00000 ")
        put.append(chat.clock.now)
        chat.pump()
    chat.run(1)
    sent = [
        at
        for at, m in chat.sent
        for ev in m.get("events", [])
        if ev["type"] == "text"
        for _ in decode_marks(ev["marks"])
    ]
    waits = [after - before for before, after in zip(put, sent, strict=True)]
    assert waits[0] == 0
    assert max(waits[:-3]) == pytest.approx(2 / 60, abs=1e-6)
    assert max(waits[-3:]) <= LIMITS.patience + 1e-6


def test_a_delta_never_waits_longer_than_its_patience():
    chat = Chat()
    chat.begin()
    chat.delta("first")
    chat.run(1)
    chat.delta("x")
    put = chat.clock.now
    chat.run(1)
    assert chat.sent[-1][0] == pytest.approx(put + LIMITS.patience)


def test_each_delta_has_its_own_time_and_length():
    chat = Chat()
    chat.begin()
    began = chat.clock.now
    expected = []
    for n, text in enumerate(["a", "", "é𝄞", "x" * 100]):
        chat.clock.now = began + 0.0123 * (n + 1)
        chat.delta(text)
        expected.append((123, {"": 0, "a": 1, "é𝄞": 3}.get(text, 100)))
    chat.run(1)
    marks = "".join(ev["marks"] for f in chat.frames() for ev in f["events"] if ev["type"] == "text")
    assert list(decode_marks(marks)) == expected
    assert TICKS_PER_SECOND == 10_000


def test_from_the_20000th_delta_on_one_mark_stands_for_a_frame():
    chat = Chat()
    chat.begin()
    for _ in range(MARKED_DELTAS + 500):
        chat.delta("ab")
    chat.run(1)
    events = [ev for f in chat.frames() for ev in f["events"] if ev["type"] == "text"]
    marks = list(decode_marks("".join(ev["marks"] for ev in events)))
    assert sum(length for _, length in marks) == 2 * (MARKED_DELTAS + 500)
    assert MARKED_DELTAS < len(marks) <= MARKED_DELTAS + len(events)
    assert events[-1]["thinned"] is True
    assert chat.pages[0].view is not None
    assert chat.pages[0].view.steps[0].thinned


def test_a_frame_is_bounded_and_a_huge_delta_is_cut():
    chat = Chat()
    chat.begin()
    text = "".join(chr(0x4E00 + n % 5000) for n in range(1_000_000))
    chat.delta(text)
    chat.run(10)
    assert "".join(chat.texts()) == text
    assert max(map(len, chat.texts())) == FRAME_TEXT
    assert (
        sum(
            length
            for f in chat.frames()
            for ev in f["events"]
            if ev["type"] == "text"
            for _, length in decode_marks(ev["marks"])
        )
        == 1_000_000
    )


def test_no_more_is_under_way_than_the_window_and_a_late_page_gets_a_trickle():
    chat = Chat()
    chat.begin()
    for _ in range(300):
        chat.delta("x" * 30)
        chat.run(LIMITS.interval, acks=False)
    sent = [at for at, m in chat.sent if m["type"] == "frame"]
    within, beyond = sent[: LIMITS.window_frames], sent[LIMITS.window_frames :]
    assert within[-1] - within[0] < LIMITS.window_frames * LIMITS.interval * 1.1
    assert all(b - a >= LIMITS.trickle - 1e-9 for a, b in pairwise(beyond))
    assert len(beyond) > 10
    chat.pages[0].ack()
    chat.run(1)
    assert chat.pages[0].view is not None
    assert chat.pages[0].view.messages[-1].text == "x" * 9000


def test_the_slowest_page_does_not_hold_up_the_others():
    chat = Chat(pages=2)
    quick = chat.pages[0]
    chat.begin()
    for _ in range(300):
        chat.delta("x" * 30)
        chat.run(LIMITS.interval, acks=False)
        quick.ack()
    assert len(chat.frames()) >= 299
    assert quick.view is not None
    assert quick.view.messages[-1].text == "x" * 9000


def test_a_lost_last_frame_is_announced_until_the_page_has_it():
    chat = Chat()
    chat.begin()
    chat.run(1)
    (page,) = chat.pages
    chat.pages = []
    chat.delta("lost")
    chat.run(0.1)
    chat.pages = [page]
    chat.sent.clear()
    chat.run(LIMITS.heartbeat + 1)
    assert [m["type"] for _, m in chat.sent] == ["heartbeat", "snapshot"]
    assert page.view is not None
    assert page.view.messages[-1].text == "lost"
    chat.sent.clear()
    chat.run(1000)
    assert chat.sent == []


@pytest.mark.parametrize("others", [False, True], ids=["alone", "others went on"])
def test_a_page_that_sleeps_is_forgotten_and_caught_up_when_it_wakes(others):
    chat = Chat()
    chat.begin()
    chat.delta("a")
    chat.pump()
    page = chat.pages.pop()
    chat.run(LIMITS.forget + LIMITS.heartbeat_max + 1)
    chat.sent.clear()
    for _ in range(1000):
        chat.delta("b")
    chat.run(100)
    assert chat.sent == [], "nothing is sent while nobody listens"
    if others:
        Page(chat.outbox, "other")
        chat.run(1)
        chat.outbox.bye("other")
        chat.sent.clear()
    chat.pages.append(page)
    page.ack()
    chat.run(1)
    assert [m["type"] for _, m in chat.sent] == (["snapshot"] if others else ["frame"])
    assert page.view is not None
    assert page.view.messages[-1].text == "a" + "b" * 1000


def test_many_small_events_are_cut_into_frames_too():
    chat = Chat()
    chat.begin()
    for n in range(20_000):  # of two parts by turns: what is of one part is put together
        part = f"items:{n % 2}"
        chat.outbox.put(e.PartDelta(**chat.stamp(), step=1, part=part, kind="items", text=f"{n}\n"))
    chat.run(60)
    assert max(len(frame["events"]) for frame in chat.frames()) < FRAME_TEXT / 100
    assert chat.pages[0].view is not None
    shown = [message.text for message in chat.pages[0].view.messages[-2:]]
    assert shown == ["".join(f"{n}\n" for n in range(first, 20_000, 2)) for first in (0, 1)]


@pytest.mark.parametrize("listening", [False, True], ids=["nobody listens", "a page that acknowledges nothing"])
def test_what_waits_weighs_no_more_than_its_text(listening):
    chat = Chat(pages=int(listening))
    chat.begin()
    count = 200_000
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for n in range(count):
            chat.delta(f"{n:05} ")
            if n % 100 == 0:
                chat.run(0.001, acks=False)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    text = 6 * count
    # The text, the marks of its first deltas, and what runs and frames weigh themselves; the page here holds a copy.
    assert after - before < 2 * text + (2 * text if listening else 0)


def test_frames_are_kept_up_to_a_size_whatever_is_in_them():
    """What a step changed has no text of its own, and may be large."""
    chat = Chat()
    chat.begin()
    changes = [e.StateChange(key=f"k{n}", change="changed", before="x" * 190, after="y" * 190) for n in range(100)]
    for _ in range(200):
        chat.outbox.put(e.StateChanged(**chat.stamp(), step=1, changes=changes))
        chat.run(1)
    frames = chat.outbox.sent(0, chat.outbox.told())
    bodies = [frame.body for frame in frames]
    assert len(bodies) == 200
    kept = [body for body in bodies if body is not None]
    assert bodies[-len(kept) :] == kept
    assert BODIES - 2 * len(kept[-1]) < sum(map(len, kept)) <= BODIES


def test_empty_deltas_weigh_nothing():
    chat = Chat(pages=0)
    chat.begin()
    for _ in range(MARKED_DELTAS):
        chat.delta("")
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(50_000):
            chat.delta("")
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 10_000


def test_many_short_steps_make_no_burst_of_frames():
    chat = Chat()
    chat.begin()
    for step in range(2, 1002):
        chat.outbox.put(e.StepStarted(**chat.stamp(), step=step, action="answer"))
        chat.outbox.put(e.TextDelta(**chat.stamp(), step=step, text="x"))
        chat.run(0.001)
    chat.run(1)
    assert len(chat.frames()) <= 2 * 1.0 / LIMITS.interval + 3
    assert "".join(chat.texts()) == "x" * 1000


def test_an_event_that_the_view_cannot_take_ends_nothing(caplog: pytest.LogCaptureFixture):
    chat = Chat()
    chat.outbox.put(e.TurnCompleted(**chat.stamp()))
    chat.begin()
    chat.delta("Hello")
    chat.run(1)
    assert chat.pages[0].view is not None
    assert chat.pages[0].view.messages[-1].text == "Hello"
    assert "the view cannot take" in caplog.text


def deltas_in(frame: dict[str, Any]) -> int:
    return sum(len(list(decode_marks(ev["marks"]))) for ev in frame["events"] if ev["type"] == "text")


@pytest.mark.parametrize("between", [0.001, 0.0], ids=["a thousand a second", "all at once"])
def test_singly_each_delta_has_a_frame_of_its_own(between: float):
    chat = Chat(limits=SINGLY)
    chat.begin()
    chat.pump()
    chat.sent.clear()
    put: list[float] = []
    for n in range(500):
        chat.clock.now += between
        put.append(chat.clock.now)
        chat.delta(f"{n} ")
        if between:
            chat.run(0)
    chat.run(0)
    assert [(len(frame["events"]), deltas_in(frame)) for frame in chat.frames()] == [(1, 1)] * 500
    assert [at for at, _ in chat.sent] == put
    assert chat.texts() == [f"{n} " for n in range(500)]


def test_singly_no_more_is_under_way_than_the_window_and_the_rest_is_put_together():
    chat = Chat(limits=SINGLY)
    chat.begin()
    chat.pump()
    (page,) = chat.pages
    page.ack()
    chat.sent.clear()
    for _ in range(50_000):
        chat.delta("x")
    chat.run(10, acks=False)
    alone, rest = chat.frames()[: SINGLY.window_frames], chat.frames()[SINGLY.window_frames :]
    assert [deltas_in(frame) for frame in alone] == [1] * SINGLY.window_frames
    assert len(rest) == 1
    assert len(rest[0]["events"]) <= SINGLY.singly + 1
    assert page.view is not None
    assert page.view.messages[-1].text == "x" * 50_000
