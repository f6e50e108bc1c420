"""A turn as Python sees it: what `await chat.send(...)` returns."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Any, Literal, NamedTuple, overload

from burr_chat_widget.protocol import events as e

__all__ = ["Delta", "Deltas", "Turn"]


class Delta(NamedTuple):
    """A streamed piece of text and when it was yielded, in seconds since the turn began."""

    text: str
    time: float


class Deltas(Sequence[Delta]):
    """Every delta of a turn, in order. Holds twelve bytes a delta besides the text."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._text = ""
        self._ends = array("L")
        self._times = array("d")

    def add(self, text: str, time: float) -> None:
        """Append a delta."""
        self._texts.append(text)
        self._ends.append((self._ends[-1] if self._ends else 0) + len(text))
        self._times.append(time)
        if len(self._texts) > 4096:
            self._join()

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, index: int) -> Delta: ...
    @overload
    def __getitem__(self, index: slice) -> list[Delta]: ...
    def __getitem__(self, index: int | slice) -> Delta | list[Delta]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        index = range(len(self))[index]
        self._join()
        return Delta(self._text[self._ends[index - 1] if index else 0 : self._ends[index]], self._times[index])

    def __iter__(self) -> Iterator[Delta]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"<{len(self)} deltas>"

    def _join(self) -> None:
        if self._texts:
            self._text = "".join((self._text, *self._texts))
            self._texts.clear()


class Turn:
    """A user's input until the application needs the next one.

    Attributes:
        key: the turn's name within the session.
        prompt: the text that began it, None when the application took none.
        inputs: the inputs it was given, the constants of the session apart.
        replaces: the key of the turn that this one tried again.
        status: `running`, `completed`, `stopped` or `failed`.
        actions: names of the actions that ran, in order.
        started: when it began, in seconds since the epoch.
        deltas: what was streamed, with times.
        error: what went wrong, when it failed.
    """

    def __init__(self, key: str, inputs: Mapping[str, Any], replaces: str | None = None) -> None:
        self.key = key
        self.prompt: str | None = None
        self.inputs = dict(inputs)
        self.replaces = replaces
        self.status: Literal["running", "completed", "stopped", "failed"] = "running"
        self.actions: list[str] = []
        self.started = 0.0
        self.deltas = Deltas()
        self.error: e.TurnError | None = None
        self._began = 0.0
        self._said: dict[object, StringIO] = {}

    @property
    def text(self) -> str:
        """What was said in answer: the messages of the turn in order, a blank line between them."""
        return "\n\n".join(text for said in self._said.values() if (text := said.getvalue()))

    def record(self, event: e.TurnEvent) -> None:
        """Take an event of this turn into account."""
        match event:
            case e.TextDelta():
                self.deltas.add(event.text, event.monotonic - self._began)
                self._say(event.step, event.text)
            case e.TextReplaced():
                self._said.pop(event.step, None)
                self._say(event.step, event.text)
            case e.MessageAdded() if event.kind in ("text", "code", "error"):
                self._say((event.step, len(self._said)), event.text)
            case e.StepStarted():
                self.actions.append(event.action)
            case e.TurnStarted():
                self.prompt = event.prompt
                self.started = event.time
                self._began = event.monotonic
            case e.TurnCompleted():
                self.status = "completed"
            case e.TurnStopped():
                self.status = "stopped"
            case e.TurnFailed():
                self.status = "failed"
                self.error = event.error
            case _:
                pass

    def _say(self, key: object, text: str) -> None:
        if key not in self._said:
            self._said[key] = StringIO()
        self._said[key].write(text)

    def __repr__(self) -> str:
        return (
            f"<Turn {self.key} {self.status}: {' -> '.join(self.actions) or 'nothing ran'}, {len(self.deltas)} deltas>"
        )
