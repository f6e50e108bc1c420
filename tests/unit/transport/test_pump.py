"""What empties the outbox, and does what was asked for between two messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import pytest

from burr_chat_widget.transport import pump as module
from burr_chat_widget.transport.outbox import Outbox
from burr_chat_widget.transport.pump import Pump
from support.events import first_view


class Clock:
    """Time as the test has it."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


class ByHand:
    """Calls when the test does."""

    last: ClassVar[ByHand]

    def __init__(self, function: Callable[[], float | None], _name: str) -> None:
        ByHand.last = self
        self.call = function

    def wake(self) -> None: ...

    def end(self) -> None: ...


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(module, "recurring", ByHand)
    return clock


def test_what_takes_long_takes_a_tenth_of_the_time_at_most(clock: Clock) -> None:
    done: list[float] = []

    def work() -> None:
        clock.now += 2.0
        done.append(clock.now)

    pump = Pump(Outbox(first_view()), lambda _: None)
    go_on = ByHand.last.call
    assert go_on() is None
    pump.soon(work)
    assert (go_on(), done) == (0, [102.0])
    pump.soon(work)
    assert (go_on(), done) == (18.0, [102.0])
    clock.now = 120.0
    assert (go_on(), done) == (0, [102.0, 122.0])
    assert go_on() is None
    pump.soon(work)
    pump.settle()
    assert done == [102.0, 122.0, 124.0]
