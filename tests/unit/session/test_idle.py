"""What comes next is shown of the state as it is, also where somebody changes that while no turn runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from burr.core import Condition, State

from apps import loops
from apps.graphs import build, does
from burr_chat_widget import BurrChat
from burr_chat_widget.bridge import PRIOR_STEP
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.view import View
from support.session import Scene, until


@pytest.fixture(params=["thread", "kernel"])
def runner(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
async def scene(runner: Any) -> AsyncIterator[Scene]:
    """It has counted to one of three."""
    made = Scene(loops.application(), runner=runner)
    await made.send("3")
    assert await made.ask(c.Rewind, step=1) is None
    yield made
    made.session.close()


def change(scene: Scene, **values: Any) -> None:
    app = scene.session.app
    app.update_state(app.state.update(**values))
    scene.session.look()


def following(view: View) -> list[str]:
    return [name for name, node in view.nodes.items() if node.status == "next"]


async def shown_next(scene: Scene, action: str | None) -> View:
    nodes = [] if action is None else [action]
    return await scene.until(lambda view: view.composer.action == action and following(view) == nodes)


async def test_another_way_is_shown_at_once(scene: Scene) -> None:
    view = await shown_next(scene, "count")
    assert view.steps[-1].by_hand == []
    change(scene, last=7)
    view = await shown_next(scene, "say")
    assert (view.composer.after, [(each.to, each.outcome, each.values) for each in view.composer.conditions]) == (
        "count", [("count", False, {"last": "7", "goal": "3"}), ("say", True, {})],
    )  # fmt: skip
    step = view.steps[-1]
    assert step.decision is not None
    assert (step.by_hand, step.decision.to_action, step.decision.conditions) == (
        ["last"], "say", view.composer.conditions,
    )  # fmt: skip
    assert view.decisions[-1] == step.decision
    assert view.taken == [1, 0, 1, 0]
    assert (view.status, [m.text for m in view.messages]) == ("idle", ["3", "Rewound to after count."])
    change(scene, last=1)
    view = await shown_next(scene, "count")
    assert view.steps[-1].by_hand == []
    assert (await scene.let("resume")).text == "1 2 3 "


async def test_what_is_inside_is_fetched_anew(scene: Scene) -> None:
    change(scene, last=7)
    told = (await shown_next(scene, "say")).steps[-1].decision
    change(scene, last=8)
    await scene.until(lambda view: view.steps[-1].decision != told)
    found = scene.session.inspect(c.Inspect(client="page", request="i", step=None))
    assert {row.key: row.text for row in found.rows}["last"] == "8"


async def test_a_page_that_asks_has_it_looked_at(scene: Scene) -> None:
    app = scene.session.app
    app.update_state(app.state.update(last=7))
    scene.session.inspect(c.Inspect(client="page", request="i", step=None))
    await shown_next(scene, "say")


async def test_where_nothing_was_changed_nothing_is_told(scene: Scene) -> None:
    await scene.caught_up()
    told = len(scene.page.messages)
    for _ in range(3):
        scene.session.look()
    assert await scene.ask(c.Pause) is None
    kinds = [message["type"] for message in scene.page.messages[told:]]
    assert "snapshot" not in kinds


async def test_a_condition_that_raises_is_said_and_nothing_comes_next(scene: Scene) -> None:
    app = scene.session.app
    app.update_state(app.state.wipe(delete=["goal"]))
    scene.session.look()
    view = await shown_next(scene, None)
    assert not view.composer.enabled
    assert "the condition 'last < goal' of the transition to 'count' cannot be evaluated" in str(view.composer.hint)
    assert (view.steps[-1].decision, view.steps[-1].by_hand) == (None, ["goal"])
    assert view.taken == [1, 0, 0, 0]
    change(scene, goal=2)
    view = await shown_next(scene, "count")
    assert view.composer.enabled
    assert (await scene.let("resume")).text == "1 2 "


async def test_a_turn_that_begins_at_the_same_moment_wins(scene: Scene) -> None:
    sent = scene.send()
    change(scene, last=2)
    assert (await sent).status == "completed"
    view = await scene.caught_up()
    assert [turn.status for turn in view.turns] == ["completed", "completed"]
    assert (view.composer.action, following(view)) == ("start", ["start"])
    # And the other way round.
    change(scene, **{PRIOR_STEP: "count", "last": 0, "goal": 0, "counted": []})
    assert (await scene.send()).text == ""
    assert following(await scene.caught_up()) == ["start"]


async def test_begun_again_by_hand(scene: Scene) -> None:
    scene.session.app.reset_to_entrypoint()
    scene.session.look()
    view = await shown_next(scene, "start")
    assert (view.composer.after, view.composer.conditions, view.steps[-1].decision) == (None, [], None)


async def test_of_a_branch_that_is_not_shown_it_is_told_when_it_is(scene: Scene) -> None:
    before = scene.session.app
    assert await scene.ask(c.Fork, step=1) is None
    before.update_state(before.state.update(last=7))
    scene.session.look()
    assert following(await scene.caught_up()) == ["count"]
    assert await scene.ask(c.Switch, turn="b1") is None
    view = await shown_next(scene, "say")
    assert view.steps[-1].by_hand == ["last"]


def is_closed(state: State[Any]) -> bool:
    raise ValueError(f"no key {state['door']}")


def ask(state: State[Any], prompt: str) -> State[Any]:
    return state.update(said=prompt)


def finish(state: State[Any]) -> State[Any]:
    return state


def doors(condition: Condition) -> Any:
    """Nothing comes after `ask` unless the condition is true."""
    return build(
        ("ask", "finish", condition), state={"door": "open-sesame"},
        ask=does(ask, writes=["said"]), finish=does(finish),
    )  # fmt: skip


async def test_before_the_first_turn_and_where_nothing_comes(runner: Any) -> None:
    scene = Scene(doors(Condition.expr("door == 'locked'")), runner=runner)
    assert following(scene.view) == ["ask"]
    change(scene, **{PRIOR_STEP: "ask"})
    view = await shown_next(scene, None)
    assert view.composer.ended
    assert [(each.to, each.outcome, each.values) for each in view.composer.conditions] == [
        ("finish", False, {"door": "'open-sesame'"})
    ]
    change(scene, door="locked")
    view = await shown_next(scene, "finish")
    assert view.composer.conditions[0].taken
    scene.session.close()


async def test_what_is_hidden_stays_hidden(runner: Any) -> None:
    scene = Scene(doors(Condition(["door"], is_closed, name="closed")), runner=runner, redact=["door"])
    change(scene, **{PRIOR_STEP: "ask"})
    view = await scene.until(lambda view: view.composer.hint)
    assert "ValueError: no key" in str(view.composer.hint)
    assert scene.session.composer == view.composer
    assert "sesame" not in repr(scene.page.messages)
    assert "sesame" not in str(await scene.ask(c.Resume))
    scene.session.close()


async def test_an_application_that_has_gone_on_before_says_why_that_comes_next() -> None:
    app = loops.application()
    app.update_state(app.state.update(**{PRIOR_STEP: "count", "last": 2, "goal": 2}))
    view = BurrChat(app)._session.outbox.view()
    assert (view.composer.action, view.composer.after) == ("say", "count")
    assert [each.outcome for each in view.composer.conditions] == [False, True]


async def test_of_a_closed_chat_nothing_is_looked_at() -> None:
    chat = BurrChat(loops.application())
    chat.close()
    chat.app.update_state(chat.app.state.update(**{PRIOR_STEP: "say"}))
    chat._session.look()
    assert chat._session.composer.after is None


async def test_a_page_that_comes_has_it_looked_at() -> None:
    chat = BurrChat(loops.application())
    chat.app.update_state(chat.app.state.update(**{PRIOR_STEP: "count", "last": 2, "goal": 2}))
    chat._on_message(None, {"type": "hello", "client": "page"}, [])
    await until(lambda: chat._session.composer.action == "say")
    chat.close()
