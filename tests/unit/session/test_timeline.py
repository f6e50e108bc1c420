"""A turn as a stream, as Python sees it: exact figures of a turn that was made up, and of turns of real chats."""

from __future__ import annotations

import asyncio
import math
import threading
from typing import Any

import msgspec
import pytest

from apps import scripted
from burr_chat_widget import BurrChat, BurrChatError, demo, offline
from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.commands import FramePainted
from burr_chat_widget.protocol.frames import FrameSent
from burr_chat_widget.protocol.marks import decode_marks
from burr_chat_widget.protocol.timeline import FirstDelta, Gap, Lane
from burr_chat_widget.session import Turn, described, figures_of, lane_of, rows_of
from burr_chat_widget.testing import RecordingComm
from support.scripts import script, words
from support.session import PATIENCE


def at(seconds: float) -> dict[str, Any]:
    return {"time": 1000 + seconds, "monotonic": 50 + seconds, "turn": "t1"}


def finished(seconds: float, step: int, action: str, duration: float, **more: Any) -> e.StepFinished:
    return e.StepFinished(**at(seconds), step=step, action=action, status="done", duration=duration, **more)


STREAMED: list[e.TurnEvent] = [
    e.TurnStarted(**at(0), inputs={}, prompt="hi"),
    e.StepStarted(**at(0), step=1, action="prompt"),
    finished(0.25, 1, "prompt", 0.25),
    e.StepStarted(**at(0.25), step=2, action="answer", streaming=True),
    e.TextDelta(**at(0.75), step=2, text="é𝄞"),
    e.PartDelta(**at(0.8), step=2, part="tool", kind="tool-call", text="{}"),
    e.TextDelta(**at(1.0), step=2, text="b"),
    e.TextDelta(**at(2.25), step=2, text="c"),
    finished(2.5, 2, "answer", 2.25, first_delta=0.5, deltas=4),
    e.TurnCompleted(**at(2.5)),
]

AT_ONCE: list[e.TurnEvent] = [
    e.TurnStarted(**at(0), inputs={}, prompt="hi"),
    e.StepStarted(**at(0), step=1, action="answer"),
    e.MessageAdded(**at(2), step=1, role="assistant", text="All of it"),
    finished(2, 1, "answer", 2),
    e.TurnCompleted(**at(2.25)),
]


def recorded(events: list[e.TurnEvent], frames: list[FrameSent] = []) -> Turn:  # noqa: B006 -- it is only read
    turn = Turn("t1", {})
    turn.begin_sending(0, lambda first, last: [f for f in frames if f.first < last and first < f.last])
    for event in events:
        turn.record(event)
    return turn


FRAMES = [
    FrameSent(seq=4, sent=50.01, first=0, last=4),
    FrameSent(seq=5, sent=50.76, first=4, last=5, received=50.77, painted=50.79),
    FrameSent(seq=7, sent=51.25, first=5, last=7, received=51.5),
]


def test_the_figures_of_a_turn_that_streams():
    figures = figures_of(recorded(STREAMED))
    assert (figures.began, figures.ended, figures.status) == (50, 2.5, "completed")
    assert figures.first_delta == FirstDelta(at=0.75, before=0.25, own=0.5, step=2)
    assert figures.first_text == 0.75
    assert (figures.deltas, figures.characters, figures.thinned) == (3, 5, False)
    assert figures.rate == pytest.approx(2 / 1.5)
    assert figures.longest_gap == Gap(seconds=1.25, at=1.0, step=2, delta=2)
    assert [(step.action, step.start, step.end, step.deltas) for step in figures.steps] == [
        ("prompt", 0, 0.25, 0),
        ("answer", 0.25, 2.5, 3),
    ]


def test_the_figures_of_a_turn_that_says_it_at_once():
    figures = figures_of(recorded(AT_ONCE))
    assert (figures.first_delta, figures.first_text, figures.deltas, figures.rate) == (None, 2, 0, None)


def test_the_figures_of_a_turn_in_its_middle():
    figures = figures_of(recorded(STREAMED[:6]))
    assert (figures.ended, figures.status, figures.deltas) == (None, "running", 1)
    assert [step.end for step in figures.steps] == [0.25, None]


def test_the_figures_of_a_turn_into_which_one_has_gone_back():
    figures = figures_of(recorded(STREAMED).up_to(1))
    assert (figures.ended, figures.status, [step.action for step in figures.steps]) == (0.25, "completed", ["prompt"])


def test_every_delta_is_a_row_with_what_is_known():
    rows = rows_of(recorded(STREAMED, FRAMES))
    assert rows == [
        {
            "turn": "t1", "step": 2, "action": "answer", "delta": 0, "text": "é𝄞", "yielded": 0.75, "gap": None,
            "sent": pytest.approx(0.76), "frame": 5, "received": pytest.approx(0.77), "painted": pytest.approx(0.79),
        },
        {
            "turn": "t1", "step": 2, "action": "answer", "delta": 1, "text": "b", "yielded": 1.0, "gap": 0.25,
            "sent": 1.25, "frame": 7, "received": 1.5, "painted": None,
        },
        {
            "turn": "t1", "step": 2, "action": "answer", "delta": 2, "text": "c", "yielded": 2.25, "gap": 1.25,
            "sent": None, "frame": None, "received": None, "painted": None,
        },
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (
            STREAMED,
            "Turn t1 completed after 2.50 s: prompt -> answer.\n"
            "First delta after 750 ms: 250 ms before its step (prompt), 500 ms in answer.\n"
            "3 deltas of text, 5 characters, 1.33 deltas/s; the longest gap 1.25 s, at 1.00 s.\n"
            "2 frames carried them; from a delta's yield, in the median, 130 ms to its sending, 260 ms to its receipt, "
            "40 ms to its being painted.",
        ),
        (
            AT_ONCE,
            "Turn t1 completed after 2.25 s: answer.\nNo deltas: the answer was there at once, after 2.00 s.",
        ),
        (AT_ONCE[:1], "Turn t1 is running: nothing has run.\nNo deltas."),
    ],
)
def test_in_words(events: list[e.TurnEvent], expected: str):
    turn = recorded(events, FRAMES)
    assert described(figures_of(turn), rows_of(turn)) == expected


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(59.99, "59.99 s"), (59.996, "1 min 0 s"), (60, "1 min 0 s"), (119.4, "1 min 59 s"), (119.7, "2 min 0 s")],
)
def test_minutes_have_sixty_seconds(seconds: float, words: str):
    turn = recorded([STREAMED[0], e.TurnCompleted(**at(seconds))])
    assert described(figures_of(turn), rows_of(turn)).startswith(f"Turn t1 completed after {words}:")


def test_a_lane_has_what_a_page_draws():
    lane = lane_of("mine", recorded(STREAMED, FRAMES))
    assert (lane.label, lane.texts, lane.figures) == ("mine", ["", "é𝄞bc"], figures_of(recorded(STREAMED)))
    assert [(frame.seq, frame.first, frame.last) for frame in lane.frames] == [(5, 0, 1), (7, 1, 2)]
    assert [frame.received for frame in lane.frames] == [pytest.approx(0.77), 1.5]
    assert lane_of("other", recorded(AT_ONCE)).texts == ["All of it"]


@pytest.fixture
def chat():
    made = BurrChat(scripted.application())
    yield made
    made.close()


async def test_without_a_front_end(chat: BurrChat):
    turns = [await chat.send(script(deltas=count)) for count in (3, 2)]
    rows = chat.timeline.to_rows()
    assert [(row["turn"], row["delta"]) for row in rows] == [("t1", 0), ("t1", 1), ("t1", 2), ("t2", 0), ("t2", 1)]
    assert "".join(row["text"] for row in rows) == words(3) + words(2)
    assert {row["frame"] for row in rows} == {None}
    assert chat.timeline.to_rows(turns[0]) == rows[:3]
    assert chat.timeline.figures().deltas == 2
    assert chat.timeline.figures(turns[0]).deltas == 3
    assert chat.timeline.describe(turns[0]).startswith("Turn t1 completed after ")


async def test_before_the_first_turn(chat: BurrChat):
    assert chat.timeline.to_rows() == []
    for ask in (chat.timeline.figures, chat.timeline.describe):
        with pytest.raises(BurrChatError, match="no turn has begun yet; send a prompt"):
            ask()


async def watched(chat: BurrChat, prompt: str) -> Turn:
    """A turn while a page looks at it, when that page has all of it."""
    comm = RecordingComm(chat)
    await comm.until(lambda view: view)
    turn = await chat.send(prompt)
    await comm.until(lambda view: view.turns and view.status == "idle")
    return turn


async def test_a_page_s_times_are_in_the_rows(chat: BurrChat):
    turn = await watched(chat, script(deltas=5))
    frames = turn.frames
    seen = [FramePainted(seq=f.seq, received=f.sent + 0.25, painted=f.sent + 0.5) for f in frames]
    chat._session.outbox.painted(seen)
    rows = chat.timeline.to_rows()
    assert len(rows) == 5
    for row in rows:
        assert row["yielded"] <= row["sent"]
        assert (row["received"], row["painted"]) == pytest.approx((row["sent"] + 0.25, row["sent"] + 0.5))


async def test_turns_of_several_chats_beside_each_other():
    streamed, whole = (
        BurrChat(demo.application(offline.client(rate=math.inf, first_token=0), streaming=streaming))
        for streaming in (True, False)
    )
    turns = {"streamed": await streamed.send("What is a delta?"), "whole": await whole.send("What is a delta?")}
    view = streamed.timeline.beside(turns)
    assert (view.view, view.chat) == ("comparison", streamed)
    one, other = (
        Lane(**{**lane, "figures": figures_of(turn)}) for lane, turn in zip(view.lanes, turns.values(), strict=True)
    )
    assert (one.label, other.label) == ("streamed", "whole")
    assert one.texts[-1] == other.texts[-1] == turns["whole"].text
    assert one.marks[-1] != other.marks[-1] == ""
    assert figures_of(turns["whole"]).first_text == figures_of(turns["whole"]).steps[-1].end
    streamed.close()
    whole.close()
    assert view.comm is None


async def test_the_deltas_of_a_sync_action_come_one_by_one_and_are_its_own():
    tokens = threading.Semaphore(0)

    def wait(_seconds: float) -> None:
        assert tokens.acquire(timeout=PATIENCE)

    blocking = BurrChat(demo.application(offline.blocking_client(sleep=wait), sync=True))
    usual = BurrChat(demo.application(offline.client(rate=math.inf, first_token=0)))
    comm = RecordingComm(blocking)

    def marks() -> dict[str, int]:
        """How many deltas of each action the page has."""
        steps = comm.view.steps if comm.view is not None else []
        return {step.action: len(list(decode_marks(step.marks))) for step in steps}

    sending = asyncio.ensure_future(blocking.send("What is a delta?"))
    nothing = {"prompt": 0, "check_safety": 0, "decide_mode": 0}
    for count in (1, 2, 3):
        while not (seen := marks()).get("answer_question", 0) >= count:
            tokens.release()
            await asyncio.sleep(0.005)
        # The action waits for its model, in its own thread: there are no more deltas than the model has said.
        assert not sending.done()
        assert seen == {**nothing, "answer_question": seen["answer_question"]}
    tokens.release(10_000)
    turns = {"sync": await asyncio.wait_for(sending, PATIENCE), "async": await usual.send("What is a delta?")}
    lanes = [lane_of(label, turn) for label, turn in turns.items()]
    one, other = lanes
    assert one.texts == other.texts == ["", "", "", turns["sync"].text]
    assert [len(list(decode_marks(each))) for each in one.marks] == [0, 0, 0, len(turns["sync"].deltas)]
    assert [delta.text for delta in turns["sync"].deltas] == [delta.text for delta in turns["async"].deltas]
    assert {row["action"] for row in rows_of(turns["sync"])} == {"answer_question"}
    blocking.close()
    usual.close()


async def test_a_turn_of_a_fork_knows_the_frames_that_it_had(chat: BurrChat):
    frames = (await watched(chat, script(deltas=3))).frames
    assert frames
    other = chat.fork(chat.checkpoints[-1])
    assert other.turns[0].frames == frames
    other.close()


def test_time_in_which_nothing_ran_is_not_of_the_actions():
    """A person has held the turn between its two actions for five seconds."""
    later = [
        msgspec.structs.replace(event, time=event.time + 5, monotonic=event.monotonic + 5) for event in STREAMED[3:]
    ]
    line = described(figures_of(recorded([*STREAMED[:3], *later])), []).splitlines()[1]
    assert line == (
        "First delta after 5.75 s: 5.25 s before its step (prompt), 5.00 s of it while no action ran, 500 ms in answer."
    )


@pytest.mark.parametrize("what", ["t1", 1, object()])
async def test_what_is_no_turn(what: Any) -> None:
    chat = BurrChat(scripted.application())
    for ask in (chat.timeline.to_rows, chat.timeline.figures, chat.timeline.describe):
        with pytest.raises(TypeError, match="is no turn"):
            ask(what)
    with pytest.raises(TypeError, match="is no turn"):
        chat.timeline.beside({"a": what})
    with pytest.raises(TypeError, match="pass them by name"):
        chat.timeline.beside(what)
    chat.close()
