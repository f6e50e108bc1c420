"""A state changed by hand: the types are kept, what does not fit is named, and nothing is changed in place."""

from __future__ import annotations

import collections
import copy
import dataclasses
import datetime
import enum
from typing import Any, NamedTuple

import attrs
import msgspec
import pydantic
import pytest
from burr.core import State
from burr.integrations.pydantic import PydanticTypingSystem

from burr_chat_widget.bridge.edits import edited
from burr_chat_widget.bridge.entries import entries_of
from burr_chat_widget.bridge.rows import UNCOMPARED, rows_of
from burr_chat_widget.errors import InvalidInput
from burr_chat_widget.protocol.commands import Edit


class Mode(enum.Enum):
    POEM = "poem"
    CODE = "code"


class Address(pydantic.BaseModel):
    city: str
    number: int = 1


class Frozen(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True)
    count: int = pydantic.Field(alias="howMany")


class Person(pydantic.BaseModel):
    name: str
    age: int | None = None
    address: Address | None = None
    tags: set[str] = set()

    @pydantic.model_validator(mode="after")
    def _not_nobody(self) -> Person:
        if self.name == "nobody":
            raise ValueError("nobody is no name")
        return self


@dataclasses.dataclass(frozen=True)
class Order:
    amount: int
    notes: tuple[str, ...] = ()


@attrs.frozen
class Limits:
    low: int


class Point(NamedTuple):
    x: int
    y: int


class Shape(msgspec.Struct, frozen=True):
    sides: int


class Plain:
    def __init__(self) -> None:
        self.value = 1


def put(path: list[str | int], value: Any = None, *, remove: bool = False) -> Edit:
    return Edit(path=path, value=value, remove=remove)


def state() -> State[Any]:
    return State(
        {
            "mode": "poem", "count": 1, "ratio": 0.5, "safe": True, "nothing": None,
            "history": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}],
            "pair": (1, 2), "names": {"b", "a"}, "by_number": {1: "one", 2: "two"}, "by_pair": {(1, 2): "x"},
            "default": collections.defaultdict(list, {"a": [1]}), "queue": collections.deque([1, 2]),
            "person": Person(name="Ann", address=Address(city="Rome")), "frozen": Frozen(howMany=1),
            "people": [Person(name="Ann")], "order": Order(1, ("a",)), "limits": Limits(1), "point": Point(1, 2),
            "shape": Shape(3), "plain": Plain(), "enum": Mode.POEM, "day": datetime.date(2026, 1, 2), "raw": b"x",
            "__SEQUENCE_ID": 3,
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (put(["mode"], "code"), "code"),
        (put(["mode"], None), None),
        (put(["count"], 2), 2),
        (put(["ratio"], 2), 2.0),
        (put(["safe"], False), False),
        (put(["nothing"], {"a": 1}), {"a": 1}),
        (put(["new"], [1]), [1]),
        (put(["history", 0, "content"], "hello"),
         [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "ho"}]),
        (put(["history", 2], {"role": "user"}),
         [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}, {"role": "user"}]),
        (put(["history", "0"], remove=True), [{"role": "assistant", "content": "ho"}]),
        (put(["history", 1, "role"], remove=True), [{"role": "user", "content": "hi"}, {"content": "ho"}]),
        (put(["history"], []), []),
        (put(["pair"], [3, 4]), (3, 4)),
        (put(["pair", 0], 3), (3, 2)),
        (put(["names"], ["c"]), {"c"}),
        (put(["names", 0], "z"), {"z", "b"}),
        (put(["by_number", "1"], "uno"), {1: "uno", 2: "two"}),
        (put(["by_number", "3"], "tre"), {1: "one", 2: "two", 3: "tre"}),
        (put(["by_number"], {"1": "uno"}), {1: "uno"}),
        (put(["by_pair", "(1, 2)"], "y"), {(1, 2): "y"}),
        (put(["default"], {"b": []}), collections.defaultdict(list, {"b": []})),
        (put(["default", "b"], [2]), collections.defaultdict(list, {"a": [1], "b": [2]})),
        (put(["queue"], [3]), collections.deque([3])),
        (put(["person"], {"name": "Bob"}), Person(name="Bob")),
        (put(["person", "age"], 3), Person(name="Ann", age=3, address=Address(city="Rome"))),
        (put(["person", "address", "city"], "Oslo"), Person(name="Ann", address=Address(city="Oslo"))),
        (put(["person", "tags"], ["x"]), Person(name="Ann", address=Address(city="Rome"), tags={"x"})),
        (put(["frozen", "count"], 2), Frozen(howMany=2)),
        (put(["people"], [{"name": "Bob"}, {"name": "Cid"}]), [Person(name="Bob"), Person(name="Cid")]),
        (put(["order", "amount"], 2), Order(2, ("a",))),
        (put(["order", "notes", 0], "b"), Order(1, ("b",))),
        (put(["order", "notes"], ["b", "c"]), Order(1, ("b", "c"))),
        (put(["order"], {"amount": 5}), Order(5)),
        (put(["limits", "low"], 2), Limits(2)),
        (put(["point", "x"], 5), Point(5, 2)),
        (put(["shape", "sides"], 4), Shape(4)),
        (put(["enum"], "code"), Mode.CODE),
        (put(["day"], "2026-11-20"), datetime.date(2026, 11, 20)),
    ],
    ids=lambda value: ".".join(map(str, value.path)) if isinstance(value, Edit) else "",
)  # fmt: skip
def test_an_edit(edit: Edit, expected: Any) -> None:
    before = state()
    kept = {key: copy.deepcopy(value) for key, value in before.get_all().items()}
    key = edit.path[0]
    assert isinstance(key, str)
    after = edited(before, [edit])
    assert after[key] == expected
    assert type(after[key]) is type(expected)
    kept["plain"] = before["plain"]
    assert before.get_all() == kept
    assert all(after[other] is before[other] for other in before if other != key)


def test_the_default_of_a_dict_is_kept() -> None:
    assert edited(state(), [put(["default"], {"b": []})])["default"]["new"] == []


def test_an_object_is_copied() -> None:
    before = state()
    after = edited(before, [put(["plain", "value"], 2)])
    assert (before["plain"].value, after["plain"].value) == (1, 2)
    assert type(after["plain"]) is Plain


def test_edits_one_after_the_other() -> None:
    after = edited(state(), [put(["new"], {"a": [1]}), put(["new", "a", 1], 2), put(["mode"], remove=True)])
    assert after["new"] == {"a": [1, 2]}
    assert "mode" not in after
    assert after["__SEQUENCE_ID"] == 3


def test_an_edit_is_not_shared_with_its_states() -> None:
    edit = put(["new"], [1])
    first, second = edited(state(), [edit]), edited(state(), [edit])
    first["new"].append(2)
    assert (second["new"], edit.value) == ([1], [1])


@pytest.mark.parametrize(
    ("edit", "path", "why"),
    [
        (put([]), "", "key of the state"),
        (put([1], 1), "1", "begins with a key"),
        (put(["__SEQUENCE_ID"], 1), "__SEQUENCE_ID", "Burr's own"),
        (put(["no"], remove=True), "no", "no such path"),
        (put(["no", "such"], 1), "no.such", "no such path"),
        (put(["mode", "x"], 1), "mode.x", "no such path"),
        (put(["history", 5], 1), "history.5", "no such path"),
        (put(["history", -1], 1), "history.-1", "no such path"),
        (put(["history", 2], remove=True), "history.2", "no such path"),
        (put(["history", 0, "no", "such"], 1), "history.0.no", "no such path"),
        (put(["person", "no"], 1), "person.no", "no such path"),
        (put(["person", "age"], remove=True), "person.age", "cannot be removed"),
        (put(["mode"], 5), "mode", "not a text"),
        (put(["count"], "x"), "count", "not a whole number"),
        (put(["count"], True), "count", "not a whole number"),
        (put(["history"], {}), "history", "not a list"),
        (put(["by_number"], []), "by_number", "not an object"),
        (put(["names"], [[1]]), "names", "unhashable"),
        (put(["names", 0], [1]), "names.0", "not a text"),
        (put(["person", "age"], "old"), "person.age", "valid integer"),
        (put(["person", "address"], {"city": 5}), "person.address.city", "valid string"),
        (put(["person", "name"], "nobody"), "person", "nobody is no name"),
        (put(["person"], {"name": 5}), "person.name", "text"),
        (put(["frozen", "count"], "x"), "frozen.howMany", "valid integer"),
        (put(["order", "amount"], "x"), "order.amount", "whole number"),
        (put(["enum"], "no"), "enum", "Choose one of"),
        (put(["raw"], "x"), "raw", "from Python"),
        (put(["plain"], {}), "plain", "from Python"),
    ],
    ids=lambda value: ".".join(map(str, value.path)) if isinstance(value, Edit) else "",
)  # fmt: skip
def test_what_cannot_be(edit: Edit, path: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why) as caught:
        edited(state(), [edit])
    assert list(caught.value.fields) == [path]
    assert caught.value.remedy


def test_keys_that_look_alike_are_not_guessed_at() -> None:
    before = State({"d": {"x" * 200 + "a" + "x" * 200: 1, "x" * 200 + "b" + "x" * 200: 2, "é": 3}})
    name = rows_of(UNCOMPARED, before, [0]).rows[0].key
    with pytest.raises(InvalidInput, match="Several keys look like this") as caught:
        edited(before, [put(["d", name], 5)])
    assert list(caught.value.fields) == [f"d.{name}"]
    assert edited(before, [put(["d", "'é'"], 5)])["d"]["é"] == 5


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        edited(state(), [put(["count"], "x"), put(["mode"], "code"), put(["no"], remove=True)])
    assert list(caught.value.fields) == ["count", "no"]


def test_from_python() -> None:
    before = state()
    value = object()
    after = edited(before, {"mode": 5, "new": value})
    assert (after["mode"], after["new"], before["mode"]) == (5, value, "poem")
    with pytest.raises(InvalidInput, match="Burr's own"):
        edited(before, {"__PRIOR_STEP": "x"})


def typed(**values: Any) -> State[Any]:
    return State({**values, "__SEQUENCE_ID": 1}, typing_system=PydanticTypingSystem(Person))


def test_a_typed_state_says_what_its_values_become() -> None:
    before = typed(name="Ann", age=3, tags={"x"})
    after = edited(before, [put(["age"], "4"), put(["tags"], ["y"]), put(["address"], {"city": "Rome"})])
    assert (after["age"], after["tags"], after["address"]) == (4, {"y"}, Address(city="Rome"))
    assert after.data == Person(name="Ann", age=4, tags={"y"}, address=Address(city="Rome"))
    assert edited(before, [put(["age"], None)])["age"] is None
    assert edited(before, {"age": "5"})["age"] == 5
    assert "age" not in edited(before, [put(["age"], remove=True)])
    assert (
        edited(typed(name="Ann", address=Address(city="Rome")), [put(["address", "number"], 2)])["address"].number == 2
    )


@pytest.mark.parametrize(
    ("edits", "path", "why"),
    [
        ([put(["age"], "old")], "age", "valid integer"),
        ({"age": "old"}, "age", "valid integer"),
        ([put(["name"], remove=True)], "name", "Field required"),
        ([put(["name"], "nobody")], "", "nobody is no name"),
        ([put(["address"], {"city": 5})], "address.city", "valid string"),
        ([put(["other"], 1)], "other", "Person has no such field"),
    ],
)
def test_a_typed_state_refuses(edits: Any, path: str, why: str) -> None:
    before = typed(name="Ann", age=3)
    with pytest.raises(InvalidInput, match=why) as caught:
        edited(before, edits)
    assert list(caught.value.fields) == [path]
    assert "Person" in (caught.value.remedy or "")
    assert before["age"] == 3


def test_what_no_action_has_written_yet_is_nobodys_fault() -> None:
    after = edited(typed(), [put(["tags"], ["x"])])
    assert after["tags"] == {"x"}
    with pytest.raises(InvalidInput, match="valid integer"):
        edited(typed(), [put(["age"], "old")])


def test_entries_leave_out_what_is_burrs() -> None:
    assert "__SEQUENCE_ID" not in entries_of(state(), "mapping")


def test_a_key_whose_row_shows_a_short_form_is_changed_itself():
    long = "x" * 150
    state = State({"größe": 1, long: [1], "d": {"größe": 1}})
    short, cut, _ = (row.key for row in rows_of(UNCOMPARED, state).rows)
    changed = edited(state, [Edit(path=[short], value=5), Edit(path=[cut, 0], value=2)])
    assert changed.get_all() == {"größe": 5, long: [2], "d": {"größe": 1}}
    assert edited(state, [Edit(path=[short], remove=True), Edit(path=[cut], value=[])]).get_all() == {
        long: [], "d": {"größe": 1},
    }  # fmt: skip
    alike = State({long + "1" * 50 + "x" * 100: 1, long + "2" * 50 + "x" * 100: 2})
    with pytest.raises(InvalidInput, match="Several keys look like this"):
        edited(alike, [Edit(path=[rows_of(UNCOMPARED, alike).rows[0].key], value=5)])
