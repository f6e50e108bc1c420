"""The bridge's one function: a turn of any Burr application as an async generator of events."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from typing import Any, cast

from burr.core import Application

from burr_chat_widget.protocol.events import TurnEvent

from .control import TurnControl
from .description import check_application
from .holds import Breakpoints, Holds
from .option import DeltaOption
from .printable import short
from .recorder import NoRecorder, Recorder
from .redaction import CREDENTIALS, Redaction
from .rendering import Render
from .turn import Turn
from .wrapped import SyncMode

__all__ = ["stream_turn"]


def stream_turn(
    app: Application[Any],
    inputs: Mapping[str, Any] | None = None,
    *,
    prompt: str | None = None,
    asked: Collection[str] = (),
    ran: Sequence[str] = (),
    answered: bool = False,
    history: str | None = None,
    delta: DeltaOption = None,
    render: Render | None = None,
    turn: str | None = None,
    control: TurnControl | None = None,
    holds: Holds | None = None,
    recorder: Recorder | None = None,
    redaction: Redaction = CREDENTIALS,
    sync: SyncMode = "thread",
) -> AsyncGenerator[TurnEvent, None]:
    """Run one turn of `app`: actions, until one needs an input that nobody gave, or none comes next.

    ::

        async for event in stream_turn(app, {"prompt": "hello"}):
            if isinstance(event, TextDelta):
                print(event.text, end="")

    The order of events is that of `protocol.events`. However the turn ends, the application can be used at once: after a turn
    that was stopped or failed, was cancelled, or whose events were not all read, its state is what it was before the turn, with
    a higher sequence id.

    Args:
        app: a built application; it runs one turn at a time.
        inputs: external inputs by name: the prompt, and what else actions take (clients, settings).
        prompt: which of them is the prompt, used up by the first action that takes it; inferred when None.
        asked: the inputs that a person gave in answer to the first action, which uses them all up; inferred when empty.
        ran: where this goes on in the middle of a turn, the actions of it that have run: what they took of the inputs is used up.
        answered: whether those have said anything: then what comes after is for the next prompt.
        history: the state key that holds the conversation; inferred when None.
        delta: where in a streamed item its text is: a function of the item, or a path of keys with dots between; a mapping gives
            one for `text`, `reasoning` and `tool`; inferred when None.
        render: makes Markdown of an item of the history or of a result that is of no kind of ours; None to leave it as it is.
        turn: the turn's name, made up when None.
        control: ends the turn early.
        holds: says where the turn is held, and lets it go on; a turn that is held waits at `turn-paused`.
        recorder: is told what each step was given, gave back, and left as the state.
        redaction: which values no event shows; by default those under keys that look like credentials.
        sync: "thread" runs sync actions in one thread, in a copy of the caller's context; "inline" runs them on the loop,
            which they block.

    Yields:
        The turn's events; the last one is `turn-completed`, `turn-stopped` or `turn-failed`. What an action raises is told as
        `turn-failed`.

    Raises:
        NotAnApplication: at once, if `app` is no built application.
        TurnRunning: at the first event, if the application is in the middle of a turn.
        asyncio.CancelledError: if the task is cancelled by anybody but `control`; the turn ends without another event.
        KeyboardInterrupt, SystemExit: if an action raised it; after `turn-stopped`, when the next event is asked for.
    """
    check_application(app)
    if inputs is not None and not isinstance(cast(object, inputs), Mapping):
        raise TypeError(f"inputs={short(inputs)} is no mapping; pass inputs by name, such as {{'prompt': ...}}")
    control = control or TurnControl()
    events = Turn(
        app,
        dict(inputs or {}),
        prompt=prompt,
        asked=asked,
        ran=ran,
        answered=answered,
        history=history,
        delta=delta,
        render=render,
        name=turn or uuid.uuid4().hex[:12],
        control=control,
        holds=holds or Holds(Breakpoints([])),
        recorder=recorder if recorder is not None else NoRecorder(),
        redaction=redaction,
        sync=sync,
    ).events()
    control.attach(events)
    return events
