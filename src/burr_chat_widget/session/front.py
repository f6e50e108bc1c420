"""What pages see besides the events of turns: what can be asked now, where turns are held, which branches there are."""

from __future__ import annotations

import time
from typing import TypedDict

from burr_chat_widget.bridge import (
    Holds,
    can_go_on,
    changes_between,
    composer_of,
    describe_graph,
    describe_model,
    earlier_messages,
    next_inputs,
)
from burr_chat_widget.errors import BurrChatError
from burr_chat_widget.protocol.events import TransitionTaken
from burr_chat_widget.protocol.fold import mark_next, new_view
from burr_chat_widget.protocol.frames import BranchesChanged, ComposerChanged, ControlsChanged
from burr_chat_widget.protocol.trim import decide_anew, last_that_counts
from burr_chat_widget.protocol.view import Breakpoint, Composer, Session, Step, View
from burr_chat_widget.transport.limits import SINGLY, Limits
from burr_chat_widget.transport.outbox import Outbox

from .branches import Branches
from .faults import ModelFaults
from .options import Options
from .turn import given_before

__all__ = ["Front", "Stamp", "stamp"]


class Stamp(TypedDict):
    """When something was told, and in which turn."""

    time: float
    monotonic: float
    turn: str


def stamp(turn: str = "") -> Stamp:
    """Of what is told now."""
    return {"time": time.time(), "monotonic": time.monotonic(), "turn": turn}


class Front:
    """The view of a session, and what changes in it other than by a turn.

    Attributes:
        outbox: takes what is told, to the pages.
        composer: what it can do now.
    """

    def __init__(self, branches: Branches, holds: Holds, faults: ModelFaults, options: Options) -> None:
        self._branches = branches
        self._holds = holds
        self._faults = faults
        self._options = options
        self._controls: tuple[bool, list[Breakpoint], float, str | None] = False, [], 0.0, None
        self.composer = self._composer()
        app = branches.shown.app
        view = new_view(self._session(), describe_graph(app), self.composer, next_action=self.composer.action)
        view.messages = earlier_messages(app, options.history, options.render)
        self.outbox = Outbox(view, limits=Limits() if options.coalesce else SINGLY)

    def tell_controls(self) -> None:
        """Say where turns will be held, if that is new."""
        points = [Breakpoint(action=p.action, when=p.when, condition=p.condition_name) for p in self._holds.breakpoints]
        pausing, pace, fault = self._holds.pausing, self._holds.pace, self._faults.next
        if (controls := (pausing, points, pace, fault)) != self._controls:
            self._controls = controls
            self.outbox.put(ControlsChanged(**stamp(), pausing=pausing, breakpoints=points, pace=pace, fault=fault))

    def tell_composer(self) -> None:
        """Say what the composer can do now, if that is new."""
        composer = self._composer()
        if composer != self.composer:
            self.composer = composer
            self.outbox.put(ComposerChanged(**stamp(), composer=composer))

    def tell_branches(self) -> None:
        """Say which branches there are, if there are some."""
        if len(self._branches) > 1:
            self.outbox.put(BranchesChanged(**stamp(), branches=self._branches.infos()))

    def is_stale(self) -> bool:
        """Whether the application's state is another one than what comes next was last told of. On any thread."""
        return self._branches.shown.app.state is not self._told_of

    def show(self, view: View) -> None:
        """Let every page have that view, with what is so now."""
        self.composer = self._composer()
        view.composer = self.composer
        view.session = self._session()
        view.branch = self._branches.shown.key
        view.branches = self._branches.infos()
        for turn in view.turns:
            turn.siblings = self._branches.siblings(turn.key)
        last = last_that_counts(view)
        if last is not None:
            decide_anew(view, last, self._decision(last), self._changed_since(last))
        mark_next(view, self.composer.action)
        self.outbox.replace(view)

    def _decision(self, step: Step) -> TransitionTaken | None:
        """The transition that would be taken after the step, as the state is now."""
        composer = self.composer
        if composer.action is None or composer.after != step.action:
            return None
        return TransitionTaken(
            **stamp(step.turn),
            step=step.step,
            from_action=step.action,
            to_action=composer.action,
            conditions=composer.conditions,
        )

    def _changed_since(self, step: Step) -> list[str]:
        """The keys of the state that were changed by hand since the step, where it is known what that has left."""
        branch = self._branches.shown
        values = branch.checkpoints.values(step.step)
        if values is None or values.after is None:
            return []
        return [each.key for each in changes_between(values.after, branch.app.state, self._options.redaction)]

    def _session(self) -> Session:
        app, options = self._branches.shown.app, self._options
        suggestions = list(options.suggestions)
        return Session(
            title=options.title,
            app_id=str(app.uid),
            model=describe_model(app),
            suggestions=suggestions,
            faults=list(self._faults.names),
        )

    def _composer(self) -> Composer:
        """What the composer can do now."""
        app, options = self._branches.shown.app, self._options
        self._told_of = app.state
        try:
            wanted = next_inputs(app, prompt=options.prompt, constants=options.inputs, redaction=options.redaction)
        except BurrChatError as error:
            return Composer(enabled=False, hint=str(error))
        composer = composer_of(app, wanted, options.redaction)
        before = given_before(self._branches.shown.turns)
        composer.goes_on = before is not None and can_go_on(app, before, options.inputs, options.prompt)
        return composer
