"""A turn as Python sees it: what `await chat.send(...)` returns."""

from __future__ import annotations

import concurrent.futures
import copy
import dataclasses
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from typing import Any, Literal, NamedTuple

from msgspec.structs import replace

from burr_chat_widget.bridge import Given, kept
from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.frames import FrameSent

from .deltas import Deltas
from .told import Told

__all__ = ["Sending", "Turn", "given_before"]

LAST = 20
"""How many of a turn's actions are named where it is shown in one line."""


class Turn:
    """A user's input until the application needs the next one.

    Attributes:
        key: the turn's name within the session.
        prompt: the text that began it, None when the application took none.
        inputs: the inputs it was given, the constants of the session apart.
        given: the same, with what a form has said of them: to begin such a turn again.
        request: the page's own name for what it asked, None when Python did.
        replaces: the key of the turn that this one tried again.
        status: `running`, `completed`, `stopped` or `failed`.
        actions: names of the actions that ran, in order.
        steps: their sequence ids.
        started: when it began, in seconds since the epoch.
        deltas: what was streamed, with times.
        events: all that was told of it, in order.
        error: what went wrong, when it failed.
        held: why and where it is held, and what comes next as the state is now; None while it is not.
        cut: whether one has gone back into its middle: what came after is not in it any more.
    """

    def __init__(
        self,
        key: str,
        inputs: Mapping[str, Any],
        *,
        given: Given | None = None,
        request: str | None = None,
        replaces: str | None = None,
    ) -> None:
        self.key = key
        self.prompt: str | None = None
        self.inputs = {name: kept(value) for name, value in inputs.items()}
        self.given = Given(self.inputs) if given is None else dataclasses.replace(given, inputs=self.inputs)
        self.request = request
        self.replaces = replaces
        self.status: Literal["running", "completed", "stopped", "failed"] = "running"
        self.actions: list[str] = []
        self.steps: list[int] = []
        self.started = 0.0
        self.deltas = Deltas()
        self.events = Told(self.deltas)
        self.error: e.TurnError | None = None
        self.held: e.TurnPaused | None = None
        self.cut = False
        self._began = 0.0
        self._sent: Callable[[int, int], list[FrameSent]] = lambda _first, _last: []
        self._streamed: list[int] = []  # how many deltas came before each step
        self._said: dict[
            tuple[int, int], StringIO
        ] = {}  # by the step, and by the message's place among those not streamed

    @property
    def text(self) -> str:
        """What was said in answer: the messages of the turn in order, a blank line between them."""
        return "\n\n".join(text for said in list(self._said.values()) if (text := said.getvalue()))

    @property
    def frames(self) -> list[FrameSent]:
        """The frames that carried its events, oldest first, as far as they are remembered; none where no page was there.

        Their events are counted from the turn's first one on, and are below 0 before it.
        """
        return self.frames_of(0, len(self.events))

    def frames_of(self, start: int, end: int) -> list[FrameSent]:
        """Those that carried any of `events[start:end]`."""
        before = self.events.first
        frames = self._sent(before + start, before + end)
        return [replace(frame, first=frame.first - before, last=frame.last - before) for frame in frames]

    def begin_sending(self, first: int, sent: Callable[[int, int], list[FrameSent]]) -> None:
        """Its events go out from now on: `first` were told before, and `sent` knows which frames carry which."""
        self.events.first, self._sent = first, sent

    def record(self, event: e.TurnEvent) -> None:
        """Take an event of this turn into account."""
        self.events.add(event)
        match event:
            case e.TextDelta():
                self.deltas.add(event.text, event.monotonic - self._began)
                self._say((event.step, 0), event.text)
            case e.TextReplaced():
                said = StringIO()
                said.write(event.text)
                self._said[event.step, 0] = said  # at once: who reads on another thread sees the one text or the other
            case e.MessageAdded() if event.kind in ("text", "code", "error"):
                self._say((event.step, 1 + len(self._said)), event.text)
            case e.StepStarted():
                self.actions.append(event.action)
                self.steps.append(event.step)
                self._streamed.append(len(self.deltas))
            case e.TurnStarted():
                self.prompt = event.prompt
                self.started = event.time
                self._began = event.monotonic
            case e.TurnPaused():
                self.held = event
            case e.TurnResumed():
                self.held = None
            case e.TurnCompleted():
                self.status = "completed"
            case e.TurnStopped():
                self.status = "stopped"
                self.held = None
            case e.TurnFailed():
                self.status = "failed"
                self.error = event.error
                self.held = None
            case _:
                pass

    @property
    def way(self) -> str:
        """The actions that ran, in one line: the last `LAST`, and how many ran before; empty where none did."""
        before = len(self.actions) - LAST
        return " -> ".join([*([f"({before} before)"] if before > 0 else []), *self.actions[-LAST:]])

    def up_to(self, step: int) -> Turn:
        """The turn as it is when one has gone back to after that step: completed there. This one stays what it is."""
        count = bisect_right(self.steps, step)
        if count == len(self.steps) and self.status == "completed":
            return self
        turn = copy.copy(self)
        turn.status, turn.error, turn.held, turn.cut = "completed", None, None, True
        turn.actions, turn.steps, turn._streamed = self.actions[:count], self.steps[:count], self._streamed[:count]
        turn._said = {key: said for key, said in list(self._said.items()) if key[0] <= step}
        turn.deltas = Deltas()
        for delta in self.deltas[: None if count == len(self.steps) else self._streamed[count]]:
            turn.deltas.add(*delta)
        turn.events = self.events.up_to(step, turn.deltas)
        return turn

    def _say(self, key: tuple[int, int], text: str) -> None:
        if key not in self._said:
            self._said[key] = StringIO()
        self._said[key].write(text)

    def __repr__(self) -> str:
        return f"<Turn {self.key} {self.status}: {self.way or 'nothing ran'}, {len(self.deltas)} deltas>"


class Sending(NamedTuple):
    """A turn that was asked for.

    Attributes:
        future: holds the turn when it has ended, in whatever way.
        stop: lets it end as stopped, also where it has not begun yet; never another one. Callable on any thread.
    """

    future: concurrent.futures.Future[Turn]
    stop: Callable[[], object]


def given_before(turns: Sequence[Turn]) -> Given | None:
    """What the turn was given that one has gone back into the middle of, where the application is there now; else None."""
    for turn in reversed(turns):
        if turn.cut:
            ran = (*turn.given.ran, *turn.actions)
            answered = turn.given.answered or bool(turn.text)
            return Given(turn.given.inputs, turn.given.asked, ran=ran, answered=answered)
        if turn.status not in ("failed", "stopped"):
            return None
        if turn.given.ran:
            return turn.given  # it went on there, and was undone
    return None
