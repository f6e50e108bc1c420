"""A view that is trimmed is the view as it was: what the fold makes of the events up to there."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.trim import trim_after_step, trim_from_turn
from burr_chat_widget.protocol.view import View
from burr_chat_widget.transport.outbox import Outbox
from support.events import first_view, turns

Told = list[Any]


@st.composite
def tellings(draw: st.DrawFn) -> Told:
    """Turns of which none is taken back, and where no call is answered in a later step."""
    told: Told = []
    for event in draw(turns(most=4)):
        if isinstance(event, e.TurnStarted):
            event = msgspec.structs.replace(event, replaces=None)
        if not (isinstance(event, e.MessageAdded) and event.kind == "tool-result"):
            told.append(event)
    return told


def folded(told: Told) -> View:
    outbox = Outbox(first_view())
    for event in told:
        outbox.put(event)
    return outbox.view()


def seen(view: View) -> dict[str, Any]:
    """What a trimmed view has of one as it was."""
    return {
        "turns": [(turn.key, turn.status, turn.prompt) for turn in view.turns],
        "steps": msgspec.to_builtins(view.steps),
        "messages": [msgspec.to_builtins(message) for message in view.messages if not message.key.endswith(":remark")],
        "visits": {name: node.visits for name, node in view.nodes.items()},
        "taken": view.taken,
        "decisions": msgspec.to_builtins(view.decisions),
        "held": view.held,
        "status": view.status,
    }


@given(told=tellings(), data=st.data())
def test_after_a_step(told: Told, data: st.DataObject) -> None:
    done = [n for n, event in enumerate(told) if isinstance(event, e.StepFinished) and event.status == "done"]
    assume(done)
    at = data.draw(st.sampled_from(done))
    step, turn = told[at].step, told[at].turn
    of_turn = [event for event in told if event.turn == turn]
    ended = [event for event in of_turn if isinstance(event, e.StepFinished)]
    assume(all(event.status == "done" for event in ended if event.step <= step))  # a turn ends where a step did not
    last = of_turn[-1]
    if isinstance(last, e.TurnCompleted) and ended[-1].step == step:
        upto = told[: told.index(last) + 1]
    else:
        upto = told[: at + 2]  # with the transition
        now = {"time": 0.0, "monotonic": told[at + 1].monotonic, "turn": turn}
        upto = [*upto, e.TurnCompleted(**now)]
    view = folded(told)
    trim_after_step(view, step, remark="Rewound.")
    assert seen(view) == seen(folded(upto))
    assert [m.text for m in view.messages if m.key.endswith(":remark")] == ["Rewound."]
    assert view.turns[-1].ended is not None
    again = msgspec.convert(msgspec.to_builtins(view), View)
    trim_after_step(again, step, remark="Rewound.")
    assert again == view


@given(told=tellings(), data=st.data())
def test_before_a_turn(told: Told, data: st.DataObject) -> None:
    begins = [n for n, event in enumerate(told) if isinstance(event, e.TurnStarted)]
    assume(begins)
    at = data.draw(st.sampled_from(begins))
    view = folded(told)
    trim_from_turn(view, told[at].turn)
    assert seen(view) == seen(folded(told[:at]))
