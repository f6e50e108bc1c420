"""Conversations that are left and opened again, in every store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from burr.core import Action, State
from burr.lifecycle import PreRunStepHook

from apps.kept import chatbot, transcript, writer
from burr_chat_widget import BurrChat
from burr_chat_widget.errors import ConversationMoved

from .conftest import STORES, MakeStore


def script(**what: Any) -> str:
    return json.dumps(what)


@pytest.fixture(autouse=True)
def leave_nothing_open() -> Iterator[None]:
    yield
    for chat in list(BurrChat._conversations.values()):
        chat.close()


@pytest.fixture(params=["thread", "kernel"])
def runner(request: pytest.FixtureRequest) -> Any:
    return request.param


async def test_a_conversation_comes_back_and_goes_on(store: MakeStore, runner: Any) -> None:
    chat = BurrChat.open(chatbot, app_id="a", store=store(), runner=runner)
    await chat.send("one")
    await chat.send("two")
    said = transcript(chat)
    assert said == [("user", "one"), ("assistant", "one"), ("user", "two"), ("assistant", "two")]
    state = chat.app.state.get_all()
    chat.close()

    again = BurrChat.open(chatbot, app_id="a", store=store(), runner=runner)
    assert transcript(again) == said
    assert again.app.state.get_all() == state
    assert (again.app.uid, again.app.sequence_id, again.app.entrypoint) == ("a", 5, "prompt")
    turn = await again.send("three")
    assert (turn.status, turn.actions) == ("completed", ["prompt", "prepare", "answer"])
    assert again.app.sequence_id == 8
    assert transcript(again) == [*said, ("user", "three"), ("assistant", "three")]
    assert again.app.state["chat_history"][:4] == state["chat_history"]


@pytest.mark.parametrize("fail", ["before", "during"])
async def test_a_turn_that_failed_is_gone(store: MakeStore, runner: Any, fail: str) -> None:
    chat = BurrChat.open(chatbot, app_id="a", store=store(), runner=runner)
    assert (await chat.send(script(fail=fail))).status == "failed"
    assert (await chat.send("one")).status == "completed"
    assert (await chat.send(script(fail=fail))).status == "failed"
    chat.close()
    again = BurrChat.open(chatbot, app_id="a", store=store(), runner=runner)
    assert transcript(again) == [("user", "one"), ("assistant", "one")]
    assert again.app.state["chat_history"] == chat.app.state["chat_history"]
    assert again.app.sequence_id == chat.app.sequence_id
    assert (await again.send("two")).text == "two"


async def test_a_turn_that_is_stopped_is_gone(store: MakeStore, runner: Any) -> None:
    chat = BurrChat.open(chatbot, app_id="a", store=store(), runner=runner)
    await chat.send("one")
    sending = asyncio.ensure_future(chat.send(script(deltas=100_000, delay=0.01)))
    while not chat.turns[1:] or not len(chat.turns[1].deltas):  # noqa: ASYNC110 - whatever thread it runs on
        await asyncio.sleep(0)
    chat.stop()
    assert (await sending).status == "stopped"
    chat.close()
    again = BurrChat.open(chatbot, app_id="a", store=store(), runner=runner)
    assert transcript(again) == [("user", "one"), ("assistant", "one")]
    assert (await again.send("two")).text == "two"


async def test_opened_again_in_the_middle_of_a_turn(store: MakeStore, runner: Any) -> None:
    """The same cell run again: the chat before is closed, and does not write over the new one."""
    chat = BurrChat.open(chatbot, app_id="a", store=store(), runner=runner)
    await chat.send("one")
    sending = asyncio.ensure_future(chat.send(script(deltas=100_000, delay=0.01)))
    while not chat.turns[1:] or not len(chat.turns[1].deltas):  # noqa: ASYNC110 - whatever thread it runs on
        await asyncio.sleep(0)
    again = BurrChat.open(chatbot, app_id="a", store=store(), runner=runner)
    assert chat.comm is None
    await asyncio.wait([sending])
    assert transcript(again) == [("user", "one"), ("assistant", "one")]
    assert (await again.send("two")).text == "two"
    assert [m["content"] for m in again.app.state["chat_history"]] == ["one", "one", "two", "two"]


async def test_conversations_in_one_store_do_not_mix(store: MakeStore) -> None:
    names = [("a", None), ("b", None), ("a", "u"), ("a", "v"), ("u", "a")]
    for app_id, partition_key in names:
        chat = BurrChat.open(chatbot, app_id=app_id, store=store(), partition_key=partition_key)
        await chat.send(f"I am {app_id} of {partition_key}")
        chat.close()
    for app_id, partition_key in names:
        chat = BurrChat.open(chatbot, app_id=app_id, store=store(), partition_key=partition_key)
        assert transcript(chat)[0] == ("user", f"I am {app_id} of {partition_key}")
        assert len(transcript(chat)) == 2


async def test_it_goes_on_where_a_person_was_asked(store: MakeStore) -> None:
    chat = BurrChat.open(writer, app_id="w", store=store())
    await chat.send("rivers")
    chat.close()
    again = BurrChat.open(writer, app_id="w", store=store())
    assert (again.app.get_next_action().name, again.app.entrypoint) == ("revise", "write")
    assert (await again.send("longer!")).actions == ["revise"]
    chat.close()
    # The graph has ended: it begins again, with all that was said.
    last = BurrChat.open(writer, app_id="w", store=store())
    assert last.app.get_next_action().name == "write"
    assert (await last.send("seas")).actions == ["write"]
    assert [text for _, text in transcript(last)] == [
        "rivers", "All about rivers.", "longer!", "All about rivers. (longer!)", "seas", "All about seas.",
    ]  # fmt: skip


async def test_a_second_writer_is_told_and_nothing_is_lost(store: MakeStore) -> None:
    """Two kernels on one conversation: here two chats that know nothing of each other."""
    first = BurrChat.open(chatbot, app_id="a", store=store())
    await first.send("one")
    BurrChat._conversations.clear()  # the other kernel has a list of its own
    second = BurrChat.open(chatbot, app_id="a", store=store())
    await second.send("two")
    for _ in range(4):  # however often one tries: the number of the next row does not come into it
        with pytest.raises(ConversationMoved, match="continued elsewhere"):
            await first.send("three")
    first.close()
    assert (await second.send("four")).status == "completed"
    second.close()
    third = BurrChat.open(chatbot, app_id="a", store=store())
    assert [text for _, text in transcript(third)] == ["one", "one", "two", "two", "four", "four"]


class Intruder(PreRunStepHook):
    """Somebody else who saves the same step, at the moment when it begins here."""

    def __init__(self) -> None:
        self.chat: BurrChat | None = None

    def pre_run_step(self, *, action: Action, sequence_id: int, state: State, **_: Any) -> None:
        if self.chat is not None and action.name == "answer":
            chat, self.chat = self.chat, None
            chat.app._state_persister.copy().save(
                "", "a", sequence_id, "answer", state.update(by="the other"), "completed"
            )


@pytest.mark.parametrize("store", [kind for kind in STORES if "memory" not in kind], indirect=True)
async def test_two_write_the_same_step(store: MakeStore, runner: Any) -> None:
    """The store takes one row of a number: the turn of the second fails, and says what to do."""
    intruder = Intruder()
    chat = BurrChat.open(chatbot().with_hooks(intruder), app_id="a", store=store(), runner=runner)
    await chat.send("one")
    intruder.chat = chat
    turn = await chat.send("two")
    assert turn.status == "failed"
    assert turn.error is not None
    assert turn.error.kind == "ConversationMoved"
    assert "BurrChat.open(...) again" in turn.error.message
    assert chat.app.state["chat_history"][-1]["content"] == "one"
    with pytest.raises(ConversationMoved):
        await chat.send("three")
    chat.close()
    again = BurrChat.open(chatbot, app_id="a", store=store(), runner=runner)
    assert again.app.state["by"] == "the other"
    assert (await again.send("four")).status == "completed"
