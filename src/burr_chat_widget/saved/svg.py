"""The state machine as a picture: static, self-contained, for where no script runs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from html import escape

from burr_chat_widget.protocol.graph import Graph
from burr_chat_widget.protocol.view import Node

from .layers import Edge, lay_out

__all__ = ["to_svg"]

LETTER, HEIGHT, MARGIN, LOOP, ENTRY = 7.2, 34.0, 18.0, 26.0, 20.0
TIMES = "\N{MULTIPLICATION SIGN}"
LONGEST = 34
"""Characters of a name or condition that are shown."""

STROKES = {"done": "#2e7d32", "failed": "#b3261e", "running": "#1a5fb4", "next": "#1a5fb4"}


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
    pairs = [(numbers[t.from_action], numbers[t.to_action]) for t in graph.transitions]
    layout = lay_out(sizes, pairs, numbers.get(graph.entrypoint, 0))
    width, height = layout.width + 2 * MARGIN + LOOP, layout.height + 2 * MARGIN + ENTRY
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" rx="6" fill="#fff"/>'
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#666"/></marker></defs>'
        f'<g transform="translate({MARGIN} {MARGIN + ENTRY})">'
    ]
    words_of_ways: list[str] = []  # above all lines
    counts = [taken[at] if at < len(taken) else 0 for at in range(len(pairs))]
    for edge, transition, times in zip(layout.edges, graph.transitions, counts, strict=True):
        stroke = '"#1a5fb4" stroke-width="2"' if times else '"#999"'
        out.append(f'<path d="{_path(edge, sizes)}" fill="none" stroke={stroke} marker-end="url(#a)"/>')
        x, y = _middle(edge, sizes)
        words = "" if transition.condition == "default" else _cut(transition.condition)
        words += f" {TIMES}{times}" if times else ""
        if words:
            words_of_ways.append(
                f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle" font-size="10" fill="#333" stroke="#fff" stroke-width="3" '
                f'paint-order="stroke">{escape(words.strip())}</text>'
            )
    out += words_of_ways
    if layout.centres:
        x, y = layout.centres[numbers.get(graph.entrypoint, 0)]
        top = y - HEIGHT / 2
        out.append(
            f'<circle cx="{x:.1f}" cy="{top - ENTRY:.1f}" r="4" fill="#666"/>'
            f'<path d="M{x:.1f} {top - ENTRY:.1f}V{top:.1f}" stroke="#666" marker-end="url(#a)"/>'
        )
    for (x, y), (w, h), name, label in zip(layout.centres, sizes, names, labels, strict=True):
        status = nodes[name].status if name in nodes else "idle"
        dash = ' stroke-dasharray="4 3"' if status == "next" else ""
        out.append(
            f'<rect x="{x - w / 2:.1f}" y="{y - h / 2:.1f}" width="{w:.1f}" height="{h:.1f}" rx="6" fill="#f8f9fa" '
            f'stroke="{STROKES.get(status, "#666")}" stroke-width="{1.5 if status in STROKES else 1}"{dash}/>'
            f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" fill="#111">{escape(label)}</text>'
        )
    return "".join([*out, "</g></svg>"])


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _ends(edge: Edge, sizes: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Its points, from border to border. What leads up keeps to the right of the middle, where nothing that leads down ends."""
    (x0, y0), *middle, (x1, y1) = edge.points
    (w0, h0), (w1, h1) = sizes[edge.source], sizes[edge.target]
    if y1 > y0:
        return [(x0, y0 + h0 / 2), *middle, (x1, y1 - h1 / 2)]
    return [(x0 + w0 / 3, y0 - h0 / 2), *middle, (x1 + w1 / 3, y1 + h1 / 2)]


def _path(edge: Edge, sizes: Sequence[tuple[float, float]]) -> str:
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


def _middle(edge: Edge, sizes: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Where its words stand: near the end of its first part, where those that begin in one place have parted."""
    if edge.source == edge.target:
        (x, y), (w, _) = edge.points[0], sizes[edge.source]
        return x + w / 2 + LOOP / 2, y - 16
    (x0, y0), (x1, y1) = _ends(edge, sizes)[:2]
    return x0 + (x1 - x0) * 0.95, y0 + (y1 - y0) * 0.72
