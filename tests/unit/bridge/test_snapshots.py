"""State at a moment: kept apart, compared, put back."""

from __future__ import annotations

import copy
import dataclasses
import io
import itertools
import queue
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pydantic
import pytest
from burr.core import State

from apps.graphs import build, does, streams
from apps.kinds import scripted_app
from apps.reading import collect, visible
from burr_chat_widget.bridge import restore, stream_turn, take_snapshot
from burr_chat_widget.bridge.printable import LIMIT, clean, short
from burr_chat_widget.bridge.snapshots import changes_between
from burr_chat_widget.protocol import events as e


@dataclasses.dataclass
class Thing:
    text: str
    more: Any = None


class Model(pydantic.BaseModel):
    text: str


class ByIdentity:
    def __init__(self, value: int) -> None:
        self.value = value


class Rude:
    def __repr__(self) -> str:
        raise ValueError

    def __eq__(self, other: object) -> bool:
        raise ValueError

    __hash__ = None  # type: ignore[assignment]


def test_in_place_changes_stay_out() -> None:
    app = build(a=does(lambda state: state), state={"h": [{"content": "a"}], "queue": queue.SimpleQueue()})
    snapshot = take_snapshot(app)
    app.state["h"].append({"content": "b"})
    app.state["h"][0]["content"] = "c"
    assert snapshot["h"] == [{"content": "a"}]
    assert snapshot["queue"] is app.state["queue"]
    for _ in range(2):
        restore(app, snapshot)
        assert app.state["h"] == [{"content": "a"}]
        app.state["h"].append("changed after restoring")


async def test_restore_keeps_the_sequence_id() -> None:
    """Trap: lowered, SQLitePersister raises IntegrityError and the tracker logs a number twice."""
    app, _ = scripted_app("async-function", ["a"])
    start = take_snapshot(app)
    await collect(stream_turn(app, {"prompt": "x"}))
    after = take_snapshot(app)
    restore(app, start)
    assert app.sequence_id == 1
    assert app.get_next_action().name == "human"
    assert visible(app) == {"chat_history": [], "log": []}
    restore(app, after)
    assert app.state["__PRIOR_STEP"] == "answer"
    await collect(stream_turn(app, {"prompt": "y"}))
    restore(app, after)
    assert app.sequence_id == 3
    assert [m["content"] for m in app.state["chat_history"]] == ["x", "a"]


def test_changes() -> None:
    before = State({"same": 1, "list": [1], "gone": "x", "it": ByIdentity(1), "that": ByIdentity(1), "__X": 1})
    after = State({"same": 1, "list": [1, 2], "it": ByIdentity(1), "that": ByIdentity(2), "new": None, "__X": 2})
    changes = changes_between(before, after)
    assert [(c.key, c.change) for c in changes] == [
        ("list", "changed"),
        ("that", "changed"),
        ("new", "added"),
        ("gone", "removed"),
    ]
    assert (changes[0].before, changes[0].after) == ("[1]", "[1, 2]")


def test_values_that_cannot_be_compared() -> None:
    assert changes_between(State({"a": Rude()}), State({"a": Rude()})) == []


class Opaque:
    """Shows nothing of itself, but who it is."""

    __slots__ = ("value",)

    def __init__(self, value: int) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"<Opaque {id(self)}>"


@pytest.mark.parametrize(
    "value",
    [Opaque(1), itertools.count(3), io.BytesIO(b"x"), object(), iter([1, 2]), MagicMock(), AsyncMock(), [Opaque(1), MagicMock()]],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_shows_no_parts_is_the_same_in_each_snapshot(value: Any) -> None:
    app = build(a=does(lambda state: state), state={"value": value, "list": []})
    before = take_snapshot(app)
    app.state["list"].append(1)
    assert [change.key for change in changes_between(before, take_snapshot(app))] == ["list"]
    restore(app, before)
    assert changes_between(before, take_snapshot(app)) == []


def test_what_shows_no_parts_has_changed() -> None:
    value, count = Opaque(1), itertools.count()
    app = build(a=does(lambda state: state), state={"value": value, "count": count})
    before = take_snapshot(app)
    value.value = next(count) + 2
    assert [change.key for change in changes_between(before, take_snapshot(app))] == ["value", "count"]


async def test_in_place_changes_are_seen() -> None:
    """Trap: the state before the step holds the same list."""
    app, _ = scripted_app("async-function", ["a"])
    events = await collect(stream_turn(app, {"prompt": "x"}))
    keys = [c.key for event in events if isinstance(event, e.StateChanged) for c in event.changes]
    assert "log" in keys


@pytest.mark.parametrize(
    "value",
    ["x" * 5_000_000, b"x" * 5_000_000, bytearray(5_000_000), ["x" * 5_000_000] * 50, {"k" * 9999: "x" * 5_000_000},
     Thing("x" * 5_000_000, Thing("y" * 5_000_000)), Model(text="x" * 5_000_000), list(range(1_000_000)), 10**5000, Rude(),
     type("S", (str,), {})("x" * 5_000_000)],
    ids=lambda v: type(v).__name__,
)  # fmt: skip
def test_short_is_short(value: Any) -> None:
    text = short(value)
    assert len(text) <= LIMIT
    text.encode()


def test_short_reads_as_python() -> None:
    assert short({"b": 1, "a": [None, "x"]}) == "{'b': 1, 'a': [None, 'x']}"
    assert short(Thing("t")) == "Thing(text='t', more=None)"
    assert short(Model(text="t")) == "Model(text='t')"


@pytest.mark.parametrize(("text", "cleaned"), [("a", "a"), ("é", "é"), ("\ud83d\ude00", "😀"), ("\ud83d", "\ufffd")])
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


async def test_the_graph_itself_is_not_touched() -> None:
    """Wrapping goes into a copy: whoever holds the graph sees no change."""

    async def say(state: State) -> Any:
        yield {"delta": "a"}
        yield {}, state

    app = build(say=streams(say))
    graph = app._graph
    attributes = {name: copy.copy(value) for name, value in vars(graph).items()}
    events = stream_turn(app)
    async for event in events:
        if isinstance(event, e.TextDelta):
            break
    assert app._graph is not graph
    assert vars(graph) == attributes
    await events.aclose()
    assert app._graph is graph
