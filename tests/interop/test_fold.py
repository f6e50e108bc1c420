"""The Python fold gives what the fixtures say; js/tests/store/fold.test.ts holds the TypeScript fold to the same file."""

from __future__ import annotations

import json

import msgspec
import pytest

from burr_chat_widget.protocol.fold import fold
from burr_chat_widget.protocol.frames import WireEvent
from burr_chat_widget.protocol.view import View
from interop.make_fixtures import FIXTURES

CASES = json.loads(FIXTURES.read_text())


def test_the_fixtures_have_every_kind_of_event():
    kinds = {event["type"] for case in CASES for event in case["events"]}
    assert kinds == {struct.__struct_config__.tag for struct in WireEvent.__args__}


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_fold(case):
    view = msgspec.convert(case["before"], View)
    for event in case["events"]:
        fold(view, msgspec.convert(event, WireEvent))
    assert msgspec.to_builtins(view) == case["after"]
