"""Any value as JSON of bounded size."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
from typing import Any

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from burr_chat_widget.bridge.values import LEFT_OUT, NODES, SIZE, json_text, plain_text, type_name


class Colour(enum.Enum):
    RED = "red"


class Partial(pydantic.BaseModel):
    name: str = "n"
    inner: Any = None


@dataclasses.dataclass
class Point:
    x: int
    y: float


class Broken(dict):
    def __iter__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (0.5, 0.5),
        ("é𝄞", "é𝄞"),
        ("\ud83d", "\ufffd"),
        (float("nan"), "nan"),
        (2**60, str(2**60)),
        (b"ab", "b'ab'"),
        (Colour.RED, "red"),
        (datetime.date(2026, 1, 2), "datetime.date(2026, 1, 2)"),
        ({1: (1, 2)}, {"1": [1, 2]}),
        (Point(1, 2.5), {"x": 1, "y": 2.5}),
        (Partial(inner=Point(1, 2.0)), {"name": "n", "inner": {"x": 1, "y": 2.0}}),
        (Point, repr(Point)),
    ],
)
def test_values(value: Any, shown: Any) -> None:
    assert json.loads(json_text(value)) == shown


def test_what_is_left_out_is_said() -> None:
    wide = json.loads(json_text(list(range(10_000))))
    assert len(wide) <= NODES
    assert wide[-1] == {LEFT_OUT: f"{10_000 - len(wide) + 1:,} more"}
    long = json.loads(json_text({"a": "x" * 200_000, "b": 1}))
    assert long["a"].endswith("more characters)")
    assert long[LEFT_OUT] == "1 more"
    deep: Any = "bottom"
    for _ in range(50):
        deep = {"in": deep}
    assert "1 more, too deep" in json_text(deep)
    assert "cannot be read" in json_text(Broken(a=1))
    assert plain_text("x" * (SIZE + 5)).endswith("… (5 more characters)")


def test_names() -> None:
    assert type_name(pydantic.create_model("PartialPost", title=(str, "t"))()) == "Post"
    assert type_name({}) == "dict"


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=50),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=60,
)


@given(trees, st.integers(0, 10))
def test_it_is_json_in_ascii_and_bounded(value: Any, doublings: int) -> None:
    many = [value] * 2**doublings
    text = json_text(many)
    assert text.isascii()
    json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert len(text) < SIZE + 6 * NODES
