"""A turn's figures are what the fixtures say; js/tests/timeline/figures.test.ts holds those of pages to the same file."""

from __future__ import annotations

import json

import pytest

from interop.make_fixtures import TIMELINE, timeline

CASES = json.loads(TIMELINE.read_text())
FIGURES = [figures for case in CASES for figures in case["figures"].values()]


def test_the_fixtures_have_turns_of_every_kind():
    assert {figures["status"] for figures in FIGURES} == {"running", "completed", "stopped", "failed"}
    for name in ("first_delta", "first_text", "rate", "longest_gap"):
        assert any(figures[name] is None for figures in FIGURES), name
        assert any(figures[name] is not None for figures in FIGURES), name
    assert any(figures["thinned"] for figures in FIGURES)
    assert any(figures["deltas"] == 0 and figures["first_text"] is not None for figures in FIGURES)


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_figures(case):
    assert timeline(case["view"]) == case["figures"]
