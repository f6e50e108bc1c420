"""The widget without a front end: in scripts and tests."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest
from burr.core import ApplicationBuilder

from apps import scripted
from burr_chat_widget import BurrChat, BurrChatError


@pytest.fixture
def chat():
    made = BurrChat(scripted.application())
    yield made
    made.close()


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
    while not chat.turns:
        await asyncio.sleep(0)
    with pytest.raises(BurrChatError, match="'t1' is running"):
        await chat.send("too early")
    chat.stop()
    assert (await first).status == "stopped"
    assert (await chat.send("hello")).text == "hello"


async def test_cancelling_the_call_stops_the_turn(chat: BurrChat):
    call = asyncio.ensure_future(chat.send('{"deltas": 100000, "delay": 0.001}'))
    while not chat.turns:
        await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    while chat.turns[0].status == "running":
        await asyncio.sleep(0.001)
    assert chat.turns[0].status == "stopped"


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
