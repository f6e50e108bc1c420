"""Two kernels on one conversation: here two chats, or two persisters, that know nothing of each other."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from burr.core import State
from redis import Redis

from apps.kept import chatbot
from burr_chat_widget import BurrChat
from burr_chat_widget.errors import ConversationMoved
from burr_chat_widget.store import open_place
from burr_chat_widget.store.kept import KeptPersister

from .conftest import STORES, MakeStore

SHARED = [kind for kind in STORES if "memory" not in kind]


@pytest.fixture(autouse=True)
def leave_nothing_open() -> Iterator[None]:
    yield
    for chat in list(BurrChat._conversations.values()):
        chat.close()


@pytest.mark.parametrize("store", SHARED, indirect=True)
@pytest.mark.parametrize("steps", [1, 2])
async def test_one_goes_on_in_the_middle_of_the_others_turn(store: MakeStore, steps: int) -> None:
    """Whatever actions the two are at: the turn that did not save first fails, and nothing of it comes back."""
    first = BurrChat.open(chatbot, app_id="a", store=store())
    await first.send("one")
    first.pause()
    sending = asyncio.ensure_future(first.send("from the first"))
    while first._session.outbox.view().status != "paused":  # noqa: ASYNC110 - it runs on a thread of its own
        await asyncio.sleep(0)
    for _ in range(steps):
        await first.step()
    BurrChat._conversations.clear()  # the other kernel has a list of its own
    second = BurrChat.open(chatbot, app_id="a", store=store())
    assert (await second.send("from the second")).status == "completed"
    await first.resume()
    turn = await sending
    assert turn.status == "failed"
    assert turn.error is not None
    assert turn.error.kind == "ConversationMoved"
    assert "BurrChat.open(...) again" in turn.error.message
    assert [m["content"] for m in first.app.state["chat_history"]] == ["one", "one"]
    with pytest.raises(ConversationMoved):
        await first.send("again")
    first.close()
    second.close()
    again = BurrChat.open(chatbot, app_id="a", store=store())
    assert [m["content"] for m in again.app.state["chat_history"]] == ["one", "one"] + ["from the second"] * 2


@pytest.mark.parametrize("store", SHARED, indirect=True)
def test_of_many_who_save_at_the_same_moment_one_does(store: MakeStore) -> None:
    """Each at an action of its own, which Burr's tables would take for different rows."""
    names, rounds = ["x", "y", "z"], 15
    together = threading.Barrier(len(names))
    places = [open_place(store()) for _ in names]
    last: list[int | None] = [None]

    def write(name: str, place: Any, number: int) -> str | None:
        kept = KeptPersister(place.persister, "", "a", owned=place.owned)
        kept.last = last[0]
        together.wait()
        try:
            kept.save("", "a", number, name, State({"by": name}), "completed")
        except ConversationMoved:
            return None
        return name

    try:
        with ThreadPoolExecutor(len(names)) as pool:
            for number in range(rounds):
                saved = [
                    who for who in pool.map(write, names, places, [number] * len(names), timeout=60) if who is not None
                ]
                assert len(saved) == 1
                reader = KeptPersister(places[0].persister, "", "a")
                row, newest = reader.row(number), reader.newest()
                assert row is not None
                assert newest is not None
                assert (row["position"], newest["position"], newest["state"]["by"]) == (*saved, *saved, *saved)
                last[0] = number
    finally:
        for place in places:
            place.persister.cleanup()


@pytest.mark.parametrize("store", SHARED, indirect=True)
def test_who_saves_a_later_step_is_seen_too(store: MakeStore) -> None:
    """Not only the same number is refused."""
    one, two = (open_place(store()) for _ in range(2))
    first, second = (KeptPersister(place.persister, "", "a", owned=place.owned) for place in (one, two))
    second.save("", "a", 7, "x", State({}), "completed")
    with pytest.raises(ConversationMoved):
        first.save("", "a", 0, "y", State({}), "completed")
    assert first.row(0) is None
    second.save("", "a", 8, "x", State({}), "completed")
    for place in (one, two):
        place.persister.cleanup()


@pytest.mark.parametrize("store", ["redis"], indirect=True)
@pytest.mark.parametrize("turns", [0, 1])
async def test_a_row_that_was_cut_off_while_it_was_saved_stands_in_nobodys_way(store: MakeStore, turns: int) -> None:
    """Burr's Redis persister writes the row first, and then that it is the newest."""
    chat = BurrChat.open(chatbot, app_id="a", store=store())
    for _ in range(turns):
        await chat.send("one")
    chat.app.step(inputs={"prompt": "cut off"})
    chat.close()
    with Redis.from_url(store()) as connection:
        if turns:
            connection.zadd("burr-chats:", {"a": 2})
        else:
            connection.delete("burr-chats:")
    again = BurrChat.open(chatbot, app_id="a", store=store())
    assert (await again.send("two")).status == "completed"
    again.close()
    last = BurrChat.open(chatbot, app_id="a", store=store())
    assert [m["content"] for m in last.app.state["chat_history"]] == ["one"] * 2 * turns + ["two"] * 2
