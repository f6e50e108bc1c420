"""Conversations that are gone back in: what was shown last is what comes back, and nobody is told that it was continued elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from apps.kept import chatbot, transcript
from burr_chat_widget import BurrChat
from burr_chat_widget.errors import ConversationMoved
from burr_chat_widget.session import Turn

from .conftest import MakeStore


@pytest.fixture(autouse=True)
def leave_nothing_open() -> Iterator[None]:
    yield
    for chat in list(BurrChat._conversations.values()):
        chat.close()


@pytest.fixture(params=["thread", "kernel"])
def runner(request: pytest.FixtureRequest) -> Any:
    return request.param


async def retry(chat: BurrChat, key: str, text: str | None = None) -> Turn:
    return await asyncio.wrap_future(chat._session.submit(lambda: chat._session.past.retry(key, text)))


async def switch(chat: BurrChat, key: str) -> None:
    await asyncio.wrap_future(chat._session.submit(lambda: chat._session.past.switch(key)))


def said(*texts: str) -> list[tuple[str, str]]:
    return [(role, text) for text in texts for role in ("user", "assistant")]


async def test_what_was_shown_last_comes_back(store: MakeStore, runner: Any) -> None:
    def reopened(*texts: str) -> BurrChat:
        chat = BurrChat.open(chatbot, app_id="a", store=store(), runner=runner)
        assert transcript(chat) == said(*texts)
        assert [m["content"] for m in chat.app.state["chat_history"]] == [text for _, text in said(*texts)]
        assert chat.app.uid == "a"
        return chat

    chat = reopened()
    await chat.send("one")
    await chat.send("two")
    chat.rewind(chat.checkpoints[2])
    number = chat.app.sequence_id
    chat = reopened("one")
    assert chat.app.sequence_id == number
    assert (await chat.send("three")).status == "completed"

    chat = reopened("one", "three")
    await chat.send("four")
    other = await retry(chat, "t1", "five")  # instead of `four`, which is the first turn since it was opened
    assert (other.status, chat.app.uid == "a") == ("completed", False)
    await chat.send("six")

    chat = reopened("one", "three", "five", "six")
    await chat.send("seven")
    await retry(chat, "t1", "eight")
    await switch(chat, "t1")
    chat = reopened("one", "three", "five", "six", "seven")
    first = await chat.send("nine")
    second = await retry(chat, first.key, "ten")
    await switch(chat, first.key)
    assert (await chat.send("eleven")).status == "completed"
    await switch(chat, second.key)
    chat = reopened("one", "three", "five", "six", "seven", "ten")
    assert (await chat.send("twelve")).status == "completed"
    reopened("one", "three", "five", "six", "seven", "ten", "twelve")


async def test_the_middle_of_a_turn_comes_back(store: MakeStore, runner: Any) -> None:
    chat = BurrChat.open(chatbot, app_id="a", store=store(), runner=runner)
    await chat.send("one")
    await chat.send("two")
    chat.rewind(chat.checkpoints[3], state={"chat_history": [{"role": "user", "content": "by hand"}]})

    again = BurrChat.open(chatbot, app_id="a", store=store(), runner=runner)
    assert transcript(again) == [("user", "by hand")]
    assert not [key for key in again.app.state if key.startswith("__BURR_CHAT")]
    turn = await again.resume()
    assert (turn.status, turn.actions, turn.text) == ("completed", ["prepare", "answer"], "two")
    last = BurrChat.open(chatbot, app_id="a", store=store(), runner=runner)
    assert transcript(last) == [("user", "by hand"), ("assistant", "two")]


async def test_nothing_is_gone_back_to_where_it_was_continued_elsewhere(store: MakeStore) -> None:
    place = store()
    chat = BurrChat.open(chatbot, app_id="a", store=place, runner="kernel")
    await chat.send("one")
    BurrChat._conversations.clear()  # as another kernel, which knows nothing of this chat
    elsewhere = BurrChat.open(chatbot, app_id="a", store=place if isinstance(place, str) else store(), runner="kernel")
    await elsewhere.send("two")
    with pytest.raises(ConversationMoved, match="was continued elsewhere"):
        chat.rewind(chat.checkpoints[0])
    with pytest.raises(ConversationMoved):
        await retry(chat, "t1")
    assert len(chat.branches) == 1
    assert chat.app.state["chat_history"][-1]["content"] == "one"
    assert transcript(chat) == said("one")
    chat.close()
    assert (await elsewhere.send("three")).status == "completed"
    assert transcript(elsewhere) == said("one", "two", "three")


async def test_a_branch_that_fails_leaves_what_it_began_with(store: MakeStore, runner: Any) -> None:
    chat = BurrChat.open(chatbot, app_id="a", store=store(), runner=runner)
    await chat.send("one")
    await chat.send("two")
    failed = await retry(chat, "t2", '{"fail": "during"}')
    assert failed.status == "failed"
    again = BurrChat.open(chatbot, app_id="a", store=store(), runner=runner)
    assert transcript(again) == said("one")
    assert (await again.send("three")).status == "completed"
