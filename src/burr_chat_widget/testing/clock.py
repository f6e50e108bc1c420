"""Time for tests."""

from __future__ import annotations

__all__ = ["FakeClock"]


class FakeClock:
    """Time that stands still until somebody sleeps, or it is moved. Called, it says what time it is, in seconds.

    Attributes:
        now: what time it is.
        slept: how long each sleep was, in seconds.

    Example:
        >>> clock = FakeClock()
        >>> model = scripted_model("lesson.jsonl", speed=1, sleep=clock.sleep)
    """

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """What `asyncio.sleep` is in place of which it stands; no time passes but this clock's."""
        self.slept.append(seconds)
        self.now += seconds
