"""The same answer in the demo's four ways: streamed or at once, by coroutines or by functions that block."""

from __future__ import annotations

import itertools
import math
from typing import Any

import openai
import pytest
from burr.core import Application

from burr_chat_widget import demo, offline, stream_turn
from burr_chat_widget.protocol import events as e

WAYS = list(itertools.product([True, False], [False, True]))
PROMPT = "What is backpressure?"
ENDS = ["generate_code", "answer_question", "generate_poem", "prompt_for_more", "unsafe_response"]


def build(streaming: bool, sync: bool, **options: Any) -> Application[Any]:
    make = offline.blocking_client if sync else offline.client
    client = make(rate=math.inf, first_token=0)
    return demo.application(client=client, pause=0, streaming=streaming, sync=sync, **options)


async def told(app: Application[Any]) -> list[Any]:
    return [event async for event in stream_turn(app, {"prompt": PROMPT})]


def text_of(events: list[Any]) -> str:
    return "".join(event.text for event in events if isinstance(event, e.TextDelta | e.MessageAdded))


@pytest.mark.parametrize(("streaming", "sync"), WAYS)
async def test_every_way_gives_the_same_answer(streaming: bool, sync: bool) -> None:
    usual, app = build(streaming=True, sync=False), build(streaming, sync)
    expected, events = await told(usual), await told(app)
    assert isinstance(events[-1], e.TurnCompleted)
    assert text_of(events) == text_of(expected) != ""
    assert any(isinstance(event, e.TextDelta) for event in events) == streaming
    actions = [event.action for event in events if isinstance(event, e.StepStarted)]
    assert actions == ["prompt", "check_safety", "decide_mode", "answer_question"]
    state, usual_state = app.state.get_all(), usual.state.get_all()
    assert {k: v for k, v in state.items() if not k.startswith("__")} == {
        k: v for k, v in usual_state.items() if not k.startswith("__")
    }


def test_the_ones_that_block_need_no_event_loop() -> None:
    app = build(streaming=False, sync=True)
    action, _, state = app.run(halt_after=["answer_question"], inputs={"prompt": PROMPT})
    assert action.name == "answer_question"
    app = build(streaming=True, sync=True)
    _, stream = app.stream_result(halt_after=["answer_question"], inputs={"prompt": PROMPT})
    assert "".join(item["delta"] for item in stream if "delta" in item) == state["response"]["content"]


@pytest.mark.parametrize(("streaming", "sync"), WAYS)
def test_the_graph_is_the_same(streaming: bool, sync: bool) -> None:
    app, usual = build(streaming, sync), build(streaming=True, sync=False)
    assert [action.name for action in app.graph.actions] == [action.name for action in usual.graph.actions]
    answering = {action.name: action.streaming for action in app.graph.actions if action.name in ENDS[:3]}
    assert answering == dict.fromkeys(ENDS[:3], streaming)


def test_a_client_of_the_other_kind_is_refused() -> None:
    with pytest.raises(TypeError, match=r"needs a client that blocks: openai\.OpenAI"):
        demo.application(client=offline.client(), sync=True)
    with pytest.raises(TypeError, match=r"pass openai\.AsyncOpenAI\(\.\.\.\) or offline\.client\(\), or sync=True"):
        demo.application(client=offline.blocking_client())


def test_what_the_environment_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"):
        monkeypatch.delenv(name, raising=False)
    assert demo.describe(demo.default_client(sync=True)) == "offline-model (no network)"
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    client = demo.default_client(sync=True)
    assert isinstance(client, openai.OpenAI)
    assert (client.api_key, str(client.base_url)) == ("k", "https://api.openai.com/v1/")
