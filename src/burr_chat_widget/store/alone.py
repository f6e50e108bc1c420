"""One writer at a time: nobody else saves between looking which row is the newest and saving the next one."""

from __future__ import annotations

import contextlib
import logging
import zlib
from collections.abc import Callable, Generator
from typing import Any

from burr.core.persistence import BaseStatePersister

from .awaited import AwaitedPersister

__all__ = ["alone", "driver_of", "roll_back"]

logger = logging.getLogger(__name__)

PATIENCE = 30
"""Seconds after which Redis gives the lock of a kernel that has died to the next one."""


def driver_of(connection: object) -> str:
    """The package that a persister's connection is of: `sqlite3`, `asyncpg`, ..."""
    return type(connection).__module__.partition(".")[0]


def roll_back(persister: Any) -> None:
    """Give up the transaction that a failed `save` has left open, if the persister or its connection knows of any."""
    own = getattr(persister, "rollback", None)
    give_up = own or getattr(getattr(persister, "connection", None), "rollback", None)
    if give_up is not None:
        give_up()


@contextlib.contextmanager
def alone(persister: BaseStatePersister, name: str) -> Generator[None]:
    """In here is nobody else who comes in by this door, on whatever machine.

    It is a transaction of SQLite's and PostgreSQL's, which is taken back when something raises, or a lock of Redis'. With other
    stores, and with a pool of connections, anybody may come in.

    Args:
        persister: one whose connection nobody else uses.
        name: what is locked.
    """
    connection: Any = getattr(getattr(persister, "inner", persister), "connection", None)
    driver = driver_of(connection)
    if driver in ("sqlite3", "aiosqlite"):
        waiting = _transaction(persister, driver, connection, ["BEGIN IMMEDIATE"])
    elif driver in ("psycopg2", "asyncpg"):
        lock = f"SELECT pg_advisory_xact_lock({zlib.crc32(name.encode())})"
        waiting = _transaction(persister, driver, connection, ["BEGIN", lock])
    elif driver == "redis":
        waiting = _lock(persister, connection.lock(f"{name}:lock", timeout=PATIENCE, thread_local=False))
    else:
        waiting = contextlib.nullcontext()
    with waiting:
        yield


@contextlib.contextmanager
def _transaction(persister: BaseStatePersister, driver: str, connection: Any, begin: list[str]) -> Generator[None]:
    """Burr's persisters end it when they save, all but asyncpg's, and psycopg2's where its connection commits by itself."""
    if _is_open(driver, connection):  # whoever set the connection up so wants to see to it
        yield
        return
    execute = connection.cursor().execute if driver == "psycopg2" else connection.execute
    for statement in begin:
        _do(persister, execute, statement)
    try:
        yield
    except BaseException:
        if _is_open(driver, connection):
            with contextlib.suppress(Exception):  # the connection is gone, and the transaction with it
                _do(persister, execute, "ROLLBACK")
        raise
    if _is_open(driver, connection):
        _do(persister, execute, "COMMIT")


def _is_open(driver: str, connection: Any) -> bool:
    if driver == "psycopg2":
        return connection.info.transaction_status != 0
    return connection.is_in_transaction() if driver == "asyncpg" else connection.in_transaction


@contextlib.contextmanager
def _lock(persister: BaseStatePersister, lock: Any) -> Generator[None]:
    _do(persister, lock.acquire)
    try:
        yield
    finally:
        try:
            _do(persister, lock.release)
        except Exception:
            logger.debug("a lock could not be given back", exc_info=True)  # it runs out by itself


def _do(persister: BaseStatePersister, call: Callable[..., Any], *args: str) -> Any:
    return persister.wait(lambda: call(*args)) if isinstance(persister, AwaitedPersister) else call(*args)
