"""Items of histories, as applications and libraries write them, and what they say."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import Any

import pydantic
import pytest

from apps.reading import collect, only, plain
from apps.said import PIXEL, Message
from burr_chat_widget.bridge import infer_history, stream_turn
from burr_chat_widget.bridge.messages import is_foreign, read_item, read_messages
from burr_chat_widget.bridge.reading import IMAGE_BYTES
from burr_chat_widget.protocol import events as e
from unit.bridge.test_history import USER, app_with, speaking

PICTURE = f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}"
CALL = {"id": "c1", "type": "function", "function": {"name": "search", "arguments": '{"q": "x"}'}}


class Pydantic(pydantic.BaseModel):
    role: str
    content: str
    type: str = "text"


class Answer(pydantic.BaseModel):
    verdict: str
    score: int


class Painted:
    def _repr_png_(self) -> bytes:
        return PIXEL


def said(item: Any) -> list[tuple[Any, ...]]:
    """Role, kind and text of all that an item says, then name and call where there are any."""
    read = [(m.role, m.kind, m.text, m.name, m.call) for m in read_item(item)]
    return [each if each[4] else each[:4] if each[3] else each[:3] for each in read]


ASSISTANT = {"role": "assistant"}


@pytest.mark.parametrize(
    ("item", "messages"),
    [
        # The rows of Burr's examples.
        ({**ASSISTANT, "content": "hi", "type": "text"}, [("assistant", "text", "hi")]),
        ({**ASSISTANT, "content": "hi"}, [("assistant", "text", "hi")]),
        ({**ASSISTANT, "content": "x = 1", "type": "code"}, [("assistant", "code", "x = 1")]),
        ({**ASSISTANT, "content": "no", "type": "error"}, [("assistant", "error", "no")]),
        ({**ASSISTANT, "content": "https://x/y.png", "type": "image"}, [("assistant", "image", "https://x/y.png")]),
        (Pydantic(role="assistant", content="hi"), [("assistant", "text", "hi")]),
        ("AI: hello", [("assistant", "text", "hello")]),
        ("Human: hello", [("human", "text", "hello")]),
        # Images.
        ({**ASSISTANT, "content": PIXEL, "type": "image", "alt": "dot"}, [("assistant", "image", PICTURE, "dot")]),
        ({**ASSISTANT, "content": PICTURE, "type": "image"}, [("assistant", "image", PICTURE)]),
        ({**ASSISTANT, "content": PICTURE[22:], "type": "image"}, [("assistant", "image", PICTURE)]),
        (
            {**ASSISTANT, "content": {"url": "https://x/y"}, "type": "image_url"},
            [("assistant", "image", "https://x/y")],
        ),
        ({**ASSISTANT, "content": Painted()}, [("assistant", "image", PICTURE)]),
        ({**ASSISTANT, "content": "plot.png", "type": "image"}, [("assistant", "image", "plot.png")]),
        (
            {
                **ASSISTANT,
                "content": [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": PICTURE}}],
            },
            [("assistant", "text", "a"), ("assistant", "image", PICTURE)],
        ),
        # Calls of tools, and what they give back.
        (
            {**ASSISTANT, "content": "I search.", "reasoning_content": "Hm.", "tool_calls": [CALL]},
            [
                ("assistant", "reasoning", "Hm."),
                ("assistant", "text", "I search."),
                ("assistant", "tool-call", '{"q": "x"}', "search", "c1"),
            ],
        ),
        ({**ASSISTANT, "tool_calls": [CALL]}, [("assistant", "tool-call", '{"q": "x"}', "search", "c1")]),
        ({"role": "tool", "tool_call_id": "c1", "content": "found"}, [("tool", "tool-result", "found", None, "c1")]),
        ({"role": "function", "name": "f", "content": "1"}, [("tool", "tool-result", "1", "f", "f")]),
        (
            {**ASSISTANT, "content": None, "function_call": {"name": "f", "arguments": "{}"}},
            [("assistant", "tool-call", "{}", "f", "f")],
        ),
        (
            {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "c1"},
            [("assistant", "tool-call", "{}", "f", "c1")],
        ),
        ({"type": "function_call_output", "call_id": "c1", "output": "1"}, [("tool", "tool-result", "1", None, "c1")]),
        # LangChain's, and others with the same shape.
        (
            Message("ai", "", [{"name": "f", "args": {"a": 1}, "id": "c1"}]),
            [("assistant", "tool-call", '{"a":1}', "f", "c1")],
        ),
        (
            Message("tool", [{"type": "text", "text": "1"}], tool_call_id="c1", name="f"),
            [("tool", "tool-result", "1", "f", "c1")],
        ),
        ({"type": "ai", "content": "hi"}, [("assistant", "text", "hi")]),
        (
            SimpleNamespace(type="ai", content="hi", additional_kwargs={"reasoning_content": "Hm."}),
            [("assistant", "reasoning", "Hm."), ("assistant", "text", "hi")],
        ),
        # Anthropic's content parts.
        (
            {
                **ASSISTANT,
                "content": [
                    {"type": "thinking", "thinking": "Hm."},
                    {"type": "text", "text": "I search."},
                    {"type": "tool_use", "id": "c1", "name": "search", "input": {"q": "x"}},
                ],
            },
            [
                ("assistant", "reasoning", "Hm."),
                ("assistant", "text", "I search."),
                ("assistant", "tool-call", '{"q":"x"}', "search", "c1"),
            ],
        ),
        (
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "found"}]},
            [("user", "tool-result", "found", None, "c1")],
        ),
        # Values.
        (
            {**ASSISTANT, "content": Answer(verdict="yes", score=1)},
            [("assistant", "data", '{"verdict":"yes","score":1}', "Answer")],
        ),
        ({**ASSISTANT, "content": {"a": 1}}, [("assistant", "data", '{"a":1}')]),
        (Answer(verdict="yes", score=1), [("assistant", "data", '{"verdict":"yes","score":1}', "Answer")]),
        ({"speaker": "me"}, [("assistant", "data", '{"speaker":"me"}')]),
        ("a draft", [("assistant", "text", "a draft")]),
    ],
)
def test_what_is_said(item: Any, messages: list[tuple[Any, ...]]) -> None:
    assert said(item) == messages


@pytest.mark.parametrize(
    ("item", "foreign"),
    [
        ({**ASSISTANT, "content": "a"}, False),
        ({**ASSISTANT, "content": "a", "type": "chart"}, True),
        ({**ASSISTANT, "content": {"a": 1}}, True),
        ({"speaker": "me"}, True),
        ("note", True),
    ],
)
def test_kinds_of_others(item: Any, foreign: bool) -> None:
    assert is_foreign(item) is foreign


def test_a_picture_that_is_too_large() -> None:
    huge = PIXEL[:8] + bytes(IMAGE_BYTES)
    ((role, kind, text),) = said({**ASSISTANT, "content": huge, "type": "image"})
    assert (role, kind) == ("assistant", "text")
    assert "4.0 MB" in text


@pytest.mark.parametrize("items", [[Message("human", "a")], ["Human: a", "AI: b"], [{"type": "human", "content": "a"}]])
def test_histories_are_known_by_their_items(items: list[Any]) -> None:
    assert all(read_messages(item) is not None for item in items)
    assert infer_history(app_with(thread=items, chat_history=[])) == "thread"


async def told(app: Any, **options: Any) -> list[dict[str, Any]]:
    events = plain(await collect(stream_turn(app, {"prompt": "hi"}, **options)))
    return [
        {k: v for k, v in event.items() if k not in ("type", "step", "role", "level")}
        for event in events
        if event["type"] in ("message-added", "notice")
    ]


async def test_a_call_and_its_result_are_told_once() -> None:
    result = {"role": "tool", "tool_call_id": "c1", "content": "found"}
    app = speaking(USER, {**ASSISTANT, "content": None, "tool_calls": [CALL]}, result, chat_history=[])
    assert await told(app) == [
        {"text": '{"q": "x"}', "kind": "tool-call", "name": "search", "call": "c1"},
        {"text": "found", "kind": "tool-result", "call": "c1"},
    ]


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ({"answer": "yes", "sources": [1]}, {"text": "yes", "kind": "text"}),
        ({"final_output": "yes"}, {"text": "yes", "kind": "text"}),
        (
            {"post": Answer(verdict="yes", score=1)},
            {"text": '{"verdict":"yes","score":1}', "kind": "data", "name": "Answer"},
        ),
        ({"found": {"topic": "hi", "n": 1}}, {"text": '{"topic":"hi","n":1}', "kind": "data", "name": "found"}),
        ({"number": 3}, {"text": "3", "kind": "data", "name": "number"}),
        ({"title": "a", "score": 3}, {"text": '{"title":"a","score":3}', "kind": "data"}),
        ({"plot": Painted()}, {"text": PICTURE, "kind": "image", "name": "plot"}),
        ({"prompt": "hi", "number": 3}, {"text": "3", "kind": "data", "name": "number"}),
    ],
)
async def test_results(result: dict[str, Any], message: dict[str, Any]) -> None:
    assert await told(speaking(result=result)) == [message]


async def test_what_was_written_is_shown_where_there_is_no_result() -> None:
    from apps.graphs import build, does

    def count(state: Any) -> Any:
        return state.update(counter=state["counter"] + 1)

    events = await collect(stream_turn(build(count=does(count, writes=["counter"]), state={"counter": 1}), {}))
    message = only(events, e.MessageAdded)
    assert (message.kind, message.name, message.text) == ("data", "counter", "2")


async def test_render() -> None:
    chart = {**ASSISTANT, "content": "1,2", "type": "chart"}

    def render(item: Any) -> str | None:
        return f"**{item['content']}**" if item["type"] == "chart" else None

    app = speaking(
        chart, {**ASSISTANT, "content": "plain"}, {**ASSISTANT, "content": {"a": 1}, "type": "x"}, chat_history=[]
    )
    assert await told(app, render=render) == [
        {"text": "**1,2**", "kind": "text"},
        {"text": "plain", "kind": "text"},
        {"text": '{"a":1}', "kind": "data"},
    ]
    assert await told(speaking(result={"n": 3}), render=lambda result: f"n is {result['n']}") == [
        {"text": "n is 3", "kind": "text"}
    ]


@pytest.mark.parametrize(
    ("render", "why"),
    [
        (lambda item: item["nothing"], "render= raised KeyError: 'nothing'"),
        (lambda _: 3, "render= raised TypeError: it returned 3, a int, not a str"),
    ],
)
async def test_render_that_fails_is_told_and_the_value_stays(render: Any, why: str) -> None:
    assert await told(speaking(result={"n": 3}), render=render) == [
        {"text": why},
        {"text": "3", "kind": "data", "name": "n"},
    ]
