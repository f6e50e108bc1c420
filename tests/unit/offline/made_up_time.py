"""A clock that only moves when somebody sleeps."""


class MadeUpTime:
    """Stands in for `time.monotonic` and `asyncio.sleep`; `slept` holds the seconds of each sleep."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
