"""SQLite connections are bound to the thread that made them; turns run on another one."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, TypeGuard, cast

from burr.core import Application
from burr.core.persistence import SQLitePersister

from burr_chat_widget.bridge import persister_hooks

__all__ = ["free_of_threads", "on_file", "sqlite_persister", "unbound"]

PATIENCE = 30.0
"""Seconds that a step waits for other processes that are saving theirs."""


def sqlite_persister(path: str | Path, **options: Any) -> SQLitePersister:
    """Burr's own persister on a file, with a connection that any thread may use, one at a time. Its copies are the same."""
    given: dict[str, Any] = options.pop("connect_kwargs", None) or {}
    connect: dict[str, Any] = {"timeout": PATIENCE, **given, "check_same_thread": False}
    # Burr's own connecting, where it fails, leaves a persister that cannot be deleted in silence.
    connection = sqlite3.connect(str(path), **connect)
    return SQLitePersister(str(path), connect_kwargs=connect, connection=connection, **options)


def on_file(persister: object) -> TypeGuard[SQLitePersister]:
    """Whether it is a SQLite persister whose database is a file, which a second connection can be opened on."""
    if type(persister) is not SQLitePersister:
        return False
    path = str(persister.db_path)
    return path not in ("", ":memory:") and not path.startswith("file:")


def unbound(persister: SQLitePersister) -> SQLitePersister:
    """Another persister on the same file, for any thread."""
    return sqlite_persister(
        persister.db_path,
        table_name=persister.table_name,
        serde_kwargs=cast("dict[str, Any]", cast(Any, persister).serde_kwargs),
        connect_kwargs=getattr(persister, "_connect_kwargs", None),
    )


def free_of_threads(app: Application[Any]) -> None:
    """Let the application's own SQLite persister save on any thread: its hook gets a connection of its own to the same file.

    A database in memory is left as it is: it has one connection only.
    """
    for hook in persister_hooks(app):
        if on_file(hook.persister):
            hook.persister = unbound(hook.persister)
