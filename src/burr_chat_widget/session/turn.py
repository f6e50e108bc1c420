"""A turn as Python sees it: what `await chat.send(...)` returns."""

from __future__ import annotations

import copy
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from itertools import accumulate
from typing import Any, Literal, NamedTuple, overload

from burr_chat_widget.bridge import Given
from burr_chat_widget.protocol import events as e

__all__ = ["Delta", "Deltas", "Turn", "given_before"]

BLOCK = 4096
"""So many deltas are put together at once."""


class Delta(NamedTuple):
    """A streamed piece of text and when it was yielded, in seconds since the turn began."""

    text: str
    time: float


class Deltas(Sequence[Delta]):
    """Every delta of a turn, in order; it can be read while the turn goes on. Holds sixteen bytes a delta besides the text."""

    def __init__(self) -> None:
        # Blocks never change, and both parts are replaced together: whoever reads has a whole, on whatever thread.
        self._parts: tuple[tuple[_Block, ...], list[Delta]] = (), []

    def add(self, text: str, time: float) -> None:
        """Append a delta. Called on one thread."""
        blocks, tail = self._parts
        tail.append(Delta(text, time))
        if len(tail) == BLOCK:
            self._parts = (*blocks, _Block(tail)), []

    def __len__(self) -> int:
        blocks, tail = self._parts
        return len(blocks) * BLOCK + len(tail)

    @overload
    def __getitem__(self, index: int) -> Delta: ...
    @overload
    def __getitem__(self, index: slice) -> list[Delta]: ...
    def __getitem__(self, index: int | slice) -> Delta | list[Delta]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        blocks, tail = self._parts
        index = range(len(blocks) * BLOCK + len(tail))[index]
        block, place = divmod(index, BLOCK)
        return blocks[block][place] if block < len(blocks) else tail[place]

    def __iter__(self) -> Iterator[Delta]:
        blocks, tail = self._parts
        for block in blocks:
            yield from (block[place] for place in range(BLOCK))
        yield from list(tail)

    def __repr__(self) -> str:
        return f"<{len(self)} deltas>"


class _Block:
    """A fixed number of deltas, as one text."""

    def __init__(self, deltas: list[Delta]) -> None:
        self._text = "".join(delta.text for delta in deltas)
        self._ends = array("L", accumulate(len(delta.text) for delta in deltas))
        self._times = array("d", (delta.time for delta in deltas))

    def __getitem__(self, place: int) -> Delta:
        start = self._ends[place - 1] if place else 0
        return Delta(self._text[start : self._ends[place]], self._times[place])


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
        self.inputs = dict(inputs)
        self.given = given or Given(self.inputs)
        self.request = request
        self.replaces = replaces
        self.status: Literal["running", "completed", "stopped", "failed"] = "running"
        self.actions: list[str] = []
        self.steps: list[int] = []
        self.started = 0.0
        self.deltas = Deltas()
        self.error: e.TurnError | None = None
        self.held: e.TurnPaused | None = None
        self.cut = False
        self._began = 0.0
        self._streamed: list[int] = []  # how many deltas came before each step
        self._said: dict[
            tuple[int, int], StringIO
        ] = {}  # by the step, and by the message's place among those not streamed

    @property
    def text(self) -> str:
        """What was said in answer: the messages of the turn in order, a blank line between them."""
        return "\n\n".join(text for said in list(self._said.values()) if (text := said.getvalue()))

    def record(self, event: e.TurnEvent) -> None:
        """Take an event of this turn into account."""
        match event:
            case e.TextDelta():
                self.deltas.add(event.text, event.monotonic - self._began)
                self._say((event.step, 0), event.text)
            case e.TextReplaced():
                self._said.pop((event.step, 0), None)
                self._say((event.step, 0), event.text)
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
        return turn

    def _say(self, key: tuple[int, int], text: str) -> None:
        if key not in self._said:
            self._said[key] = StringIO()
        self._said[key].write(text)

    def __repr__(self) -> str:
        return (
            f"<Turn {self.key} {self.status}: {' -> '.join(self.actions) or 'nothing ran'}, {len(self.deltas)} deltas>"
        )


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
