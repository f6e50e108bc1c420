"""What leaves the process: events and views without what was not asked for by name."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any, TypeAlias, TypeVar

from msgspec.structs import replace

from burr_chat_widget.bridge.transcript import EARLIER
from burr_chat_widget.errors import BurrChatError, ConversationMoved, StoreError, TransitionError
from burr_chat_widget.errors import __all__ as _ERRORS
from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol import frames as f
from burr_chat_widget.protocol.graph import Graph
from burr_chat_widget.protocol.view import Step, View, Withheld

__all__ = ["EXPOSABLE", "Exposure", "Told", "log"]

logger = logging.getLogger(__name__)

NOTES = 1000
"""So many different texts of notices that say nothing of exceptions are remembered; an application has a few of them."""

EXPOSABLE = ("state", "tracebacks", "source", "stepping", "history")
"""What `expose=` may name.

- `state`: values of the state, of inputs and results; what conditions read; attributes of spans; where the model is.
- `tracebacks`: what exceptions say, and their tracebacks.
- `source`: the code of actions.
- `stepping`: clients may hold turns, step through them, set breakpoints, pace and faults.
- `history`: clients may go back, fork, run a turn again on another branch, and switch between branches; with `state` they may also change
  the state by hand.
"""

WITHHELD: tuple[Withheld, ...] = ("state", "stepping", "history")
"""Those of which the view says that they are not there: pages do not offer what would be refused."""

Told: TypeAlias = "e.TurnEvent | f.Remark"
"""What a session tells, one by one."""

_OWN = {*_ERRORS} - {"StoreError", "ConversationMoved", "RecordingError", "TransitionError"}
"""The errors whose words are ours and tell nothing of the server: by their names, which is all that an event has."""

V = TypeVar("V", bound=e.Event)


class Exposure:
    """Filters what clients are told. Nothing is left out: an event that says too much says less, so that numbers stay what they are.

    Clients see the transcript, the graph and how far it is; what else they see is named.

    Args:
        names: some of `EXPOSABLE`.

    Raises:
        ValueError: if there is no such name.
    """

    def __init__(self, names: Collection[str] = ()) -> None:
        wanted = {names} if isinstance(names, str) else set(names)
        unknown = sorted(wanted - {*EXPOSABLE})
        if unknown:
            raise ValueError(
                f"expose= has {unknown[0]!r}, which is not known; there are {', '.join(map(repr, EXPOSABLE))}"
            )
        self.names = frozenset(wanted)
        self.state = "state" in wanted
        self.tracebacks = "tracebacks" in wanted
        self.source = "source" in wanted
        self.stepping = "stepping" in wanted
        self.history = "history" in wanted
        self._notes: set[str] = set()  # a view has the texts of notices without their levels

    def event(self, told: Told) -> Told:
        """An event or a remark, as clients are told of it."""
        match told:
            case e.TurnStarted() | e.StepStarted():
                return self._valued(told, inputs={})
            case e.SpanStarted():
                return self._valued(told, given={})
            case e.SpanFinished():
                error = self._raised(told.error, told.turn)
                return replace(told, changes=self._changes(told.changes), error=error)
            case e.AttributesLogged():
                return self._valued(told, attributes={})
            case e.StateChanged():
                return replace(told, changes=self._changes(told.changes))
            case e.TransitionTaken():
                return self._decision(told)
            case e.TurnPaused():
                error = self._raised(told.error, told.turn)
                return replace(told, conditions=self._conditions(told.conditions, told.turn), error=error)
            case e.Notice():
                return replace(told, text=self._notice(told))
            case e.TurnFailed():
                return replace(told, error=self.error(told.error, told.turn))
            case f.ComposerChanged():
                composer = replace(told.composer)
                self._next(composer)
                return replace(told, composer=composer)
            case f.ControlsChanged():
                return told if self.stepping else replace(told, pausing=False, breakpoints=[], pace=0.0, fault=None)
            case (
                e.TextDelta()
                | e.TextReplaced()
                | e.PartDelta()
                | e.MessageAdded()
                | e.StepFinished()
                | e.TurnResumed()
                | e.TurnCompleted()
                | e.TurnStopped()
                | f.BranchesChanged()
                | f.Accepted()
                | f.Refused()
            ):
                return told

    def turn_event(self, told: e.TurnEvent) -> e.TurnEvent:
        """The same, of a turn's own event."""
        event = self.event(told)
        assert not isinstance(event, f.Remark), "an event stays one"
        return event

    def wire_event(self, told: f.WireEvent) -> f.WireEvent:
        """An event as it travels in frames and logs."""
        if isinstance(told, f.Text):
            return told
        event = self.event(told)
        assert not isinstance(event, e.TextDelta), "an event stays what it is"
        return event

    def view(self, view: View) -> View:
        """A view, as clients see it. It is changed in place, and must be the caller's own."""
        view.graph = self._graph(view.graph)
        view.session.withheld = [name for name in WITHHELD if name in view.session.withheld or name not in self.names]
        if not self.state:
            view.session.model = _without_place(view.session.model)
        if not self.stepping:
            view.session.faults = []
            view.pausing, view.breakpoints, view.pace, view.fault = False, [], 0.0, None
        self._next(view.composer)
        if view.held is not None:
            view.held.error = self._raised(view.held.error, "")
            view.held.conditions = self._conditions(view.held.conditions, "")
        for step in view.steps:
            self._step(step)
        for message in view.messages:
            if message.error is not None:
                message.error = self.error(message.error, message.turn)
            if not self.tracebacks:
                message.notices = [self._noted(text, message.turn) for text in message.notices]
                # What is remarked on earlier messages, and on where one has gone back to, is ours.
                ours = message.turn == EARLIER or message.key.endswith(":remark")
                if message.kind == "notice" and not ours:
                    message.text = self._noted(message.text, message.turn)
        view.decisions = [self._decision(each) for each in view.decisions]
        return view

    def error(self, error: e.TurnError, turn: str) -> e.TurnError:
        """What went wrong, in words of ours where the exception's own do not go out. Those are in the log then, under the turn's key."""
        if self.tracebacks:
            return error
        # What is raised by somebody else has a traceback, whatever its class is called.
        if error.kind in _OWN and error.traceback is None:
            return error
        if error.kind == "ConversationMoved" and error.traceback is None:
            return replace(error, message="The conversation was continued elsewhere meanwhile: ask again.", remedy=None)
        if error.kind == "StoreError":
            return e.TurnError(
                kind="StoreError",
                message=f"What was said could not be kept. The server's log says why, under {turn or 'this turn'}.",
                remedy="Send the prompt again later.",
                action=error.action,
            )
        return e.TurnError(
            kind="Error",
            message=f"Something went wrong in the application. The server's log has it under {turn or 'this turn'}.",
            action=error.action,
        )

    def words(self, error: Exception) -> str:
        """Why something that a client asked for was not done."""
        if isinstance(error, ConversationMoved):
            return "The conversation was continued elsewhere: ask again."
        # In a TransitionError is what the condition raised.
        if isinstance(error, BurrChatError) and not isinstance(error, StoreError | TransitionError):
            return str(error)
        logger.error("what a client asked for was not done", exc_info=error)
        return str(error) if self.tracebacks else "Something went wrong on the server, which its log tells of."

    def _valued(self, told: V, **empty: Any) -> V:
        return told if self.state else replace(told, **empty)

    def _changes(self, changes: list[e.StateChange]) -> list[e.StateChange]:
        return changes if self.state else [replace(each, before=None, after=None) for each in changes]

    def _conditions(self, conditions: list[e.ConditionResult], turn: str) -> list[e.ConditionResult]:
        return [
            replace(each, values=each.values if self.state else {}, error=self._raised(each.error, turn))
            for each in conditions
        ]

    def _decision(self, told: e.TransitionTaken) -> e.TransitionTaken:
        return replace(told, conditions=self._conditions(told.conditions, told.turn))

    def _raised(self, text: str | None, turn: str) -> str | None:
        return text if text is None or self.tracebacks else _unsaid(turn)

    def _notice(self, told: e.Notice) -> str:
        """A warning may hold what an exception said."""
        if self.tracebacks:
            return told.text
        if told.level == "info" and len(self._notes) < NOTES:
            self._notes.add(told.text)
        return told.text if told.level == "info" else _unsaid(told.turn)

    def _noted(self, text: str, turn: str) -> str:
        """A notice of a view: what clients were told, as they were told it."""
        return text if text in self._notes else _unsaid(turn)

    def _next(self, composer: Any) -> None:
        """What comes next: the values that it was decided by, and what a condition raised."""
        composer.conditions = self._conditions(composer.conditions, "")
        if not (composer.enabled or composer.ended or self.tracebacks):
            composer.hint = "The application cannot go on from here. The server's log says why."

    def _graph(self, graph: Graph) -> Graph:
        if self.source:
            return graph
        return replace(graph, actions=[replace(action, source=None) for action in graph.actions])

    def _step(self, step: Step) -> None:
        step.changes = self._changes(step.changes)
        step.decision = step.decision and self._decision(step.decision)
        if not self.state:
            step.inputs, step.attributes = {}, {}
        for span in step.spans:
            span.changes = self._changes(span.changes)
            span.error = self._raised(span.error, step.turn)
            if not self.state:
                span.given, span.attributes = {}, {}


def log(told: Told) -> None:
    """What clients may not be told is in the log, under the turn's key."""
    if isinstance(told, e.TurnFailed):
        error = told.error
        logger.error("turn %s failed: %s: %s\n%s", told.turn, error.kind, error.message, error.traceback or "")
    elif isinstance(told, e.Notice) and told.level == "warning":
        logger.warning("turn %s: %s", told.turn, told.text)


def _unsaid(turn: str) -> str:
    """In place of what an exception says."""
    return f"Something went wrong here. The server's log has it under {turn or 'this conversation'}."


def _without_place(model: str | None) -> str | None:
    """`gpt-4o-mini at api.openai.com` without the address; an address alone is nothing."""
    if model is None or "(no network)" in model:
        return model
    name, at, _ = model.partition(" at ")
    return name if at else None
