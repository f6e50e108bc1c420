"""Going back in one chat: rewind, retry, edit, fork and switch, by Python and by a page's commands."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from burr.core import State

from apps import held, loops, scripted
from apps.graphs import build, does
from burr_chat_widget import BurrChat
from burr_chat_widget.errors import InvalidInput, MissingInput, NoCheckpoint, TurnRunning
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.session import Checkpoint
from burr_chat_widget.session.branches import BRANCHES
from burr_chat_widget.testing import RecordingComm
from support.session import Scene, is_answered, until


@pytest.fixture(params=["thread", "kernel"])
def runner(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.mark.parametrize("what", [99, None, "step 1"])
async def test_what_is_no_checkpoint(scene: Scene, what: Any) -> None:
    for go in (scene.session.past.rewind, lambda *given: scene.session.past.fork_of(*given, None)):
        with pytest.raises(NoCheckpoint, match="is no checkpoint of this chat"):
            go(what, {})


async def test_a_turn_that_was_taken_back_is_not_tried_again(runner: Any) -> None:
    scene = Scene(scripted.application(), runner=runner)
    await scene.send('{"fail": "during", "deltas": 1}')
    gone = scene.session.turns[0].key
    assert await scene.ask(c.Retry, turn=gone) is None
    await scene.until(lambda view: view.status == "idle" and len(scene.session.turns) == 2)
    assert "was tried again since" in (await scene.ask(c.Retry, turn=gone, text="x") or "")
    assert len(scene.session.branches) == 1
    scene.session.close()


async def test_branches_say_what_they_are(scene: Scene) -> None:
    await scene.send("1")
    first = scene.session.turns[0]
    await scene.ask(c.Retry, turn=first.key)
    await scene.until(lambda view: view.status == "idle" and len(view.branches) == 2)
    assert [repr(each) for each in scene.session.branches] == [
        "<Branch b1: 1 turn, 3 checkpoints>",
        "<Branch b2, from b1: 1 turn, 3 checkpoints>",
    ]


async def test_of_many_branches_those_not_shown_for_longest_are_forgotten(runner: Any) -> None:
    """The first one, from which all were forked, too; what is left can be switched to."""
    scene = Scene(loops.application(), runner=runner)
    await scene.send("1")
    for n in range(BRANCHES + 3):
        assert await scene.ask(c.Retry, turn=scene.session.turns[0].key) is None
        await scene.until(lambda view, n=n: view.status == "idle" and view.branch == f"b{n + 2}")
    keys = [branch.key for branch in scene.session.branches]
    assert keys == [f"b{n}" for n in range(5, BRANCHES + 5)]
    assert (await scene.caught_up()).turns[0].siblings == [branch.turns[0].key for branch in scene.session.branches]
    assert await scene.ask(c.Switch, turn="b5") is None
    assert await scene.ask(c.Switch, turn="b4") is not None
    assert (await scene.send("2")).text == "1 2 "
    scene.session.close()


@pytest.fixture(params=["python", "page"])
def by(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
async def scene(runner: Any) -> AsyncIterator[Scene]:
    """It counts as far as it is asked to."""
    made = Scene(loops.application(), runner=runner)
    yield made
    made.session.close()


def checkpoint(scene: Scene, step: int) -> Checkpoint:
    return next(each for each in scene.session.checkpoints if each.sequence_id == step)


async def rewind(scene: Scene, by: str, step: int, **values: Any) -> None:
    if by == "python":
        scene.session.past.rewind(checkpoint(scene, step), values)
        await scene.caught_up()
    else:
        edits = [c.Edit(path=[key], value=value) for key, value in values.items()]
        assert await scene.ask(c.Rewind, step=step, edits=edits) is None


def steps(scene: Scene) -> list[tuple[str, int, str]]:
    return [(each.turn, each.step, each.action) for each in scene.view.steps]


async def test_back_into_a_turn_and_on_from_there(scene: Scene, by: str) -> None:
    await scene.send("1")
    await scene.send("3")
    first = scene.session.turns[1]
    await rewind(scene, by, 4, goal=2)
    turn = scene.session.turns[1]
    assert (turn.status, turn.actions, turn.steps, turn.text, len(turn.deltas)) == (
        "completed", ["start", "count"], [3, 4], "", 0,
    )  # fmt: skip
    assert (first.actions, first.text) == (["start", "count", "count", "count", "say"], "1 2 3 ")
    assert steps(scene)[3:] == [("t2", 3, "start"), ("t2", 4, "count")]
    view = scene.view
    assert [m.text for m in view.messages] == ["1", "1 ", "3", "Rewound to after count, with goal changed by hand."]
    assert ({n: node.visits for n, node in view.nodes.items()}, view.taken) == (
        {"start": 2, "count": 2, "say": 1}, [2, 1, 1, 1],
    )  # fmt: skip
    assert [n for n, node in view.nodes.items() if node.status == "next"] == ["count"]
    assert view.composer.input is None
    assert scene.session.app.sequence_id == 7
    going = await scene.let("resume")
    assert (going.key, going.prompt, going.text) == ("t3", None, "1 2 ")
    assert [each.sequence_id for each in scene.session.checkpoints] == [0, 1, 2, 3, 4, 8, 9]
    assert (await scene.send("1")).text == "1 "


async def test_back_to_a_step_of_a_turn_that_was_stopped(scene: Scene, by: str) -> None:
    scene.session.breakpoints.add("say")
    sent = scene.send("2")
    await scene.held()
    scene.session.stop()
    assert (await sent).status == "stopped"
    await scene.until(lambda view: view.status == "idle")
    await rewind(scene, by, 2)
    assert (scene.view.turns[0].status, scene.session.turns[0].status) == ("completed", "completed")
    assert [m.text for m in scene.view.messages] == ["2", "Rewound to after count."]
    assert scene.session.app.state["counted"] == [1, 2]
    scene.session.breakpoints.clear()
    assert (await scene.let("resume")).text == "1 2 "
    assert await scene.ask(c.Retry, turn="t1") is None  # on a branch: what it began with is in the state
    await scene.until(lambda view: view.status == "idle" and view.branch == "b2")
    assert scene.session.app.state["counted"] == [1, 2]
    assert len(scene.session.branches) == 2


async def test_a_page_goes_back_while_a_turn_is_held(scene: Scene) -> None:
    await scene.send("1")
    scene.session.breakpoints.add("say")
    sent = scene.send("3")
    await scene.held()
    assert await scene.ask(c.Rewind, step=4) is None
    assert (await sent).status == "stopped"
    assert (scene.view.status, steps(scene)[-1]) == ("idle", ("t2", 4, "count"))
    assert scene.session.app.state["counted"] == [1]
    view = await scene.press("resume")
    assert view.held is not None
    view = await scene.press("resume")
    assert view.messages[-1].text == "1 2 3 "


async def test_python_goes_back_while_a_turn_is_held(runner: Any) -> None:
    """As a page does: the turn is stopped, but for one on this very loop, where it could not end meanwhile."""
    scene = Scene(loops.application(), runner=runner)
    await scene.send("1")
    scene.session.breakpoints.add("say")
    sent = scene.send("3")
    await scene.held()
    back = checkpoint(scene, 4)
    if runner == "kernel":
        with pytest.raises(TurnRunning, match="'t2' is running; wait for it to end, or stop it"):
            scene.session.past.rewind(back, {})
        scene.session.stop()
        await sent
    scene.session.past.rewind(back, {"goal": 2})
    assert (await sent).status == "stopped"
    assert (scene.session.turns[-1].status, scene.session.turns[-1].actions) == ("completed", ["start", "count"])
    scene.session.breakpoints.clear()
    assert (await scene.let("resume")).text == "1 2 "
    scene.session.close()


async def test_a_held_turn_is_not_stopped_for_what_cannot_be_gone_back_to() -> None:
    scene = Scene(loops.application(), runner="thread")
    await scene.send("1")
    first = checkpoint(scene, 1)
    scene.session.breakpoints.add("say")
    sent = scene.send("2")
    where = await scene.held()
    with pytest.raises(NoCheckpoint):
        scene.session.past.rewind(Checkpoint("count", 99, first.state, "t1"), {})
    with pytest.raises(InvalidInput):
        scene.session.past.rewind(first, {"__PRIOR_STEP": "say"})
    assert scene.view.held == where
    forked = scene.session.past.fork_of(first, {}, None)  # another chat: this one stays as it is
    assert forked.app.uid != scene.session.app.uid
    assert scene.view.held == where
    await scene.press("resume")
    assert (await sent).text == "1 2 "
    scene.session.close()


async def test_a_turn_that_runs_and_is_not_held_is_not_stopped_by_python() -> None:
    chat = BurrChat(held.application())
    await chat.send("one")
    running = asyncio.ensure_future(chat.send("two\n|"))
    await until(lambda: len(chat.turns) == 2 and chat.turns[1].deltas)
    with pytest.raises(TurnRunning, match=r"is running; wait for it to end, or stop it with chat\.stop\(\)"):
        chat.rewind(chat.checkpoints[0])
    held.let_go()
    assert (await running).status == "completed"
    chat.close()


async def test_what_cannot_be_gone_back_to_is_refused(scene: Scene) -> None:
    await scene.send("1")
    await scene.send("1")
    gone = checkpoint(scene, 4)
    await rewind(scene, "python", 1)
    state = scene.session.app.state
    with pytest.raises(NoCheckpoint, match="is no checkpoint of this chat, or not any more"):
        scene.session.past.rewind(gone, ())
    assert await scene.ask(c.Rewind, step=4) == (
        "there is no checkpoint of step 4; chat.checkpoints has those that can be gone back to"
    )
    assert await scene.ask(c.Retry, turn="t9") == "there is no turn 't9' to try again; send the prompt anew"
    assert await scene.ask(c.Switch, turn="t9") == "there is no turn 't9'; reload the page"
    with pytest.raises(InvalidInput, match="__PRIOR_STEP"):
        scene.session.past.rewind(checkpoint(scene, 1), {"__PRIOR_STEP": "say"})
    assert await scene.ask(c.Rewind, step=1, edits=[c.Edit(path=["nothing", 3], value=1)]) is not None
    assert scene.session.app.state is state
    assert len(scene.session.turns) == 1


async def test_with_few_checkpoints_a_turn_is_tried_again_where_it_began_or_not_at_all(runner: Any) -> None:
    scene = Scene(loops.application(), runner=runner, checkpoints=3)
    await scene.send("4")
    assert await scene.ask(c.Retry, turn="t1") == "where turn 't1' began is not kept any more; send the prompt anew"
    assert len(scene.session.branches) == 1
    await scene.send("1")
    assert await scene.ask(c.Retry, turn="t2", text="0") is None
    await scene.until(lambda view: view.status == "idle")
    assert (scene.session.branches.shown.key, scene.session.turns[-1].text) == ("b2", "1 ")
    scene.session.close()


async def test_siblings_are_those_that_are_left(scene: Scene) -> None:
    await scene.send("1")
    await scene.send("2")
    assert await scene.ask(c.Retry, turn="t2", text="3") is None
    await scene.until(lambda view: view.status == "idle" and view.turns[-1].key == "t3")
    assert scene.view.turns[-1].siblings == ["t2", "t3"]
    assert await scene.ask(c.Switch, turn="t2") is None
    assert scene.view.turns[-1].siblings == ["t2", "t3"]
    await rewind(scene, "page", 2)
    assert await scene.ask(c.Switch, turn="t3") is None
    assert [turn.siblings for turn in scene.view.turns] == [[], []]
    assert scene.session.app.state["counted"] == [1, 2, 3]


async def test_what_was_asked_is_answered_again_though_its_turn_is_gone(scene: Scene) -> None:
    await scene.send("1")
    assert await scene.ask(c.Send, request="mine", text="2") is None
    await scene.until(lambda view: view.status == "idle")
    await rewind(scene, "page", 2)
    assert all(turn.request != "mine" for turn in scene.view.turns)
    scene.say(c.Send, request="mine", text="2")
    await scene.until(lambda view: view.accepted.count("mine") > 1)
    assert len(scene.session.turns) == 1


@pytest.mark.parametrize("where", ["streaming", "held"])
@pytest.mark.parametrize("way", ["rewind", "fork"])
async def test_what_is_taken_back_while_it_runs_was_not_cut_off(where: str, way: str) -> None:
    """The page may hear of its end in a snapshot only, where its turn is none any more."""
    chat = BurrChat(held.application())
    comm = RecordingComm(chat)
    await chat.send("one")
    if where == "held":
        chat.breakpoints.add("answer")
    request = comm.command("send", text="two | more", inputs={})
    await comm.until(lambda view: view.held if where == "held" else view.messages[-1].text == "two ")
    back = comm.command(way, step=chat.checkpoints[0].sequence_id)
    view = await comm.until(lambda view: back in view.accepted)
    assert [turn.prompt for turn in view.turns] == ["one"]
    assert view.accepted == [request, back]
    assert chat._session.outbox.view().accepted == [request, back]
    chat.close()


async def test_a_request_is_answered_by_its_turn_where_that_is_shown_again(scene: Scene) -> None:
    await scene.send("1")
    assert await scene.ask(c.Send, request="mine", text="2") is None
    await scene.until(lambda view: view.status == "idle")
    assert await scene.ask(c.Fork, step=2, edits=[]) is None
    assert "mine" in scene.view.accepted
    assert await scene.ask(c.Switch, turn="b1") is None
    assert scene.view.turns[-1].request == "mine"
    assert "mine" not in scene.view.accepted


async def test_a_turn_that_failed_is_taken_back_for_its_retry(runner: Any) -> None:
    scene = Scene(scripted.application(), runner=runner)
    await scene.send("hello")
    assert (await scene.send('{"fail": "before"}')).status == "failed"
    assert await scene.ask(c.Retry, turn="t2") is None
    await scene.until(lambda view: view.status == "idle" and view.turns[-1].key == "t3")
    assert len(scene.session.branches) == 1
    assert [turn.key for turn in scene.view.turns] == ["t1", "t3"]
    assert {each.turn for each in scene.session.checkpoints} == {"t1", "t3"}
    assert await scene.ask(c.Retry, turn="t3", text="other") is None
    await scene.until(lambda view: view.status == "idle" and view.turns[-1].key == "t4")
    assert [m["content"] for m in scene.session.app.state["chat_history"]] == ["hello", "hello", "other", "other"]
    scene.session.close()


async def test_a_first_turn_that_failed_leaves_its_numbers_to_its_branches(runner: Any) -> None:
    scene = Scene(scripted.application(), runner=runner)
    assert (await scene.send('{"fail": "before"}')).status == "failed"
    await scene.send("hello")
    assert await scene.ask(c.Retry, turn="t2", text="other") is None
    await scene.until(lambda view: view.status == "idle" and view.branch == "b2")
    assert [turn.status for turn in scene.view.turns] == ["failed", "completed"]
    numbers = [step.step for step in scene.view.steps]
    assert numbers == sorted(set(numbers))
    assert [m["content"] for m in scene.session.app.state["chat_history"]] == ["other", "other"]
    scene.session.close()


async def test_a_page_forks_at_a_step(scene: Scene) -> None:
    await scene.send("1")
    await scene.send("3")
    before = scene.session.app
    assert await scene.ask(c.Fork, step=4, edits=[c.Edit(path=["goal"], value=2)]) is None
    assert scene.view.branch == "b2"
    assert [(b.key, b.parent, b.shared) for b in scene.view.branches] == [("b1", None, 0), ("b2", "b1", 5)]
    assert (await scene.let("resume")).text == "1 2 "
    assert before.state["counted"] == [1, 2, 3]
    assert await scene.ask(c.Switch, turn="b1") is None
    assert scene.session.app is before
    assert (await scene.send("1")).text == "1 "


async def test_a_fork_of_a_running_turn_ends_where_it_was_forked(runner: Any) -> None:
    chat = BurrChat(held.application(), runner=runner)
    sent = asyncio.ensure_future(chat.send("one\n|two\n"))
    await until(lambda: chat.turns and chat.turns[0].text == "one\n")
    fork = chat.fork(chat.checkpoints[0])
    assert (fork.turns[0].status, fork.turns[0].actions, fork.turns[0].text) == ("completed", ["prompt"], "")
    view = fork._session.outbox.view()
    assert (view.status, [m.text for m in view.messages]) == ("idle", ["one\n|two\n", "Forked after prompt."])
    assert chat.turns[0].status == "running"
    held.let_go()
    assert (await sent).text == "one\ntwo\n"
    assert (fork.turns[0].status, fork.turns[0].text) == ("completed", "")
    fork.close()
    chat.close()


async def test_checkpoints_share_what_has_not_changed(runner: Any) -> None:
    def add(state: State, prompt: str) -> State:
        return state.update(messages=[*state["messages"], {"text": prompt}], big=state["big"])

    keys = ["messages", "big"]
    app = build(("add", "add"), state={"messages": [], "big": {"a": [1, 2]}}, add=does(add, reads=keys, writes=keys))
    scene = Scene(app, runner=runner)
    await scene.send("one")
    await scene.send("two")
    one, two = scene.session.checkpoints
    assert one.state["big"] is two.state["big"]
    assert one.state["messages"][0] is two.state["messages"][0]
    assert one.state["big"] is not app.state["big"]
    app.state["big"]["a"].append(3)  # careless, in place
    await scene.send("three")
    assert (one.state["big"], scene.session.checkpoints[-1].state["big"]) == ({"a": [1, 2]}, {"a": [1, 2, 3]})
    assert two.action == "add"
    scene.session.close()


async def test_what_cannot_be_gone_back_to_stops_nothing(scene: Scene) -> None:
    await scene.send("1")
    scene.session.breakpoints.add("say")
    sent = scene.send("2")
    held_at = await scene.held()
    wrong = [c.Edit(path=["nothing", "at"], value=1)]
    for refused in (
        await scene.ask(c.Rewind, step=4, edits=wrong),
        await scene.ask(c.Fork, step=4, edits=wrong),
        await scene.ask(c.Rewind, step=99),
        await scene.ask(c.Fork, step=99),
        await scene.ask(c.Rewind, step=4, branch="b9"),
    ):
        assert refused is not None
    assert (scene.view.status, scene.view.held) == ("paused", held_at)
    await scene.let("resume")
    assert (await sent).text == "1 2 "


async def test_a_step_is_one_of_the_branch_that_the_page_shows(scene: Scene) -> None:
    await scene.send("1")
    await scene.send("2")
    assert await scene.ask(c.Fork, step=2) is None
    await scene.send("3")
    theirs = scene.session.app.state.get_all()
    assert await scene.ask(c.Switch, turn="b1") is None
    ours = scene.session.app.state.get_all()
    for kind in (c.Rewind, c.Fork):
        assert await scene.ask(kind, step=4, branch="b2") == (
            "step 4 was chosen on another branch than the one that is shown now; "
            "show that branch first, or choose a step of this one"
        )
    assert scene.session.app.state.get_all() == ours
    assert len(scene.session.branches) == 2

    def goal(branch: str | None, step: int | None) -> str:
        found = scene.session.inspect(c.Inspect(client="page", request="look", step=step, branch=branch))
        return next(row.text for row in found.rows if row.key == "goal")

    assert (goal("b2", 4), goal("b1", 4), goal(None, 4)) == ("3", "2", "2")
    assert (goal("b2", None), goal("b1", None)) == (str(theirs["goal"]), str(ours["goal"]))
    lost = scene.session.inspect(c.Inspect(client="page", request="look", step=4, branch="b9"))
    assert lost.error == "There is no such branch."
    assert await scene.ask(c.Rewind, step=4, branch="b1") is None


class Slow:
    """A value whose copy waits until it is told to go on."""

    def __init__(self) -> None:
        self.copied, self.go_on = threading.Event(), threading.Event()

    def __deepcopy__(self, memo: object) -> Slow:
        self.copied.set()
        assert self.go_on.wait(60)
        return self


async def test_what_a_page_sends_while_python_goes_back_comes_after_it() -> None:
    scene = Scene(loops.application(), runner="thread")
    await scene.send("1")
    await scene.send("2")
    slow = Slow()
    back = asyncio.ensure_future(asyncio.to_thread(scene.session.past.rewind, checkpoint(scene, 0), {"slow": slow}))
    await asyncio.to_thread(slow.copied.wait)
    request = scene.say(c.Send, text="3")
    slow.go_on.set()
    await back
    view = await scene.until(lambda view: is_answered(view, request) and view.status == "idle")
    # The turn that had been cut goes on with `count`, which takes no text.
    assert "takes no text" in view.refused[-1].reason
    assert [turn.key for turn in scene.session.turns] == ["t1"]
    assert scene.session.running is None
    assert (await scene.let("resume")).text == "1 "
    scene.session.close()


async def test_a_turn_that_was_asked_to_stop_is_waited_for() -> None:
    chat = BurrChat(loops.application(), breakpoints=["say"])
    sent = asyncio.ensure_future(chat.send("2"))
    await until(lambda: chat.turns and chat.turns[0].held)
    chat.stop()
    chat.rewind(chat.checkpoints[0])
    assert (await sent).status == "stopped"
    assert [(turn.status, turn.steps) for turn in chat.turns] == [("completed", [0])]
    chat.close()
    chat.rewind(chat.checkpoints[0])  # nothing runs any more


async def test_an_action_cannot_go_back(runner: Any) -> None:
    chats: list[BurrChat] = []
    refused: list[str] = []

    def ask(state: State, prompt: str) -> State:
        return state.update(said=prompt)

    async def back(state: State) -> State:
        with pytest.raises(TurnRunning) as error:
            chats[0].rewind(chats[0].checkpoints[0])
        refused.append(str(error.value))
        return state

    one = does(ask, reads=["said"], writes=["said"])
    two = does(back, reads=["said"], writes=["said"])
    chats.append(BurrChat(build(("one", "two"), ("two", "one"), state={"said": ""}, one=one, two=two), runner=runner))
    assert (await chats[0].send("x")).status == "completed"
    assert refused == ["turn 't1' is running; wait for it to end, or stop it with chat.stop()"]
    chats[0].close()


async def again(scene: Scene, turn: str, text: str) -> None:
    request = scene.say(c.Retry, turn=turn, text=text)
    await scene.until(lambda view: view.status == "idle" and is_answered(view, request))


@pytest.mark.parametrize("undone", ["rewound", "stopped"])
async def test_the_lineage_names_the_step_that_is_gone_on_from(scene: Scene, undone: str) -> None:
    await scene.send("1")
    if undone == "rewound":
        await scene.send("2")
        await rewind(scene, "page", 2)
    else:
        scene.session.breakpoints.add("say")
        sent = scene.send("2")
        await scene.held()
        scene.session.stop()
        assert (await sent).status == "stopped"
        scene.session.breakpoints.clear()
    number = scene.session.app.sequence_id
    turn = await scene.send("1")
    await again(scene, turn.key, "2")
    pointer = scene.session.app.parent_pointer
    assert pointer is not None
    assert pointer.sequence_id == 2
    assert scene.session.turns[-1].steps[0] == number + 1


async def test_a_turn_that_ran_nothing_begins_where_the_next_one_that_is_left_does(runner: Any) -> None:
    scene = Scene(scripted.application(), runner=runner)
    scene.session.pause()
    sent = scene.send("one")
    await scene.held()
    scene.session.stop()
    assert (await sent).actions == []
    assert (await scene.send('{"deltas": 1, "fail": "during"}')).status == "failed"
    await again(scene, "t2", "two")
    assert await scene.ask(c.Switch, turn="t2") is None
    await scene.until(lambda view: view.branch == "b1")
    assert await scene.ask(c.Retry, turn="t2") is None
    await scene.until(lambda view: view.status == "idle" and view.turns[-1].key == "t4")
    await scene.send("ok")
    await again(scene, "t1", "uno")
    assert [m["content"] for m in scene.session.app.state["chat_history"]] == ["uno", "uno"]
    scene.session.close()


async def test_a_fork_begins_with_the_state_that_it_was_given(scene: Scene, by: str) -> None:
    await scene.send("2")
    if by == "page":
        assert await scene.ask(c.Fork, step=0, edits=[c.Edit(path=["goal"], value=1)]) is None
        session, parent = scene.session, scene.session.branches.get("b1")
        assert parent is not None
        assert parent.checkpoints[0].state["goal"] == 2
    else:
        chat = BurrChat(loops.application(), runner="thread")
        await chat.send("2")
        fork = chat.fork(chat.checkpoints[0], state={"goal": 1})
        assert chat.checkpoints[0].state["goal"] == 2
        session = fork._session
    rows = session.inspect(c.Inspect(client="page", request="look", step=0)).rows
    assert [row.text for row in rows if row.key == "goal"] == ["1"]
    session.app.update_state(session.app.state.update(goal=9))
    session.past.rewind(session.checkpoints[0], ())
    assert session.app.state["goal"] == 1


def routed() -> Any:
    """Takes a prompt, thinks about it, and answers with the prompt at hand."""

    def ask(state: State, prompt: str) -> State:
        return state.update(asked=state["asked"] + bool(prompt))

    def think(state: State) -> State:
        return state.update(thought="yes")

    def answer(state: State, prompt: str) -> State:
        return state.update(answer=f"{prompt}!")

    return build(
        ("ask", "think"), ("think", "answer"), ("answer", "ask"), state={"asked": 0},
        ask=does(ask, reads=["asked"], writes=["asked"]),
        think=does(think, writes=["thought"]),
        answer=does(answer, writes=["answer"]),
    )  # fmt: skip


@pytest.mark.parametrize("step", [0, 1])
async def test_a_turn_goes_on_in_its_middle_with_the_prompt_that_it_had(runner: Any, step: int) -> None:
    scene = Scene(routed(), runner=runner)
    await scene.send("hi")
    assert scene.session.app.state["answer"] == "hi!"
    for kind in (c.Rewind, c.Fork):
        assert await scene.ask(kind, step=step) is None
        assert scene.view.composer.goes_on
        scene.session.breakpoints.add("answer")
        begun = asyncio.wrap_future(scene.session.let("resume"))
        await scene.held()
        scene.session.stop()
        assert (await begun).prompt is None
        scene.session.breakpoints.clear()
        await scene.until(lambda view: view.status == "idle" and view.composer.goes_on)  # as before: it was undone
        turn = await scene.let("resume")
        assert (turn.status, turn.actions) == ("completed", ["think", "answer"][step:])
        assert (scene.session.app.state["answer"], scene.session.app.state["asked"]) == ("hi!", 1)
        view = await scene.caught_up()
        assert (view.composer.action, view.composer.goes_on) == ("ask", False)
        assert [m.text for m in view.messages if m.role == "user"] == ["hi"]
    assert (await scene.send("you")).status == "completed"
    assert scene.session.app.state["answer"] == "you!"
    scene.session.close()


async def test_where_a_turn_had_ended_nothing_is_taken_from_it(runner: Any) -> None:
    scene = Scene(routed(), runner=runner)
    await scene.send("hi")
    await rewind(scene, "page", 2)
    assert not scene.view.composer.goes_on
    with pytest.raises(MissingInput, match="prompt"):
        await scene.let("resume")
    await rewind(scene, "page", 1)
    assert (await scene.send("other")).status == "completed"  # another prompt, said at that point
    assert scene.session.app.state["answer"] == "other!"
    scene.session.close()


async def test_every_page_hears_what_was_changed_by_hand(scene: Scene, by: str) -> None:
    await scene.send("2")
    await rewind(scene, by, 1, goal=3, last=0)
    assert [step.by_hand for step in scene.view.steps] == [[], ["goal", "last"]]
    await rewind(scene, by, 1)
    assert [step.by_hand for step in scene.view.steps] == [[], []]
    assert scene.session.app.state["goal"] == 2
    # A fork's own checkpoint has it.
    assert await scene.ask(c.Fork, step=1, edits=[c.Edit(path=["goal"], value=1)]) is None
    assert [step.by_hand for step in scene.view.steps] == [[], []]
