"""A chat without a front end, as its page: what it is sent, and what it answers."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from apps import scripted
from burr_chat_widget import BurrChat
from burr_chat_widget.protocol.frames import AssetReply, Frame, Snapshot, Text
from burr_chat_widget.protocol.marks import decode_marks
from burr_chat_widget.testing import RecordingComm
from support.scripts import script, words


@pytest.fixture
def chat():
    made = BurrChat(scripted.application())
    yield made
    made.close()


async def test_a_prompt_of_the_page_is_answered_in_frames(chat: BurrChat):
    comm = RecordingComm(chat)
    assert (await comm.until(lambda view: view)).turns == []
    request = comm.command("send", text=script(deltas=30), inputs={})
    view = await comm.until(lambda view: view.turns and view.status == "idle")
    assert view.turns[0].request == request == chat.turns[0].request
    assert view.messages[-1].text == words(30)
    assert isinstance(comm.messages[0], Snapshot)
    assert [frame.seq for frame in comm.frames] == list(range(1, len(comm.frames) + 1))
    texts = [event for frame in comm.frames for event in frame.events if isinstance(event, Text)]
    assert sum(len(list(decode_marks(text.marks))) for text in texts) == 30
    await comm.until(lambda shown: shown == chat._session.outbox.view())  # what is told after the turn comes too


async def test_it_gives_the_kernel_credit_as_a_page_does():
    """Else most of these would have been put together."""
    chat = BurrChat(scripted.application(), coalesce=False)
    comm = RecordingComm(chat)
    await comm.until(lambda view: view)
    await chat.send(script(deltas=500))
    await comm.until(lambda view: view.turns and view.status == "idle")
    carried = [frame for frame in comm.frames if any(isinstance(event, Text) for event in frame.events)]
    assert len(carried) == 500
    chat.close()


async def test_what_the_page_asks_is_done_or_refused(chat: BurrChat):
    comm = RecordingComm(chat)
    turn = asyncio.ensure_future(chat.send(script(deltas=10_000, delay=0.01)))
    view = await comm.until(lambda view: view.turns)
    assert comm.command("stop", turn=view.turns[0].key) is None
    assert (await turn).status == "stopped"
    request = comm.command("set-fault", fault="stall")
    view = await comm.until(lambda view: view.refused)
    assert [refused.request for refused in view.refused] == [request]
    comm.command("asset", name="../secret")
    assert [message for message in comm.messages if isinstance(message, AssetReply)] == [
        AssetReply(name="../secret", error="there is no asset '../secret' in this build")
    ]


def test_what_is_no_command(chat: BurrChat):
    with pytest.raises(ValueError, match="there is no command 'sing'; there are ack, asset, bye, fork, hello"):
        RecordingComm(chat).command("sing")


async def test_what_does_not_come_is_not_waited_for(chat: BurrChat):
    with pytest.raises(TimeoutError, match="did not come to show it in 0 s"):
        await RecordingComm(chat).until(lambda _: False, timeout=0)


async def test_when_the_chat_is_closed_nothing_more_comes_and_it_is_freed():
    chat = BurrChat(scripted.application())
    comm = RecordingComm(chat)
    await comm.until(lambda view: view)
    chat.close()
    count = len(comm.messages)
    assert chat.comm is None
    gone = weakref.ref(chat)
    del chat
    gc.collect()
    assert gone() is None
    assert len(comm.messages) == count
    assert not any(isinstance(message, Frame) for message in comm.messages)
