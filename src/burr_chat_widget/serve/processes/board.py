"""What processes that share a store tell each other: what they wish, and what is told of their turns.

A notice board beside the store, and of the same kind: tables of its own in a PostgreSQL, keys of a Redis, files in the folder of the
locks of a SQLite file. A store that is an object of the user's has none, but for a SQLite persister on a file.

Nothing on it is needed for long. What nobody takes down is gone some minutes later: by itself in a Redis, else whoever writes next
sees to it.
"""

from __future__ import annotations

from typing import Protocol

from burr_chat_widget.store import DEFAULT_STORE, Store, file_of

__all__ = ["CHUNK", "KEEP", "WISHED", "Board", "Lost", "board_of"]

KEEP = 600.0
"""Seconds for which a turn can be read after its end."""

WISHED = 60.0
"""Seconds after which a wish is forgotten: who wished it has taken it down, or has died."""

CHUNK = 1_000_000
"""So many bytes are read at once, about."""


class Lost(Exception):
    """A log is not there any more, or not all of it: a restarted store has forgotten it."""


class Board(Protocol):
    """Used on one loop. All names are digests: see `names`. Every method raises the driver's own where the store cannot be reached.

    Logs are bytes to which is added at the end. To write the same at the same place twice does no harm.
    """

    async def wish(self, wish: str) -> None:
        """Put up a wish; the same one twice is one."""
        ...

    async def wishes(self) -> set[str]:
        """All that is wished, by whomever: one query."""
        ...

    async def take_down(self, wishes: set[str]) -> None:
        """These are not wished any more."""
        ...

    async def write(self, log: str, at: int, data: bytes) -> None:
        """Add to a log, which has `at` bytes already. With nothing to add it is kept longer.

        Raises:
            Lost: if it has not; then nothing is added.
        """
        ...

    async def read(self, log: str, at: int) -> bytes:
        """Some of a log from byte `at` on; empty where there is no more."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def board_of(store: Store | None) -> Board | None:
    """The board that belongs to a store; None where processes cannot share it. Nothing is opened yet."""
    # Each implementation is imported where it is needed: its driver may not be installed.
    if isinstance(store, str) and store.startswith(("postgresql://", "postgres://")):
        from .board_postgresql import PostgreSQLBoard

        return PostgreSQLBoard(store)
    if isinstance(store, str) and store.startswith(("redis://", "rediss://")):
        from .board_redis import RedisBoard

        return RedisBoard(store)
    path = file_of(DEFAULT_STORE if store is None else store)
    if path is None:
        return None
    from .board_files import FileBoard

    return FileBoard(path)
