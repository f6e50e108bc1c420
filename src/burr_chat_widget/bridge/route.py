"""Which action a turn runs next, and with which inputs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from burr.core import Application

from burr_chat_widget.errors import ApplicationEnded, BurrChatError, MissingInput, TransitionError
from burr_chat_widget.protocol.events import ConditionResult

from .asks import asked as question_of
from .given import Given
from .inputs import (
    PROMPT_NAMES,
    action_named,
    check_prompt,
    external_inputs,
    how_to_give,
    input_kind,
    missing_input_text,
    turn_inputs,
)
from .redaction import CREDENTIALS, Redaction
from .said import Said
from .transitions import evaluate_transitions, next_action_name

__all__ = ["Following", "Route", "can_go_on"]


class Following(NamedTuple):
    """What comes next.

    Attributes:
        to: the next action, None where none comes.
        conditions: every transition that was looked at.
        needs: the inputs for which the turn ends before it, None where the turn goes on.
    """

    to: str | None
    conditions: list[ConditionResult]
    needs: list[str] | None = None

    @property
    def goes_on(self) -> str | None:
        """The next action, where the turn goes on with it."""
        return self.to if self.needs is None else None


class Route:
    """The way of one turn through its application.

    Args:
        app: the application.
        given: the turn's inputs by name.
        prompt: which of them is the prompt; inferred when None.
        asked: those that a person gave in answer to the first action; inferred when empty.
        redaction: which values the conditions do not show.
        said: what the turn has shown.

    The prompt is for the action that asks for it, and for those on the way to the answer that name it too, such as a router and what
    it leads to: each is given it once, until the application has answered or asks something else. Whatever a form was answered is for
    the action that asked: a second approval is another one.
    """

    def __init__(
        self,
        app: Application[Any],
        given: Mapping[str, Any],
        *,
        prompt: str | None,
        asked: Collection[str],
        redaction: Redaction,
        said: Said,
    ) -> None:
        self._app = app
        self._given = dict(given)
        self._left = dict(given)  # without those that are used up
        self._prompt = prompt
        self._asked = set(asked)
        self._redaction = redaction
        self._asked_by: str | None = None  # the action that used up the prompt
        self._used: set[str] = set()
        self._said = said
        self._had: set[str] = set()  # the actions that were given the prompt
        self._answered = False

    def went(self, actions: Iterable[str], *, answered: bool) -> None:
        """These have run, in a part of the turn that this one goes on from, and said something or not: what they took is used up."""
        for name in actions:
            self.inputs_of(name)
        self._answered = answered

    def can_go_on(self) -> bool:
        """Whether the turn would go on with its inputs: something comes next that needs no other ones."""
        first = self.next_or_none()
        return first is not None and first != self._asked_by and not self._lacking(first)

    def next_or_none(self) -> str | None:
        """The next action's name; None where none comes, or it cannot be told."""
        try:
            return next_action_name(self._app)
        except TransitionError:
            return None

    def prompt_text(self) -> str | None:
        """What the person said, as far as that can be told before anything has run."""
        if self._used:
            return None  # it was said in the part before
        first = self.next_or_none()
        used = turn_inputs(action_named(self._app, first), self._given, self._prompt) if first is not None else None
        if not used:  # the action that takes it comes later
            used = {self._prompt} if self._prompt is not None else {n for n in self._given if n in PROMPT_NAMES}
        texts = [*self._texts(n for n in used if not self._redaction.hides(n, self._given.get(n))).values()]
        return texts[0] if len(texts) == 1 else None

    def begin(self) -> Following:
        """The first action, when the turn can begin.

        Raises:
            TransitionError: if a condition raises.
            ApplicationEnded: if no action comes.
            ConventionError: if there is no such prompt.
            MissingInput: if the action needs what nobody gave.
        """
        first = next_action_name(self._app, self._redaction)
        if first is None:
            raise ApplicationEnded(
                "the application has ended: no transition leads on",
                remedy="call app.reset_to_entrypoint() to begin again, or add a transition back to the action that asks",
            )
        check_prompt(self._app, self._prompt)
        lacking = self._lacking(first)
        if lacking:
            raise MissingInput(f"action {first!r} needs {_listed(lacking)}", remedy=how_to_give(lacking))
        return Following(first, [])

    def following(self) -> Following | BurrChatError:
        """What comes next, as the state is now; or why it cannot be told or run."""
        try:
            to, conditions = evaluate_transitions(self._app, self._redaction)
        except TransitionError as error:
            return error
        if to is None:
            return Following(None, conditions)
        lacking = self._lacking(to)
        if not lacking:
            # It can do without the prompt; but whoever asked for it asks for the next one now.
            return Following(to, conditions, sorted(self._used) if to == self._asked_by else None)
        action = action_named(self._app, to)
        objects = [n for n in lacking if n not in self._used and input_kind(action, n) == "object"]
        if objects and not self._used.intersection(lacking):
            return MissingInput(missing_input_text(to, objects))
        return Following(to, conditions, lacking)

    def inputs_of(self, name: str) -> dict[str, Any]:
        """The inputs that the action is given. Those that answer what it asks are used up by it."""
        action = action_named(self._app, name)
        required, optional = external_inputs(action)
        given = {n: value for n, value in self._given_to(name).items() if n in (*required, *optional)}
        self._had.add(name)
        if not self._used:
            self._used = self._asked & given.keys() or turn_inputs(action, self._left, self._prompt)
            if self._used:
                self._asked_by = name
                self._left = {n: value for n, value in self._left.items() if n not in self._used}
        return given

    def used_texts(self) -> dict[str, str]:
        """What the person said, of what was used up, by the input's name."""
        return self._texts(self._used)

    def _texts(self, names: Iterable[str]) -> dict[str, str]:
        return {n: text for n in names if isinstance(text := self._given.get(n), str)}

    def _lacking(self, action: str) -> list[str]:
        given = self._given_to(action)
        return [n for n in external_inputs(action_named(self._app, action))[0] if n not in given]

    def _given_to(self, name: str) -> dict[str, Any]:
        """The inputs that there are for the action."""
        if not self._used or self._asked or self._answered or self._said.answered or name in self._had:
            return self._left
        if not all(n in PROMPT_NAMES or n == self._prompt for n in self._used):
            return self._left
        question = question_of(action_named(self._app, name), self._app.state, chats=True)
        return self._given if question is None else self._left


def can_go_on(app: Application[Any], given: Given, constants: Mapping[str, Any], prompt: str | None) -> bool:
    """Whether a turn that one has gone back into the middle of can go on with what it was given."""
    inputs = {**constants, **given.inputs}
    route = Route(app, inputs, prompt=prompt, asked=given.asked, redaction=CREDENTIALS, said=Said())
    route.went(given.ran, answered=given.answered)
    return route.can_go_on()


def _listed(names: list[str]) -> str:
    return f"the input {names[0]!r}" if len(names) == 1 else "the inputs " + ", ".join(map(repr, names))
