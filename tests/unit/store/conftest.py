"""Every kind of store, each empty."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from burr.core.persistence import AsyncInMemoryPersister, InMemoryPersister, SQLitePersister
from burr.integrations.persisters.b_aiosqlite import AsyncSQLitePersister
from burr.integrations.persisters.b_asyncpg import AsyncPostgreSQLPersister
from burr.integrations.persisters.b_redis import AsyncRedisBasePersister
from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from support.servers import or_skip, postgresql, redis


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL that all tests share."""
    yield from or_skip(postgresql())


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis that all tests share."""
    yield from or_skip(redis())


STORES = (
    "path", "sqlite", "async-sqlite", "memory", "async-memory", "postgresql", "async-postgresql", "redis", "async-redis",
)  # fmt: skip

MakeStore = Callable[[], Any]
"""Makes what is handed to `store=`, as the same cell would that is run again: always the same place."""


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> MakeStore:
    """Each kind of store."""
    return make_store(request.param, request, tmp_path)


def make_store(kind: str, request: pytest.FixtureRequest, folder: Path) -> MakeStore:
    path = str(folder / "chats.sqlite")
    if kind == "path":
        return lambda: path
    if kind == "sqlite":
        return lambda: default_sqlite(request, path, table_name="mine")
    if kind == "async-sqlite":
        return lambda: AsyncSQLitePersister.from_values(path)
    if kind in ("memory", "async-memory"):
        memory = InMemoryPersister() if kind == "memory" else AsyncInMemoryPersister()
        return lambda: memory
    if kind.endswith("postgresql"):
        url = fresh_database(request.getfixturevalue("postgresql_url"))
        return (lambda: url) if kind == "postgresql" else (lambda: async_postgresql(url))
    url = request.getfixturevalue("redis_url")
    with Redis.from_url(url) as connection:
        connection.flushall()
    return (lambda: url) if kind == "redis" else (lambda: async_redis(url))


def default_sqlite(request: pytest.FixtureRequest, path: str, **options: Any) -> SQLitePersister:
    """Burr's own, whose connection is bound to this thread.

    It closes its connection when it is collected, which raises on another thread, even for one that is closed already: at the
    test's end it is given one that any thread may close.
    """
    persister = SQLitePersister(path, **options)

    def let_go() -> None:
        persister.connection.close()
        persister.connection = sqlite3.connect(":memory:", check_same_thread=False)

    request.addfinalizer(let_go)
    return persister


def fresh_database(url: str) -> str:
    """The URL of an empty database on that server."""
    name = f"tests_{uuid.uuid4().hex}"
    connection = psycopg2.connect(url)
    connection.autocommit = True
    connection.cursor().execute(f"CREATE DATABASE {name}")
    connection.close()
    return url.replace("/postgres", f"/{name}")


def async_postgresql(url: str) -> Any:
    parts = urlsplit(url)
    return AsyncPostgreSQLPersister.from_values(
        parts.path[1:], parts.username or "", "", parts.hostname or "", parts.port or 0
    )


async def async_redis(url: str) -> Any:
    return AsyncRedisBasePersister(AsyncRedis.from_url(url))
