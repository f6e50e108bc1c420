"""Which external inputs an action needs, and which of them a person types."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Union

from burr.core import Action, Application

from burr_chat_widget.errors import ConventionError

from .private import original_function
from .transitions import next_action_name
from .wrapped import keyword_catchers

__all__ = ["NextInputs", "external_inputs", "input_kind", "missing_input_text", "next_inputs", "turn_inputs"]

PROMPT_NAMES = (
    "prompt", "query", "question", "user_input", "user_query", "user_question", "user_message", "user_prompt",
    "message", "input", "text",
)  # fmt: skip

InputKind = Literal["text", "data", "object"]
"""Something a person types; a number, list or dict that a form could ask for; anything else, such as a client."""


@dataclass(frozen=True, kw_only=True)
class NextInputs:
    """What the next action takes from outside.

    Attributes:
        action: the action's name, None when the application has ended.
        prompt: the name of the input that a person types, None when the action takes none or it is not certain which.
        required: names of the inputs that it needs and that are no constants, the prompt among them.
        optional: names of the inputs that it can do without, constants apart.
        missing: names among `required` that a person cannot type.
        error: why a turn cannot be begun with a text alone, and what to do; None when it can.
    """

    action: str | None
    prompt: str | None = None
    required: list[str] = field(default_factory=list[str])
    optional: list[str] = field(default_factory=list[str])
    missing: list[str] = field(default_factory=list[str])
    error: str | None = None


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
    function = _function_of(action)
    try:
        parameter = inspect.signature(function).parameters.get(name)
    except (TypeError, ValueError):
        return "text"
    annotation: Any = parameter.annotation if parameter is not None else inspect.Parameter.empty
    if isinstance(annotation, str):
        try:
            annotation = typing.get_type_hints(inspect.unwrap(function))[name]
        except Exception:  # names that only a type checker knows
            return "text" if annotation.replace("Optional[str]", "str").replace(" | None", "") == "str" else "object"
    return _kind(annotation)


def _kind(annotation: Any) -> InputKind:
    if annotation in (inspect.Parameter.empty, Any, str, object):
        return "text"
    origin = typing.get_origin(annotation)
    arguments = [a for a in typing.get_args(annotation) if a is not type(None)]
    if origin in (Union, types.UnionType):
        kinds = {_kind(a) for a in arguments}
        return "text" if "text" in kinds else "data" if kinds == {"data"} else "object"
    if origin is typing.Annotated:
        return _kind(arguments[0])
    if origin is Literal:
        return "data"
    return "data" if (origin or annotation) in (int, float, bool, list, dict, tuple, set) else "object"


def _function_of(action: Action) -> Callable[..., Any]:
    fn = original_function(action)
    if fn is not None:
        return fn
    made: Any = action
    if action.streaming:
        return made.stream_run_and_update if action.single_step else made.stream_run
    return made.run_and_update if action.single_step else made.run


def next_inputs(app: Application[Any], *, prompt: str | None = None, constants: Collection[str] = ()) -> NextInputs:
    """What the next action takes, and which of it a person types.

    Exactly one required input that is a `str` or unannotated is the prompt; of several, the one with a prompt's name; without
    required inputs, one optional input with a prompt's name.

    Args:
        app: the application, between turns.
        prompt: the prompt input's name, to override the inference; counts where the action takes an input of that name.
        constants: names that are always given (clients, settings).

    Raises:
        TransitionError: if a condition raises.
    """
    name = next_action_name(app)
    if name is None:
        return NextInputs(action=None, error="the application has ended; call app.reset_to_entrypoint() to begin again")
    action = action_named(app, name)
    required, optional = ([n for n in names if n not in constants] for names in external_inputs(action))
    typed = prompt if prompt in (*required, *optional) else _typed(action, required, optional)
    others = [n for n in required if n != typed]
    if not others:
        return NextInputs(action=name, prompt=typed, required=required, optional=optional)
    missing = [n for n in others if input_kind(action, n) != "text"]
    if missing or typed:
        error = missing_input_text(name, missing or others)
    else:
        error = (
            f"action {name!r} needs the inputs {_listed(others)} and it is not certain which one a person types; "
            f"pass prompt={others[0]!r} and the others with inputs={{...}}"
        )
    return NextInputs(
        action=name, prompt=typed, required=required, optional=optional, missing=missing, error=error
    )  # fmt: skip


def _typed(action: Action, required: list[str], optional: list[str]) -> str | None:
    if not required:
        named = [n for n in optional if n in PROMPT_NAMES and input_kind(action, n) == "text"]
        return named[0] if len(named) == 1 else None
    texts = [n for n in required if input_kind(action, n) == "text"]
    if len(texts) > 1:
        # Burr loses a streaming function's annotations (`copy_func`), so that every input of it looks like a text.
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
    pairs = ", ".join(f"{n!r}: ..." for n in names)
    it = "it" if len(names) == 1 else "them"
    return f"action {action!r} needs {what}; pass inputs={{{pairs}}} or .bind() {it}"


def check_prompt(app: Application[Any], prompt: str | None) -> None:
    """Raises ConventionError when no action takes an input called `prompt`."""
    if prompt is None:
        return
    names = {name for action in app.graph.actions for names in external_inputs(action) for name in names}
    if prompt not in names:
        raise ConventionError(
            f"prompt={prompt!r} is no input of any action; the inputs are {_listed(sorted(names)) or 'none'}",
            remedy="pass prompt= one of these names, or leave it out",
        )


def _listed(names: Collection[str]) -> str:
    return ", ".join(repr(n) for n in names)
