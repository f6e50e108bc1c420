"""One turn at a time for a conversation, across requests, workers and machines.

Whoever wants to run a turn takes the conversation's lock, or hears at once that somebody has it. What a process holds is free when it
dies. The lock is beside the store, and of the same kind:

- PostgreSQL: an advisory lock of a session of its own, which the server frees when the connection ends; while a turn runs it is taken
  again then. A pooler between the two must not hand that session to others (PgBouncer: `pool_mode = session`).
- Redis: a key that runs out after `LEASE` seconds, and is renewed while a turn runs, or made again.
- a SQLite file: a lock of the operating system's on an empty file in a folder beside it, one for each conversation. Folders on network
  file systems that do not lock are not safe for several processes.
- any other persister: nothing but the process itself keeps turns apart. What a second process saves is noticed by the store's own check,
  and its turn fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
from collections.abc import Collection
from pathlib import Path
from typing import Any, Protocol

from burr_chat_widget.store import DEFAULT_STORE, Store, file_of, redis_connection

__all__ = ["LEASE", "Locks", "TurnLock", "locks_of"]

logger = logging.getLogger(__name__)

LEASE = 10.0
"""Seconds after which Redis frees the lock of a worker that has died. It is renewed three times as often."""

CHECK = 1.0
"""Seconds between two looks whether a PostgreSQL still knows who has what, while turns run: one query for all of them."""


class TurnLock(Protocol):
    """The lock of one conversation. What holds it knows that it does: it is not taken twice."""

    async def acquire(self) -> bool:
        """Take it, without waiting; says whether it was free.

        Raises:
            Exception: the driver's own, where the store cannot be reached.
        """
        ...

    async def release(self) -> None:
        """Give it back. Where that is not possible, it is free when the connection ends or the lease runs out."""
        ...


class Locks(Protocol):
    """The locks of all conversations of a store. These are named by their digests: see `conversation_name`."""

    def of(self, conversation: str) -> TurnLock:
        """The lock of that conversation."""
        ...

    async def taken(self, conversations: Collection[str]) -> set[str]:
        """Those of them whose lock another process has. Whose locks this process has itself is not asked for.

        Raises:
            Exception: the driver's own, where the store cannot be reached.
        """
        ...

    async def close(self) -> None:
        """Let go of connections, and with them of all that is held."""
        ...


def locks_of(store: Store | None) -> Locks:
    """The locks that fit a store: see above. Nothing is opened yet."""
    if isinstance(store, str) and store.startswith(("postgresql://", "postgres://")):
        from .locks_postgresql import PostgreSQLLocks  # which needs what is here

        return PostgreSQLLocks(store)
    if isinstance(store, str) and store.startswith(("redis://", "rediss://")):
        return _RedisLocks(store)
    path = file_of(DEFAULT_STORE if store is None else store)
    return _NoLocks() if path is None else _FileLocks(path)


class _NoLock:
    async def acquire(self) -> bool:
        return True

    async def release(self) -> None:
        pass


class _NoLocks:
    """The process alone keeps turns apart."""

    def of(self, conversation: str) -> TurnLock:  # noqa: ARG002 -- all are the same
        return _NoLock()

    async def taken(self, conversations: Collection[str]) -> set[str]:  # noqa: ARG002 -- nobody else has any
        return set()

    async def close(self) -> None:
        pass


class _FileLocks:
    def __init__(self, path: Path) -> None:
        self._folder = path.with_name(f"{path.name}.turns")

    def of(self, conversation: str) -> TurnLock:
        return self._of(conversation)

    def _of(self, conversation: str) -> _FileLock:
        return _FileLock(self._folder / f"{conversation}.lock")

    async def taken(self, conversations: Collection[str]) -> set[str]:
        return await asyncio.to_thread(lambda: {each for each in conversations if self._of(each).taken()})

    async def close(self) -> None:
        pass


class _FileLock:
    def __init__(self, path: Path) -> None:
        filelock: Any = importlib.import_module("filelock")
        self._busy: type[Exception] = filelock.Timeout
        self._path = path
        # Taken and given back on whatever thread is free.
        self._lock: Any = filelock.FileLock(path, thread_local=False)

    async def acquire(self) -> bool:
        return await asyncio.to_thread(self._acquire)

    def _acquire(self) -> bool:
        self._path.parent.mkdir(exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except self._busy:
            return False
        return True

    def taken(self) -> bool:
        """Whether another one has it: only who tries to take it can tell."""
        if not self._path.exists():
            return False
        free = self._acquire()
        if free:
            self._lock.release()
        return not free

    async def release(self) -> None:
        await asyncio.to_thread(self._lock.release)


def _redis_key(conversation: str) -> str:
    return f"burr-chats turn:{conversation}"


class _RedisLocks:
    def __init__(self, url: str) -> None:
        self._connection: Any = redis_connection(url)

    def of(self, conversation: str) -> TurnLock:
        return _RedisLock(self._connection, _redis_key(conversation))

    async def taken(self, conversations: Collection[str]) -> set[str]:
        keys = [*conversations]
        if not keys:
            return set()
        values = await asyncio.to_thread(self._connection.mget, [*map(_redis_key, keys)])
        return {key for key, value in zip(keys, values, strict=True) if value is not None}

    async def close(self) -> None:
        await asyncio.to_thread(self._connection.close)


class _RedisLock:
    def __init__(self, connection: Any, name: str) -> None:
        self._lock: Any = connection.lock(name, timeout=LEASE, blocking=False, thread_local=False)
        self._renewing: asyncio.Task[None] | None = None

    async def acquire(self) -> bool:
        if not await asyncio.to_thread(self._lock.acquire):
            return False
        self._renewing = asyncio.create_task(self._renew())
        return True

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(LEASE / 3)
            try:
                await asyncio.to_thread(self._lock.reacquire)
            except Exception:
                # If somebody else has it now, what they save is noticed by the store's own check.
                logger.warning("the lock of a running turn could not be renewed", exc_info=True)
                with contextlib.suppress(Exception):  # a Redis that was restarted has forgotten it
                    await asyncio.to_thread(self._lock.acquire)

    async def release(self) -> None:
        renewing, self._renewing = self._renewing, None
        if renewing is not None:
            renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewing
        with contextlib.suppress(Exception):  # it has run out, or the server is gone
            await asyncio.to_thread(self._lock.release)
