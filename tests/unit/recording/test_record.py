"""Recording a chat: what is in the file, when, and what happens where it cannot be written."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from burr.core import ApplicationBuilder, State, action
from burr.core.action import streaming_action
from msgspec.structs import replace

from apps import scripted
from burr_chat_widget import BurrChat
from burr_chat_widget.errors import RecordingError
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.lines import Values, ViewReplaced
from burr_chat_widget.protocol.recording import Recording
from burr_chat_widget.protocol.view import View
from support.session import Scene, until

SECRET = "sk-7f3a"
FULL = Path("/dev/full")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lesson.jsonl"


@pytest.fixture
def chat():
    made = BurrChat(scripted.application())
    yield made
    made.close()


def live_view(chat: BurrChat) -> View:
    """What is seen, apart from what pages were answered."""
    view = chat._session.outbox.view()
    view.accepted, view.refused = [], []
    return view


def is_held(chat: BurrChat) -> bool:
    return bool(chat.turns) and chat.turns[-1].held is not None


def told(events: Iterable[Any]) -> list[Any]:
    """The events of turns; a turn keeps less of a delta's time than the file."""
    return [
        replace(each, time=0, monotonic=round(each.monotonic, 6))
        for each in events
        if isinstance(each, e.Event) and each.turn
    ]


def content(file: Path) -> str | None:
    """The text of a file, None where there is none."""
    return file.read_text(encoding="utf-8") if file.exists() else None


def types(file: Path) -> list[str]:
    return [json.loads(line)["type"] for line in file.read_text(encoding="utf-8").splitlines()]


async def test_every_event_is_a_line_and_the_lines_make_the_view(chat: BurrChat, file: Path):
    with chat.record(file) as recorder:
        assert recorder.active
        turn = await chat.send('{"deltas": 3}')
    assert not recorder.active
    assert types(file) == [
        "recording", "values", "turn-started",
        "step-started", "values", "state-changed", "step-finished", "values", "transition-taken",
        "step-started", "values", "state-changed", "step-finished", "values", "transition-taken",
        "step-started", "values", "text-delta", "text-delta", "text-delta",
        "state-changed", "step-finished", "values", "transition-taken",
        "turn-completed", "composer-changed",
    ]  # fmt: skip
    recording = Recording.read(file)
    assert told(recording.lines[:-1]) == told(turn.events)
    assert recording.view == live_view(chat)


async def test_a_line_is_there_as_soon_as_its_event_is_told(file: Path):
    chat = BurrChat(scripted.application())
    chat.record(file)
    chat.pause()
    running = asyncio.ensure_future(chat.send('{"deltas": 3}'))
    await until(lambda: is_held(chat))
    for _ in range(3):
        await chat.step_delta()
        assert Recording.read(file).view == live_view(chat)
    chat.stop()
    await running
    assert Recording.read(file).view == live_view(chat)
    chat.close()


async def test_only_what_happens_until_stop(chat: BurrChat, file: Path):
    await chat.send("before")
    recorder = chat.record(file)
    await chat.send("meanwhile")
    recorder.stop()
    recorder.stop()
    written = content(file)
    await chat.send("after")
    assert content(file) == written
    recording = Recording.read(file)
    assert [m.text for m in recording.header.view.messages] == ["before", "before"]
    assert [m.text for m in recording.view.messages] == ["before"] * 2 + ["meanwhile"] * 2
    assert recording.first_state["chat_history"][-1]["content"] == "before"


async def test_turns_that_are_over_are_in_it_on_request(chat: BurrChat, file: Path):
    for text in ("one", '{"deltas": 3}', "three"):
        await chat.send(text)
    with chat.record(file, turns=chat.turns[1:]):
        await chat.send("four")
    recording = Recording.read(file)
    assert [m.text for m in recording.header.view.messages] == ["one", "one"]
    assert [line.turn for line in recording.lines if isinstance(line, e.TurnStarted)] == ["t2", "t3", "t4"]
    assert not any(isinstance(line, ViewReplaced) for line in recording.lines)
    assert recording.view == live_view(chat)
    assert len(recording.first_state["chat_history"]) == 2
    assert [step.after is not None for step in recording.steps] == [True] * 9


async def test_turns_of_something_else_are_refused(chat: BurrChat, file: Path):
    for text in ("one", "two", "three"):
        await chat.send(text)
    for wrong in (chat.turns[:1], chat.turns[::2], chat.turns[::-1]):
        with pytest.raises(ValueError, match=r"the last turns of this chat, without gaps: turns=chat\.turns"):
            chat.record(file, turns=wrong)
    assert content(file) is None


async def test_a_turn_that_runs_is_in_it_from_its_beginning(chat: BurrChat, file: Path):
    chat.pause()
    running = asyncio.ensure_future(chat.send('{"deltas": 5}'))
    await until(lambda: is_held(chat))
    for _ in range(4):
        held = await chat.step_delta()
    assert len(held.deltas) > 0
    with chat.record(file):
        assert Recording.read(file).view == live_view(chat)
        await chat.resume()
        await running
    recording = Recording.read(file)
    assert recording.header.view.turns == recording.header.view.steps == []
    assert recording.header.view.status == "idle"
    assert recording.view == live_view(chat)
    assert told(recording.lines) == told(running.result().events)


async def test_going_back_and_other_branches_are_in_it(file: Path):
    scene = Scene(scripted.application())
    recorder = scene.session.record(file)
    seen = []

    async def look() -> None:
        await scene.caught_up()
        view = scene.session.outbox.view()
        view.accepted, view.refused = [], []
        seen.append(view)
        assert Recording.read(file).view == view

    await scene.send('{"deltas": 2}')
    await look()
    assert await scene.ask(c.Rewind, step=1) is None
    await look()
    await scene.send(None)
    await look()
    assert await scene.ask(c.Fork, step=1) is None
    await look()
    await scene.send(None)
    await look()
    assert await scene.ask(c.Switch, turn="b1") is None
    await look()
    recorder.stop()
    recording = Recording.read(file)
    assert sum(isinstance(line, ViewReplaced) for line in recording.lines) == 3
    # What the second and the third way began with is the state before their first step.
    assert recording.steps[3].before == recording.steps[4].before == recording.steps[1].after


async def test_turns_before_one_went_back_are_shown_as_they_are_now(chat: BurrChat, file: Path):
    await chat.send("one")
    await chat.send("two")
    chat.rewind(chat.checkpoints[3])
    with chat.record(file, turns=chat.turns):
        pass
    recording = Recording.read(file)
    assert recording.view == live_view(chat)
    assert isinstance(recording.lines[-1], ViewReplaced)


async def test_a_turn_that_failed_and_its_retry(file: Path):
    scene = Scene(scripted.application())
    with scene.session.record(file):
        await scene.send('{"deltas": 2, "fail": "during"}')
        scene.say(c.Retry, turn="t1")
        await scene.until(lambda view: [t.key for t in view.turns] == ["t2"] and view.status == "idle")
    view = scene.session.outbox.view()
    view.accepted, view.refused = [], []
    assert Recording.read(file).view == view
    again = file.with_name("again.jsonl")
    with scene.session.record(again, turns=scene.session.turns):
        pass
    assert Recording.read(again).view == view


async def test_what_pages_ask_is_their_own_business(file: Path):
    scene = Scene(scripted.application())
    with scene.session.record(file):
        assert await scene.ask(c.SetPace, seconds=0.25) is None
        assert await scene.ask(c.SetFault, fault="stall") is not None
    assert types(file) == ["recording", "values", "controls-changed"]


@action(reads=[], writes=["api_key", "note", "user"])
def takes(state: State, prompt: str, token: str) -> tuple[dict[str, Any], State]:
    known = {"name": prompt, "password": token + prompt}
    return {"secret": token}, state.update(api_key=token + prompt, note=prompt, user=known)


@streaming_action(reads=[], writes=["said"])
async def says(state: State):
    yield {"delta": "hi"}, None
    yield {"said": "hi"}, state.update(said="hi")


async def test_nothing_redacted_is_in_the_file(file: Path):
    app = (
        ApplicationBuilder()
        .with_actions(takes, says)
        .with_transitions(("takes", "says"), ("says", "takes"))
        .with_state(api_key=SECRET, note="")
        .with_entrypoint("takes")
        .build()
    )
    chat = BurrChat(app, inputs={"token": SECRET}, prompt="prompt", redact=["note"])
    await chat.send("hello")
    with chat.record(file, turns=chat.turns):
        await chat.send("goodbye")
    assert SECRET not in (content(file) or SECRET)
    recording = Recording.read(file)
    first, _, second, _ = recording.steps
    assert first.before == {"api_key": {"$redacted": "str"}, "note": {"$redacted": "str"}}
    assert first.inputs == {"prompt": "hello", "token": {"$redacted": "str"}}
    assert first.result == {"secret": {"$redacted": "str"}}
    assert second.after is not None
    assert second.after["user"] == {"name": "goodbye", "password": {"$redacted": "str"}}
    # That something hidden has changed is no secret.
    (ended,) = [line for line in recording.lines if isinstance(line, Values) and (line.at, line.step) == ("end", 2)]
    assert sorted(ended.state) == ["api_key", "note", "user"]
    chat.close()


async def test_a_long_list_is_written_once(chat: BurrChat, file: Path):
    with chat.record(file):
        for n in range(4):
            await chat.send(f"message {n}")
    for n in range(4):
        assert (content(file) or "").count(f'"content":"message {n}"') == 3, "prompt, answer, and result"
    recording = Recording.read(file)
    assert len(recording.state["chat_history"]) == 8
    assert recording.state == chat.app.state.subset("chat_history", "script", "prepared").get_all()


def test_a_file_that_is_there_stays_as_it_is(chat: BurrChat, file: Path):
    file.write_text("mine")
    with pytest.raises(
        RecordingError, match=r"lesson\.jsonl: there is such a file already; pass overwrite=True"
    ) as raised:
        chat.record(file)
    assert raised.value.path == file
    assert file.read_text() == "mine"
    chat.record(file, overwrite=True).stop()
    assert types(file) == ["recording", "values"]


async def test_whoever_wrote_to_a_file_that_was_overwritten_writes_to_no_other(chat: BurrChat, file: Path):
    before = chat.record(file)
    other = BurrChat(scripted.application("other"))
    with other.record(file, overwrite=True):
        await chat.send("one")
        await other.send("two")
    recording = Recording.read(file)
    assert recording.header.app_id == "other"
    assert [m.text for m in recording.view.messages] == ["two", "two"]
    before.stop()
    other.close()


def test_a_place_where_no_file_can_be(chat: BurrChat, tmp_path: Path):
    with pytest.raises(RecordingError, match=r"none/lesson\.jsonl: it cannot be made: No such file or directory"):
        chat.record(tmp_path / "none" / "lesson.jsonl")


def test_where_a_new_file_cannot_be_begun_the_one_that_was_there_stays(tmp_path: Path):
    """In a process of its own, whose files may not grow beyond 100 bytes."""
    pytest.importorskip("resource")
    program = """
        import resource, sys
        from pathlib import Path
        from apps import scripted
        from burr_chat_widget import BurrChat
        from burr_chat_widget.errors import RecordingError

        file = Path(sys.argv[1])
        chat = BurrChat(scripted.application())
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
        for there in (False, True):
            if there:
                file.write_text("an earlier lesson")
            try:
                chat.record(file, overwrite=True)
            except RecordingError as error:
                assert "it cannot be written: File too large" in str(error), error
            else:
                raise AssertionError("the disk is full")
            assert [each.name for each in file.parent.iterdir()] == ["lesson.jsonl"] * there
        assert file.read_text() == "an earlier lesson"
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        chat.record(file, overwrite=True).stop()
        assert file.read_text().startswith('{"type":"recording"')
        assert [each.name for each in file.parent.iterdir()] == ["lesson.jsonl"]
        chat.close()
        print("done")
    """
    assert ran_alone(program, tmp_path / "lesson.jsonl") == "done\n"


def test_a_folder_is_never_overwritten(chat: BurrChat, tmp_path: Path):
    folder = tmp_path / "lesson.jsonl"
    folder.mkdir()
    with pytest.raises(RecordingError, match=r"lesson\.jsonl: it cannot be made: Is a directory"):
        chat.record(folder, overwrite=True)
    assert folder.is_dir()
    assert list(tmp_path.iterdir()) == [folder]


def ran_alone(program: str, file: Path) -> str:
    """What a program prints that is run in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program), str(file)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def put_on_a_full_disk(recorder: Any) -> None:
    with FULL.open("wb", buffering=0) as full:
        os.dup2(full.fileno(), recorder._file._file.fileno())


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
async def test_two_on_disks_of_which_one_is_full_have_the_same_order(chat: BurrChat, file: Path):
    """What the chat says of the one comes behind what could not be written, in the other too."""
    other = file.with_name("other.jsonl")
    with chat.record(file) as broken, chat.record(other):
        put_on_a_full_disk(broken)
        await chat.send("one")
        assert not broken.active
    assert types(other)[:5] == ["recording", "values", "turn-started", "notice", "step-started"]
    assert Recording.read(other).view == live_view(chat)


async def test_several_at_once(chat: BurrChat, file: Path):
    other = file.with_name("other.jsonl")
    with chat.record(file):
        await chat.send("one")
        with chat.record(other):
            await chat.send("two")
    assert Recording.read(file).view == Recording.read(other).view == live_view(chat)
    assert repr(chat.record(file, overwrite=True)) == f"<Recording {str(file)!r}>"


def test_a_full_disk_is_told_once_and_ends_the_recording_and_nothing_else(tmp_path: Path):
    """In a process of its own, whose files may not grow beyond 40,000 bytes."""
    pytest.importorskip("resource")
    program = """
        import asyncio, resource, sys
        from pathlib import Path
        from apps import scripted
        from burr_chat_widget import BurrChat
        from burr_chat_widget.protocol.recording import Recording

        async def main(file):
            chat = BurrChat(scripted.application())
            resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))
            recorder = chat.record(file)
            for deltas in (3, 1000, 3):
                turn = await chat.send(f'{{"deltas": {deltas}}}')
                assert (turn.status, len(turn.deltas)) == ("completed", deltas), turn
            assert not recorder.active
            notices = [m.text for m in chat._session.outbox.view().messages if m.kind == "notice"]
            assert notices == [
                "The recording lesson.jsonl has ended here: File too large. What is in the file up to here can be replayed."
            ], notices
            recording = Recording.read(file)
            assert file.stat().st_size <= 40_000
            assert [step.deltas[0][0] for step in recording.steps if step.deltas] == ["word0 "] * 2
            chat.close()
            replayed = BurrChat.replay(file)
            assert [turn.status for turn in replayed.turns] == ["completed", "stopped"]
            replayed.close()

        asyncio.run(main(Path(sys.argv[1])))
        print("done")
    """
    assert ran_alone(program, tmp_path / "lesson.jsonl") == "done\n"


class Unwritable:
    """What raises wherever it is looked at."""

    @property
    def __class__(self) -> Any:
        raise RuntimeError("no")

    def __deepcopy__(self, memo: Any) -> Any:
        return self


@action(reads=[], writes=["thing"])
def leaves(state: State, prompt: str) -> State:
    return state.update(thing=Unwritable() if prompt == "thing" else prompt)


async def test_a_value_that_cannot_be_looked_at_does_not_end_anything(file: Path):
    app = (
        ApplicationBuilder()
        .with_actions(leaves)
        .with_transitions(("leaves", "leaves"))
        .with_entrypoint("leaves")
        .build()
    )
    chat = BurrChat(app)
    with chat.record(file) as recorder:
        statuses = [(await chat.send(text)).status for text in ("a", "thing", "b")]
        assert recorder.active
    assert Recording.read(file).view == live_view(chat)
    assert statuses[0] == statuses[2]
    chat.close()


async def test_a_chat_that_is_closed_ends_its_recordings_with_its_last_turn(file: Path):
    chat = BurrChat(scripted.application())
    recorder = chat.record(file)
    chat.pause()
    running = asyncio.ensure_future(chat.send('{"deltas": 3}'))
    await until(lambda: is_held(chat))
    chat.close()
    assert (await running).status == "stopped"
    assert not recorder.active
    assert types(file)[-1] == "turn-stopped"
    idle = BurrChat(scripted.application())
    recorder = idle.record(file, overwrite=True)
    idle.close()
    assert not recorder.active


async def test_nobody_has_to_hold_what_records(chat: BurrChat, file: Path):
    chat.record(file)
    gc.collect()
    await chat.send("one")
    assert "turn-completed" in types(file)
