"""The state machine as a picture: static, self-contained, for where no script runs.

It stands on whatever is behind it, light or dark: an image is not told which. So what is to be read stands on a light ground of its own, and
lines have a colour that is seen on both.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from html import escape

from burr_chat_widget.protocol.graph import Graph
from burr_chat_widget.protocol.view import Node

from .layers import LOOP, Edge, Layout, Size, lay_out
from .plain import plain
from .words import TIMES

__all__ = ["to_svg"]

LETTER, HEIGHT, MARGIN, ENTRY = 7.2, 34.0, 6.0, 20.0
SMALL, LINE, PAD = 6.0, 13.0, 4.0
"""Of the words of a transition: a letter's width, a line's height, and the room around them."""
LONGEST, WIDEST = 34, 18
"""Characters of a name or condition that are shown, and of a line of a condition."""

GROUND, LINES, TAKEN = "#f8f9fa", "#8a8f98", "#3584e4"
STROKES = {"done": "#2e9e44", "failed": "#e0443a", "running": TAKEN, "next": TAKEN}


def to_svg(graph: Graph, nodes: Mapping[str, Node], taken: Sequence[int]) -> str:
    """Draw it, with how often each action has run and each transition was taken.

    Args:
        graph: the state machine.
        nodes: by the action's name.
        taken: how often each transition was taken, in their order.
    """
    names = [action.name for action in graph.actions]
    numbers = {name: number for number, name in enumerate(names)}
    labels = [
        _cut(name) + (f" {TIMES}{nodes[name].visits}" if name in nodes and nodes[name].visits else "") for name in names
    ]
    sizes = [(max(60.0, len(label) * LETTER + 20), HEIGHT) for label in labels]
    counts = [taken[at] if at < len(taken) else 0 for at in range(len(graph.transitions))]
    said = [_lines(t.condition, times) for t, times in zip(graph.transitions, counts, strict=True)]
    first = numbers.get(graph.entrypoint, 0)
    pairs = [(numbers[t.from_action], numbers[t.to_action]) for t in graph.transitions]
    layout = lay_out(sizes, pairs, first, [_room(lines) for lines in said])
    width, height = layout.width + 2 * MARGIN, layout.height + 2 * MARGIN + ENTRY
    ways = zip(layout.edges, counts, strict=True)
    words = zip(layout.edges, said, strict=True)
    actions = zip(layout.centres, sizes, names, labels, strict=True)
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
            f'font-family="sans-serif" font-size="12"><defs>{_head("a", LINES)}{_head("b", TAKEN)}</defs>'
            f'<g transform="translate({MARGIN} {MARGIN + ENTRY})">',
            *(_way(edge, sizes, times) for edge, times in sorted(ways, key=lambda way: way[1] > 0)),
            *(_words(edge, lines) for edge, lines in words),  # above all lines
            _entry(layout, first),
            *(_node(at, size, label, nodes.get(name)) for at, size, name, label in actions),
            "</g></svg>",
        ]
    )


def _head(name: str, colour: str) -> str:
    """An arrow's."""
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" '
        f'orient="auto"><path d="M0 0 8 4 0 8z" fill="{colour}"/></marker>'
    )


def _way(edge: Edge, sizes: Sequence[Size], times: int) -> str:
    look = (
        f'stroke="{TAKEN}" stroke-width="2" marker-end="url(#b)"' if times else f'stroke="{LINES}" marker-end="url(#a)"'
    )
    return f'<path d="{_path(edge, sizes)}" fill="none" {look}/>'


def _words(edge: Edge, lines: Sequence[str]) -> str:
    if edge.at is None or edge.words is None:
        return ""
    (x, y), (w, h) = edge.at, edge.words
    top = y - (len(lines) - 1) * LINE / 2 + 3.5
    return (
        f'<rect x="{x - w / 2:.1f}" y="{y - h / 2:.1f}" width="{w:.1f}" height="{h:.1f}" rx="4" fill="{GROUND}"/>'
        f'<text text-anchor="middle" font-size="10" fill="#333">'
        + "".join(
            f'<tspan x="{x:.1f}" y="{top + at * LINE:.1f}">{_shown(line)}</tspan>' for at, line in enumerate(lines)
        )
        + "</text>"
    )


def _entry(layout: Layout, first: int) -> str:
    if not layout.centres:
        return ""
    x, y = layout.centres[first]
    top = y - HEIGHT / 2
    return (
        f'<circle cx="{x:.1f}" cy="{top - ENTRY:.1f}" r="4" fill="{LINES}"/>'
        f'<path d="M{x:.1f} {top - ENTRY:.1f}V{top:.1f}" stroke="{LINES}" marker-end="url(#a)"/>'
    )


def _node(at: tuple[float, float], size: Size, label: str, node: Node | None) -> str:
    (x, y), (w, h) = at, size
    status = "idle" if node is None else node.status
    dash = ' stroke-dasharray="4 3"' if status == "next" else ""
    return (
        f'<rect x="{x - w / 2:.1f}" y="{y - h / 2:.1f}" width="{w:.1f}" height="{h:.1f}" rx="6" fill="{GROUND}" '
        f'stroke="{STROKES.get(status, LINES)}" stroke-width="{2 if status in STROKES else 1}"{dash}/>'
        f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" fill="#111">{_shown(label)}</text>'
    )


def _shown(text: str) -> str:
    """As XML can have it: it has no control characters."""
    return escape(plain(text))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _lines(condition: str, times: int) -> list[str]:
    """The words of a transition, on as few lines as there must be; where one ends, something that joins words has stood."""
    words = "" if condition == "default" else _cut(condition)
    words += f" {TIMES}{times}" if times else ""
    lines = [""] if words else []
    for part in re.findall(r"[^\s=_.,]*[\s=_.,]+|[^\s=_.,]+", words.strip()):
        if lines and lines[-1] and len(lines[-1]) + len(part.rstrip()) > WIDEST:
            lines.append("")
        if lines:
            lines[-1] += part
    return [line.strip() for line in lines]


def _room(lines: Sequence[str]) -> Size | None:
    return (max(map(len, lines)) * SMALL + 2 * PAD, len(lines) * LINE + PAD) if lines else None


def _path(edge: Edge, sizes: Sequence[Size]) -> str:
    if edge.source == edge.target:
        (x, y), (w, _) = edge.points[0], sizes[edge.source]
        right = x + w / 2
        return f"M{right:.1f} {y - 8:.1f}C{right + LOOP:.1f} {y - 14:.1f} {right + LOOP:.1f} {y + 14:.1f} {right:.1f} {y + 8:.1f}"
    points = _ends(edge, sizes)
    out = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        half = (y1 - y0) / 2
        out += f"C{x0:.1f} {y0 + half:.1f} {x1:.1f} {y1 - half:.1f} {x1:.1f} {y1:.1f}"
    return out


def _ends(edge: Edge, sizes: Sequence[Size]) -> list[tuple[float, float]]:
    """Its points, from border to border. What leads up keeps to the right of the middle, where nothing that leads down ends."""
    (x0, y0), *middle, (x1, y1) = edge.points
    (w0, h0), (w1, h1) = sizes[edge.source], sizes[edge.target]
    if y1 > y0:
        return [(x0, y0 + h0 / 2), *middle, (x1, y1 - h1 / 2)]
    return [(x0 + w0 / 3, y0 - h0 / 2), *middle, (x1 + w1 / 3, y1 + h1 / 2)]
