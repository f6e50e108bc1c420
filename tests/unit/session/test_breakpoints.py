"""Where turns are held, and what comes next there, the state as it is now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from burr.core import Condition, State

from apps import loops
from burr_chat_widget.errors import ConventionError
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.view import Breakpoint
from support.session import Scene


@pytest.fixture(params=["thread", "kernel"])
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """It counts as far as it is asked to."""
    made = Scene(loops.application(), runner=request.param)
    yield made
    made.session.close()


async def where_held(scene: Scene, text: str) -> list[str]:
    """Run a turn, and say where it was held."""
    sent = scene.send(text)
    places: list[str] = []
    view = await scene.until(lambda view: view.held or (view.status == "idle" and view.turns))
    while view.held is not None:
        places.append(f"{view.held.breakpoint}: {view.held.after} -> {view.held.next_action}")
        view = await scene.press("resume")
    assert (await sent).status == "completed"
    return places


@pytest.mark.parametrize("by", ["python", "page"])
async def test_before_and_after(scene: Scene, by: str) -> None:
    if by == "python":
        scene.session.breakpoints.add("say")
        scene.session.breakpoints.add("count", when="after")
        scene.session.breakpoints.add("start")
        scene.session.breakpoints.add("say", when="after")
    else:
        assert await scene.ask(c.SetBreakpoint, action="say") is None
        assert await scene.ask(c.SetBreakpoint, action="count", when="after") is None
        assert await scene.ask(c.SetBreakpoint, action="start") is None
        assert await scene.ask(c.SetBreakpoint, action="say", when="after") is None
    assert await where_held(scene, "2") == [
        "before start: None -> start",
        "after count: count -> count",
        "after count: count -> say",
        "after say: say -> start",
    ]
    assert len(scene.session.breakpoints) == 4
    await scene.until(lambda view: view.breakpoints == [Breakpoint(action=p.action, when=p.when) for p in POINTS])


POINTS = [
    Breakpoint(action="say"), Breakpoint(action="count", when="after"), Breakpoint(action="start"),
    Breakpoint(action="say", when="after"),
]  # fmt: skip


async def test_they_are_taken_away(scene: Scene) -> None:
    for action in ("start", "count", "say"):
        scene.session.breakpoints.add(action)
        scene.session.breakpoints.add(action, when="after")
    assert await scene.ask(c.SetBreakpoint, action="start", off=True) is None
    assert await scene.ask(c.SetBreakpoint, action="count", when="before", off=True) is None
    scene.session.breakpoints.remove("count", when="after")
    scene.session.breakpoints.remove("say")
    assert "say" not in scene.session.breakpoints
    assert await where_held(scene, "1") == ["after start: start -> count"]
    scene.session.breakpoints.clear()
    assert await where_held(scene, "1") == []


async def test_one_that_cannot_be_is_refused(scene: Scene) -> None:
    with pytest.raises(
        ConventionError, match="there is no action 'nowhere' to break at; the actions are start, count, say"
    ):
        scene.session.breakpoints.add("nowhere")
    with pytest.raises(ConventionError, match="when='during' is no side"):
        scene.session.breakpoints.add("say", when="during")  # pyright: ignore[reportArgumentType]
    with pytest.raises(ConventionError, match="condition=3 can decide nothing"):
        scene.session.breakpoints.add("say", condition=3)  # pyright: ignore[reportArgumentType]
    reason = await scene.ask(c.SetBreakpoint, action="nowhere")
    assert reason == "there is no action 'nowhere' to break at; the actions are start, count, say"
    assert scene.view.breakpoints == []


def at_two(state: State[Any]) -> bool:
    return state["last"] == 2


@pytest.mark.parametrize("condition", [at_two, Condition.expr("last == 2"), Condition.when(last=2)])
async def test_conditional(scene: Scene, condition: Any) -> None:
    scene.session.breakpoints.add("count", condition=condition)
    (place,) = await where_held(scene, "4")
    name = scene.view.breakpoints[0].condition
    assert name in ("at_two", "last == 2", "last=2")
    assert place == f"before count if {name}: count -> count"


@pytest.mark.parametrize("condition", [lambda state: state["lacking"], Condition.expr("lacking == 2")])
async def test_a_condition_that_raises_holds_and_says_so(scene: Scene, condition: Any) -> None:
    scene.session.breakpoints.add("say", condition=condition)
    (place,) = await where_held(scene, "1")
    assert "which raised" in place
    assert "lacking" in place
    assert place.endswith(": count -> say")


async def test_changed_while_held(scene: Scene) -> None:
    scene.session.breakpoints.add("start")
    sent = scene.send("3")
    await scene.held()
    scene.session.breakpoints.clear()
    scene.session.breakpoints.add("count", when="after", condition=at_two)
    view = await scene.press("resume")
    assert view.held is not None
    assert view.held.breakpoint == "after count if at_two"
    assert await scene.ask(c.SetBreakpoint, action="say") is None
    view = await scene.press("resume")
    assert view.held is not None
    assert view.held.breakpoint == "before say"
    await scene.press("resume")
    assert (await sent).status == "completed"


async def test_those_the_chat_is_made_with() -> None:
    scene = Scene(loops.application(), breakpoints=["say"])
    assert await where_held(scene, "1") == ["before say: count -> say"]
    with pytest.raises(ConventionError, match="there is no action 'nowhere'"):
        Scene(loops.application(), breakpoints=["nowhere"])


async def test_a_state_changed_by_hand_goes_another_way(scene: Scene) -> None:
    """It is told while the turn is held, and is no doing of the step that comes next."""
    app = scene.session.app
    scene.session.breakpoints.add("count", condition=at_two)
    sent = scene.send("5")
    held = await scene.held()
    assert (held.next_action, [each.values for each in held.conditions]) == ("count", [{"last": "2", "goal": "5"}, {}])
    app.update_state(app.state.update(last=5, by_hand=True))
    view = await scene.until(lambda view: view.held and view.held.next_action == "say")
    assert view.held is not None
    assert [(each.outcome, each.values) for each in view.held.conditions] == [
        (False, {"last": "5", "goal": "5"}),
        (True, {}),
    ]
    assert [name for name, node in view.nodes.items() if node.status == "next"] == ["say"]
    await scene.press("resume")
    assert (await sent).actions == ["start", "count", "count", "say"]
    assert [change.key for change in scene.view.steps[-1].changes] == ["said"]
    values = scene.session.checkpoints.values(3)
    assert values is not None
    assert (values.before["last"], values.before["by_hand"]) == (5, True)


async def test_a_state_changed_by_hand_so_that_nothing_can_follow(scene: Scene) -> None:
    app = scene.session.app
    scene.session.breakpoints.add("count", condition=at_two)
    sent = scene.send("5")
    await scene.held()
    app.update_state(app.state.wipe(delete=["goal"]))
    view = await scene.until(lambda view: view.held and view.held.error)
    assert view.held is not None
    assert view.held.next_action is None
    assert "cannot be evaluated" in str(view.held.error)
    app.update_state(app.state.update(goal=3))
    await scene.until(lambda view: view.held and view.held.error is None and view.held.next_action == "count")
    app.update_state(app.state.wipe(delete=["goal"]))
    await scene.press("resume")
    assert (await sent).status == "failed"
    scene.session.breakpoints.clear()
    assert (await scene.send("2")).text == "1 2 "


async def test_one_that_a_page_switches_off_and_on_has_its_condition(scene: Scene) -> None:
    points = scene.session.breakpoints

    def far(state: State[Any]) -> bool:
        return state["last"] > 1

    async def off_and_on() -> list[str]:
        for off in (True, True, False):
            assert await scene.ask(c.SetBreakpoint, action="count", off=off) is None
            assert len(points) == (0 if off else 1)
        return [str(each) for each in points]

    points.add("count", condition=far)
    assert await off_and_on() == ["before count if far"]
    assert await where_held(scene, "3") == ["before count if far: count -> count"]
    assert await scene.ask(c.SetBreakpoint, action="count") is None  # once more: without its condition
    assert [str(each) for each in points] == ["before count"]
    assert await off_and_on() == ["before count"]
    points.add("count", condition=far)
    assert await scene.ask(c.SetBreakpoint, action="count", off=True) is None
    points.remove("count")  # for good
    assert await off_and_on() == ["before count"]
    points.add("count", condition=far)
    assert await scene.ask(c.SetBreakpoint, action="count", off=True) is None
    points.clear()
    assert await off_and_on() == ["before count"]
