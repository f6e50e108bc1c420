"""Where the actions of a state machine stand in the static picture."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from burr_chat_widget.saved.layers import GAP_X, Size, lay_out

Graph: TypeAlias = tuple[list[Size], list[tuple[int, int]], int, list[Size | None]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    count = draw(st.integers(1, 9))
    node = st.integers(0, count - 1)
    sizes = [(draw(st.floats(20, 200)), 30.0) for _ in range(count)]
    edges = draw(st.lists(st.tuples(node, node), max_size=16))
    words = [draw(st.none() | st.tuples(st.floats(10, 150), st.sampled_from([17.0, 30.0]))) for _ in edges]
    return sizes, edges, draw(node), words


@given(graphs())
def test_nothing_overlaps_and_every_edge_joins_its_nodes(graph: Graph):
    sizes, edges, first, words = graph
    layout = lay_out(sizes, edges, first, words)
    assert [(edge.source, edge.target) for edge in layout.edges] == edges
    for edge in layout.edges:
        assert edge.points[0] == layout.centres[edge.source]
        assert edge.points[-1] == layout.centres[edge.target]
    for one, ((x, y), (w, h)) in enumerate(zip(layout.centres, sizes, strict=True)):
        assert x - w / 2 >= -0.01
        assert x + w / 2 <= layout.width + 0.01
        assert y - h / 2 >= -0.01
        assert y + h / 2 <= layout.height + 0.01
        for other in range(one):
            ox, oy = layout.centres[other]
            assert abs(oy - y) > h or abs(ox - x) >= (w + sizes[other][0]) / 2 + GAP_X - 0.01


@given(graphs())
def test_words_stand_on_their_edge_and_on_nothing_else(graph: Graph):
    sizes, edges, first, words = graph
    layout = lay_out(sizes, edges, first, words)
    boxes = list(zip(layout.centres, sizes, strict=True))
    for edge, said in zip(layout.edges, words, strict=True):
        assert edge.words == said
        assert (edge.at is None) == (said is None)
        if edge.at is None or said is None:
            continue
        assert edge.at in edge.points or edge.source == edge.target
        (x, _), (w, _) = edge.at, said
        assert x - w / 2 >= -0.01
        assert x + w / 2 <= layout.width + 0.01
        for (ox, oy), (ow, oh) in boxes:
            apart_x, apart_y = abs(ox - x) - (w + ow) / 2, abs(oy - edge.at[1]) - (said[1] + oh) / 2
            assert apart_x >= -0.01 or apart_y >= -0.01
        boxes.append((edge.at, said))
        for other in layout.edges:  # no other passes through a layer where these words are
            assert other is edge or all(
                abs(px - x) >= w / 2 for px, py in other.points[1:-1] if py == edge.at[1] and edge.source != edge.target
            )


def test_a_chain_runs_down_and_what_leads_back_passes_beside_it():
    layout = lay_out([(60.0, 30.0)] * 3, [(0, 1), (1, 2), (2, 0)], 0)
    assert [y for _, y in layout.centres] == sorted(y for _, y in layout.centres)
    back = layout.edges[2].points
    assert len(back) == 3
    assert back[1][0] != layout.centres[1][0]


def test_the_words_of_many_loops_of_a_node_stand_beside_it_and_on_no_other():
    sizes, words = [(60.0, 30.0)] * 2, [*[(50.0, 17.0)] * 8, None]
    layout = lay_out(sizes, [*[(0, 0)] * 8, (0, 1)], 0, words)
    ys = [edge.at[1] for edge in layout.edges if edge.at is not None]
    assert [b - a for a, b in pairwise(ys)] == [17.0] * 7
    assert max(ys) + 17 / 2 < layout.centres[1][1] - 15
    assert min(ys) - 17 / 2 >= 0
