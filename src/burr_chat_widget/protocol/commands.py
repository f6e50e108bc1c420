"""What the page asks of the kernel: one comm message each. The kernel answers none of them; it tells what became of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from .events import Value
from .frames import WireMessage

__all__ = [
    "BEGINS",
    "GOES_ON",
    "Ack",
    "Asset",
    "Bye",
    "Command",
    "Edit",
    "Fork",
    "FramePainted",
    "Hello",
    "Inspect",
    "Log",
    "Painted",
    "Pause",
    "Prefer",
    "Restart",
    "Resume",
    "Retry",
    "Rewind",
    "Send",
    "SetBreakpoint",
    "SetFault",
    "SetPace",
    "StepAction",
    "StepDelta",
    "Stop",
    "Switch",
    "decode_command",
]


class Edit(Value, frozen=True, kw_only=True):
    """A change of the state by hand: `value`, as JSON, at `path`; with `remove` the key goes away."""

    path: list[str | int]
    value: Any = None
    remove: bool = False


class Hello(WireMessage, frozen=True, kw_only=True):
    """A page is here and holds nothing, or has found a gap: send it a snapshot. `client` is its name, made up by it."""

    client: str


class Ack(WireMessage, frozen=True, kw_only=True):
    """The page has painted everything up to `seq`."""

    client: str
    seq: int


class Bye(WireMessage, frozen=True, kw_only=True):
    """The page is going away; nobody waits for its acks any longer."""

    client: str


class Send(WireMessage, frozen=True, kw_only=True):
    """Begin a turn. `text` goes to the prompt input; None where the application takes no prompt.

    `inputs` holds what was filled in, by the field's name: a string as it was typed, a bool, a list of strings, or an object of
    these. What was left as it was is not in it.

    `request` is a name of the page's making, as in all commands: `turn-started`, `accepted` or `refused` gives it back.
    """

    client: str
    request: str
    text: str | None = None
    inputs: dict[str, Any] = {}


class Stop(WireMessage, frozen=True, kw_only=True):
    """Stop that turn, if it is the one that runs."""

    client: str
    turn: str


class Pause(WireMessage, frozen=True, kw_only=True):
    """Hold the running turn, or the next one, before its next action; with `off`, do not."""

    client: str
    request: str
    off: bool = False


class Resume(WireMessage, frozen=True, kw_only=True):
    """Let the held turn go on, to a breakpoint or its end. Where none runs, begin one without inputs."""

    client: str
    request: str


class StepAction(WireMessage, frozen=True, kw_only=True):
    """Let the held turn run one action. Where none runs, begin one without inputs that is held after its first action."""

    client: str
    request: str


class StepDelta(WireMessage, frozen=True, kw_only=True):
    """Let the held turn go on to the next delta; a running one is held there. Where none runs, begin one without inputs, likewise."""

    client: str
    request: str


class SetBreakpoint(WireMessage, frozen=True, kw_only=True):
    """Set a breakpoint, or with `off` take it away.

    One that was taken away so and is set again has the condition that it had; one that is there and is set holds always, without one.
    """

    client: str
    request: str
    action: str
    when: Literal["before", "after"] = "before"
    off: bool = False


class SetPace(WireMessage, frozen=True, kw_only=True):
    """Hold the running action's generator for `seconds` at each delta; 0 for not at all. At most 60."""

    client: str
    request: str
    seconds: Annotated[float, msgspec.Meta(ge=0, le=60)]


class SetFault(WireMessage, frozen=True, kw_only=True):
    """Let the model's next answer go wrong in the way of that name, one of `session.faults`; None for in none."""

    client: str
    request: str
    fault: str | None


class Log(WireMessage, frozen=True, kw_only=True):
    """Send what was told of a turn, from event `start` on, and the frames that carried it."""

    client: str
    request: str
    turn: str
    start: int = 0


class FramePainted(Value, frozen=True, kw_only=True):
    """When a page had received a frame and painted it, in seconds on the kernel's monotonic clock, as aligned by the page."""

    seq: int
    received: float
    painted: float


class Painted(WireMessage, frozen=True, kw_only=True):
    """When the page had painted those frames."""

    client: str
    frames: list[FramePainted]


class Prefer(WireMessage, frozen=True, kw_only=True):
    """What the reader of the page prefers. What is None is left to the chat; of several pages the one that said it last counts.

    Attributes:
        frames: at most so many frames a second, from 1 to 60.
        save: what the notebook's file keeps of the chat: all that it takes to read and replay it, what was said alone, or nothing.
    """

    client: str
    frames: Annotated[float, msgspec.Meta(ge=1, le=60)] | None = None
    save: Literal["replay", "transcript", "nothing"] | None = None


class Rewind(WireMessage, frozen=True, kw_only=True):
    """Go back to where the application was after that step, with changes of its state made by hand, if any.

    `edits`: what to put at a path of the state, as JSON; a path is made of the keys of rows, from the top. `branch`: the one that
    the page shows, as sequence ids are those of a branch; refused where another one is shown by now. None for whichever is shown.
    """

    client: str
    request: str
    step: int
    branch: str | None = None
    edits: list[Edit] = []


class Fork(WireMessage, frozen=True, kw_only=True):
    """Begin another branch where the application was after that step; the one before stays. `branch`, `edits`: see `rewind`."""

    client: str
    request: str
    step: int
    branch: str | None = None
    edits: list[Edit] = []


class Inspect(WireMessage, frozen=True, kw_only=True):
    """Send a step's state, what it was given or what it gave back: the rows at `path`, from `start` on.

    Attributes:
        branch: whose step or state, None for the branch that is shown.
        step: the step's sequence id; None for the state as it is now.
        what: `state`: what it was after the step, with what the step changed; `given`: the state before it; `result`; `inputs`.
        path: the place of a row in the rows above, from the top.
        against: another branch, with whose last state the state as it is now is compared; None for the step's own change.
    """

    client: str
    request: str
    step: int | None
    what: Literal["state", "given", "result", "inputs"] = "state"
    path: list[int] = []
    start: int = 0
    branch: str | None = None
    against: str | None = None


class Retry(WireMessage, frozen=True, kw_only=True):
    """Run that turn again, with the same inputs or, where there is a `text`, with another prompt.

    A turn that was stopped or failed, and is the last one, is taken back for it. Any other stays, with all that came after it, on
    the branch that it is on: the new one begins another.
    """

    client: str
    request: str
    turn: str
    text: str | None = None


class Switch(WireMessage, frozen=True, kw_only=True):
    """Show the branch that holds that turn: of several, the one that was shown last. `turn` may also be a branch's own key."""

    client: str
    request: str
    turn: str


class Restart(WireMessage, frozen=True, kw_only=True):
    """Begin again at the entrypoint, where the application has ended. Its state is kept."""

    client: str
    request: str


class Asset(WireMessage, frozen=True, kw_only=True):
    """Send the module of ours (`math`, `graphviz`), which is loaded on demand."""

    client: str
    name: str


BEGINS = (Send, Retry)
"""Commands that begin a turn."""

GOES_ON = (Resume, StepAction, StepDelta)
"""Those by which the running turn goes on. Where none runs they begin one."""

Command = (
    Hello
    | Ack
    | Bye
    | Send
    | Stop
    | Pause
    | Resume
    | StepAction
    | StepDelta
    | SetBreakpoint
    | Rewind
    | Fork
    | Inspect
    | Retry
    | Switch
    | Restart
    | Asset
    | SetPace
    | SetFault
    | Log
    | Painted
    | Prefer
)


def decode_command(content: object) -> Command:
    """A command from the content of a comm message.

    Raises:
        msgspec.ValidationError: if it is none; the message names the field.
    """
    return msgspec.convert(content, Command)
