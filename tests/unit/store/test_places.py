"""Which stores are the same place: a conversation has one chat there, by whatever way its store was opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from burr.core.persistence import InMemoryPersister, SQLitePersister
from burr.integrations.persisters.b_aiosqlite import AsyncSQLitePersister

from burr_chat_widget.store import Place, open_place

from .conftest import STORES, MakeStore, async_postgresql, async_redis, fresh_database


class Places:
    """Opens stores, and closes them at the end."""

    def __init__(self) -> None:
        self.opened: list[Place] = []

    def key(self, store: Any) -> str:
        self.opened.append(open_place(store))
        return self.opened[-1].key


@pytest.fixture
def places() -> Iterator[Places]:
    places = Places()
    yield places
    for place in places.opened:
        persister: Any = place.persister
        if place.owned:
            persister.cleanup()


@pytest.mark.parametrize("store", STORES, indirect=True)
def test_the_same_cell_twice_is_one_place(store: MakeStore, places: Places) -> None:
    assert places.key(store()) == places.key(store())


def test_a_file_is_one_place_however_it_is_opened(places: Places, tmp_path: Path) -> None:
    class Mine(SQLitePersister):
        """Not opened anew."""

    (tmp_path / "link").symlink_to(tmp_path / "chats")
    path = str(tmp_path / "chats")
    mine = Mine(path, connection=sqlite3.connect(path, check_same_thread=False))
    stores = [path, tmp_path / "link", AsyncSQLitePersister.from_values(path), mine]
    assert len({places.key(store) for store in stores}) == 1
    assert places.key(tmp_path / "others") != places.key(path)
    assert places.key(AsyncSQLitePersister.from_values(path, table_name="other")) != places.key(path)


def test_a_server_is_one_place_however_it_is_reached(places: Places, postgresql_url: str, redis_url: str) -> None:
    one, other = fresh_database(postgresql_url), fresh_database(postgresql_url)
    assert places.key(one) == places.key(async_postgresql(one))
    assert len({places.key(store) for store in (one, other, async_postgresql(other))}) == 2
    assert places.key(redis_url) == places.key(redis_url)
    assert len({places.key(redis_url), places.key(redis_url[:-1] + "1"), places.key(async_redis(redis_url))}) == 3


def test_what_does_not_say_what_it_connects_to_is_known_by_its_kind(places: Places) -> None:
    assert places.key(InMemoryPersister()) == places.key(InMemoryPersister())
