"""`BurrChat(app)` with an application that has a tracker, a persister, typed state, hooks or a history already."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from burr.core import ApplicationBuilder, State, action
from burr.core.persistence import SQLitePersister
from burr.integrations.persisters.b_aiosqlite import AsyncSQLitePersister
from burr.integrations.pydantic import PydanticTypingSystem
from burr.lifecycle import PostRunStepHook, PreRunStepHook
from burr.tracking import LocalTrackingClient
from burr.tracking.common.models import BeginEntryModel, EndEntryModel, EndStreamModel, InitializeStreamModel
from pydantic import BaseModel

from apps.kept import chatbot, transcript
from burr_chat_widget import BurrChat
from burr_chat_widget.bridge import take_snapshot

from .conftest import default_sqlite

SCRIPTS = ["one", '{"fail": "during"}', '{"fail": "before"}', "stop", "two"]
"""Two turns that complete; between them two that fail and one that is stopped."""


class Bookkeeper(PreRunStepHook, PostRunStepHook):
    """What a hook is told: (sequence id, action, exception) at the end of each step."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.ended: list[tuple[int, str, str | None]] = []

    def pre_run_step(self, *, sequence_id: int, **_: Any) -> None:
        self.begun.append(sequence_id)

    def post_run_step(self, *, sequence_id: int, action: Any, exception: BaseException | None, **_: Any) -> None:
        self.ended.append((sequence_id, action.name, type(exception).__name__ if exception else None))


async def converse(chat: BurrChat) -> list[str]:
    """Each way a turn can end."""
    ended: list[str] = []
    for script in SCRIPTS:
        if script == "stop":
            future = chat._session.begin(json.dumps({"deltas": 100_000, "delay": 0.01}), {}).future
            while len(chat.turns) == len(ended) or not len(chat.turns[-1].deltas):  # noqa: ASYNC110 - whatever thread it is on
                await asyncio.sleep(0)
            chat.stop()
            ended.append((await asyncio.wrap_future(future)).status)
        else:
            ended.append((await chat.send(script)).status)
    return ended


ENDS = ["completed", "failed", "failed", "stopped", "completed"]


@pytest.fixture(params=["thread", "kernel"])
def runner(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def persister(tmp_path: Path, request: pytest.FixtureRequest) -> SQLitePersister:
    """Burr's default: its connection is bound to this thread."""
    persister = default_sqlite(request, str(tmp_path / "state.db"))
    persister.initialize()
    return persister


@pytest.fixture
async def async_persister(tmp_path: Path) -> AsyncIterator[AsyncSQLitePersister]:
    persister = await AsyncSQLitePersister.from_values(str(tmp_path / "state.db"))
    await persister.initialize()
    yield persister
    await persister.cleanup()


def check_rows(path: Path, hook: Bookkeeper) -> None:
    """A row for each step, and Burr's own status on it."""
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT sequence_id, position, status FROM burr_state ORDER BY sequence_id, created_at"
    ).fetchall()
    connection.close()
    assert rows == [(n, name, "failed" if error else "completed") for n, name, error in hook.ended]
    numbers = [n for n, *_ in rows]
    assert numbers == sorted(set(numbers)) == hook.begun
    assert [row[2] for row in rows].count("failed") == 3


async def test_a_sync_persister(persister: SQLitePersister, tmp_path: Path, runner: Any) -> None:
    hook = Bookkeeper()
    app = chatbot().with_identifiers(app_id="a").with_hooks(hook).with_state_persister(persister).build()
    chat = BurrChat(app, runner=runner)
    assert await converse(chat) == ENDS
    check_rows(tmp_path / "state.db", hook)
    loaded = persister.load(None, "a")
    assert loaded is not None
    assert loaded["state"]["chat_history"] == app.state["chat_history"]
    chat.close()


async def test_an_async_persister(async_persister: AsyncSQLitePersister, tmp_path: Path, runner: Any) -> None:
    hook = Bookkeeper()
    builder = chatbot().with_identifiers(app_id="a").with_hooks(hook).with_state_persister(async_persister)
    app = await builder.abuild()
    chat = BurrChat(app, runner=runner)
    assert await converse(chat) == ENDS
    check_rows(tmp_path / "state.db", hook)
    chat.close()


async def test_a_tracker(tmp_path: Path, runner: Any) -> None:
    """Its log is read with Burr's own models: each step begins once and ends once, streams too."""
    tracker = LocalTrackingClient("p", storage_dir=str(tmp_path))
    hook = Bookkeeper()
    app = chatbot().with_identifiers(app_id="a").with_hooks(hook).with_tracker(tracker).build()
    chat = BurrChat(app, runner=runner)
    assert await converse(chat) == ENDS
    chat.close()
    begun, ended, streams, closed = [], [], [], []
    for line in (tmp_path / "p/a/log.jsonl").read_text().splitlines():
        match json.loads(line)["type"]:
            case "begin_entry":
                begun.append(BeginEntryModel.model_validate_json(line).sequence_id)
            case "end_entry":
                entry = EndEntryModel.model_validate_json(line)
                ended.append((entry.sequence_id, entry.action, bool(entry.exception)))
            case "begin_stream":
                streams.append(InitializeStreamModel.model_validate_json(line).action_sequence_id)
            case "end_stream":
                closed.append(EndStreamModel.model_validate_json(line).action_sequence_id)
            case kind:
                assert kind == "first_item_stream"
    assert begun == hook.begun
    assert ended == [(n, name, error is not None) for n, name, error in hook.ended]
    assert len(set(begun)) == len(begun)
    assert streams == closed


class Kept(BaseModel):
    """A state with a type."""

    chat_history: list[dict[str, str]] = []
    name: str = ""


@action.pydantic(reads=["chat_history"], writes=["chat_history", "name"])
def greet(state: Kept, prompt: str) -> Kept:
    """Greet whoever that is."""
    if not prompt:
        raise ValueError("nobody")
    said = [{"role": "user", "content": prompt}, {"role": "assistant", "content": f"Hello {prompt}"}]
    state.chat_history = [*state.chat_history, *said]
    state.name = prompt
    return state


def greeter() -> ApplicationBuilder[Any]:
    return (
        ApplicationBuilder()
        .with_typing(PydanticTypingSystem(Kept))
        .with_actions(greet)
        .with_transitions(("greet", "greet"))
        .with_state(Kept())
        .with_entrypoint("greet")
    )


async def test_typed_state(tmp_path: Path, runner: Any) -> None:
    chat = BurrChat(greeter().build(), runner=runner)
    assert (await chat.send("Ada")).text == "Hello Ada"
    assert (await chat.send("")).status == "failed"
    assert chat.app.state.data.name == "Ada"
    chat.close()
    kept = BurrChat.open(greeter, app_id="a", store=tmp_path / "chats", runner=runner)
    await kept.send("Ada")
    kept.close()
    again = BurrChat.open(greeter, app_id="a", store=tmp_path / "chats", runner=runner)
    assert again.app.state.data == Kept(chat_history=kept.app.state.data.chat_history, name="Ada")
    assert (await again.send("Bob")).text == "Hello Bob"
    assert again.app.state.data.name == "Bob"
    again.close()


async def test_an_open_conversation_with_a_tracker_and_hooks(tmp_path: Path) -> None:
    """They are the builder's own, and see the state that is taken up, and no sequence id twice."""
    hook = Bookkeeper()
    for _ in range(2):
        builder = chatbot().with_hooks(hook).with_tracker(LocalTrackingClient("p", storage_dir=str(tmp_path)))
        chat = BurrChat.open(builder, app_id="a", store=tmp_path / "chats")
        assert await converse(chat) == ENDS
        chat.close()
    assert hook.begun == [n for n, *_ in hook.ended] == sorted(set(hook.begun))
    logged = [json.loads(line) for line in (tmp_path / "p/a/log.jsonl").read_text().splitlines()]
    assert [entry["sequence_id"] for entry in logged if entry["type"] == "begin_entry"] == hook.begun


async def test_an_application_resumed_by_its_owner_shows_its_history(persister: SQLitePersister) -> None:
    def build() -> Any:
        builder: Any = chatbot()
        builder.start = builder.state = None
        return (
            builder.with_identifiers(app_id="a")
            .initialize_from(
                persister, resume_at_next_action=False, default_state={"chat_history": []}, default_entrypoint="prompt"
            )
            .with_state_persister(persister)
            .build()
        )

    chat = BurrChat(build())
    assert transcript(chat) == []
    await chat.send("one")
    chat.close()
    again = BurrChat(build())
    assert transcript(again) == [("user", "one"), ("assistant", "one")]
    await again.send("two")
    assert [text for _, text in transcript(again)] == ["one", "one", "two", "two"]
    again.close()


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (
            [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}],
            [("user", "Hi"), ("assistant", "Yo")],
        ),
        (["Human: Hi", "AI: Yo"], [("user", "Hi"), ("assistant", "Yo")]),
        ([{"type": "human", "content": "Hi"}, {"type": "ai", "content": [{"text": "Yo"}]}], [("user", "Hi"), ("assistant", "Yo")]),
        ([], []),
    ],
)  # fmt: skip
def test_a_state_with_a_conversation_in_it(history: list[Any], expected: list[tuple[str, str]]) -> None:
    app = chatbot().build()
    app.update_state(app.state.update(chat_history=history))
    before = take_snapshot(app)
    chat = BurrChat(app)
    assert transcript(chat) == expected
    assert app.state.get_all() == before.get_all()
    chat.close()


def test_a_state_without_a_history() -> None:
    @action(reads=[], writes=["said"])
    def echo(state: State, prompt: str) -> State:
        return state.update(said=prompt)

    app = ApplicationBuilder().with_actions(echo).with_entrypoint("echo").with_state(said="something").build()
    assert transcript(BurrChat(app)) == []
