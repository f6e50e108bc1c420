"""What `BurrChat.open` takes and refuses, and which chat of a conversation is live."""

from __future__ import annotations

import inspect
import re
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from burr.core.persistence import SQLitePersister
from burr.integrations.persisters.b_aiosqlite import AsyncSQLitePersister
from burr.tracking import LocalTrackingClient

from apps.kept import chatbot, transcript
from burr_chat_widget import BurrChat
from burr_chat_widget.errors import NotABuilder, StoreError
from burr_chat_widget.store import DEFAULT_STORE


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    for chat in list(BurrChat._conversations.values()):
        chat.close()


def test_on_an_instance_open_is_the_one_of_ipywidgets() -> None:
    chat = BurrChat.open(chatbot, app_id="a")
    assert chat.comm is not None
    assert chat.open() is None
    assert "build" in inspect.signature(BurrChat.open).parameters
    assert (BurrChat.open.__doc__ or "").startswith("Chat in a conversation that stays")


async def test_the_default_store_is_a_file_in_the_folder() -> None:
    chat = BurrChat.open(chatbot, app_id="a")
    await chat.send("one")
    with sqlite3.connect(DEFAULT_STORE) as connection:
        rows = connection.execute("SELECT app_id, sequence_id, position, status FROM burr_state").fetchall()
    connection.close()
    assert rows == [("a", 0, "prompt", "completed"), ("a", 1, "prepare", "completed"), ("a", 2, "answer", "completed")]


async def test_burr_itself_resumes_what_was_kept(tmp_path: Path) -> None:
    """It is Burr's own table: after a turn that failed, too, its newest row is the state that the chat goes on from."""
    chat = BurrChat.open(chatbot, app_id="a", store=tmp_path / "chats")
    await chat.send('{"fail": "during"}')
    first = load(tmp_path / "chats")
    assert (first["status"], first["position"], first["state"]["chat_history"]) == ("failed", "prompt", [])
    await chat.send("one")
    await chat.send('{"fail": "during"}')
    loaded = load(tmp_path / "chats")
    assert (loaded["status"], loaded["position"]) == ("completed", "answer")
    assert loaded["state"]["chat_history"] == chat.app.state["chat_history"]
    assert loaded["sequence_id"] == chat.app.sequence_id


def load(path: Path) -> Any:
    with SQLitePersister(str(path)) as persister:
        loaded = persister.load("", "a")
    persister.connection = sqlite3.connect(":memory:", check_same_thread=False)  # it may be collected on any thread
    assert loaded is not None
    return loaded


async def test_the_same_cell_twice_is_one_conversation() -> None:
    first = BurrChat.open(chatbot, app_id="a")
    await first.send("one")
    second = BurrChat.open(chatbot, app_id="a")
    assert first.comm is None, "the one before is closed"
    assert second.comm is not None
    with pytest.raises(RuntimeError, match="closed"):
        await first.send("two")
    assert transcript(second) == [("user", "one"), ("assistant", "one")]
    other = BurrChat.open(chatbot, app_id="b")
    assert second.comm is not None
    assert transcript(other) == []


async def test_the_earlier_messages_are_marked() -> None:
    chat = BurrChat.open(chatbot, app_id="a")
    await chat.send("one")
    again = BurrChat.open(chatbot, app_id="a")
    view = again._session.outbox._view
    assert [(m.turn, m.kind) for m in view.messages] == [
        ("earlier", "text"), ("earlier", "text"), ("earlier", "notice"),
    ]  # fmt: skip
    assert (view.turns, again.turns) == ([], [])


async def test_a_builder_can_be_opened_any_number_of_times() -> None:
    builder = chatbot()
    for app_id in ("a", "b", "a"):
        chat = BurrChat.open(builder, app_id=app_id)
        await chat.send(f"to {app_id}")
        chat.close()
    assert builder.lifecycle_adapters == []
    again = BurrChat.open(builder, app_id="a")
    assert [text for _, text in transcript(again)] == ["to a"] * 4


def has_a_persister() -> Any:
    persister = SQLitePersister("x", connect_kwargs={"check_same_thread": False})
    persister.initialize()
    return chatbot().with_state_persister(persister)


@pytest.mark.parametrize(
    ("build", "what"),
    [
        (lambda: chatbot().build(), r"leave out \.build\(\)"),
        (chatbot().build(), r"leave out \.build\(\)"),
        (lambda: None, "a function that returns"),
        ("chatbot", "a function that returns"),
        (has_a_persister, "pass the persister as store="),
    ],
)
def test_what_is_no_builder_is_refused_with_the_remedy(build: Any, what: str) -> None:
    with pytest.raises(NotABuilder) as refused:
        BurrChat.open(build, app_id="a")
    assert re.search(what, refused.value.remedy or "")
    assert not Path(DEFAULT_STORE).exists()


@pytest.mark.parametrize(
    ("store", "message"),
    [
        ("mysql://localhost/chats", "no store that is known here"),
        ("nowhere/chats.sqlite", "there is no folder"),
        (".", "cannot be opened"),
        (42, "cannot both load and save"),
        (LocalTrackingClient("p", storage_dir="tracked"), "cannot both load and save"),
        ("postgresql://me:secret@127.0.0.1:1/chats", "at postgresql://127.0.0.1:1/chats cannot be opened"),
        ("redis://:secret@127.0.0.1:1/0", "at redis://127.0.0.1:1/0 cannot be opened"),
    ],
)
def test_what_is_no_store_is_refused(store: Any, message: str) -> None:
    with pytest.raises(StoreError, match=message) as refused:
        BurrChat.open(chatbot, app_id="a", store=store)
    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_database_is_refused_and_left_alone() -> None:
    Path("notes.txt").write_text("not a database " * 100)
    with pytest.raises(StoreError, match="file is not a database"):
        BurrChat.open(chatbot, app_id="a", store="notes.txt")
    assert Path("notes.txt").read_text().startswith("not a database")


def test_a_driver_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "burr.integrations.persisters.b_redis", None)
    with pytest.raises(StoreError, match="driver") as refused:
        BurrChat.open(chatbot, app_id="a", store="redis://127.0.0.1:1")
    assert refused.value.remedy == "pip install 'burr-chat-widget[redis]'"


@pytest.mark.parametrize("app_id", ["", None, 3])
def test_a_conversation_has_a_name(app_id: Any) -> None:
    with pytest.raises(StoreError, match="is no name"):
        BurrChat.open(chatbot, app_id=app_id)


def test_an_option_that_there_is_not_is_named_and_the_store_is_let_go() -> None:
    with pytest.raises(TypeError, match="promt"):
        BurrChat.open(chatbot, app_id="a", promt="x")
    with pytest.raises(TypeError, match="app_id"):
        BurrChat.open(chatbot)


async def test_an_async_persister_that_is_connected_in_a_cell() -> None:
    persister = await AsyncSQLitePersister.from_values("chats.sqlite")
    try:
        chat = BurrChat.open(chatbot, app_id="a", store=persister)
        await chat.send("one")
        assert (await persister.load("", "a"))["state"]["chat_history"] == chat.app.state["chat_history"]
        chat.close()
        assert await persister.list_app_ids("") == ["a"], "what was not opened here is not closed here"
    finally:
        await persister.cleanup()


async def test_sync_methods_of_the_application_work_with_an_async_store() -> None:
    async def made() -> Any:
        return await AsyncSQLitePersister.from_values("chats.sqlite")

    chat = BurrChat.open(chatbot, app_id="a", store=made())
    chat.app.step(inputs={"prompt": "one"})
    chat.close()
    again = BurrChat.open(chatbot, app_id="a", store="chats.sqlite")
    assert again.app.state["chat_history"] == [], "half a turn is passed over"
    assert again.app.sequence_id == 0
