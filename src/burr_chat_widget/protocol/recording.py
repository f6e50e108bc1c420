"""A recording that was read: what was told, in order, the view that it makes, and what each step did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from burr_chat_widget.errors import RecordingError

from . import events as e
from .lines import Header, Line, LineError, Values, ViewReplaced, decode_header, decode_line
from .unfolded import Unfolded
from .view import View

__all__ = ["RecordedStep", "Recording"]


@dataclass
class RecordedStep:
    """One step of a recording. Values are JSON, with `$type` for what JSON has no form for.

    Attributes:
        started: when it began, on the clock of the events, in seconds.
        deltas: the text of each delta, and when it came, on that clock.
        messages: what it said besides, as text.
        before: the state before it.
        after: the state after it, None where it did not end.
        error: what ended it, in words.
    """

    turn: str
    step: int
    action: str
    started: float
    deltas: list[tuple[str, float]] = field(default_factory=list[tuple[str, float]])
    messages: list[str] = field(default_factory=list[str])
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    before: Mapping[str, Any] = field(default_factory=dict[str, Any])
    after: Mapping[str, Any] | None = None
    result: Any = None
    status: str = "running"
    duration: float = 0.0
    error: str | None = None


class Recording:
    """What a file of `chat.record(...)` holds.

    Attributes:
        path: the file.
        header: its first line.
        lines: the others, in order.
        steps: the steps, in the order in which they ran.
        first_state: the application's state when the recording began.
        state: what it was at the end.
        next_line: the number of the line that comes next.
    """

    def __init__(self, path: Path, header: Header) -> None:
        """Begin with a first line.

        Raises:
            LineError: if the view in it contradicts itself.
        """
        self.path = path
        self.header = header
        self.lines: list[Line] = []
        self.steps: list[RecordedStep] = []
        self.first_state: Mapping[str, Any] = {}
        self.state: Mapping[str, Any] = {}
        self._view = _unfolded(header.view)

    @classmethod
    def read(cls, path: str | Path) -> Recording:
        """Read a file.

        Raises:
            OSError: if there is no such file.
            RecordingError: if it is no recording, or a line is broken, or does not fit the lines before it. The error names the line,
                and holds what is before it.
        """
        path = Path(path)
        made: Recording | None = None
        for number, line in _lines_of(path.read_bytes()):
            try:
                if made is None:
                    made = cls(path, decode_header(line))
                else:
                    made.add(decode_line(line))
            except LineError as error:
                raise RecordingError(
                    str(error), path=path, line=number, recording=made, remedy=error.remedy or _remedy(made)
                ) from None
        if made is None:
            raise RecordingError("the file is empty: there is no recording in it", path=path)
        return made

    @property
    def title(self) -> str:
        """Heading of the chat."""
        return self.header.title

    @property
    def view(self) -> View:
        """What was seen at the end, without what pages were answered; a copy."""
        view = self._view.copy()
        view.accepted = []  # of turns that were taken back
        return view

    def add(self, line: Line) -> None:
        """Take one more line.

        Raises:
            LineError: if it does not fit the lines before it. The recording is what it was.
        """
        if isinstance(line, Values):
            self._take_values(line)
        elif isinstance(line, ViewReplaced):
            self._view = _unfolded(line.view)
        else:
            try:
                self._view.add(line)
            except ValueError as error:
                raise LineError(f"it does not fit the lines before it: {error}") from None
            except (LookupError, ArithmeticError, TypeError) as error:  # of a view that nobody has recorded so
                raise LineError(f"it does not fit the lines before it: {type(error).__name__}: {error}") from None
            self._take_event(line)
        self.lines.append(line)

    def _take_event(self, event: Any) -> None:
        match event:
            case e.StepStarted():
                self.steps.append(
                    RecordedStep(event.turn, event.step, event.action, event.monotonic, before=self.state)
                )
            case e.TextDelta() if (step := self._step(event.turn, event.step)) is not None:
                step.deltas.append((event.text, event.monotonic))
            case e.MessageAdded() if (step := self._step(event.turn, event.step)) is not None:
                if event.role == "assistant" and event.kind in ("text", "code"):
                    step.messages.append(event.text)
            case e.StepFinished() if (step := self._step(event.turn, event.step)) is not None:
                step.status, step.duration = event.status, event.duration
            case e.TurnFailed() if self.steps and self.steps[-1].turn == event.turn:
                self.steps[-1].error = event.error.message
            case _:
                pass

    def _take_values(self, values: Values) -> None:
        step = self._step(values.turn, values.step) if values.at != "now" else None
        if step is None and values.at != "now":
            raise LineError(
                f"it does not fit the lines before it: there is no step {values.step} of turn {values.turn!r}"
            )
        changed = dict(self.state)
        for key in values.removed:
            changed.pop(key, None)
        for key, items in values.appended.items():
            before: Any = changed.get(key)
            if not isinstance(before, list):
                raise LineError(f"it does not fit the lines before it: there is no list {key!r} to append to")
            changed[key] = [*cast("list[Any]", before), *items]
        self.state = state = {**changed, **values.state}
        if step is None:
            self.first_state = self.first_state if self.steps else state
        elif values.at == "start":
            step.before, step.inputs = state, values.inputs
        else:
            step.after, step.result = state, values.result

    def _step(self, turn: str, number: int | None) -> RecordedStep | None:
        return next((step for step in reversed(self.steps) if step.step == number and step.turn == turn), None)

    def __repr__(self) -> str:
        turns = sum(isinstance(line, e.TurnStarted) for line in self.lines)
        return f"<Recording {self.path.name!r}: {turns} turn{'' if turns == 1 else 's'}, {len(self.lines) + 1} lines>"


def _lines_of(data: bytes) -> Iterable[tuple[int, bytes]]:
    """The lines with something in them, and their numbers. Only a line feed ends one: texts hold other kinds."""
    return ((number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip())


def _remedy(before: Recording | None) -> str | None:
    if before is None:
        return None
    return "what is before that line is shown by BurrChat.replay(..., partial=True)"


def _unfolded(view: View) -> Unfolded:
    try:
        return Unfolded(view)
    except ValueError as error:
        raise LineError(f"the view in it contradicts itself: {error}") from None
