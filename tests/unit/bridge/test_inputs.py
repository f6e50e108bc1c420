"""Which inputs a person gives, who gets them, and when a turn ends for want of one."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from burr.core import Action, Application, ApplicationContext, State
from burr.core.action import streaming_action

from apps.graphs import build, does
from apps.reading import collect, only, plain, types
from burr_chat_widget.bridge import next_inputs, stream_turn
from burr_chat_widget.protocol import events as e


class Store:
    """A dependency that nobody can type."""


def say(state: State, text: object) -> State:
    return state.append(messages={"role": "assistant", "content": str(text)})


def ask(state: State, prompt: str) -> State:
    return state.update(prompt=prompt)


def ask_maybe(state: State, prompt: str = "") -> State:
    return state.update(prompt=prompt)


def ask_how_much(state: State, amount: int) -> State:
    return say(state, amount)


def ask_two(state: State, email: str, style: str) -> State:
    return say(state, email + style)


def answer(state: State) -> State:
    return say(state, state["prompt"])


def answer_with_store(state: State, store: Store) -> State:
    return say(state, type(store).__name__)


def answer_with_model(state: State, model: str) -> State:
    return say(state, model)


def ask_with_model(state: State, prompt: str, model: str) -> State:
    return state.update(prompt=prompt + model)


def ask_again(state: State, feedback: list[str]) -> State:
    return say(state, feedback)


def takes_anything(state: State, prompt: str, **run_kwargs: Any) -> State:  # noqa: ARG001
    return say(state, prompt)


class Mangled(Action):
    """A class whose `run` takes Burr's context."""

    reads: list[str] = []
    writes = ["app"]
    inputs = ["__context", "prompt"]

    def run(self, state: State, prompt: Any, __context: ApplicationContext) -> dict:  # noqa: ARG002
        return {"app": __context.app_id, "prompt": prompt}

    def update(self, result: dict, state: State) -> State:
        return state.update(app=result["app"])


class AsyncMangled(Mangled):
    async def run(self, state: State, prompt: Any, __context: ApplicationContext) -> dict:  # noqa: ARG002
        return {"app": __context.app_id, "prompt": prompt}


@pytest.mark.parametrize(
    ("fn", "prompt", "required", "is_chat"),
    [
        (ask, "prompt", ["prompt"], True),
        (ask_maybe, "prompt", [], True),
        (ask_how_much, None, ["amount"], False),
        (ask_two, None, ["email", "style"], False),
        (ask_with_model, "prompt", ["prompt", "model"], False),
        (takes_anything, "prompt", ["prompt"], True),
        (answer, None, [], False),
    ],
)
def test_what_a_person_types(fn: Any, prompt: str | None, required: list[str], is_chat: bool) -> None:
    """Trap among them: Burr takes `**run_kwargs` for a required input."""
    found = next_inputs(build(ask=does(fn)))
    assert (found.action, found.prompt, found.required, found.is_chat) == ("ask", prompt, required, is_chat)
    assert found.error is None


def test_constants_are_not_asked_for() -> None:
    app = build(ask=does(ask_with_model))
    found = next_inputs(app, constants=["model"])
    assert (found.prompt, found.required, found.is_chat) == ("prompt", ["prompt"], True)
    assert next_inputs(app, prompt="model").prompt == "model"


def ask_with_store(state: State, prompt: str, store: Store) -> State:
    raise NotImplementedError


def test_missing_object() -> None:
    found = next_inputs(build(ask=does(ask_with_store)))
    assert (found.prompt, found.required, found.missing) == ("prompt", ["prompt"], {"ask": ["store"]})
    assert found.error == "action 'ask' needs input 'store'; pass inputs={'store': ...} or .bind() it"
    assert next_inputs(build(ask=does(ask_with_store)), constants=["store"]).error is None
    assert next_inputs(build(ask=does(ask_with_store).bind(store=Store()))).error is None


def test_an_object_that_a_later_action_needs_is_missed_before_anything_runs() -> None:
    app = build(("ask", "answer"), ask=does(ask), answer=does(answer_with_store), never=does(ask_with_store))
    found = next_inputs(app)
    assert found.missing == {"answer": ["store"]}
    assert found.error == "action 'answer' needs input 'store'; pass inputs={'store': ...} or .bind() it"


def test_class_inputs() -> None:
    assert next_inputs(build(ask=Mangled())).prompt == "prompt"


async def test_ended() -> None:
    app = build(ask=does(ask, writes=["prompt"]), state={"prompt": ""})
    await collect(stream_turn(app, {"prompt": "a"}))
    assert "reset_to_entrypoint" in (next_inputs(app).error or "")
    events = await collect(stream_turn(app, {"prompt": "b"}))
    assert types(events) == ["turn-started", "turn-failed"]
    assert only(events, e.TurnFailed).error.kind == "ApplicationEnded"
    app.reset_to_entrypoint()
    assert types(await collect(stream_turn(app, {"prompt": "b"})))[-1] == "turn-completed"


async def test_missing_before_the_first_action() -> None:
    app = build(ask=does(ask, writes=["prompt"]))
    events = await collect(stream_turn(app))
    assert plain(events) == [
        {"type": "turn-started", "next_action": "ask", "editable": False},
        {
            "type": "turn-failed",
            "next_action": "ask",
            "error": {
                "kind": "MissingInput",
                "message": "action 'ask' needs the input 'prompt'",
                "remedy": "pass inputs={'prompt': ...} or .bind() it",
                "action": "ask",
                "traceback": None,
            },
        },
    ]
    assert app.sequence_id is None


async def test_missing_object_in_the_middle() -> None:
    app = build(
        ("ask", "answer"),
        ask=does(ask, writes=["prompt"]),
        answer=does(answer_with_store, writes=["messages"]),
        state={"messages": []},
    )
    events = await collect(stream_turn(app, {"prompt": "a"}))
    error = only(events, e.TurnFailed).error
    assert error.message == "action 'answer' needs input 'store'; pass inputs={'store': ...} or .bind() it"
    assert "prompt" not in app.state
    events = await collect(stream_turn(app, {"prompt": "a", "store": Store()}))
    assert only(events, e.MessageAdded).text == "Store"


@pytest.mark.parametrize("fn", [ask_two, ask_again])
async def test_what_a_person_can_give_ends_the_turn(fn: Any) -> None:
    app = build(("ask", "more"), ask=does(ask, writes=["prompt"]), more=does(fn, writes=["messages"]))
    events = await collect(stream_turn(app, {"prompt": "a"}))
    completed = only(events, e.TurnCompleted)
    assert completed.next_action == "more"
    assert completed.needs == (["email", "style"] if fn is ask_two else ["feedback"])
    events = await collect(stream_turn(app, {"email": "e", "style": "s", "feedback": ["f"]}))
    assert types(events)[-1] == "turn-completed"


@pytest.mark.parametrize(
    ("fn", "inputs"),
    [
        (ask, {"prompt": "a"}),
        (ask_maybe, {"prompt": "a"}),
        (ask_how_much, {"amount": 3}),
        (ask_two, {"email": "e", "style": "s"}),
    ],
)
async def test_inputs_are_used_up(fn: Any, inputs: dict[str, Any]) -> None:
    """Trap: Burr hands the inputs to every step; back at the action that asks, the turn ends, optional or not."""
    app = build(
        ("ask", "answer"),
        ("answer", "ask"),
        ask=does(fn, writes=["prompt"] if fn in (ask, ask_maybe) else ["messages"]),
        answer=does(answer, reads=["prompt"], writes=["messages"]),
        state={"prompt": "", "messages": []},
    )
    events = await collect(stream_turn(app, inputs))
    assert only(events, e.TurnCompleted).next_action == "ask"
    assert only(events, e.TurnCompleted).needs == list(inputs)
    assert [event.action for event in events if isinstance(event, e.StepStarted)] == ["ask", "answer"]


async def test_constants_are_for_every_action() -> None:
    app = build(
        ("ask", "answer"),
        ("answer", "ask"),
        ask=does(ask_with_model, writes=["prompt"]),
        answer=does(answer_with_model, writes=["messages"]),
        state={"messages": []},
    )
    events = await collect(stream_turn(app, {"prompt": "a", "model": "m"}))
    assert only(events, e.TurnCompleted).needs == ["prompt"]
    assert only(events, e.TurnStarted).prompt == "a"
    assert [event.inputs for event in events if isinstance(event, e.StepStarted)] == [
        {"prompt": "'a'", "model": "'m'"},
        {"model": "'m'"},
    ]


async def test_prompt_option() -> None:
    app = build(("ask", "ask"), ask=does(ask_two, writes=["messages"]))
    events = await collect(stream_turn(app, {"email": "e", "style": "s"}, prompt="style"))
    assert only(events, e.TurnStarted).prompt == "s"
    assert only(events, e.TurnCompleted).needs == ["style"]
    events = await collect(stream_turn(app, {"email": "e"}, prompt="nonsense"))
    error = only(events, e.TurnFailed).error
    assert error.kind == "ConventionError"
    assert "'email', 'style'" in error.message


@pytest.mark.parametrize("made", [Mangled, AsyncMangled])
async def test_burrs_own_inputs_reach_mangled_parameters(made: Any) -> None:
    """Trap: Burr remaps `__context` for sync `run` only."""
    app = build(ask=made())
    await collect(stream_turn(app, {"prompt": "a"}))
    assert app.state["app"] == app.uid


async def test_keyword_catchers_are_no_inputs() -> None:
    app = build(ask=does(takes_anything, writes=["messages"]))
    assert types(await collect(stream_turn(app, {"prompt": "a"})))[-1] == "turn-completed"


def route(state: State, prompt: str) -> State:
    return state.update(mode=prompt.upper())


def reply(state: State, prompt: str) -> State:
    return say(state, f"{state['mode']} {prompt}")


def ran(events: list[e.TurnEvent]) -> list[str]:
    return [event.action for event in events if isinstance(event, e.StepStarted)]


def routed(**more: Any) -> Application:
    """`route` decides on the prompt, `reply` answers it; what they lead to is in `more`."""
    names = ["route", "reply", *more, "route"]
    return build(
        *itertools.pairwise(names),
        route=does(route, writes=["mode"]),
        reply=does(reply, reads=["mode"], writes=["messages"]),
        **more,
        state={"messages": []},
    )


async def test_the_prompt_is_for_every_action_on_the_way_to_the_answer() -> None:
    """As Burr hands it to every step."""
    app = routed()
    for prompt in ("a", "b"):
        events = await collect(stream_turn(app, {"prompt": prompt}))
        assert ran(events) == ["route", "reply"]
        assert only(events, e.MessageAdded).text == f"{prompt.upper()} {prompt}"
        assert only(events, e.TurnCompleted).needs == ["prompt"]


async def test_a_prompt_that_was_answered_is_no_answer_to_the_next_question() -> None:
    def more(state: State, prompt: str) -> State:
        return say(state, f"more of {prompt}")

    app = routed(more=does(more, writes=["messages"]))
    events = await collect(stream_turn(app, {"prompt": "a"}))
    assert (ran(events), only(events, e.TurnCompleted).next_action) == (["route", "reply"], "more")
    events = await collect(stream_turn(app, {"prompt": "b"}))
    assert (ran(events), only(events, e.MessageAdded).text) == (["more"], "more of b")


async def test_the_prompt_does_not_answer_a_question_from_the_state() -> None:
    def clarify(state: State, prompt: str) -> State:
        return state.update(question=f"What is {prompt}?")

    def clarified(state: State, prompt: str) -> State:
        return say(state, prompt)

    app = build(
        ("clarify", "clarified"),
        clarify=does(clarify, writes=["question"]),
        clarified=does(clarified, reads=["question"], writes=["messages"]),
        state={"messages": []},
    )
    events = await collect(stream_turn(app, {"prompt": "a"}))
    assert (ran(events), only(events, e.TurnCompleted).needs) == (["clarify"], ["prompt"])


async def test_a_loop_ends_where_the_prompt_was_taken_before() -> None:
    """Though the turn never comes back to the action that asked first."""

    def listen(state: State, prompt: str) -> State:
        return state.update(heard=[*state["heard"], prompt])

    app = build(
        ("ask", "listen"),
        ("listen", "listen"),
        ask=does(ask, writes=["prompt"]),
        listen=does(listen, reads=["heard"], writes=["heard"]),
        state={"heard": []},
    )
    events = await collect(stream_turn(app, {"prompt": "a"}))
    assert (ran(events), only(events, e.TurnCompleted).needs) == (["ask", "listen"], ["prompt"])
    await collect(stream_turn(app, {"prompt": "b"}))
    assert app.state["heard"] == ["a", "b"]


def test_the_prompt_of_a_stream_is_known_though_burr_lost_its_annotations() -> None:
    @streaming_action(reads=[], writes=[])
    async def echo(state: State, prompt: str, shout: bool):
        yield {"delta": prompt.upper() if shout else prompt}, None
        yield {}, state

    wanted = next_inputs(build(echo=echo))
    assert (wanted.prompt, wanted.required, wanted.is_chat) == ("prompt", ["prompt", "shout"], False)
    assert next_inputs(build(echo=echo), constants=["shout"]).is_chat


async def test_what_was_asked_is_used_up_at_once() -> None:
    """Trap: a second approval must not be given by the first one's answer."""

    def approve(state: State, note: str, approved: bool) -> State:
        return say(state, note + str(approved))

    def approve_again(state: State, approved: bool) -> State:
        return say(state, approved)

    app = build(
        ("first", "second"),
        first=does(approve, writes=["messages"]),
        second=does(approve_again, writes=["messages"]),
        state={"messages": []},
    )
    given = {"note": "n", "approved": True}
    events = await collect(stream_turn(app, given, asked=list(given)))
    assert only(events, e.TurnCompleted).needs == ["approved"]
