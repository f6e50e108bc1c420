"""What processes tell each other, on every kind of store; another process is here another board."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg2
import pytest
from burr.core.persistence import InMemoryPersister, SQLitePersister
from redis import Redis

from burr_chat_widget.serve.processes import board_files, board_postgresql, board_redis
from burr_chat_widget.serve.processes.board import Board, Lost, board_of
from burr_chat_widget.serve.processes.names import conversation_name, turn_name

NAME = conversation_name("p", "a")


def board(store: object) -> Board:
    found = board_of(store)  # pyright: ignore[reportArgumentType]
    assert found is not None
    return found


@pytest.fixture
async def boards(store: str) -> AsyncIterator[tuple[Board, Board]]:
    """What two processes have."""
    both = board(store), board(store)
    yield both
    await both[0].take_down(await both[0].wishes() or {"none"})
    for each in both:
        await each.close()


async def test_a_wish_is_there_for_everybody_until_it_is_taken_down(boards: tuple[Board, Board]) -> None:
    here, there = boards
    assert await there.wishes() == set()
    for wish in ("a.follow", "a.follow", "b.follow"):
        await here.wish(wish)
    assert await there.wishes() == await here.wishes() == {"a.follow", "b.follow"}
    await there.take_down({"a.follow", "never.wished"})
    assert await here.wishes() == {"b.follow"}


async def test_a_log_grows_and_is_read_from_where_one_was(boards: tuple[Board, Board]) -> None:
    here, there = boards
    log = turn_name(NAME, f"grows {time.monotonic()}")
    assert await there.read(log, 0) == b""
    pieces = [b"one \xff\x00", "zwei \U0001f30a".encode(), b"x" * 100_000, b"last"]
    at = 0
    for piece in pieces:
        await here.write(log, at, piece)
        await here.write(log, at, piece)  # said twice
        assert await there.read(log, at) == piece
        at += len(piece)
        assert await there.read(log, at) == b""
    await here.write(log, at, b"")
    whole = b""
    while more := await there.read(log, len(whole)):
        whole += more
    assert whole == b"".join(pieces)
    assert await there.read(turn_name(NAME, "another"), 0) == b""


async def test_what_is_to_be_added_to_a_log_that_is_lost_is_not_added(boards: tuple[Board, Board]) -> None:
    here, there = boards
    log = turn_name(NAME, f"lost {time.monotonic()}")
    for at, data in ((4, b"more"), (1, b"")):
        with pytest.raises(Lost):
            await here.write(log, at, data)
        assert await there.read(log, 0) == b""
    for at, data in ((0, b"one "), (4, b"two "), (8, b"three")):
        await here.write(log, at, data)
    with pytest.raises(Lost):
        await here.write(log, 100, b"more")
    # Whoever has read some of it before goes on there, wherever pieces begin.
    assert [await there.read(log, at) for at in range(14)] == [b"one two three"[at:] for at in range(14)]


async def test_a_long_log_is_read_to_its_end(boards: tuple[Board, Board]) -> None:
    here, there = boards
    log, at = turn_name(NAME, f"long {time.monotonic()}"), 0
    piece = bytes(range(256)) * 256
    for _ in range(40):
        await here.write(log, at, piece)
        at += len(piece)
    whole, reads = b"", 0
    while more := await there.read(log, len(whole)):
        whole += more
        reads += 1
    assert whole == piece * 40
    assert reads > 1


async def test_many_write_and_read_at_the_same_time(store: str) -> None:
    many = [board(store) for _ in range(5)]
    logs = [turn_name(NAME, f"{number} {time.monotonic()}") for number in range(5)]
    for number in range(10):
        await asyncio.gather(*(each.write(log, number, b"x") for each, log in zip(many, logs, strict=True)))
        await asyncio.gather(*(each.wish(log) for each, log in zip(many, logs, strict=True)))
    assert (
        await asyncio.gather(*(each.read(log, 0) for each, log in zip(reversed(many), logs, strict=True)))
        == [b"x" * 10] * 5
    )
    await many[0].take_down({*logs})
    for each in many:
        await each.close()


def test_a_store_that_cannot_be_shared_has_no_board(tmp_path: Path) -> None:
    assert board_of(InMemoryPersister()) is None
    persister = SQLitePersister.from_values(str(tmp_path / "chats.sqlite"))
    try:
        assert board_of(persister) is not None  # on a file
    finally:
        persister.connection.close()


# What is old.


async def test_old_files_are_removed_and_new_ones_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = tmp_path / "chats.sqlite"
    database.touch(mode=0o600)
    here = board(database)
    for name in ("old", "new", "kept"):
        await here.write(name, 0, b"said")
        await here.wish(name)
    folder = tmp_path / "chats.sqlite.turns"
    assert {oct(path.stat().st_mode & 0o777) for path in (folder / "told").iterdir()} == {"0o600"}  # the database's
    for path in folder.rglob("*"):
        if path.name != "new":
            os.utime(path, (0, 0))
    await here.write("kept", 4, b"")
    monkeypatch.setattr(board_files, "SWEEP", 0.0)
    await here.wish("another")
    assert {path.name for path in (folder / "told").iterdir()} == {"new", "kept"}
    assert await here.wishes() == {"new", "another"}
    await here.close()


async def test_old_rows_are_deleted_when_all_of_a_log_is_old(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_postgresql, "SWEEP", 0.0)
    here = board(postgresql_url)
    for log in ("old", "grows"):
        await here.write(log, 0, b"said")
        await here.wish(log)
    connection = psycopg2.connect(postgresql_url)
    connection.autocommit = True
    connection.cursor().execute(
        "UPDATE burr_chat_told SET told = now() - interval '1 day'; "
        "UPDATE burr_chat_wishes SET wished = now() - interval '1 day'"
    )
    connection.close()
    await here.wish("new")
    await here.write("grows", 4, b" more")
    assert [await here.read(log, 0) for log in ("old", "grows")] == [b"", b"said more"]
    assert await here.wishes() == {"new"}
    await here.take_down({"new"})
    await here.close()


async def test_keys_of_a_redis_run_out(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_redis, "KEEP", 7.0)
    here = board(redis_url)
    await here.wish("some")
    await here.write("some", 0, b"said")
    with Redis.from_url(redis_url) as connection:
        assert 0 < connection.ttl("burr-chats wishes") <= 60
        assert 0 < connection.ttl("burr-chats told:some") <= 7
        connection.persist("burr-chats told:some")
        await here.write("some", 4, b"")
        assert 0 < connection.ttl("burr-chats told:some") <= 7
    await here.take_down({"some"})
    await here.close()


async def test_a_postgresql_that_has_ended_the_connection_is_asked_anew(postgresql_url: str) -> None:
    here = board(postgresql_url)
    assert await here.wishes() == set()
    connection = psycopg2.connect(postgresql_url)
    connection.autocommit = True
    connection.cursor().execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'burr-chat relay'"
    )
    await here.wish("again")
    assert await here.wishes() == {"again"}
    connection.cursor().execute("DROP TABLE burr_chat_told, burr_chat_wishes")
    connection.close()
    with pytest.raises(psycopg2.Error):
        await here.wishes()
    await here.close()
    assert await board(postgresql_url).wishes() == set()  # they are made anew
