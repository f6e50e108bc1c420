"""A view goes back as the fixtures say; js/tests/store/past.test.ts holds what pages show of the past to the same file."""

from __future__ import annotations

import json

import pytest

from interop.make_fixtures import PAST, past

CASES = json.loads(PAST.read_text())


def test_the_fixtures_go_back_into_turns_that_run_and_to_earlier_ones():
    assert any(case["view"]["status"] != "idle" for case in CASES)
    assert any(len(case["after"]["turns"]) < len(case["view"]["turns"]) for case in CASES)
    assert any(len(case["after"]["messages"]) < len(case["view"]["messages"]) for case in CASES)
    assert any(case["after"]["decisions"] for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_past(case):
    assert past(case["view"], case["step"]) == case["after"]
