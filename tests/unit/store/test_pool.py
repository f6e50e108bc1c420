"""Connections that many conversations share."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from burr.core import State

from burr_chat_widget.errors import ConversationMoved, StoreError
from burr_chat_widget.store import shared_place
from burr_chat_widget.store.kept import KeptPersister
from burr_chat_widget.store.pool import CONNECTIONS

from .conftest import MakeStore, fresh_database


@pytest.fixture
def place(store: MakeStore) -> Any:
    """Each kind of store, shared."""
    place, pool = shared_place(store())
    yield place
    pool.close()


def test_many_save_at_once_and_each_has_its_own(place: Any) -> None:
    names, steps = [f"c{n}" for n in range(12)], 4
    together = threading.Barrier(len(names))

    def write(name: str) -> list[str]:
        kept = KeptPersister(place.persister, "p", name, owned=place.owned)
        together.wait()
        for number in range(steps):
            kept.save("p", name, number, "a", State({"by": f"{name} {number}"}), "completed")
        return [kept.row(number)["state"]["by"] for number in range(steps)]  # pyright: ignore[reportOptionalSubscript]

    with ThreadPoolExecutor(len(names)) as pool:
        written = list(pool.map(write, names))
    assert written == [[f"{name} {number}" for number in range(steps)] for name in names]


def test_within_a_lending_the_same_one_is_lent_and_nobody_else_gets_it(tmp_path: Path) -> None:
    _, pool = shared_place(tmp_path / "chats.sqlite")
    order: list[str] = []
    with ThreadPoolExecutor(1) as other:
        with pool.lent() as first:

            def lent_elsewhere() -> None:
                with pool.lent():
                    order.append("elsewhere")

            waiting = other.submit(lent_elsewhere)
            with pool.lent() as again:
                assert again is first
            order.append("here")
        waiting.result()
    assert order == ["here", "elsewhere"]
    pool.close()


def test_there_are_no_more_connections_than_allowed_and_none_that_is_not_needed(postgresql_url: str) -> None:
    url = fresh_database(postgresql_url)
    _, pool = shared_place(url)
    together = threading.Barrier(CONNECTIONS + 3)

    def lend(_: int) -> int:
        together.wait()
        with pool.lent() as persister:
            return id(persister)

    pool.load("p", "a")
    with ThreadPoolExecutor(CONNECTIONS + 3) as threads:
        assert len(set(threads.map(lend, range(CONNECTIONS + 3)))) <= CONNECTIONS
    pool.close()


@pytest.mark.parametrize("looks", [True, False])
def test_a_connection_that_the_server_has_ended_is_made_anew(postgresql_url: str, *, looks: bool) -> None:
    url = fresh_database(postgresql_url)
    place, pool = shared_place(url)
    kept = KeptPersister(place.persister, "p", "a", owned=place.owned)
    kept.save("p", "a", 0, "x", State({"n": 0}), "completed")
    connection = psycopg2.connect(postgresql_url)
    connection.autocommit = True
    connection.cursor().execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (url.rpartition("/")[2],)
    )
    connection.close()
    if looks:
        kept.check()
    kept.save("p", "a", 1, "x", State({"n": 1}), "completed")
    assert kept.newest()["state"]["n"] == 1  # pyright: ignore[reportOptionalSubscript]
    pool.close()


def test_what_goes_wrong_with_one_conversation_is_nothing_to_the_next(tmp_path: Path) -> None:
    place, pool = shared_place(tmp_path / "chats.sqlite")
    first, second = (KeptPersister(place.persister, "p", name, owned=place.owned) for name in ("a", "b"))
    first.save("p", "a", 0, "x", State({"n": 0}), "completed")
    first.last = None  # as if somebody else had saved it
    with pytest.raises(ConversationMoved):
        first.save("p", "a", 1, "x", State({"n": 1}), "completed")
    with sqlite3.connect(tmp_path / "chats.sqlite") as connection:
        connection.execute(
            "INSERT INTO burr_state (partition_key, app_id, sequence_id, position, state, status) "
            "VALUES ('p', 'c', 0, 'x', 'no JSON', 'completed')"
        )
    connection.close()
    with pytest.raises(StoreError):
        KeptPersister(place.persister, "p", "c", owned=place.owned).newest()
    second.save("p", "b", 0, "x", State({"n": 0}), "completed")
    pool.close()
