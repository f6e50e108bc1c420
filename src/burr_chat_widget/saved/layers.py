"""Where the actions of a state machine stand in a picture: in layers, from the entrypoint down.

Where a front end of ours draws it, dagre does this better; here there is none. Sugiyama's way: layers by the longest path, what passes
through a layer has a place in it, the order in a layer follows the neighbours' (barycentres), then each moves to where these are. The
words of an edge have a place in a layer of their own, so that nothing else is there.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["LOOP", "Edge", "Layout", "Size", "lay_out"]

Size: TypeAlias = tuple[float, float]
"""Width and height, in pixels."""

SWEEPS = 8
GAP_X, GAP_Y = 28.0, 56.0
GAP_WORDS = 28.0
"""Above and below a layer of words."""
PASS = 12.0
"""How much room an edge takes that passes through a layer."""
LOOP = 26.0
"""How far an edge that leads back to its node at once goes to the right of it."""


@dataclass
class Edge:
    """From node to node, by number.

    Attributes:
        words: how much room its words take; None where it has none.
        points: the places that it passes through, from `source` to `target`.
        at: the middle of its words.
    """

    source: int
    target: int
    words: Size | None = None
    at: tuple[float, float] | None = None
    points: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])


@dataclass
class Layout:
    """Centres of the nodes, and the edges in the order in which they were given. All in pixels, from the upper left."""

    width: float
    height: float
    centres: list[tuple[float, float]]
    edges: list[Edge]


def lay_out(
    sizes: Sequence[Size], edges: Iterable[tuple[int, int]], first: int, words: Sequence[Size | None] = ()
) -> Layout:
    """Place the nodes, and the words of edges.

    Args:
        sizes: of each node.
        edges: pairs of nodes; loops and parallel ones may be among them.
        first: the node at the top.
        words: how much room the words of each edge take, None where it has none.
    """
    made = [Edge(source, target) for source, target in edges]
    for edge, room in zip(made, words, strict=False):
        edge.words = room
    downward = _downward(len(sizes), made, first)
    ranks = _ranks(len(sizes), downward)
    return _Layers(sizes, made, downward, ranks).layout()


def _downward(count: int, edges: Sequence[Edge], first: int) -> list[tuple[int, int]]:
    """Each edge as it runs down the picture: what leads back to where a path came from is turned round. Loops stay."""
    leads: list[list[int]] = [[] for _ in range(count)]
    for edge in edges:
        leads[edge.source].append(edge.target)
    back: set[tuple[int, int]] = set()
    seen, path = [False] * count, [False] * count
    for start in [first, *range(count)]:
        if seen[start]:
            continue
        seen[start] = path[start] = True
        stack = [(start, iter(leads[start]))]
        while stack:
            node, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                path[node] = False
                stack.pop()
            elif path[target]:
                back.add((node, target))
            elif not seen[target]:
                seen[target] = path[target] = True
                stack.append((target, iter(leads[target])))
    return [(e.target, e.source) if (e.source, e.target) in back else (e.source, e.target) for e in edges]


def _ranks(count: int, downward: Sequence[tuple[int, int]]) -> list[int]:
    ranks = [0] * count
    for _ in range(count):
        before = list(ranks)
        for above, below in downward:
            if above != below:
                ranks[below] = max(ranks[below], ranks[above] + 1)
        if ranks == before:
            break
    return ranks


class _Layers:
    """The nodes, and after them the places that edges and their words have, layer by layer."""

    def __init__(
        self,
        sizes: Sequence[Size],
        edges: list[Edge],
        downward: Sequence[tuple[int, int]],
        ranks: Sequence[int],
    ) -> None:
        self.edges = edges
        self.count = len(sizes)
        self.heights = [height for _, height in sizes]
        # From the middle to either side: loops stand on the right of their node, their words one below the other.
        self.lefts = [width / 2 for width, _ in sizes]
        self.rights = list(self.lefts)
        self.loops = [0.0] * self.count
        for edge in edges:
            if edge.source == edge.target:
                node = edge.source
                width, height = edge.words or (0.0, 0.0)
                self.rights[node] = max(self.rights[node], self.lefts[node] + LOOP + width)
                self.loops[node] += height
                self.heights[node] = max(self.heights[node], self.loops[node])
        self.row_of, words = _with_words(edges, downward, ranks)
        last = max([*self.row_of, *words.values()], default=0)
        self.rows: list[list[int]] = [[] for _ in range(last + 1)]
        self.is_words = [row in words.values() for row in range(last + 1)]
        for node in range(self.count):
            self.rows[self.row_of[node]].append(node)
        self.above: list[list[int]] = [[] for _ in sizes]
        self.below: list[list[int]] = [[] for _ in sizes]
        self.place_of: dict[int, int] = {}
        self.ways = [self._way(at, *ends, words.get(at)) for at, ends in enumerate(downward)]
        self.xs = [0.0] * len(self.lefts)

    def _way(self, edge: int, above: int, below: int, row_of_words: int | None) -> list[int]:
        """The places from one node down to the other."""
        if above == below:
            return [above]
        way = [above]
        for row in range(self.row_of[above] + 1, self.row_of[below]):
            width, height = PASS, 0.0
            if row == row_of_words:
                width, height = self.edges[edge].words or (width, height)
                self.place_of[edge] = len(self.lefts)
            way.append(len(self.lefts))
            self.lefts.append(width / 2)
            self.rights.append(width / 2)
            self.heights.append(height)
            self.row_of.append(row)
            self.rows[row].append(way[-1])
            self.above.append([])
            self.below.append([])
        way.append(below)
        for upper, lower in itertools.pairwise(way):
            self.below[upper].append(lower)
            self.above[lower].append(upper)
        return way

    def layout(self) -> Layout:
        for row in self.rows:
            self._spread(row)
        for sweep in range(SWEEPS):
            down = sweep % 2 == 0
            neighbours = self.above if down else self.below
            for row in self.rows if down else reversed(self.rows):
                wanted = {node: self._mean(neighbours[node], self.xs[node]) for node in row}
                if sweep < SWEEPS - 4:
                    row.sort(key=lambda node, wanted=wanted: wanted[node])
                self._place(row, wanted)
        return self._measured()

    def _mean(self, nodes: Sequence[int], otherwise: float) -> float:
        return sum(self.xs[node] for node in nodes) / len(nodes) if nodes else otherwise

    def _spread(self, row: Sequence[int]) -> None:
        self._place(row, dict.fromkeys(row, 0.0))

    def _place(self, row: Sequence[int], wanted: dict[int, float]) -> None:
        """As near to where each wants to be as their order and widths allow: the mean of pushing right and of pushing left."""
        right: list[float] = []
        for at, node in enumerate(row):
            least = right[-1] + self._apart(row[at - 1], node) if at else float("-inf")
            right.append(max(wanted[node], least))
        left: list[float] = []
        for at in range(len(row) - 1, -1, -1):
            most = left[-1] - self._apart(row[at], row[at + 1]) if left else float("inf")
            left.append(min(wanted[row[at]], most))
        for node, a, b in zip(row, right, reversed(left), strict=True):
            self.xs[node] = (a + b) / 2

    def _apart(self, one: int, other: int) -> float:
        return self.rights[one] + self.lefts[other] + GAP_X

    def _measured(self) -> Layout:
        middles: list[float] = []
        y = 0.0
        for row, nodes in enumerate(self.rows):
            if row:
                y += GAP_WORDS if self.is_words[row] or self.is_words[row - 1] else GAP_Y
            height = max((self.heights[node] for node in nodes), default=0.0)
            middles.append(y + height / 2)
            y += height
        left = min((x - w for x, w in zip(self.xs, self.lefts, strict=True)), default=0.0)
        right = max((x + w for x, w in zip(self.xs, self.rights, strict=True)), default=0.0)
        places = [(x - left, middles[row]) for x, row in zip(self.xs, self.row_of, strict=True)]
        loops = [-height / 2 for height in self.loops]
        for at, (edge, way) in enumerate(zip(self.edges, self.ways, strict=True)):
            points = [places[node] for node in way]
            edge.points = points if way[0] == edge.source else points[::-1]
            if edge.words is None:
                continue
            if at in self.place_of:
                edge.at = places[self.place_of[at]]
            else:
                (x, y_of_node), (width, height) = edge.points[0], edge.words
                edge.at = x + self.lefts[edge.source] + LOOP + width / 2, y_of_node + loops[edge.source] + height / 2
                loops[edge.source] += height
        return Layout(right - left, y, places[: self.count], self.edges)


def _with_words(
    edges: Sequence[Edge], downward: Sequence[tuple[int, int]], ranks: Sequence[int]
) -> tuple[list[int], dict[int, int]]:
    """The row of each node, and by edge that of its words, which is next to where the edge begins and has no node in it."""
    after: dict[int, int] = {}  # by edge, the rank of nodes that its words stand below
    for at, (edge, (above, below)) in enumerate(zip(edges, downward, strict=True)):
        if edge.words is not None and above != below:
            after[at] = ranks[above] if edge.source == above else ranks[below] - 1
    gaps = sorted({*after.values()})
    rows = [rank + bisect_left(gaps, rank) for rank in ranks]
    return rows, {at: rank + bisect_left(gaps, rank) + 1 for at, rank in after.items()}
