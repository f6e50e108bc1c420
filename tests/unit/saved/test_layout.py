"""Where the actions of a state machine stand in the static picture."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from burr_chat_widget.saved.layers import GAP_X, lay_out


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[tuple[float, float]], list[tuple[int, int]], int]:
    count = draw(st.integers(1, 9))
    node = st.integers(0, count - 1)
    sizes = [(draw(st.floats(20, 200)), 30.0) for _ in range(count)]
    return sizes, draw(st.lists(st.tuples(node, node), max_size=16)), draw(node)


@given(graphs())
def test_nothing_overlaps_and_every_edge_joins_its_nodes(
    graph: tuple[list[tuple[float, float]], list[tuple[int, int]], int],
):
    sizes, edges, first = graph
    layout = lay_out(sizes, edges, first)
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


def test_a_chain_runs_down_and_what_leads_back_passes_beside_it():
    layout = lay_out([(60.0, 30.0)] * 3, [(0, 1), (1, 2), (2, 0)], 0)
    assert [y for _, y in layout.centres] == sorted(y for _, y in layout.centres)
    back = layout.edges[2].points
    assert len(back) == 3
    assert back[1][0] != layout.centres[1][0]
