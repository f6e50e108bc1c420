"""A recording shown: what is there without an application, and what is refused."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from burr.core import ApplicationBuilder, State, action

from apps import scripted
from apps.conventions import typed_state
from burr_chat_widget import BurrChat
from burr_chat_widget.errors import NoApplication, RecordingError
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.frames import Inspected, Logged
from burr_chat_widget.protocol.view import View
from burr_chat_widget.session import ChatSession, ReplaySession, Turn
from burr_chat_widget.testing import RecordingComm

HINT = "This is a recording: it can be looked at and replayed, and nothing can be sent."


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lesson.jsonl"


@pytest.fixture
def chat():
    made = BurrChat(scripted.application(), title="A lesson", suggestions=["Hello"])
    yield made
    made.close()


@pytest.fixture
def replay(file: Path):
    made: list[BurrChat] = []

    def show(**options: Any) -> BurrChat:
        made.append(BurrChat.replay(file, **options))
        return made[-1]

    yield show
    for each in made:
        each.close()


Show = Callable[..., BurrChat]


async def seen(chat: BurrChat) -> View:
    """What a page shows."""
    return await RecordingComm(chat).until(lambda view: view)


def as_dict(turn: Turn) -> dict[str, Any]:
    """All of a turn but its inputs, whose values are not kept."""
    return {
        "deltas": [(delta.text, round(delta.time, 6)) for delta in turn.deltas],
        "events": [type(event) for event in turn.events],
        **{
            name: getattr(turn, name)
            for name in ("key", "prompt", "status", "actions", "steps", "error", "text", "request")
        },
        "started": round(turn.started, 3),
    }


def cut(file: Path, words: bytes, *, keep: int = 0, then: bytes = b"") -> int:
    """End a file before the first line with these words, or so many lines later, with something else; returns that line's number."""
    lines = file.read_bytes().splitlines(keepends=True)
    place = next(n for n, line in enumerate(lines) if words in line) + keep
    file.write_bytes(b"".join(lines[:place]) + then)
    return place + 1


def opened(session: Any, **asked: Any) -> list[Any]:
    """All that the inspector shows at a place, and below it."""
    asked.setdefault("path", [])
    found = session.inspect(c.Inspect(client="page", request="r", **asked))
    assert found.error is None
    below = [opened(session, **{**asked, "path": [*asked["path"], n]}) for n, row in enumerate(found.rows) if row.rows]
    return [found.text, *found.rows, *below]


async def test_everything_is_there_as_it_was(chat: BurrChat, file: Path, replay: Show):
    with chat.record(file):
        for text in ('{"deltas": 3}', '{"deltas": 2, "fail": "during"}', "three"):
            await chat.send(text)
    shown = replay()
    assert [as_dict(turn) for turn in shown.turns] == [as_dict(turn) for turn in chat.turns]
    assert repr(shown) == "<BurrChat 'A lesson': 3 turns>"
    assert [(p.action, p.sequence_id, p.turn) for p in shown.checkpoints] == [
        (p.action, p.sequence_id, p.turn) for p in chat.checkpoints
    ]
    for recorded, live in zip(shown.checkpoints, chat.checkpoints, strict=True):
        assert isinstance(recorded.state, State)
        assert recorded.state.get_all() == {k: v for k, v in live.state.get_all().items() if not k.startswith("__")}
    view, live = await seen(shown), chat._session.outbox.view()
    for part in ("messages", "steps", "graph", "nodes", "taken", "decisions", "status", "held"):
        assert getattr(view, part) == getattr(live, part), part
    for step in (None, *(step for turn in chat.turns for step in turn.steps)):
        for what in ("state", "given", "inputs", "result"):
            asked = {"step": step, "what": what}
            assert opened(shown._session, **asked) == opened(chat._session, **asked)


async def test_what_a_step_was_given_is_the_state_that_the_one_before_it_left(chat: BurrChat, file: Path, replay: Show):
    with chat.record(file):
        await chat.send('{"deltas": 2}')
    for session in (chat._session, replay()._session):
        steps = [point.sequence_id for point in chat.checkpoints]
        for before, step in itertools.pairwise(steps):
            left = session.inspect(c.Inspect(client="page", request="r", step=before)).rows
            given = session.inspect(c.Inspect(client="page", request="r", step=step, what="given")).rows
            assert [(row.key, row.text) for row in given] == [(r.key, r.text) for r in left if r.change != "removed"]
            assert {row.change for row in given} == {None}
        after = session.inspect(c.Inspect(client="page", request="r", step=steps[-1])).rows
        assert any(row.change for row in after)


async def test_it_says_that_it_is_a_recording(chat: BurrChat, file: Path, replay: Show):
    with chat.record(file):
        await chat.send("one")
    view = await seen(replay())
    assert view.session.recording == "lesson.jsonl"
    assert (view.session.title, view.session.suggestions, view.session.faults) == ("A lesson", [], [])
    assert (view.composer.enabled, view.composer.hint, view.composer.input) == (False, HINT, "prompt")
    assert not any(turn.editable or turn.siblings for turn in view.turns)


async def test_what_was_said_before_is_shown_and_has_no_turns(chat: BurrChat, file: Path, replay: Show):
    await chat.send("before")
    with chat.record(file):
        await chat.send("after")
    shown = replay()
    assert [m.text for m in (await seen(shown)).messages] == ["before", "before", "after", "after"]
    assert [turn.prompt for turn in shown.turns] == ["after"]
    assert len(shown.checkpoints) == 3
    unknown = shown._session.inspect(c.Inspect(client="page", request="r", step=0))
    assert unknown.error == "This step is not kept any more."
    assert len(shown.checkpoints[0].state["chat_history"]) == 3
    asked = [shown._session.log(c.Log(client="page", request="r", turn=key)) for key in ("t1", "t2")]
    assert [logged.error for logged in asked] == [
        "This turn is not in the recording: it was over when the recording began.",
        None,
    ]


def test_an_empty_recording(chat: BurrChat, file: Path, replay: Show):
    chat.record(file).stop()
    shown = replay()
    assert (shown.turns, list(shown.checkpoints)) == ([], [])
    assert [row.key for row in shown._session.inspect(c.Inspect(client="page", request="r", step=None)).rows] == [
        "chat_history"
    ]


async def test_how_a_turn_went_can_be_asked(chat: BurrChat, file: Path, replay: Show):
    with chat.record(file):
        await chat.send('{"deltas": 3}')
    session, live = replay()._session, chat._session
    for start in (0, 5, len(chat.turns[0].events)):
        asked = c.Log(client="page", request="r", turn="t1", start=start)
        logged, was = session.log(asked), live.log(asked)
        assert (logged.error, logged.frames, logged.first, logged.more) == (None, [], start, was.more)
        assert [type(event) for event in logged.events] == [type(event) for event in was.events]
        assert [event for event in logged.events if not isinstance(event, e.Event)] == [
            event for event in was.events if not isinstance(event, e.Event)
        ]
    assert session.log(c.Log(client="page", request="r", turn="t9")).error is not None


async def test_a_turn_that_had_not_ended_is_shown_as_stopped(chat: BurrChat, file: Path, replay: Show):
    with chat.record(file):
        await chat.send('{"deltas": 3}')
    cut(file, b"word1", keep=1)
    shown = replay()
    (turn,) = shown.turns
    assert (turn.status, turn.text, turn.actions) == ("stopped", "word0 word1 ", ["prompt", "prepare", "answer"])
    view = await seen(shown)
    assert view.status == "idle"
    assert [(m.kind, m.status, m.text) for m in view.messages[1:]] == [
        ("text", "stopped", "word0 word1 "),
        ("notice", "done", "The recording ends here, in the middle of this turn."),
    ]
    assert len(shown.checkpoints) == 2
    assert opened(shown._session, step=2, what="result") == [None]


async def test_what_is_before_a_broken_line_can_be_shown(chat: BurrChat, file: Path, replay: Show):
    with chat.record(file):
        await chat.send("one")
        await chat.send("two")
    broken = cut(file, b'"turn":"t2"', then=b"{oops}\n")
    with pytest.raises(RecordingError, match=f"line {broken}: it is not valid JSON"):
        replay()
    shown = replay(partial=True)
    assert [turn.prompt for turn in shown.turns] == ["one"]
    last = (await seen(shown)).messages[-1]
    assert last.kind == "notice"
    assert f"lesson.jsonl, line {broken}: it is not valid JSON" in last.text


def test_of_what_is_no_recording_or_no_file_nothing_can_be_shown(file: Path, replay: Show):
    with pytest.raises(FileNotFoundError):
        replay(partial=True)
    file.write_text("nothing of the kind")
    with pytest.raises(RecordingError):
        replay(partial=True)


async def test_what_is_seen_last_counts_where_one_went_back(chat: BurrChat, file: Path, replay: Show):
    with chat.record(file):
        await chat.send('{"deltas": 1}')
        await chat.send('{"deltas": 2}')
        chat.rewind(chat.checkpoints[3])
        await chat.resume()
    shown = replay()
    assert [as_dict(turn) for turn in shown.turns] == [as_dict(turn) for turn in chat.turns]
    assert [turn.actions for turn in shown.turns] == [
        ["prompt", "prepare", "answer"],
        ["prompt"],
        ["prepare", "answer"],
    ]
    assert [p.sequence_id for p in shown.checkpoints] == [p.sequence_id for p in chat.checkpoints]
    assert shown.checkpoints[-1].state["chat_history"] == chat.checkpoints[-1].state["chat_history"]


async def test_objects_look_and_open_as_they_did(file: Path, replay: Show):
    chat = BurrChat(typed_state.application())
    with chat.record(file):
        await chat.send("https://a/b")
    shown = replay()
    assert shown.checkpoints
    for step in chat.turns[0].steps:
        assert opened(shown._session, step=step) == opened(chat._session, step=step)
    chat.close()


@action(reads=[], writes=["api_key", "n"])
def keeps(state: State, prompt: str) -> State:
    return state.update(api_key=f"sk-{prompt}", n=len(prompt))


async def test_what_was_hidden_stays_hidden_and_is_marked(file: Path, replay: Show):
    app = ApplicationBuilder().with_actions(keeps).with_transitions(("keeps", "keeps")).with_entrypoint("keeps").build()
    chat = BurrChat(app, prompt="prompt")
    with chat.record(file):
        for text in ("a", "b", "b"):
            await chat.send(text)
    shown = replay()
    for step in range(3):
        assert opened(shown._session, step=step) == opened(chat._session, step=step)
    rows = {row.key: row for row in shown._session.inspect(c.Inspect(client="page", request="r", step=1)).rows}
    assert (rows["api_key"].redacted, rows["api_key"].kind, rows["api_key"].change) == (True, "str", "changed")
    assert shown._session.inspect(c.Inspect(client="page", request="r", step=1, path=[0])).error is not None
    chat.close()


@pytest.fixture
async def recorded(chat: BurrChat, file: Path, replay: Show) -> BurrChat:
    with chat.record(file):
        await chat.send("one")
    return replay()


FROM_PYTHON: dict[str, Callable[[BurrChat], Any]] = {
    "send": lambda chat: chat.send("two"),
    "step": lambda chat: chat.step(),
    "step_delta": lambda chat: chat.step_delta(),
    "resume": lambda chat: chat.resume(),
    "pause": lambda chat: chat.pause(),
    "rewind": lambda chat: chat.rewind(chat.checkpoints[0]),
    "fork": lambda chat: chat.fork(chat.checkpoints[0]),
    "to_test": lambda chat: chat.to_test(chat.checkpoints[0]),
    "app": lambda chat: chat.app,
    "branches": lambda chat: chat.branches,
    "breakpoints": lambda chat: chat.breakpoints,
    "faults": lambda chat: chat.faults,
    "pace": lambda chat: setattr(chat, "pace", 1),
    "record": lambda chat: chat.record("other.jsonl"),
}


@pytest.mark.parametrize("name", FROM_PYTHON)
async def test_what_needs_an_application_says_so(name: str, recorded: BurrChat):
    async def ask() -> None:
        await FROM_PYTHON[name](recorded)

    with pytest.raises(NoApplication) as raised:
        await ask()
    assert str(raised.value).startswith("this chat shows the recording 'lesson.jsonl': ")
    assert str(raised.value).endswith("; make a chat of an application with BurrChat(app)")


FROM_PAGES: list[tuple[type[Any], dict[str, Any]]] = [
    (c.Send, {"text": "two"}),
    (c.Retry, {"turn": "t1"}),
    (c.Rewind, {"step": 0}),
    (c.Fork, {"step": 0}),
    (c.Switch, {"turn": "t1"}),
    (c.Restart, {}),
    (c.Pause, {}),
    (c.Resume, {}),
    (c.StepAction, {}),
    (c.StepDelta, {}),
    (c.SetBreakpoint, {"action": "answer"}),
    (c.SetPace, {"seconds": 1}),
    (c.SetFault, {"fault": None}),
]


@pytest.mark.parametrize(("kind", "fields"), FROM_PAGES, ids=lambda each: getattr(each, "__name__", ""))
def test_what_pages_ask_is_refused_in_the_same_words(kind: type[Any], fields: dict[str, Any], recorded: BurrChat):
    session = recorded._session
    session.pages.handle(kind(client="page", request="r1", **fields))
    (refused,) = session.outbox.view().refused
    assert refused.request == "r1"
    assert refused.reason.startswith("this chat shows the recording 'lesson.jsonl': ")


def test_every_command_is_answered_somehow() -> None:
    answered = {kind for kind, _ in FROM_PAGES} | {c.Hello, c.Ack, c.Bye, c.Stop, c.Painted, c.Inspect, c.Log, c.Asset}
    answered |= {c.Prefer}
    assert answered == set(c.Command.__args__)


def test_what_does_nothing_does_nothing(recorded: BurrChat):
    recorded.stop()
    recorded._session.pages.handle(c.Stop(client="page", turn="t1"))
    assert recorded.pace == 0.0
    assert recorded.turns[0].status == "completed"
    recorded._session.shown()


def test_a_replay_has_all_that_is_asked_of_a_session(recorded: BurrChat):
    public = {name for name in dir(ChatSession) if not name.startswith("_")}
    only_live = {
        "keep",
        "remark",
        "composer",
        "send",
        "go_on",
        "look",
    }  # of a conversation in a store, and of what runs
    assert {name for name in dir(recorded._session) if not name.startswith("_")} >= public - only_live
    assert isinstance(recorded._session, ReplaySession)


async def test_the_views_and_the_page_get_what_they_need(recorded: BurrChat):
    assert recorded.graph.chat is recorded.inspector.chat is recorded.timeline.chat is recorded
    comm = RecordingComm(recorded)
    comm.command("inspect", step=0, what="state", path=[], start=0)
    comm.command("log", turn="t1", start=0)
    await comm.until(lambda view: view)
    (inspected,) = (message for message in comm.messages if isinstance(message, Inspected))
    (logged,) = (message for message in comm.messages if isinstance(message, Logged))
    assert len(inspected.rows) == 2
    assert [type(event) for event in logged.events[:2]] == [e.TurnStarted, e.StepStarted]
