"""Calls of tools: what is called, how it looks on the wire and through the real client, and what is refused."""

import json
import math
from typing import Any

import openai
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from burr_chat_widget import offline
from burr_chat_widget.offline import tools, wire


def tool(name: str, description: str, required: list[str] | None = None, **properties: Any) -> dict[str, Any]:
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
    }
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


ROOM = {"type": "string", "enum": ["kitchen", "bedroom"]}
READ = tool("read_temperature", "How warm a room is.", room=ROOM)
SET = tool("set_temperature", "Set how warm a room is to be, in degrees.", room=ROOM, degrees={"type": "integer"})
MAIL = tool("send_mail", "Write to somebody.", ["to"], to={"type": "string"}, copies={"type": "number"})
TOOLS = [READ, SET, MAIL]


def asked(prompt: str, **fields: Any) -> wire.ChatRequest:
    messages = [{"role": "user", "content": prompt}]
    return wire.parse_request(wire.encode({"model": offline.MODEL, "messages": messages, "tools": TOOLS} | fields))


def called(prompt: str, **fields: Any) -> tuple[str, Any] | None:
    call = tools.call(asked(prompt, **fields))
    return call and (call.name, json.loads(call.arguments))


@pytest.mark.parametrize(
    ("prompt", "call"),
    [
        ("How warm is the kitchen?", ("read_temperature", {"room": "kitchen"})),
        ("Set the Kitchen to 23 degrees", ("set_temperature", {"room": "kitchen", "degrees": 23})),
        ("bedroom: -5", ("set_temperature", {"room": "bedroom", "degrees": -5})),
        # 19.5 is no integer, and without a number there is nothing to set.
        ("Set the kitchen to 19.5 degrees", ("read_temperature", {"room": "kitchen"})),
        ("How warm is it?", None),
        ("Send a mail to Ann.", ("send_mail", {"to": "Ann"})),
        ('Mail "Ann and Bob" 2.5', ("send_mail", {"to": "Ann and Bob", "copies": 2.5})),
        ("What is a delta?", None),
        ("", None),
    ],
)
def test_a_tool_is_called_where_the_prompt_has_what_it_needs(prompt: str, call: tuple[str, Any] | None) -> None:
    assert called(prompt) == call


def test_the_request_can_forbid_a_call_demand_one_or_name_it() -> None:
    assert called("How warm is the kitchen?", tool_choice="none") is None
    assert called("How warm is the kitchen?", tool_choice="auto") == ("read_temperature", {"room": "kitchen"})
    assert called("What is a delta?", tool_choice="required") is not None
    named = {"type": "function", "function": {"name": "set_temperature"}}
    assert called("How warm is the kitchen?", tool_choice=named) == ("set_temperature", {"room": "kitchen"})
    assert called("How warm is the kitchen?", tools=None) is None


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("9" * 10_000 + " kitchen " + "1" * 400 + ".5")
def test_any_prompt_gives_arguments_that_are_json(prompt: str) -> None:
    call = tools.call(asked(prompt, tool_choice="required"))
    assert call is not None
    assert json.loads(wire.encode(json.loads(call.arguments))).keys() <= {"room", "degrees", "to", "copies"}


@pytest.mark.parametrize(
    "parameters", [None, {}, {"properties": {"x": True}}, {"properties": {"x": {"type": ["null"]}}}]
)
def test_parameters_that_say_nothing_are_left_out(parameters: Any) -> None:
    function = {"type": "function", "function": {"name": "look_around", "parameters": parameters}}
    assert called("Look around", tools=[function, {"type": "custom"}]) == ("look_around", {})


@pytest.fixture
def client() -> openai.AsyncOpenAI:
    return offline.client(rate=math.inf, first_token=0)


async def answer(client: openai.AsyncOpenAI, messages: list[Any], **options: Any) -> Any:
    options = {"tools": TOOLS} | options
    create: Any = client.chat.completions.create
    return await create(model=offline.MODEL, messages=messages, **options)


async def test_a_streamed_call_and_the_same_call_whole(client: openai.AsyncOpenAI) -> None:
    prompt = {"role": "user", "content": "Set the kitchen to 23 degrees"}
    chunks = [chunk async for chunk in await answer(client, [prompt], stream=True)]
    first, *rest = [chunk.choices[0] for chunk in chunks]
    assert (first.delta.role, first.delta.content) == ("assistant", None)
    (head,) = first.delta.tool_calls
    assert (head.index, head.type, head.function.name, head.function.arguments) == (
        0,
        "function",
        "set_temperature",
        "",
    )
    assert head.id.startswith("call_offline-")
    parts = [part for choice in rest for part in choice.delta.tool_calls or ()]
    assert len(parts) > 5
    assert {(part.index, part.id, part.function.name) for part in parts} == {(0, None, None)}
    arguments = "".join(part.function.arguments for part in parts)
    assert json.loads(arguments) == {"room": "kitchen", "degrees": 23}
    assert [choice.finish_reason for choice in rest] == [None] * (len(rest) - 1) + ["tool_calls"]

    (whole,) = (await answer(client, [prompt])).choices
    assert (whole.finish_reason, whole.message.content) == ("tool_calls", None)
    (call,) = whole.message.tool_calls
    assert (call.type, call.function.name, call.function.arguments) == ("function", "set_temperature", arguments)


async def test_what_a_tool_says_is_handed_on(client: openai.AsyncOpenAI) -> None:
    messages: list[Any] = [{"role": "user", "content": "How warm is the kitchen?"}]
    message = (await answer(client, messages)).choices[0].message
    messages += [message, {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "It is 19 degrees."}]
    (said,) = (await answer(client, messages)).choices
    assert (said.finish_reason, said.message.tool_calls) == ("stop", None)
    assert said.message.content == "`read_temperature` says: It is 19 degrees."


def call_of(*ids: str) -> dict[str, Any]:
    function = {"name": "read_temperature", "arguments": "{}"}
    return {"role": "assistant", "tool_calls": [{"id": i, "type": "function", "function": function} for i in ids]}


def result_of(call: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call, "content": f"result of {call}"}


USER = {"role": "user", "content": "How warm is the kitchen?"}


async def test_several_results_are_handed_on_in_their_order(client: openai.AsyncOpenAI) -> None:
    (said,) = (await answer(client, [USER, call_of("a", "b"), result_of("b"), result_of("a")])).choices
    says = "`read_temperature` says: result of"
    assert said.message.content == f"{says} b\n\n{says} a"


@pytest.mark.parametrize(
    ("messages", "place"),
    [
        ([USER, result_of("a")], 1),
        ([USER, call_of("a"), result_of("b")], 2),
        ([USER, call_of("a"), result_of("a"), result_of("a")], 3),
        ([USER, call_of("a"), USER], 1),
        ([USER, call_of("a", "b"), result_of("a")], 2),
    ],
)
async def test_calls_and_results_must_belong_together_as_with_any_provider(
    client: openai.AsyncOpenAI, messages: list[Any], place: int
) -> None:
    with pytest.raises(openai.BadRequestError, match="Invalid messages: the") as refused:
        await answer(client, messages)
    assert refused.value.param == f"messages[{place}]"


async def test_who_has_nothing_to_say_names_the_tools(client: openai.AsyncOpenAI) -> None:
    (said,) = (await answer(client, [{"role": "user", "content": "Why is the sky blue?"}])).choices
    assert "And I can call `read_temperature`, `set_temperature`, `send_mail`" in said.message.content
    (said,) = (await answer(client, [{"role": "user", "content": "Why is the sky blue?"}], tools=[])).choices
    assert "I can call" not in said.message.content
