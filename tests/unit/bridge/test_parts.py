"""Streamed items that are more than text, and the parts of the answer that they make."""

from __future__ import annotations

import dataclasses
import json
from types import SimpleNamespace
from typing import Any

import pydantic
import pytest

from apps import said
from apps.reading import collect, only, text_of
from burr_chat_widget.bridge import stream_turn
from burr_chat_widget.bridge.deltas import DeltaReader, Replaced
from burr_chat_widget.errors import ConventionError
from burr_chat_widget.protocol import events as e


class Post(pydantic.BaseModel):
    title: str | None = None
    content: str | None = None


@dataclasses.dataclass
class Token:
    """A piece of text, with something about it."""

    delta: str
    index: int


@dataclasses.dataclass
class AIMessageChunk:
    content: Any
    tool_call_chunks: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    additional_kwargs: dict[str, Any] = dataclasses.field(default_factory=dict)


def openai(**delta: Any) -> dict[str, Any]:
    return {"id": "1", "choices": [{"index": 0, "delta": delta}]}


def fragment(arguments: str | None, index: int = 0, name: str | None = None, call: str | None = None) -> dict[str, Any]:
    return {"index": index, "id": call, "function": {"name": name, "arguments": arguments}}


def as_object(value: Any) -> Any:
    if isinstance(value, dict):
        return SimpleNamespace(**{k: as_object(v) for k, v in value.items()})
    return [as_object(v) for v in value] if isinstance(value, list) else value


def shown(*items: Any, delta: Any = None) -> dict[str, str]:
    """What each part holds in the end, the text under `text`, a call with its name."""
    reader = DeltaReader(delta)
    parts: dict[str, str] = {}
    names: dict[str, str] = {}
    for item in items:
        read = reader.read(item)
        for piece in [read] if isinstance(read, str) else read:
            if isinstance(piece, str):
                parts["text"] = parts.get("text", "") + piece
            elif isinstance(piece, Replaced):
                parts["text"] = piece.text
            else:
                before = parts.get(piece.part, "") if piece.keep is None else ""
                parts[piece.part] = before + piece.text
                names[piece.part] = piece.name or names.get(piece.part, "")
    return {f"{key} {names.get(key)}" if names.get(key) else key: text for key, text in parts.items() if text}


STREAM = [
    openai(role="assistant", content=None),
    openai(reasoning_content="Let me "),
    openai(reasoning_content="see."),
    openai(content="I "),
    openai(content="look."),
    openai(tool_calls=[fragment("", 0, "search", "c1")]),
    openai(tool_calls=[fragment('{"q": ')]),
    openai(tool_calls=[fragment("{}", 1, "time", "c2")]),
    openai(tool_calls=[fragment('"x"}')]),
    {"choices": [{"delta": {}, "finish_reason": "tool_calls"}]},
    {"choices": [], "usage": {"total_tokens": 3}},
]
STREAMED = {
    "reasoning:1": "Let me see.",
    "text": "I look.",
    "tool:0 search": '{"q": "x"}',
    "tool:1 time": "{}",
}


def block(index: int, **delta: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": delta}


ANTHROPIC = [
    {"type": "message_start", "message": {"id": "m1", "type": "message", "role": "assistant", "content": []}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
    block(0, type="thinking_delta", thinking="Let me "),
    block(0, type="thinking_delta", thinking="see."),
    block(0, type="signature_delta", signature="c2lnbmVk"),
    {"type": "content_block_stop", "index": 0},
    {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
    {"type": "ping"},
    block(1, type="text_delta", text="I look "),
    block(1, type="text_delta", text="it up."),
    {"type": "content_block_start", "index": 2, "content_block": {"type": "tool_use", "id": "c1", "name": "f", "input": {}}},
    block(2, type="input_json_delta", partial_json='{"a": '),
    block(2, type="input_json_delta", partial_json="1}"),
    {"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": None}, "usage": {"output_tokens": 9}},
    {"type": "message_stop"},
]  # fmt: skip
RESPONSES = [
    {"type": "response.created", "response": {"id": "r1", "status": "in_progress"}},
    {"type": "response.reasoning_summary_text.delta", "output_index": 0, "delta": "Let me see."},
    {"type": "response.output_item.added", "output_index": 1, "item": {"type": "message", "id": "m1", "content": []}},
    {"type": "response.output_text.delta", "output_index": 1, "item_id": "m1", "delta": "I look "},
    {"type": "response.output_text.delta", "output_index": 1, "item_id": "m1", "delta": "it up."},
    {"type": "response.output_text.done", "output_index": 1, "item_id": "m1", "text": "I look it up."},
    {"type": "response.output_item.added", "output_index": 2,
     "item": {"type": "function_call", "id": "i1", "call_id": "c1", "name": "f", "arguments": ""}},
    {"type": "response.function_call_arguments.delta", "output_index": 2, "item_id": "i1", "delta": '{"a": '},
    {"type": "response.function_call_arguments.delta", "output_index": 2, "item_id": "i1", "delta": "1}"},
    {"type": "response.function_call_arguments.done", "output_index": 2, "item_id": "i1", "arguments": '{"a": 1}'},
    {"type": "response.completed", "response": {"id": "r1", "status": "completed"}},
]  # fmt: skip


@pytest.mark.parametrize("made", [lambda item: item, as_object], ids=["dicts", "objects"])
@pytest.mark.parametrize("items", [ANTHROPIC, RESPONSES], ids=["messages", "responses"])
def test_events_of_providers(items: list[Any], made: Any) -> None:
    """Most of them only say that something begins or ends, and are not shown."""
    assert shown(*map(made, items)) == {"reasoning:1": "Let me see.", "text": "I look it up.", "tool:2 f": '{"a": 1}'}


@pytest.mark.parametrize(
    ("items", "parts"),
    [
        (STREAM, STREAMED),
        ([as_object(item) for item in STREAM], STREAMED),
        ([item["choices"][0]["delta"] for item in STREAM[:-2]], STREAMED),
        ([{"delta": item["choices"][0]["delta"]} for item in STREAM[:-2]], STREAMED),
        ([{"role": "assistant"}, {"content": "a"}], {"text": "a"}),
        # Reasoning comes back after the text: another part.
        ([{"reasoning": "a"}, {"delta": "b"}, {"reasoning": "c"}], {"reasoning:1": "a", "text": "b", "reasoning:2": "c"}),
        ([{"type": "thinking", "text": "a"}, {"type": "text", "delta": "b"}], {"reasoning:1": "a", "text": "b"}),
        # Calls that are whole, and calls without an index.
        ([{"tool_calls": [{"name": "f", "args": {"a": 1}, "id": "c"}]}], {"tool:c f": '{"a":1}'}),
        ([{"type": "tool_call", "name": "f", "arguments": "{}"}], {"tool:+0 f": "{}"}),
        (
            [AIMessageChunk("", [{"name": "f", "args": "", "id": "c", "index": 0}]),
             AIMessageChunk("", [{"name": None, "args": "{}", "id": None, "index": 0}]),
             AIMessageChunk("ok")],
            {"tool:0 f": "{}", "text": "ok"},
        ),
        # LangChain's content parts.
        (
            [AIMessageChunk([{"type": "thinking", "thinking": "a"}]), AIMessageChunk([{"type": "text", "text": "b"}])],
            {"reasoning:1": "a", "text": "b"},
        ),
        # Objects that grow.
        (
            [Post(title="a"), Post(title="ab", content="c")],
            {"data Post": '{"title":"ab","content":"c"}'},
        ),
        ([Token("a", 0), Token("b", 1)], {"text": "ab"}),
        ([{"post": Post(title="a")}], {"data Post": '{"title":"a","content":null}'}),
        (
            [{"title": "a", "tags": []}, {"title": "ab", "tags": ["x"]}, {"title": "abc", "tags": ["x"]}],
            {"text": "abc"},
        ),
        (
            [{"a": "x", "b": None}, {"a": "x", "b": "y"}, {"a": "x", "b": "yz"}],
            {"items": '{"a":"x","b":"yz"}'},
        ),
        ([{"a": "x", "b": "y"}, {"a": "xx", "b": "y"}], {"items": '{"a":"xx","b":"y"}'}),
        ([{"a": "x"}, {"a": "xx"}, {"a": "xx", "b": "y"}], {"items": '{"a":"xx","b":"y"}'}),
        ([{"a": {"b": "x"}}, {"a": {"b": "x", "c": "y"}}], {"items": '{"a":{"b":"x","c":"y"}}'}),
        ([{"tok": "a"}, {"tok": "b"}, {"tok": "c", "n": 1}], {"text": "abc"}),
        # Progress.
        ([{"progress": 0.3, "message": "m"}], {"progress": '{"value":0.3,"message":"m"}'}),
        ([{"progress": 40}], {"progress": '{"value":0.4}'}),
        ([{"step": 1, "total": 4, "file": "a"}], {"progress": '{"value":0.25,"step":1,"total":4,"details":{"file":"a"}}'}),
        ([{"delta": "a", "progress": 0.5}], {"text": "a"}),
        ([{"progress": "50%"}], {"progress": '{"value":0.5}'}),
        ([{"stage": "load", "pct": 10}], {"progress": '{"value":0.1,"message":"load"}'}),
        ([{"type": "progress", "progress": 0.5, "message": "m"}], {"progress": '{"value":0.5,"message":"m"}'}),
        # What goes on, and what went wrong.
        (
            [{"status": "thinking"}, {"status": "searching"}, {"token": "he"}, {"token": "y"}],
            {"status": "thinking\nsearching\n", "text": "hey"},
        ),
        ([{"status": "searching", "query": "q"}], {"status": "searching {'query': 'q'}\n"}),
        ([{"type": "progress", "message": "m"}, {"event": "status", "data": "d"}], {"status": "m\nd\n"}),
        ([{"delta": "a"}, {"error": "rate limited"}, {"delta": "b"}], {"text": "ab", "status": "error: rate limited\n"}),
        ([{"type": "error", "error": {"type": "t", "message": "busy"}}], {"status": "error: busy\n"}),
        ([{"status": "ok", "message": "Hi"}], {"text": "Hi"}),
        ([{"role": "assistant", "type": "error", "content": "no"}], {"text": "no"}),
        # Anything else.
        ([{"n": 1}, {"n": 2}], {"items": "{'n': 1}\n{'n': 2}\n"}),
        ([3, b"x"], {"items": "3\nb'x'\n"}),
    ],
)  # fmt: skip
def test_items(items: list[Any], parts: dict[str, str]) -> None:
    assert shown(*items) == parts


def test_a_mapping_says_where_everything_is() -> None:
    items = [
        {"a": {"why": "hm"}},
        {"a": {"say": ["x"]}},
        {"call": {"name": "f", "arguments": "{}", "id": "c"}},
        {"other": 1},
    ]
    delta = {"text": "a.say.0", "reasoning": "a.why", "tool": lambda item: item.get("call")}
    assert shown(*items, delta=delta) == {"reasoning:1": "hm", "text": "x", "tool:c f": "{}"}
    assert shown({"a": "x"}, delta={"reasoning": "b"}) == {}
    assert shown({"choices": [{"delta": {"content": "x"}}]}, delta="choices.0.delta.content") == {"text": "x"}
    assert shown({"a.b": "x"}, delta="a.b") == {"text": "x"}


@pytest.mark.parametrize(
    ("delta", "item", "message"),
    [
        ({"texts": "a"}, "", "delta= has the key 'texts'"),
        ({}, "", "empty mapping"),
        ({"text": 3}, "", "delta\\['text'\\] is 3, a int"),
        ({"text": "a"}, {"a": 3}, "delta\\['text'\\]='a' names 3, a int"),
        ({"reasoning": "a"}, {"a": 3}, "delta\\['reasoning'\\] found 3, a int"),
        ({"tool": "a"}, {"a": 3}, "delta\\['tool'\\] found 3, in which no call"),
    ],
)
def test_a_mapping_that_is_wrong(delta: Any, item: Any, message: str) -> None:
    with pytest.raises(ConventionError, match=message):
        DeltaReader(delta).read(item)


async def test_a_call_that_was_streamed_is_not_told_again() -> None:
    events = await collect(stream_turn(said.tool_calling(), {"prompt": "hi"}))
    result = only(events, e.MessageAdded)
    assert (result.kind, result.call, result.text) == ("tool-result", "call_1", '{"sky": "clear"}')
    assert text_of(events) == "It is clear."
    kinds = [event.kind for event in events if isinstance(event, e.PartDelta)]
    assert kinds == ["reasoning"] * 2 + ["tool-call"] * 4


async def test_the_last_object_is_there() -> None:
    app = said.typed_writer()
    events = await collect(stream_turn(app, {"topic": "rivers"}))
    last = [event for event in events if isinstance(event, e.PartDelta)][-1]
    assert json.loads(last.text) == app.state["post"].model_dump()
    assert not [event for event in events if isinstance(event, e.MessageAdded | e.Notice)]
