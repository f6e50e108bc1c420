"""What can be made to go wrong, so that the ways a provider fails can be seen and tested."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

__all__ = ["NAMED", "Fault", "Faults"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong in one request; all of it may be combined.

    Counts are in tokens already sent. A count past the end of the answer takes effect at its end, so that a fault which
    was asked for is never silently left out.

    Attributes:
        status: an HTTP error status to answer with instead of a completion, such as 401, 429 or 500.
        retry_after: seconds in the `Retry-After` header that goes with `status`.
        first_token: seconds to the first token, instead of the configured time.
        stall_after: tokens after which the answer pauses for `stall` seconds.
        stall: length of that pause in seconds.
        malformed_after: tokens after which a chunk comes that is not JSON. Without streaming, the body is cut short.
        error_after: tokens after which the provider says in the stream that it failed, and ends it. Without streaming, the
            answer has the status 500.
        drop_after: tokens after which the connection is lost. Without streaming, there is no response at all.
        burst_after: tokens after which all the others come at once. Without streaming, the answer comes that much sooner.
        awkward: whether the body comes in pieces that end at awkward bytes, see `split_awkwardly`, its text in UTF-8 instead of
            escaped to ASCII. No reader that is right notices. Nothing happens without streaming.
    """

    status: int | None = None
    retry_after: float | None = None
    first_token: float | None = None
    stall_after: int | None = None
    stall: float = 10.0
    malformed_after: int | None = None
    error_after: int | None = None
    drop_after: int | None = None
    burst_after: int | None = None
    awkward: bool = False

    def __post_init__(self) -> None:
        """Refuse what no request could show."""
        if self.status is not None and not 400 <= self.status <= 599:
            raise ValueError(f"status={self.status!r} is not an error status; use one from 400 to 599")
        for name in (
            *("retry_after", "first_token", "stall_after", "stall"),
            *("malformed_after", "error_after", "drop_after", "burst_after"),
        ):
            value: float | None = getattr(self, name)
            if value is not None and value < 0:
                raise ValueError(f"{name}={value!r} is negative")


NAMED: Mapping[str, Fault] = {
    "slow first token": Fault(first_token=3),
    "stall": Fault(stall_after=8, stall=3),
    "dropped connection": Fault(drop_after=12),
    "error in mid-stream": Fault(error_after=12),
    "malformed chunk": Fault(malformed_after=12),
    "awkward bytes": Fault(awkward=True),
    "burst": Fault(burst_after=8),
}
"""What can be asked for by name."""


@dataclass(kw_only=True)
class Faults:
    """The faults of a client, request by request; may be changed while the client is in use.

    A request takes its fault when it starts. What changes later holds from the next request on.

        faults = Faults(at={1: Fault(drop_after=5)})
        client = offline.client(faults=faults)
        ...
        faults.every = Fault(status=429, retry_after=2)

    Attributes:
        every: the fault of every request that `at` does not name.
        at: faults by index of the request, from 0; only requests for completions count.
        once: the fault of the next streamed answer, by its name in `NAMED`; None again when that has begun.
    """

    every: Fault | None = None
    at: Mapping[int, Fault] = field(default_factory=dict[int, Fault])
    once: str | None = None
    _watchers: list[weakref.WeakMethod[Callable[[], object]]] = field(
        default_factory=list[weakref.WeakMethod[Callable[[], object]]], init=False, repr=False, compare=False
    )

    @property
    def names(self) -> list[str]:
        """The names of faults."""
        return list(NAMED)

    def watch(self, taken: Callable[[], object]) -> None:
        """Call a method each time a request has taken what `once` was, as long as its object is there."""
        self._watchers.append(weakref.WeakMethod(taken))

    def of_request(self, index: int, *, streamed: bool = False) -> Fault:
        """The fault of the request with this index; one without any effect when nothing is to go wrong."""
        if streamed and self.once is not None:
            name, self.once = self.once, None
            self._tell_taken()
            return NAMED[name]
        return self.at.get(index) or self.every or Fault()

    def _tell_taken(self) -> None:
        self._watchers = [watcher for watcher in self._watchers if watcher() is not None]
        for watcher in self._watchers:
            if (taken := watcher()) is not None:
                taken()
