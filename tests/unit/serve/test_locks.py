"""The lock of a conversation's turns, on every kind of store; what another process has is here another `Locks`, or one in a process."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from burr.core.persistence import InMemoryPersister
from redis import Redis

from burr_chat_widget.serve.processes import locks
from burr_chat_widget.serve.processes.locks import Locks, TurnLock, locks_of
from burr_chat_widget.serve.processes.names import conversation_name

NAME = conversation_name("p", "a")


@pytest.fixture
async def processes(store: str) -> AsyncIterator[tuple[Locks, Locks]]:
    """What two processes have."""
    both = locks_of(store), locks_of(store)
    yield both
    for each in both:
        await each.close()


async def test_one_process_has_it_at_a_time(processes: tuple[Locks, Locks]) -> None:
    here, there = (each.of(NAME) for each in processes)
    for _ in range(3):
        assert await here.acquire()
        assert not await there.acquire()
        await here.release()
        assert await there.acquire()
        assert not await here.acquire()
        await there.release()


async def test_conversations_do_not_stand_in_each_others_way(processes: tuple[Locks, Locks]) -> None:
    names = [("p", "a"), ("p", "b"), ("q", "a"), ("pa", ""), ("", "pa"), ("../../etc", "passwd\0")]
    held = [each.of(conversation_name(*name)) for name, each in zip(names, processes * 3, strict=True)]
    assert [await lock.acquire() for lock in held] == [True] * len(names)
    for lock in held:
        await lock.release()


async def test_who_does_not_have_it_sees_that_another_process_does(processes: tuple[Locks, Locks]) -> None:
    here, there = processes
    names = [conversation_name("p", name) for name in "abc"]
    assert await here.taken(names) == set()
    assert await here.taken([]) == set()
    held = [there.of(name) for name in names[:2]]
    for lock in held:
        assert await lock.acquire()
    assert await here.taken(names) == {*names[:2]}
    assert await here.taken(names[2:]) == set()
    await held[0].release()
    assert await here.taken(names) == {names[1]}
    await held[1].release()
    assert await here.taken(names) == set()
    lock = here.of(names[1])
    assert await lock.acquire()  # to look has taken nothing
    await lock.release()


async def test_of_many_who_want_it_at_once_one_gets_it(store: str) -> None:
    many = [locks_of(store) for _ in range(6)]
    wanted = [each.of(NAME) for each in many]
    for _ in range(5):
        got = await asyncio.gather(*(lock.acquire() for lock in wanted))
        assert sum(got) == 1
        await wanted[got.index(True)].release()
    for each in many:
        await each.close()


async def acquired(lock: TurnLock) -> None:
    """Wait until it is free, and take it."""
    while not await lock.acquire():  # noqa: ASYNC110 - another process gives it back
        await asyncio.sleep(0.01)


HOLDER = """
import asyncio, sys
from burr_chat_widget.serve.processes import locks
locks.LEASE = 0.5

async def hold():
    all = locks.locks_of(sys.argv[1])
    lock = all.of(sys.argv[2])
    assert await lock.acquire()
    print("held", flush=True)
    await asyncio.sleep(3600)

asyncio.run(hold())
"""


async def test_what_a_process_held_is_free_when_it_has_been_killed(processes: tuple[Locks, Locks], store: str) -> None:
    holder = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, store, NAME, stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"held\n"
        here = processes[0].of(NAME)
        assert not await here.acquire()
    finally:
        holder.kill()
        await holder.communicate()
    await acquired(here)
    await here.release()


async def test_the_file_of_a_lock_is_not_called_what_clients_sent(tmp_path: Path) -> None:
    lock = locks_of(tmp_path / "chats.sqlite").of(conversation_name("../..", "../x"))
    assert await lock.acquire()
    folder, file = sorted(each.relative_to(tmp_path) for each in tmp_path.rglob("*"))  # noqa: ASYNC240 - two of them
    assert folder.name == "chats.sqlite.turns"
    assert len(file.name) == 64 + len(".lock")
    await lock.release()


async def test_a_postgresql_that_has_ended_the_connection_is_asked_anew(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "CHECK", 3600)
    both = locks_of(postgresql_url), locks_of(postgresql_url)
    here, there = (each.of(NAME) for each in both)
    assert await here.acquire()
    connection = psycopg2.connect(postgresql_url)
    connection.autocommit = True
    connection.cursor().execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'burr-chat turns'"
    )
    connection.close()
    await acquired(there)  # it is free
    await here.release()  # which is not his
    assert not await here.acquire()
    await there.release()
    assert await here.acquire()
    await here.release()
    for each in both:
        await each.close()


async def test_a_lock_whose_connection_has_ended_is_taken_again(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "CHECK", 0.05)
    both = locks_of(postgresql_url), locks_of(postgresql_url)
    here, there = (each.of(NAME) for each in both)
    connection = psycopg2.connect(postgresql_url)
    connection.autocommit = True
    cursor = connection.cursor()

    def holder() -> Any:
        cursor.execute("SELECT max(pid) FROM pg_locks WHERE locktype = 'advisory'")
        return (cursor.fetchone() or (None,))[0]

    assert await here.acquire()
    for _ in range(2):
        before = holder()
        cursor.execute("SELECT pg_terminate_backend(%s)", (before,))
        while holder() in (None, before):  # noqa: ASYNC110 - the server says it
            await asyncio.sleep(0.01)
    assert not await there.acquire()
    await here.release()
    assert await there.acquire()  # it was given back, for good
    await there.release()
    connection.close()
    for each in both:
        await each.close()


async def test_a_redis_that_was_emptied_is_told_again_who_has_it(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "LEASE", 0.6)
    both = locks_of(redis_url), locks_of(redis_url)
    here, there = (each.of(NAME) for each in both)
    assert await here.acquire()
    with Redis.from_url(redis_url) as connection:
        connection.flushall()
    while not await both[1].taken([NAME]):  # noqa: ASYNC110 - the other one makes it anew
        await asyncio.sleep(0.01)
    assert not await there.acquire()
    await here.release()
    assert await there.acquire()
    await there.release()
    for each in both:
        await each.close()


async def test_a_lease_of_a_redis_is_renewed(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "LEASE", 0.6)
    here, there = (locks_of(redis_url) for _ in range(2))
    lock: Any = here.of(NAME)
    assert await lock.acquire()
    with Redis.from_url(redis_url) as connection:
        (name,) = [key for key in connection.scan_iter() if b"turn" in key]
        left, renewed = connection.pttl(name), 0
        while renewed < 3:  # it is longer again
            await asyncio.sleep(0.01)
            before, left = left, connection.pttl(name)
            renewed += left > before
    assert not await there.of(NAME).acquire()
    await lock.release()
    assert await there.of(NAME).acquire()
    await here.close()
    await there.close()


async def test_where_a_store_has_no_lock_the_process_alone_keeps_turns_apart() -> None:
    lock = locks_of(InMemoryPersister()).of(NAME)
    assert await lock.acquire()
    await lock.release()
