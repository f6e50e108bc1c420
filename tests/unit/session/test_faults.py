"""The model of a chat is made to fail, by Python and by a page's command, and what pages are told of it."""

from __future__ import annotations

import math
from typing import Any
from unittest.mock import AsyncMock, MagicMock, Mock

import pytest
from burr.core import State

from apps import scripted
from apps.graphs import build, does
from burr_chat_widget import demo, offline
from burr_chat_widget.errors import ConventionError
from burr_chat_widget.protocol import commands as c
from support.session import Scene

POEM = "Write a poem about the sea"


def scene(**options: Any) -> Scene:
    return Scene(demo.application(client=offline.client(rate=math.inf, first_token=0, **options)))


async def test_a_page_makes_the_next_answer_fail_and_only_that() -> None:
    seen = scene()
    assert seen.view.session.faults == list(seen.session.faults.names) != []
    assert await seen.ask(c.SetFault, fault="error in mid-stream") is None
    assert (seen.view.fault, seen.session.faults.next) == ("error in mid-stream", "error in mid-stream")
    turn = await seen.send(POEM)
    assert turn.status == "failed"
    assert turn.error is not None
    assert turn.error.kind == "APIError"
    assert "a fault that the offline model was asked for" in turn.error.message
    await seen.until(lambda view: view.status == "idle" and view.fault is None)
    assert (await seen.send(POEM)).status == "completed"


async def test_that_a_fault_was_taken_is_told_while_it_shows() -> None:
    seen = scene(faults=offline.Faults())
    seen.session.faults.set("stall")
    await seen.until(lambda view: view.fault == "stall")
    sent = seen.send(POEM)
    await seen.until(lambda view: view.fault is None)
    assert seen.session.running is not None
    seen.session.stop()
    assert (await sent).status == "stopped"


async def test_chats_of_one_client_agree() -> None:
    client = offline.client(rate=math.inf, first_token=0)
    first, second = Scene(demo.application(client=client)), Scene(demo.application(client=client))
    first.session.faults.set("burst")
    assert second.session.faults.next == "burst"
    await second.send(POEM)
    await first.until(lambda view: view.fault is None)


async def test_a_fault_is_taken_back() -> None:
    seen = scene()
    seen.session.faults.set("dropped connection")
    assert await seen.ask(c.SetFault, fault=None) is None
    assert seen.view.fault is None
    assert (await seen.send(POEM)).status == "completed"


@pytest.mark.parametrize("kind", ["not streamed", "not asked for"])
async def test_a_fault_that_no_answer_met_is_gone_with_its_turn(kind: str) -> None:
    client = offline.client(rate=math.inf, first_token=0)
    seen = Scene(demo.application(client=client, streaming=kind != "not streamed", pause=0))
    seen.session.faults.set("dropped connection")
    assert (await seen.send("Tell me something unsafe" if kind == "not asked for" else POEM)).status == "completed"
    view = await seen.until(lambda view: view.status == "idle" and view.fault is None)
    assert seen.session.faults.next is None
    said = [m.text for m in view.messages if m.kind == "notice"]
    assert said == ["No streamed answer has met the fault 'dropped connection' in this turn: it waits no longer."]
    later = Scene(demo.application(client=client))
    assert (await later.send(POEM)).status == "completed"


async def test_a_fault_that_is_set_while_a_turn_runs_is_for_the_next_answer() -> None:
    seen = scene()
    seen.session.set_pace(60)
    sent = seen.send(POEM)
    await seen.until(lambda view: any(step.streaming and step.marks for step in view.steps))
    seen.session.faults.set("dropped connection")
    seen.session.set_pace(0)
    assert (await sent).status == "completed"
    assert seen.session.faults.next == "dropped connection"
    assert (await seen.send(POEM)).status == "failed"
    assert seen.session.faults.next is None


async def test_what_is_no_fault_is_refused_with_those_that_are() -> None:
    seen = scene()
    with pytest.raises(ConventionError, match=r"there are slow first token, stall, .*, burst"):
        seen.session.faults.set("flood")
    assert "there is no fault 'flood'" in (await seen.ask(c.SetFault, fault="flood") or "")


@pytest.mark.parametrize("kind", [Mock, MagicMock, AsyncMock])
async def test_a_client_that_is_mocked_cannot_be_made_to_fail(kind: type[Any]) -> None:
    def act(state: State, prompt: str, client: Any, other: Any) -> State:  # noqa: ARG001
        return state.update(said=prompt)

    seen = Scene(build(act=does(act, writes=["said"]).bind(client=kind())), inputs={"other": kind()})
    assert (list(seen.session.faults.names), seen.session.faults.next) == ([], None)
    assert (await seen.send("hello")).text == "hello"
    assert [message.kind for message in seen.view.messages if message.kind == "notice"] == []


async def test_another_application_cannot_be_made_to_fail() -> None:
    seen = Scene(scripted.application())
    assert seen.view.session.faults == []
    with pytest.raises(ConventionError, match="talks to no offline model"):
        seen.session.faults.set("stall")
    assert "talks to no offline model" in (await seen.ask(c.SetFault, fault="stall") or "")
