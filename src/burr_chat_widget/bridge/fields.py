"""The inputs of an action as the fields of a form, and what a person filled in as the action's inputs."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import msgspec
from burr.core import Action

from burr_chat_widget.protocol.view import Field

from .annotations import shape_of
from .redaction import CREDENTIALS, Redaction
from .shapes import MISSING, Member, Wrong, label_of, read_member
from .signature import EMPTY, UNKNOWN, parameter_of

__all__ = ["field_of", "filled_in", "input_of", "read_inputs"]

logger = logging.getLogger(__name__)


def input_of(action: Action, name: str) -> Member | None:
    """The action's input of that name, None when it is an object that nobody can type."""
    parameter = parameter_of(action, name)
    annotation: Any = parameter.annotation
    if annotation is EMPTY and parameter.default not in (EMPTY, None):
        annotation = parameter.default.__class__
    try:
        shape = None if annotation is UNKNOWN else shape_of(annotation)
    except Exception:  # what is written there need not be a type
        logger.debug("the annotation of %r in action %r says nothing", name, action.name, exc_info=True)
        shape = None
    if shape is None:
        return None
    return Member(name, shape, parameter.default, parameter.description or shape.description)


def field_of(member: Member, labels: Sequence[str] = (), redaction: Redaction = CREDENTIALS) -> Field:
    """What the page shows of an input; `labels`: see `Field`. A default that is hidden is not shown; left blank, it is used."""
    shape = member.shape
    members = shape.members
    default: Any = member.default
    if members and default not in (EMPTY, None):
        known: dict[str, Any] = {
            m.name: default[m.name] if isinstance(default, dict) else getattr(default, m.name) for m in members
        }
        members = tuple(replace(m, default=known[m.name]) for m in members)
    plain: Any = None if members else _plain(default, bool(shape.choices) and shape.kind == "choice")
    if redaction.hides(member.name, cast("object", default)) or redaction.scrub(plain)[1]:
        plain = None
    return Field(
        name=member.name,
        kind=shape.kind,
        required=member.required,
        default=plain,
        choices=list(shape.choices),
        fields=[field_of(m, redaction=redaction) for m in members],
        labels=list(labels) if shape.kind == "list" else [],
        description=member.description,
    )


def _plain(default: Any, choice: bool) -> Any:
    if default is EMPTY or default is None:
        return None
    if choice:
        return label_of(default)
    try:
        return msgspec.to_builtins(default)
    except TypeError:
        return None


def filled_in(
    members: Iterable[Member], raw: Mapping[str, Any], labels: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Any], dict[str, str]]:
    """What a page sent, without what was left blank; and, by path, what must not be left blank.

    Args:
        members: the form's inputs.
        raw: what was filled in, by name.
        labels: the questions of a list whose items are their answers.
    """
    errors: dict[str, str] = {}
    given = _filled(members, raw, "", errors, labels)
    given |= {name: value for name, value in raw.items() if name not in {m.name for m in members}}
    return given, errors


def _filled(
    members: Iterable[Member],
    raw: Mapping[str, Any],
    path: str,
    errors: dict[str, str],
    labels: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for member in members:
        at, value, shape = path + member.name, raw.get(member.name), member.shape
        if shape.members and isinstance(value, Mapping | None):
            inner: dict[str, str] = {}
            inside = _filled(shape.members, cast("Mapping[str, Any]", value or {}), f"{at}.", inner, {})
            if inside or (member.required and not inner):
                given[member.name] = inside
            if inside or member.required:
                errors |= inner
        elif questions := labels.get(member.name):
            answers = cast("list[Any]", value if isinstance(value, list) else [])
            answers = [*answers, *[""] * len(questions)][: len(questions)]
            errors |= {f"{at}.{n}": MISSING for n, answer in enumerate(answers) if _blank(answer)}
            given[member.name] = answers
        elif not _blank(value):
            given[member.name] = value
        elif member.required:
            errors[at] = MISSING
        elif member.name not in raw:
            continue
        elif shape.nullable:
            given[member.name] = None
        elif shape.kind == "text":
            given[member.name] = ""
        elif shape.kind == "list":
            given[member.name] = []
    return given


def _blank(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def read_inputs(members: Iterable[Member], given: Mapping[str, Any]) -> dict[str, Any]:
    """`given` with the values that the inputs stand for; names of no input are left as they are.

    Raises:
        Wrong: if a value is none that the input takes.
    """
    values = dict(given)
    errors: dict[str, str] = {}
    for member in members:
        if member.name not in given:
            continue
        try:
            values[member.name] = read_member(member, given[member.name], member.name)
        except Wrong as wrong:
            errors |= wrong.errors
    if errors:
        raise Wrong(errors)
    return values
