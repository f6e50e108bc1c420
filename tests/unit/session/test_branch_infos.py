"""What pages are told of branches: what each shares, where its versions are, which prompts can be edited."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps import asking, scripted
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.view import View
from support.session import Scene

ACTIONS = ["prompt", "prepare", "answer"]


@pytest.fixture
def scene() -> Scene:
    return Scene(scripted.application())


async def retry(scene: Scene, turn: int, text: str | None = None) -> View:
    """Run a turn of the branch that is shown again; returns what is seen when it has ended."""
    request = scene.say(c.Retry, turn=scene.session.turns[turn].key, text=text)
    return await scene.until(lambda view: view.status == "idle" and any(each.request == request for each in view.turns))


def told(view: View) -> list[tuple[Any, ...]]:
    return [(each.key, each.parent, each.prompt, each.shared, each.actions) for each in view.branches]


async def test_branches_say_what_they_share_and_what_is_their_own(scene: Scene):
    for prompt in ("one", "two"):
        await scene.send(prompt)
    assert (await scene.caught_up()).branches == []
    await retry(scene, 1, "edited")
    await scene.send("three")
    await retry(scene, 2)
    assert told(await scene.caught_up()) == [
        ("b1", None, "one", 0, ACTIONS * 2),
        ("b2", "b1", "edited", 3, ACTIONS * 2),
        ("b3", "b2", "three", 6, ACTIONS),
    ]


async def test_branches_share_what_both_still_have(scene: Scene):
    for prompt in ("one", "two", "three"):
        await scene.send(prompt)
    assert await scene.ask(c.Fork, step=7) is None
    await scene.let("resume")
    assert await scene.ask(c.Fork, step=4) is None
    await scene.let("resume")
    assert await scene.ask(c.Switch, turn="b1") is None
    assert await scene.ask(c.Rewind, step=1) is None
    await scene.let("resume")
    # Of the branches' steps 0 to 7, b1 has 0 and 1 left; b3 still has five in common with b2.
    shared = [
        (each.key, each.parent, each.base, each.shared, each.actions) for each in (await scene.caught_up()).branches
    ]
    assert shared == [
        ("b1", None, None, 0, ACTIONS),
        ("b2", "b1", "b1", 2, ["answer", *ACTIONS, "prompt", "prepare", "answer"]),
        ("b3", "b2", "b2", 5, ["answer"]),
    ]
    assert await scene.ask(c.Switch, turn="b2") is None
    assert await scene.ask(c.Rewind, step=0) is None
    await scene.let("resume")
    shared = [
        (each.key, each.parent, each.base, each.shared, each.actions) for each in (await scene.caught_up()).branches
    ]
    assert shared == [
        ("b1", None, None, 0, ACTIONS),
        ("b2", "b1", "b1", 1, ["prepare", "answer"]),
        ("b3", "b2", "b1", 2, ["answer", "prompt", "prepare", "answer"]),
    ]


async def test_what_is_tried_again_in_place_keeps_its_place(scene: Scene):
    first = await scene.send("one")
    failing = json.dumps({"deltas": 1, "fail": "during"})
    view = await retry(scene, 0, failing)
    assert view.turns[-1].status == "failed"
    view = await retry(scene, -1)
    again = view.turns[-1]
    assert again.siblings == [first.key, again.key]
    assert told(await scene.caught_up())[1] == ("b2", "b1", failing, 0, [])  # what failed does not count
    assert await scene.ask(c.Switch, turn=first.key) is None
    assert [turn.siblings for turn in scene.view.turns] == [[first.key, again.key]]
    assert await scene.ask(c.Switch, turn=again.key) is None
    assert scene.view.branch == "b2"


async def test_a_branch_without_a_turn_of_its_own_is_shown_by_its_key(scene: Scene):
    await scene.send("one")
    await scene.send("two")
    await retry(scene, 1)
    assert await scene.ask(c.Switch, turn="b1") is None
    await scene.ask(c.Rewind, step=2)
    assert await scene.ask(c.Switch, turn="b2") is None
    assert await scene.ask(c.Switch, turn="b1") is None
    view = await scene.caught_up()
    assert (view.branch, [turn.prompt for turn in view.turns]) == ("b1", ["one"])
    assert scene.session.app.uid == view.branches[0].app_id


async def test_a_branch_that_is_rewound_to_before_it_began_begins_there(scene: Scene):
    await scene.send("one")
    await scene.send("two")
    await retry(scene, 1)
    await scene.ask(c.Rewind, step=2)
    await scene.send("three")
    assert told(await scene.caught_up())[1] == ("b2", "b1", "three", 3, ACTIONS)


async def test_a_prompt_can_be_edited_where_a_text_alone_began_the_turn(scene: Scene):
    await scene.send("one")
    assert [turn.editable for turn in (await scene.caught_up()).turns] == [True]
    form = Scene(asking.typed())
    address = asking.Address("Hill", 7)
    await form.send(item="tea", amount=2, size=next(iter(asking.Size)), gift=False, address=address)
    view = await form.caught_up()
    assert [turn.editable for turn in view.turns] == [False]
    refused = await form.ask(c.Retry, turn=view.turns[0].key, text="coffee")
    assert refused is not None
    assert "was not begun by a text alone" in refused
