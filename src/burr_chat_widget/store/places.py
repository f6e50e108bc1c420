"""What `store=` may be, and the persister that it stands for."""

from __future__ import annotations

import importlib
import inspect
import logging
import os
import warnings
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from burr.core.persistence import (
    AsyncBaseStateLoader,
    AsyncBaseStatePersister,
    AsyncBaseStateSaver,
    BaseStateLoader,
    BaseStatePersister,
    BaseStateSaver,
)

from burr_chat_widget.errors import StoreError

from .alone import driver_of
from .awaited import AwaitedPersister
from .servers import postgresql_connection, redis_connection
from .sqlite import on_file, sqlite_persister, unbound

__all__ = ["DEFAULT_STORE", "Place", "Store", "file_of", "open_place"]

logger = logging.getLogger(__name__)

DEFAULT_STORE = "burr-chats.sqlite"
"""The file that conversations are kept in: in the folder where the kernel runs, which is the notebook's."""

REDIS_NAMESPACE = "burr-chats"
"""What the keys in a Redis begin with."""

Store: TypeAlias = (
    "str | os.PathLike[str] | BaseStatePersister | AsyncBaseStatePersister | Awaitable[AsyncBaseStatePersister]"
)
"""A path of a SQLite file; a URL of a PostgreSQL or Redis; a persister of Burr's, or an awaitable of an async one."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """An open store.

    Attributes:
        key: the same for the same place, within this process: where a persister does not say what it connects to, for its kind.
        persister: sync, ready to load and save, on any thread.
        owned: whether it was opened here, and is closed here.
    """

    key: str
    persister: BaseStatePersister
    owned: bool


def open_place(store: Store | None) -> Place:
    """Open a store.

    Raises:
        StoreError: if it cannot be opened, or is none.
    """
    if store is None:
        store = DEFAULT_STORE
    if isinstance(store, str) and "://" in store:
        place = _of_url(store)
    elif isinstance(store, str | os.PathLike):
        place = _of_path(Path(store))
    else:
        place = _of_object(store)
    try:
        _initialize(place.persister)
    except Exception as error:
        raise StoreError(
            f"the store cannot be used: {error}",
            remedy="an async persister that is connected already is bound to the loop of its cell: pass it without await, "
            "as store=AsyncPostgreSQLPersister.from_values(...)"
            if isinstance(place.persister, AwaitedPersister)
            else None,
        ) from error
    return place


def file_of(store: Store) -> Path | None:
    """The SQLite file that a store is, None where it is none."""
    if isinstance(store, str) and "://" in store:
        return None
    if isinstance(store, str | os.PathLike):
        return Path(store).expanduser().resolve()
    return Path(store.db_path).resolve() if on_file(store) else None


def _initialize(persister: BaseStatePersister) -> None:
    try:
        ready = persister.is_initialized()
    except NotImplementedError:  # Burr: it needs nothing
        return
    if ready:
        return
    try:
        persister.initialize()
    except Exception:
        if not persister.is_initialized():  # else another process has done so at the same moment
            raise


def _of_path(path: Path) -> Place:
    path = path.expanduser().absolute()
    if not path.parent.is_dir():
        raise StoreError(
            f"there is no folder {str(path.parent)!r} for the store", remedy="make it, or name another path"
        )
    try:
        persister = sqlite_persister(path)
    except Exception as error:
        raise StoreError(f"the store {str(path)!r} cannot be opened: {error}", remedy="name another file") from error
    return Place(key=_whereabouts(persister), persister=persister, owned=True)


def _whereabouts(persister: BaseStatePersister) -> str:
    """What the persister connects to, as far as that can be told; else its kind."""
    inner: Any = getattr(persister, "inner", persister)
    within = getattr(inner, "table_name", None) or getattr(inner, "namespace", "")
    where = None
    try:
        where = _connected_to(persister, getattr(inner, "connection", None))
    except Exception:  # a connection of another thread or loop: whether it can be used is seen later
        logger.debug("what %r connects to cannot be told", inner, exc_info=True)
    return f"{where or f'{type(inner).__module__}.{type(inner).__qualname__}'}#{within}"


def _connected_to(persister: BaseStatePersister, connection: Any) -> str | None:
    match driver_of(connection):
        case "sqlite3":
            return _file_of(connection.execute(_FILES).fetchall())
        case "aiosqlite" if isinstance(persister, AwaitedPersister):
            return _file_of(persister.wait(lambda: connection.execute_fetchall(_FILES)))
        case "psycopg2":
            return f"postgresql {connection.info.host}:{connection.info.port}/{connection.info.dbname}"
        case "asyncpg" if isinstance(persister, AwaitedPersister):
            found = persister.wait(lambda: connection.fetchrow(_SERVER))
            return f"postgresql {found[0]}:{found[1]}/{found[2]}"
        case "redis":
            address: Any = connection.connection_pool.connection_kwargs
            return "redis " + ":".join(str(address.get(name)) for name in ("host", "port", "path", "db"))
        case _:
            return None


_FILES = "PRAGMA database_list"
_SERVER = "SELECT host(inet_server_addr()), inet_server_port(), current_database()"


def _file_of(databases: Iterable[Sequence[Any]]) -> str | None:
    """The file of SQLite's main database; there is none when it is in memory."""
    file = next((file for _, name, file in databases if name == "main"), "")
    return str(Path(file).resolve()) if file else None


def _of_url(url: str) -> Place:
    parts = urlsplit(url)
    where = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"  # without the password
    try:
        if parts.scheme in ("postgresql", "postgres"):
            persister = _postgresql(url)
        elif parts.scheme in ("redis", "rediss"):
            persister = _redis(url)
        else:
            raise StoreError(
                f"store={where!r} is no store that is known here",
                remedy="pass the path of a SQLite file, postgresql://..., redis://..., or one of Burr's persisters",
            )
    except ImportError as error:
        extra = "redis" if parts.scheme.startswith("redis") else "postgres"
        raise StoreError(
            f"{where} needs a driver that is not installed: {error.__cause__ or error}",
            remedy=f"pip install 'burr-chat-widget[{extra}]'",
        ) from error
    except StoreError:
        raise
    except Exception as error:
        raise StoreError(f"the store at {where} cannot be opened: {error}") from error
    return Place(key=_whereabouts(persister), persister=persister, owned=True)


def _postgresql(url: str) -> BaseStatePersister:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python's, about an escape sequence in that module's docstring
        burrs: Any = importlib.import_module("burr.integrations.persisters.b_psycopg2")
    connection = postgresql_connection(url)
    connection.autocommit = True  # a row that is refused must not hold up those after it
    return burrs.PostgreSQLPersister(connection)


def _redis(url: str) -> BaseStatePersister:
    burrs: Any = importlib.import_module("burr.integrations.persisters.b_redis")
    connection = redis_connection(url)
    connection.ping()
    return burrs.RedisBasePersister(connection, namespace=REDIS_NAMESPACE)


def _of_object(store: object) -> Place:
    if isinstance(store, AsyncBaseStateLoader) and isinstance(store, AsyncBaseStateSaver):
        persister: Any = AwaitedPersister(store)  # pyright: ignore[reportArgumentType] -- a persister is both
    elif inspect.isawaitable(store):
        try:
            persister = AwaitedPersister(store)
        except Exception as error:
            raise StoreError(f"the store cannot be opened: {error}") from error
    elif isinstance(store, BaseStateLoader) and isinstance(store, BaseStateSaver):
        persister = store
        if on_file(store):
            persister = unbound(store)
            return Place(key=_whereabouts(persister), persister=persister, owned=True)
    else:
        raise StoreError(
            f"store={store!r} is no store: a {type(store).__name__} cannot both load and save states",
            remedy="pass the path of a SQLite file, postgresql://..., redis://..., or one of Burr's persisters",
        )
    return Place(
        key=_whereabouts(persister),
        persister=persister,
        owned=isinstance(persister, AwaitedPersister) and persister.owned,
    )
