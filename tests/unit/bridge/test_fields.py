"""Annotations as fields of a form, and what is filled in as the values that actions get."""

from __future__ import annotations

import datetime
import decimal
import enum
import pathlib
import typing
import uuid
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NamedTuple, NewType, Optional

import annotated_types
import msgspec
import pydantic
import pytest
from burr.core import Action, State
from burr.core.action import streaming_action

from apps.graphs import build, does
from burr_chat_widget.bridge import inputs_given, next_inputs
from burr_chat_widget.bridge.fields import field_of, filled_in, input_of, read_inputs
from burr_chat_widget.bridge.inputs import action_named
from burr_chat_widget.bridge.shapes import Member, Wrong

NONE_SAID: Any = object()


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclass
class Order:
    item: str
    amount: int = 1
    tags: list[str] = field(default_factory=list)


class Place(typing.TypedDict):
    city: str
    zip: int


class Point(NamedTuple):
    x: float
    y: float = 0.0


class Paint(msgspec.Struct):
    colour: Colour
    coats: int = 2


class Person(pydantic.BaseModel):
    name: str = pydantic.Field(description="Full name", min_length=2)
    age: int | None = pydantic.Field(default=None, ge=0, alias="years")
    colour: Colour = Colour.RED
    home: pydantic.AnyUrl | None = None


@dataclass
class Tree:
    label: str
    below: list[Tree] = field(default_factory=list)


class Client:
    """Nothing that a person types."""


UserId = NewType("UserId", int)


def member(annotation: Any = NONE_SAID, default: Any = NONE_SAID) -> Member | None:
    """The input of an action whose parameter is annotated so."""

    def ask(state: State, given: Any) -> State:  # noqa: ARG001
        return state

    def ask_maybe(state: State, given: Any = default) -> State:  # noqa: ARG001
        return state

    fn = ask if default is NONE_SAID else ask_maybe
    if annotation is NONE_SAID:
        del fn.__annotations__["given"]
    else:
        fn.__annotations__["given"] = annotation
    return input_of(action_named(build(ask=does(fn)), "ask"), "given")


def shown(found: Member | None) -> dict[str, Any] | None:
    """The field without what is as always."""
    if found is None:
        return None
    usual = {"required": True, "default": None, "choices": [], "fields": [], "labels": [], "description": None}

    def cut(plain: dict[str, Any]) -> dict[str, Any]:
        kept = {k: v for k, v in plain.items() if k not in usual or v != usual[k]}
        return {**kept, "fields": [cut(f) for f in kept["fields"]]} if "fields" in kept else kept

    return {k: v for k, v in cut(msgspec.to_builtins(field_of(found))).items() if k != "name"}


@pytest.mark.parametrize(
    ("annotation", "default", "expected"),
    [
        (NONE_SAID, NONE_SAID, {"kind": "text"}),
        (NONE_SAID, 3, {"kind": "integer", "required": False, "default": 3}),
        (NONE_SAID, None, {"kind": "text", "required": False}),
        (NONE_SAID, Client(), None),
        (str, NONE_SAID, {"kind": "text"}),
        (Any, NONE_SAID, {"kind": "text"}),
        ("str | None", None, {"kind": "text", "required": False}),
        (str | Client, NONE_SAID, {"kind": "text"}),
        (int, NONE_SAID, {"kind": "integer"}),
        (UserId, 3, {"kind": "integer", "required": False, "default": 3}),
        (float, 0.5, {"kind": "number", "required": False, "default": 0.5}),
        (decimal.Decimal, NONE_SAID, {"kind": "number"}),
        (int | float, NONE_SAID, {"kind": "number"}),
        (bool, NONE_SAID, {"kind": "boolean"}),
        (bool, False, {"kind": "boolean", "required": False, "default": False}),
        (Optional[int], NONE_SAID, {"kind": "integer", "required": False}),  # noqa: UP045 -- many write it so
        (Literal["a", 2, True], 2, {"kind": "choice", "required": False, "choices": ["a", "2", "True"], "default": "2"}),
        (Colour, Colour.BLUE, {"kind": "choice", "required": False, "choices": ["red", "blue"], "default": "blue"}),
        (Level, NONE_SAID, {"kind": "choice", "choices": ["LOW", "HIGH"]}),
        (list[str], NONE_SAID, {"kind": "list"}),
        (list[str], ["a"], {"kind": "list", "required": False, "default": ["a"]}),
        (set[int], NONE_SAID, {"kind": "list"}),
        (tuple[str, ...], NONE_SAID, {"kind": "list"}),
        (list[Colour], NONE_SAID, {"kind": "list", "choices": ["red", "blue"]}),
        (list[Order], NONE_SAID, {"kind": "json"}),
        (list, NONE_SAID, {"kind": "json"}),
        (dict, {"a": 1}, {"kind": "json", "required": False, "default": {"a": 1}}),
        (dict[str, Client], NONE_SAID, None),
        (list[Client], NONE_SAID, None),
        (datetime.date, NONE_SAID, {"kind": "text", "description": "A date, such as 2026-11-20."}),
        (Annotated[int, msgspec.Meta(ge=1, description="How many")], NONE_SAID, {"kind": "integer", "description": "How many"}),
        (Annotated[str, "Your name"], NONE_SAID, {"kind": "text", "description": "Your name"}),
        (Client, NONE_SAID, None),
        (Client | None, None, None),
        ("Nowhere", NONE_SAID, None),
        (
            Order,
            NONE_SAID,
            {
                "kind": "object",
                "fields": [
                    {"name": "item", "kind": "text"},
                    {"name": "amount", "kind": "integer", "required": False, "default": 1},
                    {"name": "tags", "kind": "list", "required": False, "default": []},
                ],
            },
        ),
        (
            Order,
            Order("tea", 2),
            {
                "kind": "object",
                "required": False,
                "fields": [
                    {"name": "item", "kind": "text", "required": False, "default": "tea"},
                    {"name": "amount", "kind": "integer", "required": False, "default": 2},
                    {"name": "tags", "kind": "list", "required": False, "default": []},
                ],
            },
        ),
        (Place, NONE_SAID, {"kind": "object", "fields": [{"name": "city", "kind": "text"}, {"name": "zip", "kind": "integer"}]}),
        (
            Person,
            NONE_SAID,
            {
                "kind": "object",
                "fields": [
                    {"name": "name", "kind": "text", "description": "Full name"},
                    {"name": "age", "kind": "integer", "required": False},
                    {"name": "colour", "kind": "choice", "required": False, "choices": ["red", "blue"], "default": "red"},
                    {"name": "home", "kind": "json", "required": False},
                ],
            },
        ),
        (
            Tree,
            NONE_SAID,
            {
                "kind": "object",
                "fields": [
                    {"name": "label", "kind": "text"},
                    {"name": "below", "kind": "json", "required": False, "default": []},
                ],
            },
        ),
    ],
)  # fmt: skip
def test_the_field_of_an_annotation(annotation: Any, default: Any, expected: dict[str, Any] | None) -> None:
    assert shown(member(annotation, default)) == expected


@pytest.mark.parametrize(
    ("annotation", "raw", "value"),
    [
        (str, " as typed ", " as typed "),
        (NONE_SAID, 5, 5),
        (int, "3", 3),
        (int, " 12 ", 12),
        (int, 3.0, 3),
        (int, "12345678901234567890", 12345678901234567890),
        (float, "1e3", 1000.0),
        (decimal.Decimal, "0.10", decimal.Decimal("0.10")),
        (int | float, "2.5", 2.5),
        (bool, True, True),
        (bool, "no", False),
        (int | None, None, None),
        (int | None, "4", 4),
        (Literal["a", 2, True], "2", 2),
        (Literal["a", 2, True], "True", True),
        (Literal[1, True], 1, 1),
        (Colour, "blue", Colour.BLUE),
        (Colour, Colour.RED, Colour.RED),
        (Level, "HIGH", Level.HIGH),
        (list[str], ["a", "b"], ["a", "b"]),
        (set[int], ["1", "2"], {1, 2}),
        (tuple[int, str], ["1", "b"], (1, "b")),
        (list[Colour], ["red"], [Colour.RED]),
        (list[Order], '[{"item": "tea"}]', [Order("tea")]),
        (dict, '{"a": [1, 2]}', {"a": [1, 2]}),
        (dict[str, int], {"a": "1"}, {"a": 1}),
        (datetime.datetime, "2026-11-20T09:30", datetime.datetime(2026, 11, 20, 9, 30)),
        (datetime.date, "2026-11-20", datetime.date(2026, 11, 20)),
        (datetime.timedelta, "90", datetime.timedelta(seconds=90)),
        (pathlib.Path, "a/b", pathlib.Path("a/b")),
        (uuid.UUID, "12345678123456781234567812345678", uuid.UUID(int=0x12345678123456781234567812345678)),
        (Order, {"item": "tea", "amount": "3", "tags": ["hot"]}, Order("tea", 3, ["hot"])),
        (Order, Order("tea"), Order("tea")),
        (Place, {"city": "Rome", "zip": "10"}, {"city": "Rome", "zip": 10}),
        (Point, {"x": "1.5"}, Point(1.5)),
        (Paint, {"colour": "blue"}, Paint(Colour.BLUE)),
        (Person, {"name": "Ada", "age": "36"}, Person(name="Ada", years=36)),
        (Person, {"name": "Ada", "years": 36, "colour": "blue"}, Person(name="Ada", years=36, colour=Colour.BLUE)),
        (Tree, {"label": "a", "below": '[{"label": "b"}]'}, Tree("a", [Tree("b")])),
    ],
)
def test_what_is_given_is_read(annotation: Any, raw: Any, value: Any) -> None:
    found = member(annotation)
    assert found is not None
    read = read_inputs([found], {"given": raw, "else": 1})
    assert read == {"given": value, "else": 1}
    assert type(read["given"]) is type(value)


@pytest.mark.parametrize(
    ("annotation", "raw", "errors"),
    [
        (int, "three", {"given": "This is not a whole number."}),
        (int, "3.5", {"given": "This is not a whole number."}),
        (int, True, {"given": "This is not a whole number."}),
        (float, "nan", {"given": "This is not a number."}),
        (bool, "perhaps", {"given": "Choose yes or no."}),
        (str, 3, {"given": "This is not a text."}),
        (Literal["a", "b"], "c", {"given": "Choose one of: a, b."}),
        (Colour, "green", {"given": "Choose one of: red, blue."}),
        (list[str], "a", {"given": "This is not a list."}),
        (list[int], ["1", "x", "3", "y"], {"given.1": "This is not a whole number.", "given.3": "This is not a whole number."}),
        (tuple[int, int], ["1"], {"given": "Give 2 items, not 1."}),
        (dict, "[1]", {"given": 'This is not an object, such as {"name": "value"}.'}),
        (dict, "{", {"given": "This is not JSON: Input data was truncated."}),
        (datetime.date, "tomorrow", {"given": "A date, such as 2026-11-20."}),
        (Annotated[int, msgspec.Meta(ge=1)], "0", {"given": "Expected int >= 1."}),
        (Annotated[int, pydantic.Field(gt=5)], "3", {"given": "Input should be greater than 5."}),
        (Annotated[str, pydantic.Field(pattern="^a")], "b", {"given": "String should match pattern '^a'."}),
        (Annotated[int, annotated_types.Lt(5)], "7", {"given": "Input should be less than 5."}),
        (Order, {"amount": "3"}, {"given.item": "Fill this in."}),
        (Order, {"item": "tea", "amount": "many"}, {"given.amount": "This is not a whole number."}),
        (Order, {"item": "tea", "price": 1}, {"given.price": "There is no such field."}),
        (Person, {"name": "A", "age": "-1"}, {
            "given.name": "String should have at least 2 characters.",
            "given.years": "Input should be greater than or equal to 0.",
        }),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_said_at_its_path(annotation: Any, raw: Any, errors: dict[str, str]) -> None:
    found = member(annotation)
    assert found is not None
    with pytest.raises(Wrong) as raised:
        read_inputs([found], {"given": raw})
    assert raised.value.errors == errors


@pytest.mark.parametrize(
    ("annotation", "default", "raw", "given"),
    [
        (str, NONE_SAID, {"given": "  "}, "Fill this in."),
        (str, NONE_SAID, {}, "Fill this in."),
        (str, "x", {"given": ""}, {"given": ""}),
        (str, "x", {}, {}),
        (str | None, "x", {"given": ""}, {"given": None}),
        (int, 3, {"given": ""}, {}),
        (int | None, 3, {"given": ""}, {"given": None}),
        (bool, NONE_SAID, {}, "Fill this in."),
        (bool, NONE_SAID, {"given": False}, {"given": False}),
        (list[str], NONE_SAID, {"given": []}, "Fill this in."),
        (list[str], ["a"], {"given": []}, {"given": []}),
        (Order, NONE_SAID, {}, {"given.item": "Fill this in."}),
        (Order, Order("tea"), {}, {}),
        (Order | None, None, {"given": {"item": ""}}, {}),
        (Order | None, None, {"given": {"amount": "2"}}, {"given.item": "Fill this in."}),
    ],
)
def test_what_is_left_blank(annotation: Any, default: Any, raw: dict[str, Any], given: Any) -> None:
    found = member(annotation, default)
    assert found is not None
    assert outcome(found, raw) == ({"given": given} if isinstance(given, str) else given)


def outcome(found: Member, raw: dict[str, Any]) -> dict[str, Any]:
    """What was given, or what is wrong."""
    given, errors = filled_in([found], raw, {})
    return errors or given


def test_each_question_wants_an_answer() -> None:
    found = member(list[str])
    assert found is not None
    questions = {"given": ["Who?", "When?", "Why?"]}
    _, errors = filled_in([found], {"given": ["me", " "]}, questions)
    assert errors == {"given.1": "Fill this in.", "given.2": "Fill this in."}
    assert filled_in([found], {"given": ["a", "b", "c"]}, questions) == ({"given": ["a", "b", "c"]}, {})
    assert field_of(found, questions["given"]).labels == questions["given"]


def test_an_object_is_completed_from_its_default() -> None:
    found = member(Order, Order("tea", 2))
    assert found is not None
    assert read_inputs([found], {"given": {"amount": "5"}}) == {"given": Order("tea", 5)}


@streaming_action(reads=[], writes=[])
async def answer(  # noqa: D417 -- not all of them are described
    state: State, amount: int, colour: Colour = Colour.RED, order: Order | None = None, client: Client | None = None
):
    """Answers.

    Args:
        amount: how many there are to be,
            at most.
        colour (Colour): its colour.
    """
    yield {"delta": f"{amount}{colour}{order}{client}"}, None
    yield {}, state


def test_annotations_that_burr_lost_are_read_from_the_source() -> None:
    """Trap: `copy_func` copies neither annotations nor keyword-only defaults of streaming functions."""
    action = action_named(build(answer=answer), "answer")
    assert not answer.__annotations__
    kinds = {name: shown(input_of(action, name)) for name in ("amount", "colour", "order", "client")}
    assert kinds["amount"] == {"kind": "integer", "description": "how many there are to be, at most."}
    assert kinds["colour"] is not None
    assert kinds["colour"]["choices"] == ["red", "blue"]
    assert kinds["colour"]["description"] == "its colour."
    assert kinds["order"] is not None
    assert kinds["order"]["kind"] == "object"
    assert kinds["client"] is None


def test_a_stream_without_source_takes_texts() -> None:
    names: dict[str, Any] = {}
    exec("async def answer(state, amount: int):\n    yield {}, state\n", names)
    action = action_named(build(answer=streaming_action(reads=[], writes=[])(names["answer"])), "answer")
    assert shown(input_of(action, "amount")) == {"kind": "text"}


class Counter(Action):
    """Counts.

    :param amount: by how much
    """

    reads: list[str] = []
    writes: list[str] = []
    inputs = ["amount"]

    def run(self, state: State, amount: int) -> dict:
        raise NotImplementedError

    def update(self, result: dict, state: State) -> State:
        raise NotImplementedError


def test_a_class_says_in_run_what_it_takes() -> None:
    action = action_named(build(count=Counter()), "count")
    assert shown(input_of(action, "amount")) == {"kind": "integer", "description": "by how much"}


class Street(pydantic.BaseModel):
    name: str
    number: int = 3


class Delivery(pydantic.BaseModel):
    to: Street | None = None
    note: str = "none yet"


@pytest.mark.parametrize(
    ("annotation", "value", "typed", "said"),
    [
        (Order | None, None, False, "x: none"),
        (Street | None, None, False, "x: none"),
        (Street | None, Street(name="High"), False, "x.name: High\nx.number: 3"),
        (Delivery, {"note": "ring"}, True, "x.to: none\nx.note: ring"),
        (Delivery, {"to": {"name": "High"}}, True, "x.to.name: High\nx.to.number: 3\nx.note: none yet"),
    ],
)
def test_an_object_that_may_be_left_out_is_a_line(annotation: Any, value: Any, typed: bool, said: str) -> None:
    def ask(state: State, x: Any) -> State:  # noqa: ARG001
        return state

    ask.__annotations__ = {"state": State, "x": annotation, "return": State}
    app = build(ask=does(ask))
    given = inputs_given(app, next_inputs(app), None, {"x": value}, typed=typed)
    assert given.said == said


def test_a_form_with_an_object_that_is_left_blank() -> None:
    def ask(state: State, x: Street | None) -> State:  # noqa: ARG001
        return state

    app = build(ask=does(ask))
    for blank in ({}, {"x": {"name": ""}}):
        given = inputs_given(app, next_inputs(app), None, blank, typed=True)
        assert (given.inputs, given.said) == ({"x": None}, "x: none")
