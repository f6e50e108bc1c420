"""The document of a chat: what its page would have asked, answered beforehand, in bounded room."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from apps import scripted
from burr_chat_widget import BurrChat
from burr_chat_widget._version import __version__
from burr_chat_widget.protocol.commands import Inspect, Log
from burr_chat_widget.protocol.fold import fold
from burr_chat_widget.protocol.frames import Inspected, Logged, Row, Text
from burr_chat_widget.protocol.marks import decode_marks
from burr_chat_widget.protocol.saved import SavedChat
from burr_chat_widget.protocol.view import View
from burr_chat_widget.saved import Documents, end, shorten
from support.scripts import script, words

FIXTURES = Path(__file__).parents[2] / "interop/fixtures"

Answer = Callable[[Inspect | Log], Inspected | Logged]


class Asked:
    """The session of a chat, and what it was asked."""

    def __init__(self, chat: BurrChat) -> None:
        self._answer: Answer = chat._session.answer
        self.commands: list[Inspect | Log] = []

    def __call__(self, command: Inspect | Log) -> Inspected | Logged:
        self.commands.append(command)
        return self._answer(command)


def view_of(chat: BurrChat) -> View:
    view = chat._session.outbox.view()
    end(view)
    return view


def read(document: bytes | None) -> SavedChat:
    assert document is not None
    return msgspec.json.decode(document, type=SavedChat)


@pytest.fixture
async def chat():
    made = BurrChat(scripted.application())
    yield made
    made.close()


async def test_it_has_all_that_a_page_would_have_asked(chat: BurrChat):
    turn = await chat.send(script(deltas=700))
    saved = read(Documents(chat._session.answer).make(view_of(chat)))
    assert (saved.format, saved.version, saved.left_out) == (1, __version__, 0)
    assert saved.view == view_of(chat)
    (told,) = saved.turns
    assert told.key == turn.key
    texts = [event for event in told.events if isinstance(event, Text)]
    assert "".join(text.text for text in texts) == words(700)
    assert sum(sum(1 for _ in decode_marks(text.marks)) for text in texts) == 700
    # Folding what was told, one after the other, is what a replay does.
    first = BurrChat(scripted.application())
    view = first._session.outbox.view()
    first.close()
    for event in told.events:
        fold(view, event)
    assert view.messages[-1].text == words(700)
    assert [step.step for step in saved.steps] == turn.steps
    last = {(place.what, *place.path): place for place in saved.steps[-1].places}
    root = last["state",]
    history = next(at for at, row in enumerate(root.rows) if row.key == "chat_history")
    assert root.rows[history].change == "changed"
    content = next(place for name, place in last.items() if name[:2] == ("state", history) and place.text == words(700))
    assert content.more == 0
    assert "result" in {name[0] for name in last}


async def test_what_was_put_together_of_a_turn_is_put_together_once(chat: BurrChat):
    asked = Asked(chat)
    documents = Documents(asked)
    await chat.send(script(deltas=3))
    documents.make(view_of(chat))
    first = len(asked.commands)
    assert first > 0
    documents.make(view_of(chat))
    assert len(asked.commands) == first
    turn = await chat.send(script(deltas=3))
    documents.make(view_of(chat))
    new = asked.commands[first:]
    assert {each.turn for each in new if isinstance(each, Log)} == {turn.key}
    assert {each.step for each in new if isinstance(each, Inspect)} == {*turn.steps}


async def test_it_is_made_anew_where_one_has_gone_back(chat: BurrChat):
    await chat.send(script(deltas=2))
    documents = Documents(chat._session.answer)
    documents.make(view_of(chat))
    chat.rewind(chat.checkpoints[0])
    saved = read(documents.make(view_of(chat)))
    assert [step.step for step in saved.steps] == [0]
    assert "answer" not in {getattr(event, "action", None) for event in saved.turns[0].events}


async def test_what_is_redacted_is_not_in_it():
    chat = BurrChat(scripted.application(), redact=["script"])
    await chat.send(script(deltas=1, text="hush", secret="swordfish"))
    document = Documents(chat._session.answer).make(view_of(chat)) or b""
    chat.close()
    places = [place for step in read(document).steps for place in step.places]
    rows = [row for place in places for row in place.rows if row.key == "script"]
    assert rows
    assert all(row.redacted and not row.text for row in rows)


@pytest.mark.parametrize("room", [2_000, 8_000, 20_000, 60_000, 1_000_000])
async def test_it_never_takes_more_room_and_the_oldest_goes_first(chat: BurrChat, room: int):
    turns = [await chat.send(script(deltas=40, text="some words ")) for _ in range(12)]
    view = view_of(chat)
    left_out = shorten(view, room)
    document = Documents(chat._session.answer, room=room).make(view, left_out=left_out)
    if document is None:
        assert room == 2_000
        return
    assert len(document) <= room
    saved = read(document)
    keys = [turn.key for turn in turns]
    told = [turn.key for turn in saved.turns]
    assert told == keys[len(keys) - len(told) :]
    steps = [number for turn in turns for number in turn.steps]
    opened = [step.step for step in saved.steps]
    first = steps.index(opened[0]) if opened else 0  # what is too large for itself is passed over
    assert opened == steps[first : first + len(opened)]
    assert (room < 1_000_000) == (len(told) < 12 or len(opened) < len(steps))
    assert saved.left_out == 24 - len(saved.view.messages)


def test_a_turn_that_takes_too_much_room_is_not_looked_at_to_its_end(chat_of: Callable[..., Any]):
    pieces: list[int] = []

    def endless(command: Inspect | Log) -> Inspected | Logged:
        if isinstance(command, Inspect):
            return Inspected(client="", request="", rows=[Row(key="k", kind="str", text="v")])
        pieces.append(command.start)
        return Logged(client="", request="", events=[Text(step=1, text="x" * 10_000, marks="AB")], more=True)

    document = Documents(endless, room=100_000).make(chat_of())
    assert read(document).turns == []
    assert pieces == [*range(len(pieces))]
    assert len(pieces) < 15


@pytest.fixture
def chat_of():
    from unit.saved.test_excerpt import long_view

    return lambda: long_view(1)


def test_what_cannot_be_answered_is_left_out(chat_of: Callable[..., Any]):
    def mute(command: Inspect | Log) -> Inspected | Logged:
        kind = Inspected if isinstance(command, Inspect) else Logged
        return kind(client="", request="", error="no")

    saved = read(Documents(mute).make(chat_of()))
    assert saved.turns == []
    assert [step.places for step in saved.steps] == [[]]


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("saved-*.json")), ids=lambda path: path.name)
def test_a_document_of_an_earlier_version_is_one_still(path: Path):
    saved = msgspec.convert(json.loads(path.read_text()), SavedChat)
    assert saved.view.messages
    assert saved.turns
    assert saved.steps
