"""A recording's lines: what is one, and what is said of what is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot
from msgspec.structs import replace

from burr_chat_widget import BurrChatError
from burr_chat_widget.errors import RecordingError
from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.lines import VERSION, Header, Line, Values, ViewReplaced, encode_line
from burr_chat_widget.protocol.marks import decode_marks
from burr_chat_widget.protocol.recording import Recording
from support.events import first_view


def at(seconds: float) -> dict[str, Any]:
    return {"time": 1_700_000_000 + seconds, "monotonic": 50 + seconds, "turn": "t1"}


HEADER = Header(version=VERSION, title="Chat", app_id="app", time=1_700_000_000.0, monotonic=50.0, view=first_view())
LINES: list[Line] = [
    Values(at="now", state={"log": ["é"], "mode": "x"}),
    e.TurnStarted(**at(0), inputs={"prompt": "'hi'"}, prompt="hi", next_action="answer"),
    e.StepStarted(**at(0.1), step=4, action="answer", streaming=True),
    Values(at="start", turn="t1", step=4, inputs={"prompt": "hi"}),
    e.TextDelta(**at(0.5), step=4, text="é"),
    e.TextDelta(**at(0.75), step=4, text="𝄞\u2028\n"),
    e.StateChanged(**at(1), step=4, changes=[e.StateChange(key="log", change="changed", before="1", after="2")]),
    e.StepFinished(**at(1), step=4, action="answer", status="done", duration=0.9, first_delta=0.4, deltas=2),
    Values(at="end", turn="t1", step=4, result={"a": 1}, appended={"log": ["b"]}, state={"n": 1}, removed=["mode"]),
    e.TurnCompleted(**at(1), next_action="prompt"),
]


def write(path: Path, *lines: Header | Line | dict[str, Any] | bytes) -> Path:
    made = [
        line
        if isinstance(line, bytes)
        else json.dumps(line).encode() + b"\n"
        if isinstance(line, dict)
        else encode_line(line)
        for line in lines
    ]
    path.write_bytes(b"".join(made))
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lesson.jsonl"


def wrong(path: Path) -> RecordingError:
    with pytest.raises(RecordingError) as raised:
        Recording.read(path)
    return raised.value


def test_what_is_read_is_what_was_written(file: Path) -> None:
    recording = Recording.read(write(file, HEADER, *LINES))
    assert recording.header == HEADER
    assert recording.lines == LINES
    assert (recording.title, recording.path) == ("Chat", file)
    assert repr(recording) == "<Recording 'lesson.jsonl': 1 turn, 11 lines>"
    (step,) = recording.steps
    assert (step.turn, step.step, step.action, step.status, step.duration) == ("t1", 4, "answer", "done", 0.9)
    assert step.deltas == [("é", 50.5), ("𝄞\u2028\n", 50.75)]
    assert (step.inputs, step.result) == ({"prompt": "hi"}, {"a": 1})
    assert step.before == recording.first_state == {"log": ["é"], "mode": "x"}
    assert step.after == recording.state == {"log": ["é", "b"], "n": 1}
    message = recording.view.messages[-1]
    assert (message.text, message.status) == ("é𝄞\u2028\n", "done")


def test_the_view_is_a_copy_each_time(file: Path) -> None:
    recording = Recording.read(write(file, HEADER, *LINES))
    recording.view.messages.clear()
    assert len(recording.view.messages) == 2
    assert recording.header.view.messages == []


def test_the_lines_are_for_people_to_read(file: Path) -> None:
    text = write(file, HEADER, *LINES).read_text(encoding="utf-8").split("\n")
    assert text[0].startswith(
        '{"type":"recording","version":1,"title":"Chat","app_id":"app","time":1700000000.0,"monotonic":50.0,'
    )
    assert text[1] == snapshot('{"type":"values","at":"now","state":{"log":["é"],"mode":"x"}}')
    assert text[4] == snapshot('{"type":"values","at":"start","turn":"t1","step":4,"inputs":{"prompt":"hi"}}')
    assert text[5] == snapshot(
        '{"type":"text-delta","time":1700000000.5,"monotonic":50.5,"turn":"t1","step":4,"text":"é"}'
    )


def test_cut_at_every_byte_it_says_where_and_keeps_what_is_before(file: Path) -> None:
    whole = write(file, HEADER, *LINES).read_bytes()
    ends = [place for place, byte in enumerate(whole) if byte == ord("\n")]
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        complete = sum(end < length for end in ends)  # lines with their ends
        if length == 0:
            assert "the file is empty" in str(wrong(file))
        elif length in ends or length - 1 in ends:
            assert len(Recording.read(file).lines) == (complete if length in ends else complete - 1)
        else:
            error = wrong(file)
            assert error.line == complete + 1
            assert f"lesson.jsonl, line {complete + 1}: it is not valid JSON" in str(error)
            if complete == 0:
                assert error.recording is None
            else:
                assert error.recording.lines == LINES[: complete - 1]
                assert error.recording.view is not None


BROKEN: dict[str, tuple[Any, str]] = {
    "no JSON": (b"{oops}\n", "it is not valid JSON"),
    "no UTF-8": (b'{"type":"\xff"}\n', "it is not valid JSON"),
    "half a surrogate pair": (b'{"type":"text-delta","text":"\\ud800"}\n', "it is not valid JSON"),
    "no object": (b"[1]\n", "Expected `object`, got `array`"),
    "no type": ({"step": 1}, "Object missing required field `type`"),
    "another type": ({"type": "dance"}, "Invalid value 'dance' - at `$.type`"),
    "a type of frames only": ({"type": "text", "step": 4, "text": "a", "marks": ""}, "Invalid value 'text'"),
    "an answer to a page": ({"type": "accepted", **at(2), "request": "r"}, "Invalid value 'accepted'"),
    "a field too many": ({"type": "turn-resumed", **at(2), "colour": 1}, "Object contains unknown field `colour`"),
    "a field too few": ({"type": "text-delta", **at(2), "step": 4}, "Object missing required field `text`"),
    "a field of another kind": (
        {"type": "text-delta", **at(2), "step": "4", "text": "a"},
        "Expected `int`, got `str` - at `$.step`",
    ),
    "a second header": (HEADER, "Invalid value 'recording'"),
    "a step that has not begun": (e.TextDelta(**at(2), step=9, text="a"), "no step 9 in the view"),
    "an event of a step that has not begun": (e.StateChanged(**at(2), step=9, changes=[]), "no step 9 in the view"),
    "a turn that has not begun": (e.TurnCompleted(**{**at(2), "turn": "t9"}), "no turn 't9' in the view"),
    "an action that is not there": (e.StepStarted(**at(2), step=9, action="dance"), "no action 'dance' in the graph"),
    "a span that has not begun": (
        e.SpanFinished(**at(2), step=4, span=3, status="done", duration=1),
        "no span 3 in step 4",
    ),
    "values of no step": (Values(at="end", turn="t1", step=9), "there is no step 9 of turn 't1'"),
    "nothing to append to": (
        Values(at="end", turn="t1", step=4, appended={"x": [1]}),
        "there is no list 'x' to append to",
    ),
    "no list to append to": (
        Values(at="end", turn="t1", step=4, appended={"n": [1]}),
        "there is no list 'n' to append to",
    ),
    "a turn that has begun before": (LINES[1], "turn 't1' has begun before"),
    "a turn that nobody has begun is held": (
        e.TurnPaused(**{**at(2), "turn": "t9"}, at="action", reason="pause", next_action="answer"),
        "no turn 't9' in the view",
    ),
    "a step of a turn that has not begun": (
        e.StepStarted(**{**at(2), "turn": "t9"}, step=9, action="answer"),
        "no turn 't9' in the view",
    ),
    "a delta of a turn that has not begun": (
        e.TextDelta(**{**at(2), "turn": "t9"}, step=4, text="a"),
        "no turn 't9' in the view",
    ),
    "a time that is out of range": (e.Notice(**{**at(2), "monotonic": 1e306}, level="info", text="a"), "1e+306"),
    "a delta out of range": (e.TextDelta(**{**at(2), "monotonic": -1e306}, step=4, text="a"), "-1e+306"),
    "less than nothing kept": (
        e.PartDelta(**at(2), step=4, part="a", kind="reasoning", text="a", keep=-1),
        "less than nothing cannot be kept",
    ),
    "less than nothing kept at the end": (
        e.PartDelta(**at(2), step=4, part="a", kind="reasoning", text="a", keep=0, tail=-1),
        "less than nothing cannot be kept",
    ),
    "a view of something else": (
        {"type": "view-replaced", "view": {}},
        "Object missing required field `session` - at `$.view`",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_line_that_is_wrong(name: str, file: Path) -> None:
    line, words = BROKEN[name]
    error = wrong(write(file, HEADER, *LINES, line, *LINES))
    assert isinstance(error, BurrChatError)
    assert (error.path, error.line) == (file, 12)
    assert str(error).startswith(f"{file}, line 12: ")
    assert words in str(error)
    assert str(error).endswith("; what is before that line is shown by BurrChat.replay(..., partial=True)")
    assert error.recording.lines == LINES
    assert error.recording.view == Recording.read(write(file, HEADER, *LINES)).view


NO_HEADER: dict[str, tuple[Any, str]] = {
    "an event": (LINES[1], "this is no recording"),
    "another file": ({"name": "x"}, "this is no recording"),
    "a table": (b"a,b\n1,2\n", "it is not valid JSON"),
    "a list": (b"[]\n", "this is no recording"),
    "another kind of version": ({"type": "recording", "version": "1"}, "this is no recording"),
    "no view": ({"type": "recording", "version": 1, "title": "a", "app_id": "b", "time": 1, "monotonic": 1}, "`view`"),
    "a field too many": (
        json.dumps({**json.loads(encode_line(HEADER)), "colour": 1}).encode() + b"\n",
        "Object contains unknown field `colour`",
    ),
    "a version that never was": ({"type": "recording", "version": 0}, "there is no version 0"),
}


@pytest.mark.parametrize("name", NO_HEADER)
def test_a_first_line_that_is_wrong(name: str, file: Path) -> None:
    line, words = NO_HEADER[name]
    error = wrong(write(file, line, *LINES))
    assert (error.line, error.recording) == (1, None)
    assert words in str(error)
    assert "partial" not in str(error)


def test_a_newer_version_is_refused_with_what_to_do(file: Path) -> None:
    error = wrong(write(file, {"type": "recording", "version": VERSION + 1, "whatever": "else"}))
    assert "it is of version 2, and this burr-chat-widget reads version 1" in str(error)
    assert error.remedy == "update it: pip install --upgrade burr-chat-widget"


def test_there_is_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Recording.read(tmp_path / "none.jsonl")


def test_lines_with_nothing_in_them_and_other_line_ends_are_let_be(file: Path) -> None:
    text = write(file, HEADER, *LINES).read_bytes().replace(b"\n", b"\r\n").replace(b"\r\n", b"\r\n\r\n", 3) + b"\n \n"
    file.write_bytes(text.rstrip(b"\n "))
    assert Recording.read(file).lines == LINES
    file.write_bytes(text + b"{")
    assert wrong(file).line == text.count(b"\n") + 1


def test_a_view_in_the_middle_is_what_is_seen_from_there_on(file: Path) -> None:
    other = first_view()
    other.session.title = "Another"
    recording = Recording.read(write(file, HEADER, *LINES, ViewReplaced(view=other), LINES[1]))
    assert recording.view.session.title == "Another"
    assert [turn.key for turn in recording.view.turns] == ["t1"]
    assert recording.view.steps == []


def test_a_view_that_contradicts_itself_is_no_crash(file: Path) -> None:
    odd = first_view()
    del odd.nodes["answer"]
    odd.taken.clear()
    step = [line for line in LINES[:3] if not isinstance(line, Values)]
    error = wrong(write(file, HEADER, ViewReplaced(view=odd), *step))
    assert (error.line, "no action 'answer' in the graph" in str(error)) == (3, True)
    odd = first_view()
    odd.taken.clear()
    taken = e.TransitionTaken(
        **at(1),
        step=4,
        from_action="answer",
        to_action="prompt",
        conditions=[e.ConditionResult(to="prompt", condition="default", outcome=True, taken=True)],
    )
    error = wrong(write(file, HEADER, ViewReplaced(view=odd), *step, taken))
    assert (error.line, "IndexError" in str(error)) == (5, True)


ODD: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {  # fields of the view and of its step
    "something runs, and there is no turn": ({"status": "running", "turns": []}, {}, "it is running, and has no turn"),
    "marks that are none": ({}, {"marks": "é"}, "'é' is not a digit of a mark"),
    "marks cut in the middle of one": ({}, {"marks": "A"}, "the marks end in the middle of one"),
    "a step that began out of range": ({}, {"started": 1e306}, "the time 1e+306 is out of range"),
    "an action runs that is not there": (
        {},
        {"action": "dance", "status": "running"},
        "no action 'dance' in the graph",
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_a_view_in_which_something_is_odd_is_refused_with_its_line(name: str, file: Path) -> None:
    of_view, of_step, words = ODD[name]
    odd = Recording.read(write(file, HEADER, *LINES)).view
    for changed, fields in ((odd, of_view), (odd.steps[-1], of_step)):
        for field, value in fields.items():
            setattr(changed, field, value)
    error = wrong(write(file, replace(HEADER, view=odd), *LINES))
    assert (error.line, error.recording) == (1, None)
    assert words in str(error)
    error = wrong(write(file, HEADER, *LINES, ViewReplaced(view=odd)))
    assert (error.line, error.recording.lines) == (12, LINES)
    assert words in str(error)


def test_marks_go_on_where_a_view_came_in_the_middle_of_a_stream(file: Path) -> None:
    """A recording that begins while a step streams, or goes on after a view, counts the next delta from the last one."""
    whole = Recording.read(write(file, HEADER, *LINES)).view
    for deltas in (4, 5):
        before = Recording.read(write(file, HEADER, *LINES[:deltas])).view
        replaced = Recording.read(write(file, HEADER, *LINES[:deltas], ViewReplaced(view=before), *LINES[deltas:]))
        begun = Recording.read(write(file, replace(HEADER, view=before), *LINES[deltas:8]))
        assert replaced.view.steps[0].marks == begun.view.steps[0].marks == whole.steps[0].marks
    assert list(decode_marks(whole.steps[0].marks)) == [(4000, 1), (2500, 4)]


def test_deeply_nested_values_are_refused_or_read_but_do_no_harm(file: Path) -> None:
    deep = b'{"type":"values","at":"now","state":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}\n"
    assert "it is not valid JSON" in str(wrong(write(file, HEADER, deep)))
