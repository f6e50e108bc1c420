"""Applications that go on from where another one was: what is theirs, what is shared, and what Burr records of it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from burr.core import Application, ApplicationBuilder, State, action
from burr.core.persistence import BaseStatePersister, SQLitePersister
from burr.integrations.persisters.b_aiosqlite import AsyncSQLitePersister
from burr.integrations.pydantic import PydanticTypingSystem
from burr.lifecycle import PostRunStepHook
from burr.tracking import LocalTrackingClient
from pydantic import BaseModel

from burr_chat_widget import BurrChat
from burr_chat_widget.bridge import private
from burr_chat_widget.errors import InvalidInput, NoCheckpoint


@action(reads=["said"], writes=["said", "count"])
def say(state: State, prompt: str) -> State:
    """Remember what was said."""
    return state.update(said=[*state["said"], prompt], count=len(state["said"]) + 1)


@action(reads=["count"], writes=["double"])
def double(state: State) -> State:
    """Twice the count."""
    return state.update(double=2 * state["count"])


def builder(**state: Any) -> Any:
    return (
        ApplicationBuilder()
        .with_actions(say, double)
        .with_transitions(("say", "double"), ("double", "say"))
        .with_state(**{"said": [], **state})
        .with_entrypoint("say")
    )


class Count(PostRunStepHook):
    """Counts the steps of every application that has it."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, int]] = []

    def post_run_step(self, *, app_id: str, sequence_id: int, **_: Any) -> None:
        self.steps.append((app_id, sequence_id))


@pytest.fixture
def opened() -> Iterator[list[BurrChat]]:
    """Chats that are closed in the end."""
    chats: list[BurrChat] = []
    yield chats
    for chat in chats:
        chat.close()


@pytest.fixture(params=["thread", "kernel"])
def runner(request: pytest.FixtureRequest) -> Any:
    return request.param


def told(folder: Path, app_id: str) -> list[tuple[int, str]]:
    """The steps that a tracker has logged to their ends."""
    lines = [json.loads(line) for line in (folder / "project" / app_id / "log.jsonl").read_text().splitlines()]
    return [(line["sequence_id"], line["action"]) for line in lines if line["type"] == "begin_entry"]


async def test_a_tracker_logs_both_apart_and_records_the_lineage(tmp_path: Path, opened: Any, runner: Any) -> None:
    hook = Count()
    tracker = LocalTrackingClient(project="project", storage_dir=str(tmp_path))
    app = builder().with_identifiers(app_id="one").with_tracker(tracker).with_hooks(hook).build()
    chat = BurrChat(app, runner=runner)
    await chat.send("a")
    await chat.send("b")
    fork = chat.fork(chat.checkpoints[1], app_id="two")
    opened += [chat, fork]
    await fork.send("c")
    await chat.send("d")
    again = fork.fork(fork.checkpoints[-1], app_id="three")
    opened.append(again)
    await again.send("e")
    chat.rewind(chat.checkpoints[2])
    await chat.resume()

    assert told(tmp_path, "one") == [
        (0, "say"), (1, "double"), (2, "say"), (3, "double"), (4, "say"), (5, "double"), (6, "double"),
    ]  # fmt: skip
    assert told(tmp_path, "two") == [(2, "say"), (3, "double")]
    assert told(tmp_path, "three") == [(4, "say"), (5, "double")]
    for app_id, parent, step in (("two", "one", 1), ("three", "two", 3)):
        pointer = json.loads((tmp_path / "project" / app_id / "metadata.json").read_text())["parent_pointer"]
        assert (pointer["app_id"], pointer["sequence_id"]) == (parent, step)
    assert again.app.parent_pointer.app_id == "two"
    children = [json.loads(line) for line in (tmp_path / "project" / "one" / "children.jsonl").read_text().splitlines()]
    assert [(child["child"]["app_id"], child["sequence_id"]) for child in children] == [("two", 1)]
    assert len(hook.steps) == len(set(hook.steps)) == 11
    assert again.app.state["said"] == ["a", "c", "e"]
    assert chat.app.state["said"] == ["a", "b"]
    assert chat.app.state["double"] == 4


async def test_a_fork_leaves_its_parent_alone(opened: Any, runner: Any) -> None:
    chat = BurrChat(builder().build(), runner=runner)
    await chat.send("a")
    await chat.send("b")
    before = chat.app.state.get_all()
    fork = chat.fork(chat.checkpoints[0], state={"said": ["z"]})
    opened += [chat, fork]
    assert [t.key for t in fork.turns] == ["t1"]
    assert (fork.turns[0].actions, chat.turns[0].actions) == (["say"], ["say", "double"])
    assert len(fork.checkpoints) == 1
    turn = await fork.resume()
    assert (turn.key, turn.status, turn.actions) == ("t3", "completed", ["double"])
    await fork.send("c")
    assert fork.app.state["said"] == ["z", "c"]
    assert fork.app.uid != chat.app.uid
    assert chat.app.state.get_all() == before
    assert len(chat.turns) == 2
    with pytest.raises(NoCheckpoint, match="is no checkpoint of this chat"):
        chat.fork(fork.checkpoints[-1])
    with pytest.raises(NoCheckpoint, match="is no checkpoint of this chat"):
        chat.rewind(fork.checkpoints[-1])


def let_go(persister: SQLitePersister) -> None:
    """It closes its connection when it is collected, on whatever thread, which raises even for one that is closed."""
    persister.connection.close()
    persister.connection = sqlite3.connect(":memory:", check_same_thread=False)


def rows(path: Path, table: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(path) as connection:
        found = connection.execute(
            f"SELECT app_id, sequence_id, position, status FROM {table} ORDER BY rowid"
        ).fetchall()
    connection.close()
    return found


ROWS = [
    ("one", 0, "say", "completed"), ("one", 1, "double", "completed"), ("one", 2, "say", "completed"),
    ("one", 3, "double", "completed"), ("two", 1, "double", "completed"), ("two", 2, "say", "completed"),
    ("two", 3, "double", "completed"), ("one", 4, "double", "completed"), ("one", 5, "say", "completed"),
    ("one", 6, "double", "completed"),
]  # fmt: skip


async def there_and_back(chat: BurrChat, opened: list[BurrChat]) -> None:
    opened.append(chat)
    await chat.send("a")
    await chat.send("b")
    fork = chat.fork(chat.checkpoints[0], app_id="two")
    opened.append(fork)
    await fork.resume()
    await fork.send("c")
    chat.rewind(chat.checkpoints[0])
    await chat.resume()
    assert (await chat.send("d")).status == "completed"
    assert chat.app.state["said"] == ["a", "d"]


async def test_rows_of_sqlite_stay_valid(tmp_path: Path, opened: Any, runner: Any) -> None:
    persister = SQLitePersister(str(tmp_path / "db"), table_name="states")
    persister.initialize()
    app = builder().with_identifiers(app_id="one", partition_key="me").with_state_persister(persister).build()
    await there_and_back(BurrChat(app, runner=runner), opened)
    assert rows(tmp_path / "db", "states") == ROWS
    left = persister.load("me", "two")
    assert left is not None
    assert left["state"]["said"] == ["a", "c"]
    let_go(persister)


async def test_rows_of_a_database_in_memory_stay_valid(opened: Any) -> None:
    persister = SQLitePersister(":memory:", table_name="states")
    persister.initialize()
    app = builder().with_identifiers(app_id="one", partition_key="me").with_state_persister(persister).build()
    await there_and_back(BurrChat(app, runner="kernel"), opened)
    assert sorted(persister.list_app_ids("me")) == ["one", "two"]
    left = persister.load("me", "two")
    assert left is not None
    assert left["state"]["said"] == ["a", "c"]
    let_go(persister)


async def test_rows_of_an_async_persister_stay_valid(tmp_path: Path, opened: Any, runner: Any) -> None:
    persister = await AsyncSQLitePersister.from_values(db_path=str(tmp_path / "db"), table_name="states")
    await persister.initialize()
    app = await builder().with_identifiers(app_id="one", partition_key="me").with_state_persister(persister).abuild()
    await there_and_back(BurrChat(app, runner=runner), opened)
    await persister.cleanup()
    assert rows(tmp_path / "db", "states") == ROWS


class Broken(BaseStatePersister):
    """Cannot save once it is broken."""

    def __init__(self) -> None:
        self.broken = False

    def load(self, *_: Any, **__: Any) -> Any:
        return None

    def list_app_ids(self, *_: Any, **__: Any) -> list[str]:
        return []

    def is_initialized(self) -> bool:
        return True

    def save(self, *_: Any, **__: Any) -> None:
        if self.broken:
            raise OSError("the disk is full")


async def test_a_persister_that_raises(opened: Any, runner: Any) -> None:
    persister = Broken()
    chat = BurrChat(builder().with_state_persister(persister).build(), runner=runner)
    opened.append(chat)
    await chat.send("a")
    persister.broken = True
    failed = await chat.send("b")
    assert failed.status == "failed"
    assert chat.app.state["said"] == ["a"]
    number = chat.app.sequence_id
    chat.rewind(chat.checkpoints[0])
    assert (await chat.resume()).status == "failed"
    persister.broken = False
    assert (await chat.resume()).status == "completed"
    assert chat.app.sequence_id > number
    fork = chat.fork(chat.checkpoints[0])
    opened.append(fork)
    assert (await fork.resume()).status == "completed"


class Memory(BaseModel):
    """A typed state."""

    said: list[str] = []
    count: int = 0
    double: int = 0


async def test_a_typed_state_stays_typed_and_validates_what_is_changed(opened: Any, runner: Any) -> None:
    made = builder(count=0, double=0).with_typing(PydanticTypingSystem(Memory)).build()
    chat = BurrChat(made, runner=runner)
    await chat.send("a")
    with pytest.raises(InvalidInput, match="count"):
        chat.fork(chat.checkpoints[0], state={"count": "many"})
    with pytest.raises(InvalidInput, match="count"):
        chat.rewind(chat.checkpoints[0], state={"count": "many"})
    assert len(chat.checkpoints) == 2
    fork = chat.fork(chat.checkpoints[0], state={"count": "7"})
    opened += [chat, fork]
    await fork.resume()
    assert isinstance(fork.app.state.data, Memory)
    assert fork.app.state.data == Memory(said=["a"], count=7, double=14)
    chat.rewind(chat.checkpoints[0], state={"count": 4})
    await chat.resume()
    assert chat.app.state.data == Memory(said=["a"], count=4, double=8)


async def test_the_parallel_executor_is_kept(opened: Any) -> None:
    def executor() -> Executor:
        return ThreadPoolExecutor(max_workers=1)

    chat = BurrChat(builder().with_parallel_executor(executor).build())
    await chat.send("a")
    fork = chat.fork(chat.checkpoints[0])
    opened += [chat, fork]
    made: Any = fork.app
    assert made._parallel_executor_factory is executor


async def test_a_fork_of_a_held_application_runs_by_its_graph(opened: Any, runner: Any) -> None:
    chat = BurrChat(builder().build(), runner=runner)
    opened.append(chat)
    chat.pause()
    sent = asyncio.ensure_future(chat.send("a"))
    while not (chat.turns and chat._session.outbox.view().held):  # noqa: ASYNC110 -- it is another thread's
        await asyncio.sleep(0.001)
    turn = await chat.step()
    fork = chat.fork(chat.checkpoints[-1])
    opened.append(fork)
    assert (await fork.resume()).actions == ["double"]
    assert (fork.turns[0].status, fork.turns[0].actions) == ("completed", ["say"])
    assert (turn.status, chat.app.graph.entrypoint.name) == ("running", "say")
    plain: Application[Any] = chat.app
    await chat.resume()
    assert (await sent).actions == ["say", "double"]
    theirs: Any = private.get_graph(fork.app)
    assert "get_next_node" not in vars(theirs)
    assert theirs.actions == plain.graph.actions
