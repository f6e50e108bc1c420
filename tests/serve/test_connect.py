"""BurrChat.connect against a real server, over real sockets that break."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from apps import gates, kept, served, waiting
from burr_chat_widget import BurrChat
from burr_chat_widget.connect import following
from burr_chat_widget.errors import (
    ApplicationEnded,
    BurrChatError,
    ConventionError,
    InvalidInput,
    NoApplication,
    ServerError,
    TurnRunning,
)
from burr_chat_widget.jupyter.words import state_lines
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.view import View
from support.cuttable import Cuttable, cuttable
from support.page import Page
from support.ports import free_port
from support.session import is_answered, until

from .conftest import Process, Serve, Site

CHAT = "p/a"
LARGE = {f"key_{number}": number for number in range(250)}
"""More keys of a state than one answer holds."""
Connect = Callable[..., BurrChat]
Start = Callable[..., Process]


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Connects chats that are closed at the end, and that do not wait long for a server to come back."""
    monkeypatch.setattr(following, "AGAIN", 0.01)
    monkeypatch.setattr(following, "AGAIN_MAX", 0.1)
    made: list[BurrChat] = []

    def make(url: str, **options: Any) -> BurrChat:
        made.append(BurrChat.connect(url, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def conversation(site: Site | Cuttable | Process, chat: str = CHAT) -> str:
    return f"{site.url.rstrip('/')}/chats/{chat}"


def seen(chat: BurrChat) -> View:
    return chat._session.outbox.view()


def said(chat: BurrChat) -> list[str]:
    """The transcript, without remarks."""
    return [message.text for message in seen(chat).messages if message.kind != "notice"]


def at_the_server(site: Site, chat: str = CHAT) -> View:
    return msgspec.json.decode(site.http.get(f"/chats/{chat}").content, type=View)


def comparable(view: View) -> dict[str, Any]:
    """Without what each session of pages has for itself."""
    return msgspec.to_builtins(msgspec.structs.replace(view, accepted=[], refused=[]))


async def same(chat: BurrChat, site: Site, name: str = CHAT) -> None:
    """Wait until the chat shows what the server has."""
    expected = await asyncio.to_thread(at_the_server, site, name)
    await until(lambda: comparable(seen(chat)) == comparable(expected))


def told(site: Site, turn: str, chat: str = CHAT) -> list[Any]:
    with site.stream("GET", f"/chats/{chat}/turns/{turn}/events") as stream:
        return [sent.data for sent in stream.rest()]


def as_told(chat: BurrChat, place: int = -1) -> list[Any]:
    return [msgspec.to_builtins(event) for event in chat.turns[place].events]


class Reader:
    """A page of this process that shows a chat."""

    def __init__(self, chat: BurrChat) -> None:
        self.chat = chat
        chat._pump.close()  # this page takes what is sent by itself
        self.page = Page(chat._session.outbox)
        self.requests = 0

    def say(self, kind: Any, **fields: Any) -> str:
        self.requests += 1
        request = f"reader-{self.requests}"
        command = kind(client="page", request=request, **fields)
        self.chat._on_message(None, msgspec.to_builtins(command), [])
        return request

    async def until(self, condition: Callable[[View], Any]) -> View:
        def look() -> View | None:
            for message in self.page.outbox.take():
                self.page.receive(message)
            self.page.ack()
            return self.page.view if self.page.view is not None and condition(self.page.view) else None

        return await until(look)

    async def ask(self, kind: Any, **fields: Any) -> str | None:
        request = self.say(kind, **fields)
        view = await self.until(lambda view: is_answered(view, request))
        return next((each.reason for each in view.refused if each.request == request), None)


# What works.


async def test_a_turn_is_what_it_is_at_the_server(site: Site, connect: Connect):
    chat = connect(conversation(site))
    turn = await chat.send("four words of text")
    assert (turn.status, turn.text, turn.prompt) == ("completed", "four words of text ", "four words of text")
    assert (turn.actions, [delta.text for delta in turn.deltas]) == (
        ["prompt", "answer"],
        ["four ", "words ", "of ", "text "],
    )
    assert chat.turns == [turn]
    assert as_told(chat) == told(site, turn.key)
    await same(chat, site)
    assert repr(chat) == "<BurrChat 'Chat': 1 turn>"
    assert [row["text"] for row in chat.timeline.to_rows()] == ["four ", "words ", "of ", "text "]
    assert chat.graph.chat is chat


async def test_a_new_conversation_is_begun_by_the_servers_address(site: Site, connect: Connect):
    first, second = connect(site.url), connect(f"{site.url}/", app_id="named", project_id="me")
    await first.send("one")
    await second.send("two")
    assert at_the_server(site, "me/named").messages[-1].text == "two "
    assert seen(first).session.app_id.startswith("notebook-")
    third = connect(f"{site.url}/chat/notebook/{seen(first).session.app_id}?token=")
    assert [turn.text for turn in third.turns] == ["one "]


async def test_what_was_before_is_there_from_the_beginning(site: Site, connect: Connect):
    for prompt in ("one two", served.script("a", fail="broken")):
        site.say(prompt)
    chat = connect(conversation(site))
    assert [(turn.status, turn.text) for turn in chat.turns] == [("completed", "one two "), ("failed", "a")]
    assert [as_told(chat, place) for place in (0, 1)] == [told(site, turn.key) for turn in chat.turns]
    assert chat.turns[1].error is not None
    await same(chat, site)


async def test_one_joins_in_the_middle_of_a_turn(site: Site, connect: Connect):
    gates.hold("half")
    first = connect(conversation(site))
    sent = asyncio.ensure_future(first.send(served.script("one ", "two ", gates=["", "half"])))
    await until(lambda: first.turns and first.turns[-1].text == "one ")
    second = connect(conversation(site))
    (turn,) = second.turns
    assert (turn.status, turn.prompt) == ("running", first.turns[-1].prompt)
    assert seen(second).status == "running"
    gates.release("half")
    await sent
    await until(lambda: turn.status == "completed")
    assert as_told(second) == as_told(first) == told(site, turn.key)
    await same(second, site)


async def test_two_chats_see_each_others_turns(site: Site, connect: Connect):
    one, other = connect(conversation(site)), connect(conversation(site))
    await one.send("from one")
    await other.send("from the other")
    for chat in (one, other):
        await until(lambda chat=chat: [turn.text for turn in chat.turns] == ["from one ", "from the other "])
        await same(chat, site)
    assert as_told(one) == as_told(other)


async def test_stop(site: Site, connect: Connect):
    gates.hold("half")
    chat = connect(conversation(site))
    sent = asyncio.ensure_future(chat.send(served.script("one ", "two ", gates=["", "half"])))
    await until(lambda: chat.turns and chat.turns[-1].text == "one ")
    with pytest.raises(TurnRunning):
        await chat.send("meanwhile")
    chat.stop()
    turn = await sent
    assert (turn.status, turn.text) == ("stopped", "one ")
    gates.release("half")
    assert (await chat.send("next")).text == "next "
    chat.stop()  # nothing runs


@contextlib.contextmanager
def in_one_go(chat: BurrChat) -> Iterator[None]:
    """What is asked of the chat meanwhile is asked before anything is answered."""
    go_on = threading.Event()
    chat._session._loop.call(go_on.wait)  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]
    try:
        yield
    finally:
        go_on.set()


async def is_not_stopped(chat: BurrChat) -> None:
    """A turn runs on to its end: a Stop that was kept for it would have come before its last word."""
    gates.hold("half")
    sent = asyncio.ensure_future(chat.send(served.script("one ", "two ", gates=["", "half"])))
    await until(lambda: chat.turns and chat.turns[-1].text == "one ")
    asked: Any = chat._session._asking._asked  # pyright: ignore[reportAttributeAccessIssue]
    await until(lambda: not asked._open)
    gates.release("half")
    turn = await sent
    assert (turn.status, turn.text) == ("completed", "one two ")


async def test_a_stop_for_what_is_refused_stops_nothing_later(site: Site, connect: Connect):
    chat = connect(conversation(site))
    with in_one_go(chat):
        sent = asyncio.ensure_future(chat.send(nothing=3))
        await asyncio.sleep(0)
        chat.stop()
    with pytest.raises(InvalidInput):
        await sent
    await is_not_stopped(chat)


async def test_a_stop_while_no_turn_is_asked_for_stops_nothing_later(serving: Serve, connect: Connect):
    reader = Reader(connect(conversation(serving(expose=["stepping"]))))
    with in_one_go(reader.chat):
        request = reader.say(c.Pause, off=True)
        reader.chat.stop()
    await reader.until(lambda view: is_answered(view, request))
    await is_not_stopped(reader.chat)


async def test_a_stop_is_for_the_turn_that_a_page_has_asked_for(site: Site, connect: Connect):
    gates.hold("half")
    reader = Reader(connect(conversation(site)))
    with in_one_go(reader.chat):
        reader.say(c.Send, text=served.script("one ", "two ", gates=["", "half"]))
        reader.chat.stop()
    await until(lambda: reader.chat.turns and reader.chat.turns[-1].status == "stopped")
    gates.release("half")
    await is_not_stopped(reader.chat)


@pytest.mark.parametrize("when", ["at once", "in its middle"])
async def test_a_send_that_is_cancelled_stops_its_turn(site: Site, connect: Connect, when: str):
    gates.hold("half")
    chat = connect(conversation(site))
    sent = asyncio.ensure_future(chat.send(served.script("one ", "two ", gates=["", "half"])))
    await asyncio.sleep(0)
    if when == "in its middle":
        await until(lambda: chat.turns and chat.turns[-1].text == "one ")
    sent.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sent
    await until(lambda: chat.turns and chat.turns[-1].status == "stopped")
    gates.release("half")


async def test_a_send_that_is_cancelled_stops_no_other_turn(site: Site, connect: Connect):
    gates.hold("half")
    chat = connect(conversation(site))
    first = asyncio.ensure_future(chat.send(served.script("one ", "two ", gates=["", "half"])))
    await until(lambda: chat.turns and chat.turns[-1].text == "one ")
    second = asyncio.ensure_future(chat.send("too early"))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    with pytest.raises(TurnRunning):
        await chat.send("what was asked before has been heard")
    gates.release("half")
    assert (await first).text == "one two "


async def test_a_chat_that_is_closed_leaves_the_turn_to_the_server(site: Site, connect: Connect):
    gates.hold("half")
    chat = connect(conversation(site))
    sent = asyncio.ensure_future(chat.send(served.script("one ", "two ", gates=["", "half"])))
    await until(lambda: chat.turns and chat.turns[-1].text == "one ")
    chat.close()
    with pytest.raises(asyncio.CancelledError):
        await sent
    chat.stop()
    gates.release("half")
    await until(lambda: at_the_server(site).status == "idle")
    assert at_the_server(site).messages[-1].text == "one two "


async def test_what_is_wrong_with_what_is_sent(site: Site, connect: Connect):
    chat = connect(conversation(site))
    with pytest.raises(InvalidInput) as wrong:
        await chat.send(nothing=3)
    assert wrong.value.fields == {"nothing": "No action takes this."}
    with pytest.raises(TypeError, match="inputs travel to the server as JSON"):
        await chat.send("x", client=object())
    with pytest.raises(TypeError, match="is no text"):
        await chat.send(3)  # pyright: ignore[reportArgumentType]
    assert chat.turns == []


async def test_inputs_by_name_and_an_application_that_ends(serving: Serve, connect: Connect):
    chat = connect(conversation(serving(kept.writer)))
    asked = await chat.send(topic="rivers")
    assert (asked.status, asked.text) == ("completed", "All about rivers.")
    with pytest.raises(InvalidInput, match="feedback"):
        await chat.send(feedback="")
    assert (await chat.send("too short")).text == "All about rivers. (too short)"
    with pytest.raises(ApplicationEnded, match="the application has ended"):
        await chat.send("more")
    reader = Reader(chat)
    assert await reader.ask(c.Restart) is None
    assert (await chat.send("lakes")).text == "All about lakes."


async def test_any_text_arrives_as_it_is(site: Site, connect: Connect):
    chat = connect(conversation(site))
    pieces = ["data: ", "\r\n\r\n", "\u2028\x85\u2029", "水🌊", "\ufeff", "\0", 'event: x\n\ndata: {"a"', ""]
    turn = await chat.send(served.script(*pieces))
    assert [delta.text for delta in turn.deltas] == [piece for piece in pieces if piece]
    await same(chat, site)


async def test_half_of_a_surrogate_pair_arrives_as_it_is_shown(serving: Serve, connect: Connect):
    chat = connect(conversation(serving()))
    turn = await chat.send("half \ud83c of it")
    assert (turn.prompt, turn.status, turn.text) == ("half \ufffd of it", "completed", "half \ufffd of it ")
    assert (await chat.send("\ud83c\udf0a")).text == "🌊 "
    reader = Reader(chat)
    request = reader.say(c.Send, text="\ud83c")
    await reader.until(lambda view: any(t.request == request and t.status == "completed" for t in view.turns))
    assert said(chat)[-2:] == ["\ufffd", "\ufffd "]
    writer = connect(conversation(serving(kept.writer), "p/writer"))
    assert (await writer.send(topic="half \ud83c")).text == "All about half \ufffd."


async def test_holding_and_stepping_where_the_server_allows_it(serving: Serve, connect: Connect):
    site = serving(expose=["stepping", "history", "state"])
    chat = connect(conversation(site))
    chat.breakpoints.add("answer")
    assert [(point.action, point.when) for point in chat.breakpoints] == [("answer", "before")]
    assert "answer" in chat.breakpoints
    sent = asyncio.ensure_future(chat.send("one two three"))
    await until(lambda: chat.turns and chat.turns[-1].held is not None)
    turn = chat.turns[-1]
    assert turn.actions == ["prompt"]
    assert await chat.step_delta() is turn
    assert turn.text == "one "
    chat.breakpoints.clear()
    assert len(chat.breakpoints) == 0
    assert await chat.resume() is turn
    assert await sent is turn
    assert (turn.status, turn.text) == ("completed", "one two three ")
    chat.pause()
    held = await asyncio.wait_for(asyncio.shield(until_held(chat)), 60)
    await chat.step()
    assert held.actions == ["prompt"]
    await chat.resume()
    chat.pace = 0.01
    assert chat.pace == 0.01
    chat.pace = 0
    with pytest.raises(ConventionError, match="a condition is a function of this process"):
        chat.breakpoints.add("answer", condition=lambda state: state)
    with pytest.raises(BurrChatError, match="there is no action 'nobody'"):
        chat.breakpoints.add("nobody")
    with pytest.raises(ValueError, match="is not from 0 to 60 seconds"):
        chat.pace = 61
    await same(chat, site)


async def until_held(chat: BurrChat) -> Any:
    sent = asyncio.ensure_future(chat.send("held"))
    await until(lambda: chat.turns[-1].held is not None)
    sent.add_done_callback(lambda _: None)
    return chat.turns[-1]


async def test_going_back_where_the_server_allows_it(serving: Serve, connect: Connect):
    site = serving(expose=["history", "state"])
    chat = connect(conversation(site))
    await chat.send("one")
    await chat.send("two")
    checkpoint = chat.checkpoints[1]
    assert (checkpoint.action, checkpoint.sequence_id, checkpoint.turn) == ("answer", 1, chat.turns[0].key)
    chat.rewind(checkpoint)
    await until(lambda: [turn.text for turn in chat.turns] == ["one "])
    await same(chat, site)
    turn = await chat.send("three")
    assert [each.text for each in chat.turns] == ["one ", "three "]
    assert as_told(chat) == told(site, turn.key)


async def test_the_state_after_a_step_is_as_the_server_shows_it(serving: Serve, connect: Connect):
    site = serving(expose=["state"])
    chat = connect(conversation(site))
    await chat.send("one")
    await chat.send("two")
    states = [checkpoint.state for checkpoint in chat.checkpoints]
    assert [[*state] for state in states] == [["chat_history", "script", "private"]] * 4
    assert ["two" in state["chat_history"] for state in states] == [False, False, True, True]
    closed = connect(conversation(serving(), "p/other"))
    await closed.send("one")
    with pytest.raises(ServerError, match="it has no expose='state'"):
        _ = closed.checkpoints[0].state


async def test_the_state_now_is_as_the_server_shows_it(serving: Serve, connect: Connect):
    chat = connect(conversation(serving(lambda: served.builder().with_state(**LARGE), expose=["state"])))
    assert {f"{key}: {value}" for key, value in LARGE.items()} <= {*state_lines(chat, "")}
    assert state_lines(chat, "key_249") == ["key_249: 249"]
    with pytest.raises(BurrChatError, match="the state has no 'none'"):
        state_lines(chat, "none")
    closed = connect(conversation(serving(), "p/other"))
    with pytest.raises(ServerError, match="it has no expose='state'"):
        state_lines(closed, "")
    closed.close()
    with pytest.raises(ServerError, match="the chat is closed"):
        state_lines(closed, "")


async def test_the_state_of_an_application_here_is_all_of_it():
    app = served.builder().with_state(**LARGE).build()
    assert state_lines(BurrChat(app), "key_249") == ["key_249: 249"]


async def test_what_the_server_does_not_allow_is_refused_in_its_words(site: Site, connect: Connect):
    chat = connect(conversation(site))
    await chat.send("one")
    for call in (
        chat.pause,
        lambda: chat.breakpoints.add("answer"),
        lambda: setattr(chat, "pace", 1.0),
        lambda: chat.faults.set("stall"),
        lambda: chat.rewind(chat.checkpoints[0]),
    ):
        with pytest.raises(ServerError, match="This server does not do that for its clients: it has no expose="):
            call()
    with pytest.raises(ServerError, match="expose='stepping'"):
        await chat.step()


async def test_what_only_an_application_can_do(site: Site, connect: Connect, tmp_path: Any):
    chat = connect(conversation(site))
    turn = await chat.send("one")
    for call in (
        lambda: chat.app,
        lambda: chat.branches,
        lambda: chat.record(tmp_path / "lesson.jsonl"),
        lambda: chat.fork(chat.checkpoints[0]),
        lambda: chat.to_test(turn.steps[0], tmp_path),
    ):
        with pytest.raises(NoApplication, match=r"this chat shows a conversation of the server at http://127\.0\.0\.1"):
            call()


# What pages of this process see and ask.


async def test_a_page_chats(site: Site, connect: Connect):
    reader = Reader(connect(conversation(site)))
    request = reader.say(c.Send, text="from a page")
    view = await reader.until(lambda view: any(t.request == request and t.status == "completed" for t in view.turns))
    assert [message.text for message in view.messages] == ["from a page", "from a page "]
    assert reader.chat.turns[-1].request == request
    await reader.until(lambda view: comparable(view) == comparable(at_the_server(site)))


async def test_a_command_that_a_page_says_again_is_carried_out_once(site: Site, connect: Connect):
    reader = Reader(connect(conversation(site)))
    for _ in range(3):
        reader.requests = 0
        request = reader.say(c.Send, text="once")
    await reader.until(lambda view: any(t.request == request and t.status == "completed" for t in view.turns))
    assert [turn.text for turn in reader.chat.turns] == ["once "]
    assert len(at_the_server(site).turns) == 1


async def test_a_page_is_refused_in_the_servers_words(site: Site, connect: Connect):
    reader = Reader(connect(conversation(site)))
    assert await reader.ask(c.Pause) == "This server does not do that for its clients: it has no expose='stepping'."
    assert "see what is said at the fields" in (await reader.ask(c.Send, text="x", inputs={"nothing": "1"}) or "")


async def test_a_page_is_refused_in_words_what_cannot_be_asked(site: Site, connect: Connect):
    reader = Reader(connect(conversation(site)))
    command = c.Send(client="page", request="r", text="x", inputs={"nothing": object()})
    reader.chat._session.pages.handle(command)
    view = await reader.until(lambda view: is_answered(view, "r"))
    (refused,) = view.refused
    assert refused.reason.startswith("This could not be asked of the server: ")


async def test_a_page_stops_a_turn(site: Site, connect: Connect):
    gates.hold("half")
    reader = Reader(connect(conversation(site)))
    reader.say(c.Send, text=served.script("one ", "two ", gates=["", "half"]))
    view = await reader.until(lambda view: view.messages and view.messages[-1].text == "one ")
    reader.chat._on_message(None, {"type": "stop", "client": "page", "turn": view.turns[-1].key}, [])
    view = await reader.until(lambda view: view.status == "idle")
    assert view.turns[-1].status == "stopped"
    gates.release("half")


async def test_a_page_looks_into_a_step_and_a_turn(serving: Serve, connect: Connect):
    chat = connect(conversation(serving(expose=["state"])))
    turn = await chat.send("one")
    answers: list[dict[str, Any]] = []
    chat._post = lambda content, *_: answers.append(content)  # pyright: ignore[reportAttributeAccessIssue]
    chat._on_message(None, {"type": "inspect", "client": "page", "request": "i", "step": turn.steps[0]}, [])
    await until(lambda: answers)
    assert (answers[0]["type"], answers[0]["client"], answers[0]["request"]) == ("inspected", "page", "i")
    assert {row["key"] for row in answers[0]["rows"]} >= {"chat_history", "script"}
    chat._on_message(None, {"type": "log", "client": "page", "request": "l", "turn": turn.key}, [])
    chat._on_message(None, {"type": "log", "client": "page", "request": "m", "turn": "none"}, [])
    await until(lambda: len(answers) == 3)
    assert [each["request"] for each in answers] == ["i", "l", "m"]
    assert answers[1]["events"][0]["type"] == "turn-started"
    assert answers[2]["error"]


async def test_what_is_not_exposed_is_not_looked_into(site: Site, connect: Connect):
    chat = connect(conversation(site))
    turn = await chat.send("one")
    answers: list[dict[str, Any]] = []
    chat._post = lambda content, *_: answers.append(content)  # pyright: ignore[reportAttributeAccessIssue]
    chat._on_message(None, {"type": "inspect", "client": "page", "request": "i", "step": turn.steps[0]}, [])
    await until(lambda: answers)
    assert "expose='state'" in answers[0]["error"]


# Who is let in.


async def test_a_token(serving: Serve, connect: Connect):
    site = serving(token="open-sesame")
    assert (await connect(site.url, token="open-sesame").send("in")).text == "in "
    assert (await connect(f"{site.url}/?token=open-sesame").send("in")).text == "in "
    with pytest.raises(
        ServerError, match="answers those who have its token; pass the one that it was started with"
    ) as missing:
        connect(site.url)
    assert missing.value.status == 401
    with pytest.raises(ServerError, match="does not take this token"):
        connect(site.url, token="wrong")
    with pytest.raises(ValueError, match="is no token"):
        connect(site.url, token="no\ntoken")


async def test_nobody_is_there(connect: Connect):
    with pytest.raises(
        ServerError, match=r"the server at http://127\.0\.0\.1:\d+ does not answer .*see whether it runs"
    ) as refused:
        connect(f"http://127.0.0.1:{free_port()}")
    assert isinstance(refused.value, ConnectionError)
    assert not refused.value.sent


async def test_somebody_else_is_there(serving: Serve, connect: Connect):
    site = serving()
    with pytest.raises(ServerError, match=r"there is no burr-chat-widget server at .*python -m burr_chat_widget serve"):
        connect(f"{site.url}/elsewhere")


# Connections that break.


@pytest.fixture
def network(site: Site) -> Iterator[Cuttable]:
    with cuttable(site.url) as made:
        yield made


async def test_a_connection_that_breaks_anywhere(site: Site, network: Cuttable, connect: Connect):
    chat = connect(conversation(network))
    size = 0
    with site.stream("GET", f"/chats/{CHAT}/events") as stream:
        await chat.send("a few words")
        stream.until("turn-completed")
        size = len(stream.raw)
    for number, place in enumerate(range(0, size, max(1, size // 40))):
        network.cut_after(place)
        turn = await sent_once(chat, f"a few words {number}")
        assert turn.text == f"a few words {number} "
        assert as_told(chat) == told(site, turn.key)
        await until(lambda: chat._session._following.live)
    network.cut_after(10**9)
    await same(chat, site)
    prompts = [turn.prompt for turn in chat.turns]
    assert len(set(prompts)) == len(prompts) == len(at_the_server(site).turns)


async def sent_once(chat: BurrChat, text: str) -> Any:
    """Send it; where it is certain that it did not arrive, as nobody was heard, again."""
    while True:
        try:
            return await chat.send(text)
        except ServerError as error:
            if error.sent:
                raise
        await until(lambda: chat._session._following.live)


async def test_the_server_is_away_during_a_turn_and_comes_back_in_it(site: Site, network: Cuttable, connect: Connect):
    gates.hold("first", "second")
    chat = connect(conversation(network))
    reader = Reader(chat)
    sent = asyncio.ensure_future(chat.send(served.script("one ", "two ", "three ", gates=["", "first", "second"])))
    await reader.until(lambda view: view.messages and view.messages[-1].text == "one ")
    network.cut()
    away = await reader.until(lambda view: not view.composer.enabled)
    assert (
        away.composer.hint
        == f"The server at {network.url} does not answer any more. It is tried again; what runs there may go on."
    )
    with pytest.raises(ServerError, match="does not answer now; it is tried again and again"):
        await chat.send("meanwhile")
    assert "does not answer now" in (await reader.ask(c.Send, text="meanwhile") or "")
    gates.release("first")
    network.mend()
    await reader.until(lambda view: view.composer.enabled and view.messages[-1].text == "one two ")
    gates.release("second")
    turn = await sent
    assert (turn.status, turn.text) == ("completed", "one two three ")
    assert as_told(chat) == told(site, turn.key)
    await same(chat, site)


async def test_the_server_is_back_only_after_the_turn(site: Site, network: Cuttable, connect: Connect):
    gates.hold("half")
    chat = connect(conversation(network))
    sent = asyncio.ensure_future(chat.send(served.script("one ", "two ", gates=["", "half"])))
    await until(lambda: chat.turns and chat.turns[-1].text == "one ")
    network.cut()
    await until(lambda: not seen(chat).composer.enabled)
    gates.release("half")
    await until(lambda: at_the_server(site).turns[-1].status == "completed")
    site.say("and another")
    network.mend()
    turn = await sent
    assert (turn.status, turn.text) == ("completed", "one two ")
    await until(lambda: len(chat.turns) == 2 and chat.turns[-1].status == "completed")
    assert [as_told(chat, place) for place in (0, 1)] == [told(site, each.key) for each in chat.turns]
    await same(chat, site)
    assert seen(chat).composer.enabled


async def test_more_is_told_meanwhile_than_the_server_remembers(
    site: Site, network: Cuttable, connect: Connect, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("burr_chat_widget.serve.ring.EVENTS", 3)
    gates.hold("half", "end")
    chat = connect(conversation(network))
    script = served.script("one ", *["more "] * 20, "end ", gates=["", "half", *[""] * 19, "end"])
    sent = asyncio.ensure_future(chat.send(script))
    await until(lambda: chat.turns and chat.turns[-1].text == "one ")
    network.cut()
    await until(lambda: not seen(chat).composer.enabled)
    gates.release("half")
    await until(lambda: at_the_server(site).messages[-1].text.endswith("more " * 20))
    network.mend()
    await until(lambda: chat.turns[-1].text.endswith("more " * 20))
    gates.release("end")
    turn = await sent
    assert (turn.status, turn.text) == ("completed", "one " + "more " * 20 + "end ")
    assert as_told(chat) == told(site, turn.key)
    await same(chat, site)


async def test_the_server_is_another_one(serving: Serve, connect: Connect):
    site, again = serving(), serving()  # on one store, as before and after a restart
    with cuttable(site.url) as network:
        chat = connect(conversation(network))
        first = await chat.send("before")
        network.cut()
        network.lead_to(again.url)
        network.mend()
        await until(lambda: seen(chat).composer.enabled and not seen(chat).turns)
        assert said(chat) == ["before", "before "]
        assert chat.turns == [first]
        second = await chat.send("after")
        assert second.text == "after "
        assert chat.turns == [first, second]
        assert said(chat) == ["before", "before ", "after", "after "]
        await same(chat, again)


async def test_the_server_is_killed_in_the_middle_of_a_turn(start: Start, connect: Connect, tmp_path: Path):
    gates = {waiting.GATES: str(tmp_path)}
    before = start("apps.waiting:builder", "--port", "0", environment=gates)
    with cuttable(before.url) as network:
        chat = connect(conversation(network))
        first = await chat.send("one two")
        sent = asyncio.ensure_future(chat.send("three @never four"))
        await until(lambda: chat.turns[-1].text == "three ")
        before.end(signal.SIGKILL)
        await until(lambda: not seen(chat).composer.enabled)
        network.lead_to(start("apps.waiting:builder", "--port", "0", environment=gates).url)
        cut_off = await sent
        assert (cut_off.status, cut_off.text) == ("failed", "three ")
        assert cut_off.error is not None
        assert cut_off.error.message.startswith("The server does not know this turn any more")
        await until(lambda: seen(chat).composer.enabled)
        assert said(chat) == ["one two", "one two"]
        last = await chat.send("five")
        assert (last.status, last.text) == ("completed", "five ")
        assert chat.turns == [first, cut_off, last]


async def test_several_processes_are_behind_one_address(serving: Serve, connect: Connect):
    """What is asked may reach another one than the one that is heard."""
    sites = serving(), serving()
    with cuttable(sites[0].url) as network:
        network.lead_to(*(site.url for site in sites))
        one, other = connect(conversation(network)), connect(conversation(network))
        for number in range(2):
            assert (await one.send(f"one {number}")).text == f"one {number} "
            assert (await other.send(f"other {number}")).text == f"other {number} "
        expected = [f"{who} {number}" for number in range(2) for who in ("one", "other")]
        for chat in (one, other):
            await until(lambda chat=chat: said(chat)[::2] == expected)


async def test_the_token_is_another_one_when_the_server_is_back(serving: Serve, connect: Connect):
    site, locked = serving(), serving(token="changed")
    with cuttable(site.url) as network:
        chat = connect(conversation(network))
        gates.hold("half")
        sent = asyncio.ensure_future(chat.send(served.script("one ", "two ", gates=["", "half"])))
        await until(lambda: chat.turns and chat.turns[-1].text == "one ")
        network.cut()
        network.lead_to(locked.url)
        network.mend()
        turn = await sent
        assert turn.status == "failed"
        assert "answers those who have its token" in (seen(chat).composer.hint or "")
        with pytest.raises(ServerError, match="answers those who have its token"):
            await chat.send("more")
        gates.release("half")
