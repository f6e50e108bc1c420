"""What takes too long is interrupted, and nothing else is."""

from __future__ import annotations

import threading

import pytest

from burr_chat_widget.transport.deadlines import Deadlines

PATIENCE = 60.0
LONG = 3600.0


def test_what_is_late_is_interrupted_once_and_knows_it() -> None:
    deadlines, interrupted, times = Deadlines(), threading.Event(), list[str]()

    def interrupt() -> None:
        times.append("now")
        interrupted.set()

    with deadlines.within(LONG, lambda: times.append("never")) as other:
        # An earlier one than the one that is waited for already.
        with deadlines.within(0.01, interrupt) as late:
            assert interrupted.wait(PATIENCE)
            assert late()
        assert not other()
        interrupted.clear()
        with deadlines.within(0.02, interrupt):  # nor is the thread gone
            assert interrupted.wait(PATIENCE)
    assert times == ["now", "now"]


def test_one_that_cannot_be_interrupted_is_not_in_the_way_of_others(caplog: pytest.LogCaptureFixture) -> None:
    deadlines, interrupted = Deadlines(), threading.Event()

    def broken() -> None:
        raise RuntimeError("it is closed already")

    with deadlines.within(0.01, broken), deadlines.within(0.02, interrupted.set):
        assert interrupted.wait(PATIENCE)
    assert "could not be interrupted" in caplog.text


def test_what_is_done_in_time_is_not_interrupted() -> None:
    deadlines, interrupted, times = Deadlines(), threading.Event(), list[str]()
    for _ in range(100):
        with deadlines.within(0.5, lambda: times.append("never")) as late:
            assert not late()
    with deadlines.within(0.6, interrupted.set):  # when this is due, those would have been
        assert interrupted.wait(PATIENCE)
    assert times == []
