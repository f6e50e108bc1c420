"""What there is to tell about one step: the events beside its deltas."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from typing import Any, Literal, cast

from burr.core import State
from msgspec.structs import replace

from burr_chat_widget.protocol import events as e

from .deltas import DeltaReader, Piece, Replaced
from .failures import as_it_is, words_of
from .history import added_items
from .inputs import PROMPT_NAMES
from .messages import KINDS, HistoryMessage, is_foreign
from .option import DeltaOption
from .parts import Part
from .printable import clean
from .reading import same_arguments
from .redaction import CREDENTIALS, Redaction
from .rendering import Render, rendered
from .said import Said, ShownCall, final_text, result_message
from .snapshots import changes_between
from .values import is_model, type_name

__all__ = ["StepTeller"]


class StepTeller:
    """Tells of one step.

    Attributes:
        number: the step's sequence id.
        action: the action's name.
        reader: what the streamed items say.
        deltas: how many have been told.
    """

    def __init__(
        self,
        turn: str,
        number: int,
        action: str,
        *,
        delta: DeltaOption,
        render: Render | None = None,
        redaction: Redaction = CREDENTIALS,
        masked: Callable[..., str] = as_it_is,
    ) -> None:
        self.turn = turn
        self.number = number
        self.action = action
        self.reader = DeltaReader(delta, redaction)
        self.deltas = 0
        self.first_delta: float | None = None
        self._time, self._started = time.time(), time.monotonic()
        self._worked_since = self._started  # later by what it was held
        self._held_since: float | None = None
        self._hinted = self._ended = False
        self._worked_until: float | None = None
        self._render = render
        self._redaction = redaction
        self._masked = masked

    def _now(self) -> dict[str, Any]:
        return {"time": time.time(), "monotonic": time.monotonic(), "turn": self.turn, "step": self.number}

    def started(self, *, streaming: bool, inputs: dict[str, str]) -> e.StepStarted:
        """The action begins to run."""
        return e.StepStarted(
            time=self._time, monotonic=self._started, turn=self.turn, step=self.number,
            action=self.action, streaming=streaming, inputs=inputs,
        )  # fmt: skip

    def count(self, monotonic: float) -> None:
        """One more delta was told."""
        if self.first_delta is None:
            self.first_delta = max(0.0, monotonic - self._worked_since)
        self.deltas += 1

    def hold(self, since: float) -> None:
        """The step is held from then on, on the monotonic clock: that time is not of its work."""
        self._held_since = since

    def go_on(self, now: float) -> None:
        """It is held no longer, if it was."""
        if self._held_since is not None:
            self._worked_since += now - self._held_since
            self._held_since = None

    def worked(self) -> None:
        """The action has ended: what is done from here on, to tell of it, is not of its work."""
        self._worked_until = time.monotonic()

    def other_item(self, pieces: list[Piece], item: object) -> list[e.TurnEvent]:
        """A streamed item that is no plain addition of text."""
        if not pieces:
            return []
        self.count(time.monotonic())
        told: list[e.TurnEvent] = []
        for piece in pieces:
            if isinstance(piece, str):
                told += [e.TextDelta(**self._now(), text=piece)] if piece else []
            elif isinstance(piece, Replaced):
                told.append(e.TextReplaced(**self._now(), text=piece.text))
            else:
                told.append(self._part(piece))
        if not self._hinted and any(isinstance(piece, Part) and piece.part.startswith("items") for piece in pieces):
            self._hinted = True
            why = (
                "bytes are not text: decode them in the action"
                if isinstance(item, bytes | bytearray)
                else "no text was found in them: say where it is with BurrChat(app, delta=lambda item: ...)"
            )
            told.append(self.notice(f"Action {self.action!r} streams {type(item).__name__} items; {why}", "info"))
        return told

    def _part(self, part: Part) -> e.PartDelta:
        return e.PartDelta(
            **self._now(),
            part=clean(part.part),
            kind=cast(e.PartKind, part.kind),
            text=part.text,
            keep=part.keep,
            name=part.name,
            call=part.call,
        )

    def notice(self, text: str, level: Literal["info", "warning"] = "warning") -> e.Notice:
        """Something that ends nothing."""
        return e.Notice(**self._now(), level=level, text=clean(text))

    def end_of_stream(self, *, broken: bool = False) -> list[e.TurnEvent]:
        """What was held back, and what was wrong with the text. `broken`: the stream did not come to its end."""
        told: list[e.TurnEvent] = []
        if self._ended:
            return told
        self._ended = True
        held = self.reader.finish()
        if held:
            told.append(e.TextDelta(**self._now(), text=held))
            self.count(time.monotonic())
        for item in [] if broken or self.deltas else self.reader.blanks:
            told += self.other_item([*self.reader.parts.line(item)], item)
        if self.reader.lone_surrogates:
            told.append(
                self.notice(f"Action {self.action!r} streamed half of a surrogate pair; it is shown as \ufffd.")
            )
        return told

    def late_error(self, error: Exception, state: State[Any]) -> e.Notice:
        """The stream raised after its result, which Burr keeps."""
        return self.notice(
            f"Action {self.action!r} raised {type(error).__name__} after its result, which is kept: "
            f"{self._masked(words_of(error), state)[:500]}"
        )

    def added(
        self, before: State[Any], after: State[Any], history: str | None, said: Said
    ) -> tuple[list[e.TurnEvent], list[e.TurnEvent]]:
        """Compare what was streamed with what the application recorded.

        Args:
            before: the state before the step.
            after: the state after it.
            history: the key of the conversation.
            said: what was shown earlier in the turn; what this step shows is added.

        Returns:
            Corrections of what was streamed; messages that were not streamed.
        """
        self._remember(said)
        corrections: list[e.TurnEvent] = []
        messages: list[e.TurnEvent] = []
        new: list[HistoryMessage] = []
        for item in added_items(before, after, history) if history is not None else ():
            spoken = tuple(m for m in item.messages if m.spoken)
            new += self._rendered(item.item, spoken, messages) if is_foreign(item.item) else spoken
        text = self.reader.text.strip()
        if text:
            own = _own(new, text, said)
            said.streamed(text if own is None else own.text)
            if own is not None and own.text.strip() != text:
                corrections.append(e.TextReplaced(**self._now(), text=self.reader.replace(own.text).text))
        for message in new:
            if message.kind == "tool-call":
                shown = said.streamed_call(message)
                if shown is not None:
                    corrections += self._corrected_call(shown, message)
                    continue
            elif not said.is_new(message):
                continue
            messages.append(self._message(message))
        return corrections, messages

    def _remember(self, said: Said) -> None:
        """What was streamed besides text is on the page."""
        parts = self.reader.parts
        if parts.thoughts:
            # A history has each stretch of it, or all of it as one.
            said.thoughts.update({*(t.strip() for t in parts.thoughts), "".join(parts.thoughts).strip()})
            said.anything = True
        for key, call in parts.calls.items():
            said.calls.append(ShownCall(self.number, key, call))
            said.anything = True
        if parts.data is not None:
            said.streamed(parts.data[1])

    def _corrected_call(self, shown: ShownCall, message: HistoryMessage) -> list[e.TurnEvent]:
        """What is to be corrected about a call that was streamed."""
        right = same_arguments(shown.call.arguments, message.text)
        if right and shown.call.call == message.call:
            return []
        text, keep = ("", None) if right else (message.text, 0)
        told = self._part(Part(shown.part, "tool-call", text, keep, message.name, message.call))
        return [replace(told, step=shown.step)]

    def _message(self, message: HistoryMessage) -> e.MessageAdded:
        return e.MessageAdded(
            **self._now(),
            role=message.role,
            text=message.text,
            kind=message.kind if message.kind in KINDS else "text",
            name=message.name,
            call=message.call,
        )

    def _rendered(
        self, item: object, raw: tuple[HistoryMessage, ...], told: list[e.TurnEvent]
    ) -> tuple[HistoryMessage, ...]:
        """What `render=` makes of an item; what is wrong with it is told."""
        messages, problem = rendered(self._render, item, raw, self._masked)
        if problem is not None:
            told.append(self.notice(problem))
        return messages

    def corrected_data(self, result: object) -> list[e.TurnEvent]:
        """The object that was streamed, where the action's result is a later state of it."""
        shown = self.reader.parts.data
        value = result
        if isinstance(result, dict) and len(cast("dict[str, object]", result)) == 1:
            (value,) = cast("dict[str, object]", result).values()
        if shown is None or not is_model(value) or type_name(value) != shown[0]:
            return []
        return [self._part(part) for part in self.reader.parts.show(value)]

    def result(
        self,
        result: object,
        before: State[Any],
        after: State[Any],
        prompts: Collection[str],
        writes: Sequence[str],
        said: Said,
        *,
        history: str | None = None,
        asked: Collection[str] = PROMPT_NAMES,
    ) -> list[e.TurnEvent]:
        """The result as a message, where nothing was streamed and no answer recorded."""
        found = result_message(result, before, after, prompts, writes, self._redaction, history=history, asked=asked)
        if found is None:
            return []
        message, source = found
        told: list[e.TurnEvent] = []
        messages = self._rendered(source, (message,), told) if message.kind == "data" else (message,)
        return told + [self._message(each) for each in messages if said.is_new(each)]

    def final(self, result: object) -> list[e.TurnEvent]:
        """The streamed text as the result has it, where there is no history that says what it is."""
        text, whole = self.reader.text.strip(), final_text(result, self._redaction)
        if not text or whole is None or whole.strip() in text:
            return []
        return [e.TextReplaced(**self._now(), text=self.reader.replace(whole).text)]

    def changed(self, before: State[Any], after: State[Any]) -> list[e.TurnEvent]:
        """What the step did to the state."""
        changes = changes_between(before, after, self._redaction)
        return [e.StateChanged(**self._now(), changes=changes)] if changes else []

    def finished(self, status: Literal["done", "stopped", "failed"]) -> e.StepFinished:
        """The action has ended, where it is held too."""
        now = self._now()
        self.go_on(now["monotonic"])
        until = now["monotonic"] if self._worked_until is None else self._worked_until
        return e.StepFinished(
            **now, action=self.action, status=status, duration=max(0.0, until - self._worked_since),
            first_delta=self.first_delta, deltas=self.deltas,
        )  # fmt: skip

    def transition(self, to: str, conditions: list[e.ConditionResult]) -> e.TransitionTaken:
        """Another action comes next."""
        return e.TransitionTaken(**self._now(), from_action=self.action, to_action=to, conditions=conditions)


def _own(new: list[HistoryMessage], text: str, said: Said) -> HistoryMessage | None:
    """The message in the history that the streamed text is: the same one, else the last text that was not streamed before."""
    for message in new:
        if message.text.strip() == text:
            return message
    for message in reversed(new):
        if message.role == "assistant" and message.kind == "text" and not said.texts[message.text.strip()]:
            return message
    return None
