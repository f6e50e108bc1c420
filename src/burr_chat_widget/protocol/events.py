"""The facts that the kernel tells: what happened in one turn of a Burr application.

`stream_turn` yields these in order; frames carry them to the page (see `frames`), where deltas of one step that go out
together travel as one `Text`. Every event is a frozen tagged struct: `type` is its kebab-case name, fields are
snake_case, unknown fields are refused. No field is called `id`: ipykernel 7.4 remembers every such value it sends.

The order within a turn::

    turn-started
      turn-paused, turn-resumed          before an action or after it, and at a delta
      step-started  (text-delta | text-replaced | part-delta | notice | span-started | span-finished | attributes-logged)*
                    state-changed? message-added* step-finished transition-taken?     once for each action that runs
    turn-completed | turn-stopped | turn-failed

A step that is stopped or fails has no state-changed and no transition-taken.
"""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = [
    "AttributesLogged",
    "Change",
    "ConditionResult",
    "Event",
    "MessageAdded",
    "Notice",
    "PartDelta",
    "PartKind",
    "SpanFinished",
    "SpanKind",
    "SpanStarted",
    "StateChange",
    "StateChanged",
    "StepFinished",
    "StepStarted",
    "TextDelta",
    "TextReplaced",
    "TransitionTaken",
    "TurnCompleted",
    "TurnError",
    "TurnEvent",
    "TurnFailed",
    "TurnPaused",
    "TurnResumed",
    "TurnStarted",
    "TurnStopped",
    "Value",
    "kebab",
]

Change = Literal["added", "changed", "removed"]
"""What became of a state key in a step."""

PartKind = Literal["reasoning", "tool-call", "data", "progress", "items"]
"""What a part of a step's answer is, besides its text: what the model thought; a call of a tool; a value that may grow; how
far the action is; streamed items of which nothing is known, one in a line."""

SpanKind = Literal["application", "action", "span"]
"""What runs inside a step: an application of its own, as parallel actions start them; an action of such a one; a span of a tracer."""


def kebab(name: str) -> str:
    """`TurnStarted` as `turn-started`: the name of a type on the wire."""
    return "".join("-" + c.lower() if c.isupper() else c for c in name).lstrip("-")


class Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Base of what events are made of: plain, frozen, closed."""


class Event(Value, frozen=True, kw_only=True, tag_field="type", tag=kebab):
    """Base of everything that is told.

    Attributes:
        time: wall clock when it happened, in seconds since the epoch.
        monotonic: the kernel's monotonic clock at the same moment, in seconds; only differences mean anything.
        turn: the turn it belongs to; unique within a session.
    """

    time: float
    monotonic: float
    turn: str


class TurnStarted(Event, frozen=True, kw_only=True):
    """A turn begins.

    Attributes:
        inputs: name to a short printable form of the value, for each input that was given.
        prompt: the text that a person typed, when the application takes one; None for a turn without.
        next_action: the action that runs first.
        request: echoes the `send` command that asked for it, None when Python did.
        replaces: a turn whose messages leave the transcript because this one retries it.
        siblings: the turns that began where this one does, itself among them, in the order in which they were made; none where it
            is the only one.
        editable: it was begun by one text, which can be changed.
    """

    inputs: dict[str, str]
    prompt: str | None = None
    next_action: str | None = None
    request: str | None = None
    replaces: str | None = None
    siblings: list[str] = []
    editable: bool = False


class StepStarted(Event, frozen=True, kw_only=True):
    """One action begins to run.

    Attributes:
        step: the step's Burr sequence id. Unique within a turn and never lower than an earlier one.
        action: the action's name.
        streaming: whether it is a streaming action.
        inputs: name to a short printable form, for each external input that it was given.
    """

    step: int
    action: str
    streaming: bool = False
    inputs: dict[str, str] = {}


class TextDelta(Event, frozen=True, kw_only=True):
    """A piece of text, as the action yielded it.

    Lone surrogates cannot be encoded as UTF-8: halves that meet in consecutive deltas are joined, any other is shown as
    U+FFFD with a `notice`. Everything else is passed on unchanged.
    """

    step: int
    text: str


class TextReplaced(Event, frozen=True, kw_only=True):
    """The whole text of the step so far, in place of what was streamed.

    For streams of snapshots where one does not extend the last, and when the application recorded another text in its
    history than it streamed, or where it has none named another one as its answer in the result (more than white space at
    the ends apart).
    """

    step: int
    text: str


class PartDelta(Event, frozen=True, kw_only=True):
    """A part of the step's answer beside its text has begun, grown or changed.

    Attributes:
        part: the part's name, unique in the step.
        kind: what it is. The text of `tool-call` is the arguments, JSON when it is whole; of `data` and `progress` it is JSON in
            ASCII; of `reasoning` and `items` plain text.
        text: what is added at the end; where `keep` is given, what stands between what is kept.
        keep: how many characters at the beginning stay, None for all; the bridge says 0 or None.
        tail: how many characters at the end stay, where `keep` is given. Where either is not 0, all of the text is ASCII.
        times: how many replacements this stands for, where `keep` is given: those that were put together on the way count.
        name: the tool's name, or the type of the data; None where it is not known or was told before.
        call: the id by which a call and its result belong together.
    """

    step: int
    part: str
    kind: PartKind
    text: str
    keep: int | None = None
    tail: int = 0
    times: int = 1
    name: str | None = None
    call: str | None = None


class MessageAdded(Event, frozen=True, kw_only=True):
    """The step added a message that was not streamed.

    Attributes:
        role: who says it: `assistant`, or what the application's history calls it.
        text: what it says; of an image its address, of a call the arguments, of data JSON.
        kind: `text`, `code`, `image`, `error`, `tool-call`, `tool-result`, `reasoning`, `data`.
        name: the tool's name, an image's description, the type of data, the language of code.
        call: the id by which a call and its result belong together.
    """

    step: int
    role: str
    text: str
    kind: str = "text"
    name: str | None = None
    call: str | None = None


class StateChange(Value, frozen=True, kw_only=True):
    """What became of one key: short printable forms of the value before and after (None where there was none)."""

    key: str
    change: Change
    before: str | None = None
    after: str | None = None


class SpanStarted(Event, frozen=True, kw_only=True):
    """Something began inside the step: see `SpanKind`.

    Attributes:
        span: its number, unique in the step, from 1 on.
        parent: the span that it is part of, None directly in the step.
        name: of an application its id, else what it is called.
        given: of an application, the keys of its state in which it differs from the step's, in short printable forms.
    """

    step: int
    span: int
    kind: SpanKind
    name: str
    parent: int | None = None
    given: dict[str, str] = {}


class SpanFinished(Event, frozen=True, kw_only=True):
    """A span has ended.

    Attributes:
        duration: seconds since it began, without the time that the step was held.
        deltas: how many items it streamed.
        changes: of an application, what it did to the state that it began with.
        error: what was raised in it.
    """

    step: int
    span: int
    status: Literal["done", "stopped", "failed"]
    duration: float
    deltas: int = 0
    changes: list[StateChange] = []
    error: str | None = None


class AttributesLogged(Event, frozen=True, kw_only=True):
    """The action logged attributes with its tracer: name to short printable form; `span` is None for those of the step."""

    step: int
    attributes: dict[str, str]
    span: int | None = None


class StateChanged(Event, frozen=True, kw_only=True):
    """What the step did to the application's state: one entry for each key that was added, changed or removed."""

    step: int
    changes: list[StateChange]


class StepFinished(Event, frozen=True, kw_only=True):
    """The action has ended.

    Attributes:
        status: `done`, `stopped` (its result was discarded) or `failed`.
        duration: seconds from the step's start, without the time that it was held.
        first_delta: seconds from the step's start to its first delta, None without deltas.
        deltas: how many deltas it yielded.
    """

    step: int
    action: str
    status: Literal["done", "stopped", "failed"]
    duration: float
    first_delta: float | None = None
    deltas: int = 0


class ConditionResult(Value, frozen=True, kw_only=True):
    """One transition out of the action, as it was evaluated. Burr takes the first in declaration order that is true.

    Attributes:
        to: the action it leads to.
        condition: the condition's name; `default` for an unconditional one.
        outcome: what it evaluated to, None when evaluating it raised.
        taken: whether this is the transition taken.
        values: name to a short printable form, for each state key that the condition reads.
        error: why it could not be evaluated.
    """

    to: str
    condition: str
    outcome: bool | None
    taken: bool = False
    values: dict[str, str] = {}
    error: str | None = None


class TransitionTaken(Event, frozen=True, kw_only=True):
    """Which action comes next and why: every transition out of `from_action`, in the order of declaration."""

    step: int
    from_action: str
    to_action: str
    conditions: list[ConditionResult]


class TurnPaused(Event, frozen=True, kw_only=True):
    """The turn is held, until it is resumed or stopped. Told again when the application's state was changed meanwhile.

    Attributes:
        at: `action`: between two actions; `delta`: the generator of the running action is held at its `yield`.
        reason: `pause` and `step`: somebody asked for it; `breakpoint`: see `breakpoint`.
        breakpoint: which one, in words: `before answer`, `after decide`.
        after: the action that has just ended, None at the turn's start.
        next_action: the action that comes next, or that is held; None when none comes.
        needs: names of the external inputs that the next action needs and nobody gave.
        conditions: why it is the next: the transitions out of `after`, as they evaluate on the present state.
        error: why the next action cannot be told.
    """

    at: Literal["action", "delta"]
    reason: Literal["pause", "step", "breakpoint"]
    breakpoint: str | None = None
    after: str | None = None
    next_action: str | None = None
    needs: list[str] = []
    conditions: list[ConditionResult] = []
    error: str | None = None


class TurnResumed(Event, frozen=True, kw_only=True):
    """The turn goes on."""


class Notice(Event, frozen=True, kw_only=True):
    """Something that the reader should know and that ends nothing. `step` is None when it is about the turn."""

    level: Literal["info", "warning"]
    text: str
    step: int | None = None


class TurnError(Value, frozen=True, kw_only=True):
    """What went wrong.

    Attributes:
        kind: the exception's class name.
        message: what happened, in plain words.
        remedy: what to do about it, when that is known.
        action: the action it happened in.
        traceback: the traceback as text, beginning in the user's code where there is any.
    """

    kind: str
    message: str
    remedy: str | None = None
    action: str | None = None
    traceback: str | None = None


class TurnCompleted(Event, frozen=True, kw_only=True):
    """The application needs its next input, or has ended.

    Attributes:
        next_action: the action that would run next; None when the application has ended.
        needs: names of the external inputs that it needs and nobody gave.
    """

    next_action: str | None = None
    needs: list[str] = []


class TurnStopped(Event, frozen=True, kw_only=True):
    """Somebody stopped the turn. The application's state is what it was before the turn."""

    next_action: str | None = None


class TurnFailed(Event, frozen=True, kw_only=True):
    """The turn ended with an error. The application's state is what it was before the turn."""

    error: TurnError
    next_action: str | None = None


TurnEvent = (
    TurnStarted
    | StepStarted
    | TextDelta
    | TextReplaced
    | PartDelta
    | MessageAdded
    | SpanStarted
    | SpanFinished
    | AttributesLogged
    | StateChanged
    | StepFinished
    | TransitionTaken
    | TurnPaused
    | TurnResumed
    | Notice
    | TurnCompleted
    | TurnStopped
    | TurnFailed
)
"""What `stream_turn` yields."""
