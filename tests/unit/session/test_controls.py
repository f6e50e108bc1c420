"""Turns that are held and go on, by Python and by a page's commands, on both runners."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from burr.core import Application, State

from apps import gates, held, loops, scripted
from apps.graphs import build, does
from apps.kinds import STREAMING, scripted_app
from burr_chat_widget import BurrChat
from burr_chat_widget.errors import MissingInput, TurnRunning
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.session import ChatSession, Turn
from support.session import Scene, until


@pytest.fixture(params=["thread", "kernel"])
def runner(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=["python", "page"])
def by(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
async def scene(runner: Any) -> AsyncIterator[Scene]:
    """It counts as far as it is asked to."""
    made = Scene(loops.application(), runner=runner)
    yield made
    made.session.close()


async def control(scene: Scene, by: str, how: str) -> None:
    """Let the turn go on, until it is held again or has ended, and the page shows that."""
    if by == "page":
        await scene.press(how)
    else:
        await scene.let(how)
        await scene.caught_up()


async def pause(scene: Scene, by: str, *, off: bool = False) -> None:
    if by == "page":
        assert await scene.ask(c.Pause, off=off) is None
    else:
        scene.session.pause(off=off)


async def begin_held(scene: Scene, by: str, text: str) -> asyncio.Future[Turn]:
    await pause(scene, by)
    sent = scene.send(text)
    await scene.held()
    return sent


def three_in_a_row() -> Application[Any]:
    """It needs nothing."""

    def nothing(state: State) -> State:
        return state

    return build(
        ("first", "second"), ("second", "third"), first=does(nothing), second=does(nothing), third=does(nothing)
    )


def counted(app: Application[Any]) -> list[int]:
    return list(app.state["counted"])


async def test_step_by_step(scene: Scene, by: str) -> None:
    sent = await begin_held(scene, by, "2")
    seen: list[Any] = []
    while (view := scene.view).held is not None:
        marked = [name for name, node in view.nodes.items() if node.status == "next"]
        assert marked == [view.held.next_action]
        taken = [(each.to, each.outcome) for each in view.held.conditions]
        seen.append((view.held.reason, view.held.after, view.held.next_action, taken))
        assert scene.session.turns[0].actions == [step.action for step in view.steps]
        await control(scene, by, "step")
    assert seen == [
        ("pause", None, "start", []),
        ("step", "start", "count", [("count", True)]),
        ("step", "count", "count", [("count", True), ("say", True)]),
        ("step", "count", "say", [("count", False), ("say", True)]),
    ]
    assert ((await sent).status, (await sent).text) == ("completed", "1 2 ")


async def test_continue_goes_on_to_the_end(scene: Scene, by: str) -> None:
    sent = await begin_held(scene, by, "3")
    await control(scene, by, "step")
    await control(scene, by, "resume")
    assert (await sent).status == "completed"
    assert counted(scene.session.app) == [1, 2, 3]
    assert (await scene.send("1")).status == "completed"


async def test_a_pause_in_a_turn_holds_it_before_its_next_action(runner: Any, by: str) -> None:
    scene = Scene(held.application(), runner=runner)
    sent = scene.send("~hello")
    await scene.until(lambda view: view.nodes["think"].status == "running")
    await pause(scene, by)
    assert (await scene.until(lambda view: view.pausing)).held is None
    held.let_go()
    found = await scene.held()
    assert (found.reason, found.after, found.next_action) == ("pause", "think", "answer")
    assert not scene.view.pausing
    await control(scene, by, "resume")
    assert (await sent).text == "hello"
    scene.session.close()


async def test_a_pause_is_taken_back(scene: Scene, by: str) -> None:
    await pause(scene, by)
    await scene.until(lambda view: view.pausing)
    await pause(scene, by, off=True)
    await scene.until(lambda view: not view.pausing)
    assert (await scene.send("2")).status == "completed"


@pytest.mark.parametrize("where", ["action", "delta"])
async def test_stop_while_held(scene: Scene, by: str, where: str) -> None:
    await scene.send("2")
    state, number = scene.session.app.state.get_all(), scene.session.app.sequence_id
    sent = await begin_held(scene, by, "3")
    for _ in range(4):
        await control(scene, by, "step")
    if where == "delta":
        await control(scene, by, "step-delta")
        assert scene.view.held is not None
        assert (scene.view.held.at, scene.view.held.next_action) == ("delta", "say")
    if by == "page":
        scene.session.pages.handle(c.Stop(client="page", turn=scene.view.turns[-1].key))
    else:
        scene.session.stop()
    assert (await sent).status == "stopped"
    after = scene.session.app.state.get_all()
    highest = after.pop("__SEQUENCE_ID")
    assert state.pop("__SEQUENCE_ID") == number
    assert after == state
    assert highest > number
    view = await scene.until(lambda view: view.status == "idle")
    assert (view.held, view.pausing) == (None, False)
    assert (await scene.send("1")).text == "1 "


async def test_a_stop_takes_back_what_was_asked_of_its_turn(runner: Any, by: str) -> None:
    scene = Scene(held.application(), runner=runner)
    sent = scene.send("~hello")
    await scene.until(lambda view: view.nodes["think"].status == "running")
    await pause(scene, by)
    scene.session.stop()
    assert (await sent).status == "stopped"
    held.hold_all()
    assert (await scene.send("hello")).text == "hello"
    await scene.until(lambda view: not view.pausing)
    scene.session.close()


async def test_what_goes_on_without_a_turn_begins_one(runner: Any, by: str) -> None:
    app = three_in_a_row()
    scene = Scene(app, runner=runner)
    await control(scene, by, "step")
    assert scene.session.turns[0].actions == ["first"]
    assert scene.view.held is not None
    assert scene.view.held.next_action == "second"
    await control(scene, by, "resume")
    assert [(t.status, t.actions) for t in scene.session.turns] == [("completed", ["first", "second", "third"])]
    scene.session.close()


@pytest.mark.parametrize("how", ["step", "step-delta", "resume"])
async def test_what_cannot_be_begun_without_a_prompt_is_refused(scene: Scene, how: str) -> None:
    with pytest.raises(MissingInput, match="prompt"):
        await scene.let(how)
    kind = {"step": c.StepAction, "step-delta": c.StepDelta, "resume": c.Resume}[how]
    reason = await scene.ask(kind)
    assert reason is not None
    assert "prompt" in reason
    assert scene.session.turns == []
    assert (await scene.send("1")).status == "completed"


@pytest.mark.parametrize("kind", [c.Resume, c.StepAction, c.StepDelta])
async def test_what_may_not_begin_a_turn_begins_none(runner: Any, kind: type[Any]) -> None:
    scene = Scene(three_in_a_row(), runner=runner)
    asked = kind(client="page", request="late")
    scene.session.pages.handle(asked, may_begin=False)
    view = await scene.until(lambda view: view.refused)
    assert "the turn has ended meanwhile" in view.refused[0].reason
    await scene.press("step")
    scene.session.pages.handle(kind(client="page", request="held"), may_begin=False)
    await scene.until(lambda view: "held" in view.accepted)
    assert [turn.key for turn in scene.session.turns] == ["t1"]
    scene.session.close()


async def test_a_prompt_while_a_turn_is_held_is_refused(scene: Scene) -> None:
    sent = await begin_held(scene, "python", "1")
    with pytest.raises(TurnRunning, match="'t1' is running"):
        await scene.send("2")
    assert await scene.ask(c.Send, text="2") == "A turn is running: wait for it to end, or stop it first."
    await scene.let("resume")
    assert (await sent).text == "1 "


async def test_a_command_that_is_said_again_is_carried_out_once(scene: Scene) -> None:
    sent = await begin_held(scene, "page", "5")
    for _ in range(3):
        scene.say(c.StepAction, request="step")
    await scene.until(lambda view: view.held and view.held.after == "start")
    for _ in range(2):
        scene.say(c.StepAction, request="step")
    again = scene.page.seq
    await scene.until(lambda view: view.accepted.count("step") > 1 and scene.page.seq > again)
    assert scene.session.turns[0].actions == ["start"]
    for _ in range(2):
        scene.say(c.SetBreakpoint, request="point", action="say")
    await scene.press("resume")
    assert scene.session.turns[0].actions == ["start", *["count"] * 5]
    await scene.press("resume")
    assert (await sent).status == "completed"


async def test_two_steps_at_once_are_two_steps(scene: Scene) -> None:
    await begin_held(scene, "python", "5")
    scene.say(c.StepAction)
    scene.say(c.StepAction)
    view = await scene.until(lambda view: view.held and view.held.after == "count")
    assert [step.action for step in view.steps] == ["start", "count"]
    scene.session.stop()


@pytest.mark.parametrize("runner", ["thread", "kernel"])
@pytest.mark.parametrize("kind", STREAMING)
async def test_step_delta_holds_the_generator_at_its_yield(kind: str, runner: Any, by: str) -> None:
    """Whenever it goes on, it looks how many deltas have been told: all that it has yielded, and no step is ever ahead.

    Of a class-based action one item is held back, as the last one is its result.
    """
    told: list[int] = []

    def look() -> None:
        told.append(len(scene.session.turns[-1].deltas))

    app, script = scripted_app(kind, ["a", look, "b", look, "c", look, "d", look])
    scene = Scene(app, runner=runner)
    sent = await begin_held(scene, by, "hi")
    await control(scene, by, "step")
    for text in ("a", "ab", "abc", "abcd"):
        await control(scene, by, "step-delta")
        assert (scene.session.turns[-1].text, sent.done()) == (text, False)
        assert scene.view.held is not None
        assert (scene.view.held.at, scene.view.held.next_action) == ("delta", "answer")
        assert scene.view.messages[-1].text == text
        assert script.closed == (1 if text == "abcd" and "class" in kind else 0)
    await control(scene, by, "step-delta")
    assert (await sent).status == "completed"
    assert told == ([0, 1, 2, 3] if "class" in kind else [1, 2, 3, 4])
    assert (script.running, script.closed) == (0, 1)
    scene.session.close()


async def test_step_from_a_delta_goes_to_the_end_of_the_action(runner: Any, by: str) -> None:
    app, _ = scripted_app("async-stream-function", ["a", "b", "c"])
    scene = Scene(app, runner=runner)
    scene.session.breakpoints.add("answer", when="after")
    sent = await begin_held(scene, by, "hi")
    await control(scene, by, "step")
    await control(scene, by, "step-delta")
    assert scene.session.turns[-1].text == "a"
    await control(scene, by, "step")
    assert scene.session.turns[-1].text == "abc"
    assert scene.view.held is not None
    assert (scene.view.held.breakpoint, scene.view.held.next_action) == ("after answer", "human")
    await control(scene, by, "step")
    assert (await sent).status == "completed"
    scene.session.close()


async def test_a_running_stream_is_held_at_its_next_delta(runner: Any, by: str) -> None:
    scene = Scene(held.application(), runner=runner)
    sent = scene.send("one\n|two\nthree\n")
    await scene.until(lambda view: view.messages and view.messages[-1].text == "one\n")
    step = scene.say(c.StepDelta) if by == "page" else scene.session.let("step-delta")
    if by == "page":
        await scene.until(lambda view: step in view.accepted)
    held.let_go()
    found = await scene.held()
    assert (found.at, scene.session.turns[0].text) == ("delta", "one\ntwo\n")
    await control(scene, by, "resume")
    assert (await sent).text == "one\ntwo\nthree\n"
    scene.session.close()


async def test_a_step_right_after_the_turn_was_asked_for_is_one_of_it(runner: Any) -> None:
    chat = BurrChat(loops.application(), runner=runner)
    chat.pause()
    call = asyncio.ensure_future(chat.send("2"))
    turn = await chat.step()
    assert (turn.status, len(turn.actions)) == ("running", 1)
    await chat.resume()
    assert await call is turn
    assert turn.text == "1 2 "
    chat.close()


async def test_cancelling_the_call_while_held(runner: Any) -> None:
    chat = BurrChat(loops.application(), runner=runner)
    chat.pause()
    call = asyncio.ensure_future(chat.send("2"))
    await until(lambda: chat._session.outbox.view().held)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await until(lambda: chat.turns[0].status == "stopped")
    assert (await chat.send("2")).text == "1 2 "
    chat.close()


@pytest.mark.parametrize("where", ["action", "delta"])
async def test_closing_while_held(scene: Scene, where: str) -> None:
    sent = await begin_held(scene, "python", "1")
    if where == "delta":
        await scene.let("step")
        await scene.let("step")
        await scene.let("step-delta")
    app = scene.session.app
    scene.session.close()
    assert (await sent).status == "stopped"
    assert counted(app) == []
    with pytest.raises(RuntimeError, match="the chat is closed"):
        await scene.let("step")
    other = ChatSession(app, runner="kernel")
    assert (await asyncio.wrap_future(other.begin("1", {}).future)).text == "1 "


async def test_what_a_step_began_is_stopped_by_closing(runner: Any) -> None:
    """Nobody waits for the turn when `step` has returned."""
    app = three_in_a_row()
    scene = Scene(app, runner=runner)
    turn = await scene.let("step")
    scene.session.close()
    await until(lambda: turn.status == "stopped")


async def test_what_goes_on_without_a_turn_is_stopped_right_after_it_was_asked_for(runner: Any, by: str) -> None:
    scene = Scene(three_in_a_row(), runner=runner)
    for number in range(1, 11):
        if by == "page":
            scene.say(c.Resume)
        else:
            scene.session.let("resume")
        scene.session.stop()
        view = await scene.until(lambda view, number=number: len(view.turns) == number and view.status == "idle")
        assert view.turns[-1].status == "stopped"
        await until(lambda: scene.session.running is None)
    scene.session.close()


async def test_sessions_are_held_apart(runner: Any) -> None:
    one, two = Scene(loops.application(), runner=runner), Scene(loops.application(), runner=runner)
    one.session.breakpoints.add("say")
    sent = one.send("2")
    await one.held()
    assert (await two.send("3")).text == "1 2 3 "
    second = Scene(one.session.app, runner=runner)
    with pytest.raises(TurnRunning, match="in the middle of a turn"):
        await second.send("1")
    with pytest.raises(TurnRunning):
        await second.let("step")
    await one.let("resume")
    assert (await sent).text == "1 2 "
    assert (await second.send("1")).text == "1 "
    for scene in (one, two, second):
        scene.session.close()


async def test_a_sync_action_in_a_thread_is_paused_after(by: str) -> None:
    """Pause does not wait for a blocking action, and does not interrupt it."""
    gates.hold("prepare")

    def wait() -> None:
        gates.come_to("prepare")

    app, _ = scripted_app("sync-function", [wait, "done"])
    scene = Scene(app, runner="thread")
    scene.session.breakpoints.add("answer", when="after")
    sent = scene.send("hi")
    await scene.until(lambda view: view.nodes["answer"].status == "running")
    await pause(scene, by)
    gates.release()
    found = await scene.held()
    assert found.breakpoint == "after answer"
    await control(scene, by, "resume")
    assert (await sent).status == "completed"
    scene.session.close()


async def test_a_failing_turn_that_is_held_fails_when_it_goes_on(runner: Any, by: str) -> None:
    scene = Scene(scripted.application(), runner=runner, breakpoints=["answer"])
    sent = scene.send('{"fail": "before"}')
    await scene.held()
    await control(scene, by, "resume")
    assert (await sent).status == "failed"
    scene.session.breakpoints.clear()
    assert (await scene.send("hello")).text == "hello"
    scene.session.close()
