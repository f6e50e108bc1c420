"""What the bridge told of one turn, kept: each event, in order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import overload

from burr_chat_widget.protocol.events import StepStarted, TextDelta, TurnEvent, TurnStarted
from burr_chat_widget.protocol.frames import WireEvent
from burr_chat_widget.transport.coalesce import FRAME_TEXT, Coalescer, TextRun

from .deltas import Delta, Deltas

__all__ = ["Told"]

CHUNK = 500
"""So many events, the deltas of a step that follow each other counted as one, are handed out at once."""


class Told(Sequence[TurnEvent]):
    """The events of a turn, in order; it can be read while the turn goes on. Deltas of text, which are many, are in `deltas` alone;
    those of other parts are kept as they are.

    Attributes:
        first: how many events of turns the session had told before.
    """

    def __init__(self, deltas: Deltas) -> None:
        self.first = 0
        self._deltas = deltas
        self._others: list[TurnEvent] = []
        self._places: list[int] = []  # of each of these, its place among all
        self._began = 0.0
        self._wall = 0.0

    def add(self, event: TurnEvent) -> None:
        """Append an event; a delta of text is appended to `deltas` by the caller, afterwards. Called on one thread."""
        if isinstance(event, TextDelta):
            return
        if isinstance(event, TurnStarted):
            self._began, self._wall = event.monotonic, event.time
        self._places.append(len(self._others) + len(self._deltas))
        self._others.append(event)

    def up_to(self, step: int, deltas: Deltas) -> Told:
        """Those that were told until that step ended; `deltas` are the ones of them."""
        told = Told(deltas)
        told.first, told._began, told._wall = self.first, self._began, self._wall
        count = next(
            (i for i, e in enumerate(self._others) if isinstance(e, StepStarted) and e.step > step), len(self._others)
        )
        told._others, told._places = self._others[:count], self._places[:count]
        return told

    def __len__(self) -> int:
        return len(self._others) + len(self._deltas)

    @overload
    def __getitem__(self, index: int) -> TurnEvent: ...
    @overload
    def __getitem__(self, index: slice) -> list[TurnEvent]: ...
    def __getitem__(self, index: int | slice) -> TurnEvent | list[TurnEvent]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        index = range(len(self))[index]
        return next(self.since(index))

    def __iter__(self) -> Iterator[TurnEvent]:
        return self.since(0)

    def since(self, start: int) -> Iterator[TurnEvent]:
        """The events from that one on, as far as they have been told now."""
        count = len(self)
        at = bisect_right(self._places, start - 1)
        begun = self._step_before(at)
        step = begun.step if begun is not None else 0
        turn = self._others[0].turn if self._others else ""
        delta = start - at
        for index in range(start, count):
            if at < len(self._others) and self._places[at] == index:
                event = self._others[at]
                at += 1
                if isinstance(event, StepStarted):
                    step = event.step
                yield event
            else:
                yield self._delta(self._deltas[delta], turn, step)
                delta += 1

    def chunk(self, start: int) -> tuple[list[WireEvent], int]:
        """Some events from that one on, as they would travel in one large frame, and the number of the first one after them."""
        coalescer = Coalescer(marked=FRAME_TEXT)
        coalescer.begin_step(self._tick_before(start))
        found: list[WireEvent | TextRun] = []
        text, end = 0, start
        for event in islice(self.since(start), FRAME_TEXT):
            if len(found) >= CHUNK or text >= FRAME_TEXT:
                break
            end += 1
            if isinstance(event, TextDelta):
                last = found[-1] if found else None
                found.extend(coalescer.add(last if isinstance(last, TextRun) else None, event))
            else:
                if isinstance(event, StepStarted):
                    coalescer.begin_step(event.monotonic)
                found.append(event)
            text += len(getattr(event, "text", ""))
        return [each.event() if isinstance(each, TextRun) else each for each in found], end

    def _tick_before(self, index: int) -> float:
        """The time from which the mark of that delta counts."""
        at = bisect_right(self._places, index - 1)
        begun = self._step_before(at)
        began = begun.monotonic if begun is not None else self._began
        deltas = index - at
        return max(began, self._began + self._deltas[deltas - 1].time) if deltas else began

    def _step_before(self, at: int) -> StepStarted | None:
        """The last step that began before that one of the events that are no deltas of text."""
        others = (self._others[place] for place in range(at - 1, -1, -1))
        return next((event for event in others if isinstance(event, StepStarted)), None)

    def _delta(self, delta: Delta, turn: str, step: int) -> TextDelta:
        return TextDelta(
            time=self._wall + delta.time, monotonic=self._began + delta.time, turn=turn, step=step, text=delta.text
        )

    def __repr__(self) -> str:
        return f"<{len(self)} events>"
