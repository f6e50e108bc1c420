"""How much a server has open."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ServeLimits"]


@dataclass(frozen=True, kw_only=True)
class ServeLimits:
    """How much a process has open. Times in seconds.

    Attributes:
        conversations: the most that are open; of those that nobody needs the one goes that was not asked for longest.
        idle: one that nobody has asked for so long is closed.
        fresh: for so long what is seen may be older than what another process has saved.
        watch: a conversation that is listened to is looked after so often.
    """

    conversations: int = 1000
    idle: float = 900.0
    fresh: float = 1.0
    watch: float = 2.0
