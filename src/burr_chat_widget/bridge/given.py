"""What a person can give now, as the page shows it; and what was given, as the inputs of a turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from burr.core import Application

from burr_chat_widget.errors import ApplicationEnded, ConventionError, InvalidInput, MissingInput
from burr_chat_widget.protocol.view import Composer

from .asks import asked
from .fields import field_of, filled_in, read_inputs
from .inputs import PROMPT_NAMES, NextInputs, action_named, external_inputs, how_to_give, missing_input_text
from .printable import clean, short
from .redaction import CREDENTIALS, HIDDEN, Redaction
from .shapes import Member, Wrong, label_of
from .signature import EMPTY, parameter_of

__all__ = ["Given", "composer_of", "inputs_given"]


@dataclass(frozen=True)
class Given:
    """The inputs of a turn.

    Attributes:
        inputs: values by name.
        asked: names of those that answer what the first action asks in a form.
        said: what a form was answered, a line for each answer; None without a form.
        ran: where a turn goes on in its middle, the actions of it that have run: what they took is used up.
        answered: whether those have said anything.
    """

    inputs: dict[str, Any]
    asked: frozenset[str] = frozenset()
    said: str | None = None
    ran: tuple[str, ...] = ()
    answered: bool = False


def composer_of(app: Application[Any], wanted: NextInputs, redaction: Redaction = CREDENTIALS) -> Composer:
    """What the page offers."""
    if wanted.action is None:
        return Composer(
            after=wanted.after,
            conditions=wanted.conditions,
            enabled=False,
            ended=True,
            hint=f"The application has ended: {app.entrypoint!r} would begin again.",
        )
    action = action_named(app, wanted.action)
    chats = wanted.is_chat and wanted.prompt in PROMPT_NAMES
    answered = [question for texts in wanted.questions.values() for question in texts]
    return Composer(
        action=wanted.action,
        after=wanted.after,
        conditions=wanted.conditions,
        input=wanted.prompt if wanted.is_chat else None,
        fields=[
            field_of(member, wanted.questions.get(member.name, ()), redaction)
            for member in wanted.members
            if not (wanted.is_chat and member.name == wanted.prompt)
        ],
        ask=asked(action, app.state, chats=chats, answered=answered),
        enabled=wanted.error is None,
        hint=wanted.error,
    )


def inputs_given(
    app: Application[Any],
    wanted: NextInputs,
    text: str | None,
    inputs: Mapping[str, Any],
    *,
    typed: bool = False,
    redaction: Redaction = CREDENTIALS,
) -> Given:
    """The inputs of a turn, validated before anything runs.

    Args:
        app: the application, between turns.
        wanted: what the next action takes.
        text: what the person says, None for nothing.
        inputs: other inputs by name; what no input of the next action is called goes to later actions as it is.
        typed: `inputs` come from a page: what is blank was not given.
        redaction: what is not in `said`.

    Raises:
        ApplicationEnded: if no action comes next.
        ConventionError: if there is a text and it is not certain which input takes it.
        InvalidInput: if an input is none that the action takes.
        MissingInput: if an input is needed and was not given.
    """
    if wanted.action is None:
        raise ApplicationEnded(
            "the application has ended: no transition leads on",
            remedy="press Start again in the chat or call chat.app.reset_to_entrypoint(); the state is kept",
        )
    given = dict(inputs)
    if text is not None:
        given.setdefault(_text_input(wanted, given), text)
    _check_names(app, given)
    _check_objects(wanted, given)
    errors: dict[str, str] = {}
    if typed:
        given, errors = filled_in(wanted.members, given, wanted.questions)
    else:
        _check_missing(app, wanted, given)
    try:
        given = read_inputs(wanted.members, given)
        if errors:
            raise Wrong(errors)
        # Burr asks for what has no default, even where None will do.
        given |= {m.name: None for m in wanted.members if m.default is EMPTY and m.name not in given}
    except Wrong as wrong:
        errors = {**wrong.errors, **errors}
        told = "; ".join(f"{path}: {message}" for path, message in errors.items())
        raise InvalidInput(f"action {wanted.action!r} cannot take this: {told}", fields=errors) from None
    # Left out, the prompt is its default: it is used up all the same, and the turn ends where it is asked for again.
    given |= {m.name: m.default for m in wanted.members if m.name == wanted.prompt and m.name not in given}
    answers = [m for m in wanted.members if m.name in given]
    if wanted.is_chat or not answers:
        return Given(given)
    said = "\n".join(
        line for m in answers for line in _lines(m, given[m.name], wanted.questions.get(m.name, []), redaction)
    )
    return Given(given, frozenset(m.name for m in answers), clean(said))


def _text_input(wanted: NextInputs, given: Mapping[str, Any]) -> str:
    texts = [m.name for m in wanted.members if m.shape.free and m.required and m.name not in given]
    if wanted.prompt is not None and wanted.prompt not in given:
        return wanted.prompt
    if len(texts) == 1:
        return texts[0]
    if not texts:
        raise ConventionError(
            f"action {wanted.action!r} comes next and takes no text",
            remedy=f"give its inputs by name: {_call(wanted)}" if wanted.required else "go on without: chat.resume()",
        )
    raise ConventionError(
        f"action {wanted.action!r} comes next and needs {', '.join(map(repr, texts))}: it is not certain which one takes the text",
        remedy=f"give them by name, {_call(wanted)}, or name the one with BurrChat(app, prompt={texts[0]!r})",
    )


def _call(wanted: NextInputs) -> str:
    return f"chat.send({', '.join(f'{name}=...' for name in wanted.required)})"


def _check_names(app: Application[Any], given: Mapping[str, Any]) -> None:
    known = dict.fromkeys(n for a in app.graph.actions for names in external_inputs(a) for n in names)
    unknown = [name for name in given if name not in known]
    if unknown:
        raise InvalidInput(
            f"no action takes an input {unknown[0]!r}; the inputs are {', '.join(map(repr, known)) or 'none'}",
            fields=dict.fromkeys(unknown, "No action takes this."),
        )


def _check_objects(wanted: NextInputs, given: Mapping[str, Any]) -> None:
    for action, names in wanted.missing.items():
        lacking = [name for name in names if name not in given]
        if lacking:
            raise MissingInput(missing_input_text(action, lacking))


def _check_missing(app: Application[Any], wanted: NextInputs, given: Mapping[str, Any]) -> None:
    lacking = [name for name in wanted.required if name not in given]
    if lacking:
        what = f"the input {lacking[0]!r}" if len(lacking) == 1 else f"the inputs {', '.join(map(repr, lacking))}"
        action = action_named(app, cast("str", wanted.action))
        # Without an annotation it may be a text, or a client as well.
        perhaps = [n for n in lacking if n not in PROMPT_NAMES and parameter_of(action, n).annotation is EMPTY]
        otherwise = f", or {how_to_give(perhaps)}" if perhaps else ""
        raise MissingInput(f"action {wanted.action!r} needs {what}", remedy=f"call {_call(wanted)}{otherwise}")


def _lines(member: Member, value: Any, questions: list[str], redaction: Redaction) -> list[str]:
    """What was answered, for a reader."""
    if redaction.hides(member.name.split(".")[-1], value):
        return [f"{member.name}: {HIDDEN}"]
    if value is None:  # whatever else might stand there
        return [f"{member.name}: {_shown(None)}"]
    if questions and len(questions) == len(value):
        return [f"{question} {answer}" for question, answer in zip(questions, map(_shown, value), strict=True)]
    if member.shape.members and not isinstance(value, Mapping):
        value = {m.name: getattr(value, m.name) for m in member.shape.members}
    if member.shape.members:
        parts = cast("Mapping[str, Any]", value)
        return [line for m in member.shape.members if m.name in parts
                for line in _lines(Member(f"{member.name}.{m.name}", m.shape), parts[m.name], [], redaction)]  # fmt: skip
    shown = label_of(value) if member.shape.kind == "choice" else _shown(redaction.scrub(value)[0])
    return [f"{member.name}: {shown}"]


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    try:
        if isinstance(value, list | tuple | set | frozenset):
            items = [_shown(item) for item in cast("list[Any]", value)]
            if all("," not in item for item in items):
                return ", ".join(items) or "none"
        if isinstance(value, list | dict):
            return msgspec.json.encode(cast("Any", value)).decode()
        return str(cast("Any", value))[:4000]
    except Exception:  # what the value's class makes of it
        return short(cast("Any", value))
