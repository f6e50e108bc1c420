"""What a turn has said: everything that is streamed or recorded is on the page, as often as it was said."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from burr.core import Application, State

from apps.graphs import build, does, streams
from apps.reading import collect, text_of, types
from burr_chat_widget.bridge import stream_turn
from burr_chat_widget.protocol import events as e

KEYS = {"reads": ["chat_history"], "writes": ["chat_history"]}


def bot(content: Any, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content, **more}


def records(*items: Any) -> Any:
    """An action that appends these to the history."""

    def append(state: State) -> State:
        for item in items:
            state = state.append(chat_history=item)
        return state

    return does(append, **KEYS)


def says(*pieces: str, recorded: bool = True) -> Any:
    """An action that streams these, and may record the whole."""

    async def say(state: State) -> AsyncGenerator[tuple[Any, State | None], None]:
        for piece in pieces:
            yield {"delta": piece}, None
        yield {}, state.append(chat_history=bot("".join(pieces))) if recorded else state

    return streams(say, **KEYS)


def ask(state: State, prompt: str) -> State:
    return state.append(chat_history={"role": "user", "content": prompt})


def conversation(*actions: Any) -> Application[Any]:
    """`ask`, then these, in a circle."""
    named = {"ask": does(ask, **KEYS), **{f"a{n}": action for n, action in enumerate(actions)}}
    names = [*named, "ask"]
    return build(*itertools.pairwise(names), state={"chat_history": []}, **named)


def alone(fn: Any, *writes: str, **state: Any) -> Application[Any]:
    """An application of one action without a history."""
    make = streams if "Generator" in str(fn.__annotations__["return"]) else does
    return build(("ask", "ask"), ask=make(fn, writes=list(writes)), state=state)


async def turn(app: Application[Any], prompt: str = "hi", **options: Any) -> list[e.TurnEvent]:
    events = await collect(stream_turn(app, {"prompt": prompt}, **options))
    assert types(events)[-1] == "turn-completed", events[-1]
    return events


def messages(events: list[e.TurnEvent]) -> list[tuple[str, str]]:
    return [(event.kind, event.text) for event in events if isinstance(event, e.MessageAdded)]


# As often as it was said.


async def test_a_text_said_twice_by_one_action() -> None:
    assert messages(await turn(conversation(records(bot("Done."), bot("Done."))))) == [("text", "Done.")] * 2


async def test_a_text_said_by_two_actions() -> None:
    app = conversation(records(bot("Done.")), records(bot("Done.")))
    assert messages(await turn(app)) == [("text", "Done.")] * 2


def call(name: str, call: str) -> dict[str, Any]:
    return {"id": call, "type": "function", "function": {"name": name, "arguments": "{}"}}


async def test_the_same_words_before_each_call() -> None:
    items = [bot("Let me check.", tool_calls=[call("roll", f"c{n}")]) for n in range(2)]
    assert messages(await turn(conversation(records(*items)))) == [("text", "Let me check."), ("tool-call", "{}")] * 2


async def test_the_same_call_without_an_id() -> None:
    once = [
        bot(None, function_call={"name": "roll", "arguments": "{}"}),
        {"role": "function", "name": "roll", "content": "6"},
    ]
    assert messages(await turn(conversation(records(*once, *once)))) == [("tool-call", "{}"), ("tool-result", "6")] * 2


async def test_streamed_once_and_recorded_twice() -> None:
    events = await turn(conversation(says("Do", "ne.", recorded=False), records(bot("Done."), bot("Done."))))
    assert (text_of(events), messages(events)) == ("Done.", [("text", "Done.")])


async def test_streamed_twice_and_recorded_twice() -> None:
    events = await turn(conversation(says("Done."), says("Done.")))
    assert (text_of(events), messages(events)) == ("Done.Done.", [])


async def test_two_calls_streamed_without_an_id() -> None:
    async def stream(state: State) -> AsyncGenerator[tuple[Any, State | None], None]:
        for _ in range(2):
            yield {"type": "function_call", "name": "roll", "arguments": {"n": 1}}, None
        for _ in range(3):
            state = state.append(chat_history=bot(None, function_call={"name": "roll", "arguments": '{"n": 1}'}))
        yield {}, state

    events = await turn(conversation(streams(stream, **KEYS)))
    assert messages(events) == [("tool-call", '{"n": 1}')]


# What an application says that keeps no history.


class Array:
    """Compares as arrays do: item by item."""

    def __eq__(self, other: object) -> Any:
        return Array()

    def __bool__(self) -> bool:
        raise ValueError("the truth value of an array is ambiguous")

    def __repr__(self) -> str:
        return "array([0, 1])"

    __hash__ = None  # type: ignore[assignment]


async def test_an_array_as_the_result() -> None:
    def measure(state: State, prompt: str) -> tuple[dict[str, Any], State]:  # noqa: ARG001
        return {"vector": Array()}, state.update(vector=Array())

    app = alone(measure, "vector")
    assert [messages(await turn(app)) for _ in range(2)] == [[("data", '"array([0, 1])"')]] * 2


async def test_an_echo() -> None:
    def echo(state: State, prompt: str) -> State:
        return state.update(reply=prompt)

    assert messages(await turn(alone(echo, "reply"))) == [("text", "hi")]


async def test_the_prompt_beside_an_answer() -> None:
    def answer(state: State, prompt: str) -> State:
        return state.update(asked=prompt, answer="yes")

    assert messages(await turn(alone(answer, "asked", "answer"))) == [("text", "yes")]


async def test_a_prompt_that_is_only_kept() -> None:
    def keep(state: State, prompt: str) -> State:
        return state.update(prompt=prompt)

    events = await turn(alone(keep, "prompt"))
    assert (messages(events), types(events)[-2]) == ([], "notice")


@pytest.mark.parametrize(("value", "shown"), [(["x", "y"], '["x","y"]'), (False, "false"), (0, "0")])
async def test_a_result_that_stays_the_same(value: Any, shown: str) -> None:
    def give(state: State, prompt: str) -> State:  # noqa: ARG001
        return state.update(out=value)

    app = alone(give, "out", out=value)
    assert [messages(await turn(app)) for _ in range(2)] == [[("data", shown)]] * 2


async def test_only_what_the_action_writes() -> None:
    """A client that counts its calls changes too; it is no answer."""
    counts: list[int] = []

    def answer(state: State, prompt: str) -> State:  # noqa: ARG001
        state["seen"].append(1)
        return state.update(verdict="yes")

    assert messages(await turn(alone(answer, "verdict", seen=counts))) == [("text", "yes")]


async def test_an_answer_beside_a_history_of_prompts() -> None:
    def answer(state: State, prompt: str) -> State:
        return ask(state, prompt).update(answer=f"re {prompt}")

    app = build(("ask", "ask"), ask=does(answer, writes=["chat_history", "answer"]), state={"chat_history": []})
    assert [messages(await turn(app, prompt)) for prompt in ("a", "b")] == [[("text", "re a")], [("text", "re b")]]


async def test_a_history_is_no_answer() -> None:
    """Where the application asks for something else before it has answered, its notice says so."""
    events = await turn(conversation())
    assert (messages(events), types(events)[-2]) == ([], "notice")


def streamed(result: dict[str, Any], **written: Any) -> Application[Any]:
    async def answer(state: State, prompt: str) -> AsyncGenerator[tuple[Any, State | None], None]:  # noqa: ARG001
        yield {"delta": "a dra"}, None
        yield {"delta": "ft"}, None
        yield result, state.update(**written)

    return alone(answer, *written)


async def test_the_final_result_is_authoritative() -> None:
    app = streamed({"answer": "the answer"}, answer="the answer")
    assert [text_of(await turn(app)) for _ in range(2)] == ["the answer"] * 2


@pytest.mark.parametrize("result", [{"mode": "poem"}, {"status": "done"}, {"answer": "draft"}, {}])
async def test_results_that_are_not_the_whole(result: dict[str, Any]) -> None:
    assert text_of(await turn(streamed(result, **result))) == "a draft"


async def test_delta_says_what_the_text_is() -> None:
    app = streamed({"answer": "the answer"}, answer="the answer")
    assert text_of(await turn(app, delta="delta")) == "a draft"


# render=


class Chart:
    """Of no kind of ours."""


async def test_render_is_given_a_result_of_the_same_form() -> None:
    seen: list[Any] = []

    def render(item: Any) -> str:
        seen.append(item)
        return "a chart"

    def draw(state: State, prompt: str) -> State:  # noqa: ARG001
        return state.update(chart=Chart())

    def draw_and_say(state: State, prompt: str) -> tuple[dict[str, Any], State]:
        drawn = draw(state, prompt)
        return {"chart": drawn["chart"]}, drawn

    for fn in (draw, draw_and_say):
        assert messages(await turn(alone(fn, "chart"), render=render)) == [("text", "a chart")]
    assert [(type(item), list(item), type(item["chart"])) for item in seen] == [(dict, ["chart"], Chart)] * 2
