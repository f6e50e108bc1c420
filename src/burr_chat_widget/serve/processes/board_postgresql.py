"""The board in a PostgreSQL: two tables beside Burr's, made when they are first needed."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import time
from collections.abc import Callable
from typing import Any, TypeVar

from burr_chat_widget.store import postgresql_connection

from .board import KEEP, WISHED, Lost

__all__ = ["PostgreSQLBoard"]

T = TypeVar("T")

TABLES = """
CREATE UNLOGGED TABLE IF NOT EXISTS burr_chat_wishes (
    wish text PRIMARY KEY, wished timestamptz NOT NULL DEFAULT now()
);
CREATE UNLOGGED TABLE IF NOT EXISTS burr_chat_told (
    log text, at bigint, data bytea NOT NULL, told timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (log, at)
);
"""
"""Unlogged: what is lost in a crash of the server is needed by nobody."""

OLD = """
DELETE FROM burr_chat_told WHERE log IN (
    SELECT log FROM burr_chat_told GROUP BY log HAVING max(told) < now() - make_interval(secs => %s)
)
"""

WRITE = """
INSERT INTO burr_chat_told (log, at, data)
SELECT %(log)s, %(at)s, %(data)s WHERE %(at)s = 0 OR %(at)s = (
    SELECT at + octet_length(data) FROM burr_chat_told WHERE log = %(log)s AND at < %(at)s ORDER BY at DESC LIMIT 1
)
ON CONFLICT (log, at) DO UPDATE SET data = excluded.data, told = now() RETURNING at
"""

READ = """
SELECT at, data FROM burr_chat_told WHERE log = %(log)s AND at + octet_length(data) > %(at)s AND at >= (
    SELECT max(at) FROM burr_chat_told WHERE log = %(log)s AND at <= %(at)s
)
ORDER BY at LIMIT %(rows)s
"""

SWEEP = 60.0
"""Seconds between two looks at what is old, at least."""

ROWS = 16
"""So many pieces of a log are read at once, none of them longer than `CHUNK`."""


class PostgreSQLBoard:
    """See `Board`. One connection, which may be that of a pooler: each statement stands for itself.

    Args:
        url: of the database.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None
        self._driver: Any = None
        self._swept = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def wish(self, wish: str) -> None:
        """See `Board`."""
        await self._do(
            "INSERT INTO burr_chat_wishes (wish) VALUES (%s) ON CONFLICT (wish) DO UPDATE SET wished = now()", wish
        )

    async def wishes(self) -> set[str]:
        """See `Board`."""
        rows = await self._do("SELECT wish FROM burr_chat_wishes")
        return {wish for (wish,) in rows}

    async def take_down(self, wishes: set[str]) -> None:
        """See `Board`."""
        await self._do("DELETE FROM burr_chat_wishes WHERE wish = ANY(%s)", [*wishes])

    async def write(self, log: str, at: int, data: bytes) -> None:
        """See `Board`."""
        if not await self._do(WRITE, log=log, at=at, data=data):
            raise Lost(log)
        if time.monotonic() - self._swept >= SWEEP:
            self._swept = time.monotonic()
            await self._do("DELETE FROM burr_chat_wishes WHERE wished < now() - make_interval(secs => %s)", WISHED)
            await self._do(OLD, KEEP)

    async def read(self, log: str, at: int) -> bytes:
        """See `Board`."""
        rows = await self._do(READ, log=log, at=at, rows=ROWS)
        return b"".join(bytes(data[max(at - start, 0) :]) for start, data in rows)

    async def close(self) -> None:
        """See `Board`."""
        async with self._one_at_a_time:
            await asyncio.to_thread(self._disconnect)

    async def _do(self, statement: str, *values: Any, **named: Any) -> list[tuple[Any, ...]]:
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._again_where_cut, lambda: self._execute(statement, named or values))

    def _again_where_cut(self, do: Callable[[], T]) -> T:
        """The server may have ended a connection that was idle. All that is done here may be done twice."""
        fresh = self._connection is None
        if fresh:
            self._connect()
        try:
            return do()
        except (self._driver.OperationalError, self._driver.InterfaceError):
            self._disconnect()
            if fresh:
                raise
        self._connect()
        return do()

    def _execute(self, statement: str, values: tuple[Any, ...] | dict[str, Any]) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return [] if cursor.description is None else cursor.fetchall()

    def _connect(self) -> None:
        self._driver = importlib.import_module("psycopg2")
        connection = postgresql_connection(self._url, application_name="burr-chat relay")
        connection.autocommit = True
        self._connection = connection
        try:
            self._make_tables()
        except BaseException:
            self._disconnect()
            raise

    def _make_tables(self) -> None:
        with contextlib.suppress(self._driver.errors.UndefinedTable):
            self._execute("SELECT FROM burr_chat_wishes, burr_chat_told LIMIT 0", ())
            return
        try:
            self._execute(TABLES, ())
        except self._driver.Error:
            # Somebody else makes them at the same moment; what is otherwise wrong is said by this one too.
            self._execute(TABLES, ())

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.close()
