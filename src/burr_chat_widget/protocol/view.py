"""What a reader sees, as data. A snapshot carries it; `fold` makes it from events, on either side of the wire."""

from __future__ import annotations

from typing import Literal

import msgspec

from .events import StateChange, TransitionTaken, TurnError
from .graph import Graph

__all__ = ["Composer", "Message", "Node", "Refusal", "Session", "Step", "Turn", "View"]

MessageStatus = Literal["streaming", "done", "stopped", "failed"]
NodeStatus = Literal["idle", "next", "running", "done", "failed"]
StepStatus = Literal["done", "stopped", "failed"]
TurnStatus = Literal["running", "completed", "stopped", "failed"]


class Seen(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Base of what the view is made of: changed in place by the fold, unlike events."""


class Session(Seen):
    """What does not change while the chat lives.

    Attributes:
        title: heading of the chat.
        app_id: Burr's id of the application.
        model: which model it talks to, in words; None when that cannot be known.
        suggestions: prompts offered while the conversation is empty.
    """

    title: str
    app_id: str
    model: str | None = None
    suggestions: list[str] = []


class Composer(Seen):
    """What a person can do next.

    Attributes:
        input: the name of the text input that the next action takes; None when it takes none: then the turn is just run.
        enabled: whether a turn can begin at all.
        hint: why not, or what is asked for.
    """

    input: str | None = None
    enabled: bool = True
    hint: str | None = None


class Message(Seen):
    """One message of the transcript.

    Attributes:
        key: unique within the view.
        step: the step it comes from, None for what the person typed.
        kind: `text`, `code`, `image` or `error`, as the application's history has it; `items` for streamed items that hold
            no text; `notice` for a remark of the widget's own.
        revision: raised each time the text is replaced instead of added to.
        error: what went wrong, on a message that failed.
        notices: what else the reader should know about it.
    """

    key: str
    turn: str
    role: str
    text: str = ""
    kind: str = "text"
    status: MessageStatus = "done"
    action: str | None = None
    step: int | None = None
    revision: int = 0
    error: TurnError | None = None
    notices: list[str] = []


class Step(Seen):
    """One step of a turn. Times are in seconds; `started` is on the kernel's monotonic clock. `marks`: see `marks`."""

    turn: str
    step: int
    action: str
    started: float
    status: Literal["running", "done", "stopped", "failed"] = "running"
    duration: float | None = None
    first_delta: float | None = None
    deltas: int = 0
    changes: list[StateChange] = []
    marks: str = ""
    thinned: bool = False


class Turn(Seen):
    """One turn. `started` and `ended` are on the kernel's monotonic clock, in seconds; `request` is the command's own."""

    key: str
    status: TurnStatus
    started: float
    prompt: str | None = None
    request: str | None = None
    ended: float | None = None


class Node(Seen):
    """One action in the graph: `visits` counts the steps that ran it."""

    status: NodeStatus = "idle"
    visits: int = 0


class Refusal(Seen):
    """A command that was not carried out: the command's own `request`, and why."""

    request: str
    reason: str


class View(Seen):
    """Everything that is seen, at one moment.

    Attributes:
        status: `running` while a turn runs, else `idle`.
        nodes: by the action's name.
        taken: how often each transition was taken, in the order of `graph.transitions`.
        decisions: the transition taken last out of each action, and why; the newest is the last one.
        refused: the commands that were refused last, the newest at the end.
    """

    session: Session
    graph: Graph
    composer: Composer
    nodes: dict[str, Node]
    taken: list[int]
    status: Literal["idle", "running"] = "idle"
    turns: list[Turn] = []
    steps: list[Step] = []
    messages: list[Message] = []
    decisions: list[TransitionTaken] = []
    refused: list[Refusal] = []
