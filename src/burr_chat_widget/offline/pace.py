"""When each token comes: seeded, and awaited through whatever clock the caller gives."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

CATCH_UP = 0.05
"""Seconds that a late reader may be behind before the schedule moves with it.

Sleeps end late by up to a millisecond or two; without catching up, a rate of several hundred tokens a second could not be
kept. Without this bound, a reader that paused for long would then be given everything at once.
"""


@dataclass(frozen=True, kw_only=True)
class Tempo:
    """How fast the answers come.

    Attributes:
        rate: tokens per second; `math.inf` for no waiting.
        first_token: seconds from the request to the first token.
        jitter: how far each single wait may be from its mean, as a fraction of it, from 0 up to 1.
        clock: monotonic seconds.
        sleep: awaited for every wait; it must let at least `seconds` pass on `clock`.
    """

    rate: float = 60.0
    first_token: float = 0.4
    jitter: float = 0.3
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def __post_init__(self) -> None:
        """Refuse a tempo that could not be kept."""
        if not self.rate > 0:
            raise ValueError(f"rate={self.rate!r} must be above 0 tokens per second (math.inf for no waiting)")
        if not 0 <= self.first_token < math.inf:
            raise ValueError(f"first_token={self.first_token!r} must be 0 or more seconds")
        if not 0 <= self.jitter <= 1:
            raise ValueError(f"jitter={self.jitter!r} must be from 0 to 1")


class Pace:
    """The waits of one answer."""

    def __init__(self, tempo: Tempo, *, seed: str, first_token: float | None = None) -> None:
        """Start counting now.

        Args:
            tempo: how fast.
            seed: the same seed gives the same waits.
            first_token: seconds to the first token if not the tempo's; kept exactly.
        """
        self._tempo = tempo
        self._random = random.Random(seed)
        self._due = tempo.clock()
        self._first = tempo.first_token * self._factor() if first_token is None else first_token
        self._started = False

    async def token(self) -> None:
        """Wait until the next token is due. Always gives the event loop a turn."""
        gap = self._factor() / self._tempo.rate if self._started else self._first
        self._started = True
        await self.pause(gap)

    async def pause(self, seconds: float) -> None:
        """Wait for `seconds` more; the rest of the schedule moves with it."""
        now = self._tempo.clock()
        self._due = max(self._due, now - CATCH_UP) + seconds
        await self._tempo.sleep(max(0.0, self._due - now))

    def _factor(self) -> float:
        return 1 + self._random.uniform(-1, 1) * self._tempo.jitter
