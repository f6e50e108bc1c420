"""As much of a conversation as there is room for."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from burr_chat_widget.protocol.events import StepStarted, TurnStarted
from burr_chat_widget.protocol.fold import fold
from burr_chat_widget.protocol.view import Breakpoint, Message, Step, Turn, View
from burr_chat_widget.saved.excerpt import encoded, end, shorten, size
from support.events import first_view, turns


def long_view(count: int, text: str = "x" * 1000) -> View:
    """So many turns, each a prompt, a step and an answer."""
    view = first_view()
    for n in range(count):
        view.turns.append(Turn(key=f"t{n}", status="completed", started=float(n), ended=n + 0.5))
        view.steps.append(Step(turn=f"t{n}", step=n, action="answer", started=float(n), status="done", marks="AB" * 50))
        view.messages.append(Message(key=f"t{n}:prompt", turn=f"t{n}", role="user", text=f"question {n}"))
        view.messages.append(Message(key=f"t{n}:1", turn=f"t{n}", role="assistant", text=text, step=n))
    return view


@given(turns())
def test_what_fits_stays_as_it_is(events: list):
    view = first_view()
    for event in events:
        fold(view, event)
    end(view)
    before = encoded(view)
    assert shorten(view, 10_000_000) == 0
    assert encoded(view) == before


@given(st.integers(0, 60), st.integers(5_000, 60_000))
def test_it_never_takes_more_and_the_newest_stays(count: int, room: int):
    view = long_view(count)
    left_out = shorten(view, room)
    assert size(view) <= room
    assert left_out == 2 * count - len(view.messages)
    assert count == 0 or view.messages[-1].turn == f"t{count - 1}"
    assert [turn.key for turn in view.turns] == sorted(
        {part.turn for part in (*view.messages, *view.steps)}, key=_place
    )


def _place(key: str) -> int:
    return int(key[1:])


def test_a_text_that_is_too_long_is_cut_and_says_so():
    view = long_view(1, "y" * 100_000)
    view.messages[-1].result = "z" * 100_000
    assert shorten(view, 40_000) == 0
    assert len(view.messages[-1].text) == 5_000
    assert view.messages[-1].notices == ["95,000 more characters are left out here."]
    assert len(view.messages[-1].result or "") == 5_001
    shorten(view, 8_000)
    assert view.messages[-1].notices == ["99,000 more characters are left out here."]


def test_code_of_actions_goes_before_what_was_said():
    view = long_view(3)
    actions = [type(action)(name=action.name, source="#" * 50_000) for action in view.graph.actions]
    view.graph = type(view.graph)(entrypoint="prompt", actions=actions, transitions=view.graph.transitions)
    assert shorten(view, 50_000) == 0
    assert [action.source for action in view.graph.actions] == [None] * len(actions)


def test_half_a_pair_of_surrogates_is_kept_as_it_is():
    assert encoded({"text": "\ud83d"}) == b'{"text":"\\ud83d"}'
    parts = [msgspec.Raw(encoded("\ud83d")), msgspec.Raw(b"1")]
    assert encoded({"parts": parts, "text": "\ud83d"}) == b'{"parts":["\\ud83d",1],"text":"\\ud83d"}'


def test_nothing_runs_in_what_is_kept_and_nothing_can_be_asked_for():
    view = first_view()
    stamp = {"time": 5.0, "monotonic": 7.0, "turn": "t1"}
    fold(view, TurnStarted(**stamp, inputs={}, prompt="go", next_action="prompt", request="r1"))  # pyright: ignore[reportArgumentType]
    fold(view, StepStarted(**stamp, step=1, action="prompt", streaming=False, inputs={}))  # pyright: ignore[reportArgumentType]
    view.session.suggestions, view.session.faults = ["Try this"], ["stall"]
    view.pausing, view.pace, view.fault = True, 2.0, "stall"
    view.breakpoints = [Breakpoint(action="prompt")]
    view.turns[0].siblings, view.turns[0].editable = ["t1", "t2"], True
    end(view)
    assert (view.status, view.turns[0].status, view.steps[0].status) == ("idle", "stopped", "stopped")
    assert view.turns[0].ended == pytest.approx(7.0)
    said = [words for message in view.messages for words in (message.text, *message.notices)]
    assert any("when it was saved" in words for words in said)
    assert not any([view.session.suggestions, view.session.faults, view.pausing, view.pace, view.fault])
    assert not any([view.breakpoints, view.branches, view.accepted, view.refused])
    assert (view.turns[0].siblings, view.turns[0].editable, view.turns[0].request) == ([], False, None)
