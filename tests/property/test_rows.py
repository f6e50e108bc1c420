"""Whoever opens every row of a value holds the value, after the step and before it."""

from __future__ import annotations

import ast
import copy
from typing import Any

from burr.core import State
from hypothesis import given
from hypothesis import strategies as st

from burr_chat_widget.bridge.alignment import align
from burr_chat_widget.bridge.edits import edited
from burr_chat_widget.bridge.redaction import NOTHING
from burr_chat_widget.bridge.rows import UNCOMPARED, rows_of
from burr_chat_widget.bridge.snapshots import changes_between
from burr_chat_widget.protocol.commands import Edit
from burr_chat_widget.protocol.frames import Row

letters = st.text(st.sampled_from("ab'\"\\\né😀"), max_size=3)
leaves = st.none() | st.booleans() | st.integers(-3, 3) | letters
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(letters, inner, max_size=4), max_leaves=12
)


@st.composite
def steps(draw: st.DrawFn) -> tuple[Any, Any]:
    """A state and what a step made of it: something else, or itself with a few changes at any depth."""
    before = draw(st.dictionaries(letters, values, max_size=4))
    if draw(st.booleans()):
        return before, draw(st.dictionaries(letters, values, max_size=4))
    after: Any = copy.deepcopy(before)
    for _ in range(draw(st.integers(0, 4))):
        at: Any = after
        while True:
            places: list[Any] = list(at) if isinstance(at, dict) else list(range(len(at)))
            inner = [p for p in places if isinstance(at[p], dict | list)]
            if not inner or draw(st.booleans()):
                break
            at = at[draw(st.sampled_from(inner))]
        match draw(st.sampled_from(["put", "set", "remove"])):
            case "put" if isinstance(at, list):
                at.insert(draw(st.integers(0, len(at))), draw(values))
            case "remove" if places:
                del at[draw(st.sampled_from(places))]
            case "set" if places:
                at[draw(st.sampled_from(places))] = draw(values)
            case _ if isinstance(at, dict):
                at[draw(letters)] = draw(values)
            case _:
                at.append(draw(values))
    return before, after


class Opened:
    """What a page makes of the rows: the values after and before."""

    def __init__(self, before: Any, after: Any) -> None:
        self._values = before, after

    def _rows(self, path: list[int]) -> list[Row]:
        found = rows_of(*self._values, path, redaction=NOTHING)
        assert (found.error, found.more, found.text) == (None, 0, None)
        return found.rows

    def value(self, path: list[int], row: Row | None, *, after: bool) -> Any:
        """The value of a row, from the rows below; what has none is read from its printable form."""
        if row is not None:
            text = row.text if after or row.change is None else row.before if row.change == "changed" else row.text
            assert text is not None
            opens = {"{": dict, "[": list}
            if not row.rows or (row.change == "changed" and opens.get(text[0]) is not opens.get(row.text[0])):
                return ast.literal_eval(text)
        gone = "removed" if after else "added"
        inside = [
            (each, self.value([*path, n], each, after=after))
            for n, each in enumerate(self._rows(path))
            if each.change != gone or (row is not None and row.change == gone)
        ]
        if row is not None and row.kind == "list":
            return [value for _, value in inside]
        return {_key(each.key): value for each, value in inside}


def _key(shown: str) -> str:
    return shown if shown.isascii() else ast.literal_eval(shown)


@given(steps())
def test_rows_give_back_both_values(step: tuple[Any, Any]) -> None:
    before, after = step
    kept = copy.deepcopy(step)
    opened = Opened(before, after)
    assert opened.value([], None, after=True) == after
    assert opened.value([], None, after=False) == before
    alone = Opened(UNCOMPARED, after)
    assert alone.value([], None, after=True) == after
    assert (before, after) == kept


@given(steps())
def test_counts_and_marks_agree(step: tuple[Any, Any]) -> None:
    """A row says how many rows it has, and what has changed below shows above."""

    def look(path: list[int]) -> bool:
        rows = rows_of(*step, path).rows
        for n, row in enumerate(rows):
            if row.rows:
                below = rows_of(*step, [*path, n]).rows
                assert len(below) == row.rows
                assert look([*path, n]) == (row.change is not None)
        return any(row.change for row in rows)

    look([])
    told = changes_between(State(step[0]), State(step[1]))
    rows = [row for row in rows_of(*step).rows if row.change]
    assert [(row.key, row.change) for row in rows] == [(change.key, change.change) for change in told]


@given(st.lists(leaves | st.lists(leaves, max_size=2), max_size=12), st.data())
def test_an_alignment_keeps_both_orders(before: list[Any], data: st.DataObject) -> None:
    after = data.draw(st.permutations(before)) + data.draw(st.lists(leaves, max_size=3))
    pairs = align(before, after)
    assert [i for i, _ in pairs if i is not None] == list(range(len(before)))
    assert [j for _, j in pairs if j is not None] == list(range(len(after)))


@given(st.lists(leaves, min_size=1, max_size=12), st.data())
def test_one_item_put_in_or_taken_away_is_one_row(items: list[Any], data: st.DataObject) -> None:
    more = copy.copy(items)
    more.insert(data.draw(st.integers(0, len(items))), "new")
    assert [pair for pair in align(items, more) if None in pair] == [(None, more.index("new"))]
    assert len([pair for pair in align(more, items) if None in pair]) == 1


@given(steps(), st.data())
def test_a_row_can_be_edited_by_the_keys_above_it(step: tuple[Any, Any], data: st.DataObject) -> None:
    """The keys of the rows are the path of an edit."""
    after = {f"k{n}": value for n, value in enumerate(step[1].values())}
    places: list[int] = []
    keys: list[str | int] = []
    rows = rows_of(UNCOMPARED, after).rows
    while rows:
        places.append(data.draw(st.integers(0, len(rows) - 1)))
        keys.append(rows[places[-1]].key)
        if not rows[places[-1]].rows or data.draw(st.booleans()):
            break
        rows = rows_of(UNCOMPARED, after, places).rows
    if not keys:
        return
    changed = edited(State(after), [Edit(path=keys, value=None)])
    assert rows_of(UNCOMPARED, changed, places[:-1]).rows[places[-1]].text == "None"
