"""One turn at a time for a conversation, across requests, workers and machines.

Whoever wants to run a turn takes the conversation's lock, or hears at once that somebody has it. What a process holds is free when it
dies. The lock is beside the store, and of the same kind:

- PostgreSQL: an advisory lock of a session of its own, which the server frees when the connection ends. A pooler between the two must
  not hand that session to others (PgBouncer: `pool_mode = session`).
- Redis: a key that runs out after `LEASE` seconds, and is renewed while a turn runs.
- a SQLite file: a lock of the operating system's on an empty file in a folder beside it, one for each conversation. Folders on network
  file systems that do not lock are not safe for several processes.
- any other persister: nothing but the process itself keeps turns apart. What a second process saves is noticed by the store's own check,
  and its turn fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib
import logging
from pathlib import Path
from typing import Any, Protocol

from burr_chat_widget.store import DEFAULT_STORE, Store, file_of

__all__ = ["LEASE", "Locks", "TurnLock", "locks_of"]

logger = logging.getLogger(__name__)

LEASE = 10.0
"""Seconds after which Redis frees the lock of a worker that has died. It is renewed three times as often."""


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
    """The locks of all conversations of a store."""

    def of(self, project_id: str, app_id: str) -> TurnLock:
        """The lock of that conversation."""
        ...

    async def close(self) -> None:
        """Let go of connections, and with them of all that is held."""
        ...


def locks_of(store: Store | None) -> Locks:
    """The locks that fit a store: see above. Nothing is opened yet."""
    if isinstance(store, str) and store.startswith(("postgresql://", "postgres://")):
        return _PostgreSQLLocks(store)
    if isinstance(store, str) and store.startswith(("redis://", "rediss://")):
        return _RedisLocks(store)
    path = file_of(DEFAULT_STORE if store is None else store)
    return _NoLocks() if path is None else _FileLocks(path)


def _digest(project_id: str, app_id: str) -> bytes:
    """No path and no key is made of what clients have sent."""
    return hashlib.sha256(f"{len(project_id)}:{project_id}{app_id}".encode()).digest()


class _NoLock:
    async def acquire(self) -> bool:
        return True

    async def release(self) -> None:
        pass


class _NoLocks:
    """The process alone keeps turns apart."""

    def of(self, project_id: str, app_id: str) -> TurnLock:  # noqa: ARG002 -- all are the same
        return _NoLock()

    async def close(self) -> None:
        pass


class _FileLocks:
    def __init__(self, path: Path) -> None:
        self._folder = path.with_name(f"{path.name}.turns")

    def of(self, project_id: str, app_id: str) -> TurnLock:
        return _FileLock(self._folder / f"{_digest(project_id, app_id).hex()}.lock")

    async def close(self) -> None:
        pass


class _FileLock:
    def __init__(self, path: Path) -> None:
        filelock: Any = importlib.import_module("filelock")
        self._busy: type[Exception] = filelock.Timeout
        self._folder = path.parent
        # Taken and given back on whatever thread is free.
        self._lock: Any = filelock.FileLock(path, thread_local=False)

    async def acquire(self) -> bool:
        return await asyncio.to_thread(self._acquire)

    def _acquire(self) -> bool:
        self._folder.mkdir(exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except self._busy:
            return False
        return True

    async def release(self) -> None:
        await asyncio.to_thread(self._lock.release)


class _PostgreSQLLocks:
    """A session holds as many advisory locks as it likes: one connection does for all turns of a process."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None
        self._one_at_a_time = asyncio.Lock()

    def of(self, project_id: str, app_id: str) -> TurnLock:
        key = int.from_bytes(_digest(project_id, app_id)[:8], "big", signed=True)
        return _PostgreSQLLock(self, key)

    async def ask(self, function: str, key: int, *, of: Any = None) -> tuple[bool, Any]:
        """What that function says of the key, and the connection that was asked: `of`, and no other, where that is given."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._ask, function, key, of)

    def _ask(self, function: str, key: int, of: Any) -> tuple[bool, Any]:
        driver: Any = importlib.import_module("psycopg2")
        if of is not None and of is not self._connection:
            return False, of  # that one is gone, and what it held is free
        if self._connection is None:
            self._connect(driver)
        try:
            return self._execute(function, key), self._connection
        except (driver.OperationalError, driver.InterfaceError):
            # The server was restarted, or has ended an idle connection: what it held is free.
            self._disconnect()
            if of is not None:
                return False, of
        self._connect(driver)
        return self._execute(function, key), self._connection

    def _execute(self, function: str, key: int) -> bool:
        with self._connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", (key,))
            return bool(cursor.fetchone()[0])

    def _connect(self, driver: Any) -> None:
        connection = driver.connect(self._url, application_name="burr-chat turns")
        connection.autocommit = True
        with connection.cursor() as cursor:
            # A worker whose machine is gone is noticed by the server within a minute.
            cursor.execute(
                "SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 4"
            )
        self._connection = connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.close()

    async def close(self) -> None:
        async with self._one_at_a_time:
            await asyncio.to_thread(self._disconnect)


class _PostgreSQLLock:
    def __init__(self, locks: _PostgreSQLLocks, key: int) -> None:
        self._locks = locks
        self._key = key
        self._held_by: Any = None

    async def acquire(self) -> bool:
        free, connection = await self._locks.ask("pg_try_advisory_lock", self._key)
        self._held_by = connection if free else None
        return free

    async def release(self) -> None:
        connection, self._held_by = self._held_by, None
        if connection is not None:
            await self._locks.ask("pg_advisory_unlock", self._key, of=connection)


class _RedisLocks:
    def __init__(self, url: str) -> None:
        driver: Any = importlib.import_module("redis")
        self._connection: Any = driver.Redis.from_url(url)

    def of(self, project_id: str, app_id: str) -> TurnLock:
        return _RedisLock(self._connection, f"burr-chats turn:{_digest(project_id, app_id).hex()}")

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

    async def release(self) -> None:
        renewing, self._renewing = self._renewing, None
        if renewing is not None:
            renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewing
        with contextlib.suppress(Exception):  # it has run out, or the server is gone
            await asyncio.to_thread(self._lock.release)
