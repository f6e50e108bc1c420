"""Which items of a list are which items of the list before: a list with one item put in its middle has one item more.

Items that are the same at both ends belong together; then those that are the same and occur once in both lists; what lies between
is taken in turn. What is left over is matched with what is most like it, in order. Lists of 10,000 items take a fraction of a second.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import islice
from typing import Any, TypeAlias, cast

from .comparison import same
from .entries import entries_of, family_of

__all__ = ["Pair", "align"]

Pair: TypeAlias = "tuple[int | None, int | None]"
"""The places of an item before and after; None where it is not."""

_WEIGHED = 2_000
"""So many pairs of items of two lists are weighed against each other; beyond that they are matched by place."""

_DEEP = 40


def align(before: Sequence[Any], after: Sequence[Any]) -> list[Pair]:
    """Every item of both lists once, in an order that keeps that of both; always the same for the same lists."""
    return _Alignment(before, after).between(0, len(before), 0, len(after), 0)


class _Alignment:
    def __init__(self, before: Sequence[Any], after: Sequence[Any]) -> None:
        self._before = before
        self._after = after
        self._marks: tuple[dict[int, Hashable], dict[int, Hashable]] = {}, {}
        self._left = _WEIGHED

    def between(self, i: int, m: int, j: int, n: int, depth: int) -> list[Pair]:
        """The pairs of the items from `i` to `m` before and from `j` to `n` after."""
        before, after = self._before, self._after
        head: list[Pair] = []
        while i < m and j < n and same(before[i], after[j]):
            head.append((i, j))
            i, j = i + 1, j + 1
        tail: list[Pair] = []
        while i < m and j < n and same(before[m - 1], after[n - 1]):
            m, n = m - 1, n - 1
            tail.append((m, n))
        tail.reverse()
        anchors = self._anchors(i, m, j, n) if depth < _DEEP else []
        if not anchors:
            return head + self._matched(i, m, j, n) + tail
        for a, b in [*anchors, (m, n)]:
            head += self.between(i, a, j, b, depth + 1)
            i, j = a, b
        return head + tail

    def _mark(self, side: int, place: int) -> Hashable:
        marks = self._marks[side]
        if place not in marks:
            marks[place] = _mark((self._before, self._after)[side][place], 3)
        return marks[place]

    def _anchors(self, i: int, m: int, j: int, n: int) -> list[tuple[int, int]]:
        """Items that are the same and unique on both sides: the most of them that are in the same order."""
        if i == m or j == n:
            return []
        left = [self._mark(0, place) for place in range(i, m)]
        right = [self._mark(1, place) for place in range(j, n)]
        there, here = Counter(left), Counter(right)
        places = {mark: j + place for place, mark in enumerate(right) if here[mark] == there[mark] == 1}
        common = [(i + place, places[mark]) for place, mark in enumerate(left) if mark in places]
        # The longest rising sequence of places: for each length, the lowest place that one of that length ends with.
        ends: list[int] = []
        chain: list[int] = []
        previous: list[int | None] = []
        for index, (_, place) in enumerate(common):
            at = bisect_left(ends, place)
            ends[at : at + 1] = [place]
            chain[at : at + 1] = [index]
            previous.append(chain[at - 1] if at else None)
        found: list[tuple[int, int]] = []
        index = chain[-1] if chain else None
        while index is not None:
            found.append(common[index])
            index = previous[index]
        # Marks say little of large items: an anchor must be the same, or nothing would be gained by it.
        return [(a, b) for a, b in reversed(found) if same(self._before[a], self._after[b])]

    def _matched(self, i: int, m: int, j: int, n: int) -> list[Pair]:
        """Items of which none is the same, by likeness; by place where there are too many."""
        count = (m - i) * (n - j)
        self._left -= count
        if count == 0 or self._left < 0:
            return self._by_place(i, m, j, n)
        like = [[_likeness(self._before[a], self._after[b]) for b in range(j, n)] for a in range(i, m)]
        best = [[0.0] * (n - j + 1) for _ in range(m - i + 1)]
        for a in reversed(range(m - i)):
            for b in reversed(range(n - j)):
                paired = like[a][b] + best[a + 1][b + 1] if like[a][b] else 0.0
                best[a][b] = max(paired, best[a + 1][b], best[a][b + 1])
        pairs: list[Pair] = []
        a = b = 0
        while a < m - i or b < n - j:
            if a < m - i and b < n - j and like[a][b] and best[a][b] == like[a][b] + best[a + 1][b + 1]:
                pairs.append((i + a, j + b))
                a, b = a + 1, b + 1
            elif a < m - i and best[a][b] == best[a + 1][b]:
                pairs.append((i + a, None))
                a += 1
            else:
                pairs.append((None, j + b))
                b += 1
        return pairs

    def _by_place(self, i: int, m: int, j: int, n: int) -> list[Pair]:
        pairs: list[Pair] = []
        while i < m and j < n:
            alike = type(self._before[i]) is type(self._after[j])
            pairs += [(i, j)] if alike else [(i, None), (None, j)]
            i, j = i + 1, j + 1
        return pairs + [(place, None) for place in range(i, m)] + [(None, place) for place in range(j, n)]


def _mark(value: Any, depth: int) -> Hashable:
    """What values that are the same have in common, and others hardly; of large ones it is their size and their ends."""
    if isinstance(value, str | bytes):
        text = cast("str", value)
        return text if len(text) <= 200 else (len(text), text[:100], text[-100:])
    if value is None or isinstance(value, int | float):
        return value
    kind = type(value).__name__
    family = family_of(value)
    if family in ("mapping", "object") and depth:
        entries = entries_of(value, family)
        parts = tuple((str(key)[:100], _mark(each, depth - 1)) for key, each in islice(entries.items(), 16))
        return kind, len(entries), parts
    if family == "list" and depth:
        return kind, len(value), tuple(_mark(each, depth - 1) for each in islice(value, 8))
    return kind, len(value) if family in ("list", "set", "mapping") else None


def _likeness(a: Any, b: Any) -> float:
    """How much `b` looks like a later form of `a`: 0, not at all, to 1."""
    if type(a) is not type(b):
        numbers = isinstance(a, int | float) and isinstance(b, int | float)
        return 0.1 if numbers else 0.0
    if isinstance(a, str):
        return 0.1 + 0.9 * _common(a, b)
    family = family_of(a)
    if family in ("mapping", "object"):
        x, y = entries_of(a, family), entries_of(b, family)
        shared = [key for key in islice(x, 20) if key in y]
        most = max(min(len(x), 20), min(len(y), 20))
        return 0.1 + 0.9 * sum(_near(x[key], y[key]) for key in shared) / most if shared else 0.0
    if family == "list":
        equal = sum(same(p, q) for p, q in islice(zip(a, b, strict=False), 20))
        return 0.1 + 0.9 * equal / max(min(len(a), 20), min(len(b), 20), 1)
    return 0.1


def _near(a: Any, b: Any) -> float:
    if isinstance(a, str) and isinstance(b, str):
        return _common(a, b)
    return float(same(a, b))


def _common(a: str, b: str) -> float:
    """Which part of two texts is the same at their ends; of long ones, of their first and last 200 characters."""
    if a == b:
        return 1.0
    longest = min(max(len(a), len(b)), 400)
    head = next((n for n, (x, y) in enumerate(zip(a[:200], b[:200], strict=False)) if x != y), min(len(a), len(b), 200))
    tails = zip(reversed(a[head:][-200:]), reversed(b[head:][-200:]), strict=False)
    tail = next((n for n, (x, y) in enumerate(tails) if x != y), min(len(a) - head, len(b) - head, 200))
    return min(1.0, (head + tail) / longest)
