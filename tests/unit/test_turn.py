"""A turn as Python sees it."""

from __future__ import annotations

import pytest

from apps import loops
from burr_chat_widget import BurrChat
from burr_chat_widget.jupyter.words import told
from burr_chat_widget.protocol import events as e
from burr_chat_widget.session import Delta, Turn


def stamp(seconds: float) -> dict:
    return {"time": 1_700_000_000 + seconds, "monotonic": 50 + seconds, "turn": "t1"}


@pytest.fixture
def turn() -> Turn:
    turn = Turn("t1", {"prompt": "hi"})
    turn.record(e.TurnStarted(**stamp(0), inputs={}, prompt="hi"))
    turn.record(e.StepStarted(**stamp(0.1), step=4, action="answer"))
    return turn


def test_deltas_have_text_and_time(turn: Turn):
    turn.record(e.TextDelta(**stamp(0.5), step=4, text="é𝄞"))
    turn.record(e.TextDelta(**stamp(0.5), step=4, text=""))
    turn.record(e.TextDelta(**stamp(1.25), step=4, text="b"))
    assert list(turn.deltas) == [Delta("é𝄞", 0.5), Delta("", 0.5), Delta("b", 1.25)]
    assert turn.deltas[-1] == Delta("b", 1.25)
    assert turn.deltas[:2] == [Delta("é𝄞", 0.5), Delta("", 0.5)]
    with pytest.raises(IndexError):
        turn.deltas[3]
    assert turn.text == "é𝄞b"
    assert turn.started == 1_700_000_000


def test_many_deltas_are_kept_as_one_text(turn: Turn):
    for n in range(10_000):
        turn.record(e.TextDelta(**stamp(n), step=4, text=f"{n} "))
    assert len(turn.deltas) == 10_000
    assert turn.deltas[9_999] == Delta("9999 ", 9_999)
    assert turn.deltas[0] == Delta("0 ", 0)
    assert [delta.text for delta in turn.deltas] == [f"{n} " for n in range(10_000)]


def test_text_is_what_was_said_in_order(turn: Turn):
    turn.record(e.TextDelta(**stamp(1), step=4, text="draft"))
    turn.record(e.TextReplaced(**stamp(2), step=4, text="final"))
    turn.record(e.TextDelta(**stamp(2), step=4, text=", and more"))
    turn.record(e.MessageAdded(**stamp(2), step=4, role="assistant", text="aside"))
    turn.record(e.StepStarted(**stamp(3), step=5, action="again"))
    turn.record(e.TextDelta(**stamp(3), step=5, text="bye"))
    assert turn.text == "final, and more\n\naside\n\nbye"
    assert turn.actions == ["answer", "again"]


def test_a_text_that_is_replaced_late_keeps_its_place(turn: Turn):
    turn.record(e.TextDelta(**stamp(1), step=4, text="draft"))
    turn.record(e.MessageAdded(**stamp(2), step=4, role="assistant", text="aside"))
    turn.record(e.TextReplaced(**stamp(3), step=4, text="final"))
    turn.record(e.TextDelta(**stamp(4), step=4, text=", and more"))
    assert turn.text == "final, and more\n\naside"


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (e.TurnCompleted(**stamp(1)), "completed"),
        (e.TurnStopped(**stamp(1)), "stopped"),
        (e.TurnFailed(**stamp(1), error=e.TurnError(kind="E", message="no")), "failed"),
    ],
)
def test_status(turn: Turn, end: e.TurnEvent, status: str):
    assert turn.status == "running"
    turn.record(end)
    assert turn.status == status
    assert (turn.error is not None) == (status == "failed")
    assert status in repr(turn)


def test_the_text_of_a_turn_is_what_was_said_in_it():
    """Not what was thought, called or drawn."""
    turn = Turn("t1", {})
    at = {"time": 1.0, "monotonic": 1.0, "turn": "t1", "step": 1}
    turn.record(e.PartDelta(**at, part="reasoning:1", kind="reasoning", text="Hm."))
    turn.record(e.TextDelta(**at, text="It is clear."))
    for kind, text in (("tool-call", "{}"), ("image", "https://x/y.png"), ("data", "{}"), ("code", "x = 1")):
        turn.record(e.MessageAdded(**at, role="assistant", text=text, kind=kind))
    assert turn.text == "It is clear.\n\nx = 1"


async def test_of_a_turn_that_loops_the_last_actions_are_named() -> None:
    chat = BurrChat(loops.application())
    turn = await chat.send("3")
    assert repr(turn) == "<Turn t1 completed: start -> count -> count -> count -> say, 3 deltas>"
    assert told(turn) == "The turn is completed: start -> count -> count -> count -> say"
    turn = await chat.send("100")
    way = f"(82 before) -> {'count -> ' * 19}say"
    assert repr(turn) == f"<Turn t2 completed: {way}, 100 deltas>"
    assert told(turn) == f"The turn is completed: {way}"
    chat.close()
