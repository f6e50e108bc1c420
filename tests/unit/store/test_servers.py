"""A PostgreSQL or a Redis that does not answer is given up soon, and the error says so."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
import uuid
from collections.abc import Iterator

import psycopg2
import pytest
from burr.core import State

from burr_chat_widget.errors import StoreError
from burr_chat_widget.serve.processes.board import board_of
from burr_chat_widget.serve.processes.locks import locks_of
from burr_chat_widget.serve.processes.names import conversation_name
from burr_chat_widget.store import open_place, postgresql_connection, redis_connection, servers, shared_place
from burr_chat_widget.store.kept import KeptPersister

PATIENCE = 60.0


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a server that lets everybody in and says nothing; in the end it goes away."""
    monkeypatch.setattr(servers, "CONNECT", 2)
    monkeypatch.setattr(servers, "SILENCE", 2)
    monkeypatch.delenv("PGCONNECT_TIMEOUT", raising=False)
    open_: list[socket.socket] = []
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)

        def take_all() -> None:
            while not done.is_set():
                with contextlib.suppress(TimeoutError):
                    open_.append(listener.accept()[0])

        def leave() -> None:
            done.wait(PATIENCE)
            done.set()
            for each in open_:
                each.close()

        threads = [threading.Thread(target=target) for target in (take_all, leave)]
        for thread in threads:
            thread.start()
        yield listener.getsockname()[1]
        done.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("url", ["postgresql://me:secret@127.0.0.1:{}/chats", "redis://:secret@127.0.0.1:{}/0"])
def test_a_store_that_says_nothing_cannot_be_opened(url: str, silent: int) -> None:
    with pytest.raises(
        StoreError, match=r"at (postgresql|redis)://127.0.0.1:\d+\S* cannot be opened: .*(?i:time)"
    ) as raised:
        open_place(url.format(silent))
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("url", ["postgresql://me@127.0.0.1:{}/chats", "redis://127.0.0.1:{}/0"])
async def test_nor_can_a_turn_be_locked_there(url: str, silent: int) -> None:
    locks = locks_of(url.format(silent))
    with pytest.raises(Exception, match=r"(?i)time"):
        await asyncio.wait_for(locks.of(conversation_name("p", "a")).acquire(), PATIENCE)
    await locks.close()


@pytest.mark.parametrize("url", ["postgresql://me@127.0.0.1:{}/chats", "redis://127.0.0.1:{}/0"])
async def test_nor_can_other_processes_be_told_anything_there(url: str, silent: int) -> None:
    board = board_of(url.format(silent))
    assert board is not None
    with pytest.raises(Exception, match=r"(?i)time"):
        await asyncio.wait_for(board.wishes(), PATIENCE)
    await board.close()


def test_what_the_address_says_of_it_counts(postgresql_url: str) -> None:
    connection = postgresql_connection(
        f"{postgresql_url}?connect_timeout=7&keepalives_idle=11", application_name="mine"
    )
    said = connection.get_dsn_parameters()
    assert (said["connect_timeout"], said["keepalives_idle"], said["application_name"]) == ("7", "11", "mine")
    assert said["tcp_user_timeout"] == str(servers.SILENCE * 1000)
    connection.close()
    made = redis_connection("redis://127.0.0.1:1/0?socket_timeout=7").connection_pool.connection_kwargs
    assert (made["socket_timeout"], made["socket_connect_timeout"]) == (7, servers.CONNECT)


@pytest.fixture
def kept(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeptPersister]:
    """A conversation in a PostgreSQL that is given up early, with one step that was saved."""
    monkeypatch.setattr(servers, "SILENCE", 2)
    place, pool = shared_place(postgresql_url)
    kept = KeptPersister(pool, "p", uuid.uuid4().hex, owned=place.owned)
    saved = save(kept, 0)
    assert saved == 0
    yield kept
    pool.close()


def save(kept: KeptPersister, number: int) -> object:
    """Save a step; gives what was saved last then."""
    kept.save("p", kept._app_id, number, "answer", State({"said": number}), "completed")  # pyright: ignore[reportPrivateUsage]
    newest = kept.newest()
    assert newest is not None
    return newest["state"]["said"]


async def test_a_step_that_is_not_saved_in_time_fails_and_the_next_one_is_saved(
    kept: KeptPersister, postgresql_url: str
) -> None:
    with contextlib.closing(psycopg2.connect(postgresql_url)) as connection, connection.cursor() as cursor:
        cursor.execute("LOCK TABLE burr_state IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(StoreError) as raised:
            await asyncio.wait_for(asyncio.to_thread(save, kept, 1), PATIENCE)
    assert "the PostgreSQL at 127.0.0.1:" in str(raised.value)
    assert "has not answered for 2 s; see what holds it up" in str(raised.value)
    assert save(kept, 1) == 1


async def test_a_connection_whose_other_end_has_stopped_is_given_up_and_the_next_step_has_another_one(
    kept: KeptPersister, postgresql_url: str
) -> None:
    with contextlib.closing(psycopg2.connect(postgresql_url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        others = [pid for (pid,) in cursor.fetchall()]
    for pid in others:
        os.kill(pid, signal.SIGSTOP)  # not even what would end a statement in time works there
    try:
        with pytest.raises(StoreError, match="has not answered for 2 s"):
            await asyncio.wait_for(asyncio.to_thread(save, kept, 1), PATIENCE)
        assert await asyncio.wait_for(asyncio.to_thread(save, kept, 1), PATIENCE) == 1
    finally:
        for pid in others:
            os.kill(pid, signal.SIGCONT)


def test_a_statement_that_fails_in_time_fails_as_ever(postgresql_url: str) -> None:
    connection = postgresql_connection(postgresql_url)
    with pytest.raises(psycopg2.errors.UndefinedTable), connection.cursor() as cursor:
        cursor.execute("SELECT FROM nothing")
    connection.close()
