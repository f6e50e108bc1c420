"""A source that is slowed down: its generator waits at each delta."""

from __future__ import annotations

from typing import Any

import pytest

from apps import loops
from apps.kinds import STREAMING, scripted_app
from burr_chat_widget import BurrChat
from burr_chat_widget.protocol import commands as c
from support.session import Scene


@pytest.mark.parametrize("runner", ["thread", "kernel"])
@pytest.mark.parametrize("kind", STREAMING)
async def test_the_generator_waits(kind: str, runner: Any) -> None:
    """It is not asked for the next delta before the time is over, or the pace another one; no step runs ahead."""
    went_on: list[int] = []
    app, script = scripted_app(kind, ["a", lambda: went_on.append(1), "b", "c", "d"])
    scene = Scene(app, runner=runner)
    assert await scene.ask(c.SetPace, seconds=60) is None
    sent = scene.send("hi")
    view = await scene.until(lambda view: view.messages and view.messages[-1].text == "a")
    assert view.pace == 60
    # Of a class-based action one item is held back, as the last one is its result.
    assert (len(went_on), script.running, sent.done()) == (1 if "class" in kind else 0, 1, False)
    scene.session.set_pace(0)
    assert (await sent).text == "abcd"
    assert len(went_on) == 1
    assert (await scene.caught_up()).pace == 0
    scene.session.close()


async def test_stop_does_not_wait_for_it() -> None:
    app, script = scripted_app("async-stream-function", ["a", "b"])
    scene = Scene(app)
    scene.session.set_pace(60)
    sent = scene.send("hi")
    await scene.until(lambda view: view.messages and view.messages[-1].text == "a")
    scene.session.stop()
    assert (await sent).status == "stopped"
    assert (script.running, script.closed) == (0, 1)
    scene.session.close()


@pytest.mark.parametrize("seconds", [-1, 61, float("nan"), "1", True, None])
def test_what_is_no_pace(seconds: Any) -> None:
    chat = BurrChat(loops.application())
    with pytest.raises(ValueError, match="is not from 0 to 60 seconds"):
        chat.pace = seconds
    assert chat.pace == 0
    chat.close()
