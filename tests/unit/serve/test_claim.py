"""Whose a conversation is."""

from __future__ import annotations

import pytest

from burr_chat_widget.errors import TurnRunning
from burr_chat_widget.serve import claim
from burr_chat_widget.serve.claim import Claim


class Lock:
    """A lock that another process has, and gives back when it has been asked for so often."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.held = False

    async def acquire(self) -> bool:
        if self.refusals > 0:
            self.refusals -= 1
            return False
        assert not self.held
        self.held = True
        return True

    async def release(self) -> None:
        self.held = False


async def test_who_has_looked_for_a_moment_elsewhere_is_waited_for() -> None:
    lock = Lock(len(claim.TRIES))
    renewed: list[bool] = []

    async def renew() -> None:
        renewed.append(lock.held)

    held = Claim(lock, renew)
    await held.take()
    assert held.held
    assert renewed == [True]
    await held.give_back()
    assert not lock.held


async def test_who_runs_a_turn_elsewhere_is_not() -> None:
    async def renew() -> None:
        raise AssertionError("nothing is to be renewed")

    held = Claim(Lock(len(claim.TRIES) + 1), renew)
    with pytest.raises(TurnRunning):
        await held.take()
    assert not held.held


async def test_who_looks_keeps_nobody_from_a_turn_meanwhile() -> None:
    lock = Lock(0)
    renewed: list[bool] = []

    async def renew() -> None:
        renewed.append(lock.held)

    assert await Claim(lock, renew).look()
    assert renewed == [False]


async def test_who_looks_sees_nothing_while_a_turn_runs_elsewhere() -> None:
    async def renew() -> None:
        raise AssertionError("nothing is to be renewed")

    assert not await Claim(Lock(1), renew).look()
