"""The conversations that a process has open; what another process does is done here by a second `Conversations` on the same store."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from burr.core import ApplicationBuilder, State, action
from burr.core.persistence import InMemoryPersister

from apps import gates, served
from apps.kept import chatbot
from burr_chat_widget.errors import InvalidInput, NotABuilder, ServerBusy, TurnRunning
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.frames import Inspected, Logged
from burr_chat_widget.serve import Conversations, Served, ServedTurn, ServeLimits
from burr_chat_widget.transport import loops
from support.page import Clock
from support.session import until

Make = Callable[..., Conversations]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Makes what a process has, all on one store."""
    made: list[Conversations] = []

    def conversations(build: Any = served.builder, **options: Any) -> Conversations:
        options.setdefault("store", tmp_path / "chats.sqlite")
        made.append(Conversations(build, **options))
        return made[-1]

    yield conversations
    gates.release()
    for each in made:
        await each.close()


@pytest.fixture(autouse=True)
def release_all() -> Iterator[None]:
    yield
    gates.release()


def held(*names: str, **more: Any) -> str:
    """A prompt whose answer stops at these gates, each before a piece."""
    gates.hold(*names)
    script = {"say": [f"{name} " for name in names] or ["said"], "gates": [*names], **more}
    return msgspec.json.encode(script).decode()


async def told(turn: ServedTurn, start: int = 0) -> list[e.TurnEvent]:
    return [event async for _, event in turn.events(start)]


async def say(served: Served, text: str) -> ServedTurn:
    turn = await served.begin(text)
    await turn.ended()
    return turn


def transcript(served: Served) -> list[str]:
    return [message.text for message in served.outbox.view().messages if message.kind != "notice"]


async def frames(served: Served, client: str = "page") -> AsyncGenerator[Any, None]:
    async with contextlib.aclosing(served.frames(client)) as stream:
        async for sent in stream:
            yield msgspec.json.decode(sent.removeprefix(b"data: "))


# Opening.


async def test_who_opens_it_at_the_same_time_gets_the_same_one(make: Make) -> None:
    built: list[None] = []

    def build() -> Any:
        built.append(None)
        return served.builder()

    conversations = make(build)
    before = len(built)
    found = await asyncio.gather(*(conversations.open("p", "a") for _ in range(20)))
    assert len({id(each) for each in found}) == 1
    assert len(built) == before + 1
    assert await conversations.open("p", "b") is not found[0]
    assert await conversations.open("q", "a") is not found[0]
    assert len(conversations) == 3


async def test_opening_blocks_no_loop_and_who_goes_away_takes_it_from_nobody(make: Make) -> None:
    def build() -> Any:
        gates.come_to("build")
        return served.builder()

    conversations = make(build)
    gates.hold("build")
    first = asyncio.ensure_future(conversations.open("p", "a"))
    second = asyncio.ensure_future(conversations.open("p", "a"))
    for _ in range(5):
        await asyncio.sleep(0)  # the loop runs, while a thread waits at the gate
    assert not first.done()
    first.cancel()
    gates.release("build")
    assert transcript(await second) == []


async def test_what_is_no_builder_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(NotABuilder):
        Conversations(served.builder().build, store=tmp_path / "chats.sqlite")


async def test_an_option_that_is_not_there_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="there is no option 'propmt'; there are breakpoints, "):
        Conversations(served.builder, store=tmp_path / "chats.sqlite", propmt="prompt")


async def test_one_that_cannot_be_opened_is_tried_again(make: Make) -> None:
    broken = [False]

    def build() -> Any:
        if broken[0]:
            raise RuntimeError("not now")
        return served.builder()

    conversations = make(build)
    broken[0] = True
    with pytest.raises(RuntimeError, match="not now"):
        await conversations.open("p", "a")
    assert len(conversations) == 0
    broken[0] = False
    await conversations.open("p", "a")


# Turns.


async def test_a_turn_is_followed_from_any_event_on_while_it_runs_and_afterwards(make: Make) -> None:
    chat = await make().open("p", "a")
    turn = await chat.begin(held("one", "two"))
    following = asyncio.ensure_future(told(turn))
    gates.release("one", "two")
    events = await following
    assert [type(event).__name__ for event in events if not isinstance(event, e.StateChanged)] == [
        "TurnStarted",
        *("StepStarted", "StepFinished", "TransitionTaken"),
        *("StepStarted", "TextDelta", "TextDelta", "StepFinished", "TransitionTaken"),
        "TurnCompleted",
    ]
    assert (turn.status, turn.text, turn.error) == ("completed", "one two ", None)
    for start in range(len(events) + 2):
        assert [n async for n, _ in turn.events(start)] == [*range(start, len(events))]
        assert await told(turn, start) == events[start:]
    assert chat.turn(turn.key) is turn
    assert chat.turn("t1") is None


async def test_whoever_has_seen_the_last_event_may_begin_the_next_turn(make: Make) -> None:
    first, second = await make().open("p", "a"), await make().open("p", "a")
    for number in range(6):
        async for _, event in (await first.begin(f"{number}")).events():
            if isinstance(event, e.TurnCompleted):
                break
        first, second = second, first
    assert len(transcript(await make().open("p", "b"))) == 0
    assert len(transcript(await make().open("p", "a"))) == 12


async def test_nobody_hears_of_a_turns_end_before_the_next_one_may_begin(make: Make) -> None:
    """Neither who listens to the conversation nor a page: what they ask next may reach another process."""
    first, second = await make().open("p", "a"), await make().open("p", "a")
    for number in range(6):
        page, stream = frames(first), first.events()
        message = await anext(page)
        await anext(stream)
        await first.begin(f"{number}")
        if number % 2:
            while b"event: turn-completed" not in await anext(stream):
                pass
        else:
            while "'turn-completed'" not in repr(message := await anext(page)):
                await first.command(c.Ack(client="page", seq=message["seq"]))
        await say(second, f"other {number}")
        await page.aclose()
        await stream.aclose()
    assert len(transcript(second)) == 24


async def test_a_second_prompt_is_refused_while_one_runs_and_names_the_turn(make: Make) -> None:
    chat = await make().open("p", "a")
    turn = await chat.begin(held("on"))
    with pytest.raises(TurnRunning) as error:
        await chat.begin("another")
    assert error.value.turn == turn.key
    gates.release()
    assert isinstance((await told(turn))[-1], e.TurnCompleted)
    assert (await say(chat, "another")).text == "another "


async def test_of_many_prompts_at_once_one_begins(make: Make) -> None:
    chat = await make().open("p", "a")
    prompt = held("on")
    begun = await asyncio.gather(*(chat.begin(prompt) for _ in range(10)), return_exceptions=True)
    turns = [each for each in begun if isinstance(each, ServedTurn)]
    assert [type(each) for each in begun if each not in turns] == [TurnRunning] * 9
    gates.release()
    assert (await turns[0].ended(), turns[0].status) == (None, "completed")


async def test_what_the_application_does_not_take_is_refused_and_nothing_stays_claimed(make: Make) -> None:
    chat, other = await make().open("p", "a"), await make().open("p", "a")
    with pytest.raises(InvalidInput) as error:
        await chat.begin("hello", {"topic": 1})
    assert "topic" in error.value.fields
    assert not chat.busy
    assert (await say(other, "hello")).status == "completed"


async def test_who_goes_away_while_the_turn_begins_leaves_nothing_claimed(make: Make) -> None:
    chat, other = await make().open("p", "a"), await make().open("p", "a")
    beginning = asyncio.ensure_future(chat.begin("hello"))
    await asyncio.sleep(0)
    beginning.cancel()
    await until(lambda: not chat.busy and transcript(chat) == ["hello", "hello "])
    assert (await say(other, "again")).status == "completed"


async def test_a_turn_that_is_stopped_leaves_the_state_as_it_was(make: Make) -> None:
    chat = await make().open("p", "a")
    await say(chat, "before")
    turn = await chat.begin(held("on"))
    assert not chat.stop("another")
    assert chat.stop(turn.key)
    assert isinstance((await told(turn))[-1], e.TurnStopped)
    assert transcript(await make().open("p", "a")) == ["before", "before "]
    assert (await say(chat, "after")).status == "completed"


# What exceptions say.


async def test_an_exceptions_words_stay_here(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """Nor are they in the view, in frames, in the conversation's events: but in the log, under the turn's key."""
    chat = await make(expose=["state", "stepping", "history"]).open("p", "a")
    page, sent = frames(chat), b""
    await anext(page)
    stream = chat.events()
    sent += await anext(stream)
    with caplog.at_level(logging.ERROR, "burr_chat_widget"):
        turn = await chat.begin('{"say": ["a"], "fail": "the-password"}')
        events = await told(turn)
    assert isinstance(events[-1], e.TurnFailed)
    assert turn.error == events[-1].error
    assert turn.key in events[-1].error.message
    while b"turn-failed" not in sent:
        sent += await anext(stream)
    message = ""
    while "turn-failed" not in message:
        message += repr(await anext(page))
    await page.aclose()
    await stream.aclose()
    for out in (repr(events[1:]), repr(chat.outbox.view().turns), sent.decode(), message):
        assert "RuntimeError" not in out
    assert "the-password" not in repr(
        [event for event in events if not isinstance(event, e.StepStarted | e.TurnStarted | e.StateChanged)]
    )
    (record,) = [each for each in caplog.records if turn.key in each.getMessage()]
    assert "RuntimeError: the-password" in record.getMessage()


async def test_what_is_raised_after_the_answer_is_a_remark_without_its_words(make: Make) -> None:
    chat = await make(chatbot).open("p", "a")
    events = await told(await chat.begin('{"deltas": 1, "fail": "after"}'))
    (notice,) = [event for event in events if isinstance(event, e.Notice)]
    assert notice.text.startswith("Something went wrong here.")
    assert isinstance(events[-1], e.TurnCompleted)
    assert "failed after" not in repr(events)
    assert "failed after" not in repr(chat.outbox.view())


# What is closed, and when.


async def test_of_those_that_nobody_needs_the_one_goes_that_was_not_asked_for_longest(make: Make) -> None:
    clock = Clock()
    conversations = make(limits=ServeLimits(conversations=2), clock=clock)
    found = {}
    for name in ("a", "b", "a", "c"):
        clock.now += 10
        found[name] = await conversations.open("p", name)
    await say(found["a"], "still open")
    assert await conversations.open("p", "a") is found["a"]
    with pytest.raises(ServerBusy):
        await found["b"].begin("closed")
    assert len(conversations) == 2


async def test_what_is_closed_comes_back_as_it_was(make: Make) -> None:
    conversations = make(limits=ServeLimits(conversations=1))
    first = await conversations.open("p", "a")
    await say(first, "one")
    await conversations.open("p", "b")
    again = await conversations.open("p", "a")
    assert again is not first
    assert transcript(again) == ["one", "one "]
    assert (await say(again, "two")).status == "completed"


async def test_nobody_loses_a_running_turn_or_what_they_listen_to(make: Make) -> None:
    clock = Clock()
    limits = ServeLimits(conversations=2, idle=60)
    conversations = make(limits=limits, clock=clock)
    runs, heard = await conversations.open("p", "runs"), await conversations.open("p", "heard")
    turn = await runs.begin(held("on"))
    stream = heard.events()
    await anext(stream)
    with pytest.raises(ServerBusy, match="2 conversations are open"):
        await conversations.open("p", "one more")
    clock.now += 1000
    conversations.sweep()
    assert await conversations.open("p", "runs") is runs
    assert await conversations.open("p", "heard") is heard
    await stream.aclose()
    gates.release()
    await turn.ended()
    await until(lambda: not (runs.busy or heard.busy))
    clock.now += 59
    conversations.sweep()
    assert len(conversations) == 2
    clock.now += 2
    conversations.sweep()
    assert len(conversations) == 0


async def test_the_end_of_the_server_stops_what_runs_and_keeps_what_was_finished(make: Make) -> None:
    conversations = make()
    chat = await conversations.open("p", "a")
    await say(chat, "kept")
    turn = await chat.begin(held("on"))
    following, page = asyncio.ensure_future(told(turn)), frames(chat)
    await anext(page)
    await conversations.close()
    assert isinstance((await following)[-1], e.TurnStopped)
    seen = [message async for message in page]  # it ends
    assert any(event["type"] == "turn-stopped" for message in seen for event in message.get("events", []))
    with pytest.raises(ServerBusy):
        await chat.begin("more")
    with pytest.raises(ServerBusy):
        await conversations.open("p", "b")
    assert transcript(await make().open("p", "a")) == ["kept", "kept "]


async def test_the_end_of_the_server_does_not_wait_for_who_blocks_for_good(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "PATIENCE", 0.1)
    conversations = make(blocking)
    gates.hold("block")
    chat = await conversations.open("p", "a")
    turn = await chat.begin("blocks")
    await until(lambda: len(turn.turn.steps) == 1)
    refused = asyncio.ensure_future(chat.begin("never begins"))
    await asyncio.wait({refused}, timeout=0)
    await conversations.close()
    with pytest.raises((ServerBusy, TurnRunning)):
        await refused
    gates.release("block")


@action(reads=[], writes=["said"])
async def block(state: State, prompt: str) -> State:
    """An action that is async, and blocks all the same."""
    gates.come_to("block")
    return state.update(said=prompt)


def blocking() -> Any:
    return ApplicationBuilder().with_actions(block).with_transitions(("block", "block")).with_entrypoint("block")


# Several processes.


async def test_what_another_process_has_done_is_seen_by_whoever_listens_here(make: Make) -> None:
    here = await make(limits=ServeLimits(fresh=0, watch=0.01)).open("p", "a")
    await say(here, "from here")
    page, stream = frames(here), here.events()
    first = await anext(page)
    assert [m["text"] for m in first["view"]["messages"]] == ["from here", "from here "]
    await anext(stream)
    there = await make().open("p", "a")
    await say(there, "from there")
    both = ["from here", "from here ", "from there", "from there "]
    while (message := await anext(page))["type"] != "snapshot":
        pass
    assert [m["text"] for m in message["view"]["messages"] if m["kind"] != "notice"] == both
    while b"view-replaced" not in (sent := await anext(stream)):
        pass
    assert b"from there" in sent
    assert transcript(here) == both
    turn = await here.begin("again")
    while b"turn-completed" not in (await anext(stream)):
        pass
    assert turn.text == "again "
    await page.aclose()
    await stream.aclose()


async def test_a_turn_is_run_on_what_another_process_has_left(make: Make) -> None:
    here, there = await make().open("p", "a"), await make().open("p", "a")
    for each, text in ((here, "1"), (there, "2"), (here, "3"), (there, "4")):
        assert (await say(each, text)).status == "completed"
    assert transcript(there) == [said for n in "1234" for said in (n, f"{n} ")]


async def test_while_another_process_runs_a_turn_none_begins_and_without_listeners_nothing_of_it_is_seen(
    make: Make,
) -> None:
    here = await make(limits=ServeLimits(fresh=0)).open("p", "a")
    there = await make().open("p", "a")
    turn = await there.begin(held("on"))
    with pytest.raises(TurnRunning) as error:
        await here.begin("no")
    assert error.value.turn == turn.key
    assert await here.runs_elsewhere()
    assert not await there.runs_elsewhere()
    await here.refresh()
    assert transcript(here) == []
    gates.release()
    await turn.ended()
    assert not await here.runs_elsewhere()
    assert len(transcript(here)) == 2
    assert here.turn(turn.key) is None


async def test_who_takes_up_what_was_left_stands_in_nobodys_way(make: Make) -> None:
    slow, taking_up, go_on = threading.Event(), threading.Event(), threading.Event()

    def build() -> Any:
        if slow.is_set():
            taking_up.set()
            assert go_on.wait(30)
        return served.builder()

    here = await make().open("p", "a")
    there = await make(build, limits=ServeLimits(fresh=0)).open("p", "a")
    await say(here, "1")
    slow.set()
    looking = asyncio.create_task(there.refresh())
    assert await asyncio.to_thread(taking_up.wait, 30)
    try:
        assert (await say(here, "2")).status == "completed"
    finally:
        go_on.set()
        await looking
    await there.refresh()
    assert transcript(there) == [said for n in "12" for said in (n, f"{n} ")]
    assert (await say(there, "3")).status == "completed"


async def test_where_turns_are_held_stays_when_it_is_taken_up_again(make: Make) -> None:
    here = await make(expose=["stepping"], limits=ServeLimits(fresh=0)).open("p", "a")
    await here.command(c.SetBreakpoint(client="page", request="r1", action="answer"))
    await say(await make().open("p", "a"), "elsewhere")
    await here.refresh()
    assert [point.action for point in here.outbox.view().breakpoints] == ["answer"]
    turn = await here.begin("held")
    await until(lambda: here.outbox.view().status == "paused")
    await here.command(c.Resume(client="page", request="r2"))
    await turn.ended()
    assert turn.text == "held "


async def test_what_may_not_begin_a_turn_begins_none(make: Make) -> None:
    chat = await make(expose=["stepping"]).open("p", "a")
    await chat.command(c.Resume(client="page", request="r1"), may_begin=False)
    await until(lambda: chat.outbox.view().refused)
    assert "the turn has ended meanwhile" in chat.outbox.view().refused[0].reason
    await until(lambda: not chat.busy)


# What pages ask.


async def test_a_page_says_something_and_is_sent_what_becomes_of_it(make: Make) -> None:
    chat = await make().open("p", "a")
    page = frames(chat)
    assert (await anext(page))["type"] == "snapshot"
    assert chat.has_page("page")
    assert await chat.command(c.Send(client="page", request="r1", text="hello")) is None
    events: list[Any] = []
    while "turn-completed" not in [event["type"] for event in events]:
        message = await anext(page)
        await chat.command(c.Ack(client="page", seq=message["seq"]))
        events += message.get("events", [])
    assert events[0]["request"] == "r1"
    assert events[0]["inputs"] == {}
    await page.aclose()
    assert not chat.has_page("page")
    await until(lambda: not chat.busy)


async def test_what_is_not_exposed_is_refused_in_words(make: Make) -> None:
    chat = await make().open("p", "a")
    await say(chat, "hello")
    step = chat.outbox.view().steps[-1].step
    for command in (
        c.Pause(client="page", request="r1"),
        c.Rewind(client="page", request="r2", step=step),
        c.Retry(client="page", request="r3", turn=chat.outbox.view().turns[-1].key),
    ):
        assert await chat.command(command) is None
    refused = {each.request: each.reason for each in chat.outbox.view().refused}
    assert [reason.partition(": ")[2] for reason in refused.values()] == [
        "it has no expose='stepping'.",
        "it has no expose='history'.",
        "it has no expose='history'.",
    ]
    inspected = await chat.command(c.Inspect(client="page", request="r4", step=None))
    assert isinstance(inspected, Inspected)
    assert inspected.rows == []
    assert inspected.error is not None
    assert "the-private-value" not in repr(chat.outbox.view())


async def test_what_is_exposed_is_answered(make: Make) -> None:
    chat = await make(expose=["state", "history"]).open("p", "a")
    turn = await say(chat, "hello")
    inspected = await chat.command(c.Inspect(client="page", request="r1", step=None))
    assert isinstance(inspected, Inspected)
    assert (inspected.error, [row.key for row in inspected.rows]) == (None, ["chat_history", "script", "private"])
    step = chat.outbox.view().steps[0].step
    await chat.command(c.Rewind(client="page", request="r2", step=step))
    await until(lambda: "r2" in chat.outbox.view().accepted)
    await until(lambda: not chat.busy)
    logged = await chat.command(c.Log(client="page", request="r3", turn=turn.key))
    assert isinstance(logged, Logged)


async def test_what_one_client_prefers_changes_nothing_for_all(make: Make) -> None:
    chat = await make().open("p", "a")
    page = frames(chat)
    await anext(page)
    before = chat.outbox.limits
    assert await chat.command(c.Prefer(client="page", frames=1, save="nothing")) is None
    assert chat.outbox.limits == before


async def test_a_log_tells_no_more_than_the_events_did_and_which_frames_carried_them(make: Make) -> None:
    chat = await make().open("p", "a")
    page = frames(chat)
    await anext(page)
    await say(chat, "before")
    turn = await say(chat, "hello")
    sent: list[str] = []
    while not any("turn-completed" in each and turn.key in each for each in sent):
        sent.append(repr(await anext(page)))
    logged = await chat.command(c.Log(client="page", request="r1", turn=turn.key))
    assert isinstance(logged, Logged)
    assert "the-private-value" not in repr(logged)
    assert type(logged.events[0]).__name__ == "TurnStarted"
    assert logged.frames
    assert all(frame.first < len(turn.turn.events) and frame.last > 0 for frame in logged.frames)
    await page.aclose()


async def test_a_failed_turn_is_tried_again_without_further_leave(make: Make) -> None:
    chat = await make().open("p", "a")
    turn = await say(chat, '{"say": ["a"], "fail": "x"}')
    await chat.command(c.Retry(client="page", request="r1", turn=turn.key))
    await until(lambda: not chat.busy)
    assert [each.request for each in chat.outbox.view().turns] == ["r1"]
    assert chat.outbox.view().refused == []


async def test_a_page_is_refused_while_another_process_runs_a_turn(make: Make) -> None:
    here, there = await make().open("p", "a"), await make().open("p", "a")
    turn = await there.begin(held("on"))
    await here.command(c.Send(client="page", request="r1", text="no"))
    (refused,) = here.outbox.view().refused
    assert refused.reason == "A turn is running: wait for it to end, or stop it first."
    gates.release()
    await turn.ended()


async def test_a_second_stream_of_the_same_page_takes_the_place_of_the_first(make: Make) -> None:
    chat = await make().open("p", "a")
    first = frames(chat)
    await anext(first)
    second = frames(chat)
    assert (await anext(second))["type"] == "snapshot"
    assert [message async for message in first] == []
    await say(chat, "hello")
    assert (await anext(second))["type"] == "frame"
    assert chat.has_page("page")
    await second.aclose()


async def test_the_server_s_store_may_be_an_object(make: Make) -> None:
    store = InMemoryPersister()
    conversations = make(store=store)
    await asyncio.gather(*(_said(conversations, f"a{n}") for n in range(8)))
    again = make(store=store)
    for n in range(8):
        assert transcript(await again.open("p", f"a{n}")) == [f"a{n}", f"a{n} "]


async def _said(conversations: Conversations, name: str) -> None:
    await say(await conversations.open("p", name), name)


async def test_what_was_asked_and_answered_is_known_to_the_process_that_goes_on(make: Make) -> None:
    """The one that has answered dies before the page hears of it, which asks again wherever it is led."""
    one, other = make(), make(limits=ServeLimits(fresh=0.0))
    there = await other.open("p", "a")  # was open before
    here = await one.open("p", "a")
    ask = c.Send(client="page", request="once", text="only once", inputs={})
    await here.command(ask)
    await until(lambda: here.outbox.view().status == "idle" and len(transcript(here)) == 2)
    await until(lambda: not here.busy)

    await there.command(ask)
    await there.refresh()
    await until(lambda: not there.busy)
    view = there.outbox.view()
    assert (transcript(there), view.turns) == (["only once", "only once "], [])
    assert set(view.accepted) == {"once"}
    await say(there, "next")
    assert transcript(there) == ["only once", "only once ", "next", "next "]
