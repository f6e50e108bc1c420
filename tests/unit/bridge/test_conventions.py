"""What is inferred of each application in the shapes of Burr's examples; and what is asked where it is not certain."""

from __future__ import annotations

from typing import Any

import pytest
from burr.core import Application, State

from apps.conventions.expected import Row
from apps.conventions.rows import ROWS
from apps.conventions.speech import pieces
from apps.graphs import build, does
from apps.reading import collect
from burr_chat_widget.bridge import (
    check_constants,
    check_prompt,
    composer_of,
    infer_history,
    inputs_given,
    next_inputs,
    stream_turn,
)
from burr_chat_widget.errors import BurrChatError, ConventionError
from burr_chat_widget.protocol import events as e


class Store:
    """What nobody can type."""


every_row = pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))


@every_row
def test_what_is_asked_for(row: Row) -> None:
    app, inputs = row.make(), row.inputs
    composer = composer_of(app, next_inputs(app, constants=inputs))
    assert (composer.enabled, composer.hint) == (True, None)
    assert composer.input == row.prompt
    assert {field.name: field.kind for field in composer.fields} == row.fields


@every_row
async def test_history_and_delta(row: Row) -> None:
    app, inputs, first = row.make(), row.inputs, row.turns[0]
    given: dict[str, Any] = {row.prompt: first.given} if row.prompt else dict(first.given or {})  # type: ignore[arg-type]
    given = inputs_given(app, next_inputs(app, constants=inputs), None, given).inputs
    before = infer_history(app)
    events = await collect(stream_turn(app, {**inputs, **given}))
    assert isinstance(events[-1], e.TurnCompleted)
    assert (before, infer_history(app)) == (row.history, row.history)
    streamed = [event for event in events if isinstance(event, e.TextDelta | e.TextReplaced | e.PartDelta)]
    if row.delta == "text":
        assert [(type(event), event.text) for event in streamed] == [
            (e.TextDelta, piece) for piece in pieces(first.shown[-1][1])
        ]
    elif row.delta == "data":
        assert {(event.part, event.kind) for event in streamed if isinstance(event, e.PartDelta)} == {("data", "data")}
        assert len(streamed) > 5
    else:
        assert streamed == []


def chat(state: State, prompt: str) -> State:
    raise NotImplementedError(state, prompt)


def two_texts(state: State, title: str, body: str) -> State:
    raise NotImplementedError(state, title, body)


def two_prompts(state: State, question: str, message: str) -> State:
    raise NotImplementedError(state, question, message)


def nothing(state: State) -> State:
    raise NotImplementedError(state)


def with_client(state: State, prompt: str, client: Store, index: Store) -> State:
    raise NotImplementedError(state, prompt, client, index)


def with_something(state: State, prompt: str, client) -> State:  # type: ignore[no-untyped-def]
    raise NotImplementedError(state, prompt, client)


def one(action: Any, **state: Any) -> Application[Any]:
    """An application of that action alone."""
    return build(ask=does(action), state=state)


def begin(app: Application[Any], text: str | None = None, *, prompt: str | None = None, **inputs: Any) -> Any:
    """What happens before a turn can begin."""
    infer_history(app)
    check_prompt(app, prompt)
    return inputs_given(app, next_inputs(app, prompt=prompt), text, inputs)


USER, BOT = {"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}


@pytest.mark.parametrize(
    ("app", "said", "message", "remedy"),
    [
        pytest.param(
            one(chat, planner_log=[USER], critic_log=[BOT]),
            {"text": "hi"},
            "each of the state keys 'planner_log', 'critic_log' looks like the conversation",
            "name it with the keyword history, such as history='planner_log'",
            id="two histories of equal standing",
        ),
        pytest.param(
            one(two_texts),
            {"text": "hi"},
            "action 'ask' comes next and needs 'title', 'body': it is not certain which one takes the text",
            "give them by name, chat.send(title=..., body=...), or name the one with BurrChat(app, prompt='title')",
            id="two texts",
        ),
        pytest.param(
            one(two_prompts),
            {"text": "hi"},
            "action 'ask' comes next and needs 'question', 'message': it is not certain which one takes the text",
            "give them by name, chat.send(question=..., message=...), or name the one with BurrChat(app, prompt='question')",
            id="two names of prompts",
        ),
        pytest.param(
            one(two_texts),
            {"text": "hi", "prompt": "title"},
            "action 'ask' needs the input 'body'",
            "call chat.send(title=..., body=...)",
            id="the other text is lacking",
        ),
        pytest.param(
            one(chat),
            {"text": "hi", "prompt": "question"},
            "prompt='question' is no input of any action; the inputs are 'prompt'",
            "pass prompt= one of these names, or leave it out",
            id="a prompt that there is not",
        ),
        pytest.param(
            one(nothing),
            {"text": "hi"},
            "action 'ask' comes next and takes no text",
            "go on without: chat.resume()",
            id="a text that nobody takes",
        ),
        pytest.param(
            one(chat),
            {"text": "hi", "promt": "hi"},
            "no action takes an input 'promt'; the inputs are 'prompt'",
            None,
            id="an input that there is not",
        ),
        pytest.param(
            one(with_something),
            {"text": "hi"},
            "action 'ask' needs the input 'client'",
            "call chat.send(prompt=..., client=...), or pass inputs={'client': ...} or .bind() it",
            id="what may be a text or an object",
        ),
        pytest.param(
            one(with_client),
            {"text": "hi"},
            "action 'ask' needs inputs 'client', 'index'; pass inputs={'client': ..., 'index': ...} or .bind() them",
            None,
            id="objects that nobody gave",
        ),
    ],
)
def test_what_is_said_where_it_is_not_certain(
    app: Application[Any], said: dict[str, Any], message: str, remedy: str | None
) -> None:
    with pytest.raises(BurrChatError) as raised:
        begin(app, **said)
    assert (raised.value.message, raised.value.remedy) == (message, remedy)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("promt", "did you mean 'prompt'?"), ("colour", "leave it out, or give an action a parameter of that name")],
)
def test_constants_that_no_action_takes(name: str, remedy: str) -> None:
    with pytest.raises(ConventionError) as raised:
        check_constants(one(chat), {"prompt": "hi", name: 1})
    assert raised.value.message == f"inputs= has {name!r}, which no action takes; the inputs are 'prompt'"
    assert raised.value.remedy == remedy
