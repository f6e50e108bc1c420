"""A session that shows a recording: what was told, in place of an application that tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, cast

from burr.core import State

from burr_chat_widget.bridge import RECORDED, Restorer
from burr_chat_widget.errors import NoApplication
from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.commands import Inspect, Log
from burr_chat_widget.protocol.fold import fold
from burr_chat_widget.protocol.frames import Inspected, Logged
from burr_chat_widget.protocol.lines import ViewReplaced
from burr_chat_widget.protocol.recording import RecordedStep, Recording
from burr_chat_widget.protocol.view import Composer, View
from burr_chat_widget.transport.outbox import Outbox

from .checkpoints import Checkpoints
from .front import Stamp, stamp
from .lookups import Lookups, look_into, look_up
from .pages import Pages
from .turn import Turn

__all__ = ["ReplaySession"]

HINT = "This is a recording: it can be looked at and replayed, and nothing can be sent."

UNRECORDED = "This turn is not in the recording: it was over when the recording began."


class ReplaySession(Lookups):
    """What `ChatSession` is to a chat, for one that has a recording and no application.

    Whatever would need one raises `NoApplication`; what pages ask of that kind is refused in its words.

    Args:
        recording: what is shown.
        broken: why that is not all of the file.

    Attributes:
        turns: as recorded; in `inputs` are short printable forms.
        checkpoints: with the states as recorded; of what JSON has no form for, what it looked like.
        outbox: for pages.
    """

    running = None
    pace = 0.0
    redaction = RECORDED
    explain = str

    def __init__(self, recording: Recording, *, broken: str | None = None) -> None:
        self._name = recording.path.name
        self.title = recording.title
        view = recording.view
        self.turns = _turns(recording)
        self.checkpoints, self._state = _states(recording, view)
        self._end(view, broken)
        view.session.recording = self._name
        view.session.suggestions, view.session.faults = [], []
        view.composer = Composer(input=view.composer.input, enabled=False, hint=HINT)
        view.pausing, view.pace, view.fault, view.branches = False, 0.0, None, []
        for turn in view.turns:
            turn.siblings, turn.editable = [], False
        self.outbox = Outbox(view)
        self.pages = Pages(cast(Any, self))

    def _end(self, view: View, broken: str | None) -> None:
        """Nothing runs any more, though the recording may end in the middle of a turn."""
        if broken is not None:
            fold(view, e.Notice(**stamp(), level="warning", text=broken))
        if view.status == "idle":
            return
        last = self.turns[-1] if self.turns and self.turns[-1].status == "running" else None
        key = view.turns[-1].key
        when = stamp(key)
        if last is not None and len(last.events) > 0:
            told = last.events[-1]
            when = Stamp(time=told.time, monotonic=told.monotonic, turn=key)
        for event in (
            e.Notice(**when, level="info", text="The recording ends here, in the middle of this turn."),
            e.TurnStopped(**when),
        ):
            fold(view, event)
            if last is not None:
                last.record(event)

    # What is there.

    def inspect(self, command: Inspect) -> Inspected:
        """What a page wants to look into."""
        return look_into(command, self.checkpoints, self.redaction, self._state, self._state)

    def log(self, command: Log) -> Logged:
        """What a page wants to know of how a turn went; no frames carried it."""
        if all(turn.key != command.turn for turn in self.turns):
            return Logged(client=command.client, request=command.request, error=UNRECORDED)
        return look_up(command, self.turns)

    def stamp(self) -> Stamp:
        """Time and turn of what is told now."""
        return stamp()

    def look(self) -> None:
        """Nobody changes anything."""

    def shown(self) -> None:
        """The chat is displayed."""

    def stop(self, *_: Any) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """There is nothing to let go of."""

    # What an application would be needed for.

    @property
    def app(self) -> NoReturn:
        """There is none."""
        self._refuse("there is no application")

    @property
    def branches(self) -> NoReturn:
        """They have an application each."""
        self._refuse("there are no branches to go on with")

    @property
    def breakpoints(self) -> NoReturn:
        """Nothing is held."""
        self._refuse("nothing can be held")

    @property
    def faults(self) -> NoReturn:
        """There is no model."""
        self._refuse("there is no model that could fail")

    @property
    def past(self) -> NoReturn:
        """Nothing goes on from there."""
        self._refuse("no application can go back or be forked")

    def begin(self, *_: Any, **_options: Any) -> NoReturn:
        """No turn begins."""
        self._refuse("nothing can be sent")

    def let(self, *_: Any, **_options: Any) -> NoReturn:
        """No turn goes on."""
        self._refuse("nothing runs")

    def pause(self, *_: Any, **_options: Any) -> NoReturn:
        """No turn is held."""
        self._refuse("nothing runs")

    def set_pace(self, *_: Any, **_options: Any) -> NoReturn:
        """No generator is held."""
        self._refuse("there is no source that could be slowed down")

    def record(self, *_: Any, **_options: Any) -> NoReturn:
        """Nothing happens that could be recorded."""
        self._refuse("nothing happens that could be recorded")

    def submit(self, *_: Any, **_options: Any) -> NoReturn:
        """A page asks for something that needs an application."""
        self._refuse("nothing can be run")

    async def restart(self) -> NoReturn:
        """Nothing begins again."""
        self._refuse("nothing can be run")

    def _refuse(self, why: str) -> NoReturn:
        raise NoApplication(
            f"this chat shows the recording {self._name!r}: {why}",
            remedy="make a chat of an application with BurrChat(app)",
        )


def _turns(recording: Recording) -> list[Turn]:
    """The turns that are seen at the end. Those that were taken back or cut, or are on another branch, are as the last view has them."""
    known: dict[str, Turn] = {}
    shown: list[Turn] = []
    for line in recording.lines:
        if isinstance(line, ViewReplaced):
            shown = [_as_seen(known[turn.key], line.view) for turn in line.view.turns if turn.key in known]
            continue
        if isinstance(line, e.TurnStarted):
            known[line.turn] = Turn(line.turn, line.inputs, request=line.request, replaces=line.replaces)
            shown.append(known[line.turn])
        if isinstance(line, e.Event) and line.turn in known:
            known[line.turn].record(line)  # pyright: ignore[reportArgumentType] -- what is of a turn is an event of turns
    return shown


def _as_seen(turn: Turn, view: View) -> Turn:
    steps = [step.step for step in view.steps if step.turn == turn.key]
    completed = any(each.key == turn.key and each.status == "completed" for each in view.turns)
    return turn.up_to(steps[-1]) if completed and steps else turn


def _states(recording: Recording, view: View) -> tuple[Checkpoints, State[Any]]:
    """The checkpoints of the steps that are seen at the end, and the state then; of a turn that had not ended, that before it."""
    restorer = Restorer()

    def state(plain: Mapping[str, Any]) -> State[Any]:
        return State(restorer.entries(plain))

    last: dict[tuple[str, int], RecordedStep] = {(step.turn, step.step): step for step in recording.steps}
    seen = [last[step.turn, step.step] for step in view.steps if (step.turn, step.step) in last]
    checkpoints = Checkpoints(state(recording.first_state), keep=len(seen))
    for step in seen:
        checkpoints.began(step.turn, step.step, step.action, restorer.entries(step.inputs), state(step.before))
        if step.after is not None:
            checkpoints.ended(step.step, restorer.of(step.result), state(step.after))
    cut = next((step for step in seen if view.status != "idle" and step.turn == view.turns[-1].key), None)
    return checkpoints, state(recording.state if cut is None else cut.before)
