"""Values in a recording: written as JSON, read again, and opened level by level as they were."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import json
import math
from typing import Any, NamedTuple

import attrs
import msgspec
import pydantic
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from burr_chat_widget.bridge import RECORDED, UNCOMPARED, Redaction, Restorer, recorded, rows_of
from burr_chat_widget.bridge import recorded as write
from burr_chat_widget.bridge.recorded import NODES, SIZE
from burr_chat_widget.bridge.redaction import CREDENTIALS

SECRET = "sk-7f3a"


@dataclasses.dataclass
class Person:
    name: str
    api_key: str = SECRET


@attrs.define
class Place:
    town: str


class Point(NamedTuple):
    x: int
    y: int


class Model(pydantic.BaseModel):
    name: str
    tags: list[str] = []
    password: str | None = None


class Words(list):
    """A list of another name."""


class Client:
    """Not one whose class says what it is made of."""

    def __init__(self) -> None:
        self.inner = {"header": "x"}


class Rude:
    def __repr__(self) -> str:
        raise RuntimeError("no")


VALUES: dict[str, Any] = {
    "plain": {"a": [1, 2.5, None, True, "é𝄞"], "b": {}},
    "empty": [],
    "large int": 2**80,
    "not a number": math.nan,
    "infinite": math.inf,
    "bytes": b"\x00abc" * 40,
    "date": datetime.date(2026, 1, 31),
    "tuple": (1, ("a", [2])),
    "set": {3, 1, 2},
    "frozen": frozenset({"a"}),
    "deque": collections.deque([1, 2]),
    "keys of other kinds": {1: "a", (1, 2): "b", None: "c"},
    "keys that are ours": {"$type": "x", "$repr": "y"},
    "ordered": collections.OrderedDict(a=1),
    "data class": Person("Ada"),
    "attrs": Place("Bath"),
    "named tuple": Point(1, 2),
    "pydantic": Model(name="m", tags=["a"], password="p"),
    "list of a class": Words(["a", "b"]),
    "client": Client(),
    "rude": Rude(),
    "a class": dict,
    "under credentials": {"api_key": SECRET, "user": {"password": SECRET, "name": "Ada"}},
    "long text": "x" * 1000,
}


def roundtrip(value: Any, redaction: Redaction = CREDENTIALS) -> Any:
    text = msgspec.json.encode(recorded(value, redaction))
    return Restorer().of(msgspec.json.decode(text))


def opened(before: Any, after: Any, redaction: Redaction, path: tuple[int, ...] = ()) -> list[Any]:
    """All there is to see of a value, level by level."""
    found = rows_of(before, after, path, redaction=redaction)
    assert found.error is None
    below = [opened(before, after, redaction, (*path, n)) for n, row in enumerate(found.rows) if row.rows]
    return [found.text, *found.rows, *below]


@pytest.mark.parametrize("name", VALUES)
def test_what_was_written_looks_and_opens_as_it_did(name: str) -> None:
    value = {"value": VALUES[name]}
    if name == "client":  # of it there is nothing to open any more
        (row,) = rows_of(UNCOMPARED, roundtrip(value), redaction=RECORDED).rows
        (live,) = rows_of(UNCOMPARED, value).rows
        assert (row.kind, row.rows) == ("Client", 0)
        assert row.text == live.text
        return
    assert opened(UNCOMPARED, roundtrip(value), RECORDED) == opened(UNCOMPARED, value, CREDENTIALS)


@pytest.mark.parametrize("name", VALUES)
def test_what_did_not_change_is_the_same_and_what_did_is_not(name: str) -> None:
    restorer = Restorer()
    plain = {"value": recorded(VALUES[name], CREDENTIALS)}
    once, again = restorer.of(plain), Restorer().of(json.loads(json.dumps(plain)))
    assert restorer.of(plain) is once
    if "redacted" not in json.dumps(plain):
        (row,) = rows_of(once, again, redaction=RECORDED).rows
        assert row.change is None
    (row,) = rows_of(once, {"value": "another"}, redaction=RECORDED).rows
    assert row.change == "changed"


def test_plain_data_is_written_as_it_is() -> None:
    value = VALUES["plain"]
    assert recorded(value, CREDENTIALS) == value
    assert roundtrip(value) == value


def test_text_is_what_utf8_can_hold() -> None:
    assert roundtrip(["a\ud800b", {"\udc00": "\ud83d\ude00"}]) == ["a\ufffdb", {"\ufffd": "😀"}]
    assert roundtrip({chr(0xD800): 1, chr(0xD801): 2}) == {"\ufffd": 2}


def test_the_forms_that_are_documented() -> None:
    forms = [datetime.date(2026, 1, 31), (1, 2), {1: "a"}, Point(1, 2), {"token": "t"}]
    assert [write(form, CREDENTIALS) for form in forms] == [
        {"$type": "date", "$repr": "datetime.date(2026, 1, 31)"},
        {"$type": "tuple", "$repr": "(1, 2)", "$items": [1, 2]},
        {"$type": "dict", "$repr": "{1: 'a'}", "$entries": [[1, "a"]]},
        {"$type": "Point", "$repr": "Point(x=1, y=2)", "$fields": {"x": 1, "y": 2}},
        {"token": {"$redacted": "str"}},
    ]


@pytest.mark.parametrize(
    "value",
    [
        {"api_key": SECRET},
        {"a": [{"password": SECRET}]},
        Person("Ada"),
        [(Person("Ada"),)],
        {1: {"token": SECRET}},
        {"headers": {b"authorization": SECRET}},
        collections.OrderedDict(secret=SECRET),
    ],
    ids=repr,
)
def test_nothing_redacted_is_written(value: Any) -> None:
    text = json.dumps(recorded(value, CREDENTIALS))
    assert SECRET not in text
    assert "$redacted" in text


def test_redact_decides_what_is_written() -> None:
    def hides(key: str, value: Any) -> bool:
        return key == "1" or value == "x"

    assert recorded(["a", "b", "x"], Redaction(hides)) == ["a", {"$redacted": "str"}, {"$redacted": "str"}]
    assert recorded({"api_key": SECRET}, Redaction(False)) == {"api_key": SECRET}
    assert recorded(SECRET, CREDENTIALS, key="api_key") == {"$redacted": "str"}


def test_a_value_that_is_hidden_shows_only_that_it_is_there() -> None:
    (row,) = rows_of(UNCOMPARED, roundtrip({"api_key": SECRET}), redaction=RECORDED).rows
    assert (row.key, row.kind, row.text, row.rows, row.redacted) == ("api_key", "str", "", 0, True)


def test_what_holds_itself_ends() -> None:
    loop: list[Any] = [1]
    loop.append(loop)
    text = json.dumps(recorded(loop, CREDENTIALS))
    assert text.count("[") < 100
    assert roundtrip(loop)[1][0] == 1


def test_what_is_too_large_is_closed() -> None:
    many = recorded(list(range(3 * NODES)), CREDENTIALS)
    assert many[:3] == [0, 1, 2]
    text = recorded(["x" * (SIZE + 1), "y"], CREDENTIALS)
    assert text[0]["$type"] == "str"
    assert len(text[0]["$repr"]) <= 200
    assert text[1] == "y"
    assert len(json.dumps(recorded(["x" * 1000] * 10_000, CREDENTIALS))) < 2 * SIZE
    assert roundtrip(["x" * (SIZE + 1)])[0].__class__.__name__ == "str"


@pytest.mark.parametrize(
    "plain",
    [
        {"$type": 1, "$repr": 2},
        {"$type": "a\0b", "$repr": "x"},
        {"$type": "set", "$repr": "x", "$items": [[1], {"a": 1}]},
        {"$type": "dict", "$repr": "x", "$entries": [[[1], 2], [3]]},
        {"$type": "P", "$repr": "x", "$fields": [1]},
        {"$type": "int", "$repr": "many"},
        {"$type": "float", "$repr": "many"},
        {"$redacted": 1},
        {"$redacted": "a\0b"},
    ],
    ids=json.dumps,
)
def test_what_nobody_has_written_can_be_looked_at_all_the_same(plain: Any) -> None:
    assert rows_of(UNCOMPARED, [Restorer().of(plain)], redaction=RECORDED).error is None


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3) | st.integers(0, 3), inner, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=12,
)


@given(value=values)
def test_any_value_opens_as_it_did(value: Any) -> None:
    assert opened(UNCOMPARED, [roundtrip(value)], RECORDED) == opened(UNCOMPARED, [value], CREDENTIALS)


@example(before=(None, 2**53 + 1), after=[False])
@given(before=values, after=values)
def test_changes_of_any_values_are_the_same(before: Any, after: Any) -> None:
    live = opened({"k": before}, {"k": after}, CREDENTIALS)
    assert opened({"k": roundtrip(before)}, {"k": roundtrip(after)}, RECORDED) == live
