"""What pages were answered is in every view that takes another's place, beside what that view has of it."""

from __future__ import annotations

from typing import Any

from burr_chat_widget.protocol.frames import Accepted, Refused
from burr_chat_widget.protocol.view import REQUESTS, Refusal
from burr_chat_widget.transport.outbox import Outbox
from support.events import first_view

STAMP: dict[str, Any] = {"time": 1.0, "monotonic": 1.0, "turn": ""}


def test_a_view_that_takes_anothers_place_adds_what_it_has_of_answers() -> None:
    outbox = Outbox(first_view())
    outbox.put(Accepted(**STAMP, request="a"))
    outbox.put(Refused(**STAMP, request="b", reason="no"))
    other = first_view()
    other.accepted = ["a", "b", "c"]  # what was told of b counts
    other.refused = [Refusal(request="a", reason="old"), Refusal(request="d", reason="never")]
    outbox.replace(other)
    seen = outbox.view()
    assert seen.accepted == ["a", "c"]
    assert [(each.request, each.reason) for each in seen.refused] == [("b", "no"), ("d", "never")]


def test_of_answers_the_last_are_kept() -> None:
    outbox = Outbox(first_view())
    for number in range(3):
        other = first_view()
        other.accepted = [f"{number}-{each}" for each in range(REQUESTS - 1)]
        outbox.replace(other)
    assert outbox.view().accepted == ["1-14", *(f"2-{each}" for each in range(REQUESTS - 1))]
