"""What a reader sees, as data. A snapshot carries it; `fold` makes it from events, on either side of the wire."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from .events import ConditionResult, SpanKind, StateChange, TransitionTaken, TurnError, Value
from .graph import Graph

__all__ = [
    "REQUESTS",
    "BranchInfo",
    "Breakpoint",
    "Composer",
    "Field",
    "FieldKind",
    "Held",
    "Message",
    "Node",
    "Refusal",
    "Session",
    "Span",
    "Step",
    "Turn",
    "View",
    "Withheld",
]

REQUESTS = 16
"""So many answered commands are remembered: a page looks for its own soon after it asked."""

MessageStatus = Literal["streaming", "done", "stopped", "failed"]
NodeStatus = Literal["idle", "next", "running", "done", "failed"]
StepStatus = Literal["done", "stopped", "failed"]
TurnStatus = Literal["running", "completed", "stopped", "failed"]


class Seen(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Base of what the view is made of: changed in place by the fold, unlike events."""


Withheld = Literal["state", "stepping", "history"]


class Session(Seen):
    """What does not change while the chat lives.

    Attributes:
        title: heading of the chat.
        app_id: Burr's id of the application.
        model: which model it talks to, in words; None when that cannot be known.
        suggestions: prompts offered while the conversation is empty.
        faults: what can be made to go wrong with the model, by name; none where it is not the offline one.
        recording: the name of the recording that is shown in place of an application; nothing can be run then.
        withheld: what the server that has the application does not let its clients see or do: values of the state, holding turns and
            stepping through them, going back.
    """

    title: str
    app_id: str
    model: str | None = None
    suggestions: list[str] = []
    faults: list[str] = []
    recording: str | None = None
    withheld: list[Withheld] = []


FieldKind = Literal["text", "integer", "number", "boolean", "choice", "list", "object", "json"]


class Field(Value, frozen=True, kw_only=True):
    """One input of a form.

    Attributes:
        name: the input's name; within an object, the name of the object's own field.
        kind: `list` is of text, numbers or choices, one to a line; `json` is any data, written as JSON.
        required: whether something must be given.
        default: what it is when nothing is given, as JSON; None also where there is no default.
        choices: what can be chosen, of a choice.
        fields: of an object.
        labels: of a list whose items are the answers to these questions, one each.
        description: what it is for, in the words of the application.
    """

    name: str
    kind: FieldKind = "text"
    required: bool = True
    default: Any = None
    choices: list[str] = []
    fields: list[Field] = []
    labels: list[str] = []
    description: str | None = None


class Composer(Seen):
    """What a person can do next: say a text (`input`), fill in a form (`fields` alone), or just run (neither).

    Attributes:
        action: the action that comes next.
        after: the action that ran last, None where none has.
        conditions: why `action` is the next: the transitions out of `after`, as they evaluate on the present state.
        input: the name of the text input, where one text is all that the next action needs.
        fields: the next action's other inputs; beside `input` all of them are optional.
        ask: what the application asks, in its own words.
        enabled: whether a turn can begin at all.
        hint: why not.
        ended: no action comes next; the application can be started again.
        away: the server that has the application is not heard now; what is seen is what it told last.
        goes_on: one has gone back into the middle of a turn, which can go on with what it was given, without another word.
    """

    action: str | None = None
    after: str | None = None
    conditions: list[ConditionResult] = []
    input: str | None = None
    fields: list[Field] = []
    ask: str | None = None
    enabled: bool = True
    hint: str | None = None
    ended: bool = False
    away: bool = False
    goes_on: bool = False


class Message(Seen):
    """One message of the transcript.

    Attributes:
        key: unique within the view.
        step: the step it comes from, None for what the person typed.
        kind: that of `message-added` or `part-delta`; `notice` for a remark of the widget's own.
        name: the tool's name, an image's description, the type of data, the language of code.
        call: the id of a call of a tool.
        result: what the call gave back, None as long as nobody knows.
        revision: raised each time the text is replaced instead of added to.
        error: what went wrong, on a message that failed.
        notices: what else the reader should know about it.
    """

    key: str
    turn: str
    role: str
    text: str = ""
    kind: str = "text"
    name: str | None = None
    call: str | None = None
    result: str | None = None
    status: MessageStatus = "done"
    action: str | None = None
    step: int | None = None
    revision: int = 0
    error: TurnError | None = None
    notices: list[str] = []


class Span(Seen):
    """What runs inside a step: see `SpanStarted` and `SpanFinished`. `started` is on the kernel's monotonic clock, in seconds."""

    span: int
    kind: SpanKind
    name: str
    started: float
    parent: int | None = None
    status: Literal["running", "done", "stopped", "failed"] = "running"
    duration: float | None = None
    deltas: int = 0
    given: dict[str, str] = {}
    changes: list[StateChange] = []
    attributes: dict[str, str] = {}
    error: str | None = None


class Step(Seen):
    """One step of a turn. Times are in seconds; `started` is on the kernel's monotonic clock. `marks`: see `marks`.

    Attributes:
        inputs: name to a short printable form, for each external input that the action was given.
        decision: the transition taken after it, and why.
        by_hand: of the last step that counts, the keys of the state that were changed by hand since.
    """

    turn: str
    step: int
    action: str
    started: float
    status: Literal["running", "done", "stopped", "failed"] = "running"
    duration: float | None = None
    first_delta: float | None = None
    deltas: int = 0
    streaming: bool = False
    inputs: dict[str, str] = {}
    changes: list[StateChange] = []
    decision: TransitionTaken | None = None
    spans: list[Span] = []
    attributes: dict[str, str] = {}
    marks: str = ""
    thinned: bool = False
    by_hand: list[str] = []


class Turn(Seen):
    """One turn. `started` and `ended` are on the kernel's monotonic clock, in seconds; `siblings` and `editable`:
    see `TurnStarted`.
    """

    key: str
    status: TurnStatus
    started: float
    prompt: str | None = None
    request: str | None = None
    ended: float | None = None
    siblings: list[str] = []
    editable: bool = False


class BranchInfo(Value, frozen=True, kw_only=True):
    """One way that the conversation went.

    Attributes:
        key: its name within the session.
        app_id: the id of its application.
        parent: the branch that it was forked from, None for the first.
        turn: its first turn since then, None for the first branch and before it has one.
        prompt: what that turn was asked.
        base: of the branches that were told before, the one that it has most steps in common with, now: its parent, unless that has
            gone back since. None for the first.
        shared: how many steps these are: the first ones of both.
        actions: the actions of the steps after those, in order.
    """

    key: str
    app_id: str
    parent: str | None = None
    turn: str | None = None
    prompt: str | None = None
    base: str | None = None
    shared: int = 0
    actions: list[str] = []


class Node(Seen):
    """One action in the graph: `visits` counts the steps that ran it."""

    status: NodeStatus = "idle"
    visits: int = 0


class Breakpoint(Value, frozen=True, kw_only=True):
    """Where turns are held. `condition` names what must be true for it, None for always."""

    action: str
    when: Literal["before", "after"] = "before"
    condition: str | None = None


class Held(Seen):
    """Why and where the running turn is held: see `TurnPaused`."""

    at: Literal["action", "delta"]
    reason: Literal["pause", "step", "breakpoint"]
    breakpoint: str | None = None
    after: str | None = None
    next_action: str | None = None
    needs: list[str] = []
    conditions: list[ConditionResult] = []
    error: str | None = None


class Refusal(Seen):
    """A command that was not carried out: the command's own `request`, why, and what is wrong with which field."""

    request: str
    reason: str
    fields: dict[str, str] = {}


class View(Seen):
    """Everything that is seen, at one moment.

    Attributes:
        status: `running` while a turn runs, `paused` while it is held, else `idle`.
        held: why, while it is held.
        pausing: whether the next action will be waited before, of this turn or the next one.
        pace: seconds for which the running action's generator is held at each delta; 0 for not at all.
        fault: what will go wrong with the model's next answer, by the name that `session.faults` has for it.
        nodes: by the action's name.
        taken: how often each transition was taken, in the order of `graph.transitions`.
        decisions: the transition taken last out of each action, and why; the newest is the last one.
        branches: the ways that the conversation went, where there are several; `branch` is the one that is shown.
        accepted: the requests that were carried out last and began no turn that is one of `turns`, the newest at the end.
        refused: the commands that were refused last, the newest at the end.
    """

    session: Session
    graph: Graph
    composer: Composer
    nodes: dict[str, Node]
    taken: list[int]
    status: Literal["idle", "running", "paused"] = "idle"
    held: Held | None = None
    pausing: bool = False
    breakpoints: list[Breakpoint] = []
    pace: float = 0.0
    fault: str | None = None
    turns: list[Turn] = []
    steps: list[Step] = []
    messages: list[Message] = []
    decisions: list[TransitionTaken] = []
    branch: str = "b1"
    branches: list[BranchInfo] = []
    accepted: list[str] = []
    refused: list[Refusal] = []
