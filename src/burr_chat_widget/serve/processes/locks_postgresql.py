"""Turns are kept apart by advisory locks of a PostgreSQL: see `locks`."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
from collections.abc import Collection
from typing import Any

from burr_chat_widget.store import postgresql_connection

from . import locks
from .locks import TurnLock

__all__ = ["PostgreSQLLocks"]

logger = logging.getLogger(__name__)

TAKE = "SELECT pg_try_advisory_lock(%s)"
IS_THERE = "SELECT %s"
GIVE_BACK = "SELECT pg_advisory_unlock(%s)"
TAKEN = """
SELECT array_agg(key) FROM (
    SELECT classid::bigint << 32 | objid::bigint AS key FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
) AS held WHERE key = ANY(%s::bigint[])
"""


def _key(conversation: str) -> int:
    return int.from_bytes(bytes.fromhex(conversation)[:8], "big", signed=True)


class PostgreSQLLocks:
    """A session holds as many advisory locks as it likes: one connection does for all turns of a process.

    Args:
        url: of the database.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None
        self._one_at_a_time = asyncio.Lock()
        self._held: set[_PostgreSQLLock] = set()
        self._checking: asyncio.Task[None] | None = None

    def of(self, conversation: str) -> TurnLock:
        """See `Locks`."""
        return _PostgreSQLLock(self, _key(conversation))

    async def taken(self, conversations: Collection[str]) -> set[str]:
        """See `Locks`."""
        keys = {_key(each): each for each in conversations}
        found, _ = await self.ask(TAKEN, [*keys])
        return {keys[key] for key in found or ()}

    async def ask(self, statement: str, value: Any, *, of: Any = None) -> tuple[Any, Any]:
        """What a statement gives, and the connection that was asked: `of`, and no other, where that is given."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._ask, statement, value, of)

    def _ask(self, statement: str, value: Any, of: Any) -> tuple[Any, Any]:
        driver: Any = importlib.import_module("psycopg2")
        if of is not None and of is not self._connection:
            return False, of  # that one is gone, and what it held is free
        if self._connection is None:
            self._connect()
        try:
            return self._execute(statement, value), self._connection
        except (driver.OperationalError, driver.InterfaceError):
            # The server was restarted, or has ended an idle connection: what it held is free.
            self._disconnect()
            if of is not None:
                return False, of
        self._connect()
        return self._execute(statement, value), self._connection

    def _execute(self, statement: str, value: Any) -> Any:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, (value,))
            return cursor.fetchone()[0]

    def _connect(self) -> None:
        connection = postgresql_connection(self._url, application_name="burr-chat turns")
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

    def hold(self, lock: _PostgreSQLLock) -> None:
        """It is to be held until `let_go`, whatever becomes of the connection."""
        self._held.add(lock)
        if self._checking is None or self._checking.done():
            self._checking = asyncio.create_task(self._check())

    def let_go(self, lock: _PostgreSQLLock) -> None:
        """It is not needed any more."""
        self._held.discard(lock)

    async def _check(self) -> None:
        failing = False
        while self._held:
            await asyncio.sleep(locks.CHECK)
            try:
                await self._take_again()
                failing = False
            except Exception:
                if not failing:
                    logger.warning("the locks of running turns could not be taken again", exc_info=True)
                failing = True

    async def _take_again(self) -> None:
        """The locks of a connection that has ended, of turns that run on."""
        for connection in {lock.held_by for lock in self._held}:
            is_there, _ = await self.ask(IS_THERE, True, of=connection)
            if not is_there:
                for lock in [each for each in self._held if each.held_by is connection]:
                    await lock.take_again()

    async def close(self) -> None:
        """See `Locks`."""
        if self._checking is not None:
            self._checking.cancel()
            await asyncio.wait({self._checking})
        async with self._one_at_a_time:
            await asyncio.to_thread(self._disconnect)


class _PostgreSQLLock:
    def __init__(self, locks: PostgreSQLLocks, key: int) -> None:
        self._locks = locks
        self._key = key
        self._one_at_a_time = asyncio.Lock()
        self.held_by: Any = None

    async def acquire(self) -> bool:
        async with self._one_at_a_time:
            return await self._take()

    async def release(self) -> None:
        async with self._one_at_a_time:
            self._locks.let_go(self)
            connection, self.held_by = self.held_by, None
            if connection is not None:
                await self._locks.ask(GIVE_BACK, self._key, of=connection)

    async def take_again(self) -> None:
        """The connection has ended. Where another process was quicker, what it saves is noticed by the store's own check."""
        async with self._one_at_a_time:
            if self.held_by is None:  # it was given back meanwhile
                return
            if not await self._take():
                logger.warning("another process runs a turn in a conversation whose lock was lost")
                self._locks.let_go(self)

    async def _take(self) -> bool:
        free, connection = await self._locks.ask(TAKE, self._key)
        self.held_by = connection if free else None
        if free:
            self._locks.hold(self)
        return free
