"""Where the actions of a state machine stand in a picture: in layers, from the entrypoint down.

Where a front end of ours draws it, dagre does this better; here there is none. Sugiyama's way: layers by the longest path, what passes
through a layer has a place in it, the order in a layer follows the neighbours' (barycentres), then each moves to where these are.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

__all__ = ["Edge", "Layout", "lay_out"]

SWEEPS = 8
GAP_X, GAP_Y = 28.0, 64.0
PASS = 12.0
"""How much room an edge takes that passes through a layer."""


@dataclass
class Edge:
    """From node to node, by number; `points` are the places that it passes through, from `source` to `target`."""

    source: int
    target: int
    points: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])


@dataclass
class Layout:
    """Centres of the nodes, and the edges in the order in which they were given. All in pixels, from the upper left."""

    width: float
    height: float
    centres: list[tuple[float, float]]
    edges: list[Edge]


def lay_out(sizes: Sequence[tuple[float, float]], edges: Iterable[tuple[int, int]], first: int) -> Layout:
    """Place the nodes.

    Args:
        sizes: width and height of each node.
        edges: pairs of nodes; loops and parallel ones may be among them.
        first: the node at the top.
    """
    made = [Edge(source, target) for source, target in edges]
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
    """The nodes, and after them the places that edges pass through, layer by layer."""

    def __init__(
        self,
        sizes: Sequence[tuple[float, float]],
        edges: list[Edge],
        downward: Sequence[tuple[int, int]],
        ranks: Sequence[int],
    ) -> None:
        self.edges = edges
        self.count = len(sizes)
        self.widths = [width for width, _ in sizes]
        self.heights = [height for _, height in sizes]
        self.rows: list[list[int]] = [[] for _ in range(max(ranks, default=0) + 1)]
        self.row_of = list(ranks)
        for node in range(self.count):
            self.rows[ranks[node]].append(node)
        self.above: list[list[int]] = [[] for _ in sizes]
        self.below: list[list[int]] = [[] for _ in sizes]
        self.ways = [self._way(above, below) for above, below in downward]
        self.xs = [0.0] * len(self.widths)

    def _way(self, above: int, below: int) -> list[int]:
        """The places from one node down to the other."""
        if above == below:
            return [above]
        way = [above]
        for row in range(self.row_of[above] + 1, self.row_of[below]):
            way.append(len(self.widths))
            self.widths.append(PASS)
            self.heights.append(0.0)
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
        return (self.widths[one] + self.widths[other]) / 2 + GAP_X

    def _measured(self) -> Layout:
        tops, y = list[float](), 0.0
        for row in self.rows:
            height = max((self.heights[node] for node in row), default=0.0)
            tops.append(y + height / 2)
            y += height + GAP_Y
        left = min((x - w / 2 for x, w in zip(self.xs, self.widths, strict=True)), default=0.0)
        right = max((x + w / 2 for x, w in zip(self.xs, self.widths, strict=True)), default=0.0)
        places = [(x - left, tops[row]) for x, row in zip(self.xs, self.row_of, strict=True)]
        for edge, way in zip(self.edges, self.ways, strict=True):
            points = [places[node] for node in way]
            edge.points = points if way[0] == edge.source else points[::-1]
        return Layout(right - left, max(0.0, y - GAP_Y), places[: self.count], self.edges)
