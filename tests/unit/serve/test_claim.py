"""Whose a conversation is."""

from __future__ import annotations

import pytest

from burr_chat_widget.errors import ServerBusy, StoreError, TurnRunning
from burr_chat_widget.serve import claim
from burr_chat_widget.serve.claim import Claim
from burr_chat_widget.serve.processes.elsewhere import NoAnswer


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


ROUND = len(claim.TRIES) + 1
"""So often a lock is tried before it is asked who has it."""


async def never() -> None:
    raise AssertionError("nothing is to be renewed")


async def nobody() -> str | None:
    return None


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "TRIES", (0.0,) * len(claim.TRIES))


@pytest.mark.parametrize("refusals", [ROUND - 1, claim.ROUNDS * ROUND - 1])
async def test_who_has_looked_for_a_moment_elsewhere_is_waited_for(refusals: int) -> None:
    lock = Lock(refusals)
    renewed: list[bool] = []

    async def renew() -> None:
        renewed.append(lock.held)

    held = Claim(lock, renew, nobody)
    await held.take()
    assert held.held
    assert renewed == [True]
    await held.give_back()
    assert not lock.held


@pytest.mark.parametrize("error", [None, NoAnswer("it is silent"), StoreError("it cannot be read")])
async def test_who_runs_a_turn_elsewhere_is_not(error: Exception | None) -> None:
    async def running() -> str:
        if error is not None:
            raise error
        return "its key"

    lock = Lock(ROUND)
    held = Claim(lock, never, running)
    with pytest.raises(TurnRunning) as raised:
        await held.take()
    assert raised.value.turn == (None if error else "its key")
    assert (held.held, lock.held) == (False, False)


async def test_who_keeps_it_and_runs_nothing_is_not_waited_for_in_vain() -> None:
    held = Claim(Lock(claim.ROUNDS * ROUND), never, nobody)
    with pytest.raises(TurnRunning) as raised:
        await held.take()
    assert raised.value.turn is None
    assert not held.held


async def test_where_it_is_closed_meanwhile_nobody_waits_on() -> None:
    async def close() -> None:
        pass

    async def running() -> None:
        await held.close(close)

    held = Claim(Lock(ROUND), never, running)
    with pytest.raises(ServerBusy):
        await held.take()
    assert not held.held


async def test_who_looks_keeps_nobody_from_a_turn_meanwhile() -> None:
    lock = Lock(0)
    renewed: list[bool] = []

    async def renew() -> None:
        renewed.append(lock.held)

    assert await Claim(lock, renew, nobody).look()
    assert renewed == [False]


async def test_who_looks_sees_nothing_while_a_turn_runs_elsewhere() -> None:
    assert not await Claim(Lock(1), never, nobody).look()
