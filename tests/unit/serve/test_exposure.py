"""What leaves the process: every field of everything that clients are told is decided on."""

from __future__ import annotations

import re
from typing import Any, get_args

import msgspec
import pytest
from msgspec import inspect as types

from burr_chat_widget.errors import ConversationMoved, MissingInput, StoreError, TransitionError
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol import frames as f
from burr_chat_widget.protocol.view import Message, View
from burr_chat_widget.serve import EXPOSABLE, Exposure
from burr_chat_widget.serve.permitted import why_not

TOLD = [*get_args(e.TurnEvent), *get_args(f.Remark)]

# By the struct: the fields that clients see only where that is named. `SHOWN` are all others, which everybody sees. A new field
# stands in neither, and fails the test: decide, here and in `Exposure`, whether it may hold a value of the state, what an exception
# has said, or anything else that is the server's own.
HIDDEN: dict[str, dict[str, str]] = {
    "TurnStarted": {"inputs": "state"},
    "StepStarted": {"inputs": "state"},
    "SpanStarted": {"given": "state"},
    "SpanFinished": {"error": "tracebacks"},
    "AttributesLogged": {"attributes": "state"},
    "StateChange": {"before": "state", "after": "state"},
    "ConditionResult": {"values": "state", "error": "tracebacks"},
    "TurnPaused": {"error": "tracebacks"},
    "Notice": {"text": "tracebacks"},  # of a warning
    "TurnError": {"kind": "tracebacks", "message": "tracebacks", "remedy": "tracebacks", "traceback": "tracebacks"},
    "ControlsChanged": {"pausing": "stepping", "breakpoints": "stepping", "pace": "stepping", "fault": "stepping"},
    "Composer": {"hint": "tracebacks"},  # where it says why the application cannot go on
    "ActionInfo": {"source": "source"},
    "Session": {"model": "state", "faults": "stepping"},  # of the model where it is; its name is seen
    "Held": {"error": "tracebacks"},
    "Step": {"inputs": "state", "attributes": "state"},
    "Span": {"given": "state", "attributes": "state", "error": "tracebacks"},
    "Message": {"notices": "tracebacks"},
    "View": {"pausing": "stepping", "breakpoints": "stepping", "pace": "stepping", "fault": "stepping"},
}
SHOWN: dict[str, set[str]] = {
    "TurnStarted": {"prompt", "next_action", "request", "replaces", "siblings", "editable"},
    "StepStarted": {"step", "action", "streaming"},
    "TextDelta": {"step", "text"},
    "TextReplaced": {"step", "text"},
    "PartDelta": {"step", "part", "kind", "text", "keep", "tail", "times", "name", "call"},
    "MessageAdded": {"step", "role", "text", "kind", "name", "call"},
    "SpanStarted": {"step", "span", "kind", "name", "parent"},
    "SpanFinished": {"step", "span", "status", "duration", "deltas", "changes"},
    "AttributesLogged": {"step", "span"},
    "StateChange": {"key", "change"},
    "StateChanged": {"step", "changes"},
    "StepFinished": {"step", "action", "status", "duration", "first_delta", "deltas"},
    "ConditionResult": {"to", "condition", "outcome", "taken"},
    "TransitionTaken": {"step", "from_action", "to_action", "conditions"},
    "TurnPaused": {"at", "reason", "breakpoint", "after", "next_action", "needs", "conditions"},
    "TurnResumed": set(),
    "Notice": {"level", "step"},
    "TurnError": {"action"},
    "TurnCompleted": {"next_action", "needs"},
    "TurnStopped": {"next_action"},
    "TurnFailed": {"error", "next_action"},
    "ComposerChanged": {"composer"},
    "ControlsChanged": set(),
    "BranchesChanged": {"branches"},
    "Accepted": {"request"},
    "Refused": {"request", "reason", "fields"},  # the reason was made by `Exposure.words`
    "Field": {"name", "kind", "required", "default", "choices", "fields", "labels", "description"},
    "Composer": {"action", "after", "conditions", "input", "fields", "ask", "enabled", "ended", "away", "goes_on"},
    "Breakpoint": {"action", "when", "condition"},
    "BranchInfo": {"key", "app_id", "parent", "turn", "prompt", "base", "shared", "actions"},
    "Session": {"withheld", "title", "app_id", "suggestions", "recording"},
    "ActionInfo": {
        "name", "reads", "writes", "inputs", "optional_inputs", "tags", "streaming", "terminal", "docstring",
    },
    "TransitionInfo": {"from_action", "to_action", "condition"},
    "Graph": {"entrypoint", "actions", "transitions"},
    "Node": {"status", "visits"},
    "Held": {"at", "reason", "breakpoint", "after", "next_action", "needs", "conditions"},
    "Turn": {"key", "status", "started", "prompt", "request", "ended", "siblings", "editable"},
    "Span": {"span", "kind", "name", "started", "parent", "status", "duration", "deltas", "changes"},
    "Step": {
        "turn", "step", "action", "started", "status", "duration", "first_delta", "deltas", "streaming", "changes", "decision",
        "spans", "marks", "thinned", "by_hand",
    },
    "Message": {
        "key", "turn", "role", "text", "kind", "name", "call", "result", "status", "action", "step", "revision", "error",
    },
    "Refusal": {"request", "reason", "fields"},
    "View": {
        "session", "graph", "composer", "nodes", "taken", "status", "held", "turns", "steps", "messages", "decisions", "branch",
        "branches", "accepted", "refused",
    },
}  # fmt: skip

STAMP = {"time", "monotonic", "turn"}


def structs(kind: Any, seen: dict[str, Any]) -> dict[str, Any]:
    """That struct and those that it is made of, by name."""
    info = kind if isinstance(kind, types.Type) else types.type_info(kind)
    if isinstance(info, types.StructType):
        if info.cls.__name__ not in seen:
            seen[info.cls.__name__] = info.cls
            for field in info.fields:
                structs(field.type, seen)
    elif isinstance(info, types.UnionType):
        for each in info.types:
            structs(each, seen)
    elif isinstance(info, types.ListType):
        structs(info.item_type, seen)
    elif isinstance(info, types.DictType):
        structs(info.value_type, seen)
    return seen


def test_every_field_is_decided_on() -> None:
    found: dict[str, Any] = {}
    for kind in (*TOLD, View):
        structs(kind, found)
    fields = {
        name: set(cls.__struct_fields__) - (STAMP if issubclass(cls, e.Event) else set()) for name, cls in found.items()
    }
    decided = {name: SHOWN.get(name, set()) | {*HIDDEN.get(name, {})} for name in {*SHOWN, *HIDDEN}}
    assert fields == decided


def filled(info: Any, mark: str, **given: Any) -> Any:
    """A value of that type in which each text says which field it stands in."""
    match info:
        case types.StructType():
            name = info.cls.__name__
            return info.cls(
                **{
                    field.name: given.get(field.name, filled(field.type, f"<{name}.{field.name}>"))
                    for field in info.fields
                }
            )
        case types.UnionType():
            return filled(next(each for each in info.types if not isinstance(each, types.NoneType)), mark)
        case types.ListType() if isinstance(info.item_type, types.StructType) and mark == "<Field.fields>":
            return []  # a field in a field
        case types.ListType():
            return [filled(info.item_type, mark)]
        case types.DictType():
            return {"key": filled(info.value_type, mark)}
        case types.StrType() | types.AnyType():
            return f"gpt at {mark}" if mark == "<Session.model>" else mark
        case types.LiteralType():
            return "warning" if "warning" in info.values else info.values[0]
        case types.BoolType():
            return mark.endswith(".pausing>")
        case types.IntType() | types.FloatType():
            return 1


def marks(value: Any) -> set[str]:
    return set(re.findall(r"<(\w+\.\w+)>", msgspec.json.encode(value).decode()))


def seen(value: Any, names: Any) -> Any:
    exposure = Exposure(names)
    return (
        exposure.view(msgspec.convert(msgspec.to_builtins(value), View))
        if isinstance(value, View)
        else exposure.event(value)
    )


def samples() -> list[Any]:
    return [pytest.param(filled(types.type_info(kind), ""), id=kind.__name__) for kind in (*TOLD, View)]


@pytest.mark.parametrize("names", [(), *((name,) for name in EXPOSABLE), EXPOSABLE], ids=lambda names: "-".join(names))
@pytest.mark.parametrize("told", samples())
def test_what_is_not_named_stays(told: Any, names: tuple[str, ...]) -> None:
    """Each text that is hidden is gone, each other one is there; with the names that hide it, it is there too."""

    def goes_out(mark: str) -> bool:
        struct, field = mark.split(".")
        if struct == "Breakpoint":
            return "stepping" in names
        return HIDDEN.get(struct, {}).get(field) in (None, *names)

    assert marks(seen(told, names)) == {mark for mark in marks(told) if goes_out(mark)}


def test_nothing_is_changed_where_all_is_named() -> None:
    for told in samples():
        assert seen(told.values[0], EXPOSABLE) == told.values[0]


@pytest.mark.parametrize("kind", [f.ControlsChanged, View])
def test_what_is_set_for_stepping_is_not_seen_without_it(kind: Any) -> None:
    told: Any = seen(filled(types.type_info(kind), ""), ())
    assert (told.pausing, told.breakpoints, told.pace, told.fault) == (False, [], 0.0, None)


def test_an_exception_is_told_of_in_plain_words_and_with_a_reference() -> None:
    stamp = {"time": 1.0, "monotonic": 1.0, "turn": "t9"}
    error = e.TurnError(kind="KeyError", message="'api_key'", action="answer", traceback="Traceback ... 'api_key'")
    told: Any = Exposure().event(e.TurnFailed(**stamp, error=error, next_action="prompt"))
    assert told.error == e.TurnError(
        kind="Error",
        message="Something went wrong in the application. The server's log has it under t9.",
        action="answer",
    )
    assert told.next_action == "prompt"


def test_what_this_package_says_of_itself_goes_out_but_not_what_only_has_its_name() -> None:
    ours = e.TurnError(kind="MissingInput", message="action 'a' needs input 'b'", remedy="pass it")
    assert Exposure().error(ours, "t1") is ours
    theirs = e.TurnError(kind="MissingInput", message="password=hunter2", traceback="Traceback")
    assert "hunter2" not in Exposure().error(theirs, "t1").message
    store = e.TurnError(kind="StoreError", message="the store at postgresql://db.internal cannot be opened")
    told = Exposure().error(store, "t1")
    assert (told.message, told.remedy) == (
        "What was said could not be kept. The server's log says why, under t1.",
        "Send the prompt again later.",
    )
    moved = e.TurnError(kind="ConversationMoved", message="Run the cell with BurrChat.open(...) again")
    assert Exposure().error(moved, "t1").message == "The conversation was continued elsewhere meanwhile: ask again."


def test_remarks_of_ours_stay_in_a_view_and_others_go() -> None:
    view: Any = filled(types.type_info(View), "")
    said = {"earlier:3": "earlier", "t1:remark": "t1", "t1:n": "t1"}
    view.messages = [
        Message(key=key, turn=turn, role="assistant", kind="notice", text=f"{key} said", notices=["it raised x"])
        for key, turn in said.items()
    ]
    told = Exposure().view(view)
    assert [message.text for message in told.messages] == [
        "earlier:3 said",
        "t1:remark said",
        "Something went wrong here. The server's log has it under t1.",
    ]
    assert "raised" not in msgspec.json.encode(told).decode()


def test_words_for_what_was_refused() -> None:
    exposure = Exposure()
    assert exposure.words(MissingInput("action 'a' needs input 'b'")) == "action 'a' needs input 'b'"
    assert "hunter2" not in exposure.words(RuntimeError("hunter2"))
    assert "internal" not in exposure.words(StoreError("db.internal is away"))
    assert "BurrChat" not in exposure.words(ConversationMoved("run BurrChat.open(...) again"))
    assert "hunter2" not in exposure.words(TransitionError("the condition 'c' cannot be evaluated: hunter2"))
    assert "hunter2" in Exposure(["tracebacks"]).words(RuntimeError("hunter2"))


def command(kind: type[Any], **fields: Any) -> Any:
    needed = {"client": "page", "request": "r1", "turn": "t1", "step": 1, "action": "a", "seconds": 1, "fault": None}
    needed |= {"seq": 1, "name": "math", "frames": []}
    return kind(**{name: value for name, value in needed.items() if name in kind.__struct_fields__} | fields)


NEEDS: dict[type[Any], str | None] = {
    **dict.fromkeys((c.Hello, c.Ack, c.Bye, c.Send, c.Stop, c.Retry, c.Restart, c.Log, c.Asset, c.Painted, c.Prefer)),
    **dict.fromkeys((c.Pause, c.Resume, c.StepAction, c.StepDelta, c.SetBreakpoint, c.SetPace, c.SetFault), "stepping"),
    **dict.fromkeys((c.Rewind, c.Fork, c.Switch), "history"),
    c.Inspect: "state",
}


@pytest.mark.parametrize("kind", get_args(c.Command), ids=lambda kind: kind.__name__)
def test_every_command_is_decided_on(kind: type[Any]) -> None:
    name = NEEDS[kind]
    asked = command(kind)
    refused = why_not(asked, ())
    assert (refused is None) == (name is None)
    if name is not None:
        assert refused == f"This server does not do that for its clients: it has no expose={name!r}."
        assert why_not(asked, [name]) is None


def test_the_state_is_changed_by_those_only_who_see_it() -> None:
    edited = command(c.Rewind, edits=[c.Edit(path=["mode"], value="x")])
    assert why_not(edited, ["history"]) is not None
    assert why_not(edited, ["state"]) is not None
    assert why_not(edited, ["history", "state"]) is None


def test_a_retry_that_begins_a_branch_needs_the_history() -> None:
    assert why_not(command(c.Retry), (), branches=True) is not None
    assert why_not(command(c.Retry), ["history"], branches=True) is None


def test_a_name_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="'states', which is not known; there are 'state', 'tracebacks'"):
        Exposure(["states"])


def test_a_view_that_is_taken_anew_has_the_notices_that_clients_were_told() -> None:
    exposure = Exposure()
    stamp: Any = {"time": 1.0, "monotonic": 1.0, "turn": "t1"}
    exposure.event(e.Notice(**stamp, level="info", text="nothing streams here"))
    exposure.event(e.Notice(**stamp, level="warning", text="it raised: secret"))
    view: Any = filled(types.type_info(View), "")
    view.messages = [
        Message(key="a", turn="t1", role="assistant", notices=["nothing streams here", "it raised: secret"]),
        Message(key="b", turn="t1", role="assistant", kind="notice", text="nothing streams here"),
        Message(key="c", turn="t1", role="assistant", kind="notice", text="it raised: secret"),
    ]
    answer, info, warning = exposure.view(view).messages
    assert answer.notices[0] == info.text == "nothing streams here"
    assert answer.notices[1] == warning.text != "it raised: secret"
