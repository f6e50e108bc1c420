"""A chat's events, written into a file as they happen."""

from __future__ import annotations

import contextlib
import logging
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from burr_chat_widget.bridge import Redaction
from burr_chat_widget.errors import RecordingError
from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.fold import mark_next
from burr_chat_widget.protocol.frames import Accepted, Refused, Remark
from burr_chat_widget.protocol.lines import VERSION, Header, LineError, ViewReplaced, encode_line
from burr_chat_widget.protocol.recording import Recording
from burr_chat_widget.protocol.trim import trim_from_turn
from burr_chat_widget.protocol.view import View
from burr_chat_widget.transport.outbox import Outbox

from .branches import Branches
from .line_file import LineFile
from .state_lines import StateLines
from .turn import Turn

__all__ = ["Recorder"]

logger = logging.getLogger(__name__)


class Recorder:
    """Writes a recording, until it is stopped: what `chat.record(...)` returns. Also a context manager, which stops it at its end.

    Its life: made, with what is before the first event in the file; a line for each event, and for what each step did; stopped, or
    broken off by an error of the disk, which the chat tells once.

    Attributes:
        path: the file.
    """

    def __init__(
        self,
        path: Path,
        *,
        outbox: Outbox,
        branches: Branches,
        redaction: Redaction,
        remark: Callable[[str], object],
        turns: Sequence[Turn] = (),
        overwrite: bool = False,
    ) -> None:
        self.path = path
        self._outbox = outbox
        self._branches = branches
        self._remark = remark
        self._states = StateLines(redaction)
        self._finishing = False
        with outbox.order:
            earlier = _up_to_now(branches.shown.turns, turns)
            self._file = LineFile(path, overwrite=overwrite)
            self._close = weakref.finalize(self, self._file.close)
            try:
                self._begin(earlier)
            except BaseException as error:
                self._close()
                self._file.discard()
                if isinstance(error, OSError):
                    raise RecordingError(f"it cannot be written: {error.strerror}", path=path) from error
                raise
            self._file.keep()
            outbox.listen(self._hear)

    @property
    def active(self) -> bool:
        """Whether what happens is still written."""
        return not self._file.closed

    def stop(self) -> None:
        """Write no more."""
        self._outbox.unlisten(self._hear)
        with self._outbox.order:
            self._close()

    def finish(self) -> None:
        """Write no more, but for the rest of the turn that runs."""
        with self._outbox.order:
            turns = self._branches.shown.turns
            self._finishing = bool(turns) and turns[-1].status == "running"
            if not self._finishing:
                self.stop()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<{'Recording' if self.active else 'Recorded'} {str(self.path)!r}>"

    def _begin(self, earlier: Sequence[Turn]) -> None:
        """Write what was before, and the turns that are over, or have begun."""
        now = _without_requests(self._outbox.view())
        header = Header(
            version=VERSION,
            title=now.session.title,
            app_id=now.session.app_id,
            time=time.time(),
            monotonic=time.monotonic(),
            view=_before(self._outbox.view(), earlier),
        )
        self._file.write(encode_line(header))
        self._file.write(encode_line(self._states.now(self._state_before(earlier))))
        if not earlier:
            return
        told = Recording(self.path, header)
        for turn in earlier:
            for event in turn.events:
                with contextlib.suppress(LineError):  # of a turn that was cut when one went back, not all may fit
                    told.add(event)
                    self._write(event)
        if told.view != now:
            # One has gone back meanwhile, or to another branch.
            self._write(now)
        if earlier[-1].status != "running":
            self._write_state()

    def _state_before(self, earlier: Sequence[Turn]) -> Any:
        steps = [step for turn in earlier for step in turn.steps]
        known = (self._branches.shown.checkpoints.values(step) for step in steps)
        first = next((values for values in known if values is not None), None)
        return self._branches.shown.app.state if first is None else first.before

    def _hear(self, told: e.TurnEvent | Remark | View) -> None:
        """Something is told; on any thread, in order. Whatever goes wrong here concerns nobody but the recording."""
        if self._file.closed:
            return
        try:
            self._write(told)
            if isinstance(told, e.TurnStopped | e.TurnFailed | View):
                self._write_state()
            if self._finishing and isinstance(told, e.TurnCompleted | e.TurnStopped | e.TurnFailed):
                self.stop()
        except Exception as error:
            if not isinstance(error, OSError):
                logger.exception("the recording %s cannot go on", self.path)
            self.stop()
            why = (error.strerror if isinstance(error, OSError) else None) or f"{type(error).__name__}: {error}"
            self._remark(
                f"The recording {self.path.name} has ended here: {why}. What is in the file up to here can be replayed."
            )

    def _write(self, told: e.TurnEvent | Remark | View) -> None:
        if isinstance(told, View):
            self._file.write(encode_line(ViewReplaced(view=_without_requests(told))))
        elif not isinstance(told, Accepted | Refused):  # what pages ask is their own business
            self._file.write(encode_line(told))
            self._write_values(told)

    def _write_state(self) -> None:
        """The application's state may be another one than the last step has left."""
        values = self._states.now(self._branches.shown.app.state)
        if values.state or values.appended or values.removed:
            self._file.write(encode_line(values))

    def _write_values(self, event: e.TurnEvent | Remark) -> None:
        if not isinstance(event, e.StepStarted | e.StepFinished):
            return
        values = self._branches.shown.checkpoints.values(event.step)
        if values is None or values.turn != event.turn:
            return
        if isinstance(event, e.StepStarted):
            self._file.write(encode_line(self._states.started(event.turn, event.step, values)))
        elif event.status == "done" and values.after is not None:
            self._file.write(encode_line(self._states.ended(event.turn, event.step, values)))


def _up_to_now(known: Sequence[Turn], wanted: Sequence[Turn]) -> list[Turn]:
    """The turns that are recorded from their beginning: those that are wanted, and the one that runs.

    Raises:
        ValueError: if they are not the last ones of the conversation.
    """
    running = [turn for turn in known[-1:] if turn.status == "running" and len(turn.events) > 0]
    given = [turn for turn in wanted if turn not in running]
    over = [turn for turn in known if turn not in running]
    if given and over[-len(given) :] != given:
        raise ValueError("turns= takes the last turns of this chat, without gaps: turns=chat.turns, or chat.turns[2:]")
    return [*given, *running]


def _before(view: View, turns: Iterable[Turn]) -> View:
    """The view before the first of these turns that is in it. It is changed in place."""
    there = {turn.key for turn in view.turns}
    first = next((turn for turn in turns if turn.key in there), None)
    if first is not None:
        trim_from_turn(view, first.key)
        view.status, view.held = "idle", None
        started = first.events[0]
        mark_next(view, started.next_action if isinstance(started, e.TurnStarted) else None)
    return _without_requests(view)


def _without_requests(view: View) -> View:
    return replace(view, accepted=[], refused=[])
