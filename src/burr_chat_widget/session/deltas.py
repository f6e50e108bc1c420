"""The deltas of a turn, however many, in little memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple, overload

__all__ = ["Delta", "Deltas"]

BLOCK = 4096
"""So many deltas are put together at once."""


class Delta(NamedTuple):
    """A streamed piece of text and when it was yielded, in seconds since the turn began."""

    text: str
    time: float


class Deltas(Sequence[Delta]):
    """Every delta of a turn, in order; it can be read while the turn goes on. Holds sixteen bytes a delta besides the text."""

    def __init__(self) -> None:
        # Blocks never change, and both parts are replaced together: whoever reads has a whole, on whatever thread.
        self._parts: tuple[tuple[_Block, ...], list[Delta]] = (), []

    def add(self, text: str, time: float) -> None:
        """Append a delta. Called on one thread."""
        blocks, tail = self._parts
        tail.append(Delta(text, time))
        if len(tail) == BLOCK:
            self._parts = (*blocks, _Block(tail)), []

    def __len__(self) -> int:
        blocks, tail = self._parts
        return len(blocks) * BLOCK + len(tail)

    @overload
    def __getitem__(self, index: int) -> Delta: ...
    @overload
    def __getitem__(self, index: slice) -> list[Delta]: ...
    def __getitem__(self, index: int | slice) -> Delta | list[Delta]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        blocks, tail = self._parts
        index = range(len(blocks) * BLOCK + len(tail))[index]
        block, place = divmod(index, BLOCK)
        return blocks[block][place] if block < len(blocks) else tail[place]

    def __iter__(self) -> Iterator[Delta]:
        blocks, tail = self._parts
        for block in blocks:
            yield from (block[place] for place in range(BLOCK))
        yield from list(tail)

    def __repr__(self) -> str:
        return f"<{len(self)} deltas>"


class _Block:
    """A fixed number of deltas, as one text."""

    def __init__(self, deltas: list[Delta]) -> None:
        self._text = "".join(delta.text for delta in deltas)
        self._ends = array("L", accumulate(len(delta.text) for delta in deltas))
        self._times = array("d", (delta.time for delta in deltas))

    def __getitem__(self, place: int) -> Delta:
        start = self._ends[place - 1] if place else 0
        return Delta(self._text[start : self._ends[place]], self._times[place])
