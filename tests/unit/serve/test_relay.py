"""What is written and asked for the sake of other processes, and how often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from apps import gates, served
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.frames import Logged
from burr_chat_widget.serve import Conversations, Served, ServedTurn, ServeLimits, turns
from burr_chat_widget.serve.processes import elsewhere, mirror, relay
from burr_chat_widget.serve.processes.board_files import FileBoard
from burr_chat_widget.serve.processes.locks import locks_of
from burr_chat_widget.serve.processes.names import conversation_name, turn_name
from support.page import Clock
from support.session import until

from .test_conversations import frames, held, say, transcript

NAME = conversation_name("p", "a")


class Counted(FileBoard):
    """A board that keeps what it was asked."""

    asked: list[tuple[str, str]]

    async def wish(self, wish: str) -> None:
        self.asked.append(("wish", wish))
        await super().wish(wish)

    async def wishes(self) -> set[str]:
        self.asked.append(("wishes", ""))
        return await super().wishes()

    async def take_down(self, wishes: set[str]) -> None:
        self.asked.append(("take down", " ".join(sorted(wishes))))
        await super().take_down(wishes)

    async def write(self, log: str, at: int, data: bytes) -> None:
        self.asked.append(("write", log))
        await super().write(log, at, data)

    async def read(self, log: str, at: int) -> bytes:
        self.asked.append(("read", log))
        return await super().read(log, at)


Make = Callable[..., tuple[Conversations, list[tuple[str, str]]]]


@pytest.fixture
async def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    """Makes what a process has, and what its board is asked."""
    made: list[Conversations] = []

    def counted(_: object) -> Counted:
        found = Counted(tmp_path / "chats.sqlite")
        found.asked = []
        return found

    monkeypatch.setattr(relay, "board_of", counted)

    def conversations(**options: Any) -> tuple[Conversations, list[tuple[str, str]]]:
        made.append(Conversations(served.builder, store=tmp_path / "chats.sqlite", **options))
        return made[-1], made[-1]._relay.board.asked  # type: ignore[union-attr] -- it is the one from above

    yield conversations
    gates.release()
    for each in made:
        await each.close()


async def sent(turn: Any, start: int = 0) -> bytes:
    return b"".join([some async for some in turn.sent(start)])


async def looked(asked: list[tuple[str, str]], times: int = 2) -> None:
    """Wait until it was looked for wishes so often more."""
    before = asked.count(("wishes", ""))
    await until(lambda: asked.count(("wishes", "")) >= before + times)


async def test_where_nobody_wishes_anything_a_turn_is_written_once_at_its_end(make: Make) -> None:
    here, asked = make()
    chat = await here.open("p", "a")
    assert asked == []
    turn = await chat.begin(held("one", "two"))
    await looked(asked, 3)
    assert {*asked} == {("wishes", "")}
    gates.release("one", "two")
    await turn.ended()
    assert [each for each in asked if each[0] != "wishes"] == [("write", turn_name(NAME, turn.key))]
    await until(here._relay._looking.done)  # type: ignore[union-attr] -- when none runs, nobody looks


async def test_one_query_is_for_all_turns_of_a_process(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "LOOK", 3600.0)
    here, asked = make()
    prompt = held("on")
    turns = [await (await here.open("p", f"a{number}")).begin(prompt) for number in range(5)]
    await until(lambda: len(asked) > 0)
    assert asked == [("wishes", "")]
    gates.release()
    for turn in turns:
        await turn.ended()


async def test_a_turn_is_told_elsewhere_from_the_first_wish_on_and_wished_once(make: Make) -> None:
    (here, written), (other, asked) = make(), make()
    runs, follows = await here.open("p", "a"), await other.open("p", "a")
    turn = await runs.begin(held("one", "two"))
    found = await follows.turn_elsewhere(turn.key)
    assert found is not None
    assert found is await follows.turn_elsewhere(turn.key)  # who follows the same reads it together
    assert [wish for what, wish in asked if what == "wish"] == [f"{NAME}.follow"]
    following = [asyncio.ensure_future(sent(found, start)) for start in (0, 2)]
    gates.release("one")
    await until(lambda: len(found._told) > 6)  # pyright: ignore[reportPrivateUsage]
    gates.release("two")
    whole, rest = await asyncio.gather(*following)
    assert whole == await sent(turn)
    assert rest == await sent(turn, 2)
    assert {log for what, log in written if what == "write"} == {turn_name(NAME, turn.key), NAME}
    assert found.is_over_at(len(turn.turn.events))
    assert not found.is_over_at(len(turn.turn.events) - 1)
    await until(found._reading.done)  # type: ignore[union-attr] -- nobody follows any more


async def test_what_is_told_of_a_turn_that_is_held_for_long_is_kept(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "FRESH", 0.0)
    (here, written), (other, _) = make(), make()
    turn = await (await here.open("p", "a")).begin(held("on"))
    found = await (await other.open("p", "a")).turn_elsewhere(turn.key)
    assert found is not None
    log = ("write", turn_name(NAME, turn.key))
    before = written.count(log)
    await until(lambda: written.count(log) > before + 1)  # nothing new is told meanwhile
    gates.release()
    assert await sent(found) == await sent(turn)


async def test_of_a_turn_with_too_much_to_tell_others_hear_the_beginning(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "MOST", 2000)
    monkeypatch.setattr(relay, "PIECE", 500)
    monkeypatch.setattr(turns, "MOST", 2)
    (here, _), (other, _) = make(), make()
    turn = await say(await here.open("p", "a"), "one two three four five")
    found = await (await other.open("p", "a")).turn_elsewhere(turn.key)
    assert found is not None
    whole, told = await sent(turn), await sent(found)
    assert whole.startswith(told)
    assert 0 < len(told) <= 2000 < len(whole)
    assert told.endswith(b"\n\n")


async def test_what_was_perhaps_written_is_written_again_as_it_was(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "PAUSE", 0.01)
    (here, _), (other, _) = make(), make()
    writes: list[tuple[str, int, bytes]] = []

    async def write(self: Counted, log: str, at: int, data: bytes) -> None:
        await FileBoard.write(self, log, at, data)
        if log != NAME:
            writes.append((log, at, data))
            if len(writes) == 1:
                gates.release("one")
            if len(writes) in (1, 3):  # it is there, and nobody has heard so
                raise OSError("broken off")

    monkeypatch.setattr(Counted, "write", write)
    turn = await (await here.open("p", "a")).begin(held("one", "two"))
    found = await (await other.open("p", "a")).turn_elsewhere(turn.key)
    assert found is not None
    following = asyncio.ensure_future(sent(found))
    await until(lambda: len(writes) >= 4)
    gates.release("two")
    await turn.ended()
    assert writes[0] == writes[1]
    assert writes[2] == writes[3]
    assert await following == await sent(turn)


async def test_a_board_that_fails_takes_nothing_from_the_turn(
    make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> None:
        raise OSError("no space left")

    here, _ = make()
    monkeypatch.setattr(Counted, "write", fail)
    monkeypatch.setattr(Counted, "wishes", fail)
    chat = await here.open("p", "a")
    turn = await say(chat, "one")
    assert (turn.status, turn.text) == ("completed", "one ")
    assert (await say(chat, "two")).status == "completed"
    said = [record.getMessage() for record in caplog.records if record.name.endswith("relay")]
    assert f"other processes cannot be told of turn {turn.key}" in said
    assert said.count("what other processes wish cannot be looked up") == 1


async def test_an_end_that_cannot_be_told_at_first_is_told(
    make: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures = 0

    async def write(self: Counted, log: str, at: int, data: bytes) -> None:
        nonlocal failures
        if failures < 3:
            failures += 1
            raise OSError("busy")
        await FileBoard.write(self, log, at, data)

    monkeypatch.setattr(Counted, "write", write)
    (here, _), (other, _) = make(), make()
    turn = await say(await here.open("p", "a"), "one")
    found = await (await other.open("p", "a")).turn_elsewhere(turn.key)
    assert found is not None
    assert await sent(found) == await sent(turn)
    assert [record for record in caplog.records if record.name.endswith("relay")] == []


async def test_a_board_that_fails_slowly_is_not_tried_again_at_a_turns_end(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    async def write(_: Counted, log: str, *__: object) -> None:
        tries.append(log)
        raise OSError("out of reach")

    monkeypatch.setattr(Counted, "write", write)
    monkeypatch.setattr(relay, "ENOUGH", -1.0)  # each try takes longer
    here, _ = make()
    turn = await say(await here.open("p", "a"), "one")
    assert tries == [turn_name(NAME, turn.key)]


async def test_what_goes_wrong_with_one_turn_puts_off_no_other(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Counted.write

    async def fail(self: Counted, log: str, at: int, data: bytes) -> None:
        if log == turn_name(NAME, broken.key):
            raise OSError("broken")
        await write(self, log, at, data)

    (here, _), (other, _) = make(), make()
    broken = await (await here.open("p", "a")).begin(held("on"))
    monkeypatch.setattr(Counted, "write", fail)
    turn = await (await here.open("p", "b")).begin(held("on"))
    await other._relay.board.wish(relay.follow_wish(NAME))  # type: ignore[union-attr] -- it is the one from above
    assert await (await other.open("p", "b")).stop_anywhere() == turn.key
    await turn.ended()
    assert (turn.status, broken.status) == ("stopped", "running")
    assert relay.follow_wish(NAME) in await other._relay.board.wishes()  # type: ignore[union-attr] -- likewise


async def test_what_is_wished_while_the_board_fails_is_done_soon_enough(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here, _), (other, _) = make(), make()
    turn = await (await here.open("p", "a")).begin(held("on"))
    look, failed = relay.Relay._look, asyncio.Event()

    async def fail_once(self: relay.Relay) -> None:
        if not failed.is_set() and await self.board.wishes():
            failed.set()
            raise OSError("busy")
        await look(self)

    monkeypatch.setattr(relay.Relay, "_look", fail_once)
    assert await (await other.open("p", "a")).stop_anywhere() == turn.key
    assert failed.is_set()
    await turn.ended()


async def test_a_turn_that_nobody_runs_any_more_has_failed_for_who_follows(make: Make) -> None:
    """Its process is gone: the lock is free, and its log has no end."""
    (here, _), (other, _) = make(), make()
    turn = await say(await here.open("p", "a"), "one two")
    whole = await sent(turn)
    board, log = here._relay.board, turn_name(NAME, "dead")  # type: ignore[union-attr]
    half = whole[: whole.index(b"event: turn-completed") - 4]
    half = half[: half.rindex(b"\n\n") + 2]
    await board.write(log, 0, half + b"id: 99\nevent: te")
    chat = await other.open("p", "a")
    ends = []
    for start in (0, 3):
        found = await chat.turn_elsewhere("dead")
        assert found is not None
        assert found.is_over_at(10**6) == bool(ends)
        told = await sent(found, start)
        ends.append(told.split(b"\n\n")[-2])
        assert half.endswith(told[: -len(ends[-1]) - 2])
    assert ends[0] == ends[1]
    assert b"event: turn-failed" in ends[0]
    assert ends[0].startswith(b"id: %d\n" % half.count(b"\n\n"))


# Whoever listens.


async def mirrored(conversations: Conversations) -> tuple[Served, Any]:
    chat = await conversations.open("p", "a")
    stream = chat.events()
    assert b"view-replaced" in await anext(stream)
    return chat, stream


async def test_what_is_shown_of_a_turn_elsewhere_is_taken_back_when_nobody_listens(make: Make) -> None:
    (here, _), (other, asked) = make(), make()
    runs = await here.open("p", "a")
    await say(runs, "before")
    chat, stream = await mirrored(other)
    turn = await runs.begin(held("one", "two"))
    gates.release("one")
    while b'"text":"one "' not in await anext(stream):
        pass
    assert transcript(chat)[-1] == "one "
    await stream.aclose()
    await until(lambda: transcript(chat) == ["before", "before "])
    await until(lambda: not chat.busy)
    await until(other._relay.watch._looking.done)  # type: ignore[union-attr] -- nobody looks any more
    asked.clear()
    # Who comes again is shown all of it at once: a page that has come here from that process does not take its turn for lost.
    chat, stream = await mirrored(other)
    assert transcript(chat)[-1] == "one "
    assert [each.status for each in chat.outbox.view().turns] == ["running"]
    assert {what for what, _ in asked} <= {"wish", "wishes", "read"}
    gates.release("two")
    while b"turn-completed" not in await anext(stream):
        pass
    while b"view-replaced" not in await anext(stream):
        pass
    assert transcript(chat)[-1] == turn.text
    await stream.aclose()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """By which is measured how long another process is waited for."""
    found = Clock()
    for module in (mirror, elsewhere):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=found))
    return found


async def test_who_comes_while_the_process_that_runs_a_turn_is_late_waits_for_it(
    make: Make, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, goes_on = relay.Relay._look, asyncio.Event()

    async def look_late(self: relay.Relay) -> None:
        await goes_on.wait()
        await look(self)

    monkeypatch.setattr(relay.Relay, "_look", look_late)
    (here, _), (other, asked) = make(), make()
    turn = await (await here.open("p", "a")).begin(held("on"))
    chat = await other.open("p", "a")
    stream = chat.events()
    comes = asyncio.ensure_future(anext(stream))
    await until(lambda: ("wish", f"{NAME}.follow") in asked)
    clock.now += 4.9
    chat._bell.ring()
    goes_on.set()
    assert b"view-replaced" in await comes
    assert [(each.key, each.status) for each in chat.outbox.view().turns] == [(turn.key, "running")]
    await stream.aclose()


async def test_who_goes_and_comes_again_at_once_sees_the_turn_all_the_time(make: Make) -> None:
    (here, _), (other, _) = make(), make()
    runs = await here.open("p", "a")
    chat, stream = await mirrored(other)
    turn = await runs.begin(held("one", "two"))
    gates.release("one")
    while b'"text":"one "' not in await anext(stream):
        pass
    await stream.aclose()
    chat, stream = await mirrored(other)
    assert [each.key for each in chat.outbox.view().turns] == [turn.key]
    gates.release("two")
    told = [await anext(stream)]
    while b"event: turn-completed" not in told[-1]:
        told.append(await anext(stream))
    assert b"view-replaced" not in b"".join(told)
    await stream.aclose()


@pytest.mark.usefixtures("clock")  # which stands still: a wait would have no end
async def test_who_comes_while_no_turn_runs_waits_for_nobody(make: Make) -> None:
    (here, _), (other, asked) = make(), make()
    await say(await here.open("p", "a"), "before")
    chat = await other.open("p", "a")
    asked.clear()
    stream = chat.events()
    await anext(stream)
    assert asked == []
    await stream.aclose()


async def test_who_has_seen_the_end_elsewhere_may_begin_the_next_turn(make: Make) -> None:
    processes = [(await make()[0].open("p", "a")) for _ in range(2)]
    streams = [chat.events() for chat in processes]
    for stream in streams:
        await anext(stream)
    for number in range(4):
        runs, heard = processes[number % 2], streams[(number + 1) % 2]
        turn = await runs.begin(held("on"))
        told = b""
        while turn.key.encode() not in told:
            told = await anext(heard)
        gates.release()
        while b"event: turn-completed" not in told:
            told = await anext(heard)
    await until(lambda: all(len(transcript(chat)) == 8 for chat in processes))
    for stream in streams:
        await stream.aclose()


async def test_a_page_stops_the_turn_that_it_is_shown(make: Make) -> None:
    (here, _), (other, _) = make(), make(limits=ServeLimits(fresh=0.0))
    runs = await here.open("p", "a")
    chat, stream = await mirrored(other)
    turn = await runs.begin(held("on"))
    while b"event: step-started" not in await anext(stream):
        pass
    await chat.command(c.Stop(client="page", turn=turn.key))
    while b"event: turn-stopped" not in await anext(stream):
        pass
    await turn.ended()
    assert turn.status == "stopped"
    assert isinstance([event async for _, event in turn.events()][-1], e.TurnStopped)
    await until(lambda: not chat._mirror.busy)
    for listens in (True, False):  # it stays to be seen
        await chat.refresh()
        assert transcript(chat) == transcript(runs) != []
        if listens:
            await stream.aclose()
    again = await chat.begin("hello")
    await again.ended()
    assert [turn.status for turn in chat.outbox.view().turns] == ["stopped", "completed"]


async def test_a_page_is_told_how_a_turn_goes_and_went_that_it_is_shown(make: Make) -> None:
    (here, _), (other, _) = make(), make()
    runs = await here.open("p", "a")
    await say(runs, "before")
    chat, page = await other.open("p", "a"), frames(await other.open("p", "a"))
    await anext(page)
    turn = await runs.begin(held("one", "two"))
    gates.release("one")
    while "'text': 'one '" not in repr(await anext(page)):
        pass
    log = c.Log(client="page", request="r1", turn=turn.key)
    for ended in (False, True):
        if ended:
            assert await runs.stop_anywhere() == turn.key
            while "turn-stopped" not in repr(await anext(page)):
                pass
        there, told = [await served.command(log) for served in (runs, chat)]
        assert isinstance(there, Logged)
        assert isinstance(told, Logged)
        assert (told.error, told.events) == (None, there.events)
        assert told.frames
        assert told.frames[0].first == 0
    await until(lambda: not chat._mirror.busy)
    await say(chat, "between")  # the turn before stays to be seen
    told = await chat.command(log)
    assert isinstance(told, Logged)
    assert told.events == there.events
    # When the store has more, and nothing is seen of the turn any more, there is nothing to be told of it.
    await say(runs, "after")
    await until(lambda: not chat.mirrored)
    assert turn.key not in [each.key for each in chat.outbox.view().turns]
    missing = await chat.command(log)
    assert isinstance(missing, Logged)
    assert missing.error is not None
    await page.aclose()


@pytest.mark.parametrize(("how", "text"), [("stopped", None), ("failed", None), ("failed", "hello")])
async def test_a_turn_that_was_shown_and_left_nothing_is_tried_again_here(
    make: Make, how: str, text: str | None
) -> None:
    (here, _), (other, _) = make(), make()
    runs = await here.open("p", "a")
    chat, stream = await mirrored(other)
    turn = await runs.begin(held("on", fail="it is broken") if how == "failed" else held("on"))
    while b"event: step-started" not in await anext(stream):
        pass
    if how == "stopped":
        await runs.stop_anywhere()
    gates.release()
    while f"event: turn-{how}".encode() not in await anext(stream):
        pass
    await until(lambda: not chat._mirror.busy)
    await chat.command(c.Retry(client="page", request="r1", turn=turn.key, text=text))
    await until(lambda: "r1" in [each.request for each in (*chat.outbox.view().turns, *chat.outbox.view().refused)])
    view = chat.outbox.view()
    assert view.refused == []
    assert [(each.key == turn.key, each.prompt) for each in view.turns] == [
        (True, turn.turn.prompt),
        (False, text or turn.turn.prompt),
    ]
    assert view.turns[-1].request == "r1"
    await stream.aclose()


async def test_the_end_of_a_server_does_not_wait_for_what_others_run(make: Make) -> None:
    (here, _), (other, _) = make(), make(limits=ServeLimits(idle=1.0))
    turn: ServedTurn = await (await here.open("p", "a")).begin(held("on"))
    chat, stream = await mirrored(other)
    assert [each.status for each in chat.outbox.view().turns] == ["running"]
    await other.close()
    assert turn.status == "running"
    await stream.aclose()
    gates.release()
    await turn.ended()
    assert turn.status == "completed"


@pytest.mark.parametrize("how", ["begin", "command"])
async def test_who_looks_for_long_elsewhere_keeps_nobody_from_a_turn(make: Make, tmp_path: Path, how: str) -> None:
    here, asked = make()
    chat = await here.open("p", "a")
    looks = locks_of(tmp_path / "chats.sqlite").of(NAME)
    assert await looks.acquire()
    try:
        if how == "begin":
            beginning = asyncio.ensure_future(chat.begin("hello"))
        else:
            beginning = asyncio.ensure_future(chat.command(c.Send(client="page", request="r1", text="hello")))
        await until(lambda: ("wish", f"{NAME}.follow") in asked or beginning.done())  # it was tried, and is asked for
    finally:
        await looks.release()
    await beginning
    assert chat.outbox.view().refused == []
    await until(lambda: transcript(chat) == ["hello", "hello "])


async def test_a_wish_that_nobody_hears_is_no_stop(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    (here, _), (other, _) = make(), make()
    chat = await here.open("p", "a")
    turn = await chat.begin(held("on"))
    there = await other.open("p", "a")
    await there.stop_anywhere("another")
    assert turn.status == "running"
    monkeypatch.setattr(relay.Relay, "begin", lambda *_: None)
    monkeypatch.setattr(elsewhere, "PATIENCE", 0.2)
    gates.release()
    await turn.ended()
    second = await chat.begin(held("on"))
    with pytest.raises(elsewhere.NoAnswer):
        await there.stop_anywhere()
    with pytest.raises(elsewhere.NoAnswer):
        await there.stop_anywhere(second.key)
    gates.release()
    await second.ended()
