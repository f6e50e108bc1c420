"""What one page asks to see: the values of a step, and how a turn went."""

from __future__ import annotations

import abc
import functools
from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from burr_chat_widget.bridge import UNCOMPARED, Redaction, Rows, rows_of
from burr_chat_widget.errors import BurrChatError
from burr_chat_widget.protocol.commands import Inspect, Log
from burr_chat_widget.protocol.frames import Inspected, Logged, Row

from .checkpoints import Checkpoints
from .turn import Turn

__all__ = ["Lookups", "look_into", "look_up"]


class Lookups(abc.ABC):
    """A session, to a page that wants to know something."""

    @abc.abstractmethod
    def inspect(self, command: Inspect) -> Inspected:
        """The values at a place, as far as they are known here."""

    @abc.abstractmethod
    def log(self, command: Log) -> Logged:
        """How a turn went, as far as that is known here."""

    def answer(self, command: Inspect | Log) -> Inspected | Logged:
        """What is known here, at once."""
        return self.log(command) if isinstance(command, Log) else self.inspect(command)

    def ask(self, command: Inspect | Log, answer: Callable[[Inspected | Logged], object]) -> None:
        """Call `answer`, now or later and on any thread, with what is known wherever it is known."""
        answer(self.answer(command))

    def looked_into(self, command: Inspect) -> Inspected:
        """As `inspect`, wherever the values are: they are waited for.

        Raises:
            BurrChatError: if they are not shown.
        """
        answer = self.inspect(command)
        if answer.error is not None:
            raise BurrChatError(answer.error)
        return answer

    def rows(self, command: Inspect) -> list[Row]:
        """All rows at a place, in however many answers they come. Raises what `looked_into` raises."""
        rows: list[Row] = []
        more = 1
        while more:
            answer = self.looked_into(replace(command, start=len(rows)))
            rows, more = [*rows, *answer.rows], answer.more
        return rows


def look_into(command: Inspect, checkpoints: Checkpoints, redaction: Redaction, now: Any, against: Any) -> Inspected:
    """What there is at a place: of a step's values, or of the state `now`, compared with what `against` is."""
    found = _rows(command, checkpoints, redaction, now, against)
    return Inspected(client=command.client, request=command.request, **vars(found))


def _rows(command: Inspect, checkpoints: Checkpoints, redaction: Redaction, now: Any, against: Any) -> Rows:
    rows = functools.partial(rows_of, path=command.path, start=command.start, redaction=redaction)
    if command.step is None:
        return rows(against, now)
    values = checkpoints.values(command.step)
    if values is None:
        return Rows(error="This step is not kept any more.")
    match command.what:
        case "state":
            return rows(values.before, values.before if values.after is None else values.after)
        case "given":
            return rows(values.before, values.before)
        case "inputs":
            return rows(UNCOMPARED, values.inputs)
        case "result":
            return rows(UNCOMPARED, values.result)


def look_up(command: Log, turns: Iterable[Turn]) -> Logged:
    """What was told of a turn, and the frames that carried it."""
    turn = next((turn for turn in turns if turn.key == command.turn), None)
    start = command.start
    if turn is None or not 0 <= start <= len(turn.events):
        return Logged(client=command.client, request=command.request, error="There is no such turn, or no such event.")
    events, end = turn.events.chunk(start)
    return Logged(
        client=command.client,
        request=command.request,
        events=events,
        first=start,
        more=end < len(turn.events),
        frames=turn.frames_of(start, end),
    )
