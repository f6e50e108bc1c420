"""Connections to a PostgreSQL or a Redis by its URL: one that does not answer is given up after seconds, not after minutes.

What the URL says of its own about that counts: `?connect_timeout=30`, `?tcp_user_timeout=60000`, `?socket_timeout=60`.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import socket
from collections.abc import Generator
from math import inf
from typing import Any

from burr_chat_widget.errors import StoreError
from burr_chat_widget.transport.deadlines import Deadlines

__all__ = ["CONNECT", "postgresql_connection", "redis_connection"]

CONNECT = 5
"""Seconds that it may take to connect, in whole ones."""

SILENCE = 30
"""Seconds after which a statement that is not answered is given up, whatever the server waits for: a lock, a disk."""

_deadlines = Deadlines()


def postgresql_connection(url: str, **options: Any) -> Any:
    """A connection of psycopg2's. Raises its errors, and ImportError without it.

    Each statement raises StoreError where it is not answered in time; the connection is of no use then.
    """
    driver: Any = importlib.import_module("psycopg2")
    extensions: Any = importlib.import_module("psycopg2.extensions")
    said = extensions.parse_dsn(url)
    if "PGCONNECT_TIMEOUT" not in os.environ:
        options = {"connect_timeout": CONNECT, **options}
    ours = {"keepalives_idle": SILENCE, "tcp_user_timeout": SILENCE * 1000, **options}
    added = {name: value for name, value in ours.items() if name not in said}
    seconds = int(said.get("tcp_user_timeout", SILENCE * 1000)) / 1000
    return driver.connect(url, cursor_factory=_bounded_cursor(seconds if seconds > 0 else inf), **added)


def redis_connection(url: str) -> Any:
    """A client of redis-py's, which connects when it is used. Raises ImportError without it."""
    driver: Any = importlib.import_module("redis")
    return driver.Redis.from_url(url, socket_connect_timeout=CONNECT, socket_timeout=SILENCE)


@functools.cache
def _bounded_cursor(seconds: float) -> type[Any]:
    """The class of cursors whose statements are answered in time. psycopg2 itself waits for ever, as long as the machine is there."""
    driver: Any = importlib.import_module("psycopg2")
    extensions: Any = importlib.import_module("psycopg2.extensions")

    class BoundedCursor(extensions.cursor):
        def execute(self, *args: Any) -> None:
            with _in_time(self.connection, seconds, driver.Error):
                super().execute(*args)  # pyright: ignore[reportUnknownMemberType] -- the driver has no types

    return BoundedCursor


@contextlib.contextmanager
def _in_time(connection: Any, seconds: float, failed: type[Exception]) -> Generator[None]:
    with _deadlines.within(seconds, lambda: _cut(connection)) as was_cut:
        try:
            yield
        except failed as error:
            if not was_cut():
                raise
            info = connection.info
            raise StoreError(
                f"the PostgreSQL at {info.host}:{info.port}/{info.dbname} has not answered for {seconds:g} s",
                remedy="see what holds it up, such as a lock, its disk or its load, then open the conversation again; in its address "
                "?tcp_user_timeout=60000, in milliseconds, says how long it is waited for",
            ) from error


def _cut(connection: Any) -> None:
    """Whoever waits for an answer is told that none comes. What was under way is rolled back when the server sees it."""
    try:
        way = socket.socket(fileno=connection.fileno())
    except Exception:  # it is closed already, in the driver's words or the system's
        return
    with contextlib.suppress(OSError):
        way.shutdown(socket.SHUT_RDWR)
    way.detach()  # the driver closes it
