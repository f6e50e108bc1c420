"""What there is to tell about one step: the events beside its deltas."""

from __future__ import annotations

import time
from typing import Any, Literal

from burr.core import State

from burr_chat_widget.protocol import events as e

from .deltas import DeltaOption, DeltaReader, Replaced, Structured, find_text
from .history import HistoryMessage, added_messages
from .printable import clean
from .snapshots import changes_between

__all__ = ["StepTeller"]


class StepTeller:
    """Tells of one step.

    Attributes:
        number: the step's sequence id.
        action: the action's name.
        reader: what the streamed items say.
        deltas: how many have been told.
    """

    def __init__(self, turn: str, number: int, action: str, *, delta: DeltaOption) -> None:
        self.turn = turn
        self.number = number
        self.action = action
        self.reader = DeltaReader(delta)
        self.deltas = 0
        self.first_delta: float | None = None
        self._time, self._started = time.time(), time.monotonic()
        self._hinted = self._ended = False

    def _now(self) -> dict[str, Any]:
        return {"time": time.time(), "monotonic": time.monotonic(), "turn": self.turn, "step": self.number}

    def started(self, *, streaming: bool, inputs: list[str]) -> e.StepStarted:
        """The action begins to run."""
        return e.StepStarted(
            time=self._time, monotonic=self._started, turn=self.turn, step=self.number,
            action=self.action, streaming=streaming, inputs=inputs,
        )  # fmt: skip

    def count(self, monotonic: float) -> None:
        """One more delta was told."""
        if self.first_delta is None:
            self.first_delta = max(0.0, monotonic - self._started)
        self.deltas += 1

    def other_item(self, piece: Replaced | Structured, item: object) -> list[e.TurnEvent]:
        """A streamed item that is no plain addition of text."""
        self.count(time.monotonic())
        if isinstance(piece, Replaced):
            return [e.TextReplaced(**self._now(), text=piece.text)]
        told: list[e.TurnEvent] = [e.ItemDelta(**self._now(), item=piece.item)]
        if not self._hinted:
            self._hinted = True
            why = (
                "bytes are not text: decode them in the action"
                if isinstance(item, bytes | bytearray)
                else "no text was found in them: say where it is with BurrChat(app, delta=lambda item: ...)"
            )
            told.append(self.notice(f"Action {self.action!r} streams {type(item).__name__} items; {why}", "info"))
        return told

    def notice(self, text: str, level: Literal["info", "warning"] = "warning") -> e.Notice:
        """Something that ends nothing."""
        return e.Notice(**self._now(), level=level, text=clean(text))

    def end_of_stream(self) -> list[e.TurnEvent]:
        """What was held back, and what was wrong with the text."""
        told: list[e.TurnEvent] = []
        if self._ended:
            return told
        self._ended = True
        held = self.reader.finish()
        if held:
            told.append(e.TextDelta(**self._now(), text=held))
            self.count(time.monotonic())
        if self.reader.lone_surrogates:
            told.append(
                self.notice(f"Action {self.action!r} streamed half of a surrogate pair; it is shown as \ufffd.")
            )
        return told

    def late_error(self, error: Exception) -> e.Notice:
        """The stream raised after its result, which Burr keeps."""
        return self.notice(
            f"Action {self.action!r} raised {type(error).__name__} after its result, which is kept: {str(error)[:500]}"
        )

    def added(
        self, before: State[Any], after: State[Any], history: str | None, said: list[str]
    ) -> tuple[list[e.TurnEvent], list[e.TurnEvent]]:
        """Compare what was streamed with what the application recorded.

        Args:
            before: the state before the step.
            after: the state after it.
            history: the key of the conversation.
            said: texts shown earlier in the turn, stripped; what this step shows is added.

        Returns:
            Corrections of the streamed text; messages that were not streamed.
        """
        new = [m for m in added_messages(before, after, history) if m.spoken] if history is not None else []
        corrections: list[e.TurnEvent] = []
        text = self.reader.text.strip()
        if text:
            own = _own(new, text, said)
            if own is not None:
                new.remove(own)
                if own.text.strip() != text:
                    corrections.append(e.TextReplaced(**self._now(), text=self.reader.replace(own.text).text))
            said.append(self.reader.text.strip())
        messages: list[e.TurnEvent] = []
        for message in new:
            if message.text.strip() not in said:
                said.append(message.text.strip())
                messages.append(e.MessageAdded(**self._now(), role=message.role, text=message.text, kind=message.kind))
        return corrections, messages

    def result(self, result: object, prompts: list[str], said: list[str]) -> list[e.TurnEvent]:
        """The result as a message, for an application that keeps no history and has streamed nothing."""
        found = find_text(result)
        if found is None or not found[0].strip() or found[0] in prompts:
            return []
        said.append(found[0].strip())
        return [e.MessageAdded(**self._now(), role="assistant", text=clean(found[0]))]

    def changed(self, before: State[Any], after: State[Any]) -> list[e.TurnEvent]:
        """What the step did to the state."""
        changes = changes_between(before, after)
        return [e.StateChanged(**self._now(), changes=changes)] if changes else []

    def finished(self, status: Literal["done", "stopped", "failed"]) -> e.StepFinished:
        """The action has ended."""
        now = self._now()
        return e.StepFinished(
            **now, action=self.action, status=status, duration=max(0.0, now["monotonic"] - self._started),
            first_delta=self.first_delta, deltas=self.deltas,
        )  # fmt: skip

    def transition(self, to: str, conditions: list[e.ConditionResult]) -> e.TransitionTaken:
        """Another action comes next."""
        return e.TransitionTaken(**self._now(), from_action=self.action, to_action=to, conditions=conditions)


def _own(new: list[HistoryMessage], text: str, said: list[str]) -> HistoryMessage | None:
    """The message in the history that the streamed text is: the same one, else the last text that is not known yet."""
    for message in new:
        if message.text.strip() == text:
            return message
    for message in reversed(new):
        if message.role == "assistant" and message.kind == "text" and message.text.strip() not in said:
            return message
    return None
