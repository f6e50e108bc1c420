"""The widget without a front end: in scripts and tests."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest
from burr.core import ApplicationBuilder, State
from burr.core.action import streaming_action

from apps import gates, scripted, served
from apps.graphs import build, does
from burr_chat_widget import BurrChat, BurrChatError
from burr_chat_widget.testing import RecordingComm


@pytest.fixture
def chat():
    made = BurrChat(scripted.application())
    yield made
    made.close()


async def until(condition) -> None:
    """Wait until it is so; the turn runs on a thread of its own."""
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("waited in vain")


async def test_a_turn_without_a_front_end(chat: BurrChat):
    turn = await chat.send('{"deltas": 3}')
    assert (turn.status, turn.text, turn.actions) == (
        "completed",
        "word0 word1 word2 ",
        ["prompt", "prepare", "answer"],
    )
    assert chat.turns == [turn]


async def test_a_second_turn_is_refused_while_one_runs(chat: BurrChat):
    first = asyncio.ensure_future(chat.send('{"deltas": 100000, "delay": 0.001}'))
    await until(lambda: chat.turns)
    with pytest.raises(BurrChatError, match="'t1' is running"):
        await chat.send("too early")
    chat.stop()
    assert (await first).status == "stopped"
    assert (await chat.send("hello")).text == "hello"


async def test_cancelling_the_call_stops_the_turn(chat: BurrChat):
    call = asyncio.ensure_future(chat.send('{"deltas": 100000, "delay": 0.001}'))
    await until(lambda: chat.turns)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await until(lambda: chat.turns[0].status != "running")
    assert chat.turns[0].status == "stopped"


@pytest.mark.parametrize("runner", ["thread", "kernel"])
@pytest.mark.parametrize("how", ["cancelled", "stopped"])
async def test_a_turn_is_stopped_right_after_it_was_asked_for(runner: str, how: str):
    chat = BurrChat(scripted.application(), runner=runner)
    for _ in range(20):
        call = asyncio.ensure_future(chat.send('{"deltas": 3}'))
        await asyncio.sleep(0)
        if how == "cancelled":
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
        else:
            chat.stop()
            await call
        await until(lambda: chat._session.running is None and all(turn.status != "running" for turn in chat.turns))
        await chat.send("hello")
    assert [turn.status for turn in chat.turns] == ["stopped", "completed"] * 20
    chat.close()


@pytest.mark.parametrize("runner", ["thread", "kernel"])
async def test_a_call_that_is_cancelled_stops_no_turn_of_others(runner: str):
    gates.hold("half")
    chat = BurrChat(served.builder().build(), runner=runner)
    first = asyncio.ensure_future(chat.send(served.script("one ", "two ", gates=["", "half"])))
    await until(lambda: chat.turns)
    second = asyncio.ensure_future(chat.send("too early"))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    with pytest.raises(BurrChatError, match="'t1' is running"):
        await chat.send("what was asked before has been heard")
    gates.release("half")
    assert (await first).text == "one two "
    chat.close()


def test_the_views_are_one_each(chat: BurrChat):
    assert chat.graph is chat.graph
    assert chat.graph.chat is chat


def test_a_closed_chat_is_freed():
    chat = BurrChat(scripted.application())
    gone = weakref.ref(chat), weakref.ref(chat.graph)
    chat.close()
    del chat
    gc.collect()
    assert [ref() for ref in gone] == [None, None]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((), "no application was given; pass the one that"),
        ((ApplicationBuilder(),), r"call \.build\(\) on the builder first"),
        (("a string",), "'a string' is no Burr application"),
    ],
)
def test_what_is_no_application(given: tuple, words: str):
    with pytest.raises(BurrChatError, match=words):
        BurrChat(*given)


def test_what_is_no_option():
    with pytest.raises(TypeError, match="colour"):
        BurrChat(scripted.application(), colour="blue")
    with pytest.raises(ValueError, match="runner='process' is neither 'thread' nor 'kernel'"):
        BurrChat(scripted.application(), runner="process")


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"title": 5}, "title=5 is no text; pass a str"),
        ({"suggestions": "abc"}, "suggestions='abc' is no list; pass a list of texts"),
        ({"suggestions": 5}, "suggestions=5 is no list; pass a list of texts"),
        ({"suggestions": ["one", 2]}, "suggestions= has 2, which is no text; pass a list of texts"),
        ({"render": 5}, "render=5 is no function; pass one"),
    ],
)
def test_an_option_of_another_kind(option: dict, words: str):
    with pytest.raises(TypeError, match=words):
        BurrChat(scripted.application(), **option)


async def test_two_chats_of_one_application_take_turns():
    app = scripted.application()
    first, second = BurrChat(app), BurrChat(app)
    running = asyncio.ensure_future(first.send('{"deltas": 100000, "delay": 0.001}'))
    await until(lambda: first.turns)
    with pytest.raises(BurrChatError, match="in the middle of a turn"):
        await second.send("too early")
    assert second.turns == []
    first.stop()
    await running
    assert (await second.send("hello")).text == "hello"
    first.close()
    second.close()


@streaming_action(reads=[], writes=["said"])
async def cancels_its_task(state: State, prompt: str):
    """As `asyncio.timeout` does round a stream that never waits: the cancellation arrives somewhere else."""
    task = asyncio.current_task()
    if prompt == "cancel":
        asyncio.get_running_loop().call_soon(task.cancel)
    for _ in range(3):
        yield {"delta": "x"}, None
        await asyncio.sleep(0) if prompt != "cancel" else None
    while prompt == "cancel":
        yield {"delta": "x"}, None
    yield {"said": prompt}, state.update(said=prompt)


async def test_a_turn_cancelled_from_within_ends_all_the_same():
    app = (
        ApplicationBuilder()
        .with_actions(ask=cancels_its_task)
        .with_transitions(("ask", "ask"))
        .with_state(said="")
        .with_entrypoint("ask")
        .build()
    )
    chat = BurrChat(app)
    with pytest.raises(asyncio.CancelledError):
        await chat.send("cancel")
    assert chat.turns[0].status == "stopped"
    assert (await chat.send("hello")).text == "xxx"
    view = await RecordingComm(chat).until(lambda view: view.turns)
    assert [t.status for t in view.turns] == ["stopped", "completed"]
    chat.close()


@pytest.mark.parametrize("runner", ["thread", "kernel"])
@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, GeneratorExit])
async def test_an_action_that_raises_what_is_no_error_stops_its_turn(raised: type[BaseException], runner: str):
    def act(state: State, prompt: str) -> State:
        if prompt == "raise":
            raise raised
        return state.update(said=prompt)

    chat = BurrChat(build(("act", "act"), act=does(act, writes=["said"])), runner=runner)
    assert (await chat.send("raise")).status == "stopped"
    assert (await chat.send("hello")).text == "hello"
    view = await RecordingComm(chat).until(lambda view: len(view.turns) == 2 and view.status == "idle")
    assert [(step.action, step.status) for step in view.steps] == [("act", "stopped"), ("act", "done")]
    chat.close()


@pytest.mark.parametrize("runner", ["thread", "kernel"])
async def test_a_closed_chat_takes_no_more_turns(runner: str):
    chat = BurrChat(scripted.application(), runner=runner)
    assert (await chat.send("hello")).text == "hello"
    chat.close()
    with pytest.raises(RuntimeError, match="the chat is closed"):
        await chat.send("again")


def test_a_prompt_that_no_action_takes():
    with pytest.raises(BurrChatError, match="prompt='query' is no input of any action; the inputs are 'prompt'; pass"):
        BurrChat(scripted.application(), prompt="query")


async def test_a_text_that_is_none(chat: BurrChat):
    with pytest.raises(TypeError, match="123 is no text"):
        await chat.send(123)


def test_it_knows_whether_it_was_closed(chat: BurrChat):
    assert not chat.closed
    chat.close()
    assert chat.closed


def test_it_says_what_it_is(chat: BurrChat):
    assert repr(chat) == "<BurrChat 'Chat': 0 turns>"
