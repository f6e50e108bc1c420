"""How much a server has open, and takes."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ServeLimits"]


@dataclass(frozen=True, kw_only=True)
class ServeLimits:
    """How much a process has open, and takes. Times in seconds.

    Attributes:
        conversations: the most that are open; of those that nobody needs the one goes that was not asked for longest.
        idle: one that nobody has asked for so long is closed.
        fresh: for so long what is asked for once may be older than what another process has saved. A stream begins with that.
        watch: a conversation that is listened to is looked after so often.
        streams: the most that are open.
        turns: the most that one client may begin within a minute, prompts that are refused among them.
        body: bytes that a request's body may have.
    """

    conversations: int = 1000
    idle: float = 900.0
    fresh: float = 1.0
    watch: float = 2.0
    streams: int = 1000
    turns: int = 60
    body: int = 1_000_000
