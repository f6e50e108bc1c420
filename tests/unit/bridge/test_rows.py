"""The rows of a value: what is in it, what a step did to it, at any depth and size."""

from __future__ import annotations

import copy
import dataclasses
import enum
from collections import OrderedDict, deque
from typing import Any, NamedTuple

import attrs
import pydantic
import pytest
from burr.core import State

from burr_chat_widget.bridge.alignment import align
from burr_chat_widget.bridge.redaction import CREDENTIALS, Redaction
from burr_chat_widget.bridge.rows import MOST, PIECE, UNCOMPARED, Rows, rows_of
from burr_chat_widget.protocol.frames import Row


class Model(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    text: str
    api_key: str = "sk-1"


@dataclasses.dataclass
class Data:
    n: int


@attrs.define
class Settings:
    token: str


class Point(NamedTuple):
    x: int
    y: int


class Plain:
    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


class Mode(enum.Enum):
    A = 1


class Array:
    """As numpy's: compared item by item, without a truth of its own."""

    def __init__(self, *items: float) -> None:
        self.items = items

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.items),)

    def __eq__(self, other: object) -> Any:
        return Array(*(x == y for x, y in zip(self.items, other.items, strict=True)))  # type: ignore[attr-defined]

    def __ne__(self, other: object) -> Any:
        return Array(*(x != y for x, y in zip(self.items, other.items, strict=True)))  # type: ignore[attr-defined]

    def __and__(self, other: Array) -> Array:
        return Array(*(x and y for x, y in zip(self.items, other.items, strict=True)))

    def __or__(self, other: Array) -> Array:
        return Array(*(x or y for x, y in zip(self.items, other.items, strict=True)))

    def __bool__(self) -> bool:
        raise ValueError("ambiguous")

    def all(self) -> bool:
        return all(self.items)

    def __repr__(self) -> str:
        return "array([\n ...])"

    __hash__ = None  # type: ignore[assignment]


class Rude:
    def __init__(self) -> None:
        self.inside = 1

    def __repr__(self) -> str:
        raise ValueError

    def __eq__(self, other: object) -> bool:
        raise ValueError

    __hash__ = None  # type: ignore[assignment]


def brief(rows: Rows) -> list[tuple[str, str, str | None]]:
    assert rows.error is None
    return [(row.key, row.text, row.change) for row in rows.rows]


def test_a_state_before_and_after() -> None:
    before = State({"a": 1, "b": [1], "gone": "x", "same": {"k": 1}, "__SEQUENCE_ID": 1})
    after = State({"b": [1, 2], "a": 1, "new": None, "same": {"k": 1}, "__SEQUENCE_ID": 2})
    assert rows_of(before, after).rows == [
        Row(key="b", kind="list", text="[1, 2]", before="[1]", change="changed", rows=2),
        Row(key="a", kind="int", text="1"),
        Row(key="new", kind="NoneType", text="None", change="added"),
        Row(key="same", kind="dict", text="{'k': 1}", rows=1),
        Row(key="gone", kind="str", text="'x'", change="removed"),
    ]
    assert brief(rows_of(before, after, [0])) == [("0", "1", None), ("1", "2", "added")]
    assert brief(rows_of(before, after, [3])) == [("k", "1", None)]


def test_without_a_state_before_nothing_is_compared() -> None:
    value = {"a": {"b": [1]}}
    assert [row.change for row in rows_of(UNCOMPARED, value).rows] == [None]
    assert brief(rows_of(UNCOMPARED, value, [0, 0])) == [("0", "1", None)]


def test_a_change_shows_at_every_level_above() -> None:
    before = {"a": {"b": [{"c": (1, {"d": 1})}]}, "z": {"b": 1}}
    after = copy.deepcopy(before)
    after["a"]["b"][0]["c"][1]["d"] = 2  # type: ignore[index]
    path: list[int] = []
    for place, keys in [(0, ["a", "z"]), (0, ["b"]), (0, ["0"]), (0, ["c"]), (1, ["0", "1"]), (0, ["d"])]:
        rows = rows_of(before, after, path).rows
        assert [row.key for row in rows] == keys
        assert [row.change for row in rows] == ["changed" if n == place else None for n in range(len(rows))]
        path.append(place)
    assert rows_of(before, after, path[:-1]).rows[0].before == "1"


def test_what_is_in_something_new_is_new() -> None:
    before, after = {"old": {"k": [1]}}, {"new": {"k": [1]}}
    assert brief(rows_of(before, after)) == [("new", "{'k': [1]}", "added"), ("old", "{'k': [1]}", "removed")]
    assert brief(rows_of(before, after, [0, 0])) == [("0", "1", "added")]
    assert brief(rows_of(before, after, [1, 0])) == [("0", "1", "removed")]
    assert brief(rows_of({"v": [1]}, {"v": {"a": 1}}, [0])) == [("a", "1", "added")]


@pytest.mark.parametrize(
    ("value", "kind", "keys"),
    [
        ({1: "a", (1, 2): "b", "c": 1}, "dict", ["1", "(1, 2)", "c"]),
        (OrderedDict(a=1), "OrderedDict", ["a"]),
        (deque([1, 2]), "deque", ["0", "1"]),
        ((1, 2), "tuple", ["0", "1"]),
        (Point(1, 2), "Point", ["x", "y"]),
        ({3, 1, 2}, "set", ["0", "1", "2"]),
        (frozenset({"a", 1}), "frozenset", ["0", "1"]),
        (Model(text="x", more=1), "Model", ["text", "api_key", "more"]),
        (Data(1), "Data", ["n"]),
        (Settings("x"), "Settings", ["token"]),
        (Plain(a=1, b=2), "Plain", ["a", "b"]),
        (State({"a": 1, "__PRIOR_STEP": "x"}), "State", ["a"]),
        (Rude(), "Rude", ["inside"]),
        (Mode.A, "Mode", []),
        (Plain, "type", []),
        (len, "builtin_function_or_method", []),
        (b"x" * 1000, "bytes", []),
        (pydantic.SecretStr("x"), "SecretStr", []),
        (Array(1, 2), "Array", []),
        (1.5, "float", []),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_can_be_opened(value: Any, kind: str, keys: list[str]) -> None:
    row = rows_of(UNCOMPARED, {"v": value}).rows[0]
    assert (row.kind, row.rows) == (kind, len(keys))
    assert [r.key for r in rows_of(UNCOMPARED, {"v": value}, [0]).rows] == keys


def test_how_odd_values_look() -> None:
    texts = [row.text for row in rows_of(UNCOMPARED, [Rude(), Array(1, 2), b"x" * 50, pydantic.SecretStr("x")]).rows]
    assert texts == [
        "<Rude, whose repr raises ValueError>", "<Array (2,)> array([ ...])", f"{b'x' * 40!r}... (50 bytes)",
        "SecretStr('**********')",
    ]  # fmt: skip


def test_values_that_do_not_compare() -> None:
    before = {"array": Array(1, float("nan")), "nan": float("nan"), "rude": Rude(), "inside": {"a": [Array(1)]}}
    after = copy.deepcopy(before)
    assert {row.change for row in rows_of(before, after).rows} == {None}
    after["array"], after["inside"]["a"] = Array(2, 2), [Array(2)]  # type: ignore[index]
    assert [r.key for r in rows_of(before, after).rows if r.change] == ["array", "inside"]


def test_a_value_that_holds_itself() -> None:
    before: dict[str, Any] = {"n": 1}
    before["self"] = before
    after: dict[str, Any] = {"n": 1}
    after["self"] = after
    assert {row.change for row in rows_of(before, after).rows} == {None}
    after["n"] = 2
    assert [(r.key, r.change) for r in rows_of(before, after, [1, 1]).rows] == [("n", "changed"), ("self", "changed")]
    assert rows_of(before, before).rows[1].text.count("...") == 1


def test_sets() -> None:
    assert brief(rows_of({"b", "c"}, {"a", "b"})) == [
        ("0", "'a'", "added"), ("1", "'b'", None), ("1", "'c'", "removed"),
    ]  # fmt: skip


def test_the_same_rows_at_every_call() -> None:
    """A path means the same while the page asks for it, though equal sets may be in another order."""
    before, after = {"s": {f"k{n}" for n in range(50)}}, {"s": {f"k{n}" for n in reversed(range(60))}}
    first = rows_of(before, after, [0])
    assert first == rows_of(copy.deepcopy(before), copy.deepcopy(after), [0])
    assert rows_of(before, after).rows[0].rows == len(first.rows) == 60


@pytest.mark.parametrize(
    ("before", "after", "pairs"),
    [
        ("abc", "abXc", [(0, 0), (1, 1), (None, 2), (2, 3)]),
        ("abc", "ac", [(0, 0), (1, None), (2, 1)]),
        ("abc", "aXc", [(0, 0), (1, 1), (2, 2)]),
        ("", "ab", [(None, 0), (None, 1)]),
        ("abcd", "bcda", [(0, None), (1, 0), (2, 1), (3, 2), (None, 3)]),
        ([1, "x"], ["x", 1], [(0, None), (1, 0), (None, 1)]),
        ([1], ["x"], [(0, None), (None, 0)]),
        ([{"r": "u", "t": "one"}, {"r": "a", "t": "two"}],
         [{"r": "s", "t": "new"}, {"r": "u", "t": "one!"}, {"r": "a", "t": "two"}], [(None, 0), (0, 1), (1, 2)]),
        ([{"r": "u"}], [{"s": 1}], [(0, None), (None, 0)]),
        (["the long answer", "b"], ["c", "the long answers", "b"], [(None, 0), (0, 1), (1, 2)]),
        ([[1, 2, 3]], [[9], [1, 2, 4]], [(None, 0), (0, 1)]),
    ],
)  # fmt: skip
def test_lists_are_aligned(before: Any, after: Any, pairs: list[Any]) -> None:
    assert align(before, after) == pairs


def test_a_long_list_is_aligned() -> None:
    """The messages before and after what was put in stay what they are, among many that look like each other."""
    before = [{"role": "user", "content": f"message {n % 100}", "n": n} for n in range(10_000)]
    after = copy.deepcopy(before)
    after.insert(5_000, {"role": "user", "content": "put in", "n": -1})
    del after[7_000]
    after[20]["content"] += " changed"
    rows = rows_of({"h": before}, {"h": after}, [0])
    assert [(r.key, r.change) for r in rows.rows[:4]] == [
        ("20", "changed"), ("5000", "added"), ("6999", "removed"), ("0", None),
    ]  # fmt: skip
    assert rows.more == 10_001 - MOST


@pytest.mark.parametrize("kind", ["repeated", "all other", "every other", "turned round"])
def test_long_lists_that_have_little_in_common_end(kind: str) -> None:
    many = range(3_000)
    before, after = {
        "repeated": ([0] * 3_000, [0, 1] * 1_500),
        "all other": ([{"n": n} for n in many], [{"n": -n - 1} for n in many]),
        "every other": (list(many), [n if n % 2 else -n for n in many]),
        "turned round": ([str(n) for n in many], [str(n) for n in reversed(many)]),
    }[kind]
    pairs = align(before, after)  # type: ignore[arg-type]
    assert [i for i, _ in pairs if i is not None] == list(range(3_000))
    assert [j for _, j in pairs if j is not None] == list(range(3_000))


def test_among_many_keys_the_changed_ones_come_first() -> None:
    before = State({f"k{n}": {"n": n} for n in range(10_000)})
    after = State({**copy.deepcopy(before.get_all()), "k7000": {"n": -1}, "new": 1})
    rows = rows_of(before, after)
    assert [(r.key, r.change) for r in rows.rows[:3]] == [("k7000", "changed"), ("new", "added"), ("k0", None)]
    assert (len(rows.rows), rows.more) == (MOST, 10_001 - MOST)
    last = rows_of(before, after, start=10_000)
    assert ([r.key for r in last.rows], last.more) == (["k9999"], 0)
    assert brief(rows_of(before, after, [0])) == [("n", "-1", "changed")]
    assert rows_of(before, after, start=20_000).rows == []


def test_a_long_text_comes_in_pieces() -> None:
    text = "é😀x" * 60_000
    row = rows_of(UNCOMPARED, {"t": text, "short": "x", "quotes": "'\"" * 90}).rows[0]
    assert row.length == len(text)
    assert len(row.text) <= 200
    told, start = "", 0
    while True:
        piece = rows_of(UNCOMPARED, {"t": text}, [0], start)
        assert piece.text is not None
        assert len(piece.text) <= PIECE
        told, start = told + piece.text, start + len(piece.text)
        if not piece.more:
            break
    assert told == text
    assert rows_of(UNCOMPARED, {"t": "x"}).rows[0].length is None
    assert rows_of(UNCOMPARED, {"t": "\n" * 150}).rows[0].length == 150


def test_a_lone_surrogate_can_be_sent() -> None:
    rows = rows_of(UNCOMPARED, {"\ud83d": "\ud83d"})
    (rows.rows[0].key + rows.rows[0].text).encode()
    assert rows_of(UNCOMPARED, {"a": "\ud83d"}, [0]).text == "\ufffd"


def test_what_is_redacted_stays_in_the_kernel() -> None:
    before = {"api_key": "sk-1", "model": Model(text="x"), "none": {"password": None}}
    after = {"api_key": "sk-2", "model": Model(text="y"), "none": {"password": None}}
    top = rows_of(before, after).rows
    assert top[0] == Row(key="api_key", kind="str", text="", change="changed", redacted=True)
    assert top[1].text == "Model(text='y', api_key=<redacted>)"
    assert rows_of(before, after, [0]).error == "This value stays in the kernel."
    inside = rows_of(before, after, [1]).rows
    assert [(r.key, r.redacted, r.text) for r in inside] == [("text", False, "'y'"), ("api_key", True, "")]
    assert rows_of(before, after, [2]).rows[0].text == "None"
    assert "sk-" not in repr([top, inside])


def test_below_what_is_redacted_nothing_is_given() -> None:
    redaction = Redaction(lambda key, value: key == "h" or (isinstance(value, str) and value.startswith("sk-")))
    value = {"h": {"a": [1]}, "list": ["sk-1", "fine"]}
    assert rows_of(UNCOMPARED, value, [0, 0], redaction=redaction).error == "This value stays in the kernel."
    assert rows_of(UNCOMPARED, value, [1, 0], redaction=redaction).text is None
    assert [r.redacted for r in rows_of(UNCOMPARED, value, [1], redaction=redaction).rows] == [True, False]
    assert rows_of({"v": "sk-1"}, {"v": "fine"}, redaction=redaction).rows[0].before is None


@pytest.mark.parametrize("path", [[5], [-1], [0, 0], [1, 0, 0]])
def test_no_such_row(path: list[int]) -> None:
    assert rows_of(UNCOMPARED, {"a": 1, "b": [1]}, path).error == "There is no such row."


def test_a_value_that_cannot_be_opened_says_so() -> None:
    class Torn(dict[str, Any]):
        def items(self) -> Any:
            raise OSError

    rows = rows_of(UNCOMPARED, {"a": Torn(b=1)}, [0], redaction=CREDENTIALS)
    assert rows.error == "This value cannot be opened: OSError."
