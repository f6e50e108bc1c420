"""Hypothesis strategies for what a session may tell: sequences of events that follow the order of protocol/events.py."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hypothesis import strategies as st

from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.fold import new_view
from burr_chat_widget.protocol.frames import (
    Accepted,
    BranchesChanged,
    ComposerChanged,
    ControlsChanged,
    Refused,
    Remark,
)
from burr_chat_widget.protocol.graph import ActionInfo, Graph, TransitionInfo
from burr_chat_widget.protocol.view import BranchInfo, Breakpoint, Composer, Field, Session, View

ACTIONS = ("prompt", "decide", "answer")

GRAPH = Graph(
    entrypoint="prompt",
    actions=[ActionInfo(name=name, terminal=name == "answer") for name in ACTIONS],
    transitions=[
        TransitionInfo(from_action="prompt", to_action="decide"),
        TransitionInfo(from_action="decide", to_action="answer", condition="safe=True"),
        TransitionInfo(from_action="decide", to_action="prompt"),
        TransitionInfo(from_action="answer", to_action="prompt"),
        TransitionInfo(from_action="answer", to_action="answer", condition="again=True"),
    ],
)

composers = st.one_of(
    st.builds(Composer, input=st.none() | st.just("q"), ask=st.none() | st.just("What?")),
    st.builds(Composer, ended=st.just(True), enabled=st.just(False)),
    st.builds(
        Composer, action=st.sampled_from(ACTIONS), fields=st.just([Field(name="amount", kind="integer", default=3)])
    ),
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def first_view() -> View:
    """The view of a chat in which nothing has happened."""
    return new_view(
        Session(title="Chat", app_id="app", model="a model", suggestions=["Hello"]),
        GRAPH,
        Composer(input="prompt"),
        next_action="prompt",
    )


@dataclass
class _Clock:
    now: float = 1000.0

    def tick(self, seconds: float) -> float:
        self.now += seconds
        return self.now


@st.composite
def turns(draw: st.DrawFn, *, most: int = 4) -> list[e.TurnEvent | Remark]:
    """The events of some turns, one after the other."""
    clock = _Clock()
    told: list[e.TurnEvent | Remark] = []
    step = 0
    for number in range(draw(st.integers(0, most))):
        turn = f"t{number}"
        ended = [t.turn for t in told if isinstance(t, e.TurnStarted)]

        def stamp(turn: str = turn) -> dict[str, object]:
            now = clock.tick(draw(st.sampled_from([0.0, 0.0001, 0.02, 3.0])))
            return {"time": now, "monotonic": now, "turn": turn}

        told.append(
            e.TurnStarted(
                **stamp(),
                inputs={},
                prompt=draw(st.none() | texts),
                next_action=draw(st.none() | st.sampled_from(ACTIONS)),
                request=draw(st.none() | st.just(f"r{number}")),
                replaces=draw(st.none() | st.sampled_from(ended)) if ended else None,
                siblings=[*ended, turn] if draw(st.booleans()) else [],
                editable=draw(st.booleans()),
            )
        )
        for _ in range(draw(st.integers(0, 3))):
            step += 1
            if draw(st.booleans()):
                told += _pause(draw, stamp, "action")
            told += _step(draw, stamp, step)
        if draw(st.booleans()):
            told.append(e.Notice(**stamp(), level="info", text=draw(texts)))
        told.append(_end(draw, stamp))
        if draw(st.booleans()):
            told.append(ComposerChanged(**stamp(""), composer=draw(composers)))
        if draw(st.booleans()):
            breakpoints = [Breakpoint(action=draw(st.sampled_from(ACTIONS)))]
            pace, fault = draw(st.sampled_from([0.0, 0.25])), draw(st.sampled_from([None, "stall"]))
            told.append(
                ControlsChanged(
                    **stamp(""), pausing=draw(st.booleans()), breakpoints=breakpoints, pace=pace, fault=fault
                )
            )
        if draw(st.booleans()):
            told.append(BranchesChanged(**stamp(""), branches=[BranchInfo(key="b1", app_id="app", turn=turn)]))
        if draw(st.booleans()):
            told.append(Accepted(**stamp(""), request=f"a{number}"))
        if draw(st.booleans()):
            wrong = draw(st.dictionaries(st.just("amount"), texts))
            told.append(Refused(**stamp(""), request=f"r{number}", reason=draw(texts), fields=wrong))
    return told


def _step(draw: st.DrawFn, stamp, step: int) -> list[e.TurnEvent]:
    action = draw(st.sampled_from(ACTIONS))
    told: list[e.TurnEvent] = [
        e.StepStarted(**stamp(), step=step, action=action, streaming=True, inputs={"prompt": "'a'"})
    ]
    for kind in draw(
        st.lists(
            st.sampled_from(["text"] * 6 + ["replaced", "part", "part", "data", "notice", "span", "span"]), max_size=12
        )
    ):
        match kind:
            case "text":
                told.append(e.TextDelta(**stamp(), step=step, text=draw(texts)))
            case "replaced":
                told.append(e.TextReplaced(**stamp(), step=step, text=draw(texts)))
            case "part":
                kind = draw(st.sampled_from(["reasoning", "tool-call", "items"]))
                told.append(
                    e.PartDelta(
                        **stamp(),
                        step=step,
                        part=kind,
                        kind=kind,
                        text=draw(texts),
                        keep=draw(st.sampled_from([None, None, 0])),
                        name=draw(st.none() | st.just("search")),
                        call=draw(st.none() | st.just("call1")),
                    )
                )
            case "data":
                kind = draw(st.sampled_from(["data", "progress"]))
                text = json.dumps(draw(st.dictionaries(st.sampled_from("abc"), texts)))
                told.append(e.PartDelta(**stamp(), step=step, part=kind, kind=kind, text=text, keep=0))
            case "notice":
                told.append(e.Notice(**stamp(), level="warning", text=draw(texts), step=step))
            case "pause":
                told += _pause(draw, stamp, "delta")
            case "span":
                told += _span(draw, stamp, step, sum(isinstance(t, e.SpanStarted) for t in told) + 1)
    status = draw(st.sampled_from(["done", "done", "stopped", "failed"]))
    if status == "done":
        change = e.StateChange(key="k", change="changed", before="1", after=draw(texts))
        told.append(e.StateChanged(**stamp(), step=step, changes=[change]))
        if draw(st.booleans()):
            kind = draw(st.sampled_from(["text", "code", "tool-call", "tool-result", "tool-result"]))
            call = draw(st.sampled_from(["call1", "call2"])) if kind.startswith("tool") else None
            told.append(
                e.MessageAdded(
                    **stamp(), step=step, role="assistant", text=draw(texts), kind=kind, name=call, call=call
                )
            )
    told.append(e.StepFinished(**stamp(), step=step, action=action, status=status, duration=0.5, deltas=3))
    if status == "done":
        out = [t for t in GRAPH.transitions if t.from_action == action]
        taken = draw(st.integers(0, len(out) - 1))
        told.append(
            e.TransitionTaken(
                **stamp(),
                step=step,
                from_action=action,
                to_action=out[taken].to_action,
                conditions=[
                    e.ConditionResult(to=t.to_action, condition=t.condition, outcome=n == taken, taken=n == taken)
                    for n, t in enumerate(out)
                ],
            )
        )
    return told


def _pause(draw: st.DrawFn, stamp, at: str) -> list[e.TurnEvent]:
    """The turn is held, and mostly goes on."""
    paused = e.TurnPaused(
        **stamp(),
        at=at,
        reason=draw(st.sampled_from(["pause", "step", "breakpoint"])),
        next_action=draw(st.none() | st.sampled_from(ACTIONS)),
        conditions=draw(st.just([]) | st.just([e.ConditionResult(to="answer", condition="a=1", outcome=True)])),
    )
    return [paused, e.TurnResumed(**stamp())] if draw(st.booleans()) else [paused]


def _span(draw: st.DrawFn, stamp, step: int, span: int) -> list[e.TurnEvent]:
    """A further span, which may stay open, and attributes of it, of the one before or of the step."""
    parent = draw(st.sampled_from([None, *range(1, span)]))
    values = st.dictionaries(st.sampled_from(["a", "__proto__"]), texts)
    told: list[e.TurnEvent] = [
        e.SpanStarted(
            **stamp(), step=step, span=span, parent=parent, name=draw(texts), given=draw(values),
            kind=draw(st.sampled_from(["application", "action", "span"])),
        )
    ]  # fmt: skip
    if draw(st.booleans()):
        told.append(
            e.AttributesLogged(**stamp(), step=step, span=draw(st.sampled_from([None, span])), attributes=draw(values))
        )
    if draw(st.booleans()):
        change = e.StateChange(key="k", change="added", after=draw(texts))
        status = draw(st.sampled_from(["done", "stopped", "failed"]))
        error = draw(texts) if status == "failed" else None
        told.append(
            e.SpanFinished(
                **stamp(), step=step, span=span, status=status, duration=0.25, deltas=1, changes=[change], error=error
            )
        )
    return told


def _end(draw: st.DrawFn, stamp) -> e.TurnEvent:
    next_action = draw(st.none() | st.sampled_from(ACTIONS))
    error = e.TurnError(kind="ValueError", message="no", action=draw(st.none() | st.sampled_from(ACTIONS)))
    return draw(
        st.sampled_from(
            [
                e.TurnCompleted(**stamp(), next_action=next_action),
                e.TurnStopped(**stamp(), next_action=next_action),
                e.TurnFailed(**stamp(), error=error, next_action=next_action),
            ]
        )
    )
