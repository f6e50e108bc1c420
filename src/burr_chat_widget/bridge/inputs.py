"""Which external inputs an action needs, and which of them a person gives."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from burr.core import Action, Application

from burr_chat_widget.errors import ConventionError
from burr_chat_widget.protocol.events import ConditionResult

from .asks import questions
from .fields import input_of
from .private import PRIOR_STEP
from .redaction import CREDENTIALS, Redaction
from .shapes import Member
from .transitions import evaluate_transitions
from .wrapped import keyword_catchers

__all__ = [
    "NextInputs",
    "check_constants",
    "external_inputs",
    "how_to_give",
    "input_kind",
    "missing_input_text",
    "next_inputs",
    "turn_inputs",
]

PROMPT_NAMES = (
    "prompt", "query", "question", "user_input", "user_query", "user_question", "user_message", "user_prompt",
    "message", "input", "text",
)  # fmt: skip

InputKind = Literal["text", "data", "object"]
"""Something a person types; data that a form asks for; anything else, such as a client."""


@dataclass(frozen=True, kw_only=True)
class NextInputs:
    """What the next action takes from outside.

    Attributes:
        action: the action's name, None when the application has ended.
        after: the action that ran last, None where none has.
        conditions: why `action` is the next: the transitions out of `after`, as they evaluate on the present state.
        prompt: the name of the input that takes what a person says, None when there is none or it is not certain which.
        members: the inputs that a person can give and that are no constants, required ones first.
        questions: by the name of an input that is a list, what its items are to answer.
        missing: the inputs that nobody can type and nobody gave, of every action that may run from here on, by the action.
        error: why no turn can be begun, and what to do; None when one can.
    """

    action: str | None
    after: str | None = None
    conditions: list[ConditionResult] = field(default_factory=list[ConditionResult])
    prompt: str | None = None
    members: list[Member] = field(default_factory=list[Member])
    questions: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    missing: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    error: str | None = None

    @property
    def required(self) -> list[str]:
        """Names of the inputs that a person must give."""
        return [m.name for m in self.members if m.required]

    @property
    def is_chat(self) -> bool:
        """Whether one text is all that must be given."""
        return self.prompt is not None and not set(self.required) - {self.prompt}


def external_inputs(action: Action) -> tuple[list[str], list[str]]:
    """(required, optional) names, in the order of declaration; bound parameters and Burr's own inputs are left out."""
    required, optional = action.optional_and_required_inputs
    declared = action.inputs
    names = [*declared[0], *declared[1]] if isinstance(declared, tuple) else list(declared)
    catchers = keyword_catchers(action)
    names = [n for n in names if not n.startswith("__") and n not in catchers]
    return [n for n in names if n in required], [n for n in names if n in optional]


def action_named(app: Application[Any], name: str) -> Action:
    """The application's own action of that name."""
    return next(a for a in app.graph.actions if a.name == name)


def input_kind(action: Action, name: str) -> InputKind:
    """What the annotation of that parameter says; unannotated is text."""
    found = input_of(action, name)
    return "object" if found is None else "text" if found.shape.free else "data"


def next_inputs(
    app: Application[Any],
    *,
    prompt: str | None = None,
    constants: Collection[str] = (),
    redaction: Redaction = CREDENTIALS,
) -> NextInputs:
    """What the next action takes, and which of it is the prompt.

    The prompt is the one required input that is a `str` or unannotated; of several, the one with a prompt's name; without
    required inputs, one optional input with a prompt's name.

    Args:
        app: the application, between turns.
        prompt: the prompt input's name, to override the inference; counts where the action takes an input of that name.
        constants: names that are always given (clients, settings).
        redaction: which values the conditions, and what is said of one that raises, do not show.

    Raises:
        TransitionError: if a condition raises.
    """
    after: str | None = app.state.get_all().get(PRIOR_STEP)
    name, conditions = evaluate_transitions(app, redaction)
    if name is None:
        error = "the application has ended; call app.reset_to_entrypoint() to begin again"
        return NextInputs(action=None, after=after, conditions=conditions, error=error)
    action = action_named(app, name)
    required, optional = ([n for n in names if n not in constants] for names in external_inputs(action))
    members = [member for n in (*required, *optional) if (member := input_of(action, n)) is not None]
    missing = _missing(app, name, constants)
    first = next(iter(missing), None)
    return NextInputs(
        action=name,
        after=after,
        conditions=conditions,
        prompt=prompt if prompt in (*required, *optional) else _typed(action, required, optional),
        members=members,
        questions=_questions(app, action, members),
        missing=missing,
        error=None if first is None else missing_input_text(first, missing[first]),
    )


def _questions(app: Application[Any], action: Action, members: list[Member]) -> dict[str, list[str]]:
    lists = [m for m in members if m.shape.kind == "list" and m.required]
    found = questions(action, app.state) if len(lists) == 1 else []
    return {lists[0].name: found} if found else {}


def _missing(app: Application[Any], first: str, constants: Collection[str]) -> dict[str, list[str]]:
    """By action, the objects that it requires and nobody gave; of all actions that can be reached."""
    missing: dict[str, list[str]] = {}
    seen, ahead = {first}, [first]
    while ahead:
        name = ahead.pop(0)
        action = action_named(app, name)
        required = [n for n in external_inputs(action)[0] if n not in constants]
        if objects := [n for n in required if input_of(action, n) is None]:
            missing[name] = objects
        following = [t.to.name for t in app.graph.transitions if t.from_.name == name]
        ahead += [n for n in dict.fromkeys(following) if n not in seen]
        seen.update(following)
    return missing


def _typed(action: Action, required: list[str], optional: list[str]) -> str | None:
    if not required:
        named = [n for n in optional if n in PROMPT_NAMES and input_kind(action, n) == "text"]
        return named[0] if len(named) == 1 else None
    texts = [n for n in required if input_kind(action, n) == "text"]
    if len(texts) > 1:
        texts = [n for n in texts if n in PROMPT_NAMES]
    return texts[0] if len(texts) == 1 else None


def turn_inputs(action: Action, given: Mapping[str, Any], prompt: str | None) -> set[str]:
    """The names that this action uses up, so that a turn ends when the graph comes back to whoever asks for them.

    These are what a person has given: the prompt. Where that is not certain, all texts that the action requires; where it
    requires none, everything that it requires. What else was given stays for every action that names it.
    """
    required, optional = external_inputs(action)
    if prompt is not None:
        return {prompt} & {*required, *optional} & given.keys()
    taken = [n for n in required if n in given]
    texts = [n for n in taken if isinstance(given[n], str)]
    if len(texts) > 1:
        named = [n for n in texts if n in PROMPT_NAMES]
        texts = named if len(named) == 1 else texts
    if not taken:
        typed = _typed(action, [], optional)
        return {typed} & given.keys() if typed else set()
    return set(texts or taken)


def missing_input_text(action: str, names: list[str]) -> str:
    """What to tell about inputs that nobody gave."""
    what = f"input {names[0]!r}" if len(names) == 1 else f"inputs {_listed(names)}"
    return f"action {action!r} needs {what}; {how_to_give(names)}"


def how_to_give(names: Collection[str]) -> str:
    """What to do about inputs that nobody types."""
    pairs = ", ".join(f"{n!r}: ..." for n in names)
    return f"pass inputs={{{pairs}}} or .bind() {'it' if len(names) == 1 else 'them'}"


def check_constants(app: Application[Any], constants: Collection[str]) -> None:
    """Raises ConventionError when no action takes an input of one of these names."""
    names = _all_inputs(app)
    unknown = next((name for name in constants if name not in names), None)
    if unknown is None:
        return
    near = difflib.get_close_matches(unknown, names, 1)
    raise ConventionError(
        f"inputs= has {unknown!r}, which no action takes; the inputs are {_listed(names) or 'none'}",
        remedy=f"did you mean {near[0]!r}?" if near else "leave it out, or give an action a parameter of that name",
    )


def _all_inputs(app: Application[Any]) -> list[str]:
    return sorted({name for action in app.graph.actions for names in external_inputs(action) for name in names})


def check_prompt(app: Application[Any], prompt: str | None) -> None:
    """Raises ConventionError when no action takes an input called `prompt`."""
    if prompt is None:
        return
    names = _all_inputs(app)
    if prompt not in names:
        raise ConventionError(
            f"prompt={prompt!r} is no input of any action; the inputs are {_listed(names) or 'none'}",
            remedy="pass prompt= one of these names, or leave it out",
        )


def _listed(names: Collection[str]) -> str:
    return ", ".join(repr(n) for n in names)
