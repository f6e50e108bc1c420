"""The lines that docs/recordings.md shows are what is written, and what is read."""

from __future__ import annotations

import datetime
import json
import math
import re
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from burr.core import ApplicationBuilder, State
from burr.core.action import streaming_action

from burr_chat_widget import BurrChat, demo, offline
from burr_chat_widget.protocol.lines import ViewReplaced, decode_header, decode_line, encode_line

DOCUMENT = Path(__file__).parents[3] / "docs" / "recordings.md"
LEFT_OUT = "what is left out"


@streaming_action(reads=["log"], writes=["log", "day"])
async def answer(state: State, prompt: str, api_key: str) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:  # noqa: ARG001
    """What the document's turn ran."""
    for piece in ("Hel", "lo"):
        yield {"delta": piece}, None
    yield {"said": "Hello"}, state.update(day=datetime.date(2026, 1, 31)).extend(log=[prompt, "Hello"])


def shown() -> list[tuple[dict[str, Any], bool]]:
    """The lines of the document's example, and whether each is whole."""
    text = DOCUMENT.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith('{"type":')]
    return [
        (json.loads(re.sub(r"\{\.\.\.\}|\[\.\.\.\]", f'"{LEFT_OUT}"', line.replace(",...}", "}"))), ",...}" not in line)
        for line in lines
    ]


async def written(file: Path) -> list[dict[str, Any]]:
    """The lines of the same turn, recorded."""
    app = (
        ApplicationBuilder()
        .with_actions(answer)
        .with_transitions(("answer", "answer"))
        .with_state(log=["hello?"])
        .with_entrypoint("answer")
        .with_identifiers(app_id="rivers")
        .build()
    )
    chat = BurrChat(app, inputs={"api_key": "sk-1"})
    with chat.record(file):
        await chat.send("hi")
    chat.close()
    return lines_of(file)


def lines_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_bytes().splitlines()]


async def test_the_example_is_what_is_written(tmp_path: Path):
    real, example = await written(tmp_path / "lesson.jsonl"), shown()
    assert [line["type"] for line, _ in example] == [line["type"] for line in real]
    for (line, whole), told in zip(example, real, strict=True):
        assert set(line) == set(told) if whole else set(line) < set(told)
        for key, value in line.items():
            if key in ("time", "monotonic"):
                assert isinstance(value, float)
            elif value == LEFT_OUT:
                assert told[key], f"there is nothing to leave out of {key}"
            else:
                assert value == told[key]


async def test_the_example_is_read(tmp_path: Path):
    """With what it leaves out filled in."""
    real = await written(tmp_path / "lesson.jsonl")
    lines = [
        json.dumps({**told, **{key: value for key, value in line.items() if value != LEFT_OUT}}).encode()
        for (line, _), told in zip(shown(), real, strict=True)
    ]
    file = tmp_path / "example.jsonl"
    file.write_bytes(b"\n".join(lines))
    chat = BurrChat.replay(file)
    assert [(turn.prompt, turn.text, turn.status) for turn in chat.turns] == [("hi", "Hello", "completed")]
    assert chat.checkpoints[-1].state["log"] == ["hello?", "hi", "Hello"]
    header = decode_header(lines[0])
    view = encode_line(ViewReplaced(view=header.view))
    assert '`{"type":"view-replaced","view":{...}}`' in DOCUMENT.read_text(encoding="utf-8")
    assert view.startswith(b'{"type":"view-replaced","view":{')
    # Wherever it stands: what is seen before the turn, twice, and then the turn.
    file.write_bytes(b"\n".join([lines[0], view, view, *lines[1:]]))
    assert [turn.text for turn in BurrChat.replay(file).turns] == ["Hello"]
    assert decode_line(view) == ViewReplaced(view=header.view)


async def test_its_tests_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    chat = BurrChat(demo.application(client=offline.client(rate=math.inf, first_token=0)))
    with chat.record("lesson.jsonl"):
        await chat.send("Write a poem about the sea")
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL):
        if "async def test_" in block:
            exec(block, names)
    tests = {name: test for name, test in names.items() if name.startswith("test_")}
    assert list(tests) == ["test_the_lesson", "test_the_page"]
    for test in tests.values():
        await test()
