"""Every kind of action runs, streams what it streams, and says the same."""

from __future__ import annotations

import threading

import pytest

from apps.kinds import KINDS, PLAIN, STREAMING, scripted_app
from apps.reading import collect, only, plain, text_of, types
from burr_chat_widget.bridge import stream_turn
from burr_chat_widget.protocol import events as e


@pytest.mark.parametrize("sync", ["thread", "inline"])
@pytest.mark.parametrize("kind", STREAMING)
async def test_streams(kind: str, sync: str) -> None:
    """Trap: `astream_result` refuses sync streams and the documented async class; 0.42 knows no bare dicts."""
    app, script = scripted_app(kind, ["Hel", "lo ", "there"])
    events = await collect(stream_turn(app, {"prompt": "hi"}, sync=sync))
    assert [event.text for event in events if isinstance(event, e.TextDelta)] == ["Hel", "lo ", "there"]
    assert only(events, e.TurnCompleted).needs == ["prompt"]
    assert app.state["chat_history"][-1]["content"] == "Hello there"
    assert types(events)[-5:] == [
        "text-delta",
        "state-changed",
        "step-finished",
        "transition-taken",
        "turn-completed",
    ]
    assert (script.running, script.closed) == (0, 1)


@pytest.mark.parametrize("sync", ["thread", "inline"])
@pytest.mark.parametrize("kind", PLAIN)
async def test_plain(kind: str, sync: str) -> None:
    app, _ = scripted_app(kind, ["Hello ", "there"])
    events = await collect(stream_turn(app, {"prompt": "hi"}, sync=sync))
    assert text_of(events) == ""
    message = only(events, e.MessageAdded)
    assert (message.role, message.text, message.kind) == ("assistant", "Hello there", "text")
    assert only(events, e.TurnCompleted).next_action == "human"


async def test_whole_turn() -> None:
    app, _ = scripted_app("async-stream-function", ["Hel", "lo"])
    events = await collect(stream_turn(app, {"prompt": "hi"}, turn="t1"))
    assert {event.turn for event in events} == {"t1"}
    assert plain(events) == [
        {
            "type": "turn-started",
            "inputs": {"prompt": "'hi'"},
            "prompt": "hi",
            "next_action": "human",
            "editable": False,
        },
        {"type": "step-started", "step": 0, "action": "human", "streaming": False, "inputs": {"prompt": "'hi'"}},
        {
            "type": "state-changed",
            "step": 0,
            "changes": [
                {
                    "key": "chat_history",
                    "change": "changed",
                    "before": "[]",
                    "after": "[{'role': 'user', 'content': 'hi', 'type': 'text'}]",
                },
                {"key": "prompt", "change": "added", "before": None, "after": "'hi'"},
            ],
        },
        {"type": "step-finished", "step": 0, "action": "human", "status": "done", "deltas": 0},
        {
            "type": "transition-taken",
            "step": 0,
            "from_action": "human",
            "to_action": "answer",
            "conditions": [
                {"to": "answer", "condition": "default", "outcome": True, "taken": True, "values": {}, "error": None}
            ],
        },
        {"type": "step-started", "step": 1, "action": "answer", "streaming": True},
        {"type": "text-delta", "step": 1, "text": "Hel"},
        {"type": "text-delta", "step": 1, "text": "lo"},
        {
            "type": "state-changed",
            "step": 1,
            "changes": [
                {
                    "key": "chat_history",
                    "change": "changed",
                    "before": "[{'role': 'user', 'content': 'hi', 'type': 'text'}]",
                    "after": "[{'role': 'user', 'content': 'hi', 'type': 'text'}, "
                    "{'role': 'assistant', 'content': 'Hello', 'type': 'text'}]",
                },
                {"key": "log", "change": "changed", "before": "[]", "after": "['async-stream-function']"},
            ],
        },
        {"type": "step-finished", "step": 1, "action": "answer", "status": "done", "deltas": 2},
        {
            "type": "transition-taken",
            "step": 1,
            "from_action": "answer",
            "to_action": "human",
            "conditions": [
                {"to": "human", "condition": "default", "outcome": True, "taken": True, "values": {}, "error": None}
            ],
        },
        {"type": "turn-completed", "next_action": "human", "needs": ["prompt"]},
    ]


async def test_clocks_never_go_back() -> None:
    app, _ = scripted_app("sync-stream-function", list("hello"))
    events = await collect(stream_turn(app, {"prompt": "hi"}))
    deltas = [event.monotonic for event in events if isinstance(event, e.TextDelta)]
    assert deltas == sorted(deltas)
    finished = [event for event in events if isinstance(event, e.StepFinished)][-1]
    assert finished.first_delta is not None
    assert 0 <= finished.first_delta <= finished.duration


@pytest.mark.parametrize("kind", [k for k in KINDS if k.startswith("sync")])
async def test_sync_actions_run_off_the_loop(kind: str) -> None:
    """Trap: under Burr alone a sync action blocks the loop."""
    seen: list[int] = []
    app, _ = scripted_app(kind, [lambda: seen.append(threading.get_ident()), "ok"])
    await collect(stream_turn(app, {"prompt": "hi"}))
    assert seen != [threading.get_ident()]
    app, _ = scripted_app(kind, [lambda: seen.append(threading.get_ident()), "ok"])
    await collect(stream_turn(app, {"prompt": "hi"}, sync="inline"))
    assert seen[1] == threading.get_ident()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_second_turn_follows(kind: str) -> None:
    app, _ = scripted_app(kind, ["one"], ["two"])
    first = await collect(stream_turn(app, {"prompt": "a"}))
    second = await collect(stream_turn(app, {"prompt": "b"}))
    assert [m["content"] for m in app.state["chat_history"]] == ["a", "one", "b", "two"]
    steps = [event.step for event in first + second if isinstance(event, e.StepStarted)]
    assert steps == [0, 1, 2, 3]
