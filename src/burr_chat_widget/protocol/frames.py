"""What the kernel sends to the page: one comm message each.

A `Frame` carries events and is numbered by `seq`, one after the other; a `Snapshot` carries the whole view as it was at a
`seq`. Whoever holds the view at n and is handed frames n+1 to m holds the view at m. A page that finds a gap, or is new,
says hello and is given a snapshot, so no frame is ever needed a second time.

A session has a comm of its own from beginning to end, so numbers on one comm are always of one session.
"""

from __future__ import annotations

import msgspec

from .events import (
    AttributesLogged,
    Change,
    Event,
    MessageAdded,
    Notice,
    PartDelta,
    SpanFinished,
    SpanStarted,
    StateChanged,
    StepFinished,
    StepStarted,
    TextReplaced,
    TransitionTaken,
    TurnCompleted,
    TurnFailed,
    TurnPaused,
    TurnResumed,
    TurnStarted,
    TurnStopped,
    Value,
    kebab,
)
from .marks import decode_marks
from .view import BranchInfo, Breakpoint, Composer, View

__all__ = [
    "Accepted",
    "AssetReply",
    "BranchesChanged",
    "ComposerChanged",
    "ControlsChanged",
    "Frame",
    "FrameSent",
    "Heartbeat",
    "Inspected",
    "KernelMessage",
    "Logged",
    "Refused",
    "Remark",
    "Row",
    "Snapshot",
    "Text",
    "WireEvent",
    "WireMessage",
    "stands_for",
]


class Text(Value, frozen=True, kw_only=True, tag_field="type", tag="text"):
    """Consecutive text deltas of one step of the running turn: their text joined, and a mark for each (see `marks`).

    `thinned` is true from the 20,000th delta of a turn on, when one mark stands for all the deltas of a frame.
    """

    step: int
    text: str
    marks: str
    thinned: bool | msgspec.UnsetType = msgspec.UNSET


class ComposerChanged(Event, frozen=True, kw_only=True):
    """What the composer can do now is another thing than before. `turn` is empty."""

    composer: Composer


class ControlsChanged(Event, frozen=True, kw_only=True):
    """Where turns will be held, how fast and by what fault is another thing than before: see `View`. `turn` is empty."""

    pausing: bool
    breakpoints: list[Breakpoint]
    pace: float = 0.0
    fault: str | None = None


class BranchesChanged(Event, frozen=True, kw_only=True):
    """The ways that the conversation went are others than before: see `View`. `turn` is empty."""

    branches: list[BranchInfo]


class Accepted(Event, frozen=True, kw_only=True):
    """A command that begins no turn was carried out; `request` is the command's own. `turn` is the running turn, or empty."""

    request: str


class Refused(Event, frozen=True, kw_only=True):
    """A command was not carried out; `request` is the command's own. `turn` is the running turn, or empty.

    `fields` says what is wrong with which field, by its path: `amount`, `order.amount`, `answers.0`.
    """

    request: str
    reason: str
    fields: dict[str, str] = {}


WireEvent = (
    TurnStarted
    | StepStarted
    | Text
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
    | ComposerChanged
    | ControlsChanged
    | BranchesChanged
    | Accepted
    | Refused
)
"""What a frame holds."""


def stands_for(event: WireEvent) -> int:
    """How many events of the turn it stands for: of a `Text` each delta is one."""
    return sum(1 for _ in decode_marks(event.marks)) if isinstance(event, Text) else 1


Remark = ComposerChanged | ControlsChanged | BranchesChanged | Accepted | Refused
"""What a session tells besides the events of its turns."""


class WireMessage(Value, frozen=True, kw_only=True, tag_field="type", tag=kebab):
    """Base of what is sent on the comm, in either direction."""


class Frame(WireMessage, frozen=True, kw_only=True):
    """The events that lead from the view at `seq` - 1 to the view at `seq`."""

    seq: int
    events: list[WireEvent]


class Snapshot(WireMessage, frozen=True, kw_only=True):
    """The whole view at `seq`, for the page whose name is `client`; others take no notice."""

    seq: int
    client: str
    view: View


class Heartbeat(WireMessage, frozen=True, kw_only=True):
    """The last frame sent was `seq`. A page that has it acknowledges it, one that has not says hello."""

    seq: int


class AssetReply(WireMessage, frozen=True, kw_only=True):
    """The answer to `asset`: the gzipped module is the message's first buffer; `error` says why there is none."""

    name: str
    error: str | None = None


class Row(Value, frozen=True, kw_only=True):
    """One entry of a value: a key of the state, of a dict or of an object, an item of a list.

    Attributes:
        key: the key, or the item's place, in a short printable form.
        kind: the type's name.
        text: a short printable form of the value; of a removed one the value before.
        before: that of the value before, where it was changed.
        change: what the step did to it, None where nothing did, or where it cannot be compared.
        rows: how many rows `inspect` gives of it, 0 for what has no parts; of two long lists the longer one's length.
        length: of a text its characters, where `text` does not show all of them.
        redacted: whether the value stays in the kernel; it has neither text nor rows then.
    """

    key: str
    kind: str
    text: str
    before: str | None = None
    change: Change | None = None
    rows: int = 0
    length: int | None = None
    redacted: bool = False


class Inspected(WireMessage, frozen=True, kw_only=True):
    """The answer to `inspect`: rows, or a part of a text, from `start` on; `more` says how many rows or characters follow.

    Of a level with more rows than one answer holds, those of which something has changed come first.
    """

    client: str
    request: str
    rows: list[Row] = []
    text: str | None = None
    start: int = 0
    more: int = 0
    error: str | None = None


class FrameSent(Value, frozen=True, kw_only=True):
    """One frame as it was sent. Events are counted over the session's turns, from 0 on, and each delta is one.

    Times are in seconds on the kernel's monotonic clock; those of a page are its own, aligned by that page.

    Attributes:
        sent: when it was handed to the comm.
        first: the first event that it carries.
        last: the first one that it does not.
        body: the message's content as JSON; None where that is not kept any more.
        received: when a page received it, None where none has said so.
        painted: when that page had painted it.
    """

    seq: int
    sent: float
    first: int
    last: int
    body: str | None = None
    received: float | None = None
    painted: float | None = None


class Logged(WireMessage, frozen=True, kw_only=True):
    """The answer to `log`: what was told of a turn, as it happened, from event `first` on; `more` says whether there is more.

    Deltas of a step that follow each other are one `Text` with a mark for each, as in a frame, whatever they travelled in. `frames`
    are those that carried any of the events; their events are counted from the turn's first one on, and are below 0 before it.
    """

    client: str
    request: str
    events: list[WireEvent] = []
    first: int = 0
    more: bool = False
    frames: list[FrameSent] = []
    error: str | None = None


KernelMessage = Frame | Snapshot | Heartbeat | AssetReply | Inspected | Logged
