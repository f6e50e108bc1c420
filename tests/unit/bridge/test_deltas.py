"""What in a streamed item is the text, and how texts make a whole."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import pydantic
import pytest

from apps.kinds import scripted_app
from apps.reading import collect, only, text_of, types
from burr_chat_widget.bridge import stream_turn
from burr_chat_widget.bridge.deltas import DeltaReader, Replaced, find_text
from burr_chat_widget.bridge.parts import Part
from burr_chat_widget.protocol import events as e


class Post(pydantic.BaseModel):
    text: str


class AIMessageChunk(pydantic.BaseModel):
    content: str


@dataclasses.dataclass
class Choice:
    delta: Any


def shown(*items: Any, delta: Any = None, result: Any = None) -> tuple[list[Any], str]:
    """What the reader returns for each item, and the text that stands at the end."""
    reader = DeltaReader(delta)
    pieces: list[Any] = []
    for item in items:
        read = reader.read(item)
        pieces += [read] if isinstance(read, str) else read
    pieces.append(reader.finish())
    pieces.append(reader.settle(result))
    return [piece for piece in pieces if piece not in ("", None)], reader.text


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("plain", "plain"),
        ({"delta": "a", "content": "b"}, "a"),
        ({"content": "b", "token": "a"}, "a"),
        ({"response": {"content": "c", "type": "text", "role": "assistant"}}, "c"),
        ({"final_output": "f"}, "f"),
        ({"anything": "sole", "number": 3}, "sole"),
        ({"wrapped": {"content": "deep"}, "number": 3}, "deep"),
        (Post(text="p"), "p"),
        (Choice(delta=Choice(delta="nested")), "nested"),
        ({"delta": None, "text": "t"}, "t"),
        ({"a": "two", "b": "texts"}, None),
        ({"number": 3}, None),
        ({"event": "token", "data": "a"}, "a"),
        ({"event": "status", "data": "searching"}, None),
        ({"event": "start", "data": None}, None),
        ({"type": "chunk", "id": "c1", "data": {"content": "deeper"}}, "deeper"),
        ({"type": "finished"}, None),
        ({"type": "chunk", "data": {"content": "in a tagged dict"}}, "in a tagged dict"),
        ({"type": "finished", "usage": {"tokens": 3}}, None),
        (b"bytes", None),
        (["list"], None),
        (None, None),
        (3, None),
    ],
)
def test_where_the_text_is(item: Any, text: str | None) -> None:
    found = find_text(item)
    assert (found and found[0]) == text


def test_a_property_that_raises_is_no_text() -> None:
    class Lazy:
        number = 3

        @property
        def content(self) -> str:
            raise RuntimeError

    assert find_text(Lazy()) is None
    assert shown(Lazy())[1] == ""


def test_a_method_is_no_text() -> None:
    assert find_text(SimpleNamespace(text=lambda: "no", content="yes")) == ("yes", "snapshots")


@pytest.mark.parametrize(
    "wrap", [str, lambda t: {"delta": t}, lambda t: {"token": t}, lambda t: {"chunk": {"text": t}}]
)
def test_incremental_for_certain(wrap: Any) -> None:
    """What is called a delta is never cumulative: "ha", "haha" is "hahaha"."""
    assert shown(wrap("ha"), wrap("haha")) == (["ha", "haha"], "hahaha")


def test_chunks_are_incremental() -> None:
    assert shown(AIMessageChunk(content="ha"), AIMessageChunk(content="haha"))[1] == "hahaha"


def test_cumulative() -> None:
    items = [{"response": text} for text in ("Hel", "Hello", "Hello", "Hello there")]
    assert shown(*items) == (["Hel", "lo", " there"], "Hello there")


def test_incremental_under_an_undecided_key() -> None:
    assert shown({"content": "Hel"}, {"content": "lo"}, {"content": "lo!"}) == (["Hel", "lo", "lo!"], "Hellolo!")
    assert shown({"content": "ha"}, {"content": "ha"})[1] == "haha"


def test_taken_for_cumulative_and_found_out() -> None:
    """Nothing that was shown was wrong; what was missing is put in."""
    items = [{"content": text} for text in ("ha", "haha", "!")]
    assert shown(*items) == (["ha", "ha", Replaced("hahaha!")], "hahaha!")


def test_the_result_settles_a_doubt() -> None:
    items = [{"content": "ha"}, {"content": "haha"}]
    assert shown(*items, result={"answer": "hahaha"})[1] == "hahaha"
    assert shown(*items, result={"answer": "haha"})[1] == "haha"
    assert shown(*items, result=None)[1] == "haha"


@pytest.mark.parametrize("tokens", [["the ", "cat"], ["ha", "ha", "!"]])
def test_objects_that_are_pieces(tokens: list[str]) -> None:
    """The second extends nothing: they are no snapshots."""
    assert shown(*(Post(text=token) for token in tokens))[1] == "".join(tokens)


def test_items_that_only_say_of_what_sort_they_are() -> None:
    items = [{"type": "start"}, {"type": "token", "content": "a"}, {"type": "token", "content": "b"}, {"event": "end"}]
    assert shown(*items) == (["a", "b"], "ab")


async def test_nothing_but_sorts() -> None:
    """Where nothing else is streamed, they are shown when the stream has ended."""
    app, _ = scripted_app("async-stream-function", ["searching", "reading"], item=lambda text: {"event": text})
    events = await collect(stream_turn(app, {"prompt": "hi"}))
    told = [event.text for event in events if isinstance(event, e.PartDelta)]
    assert told == ["{'event': 'searching'}\n", "{'event': 'reading'}\n"]


def test_snapshots() -> None:
    """An object is the whole so far; one that does not extend the last replaces it."""
    pieces, text = shown(Post(text="Hel"), Post(text="Hello"), Post(text="Jell"), Post(text="Jello"))
    assert pieces == ["Hel", "lo", Replaced("Jell"), "o"]
    assert text == "Jello"


def test_cumulative_that_is_rewritten() -> None:
    items = [{"content": text} for text in ("A", "A b", "A b c", "A x")]
    assert shown(*items) == (["A", " b", " c", Replaced("A x")], "A x")


def test_structured() -> None:
    assert shown({"step": 1, "done": False}) == ([Part("items", "items", "{'step': 1, 'done': False}\n")], "")


@pytest.mark.parametrize(
    ("items", "text", "lone"),
    [
        (["\ud83d", "\ude00"], "\U0001f600", False),
        (["a\ud83d", "\ude00b"], "a\U0001f600b", False),
        (["\ud83d", "b"], "\ufffdb", True),
        (["a\ud83d"], "a\ufffd", True),
        (["\ude00"], "\ufffd", True),
        (["\ud83d", "", "\ude00"], "\U0001f600", False),
        (["\ufffd"], "\ufffd", False),
        (["\ud83d\ude00"], "\U0001f600", False),
    ],
)
def test_surrogates(items: list[str], text: str, lone: bool) -> None:
    reader = DeltaReader()
    parts = [reader.read(item) for item in items] + [reader.finish()]
    assert "".join(map(str, parts)) == reader.text == text
    assert reader.lone_surrogates is lone


async def test_lone_surrogate_is_noticed_once() -> None:
    app, _ = scripted_app("async-stream-function", ["a\ud83d", "b\ud83d", "c"])
    events = await collect(stream_turn(app, {"prompt": "hi"}))
    assert text_of(events) == "a\ufffdb\ufffdc"
    assert only(events, e.Notice).level == "warning"


async def test_a_megabyte_in_one_delta() -> None:
    big = "x" * 1_000_000
    app, _ = scripted_app("sync-stream-function", [big])
    events = await collect(stream_turn(app, {"prompt": "hi"}))
    assert only(events, e.TextDelta).text == big
    changes = [change for event in events if isinstance(event, e.StateChanged) for change in event.changes]
    assert all(len(change.after or "") <= 200 for change in changes)


@pytest.mark.parametrize(
    ("item", "hint"), [(lambda t: {"n": len(t)}, "delta=lambda"), (lambda t: t.encode(), "decode")]
)
async def test_items_without_text(item: Any, hint: str) -> None:
    app, _ = scripted_app("async-stream-function", ["a", "bb"], item=item)
    events = await collect(stream_turn(app, {"prompt": "hi"}))
    lines = "".join(event.text for event in events if isinstance(event, e.PartDelta) and event.kind == "items")
    assert lines.splitlines() == [repr(item("a")), repr(item("bb"))]
    assert hint in only(events, e.Notice).text
    assert only(events, e.MessageAdded).text == "abb"


@pytest.mark.parametrize("blank", [None, {}, {"delta": None}, {"delta": {"content": None}, "usage": None}], ids=repr)
async def test_items_that_hold_nothing_are_passed_over(blank: Any) -> None:
    """As providers' first and last ones; only where a stream holds nothing else is it told."""
    items = iter([blank, {"delta": "a"}, blank, {"delta": "b"}, blank])
    app, _ = scripted_app("async-stream-function", ["a"] * 5, item=lambda _: next(items))
    events = await collect(stream_turn(app, {"prompt": "hi"}))
    assert [event.text for event in events if isinstance(event, e.TextDelta)] == ["a", "b"]
    assert not {"part-delta", "notice"} & set(types(events))
    app, _ = scripted_app("async-stream-function", ["a", "b"], item=lambda _: blank)
    events = await collect(stream_turn(app, {"prompt": "hi"}))
    assert only(events, e.PartDelta).text == f"{blank!r}\n"
    assert only(events, e.Notice).text == (
        f"Action 'answer' streams {type(blank).__name__} items; no text was found in them: "
        "say where it is with BurrChat(app, delta=lambda item: ...)"
    )


async def test_of_a_stream_that_breaks_after_an_item_that_holds_nothing_only_the_error_is_told() -> None:
    app, _ = scripted_app("async-stream-function", ["a", ValueError("no")], item=lambda _: {"delta": None})
    events = await collect(stream_turn(app, {"prompt": "hi"}))
    assert not {"part-delta", "notice"} & set(types(events))
    assert only(events, e.TurnFailed).error.message == "no"


async def test_delta_option() -> None:
    app, _ = scripted_app("async-stream-function", ["a", "b"], item=lambda t: {"choices": [t]})
    events = await collect(stream_turn(app, {"prompt": "hi"}, delta=lambda item: item["choices"][0]))
    assert text_of(events) == "ab"
    app, _ = scripted_app("async-stream-function", ["a", "b"], item=lambda t: {"delta": "no", "mine": t})
    assert text_of(await collect(stream_turn(app, {"prompt": "hi"}, delta="mine"))) == "ab"
    app, _ = scripted_app("async-stream-function", ["a", "b"], item=lambda t: {"mine": t if t == "b" else None})
    events = await collect(stream_turn(app, {"prompt": "hi"}, delta=lambda item: item["mine"]))
    assert "text-replaced" in types(events)  # the history says "ab"


@pytest.mark.parametrize(
    ("delta", "kind", "message"),
    [
        (lambda _: 3, "ConventionError", "delta= returned 3, a int, not a str, for the item {'delta': 'a'}"),
        (lambda item: item["nothing"], "KeyError", "'nothing'"),
    ],
)
async def test_delta_option_that_fails(delta: Any, kind: str, message: str) -> None:
    app, script = scripted_app("async-stream-function", ["a"])
    events = await collect(stream_turn(app, {"prompt": "hi"}, delta=delta))
    error = only(events, e.TurnFailed).error
    assert (error.kind, error.message) == (kind, message)
    assert script.running == 0
    assert types(await collect(stream_turn(app, {"prompt": "hi"})))[-1] == "turn-completed"
