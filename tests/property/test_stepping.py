"""Whatever is stepped through, gone back to, branched, changed by hand and sent: the application is where its path leads to.

The graph counts with a loop, repeats itself (a self-loop) and streams. Beside the session runs a model of it: the states that it went
through, computed by a fresh application of Burr's own that runs the same path.
"""

from __future__ import annotations

import asyncio
from typing import Any

from burr.core import Application, State
from hypothesis import given, settings
from hypothesis import strategies as st

from apps import loops
from burr_chat_widget.protocol import commands as c
from burr_chat_widget.protocol.trim import last_that_counts
from burr_chat_widget.protocol.view import View
from burr_chat_widget.session import Branch
from support.session import Scene, is_answered

wishes = st.one_of(
    st.tuples(st.just("send"), st.integers(0, 3)),
    st.tuples(st.just("begin held"), st.tuples(st.integers(0, 3), st.integers(0, 6))),
    st.tuples(st.just("begin held"), st.tuples(st.integers(0, 3), st.integers(0, 6))),
    st.tuples(st.just("pause"), st.booleans()),
    st.tuples(st.just("step"), st.none()),
    st.tuples(st.just("step-delta"), st.none()),
    st.tuples(st.just("resume"), st.none()),
    st.tuples(st.just("stop"), st.none()),
    st.tuples(st.just("rewind"), st.integers(0, 50)),
    st.tuples(st.just("edit"), st.tuples(st.integers(0, 50), st.integers(0, 3))),
    st.tuples(st.just("fork"), st.tuples(st.integers(0, 50), st.none() | st.integers(0, 3))),
    st.tuples(st.just("change"), st.integers(0, 3)),
    st.tuples(st.just("retry"), st.integers(0, 50)),
    st.tuples(st.just("ask otherwise"), st.tuples(st.integers(0, 50), st.integers(0, 3))),
    st.tuples(st.just("switch"), st.integers(0, 50)),
    st.tuples(st.just("let it run"), st.integers(1, 30)),
    st.tuples(st.just("finish"), st.none()),
)


Edits = dict[tuple[str, int], int]
"""By turn and step, the goal that was put in by hand after it."""


class Play:
    """A session, whose page asks for what is wished."""

    def __init__(self) -> None:
        self.scene = Scene(loops.application())
        self.session = self.scene.session
        self.highest: dict[str, int] = {}
        self.edits: dict[str, Edits] = {"b1": {}}
        """By branch."""
        self.begun: dict[str, Edits] = {"b1": {}}
        """By branch, those that it, or one before it, was forked with: that is what its step has left, and what one goes back to."""

    async def wish(self, what: str, argument: Any) -> None:
        scene, session = self.scene, self.session
        turns, steps = scene.view.turns, [step.step for step in scene.view.steps if step.status == "done"]
        match what:
            case "send":
                await self.begin(c.Send, text=str(argument))
            case "begin held":
                await scene.ask(c.Pause)
                await self.begin(c.Send, text=str(argument[0]))
                for _ in range(argument[1]):
                    if scene.view.held is not None:
                        await scene.press("step")
            case "pause":
                await scene.ask(c.Pause, off=argument)
            case "step" | "step-delta" | "resume":
                kinds = {"step": c.StepAction, "step-delta": c.StepDelta, "resume": c.Resume}
                await self.begin(kinds[what])
            case "stop" if turns:
                session.pages.handle(c.Stop(client="page", turn=turns[-1].key))
            case "rewind" if steps:
                await self.rewind(steps[argument % len(steps)])
            case "edit" if steps:
                await self.rewind(steps[argument[0] % len(steps)], argument[1])
            case "fork" if steps:
                await self.fork(steps[argument[0] % len(steps)], argument[1])
            case "change":
                await self.change(argument)
            case "retry" if turns:
                await self.begin(c.Retry, turn=turns[argument % len(turns)].key)
            case "ask otherwise" if turns:
                await self.begin(c.Retry, turn=turns[argument[0] % len(turns)].key, text=str(argument[1]))
            case "switch" if turns:
                there = [key for turn in turns for key in turn.siblings] or [turns[0].key]
                await scene.ask(c.Switch, turn=there[argument % len(there)])
            case "let it run":
                for _ in range(argument):
                    await asyncio.sleep(0)
            case "finish":
                await self.finish()
            case _:
                pass
        self.check_numbers()

    async def rewind(self, step: int, goal: int | None = None) -> None:
        """Go back, and note what is changed by hand then."""
        turn = next(each.turn for each in self.scene.view.steps if each.step == step)
        edits = [] if goal is None else [c.Edit(path=["goal"], value=goal)]
        assert await self.scene.ask(c.Rewind, step=step, edits=edits) is None
        self.note_edits(self.session.branches.shown.key, turn, step, goal)

    async def fork(self, step: int, goal: int | None = None) -> None:
        """Begin another branch there, and note what is changed by hand then."""
        turn = next(each.turn for each in self.scene.view.steps if each.step == step)
        edits = [] if goal is None else [c.Edit(path=["goal"], value=goal)]
        assert await self.scene.ask(c.Fork, step=step, edits=edits) is None
        self.note_branches()
        key = self.session.branches.shown.key
        if goal is not None:
            self.begun[key][turn, step] = goal
        self.note_edits(key, turn, step, goal)

    async def change(self, goal: int) -> None:
        """Change the state as a cell does, while no turn runs."""
        view, app = await self.scene.caught_up(), self.session.app
        last = last_that_counts(view)
        if self.session.running is not None or last is None:
            return
        app.update_state(app.state.update(goal=goal))
        self.session.look()
        await self.scene.until(lambda _: not self.session._front.is_stale())
        self.edits[self.session.branches.shown.key][last.turn, last.step] = goal

    def note_edits(self, key: str, turn: str, step: int, goal: int | None) -> None:
        begun = {place: value for place, value in self.begun[key].items() if place[1] == step}
        self.edits[key] = {place: value for place, value in self.edits[key].items() if place[1] < step} | begun
        if goal is not None:
            self.edits[key][turn, step] = goal

    def note_branches(self) -> None:
        for branch in self.session.branches:
            if branch.key not in self.edits:
                assert branch.parent is not None
                self.edits[branch.key] = dict(self.edits[branch.parent])
                self.begun[branch.key] = dict(self.begun[branch.parent])

    async def begin(self, kind: type[Any], **fields: Any) -> None:
        request = self.scene.say(kind, **fields)
        await self.scene.until(lambda view: is_answered(view, request))
        self.note_branches()

    async def finish(self) -> None:
        """Let what runs come to its end."""
        while self.session.running is not None:
            if self.scene.view.held is not None:
                await self.scene.ask(c.Resume)
            await asyncio.sleep(0)

    def check_numbers(self) -> None:
        """Sequence ids never go down, of no application."""
        for branch in self.session.branches:
            number = branch.app.sequence_id
            if number is not None:
                assert number >= self.highest.get(branch.key, -1)
                self.highest[branch.key] = number

    def check(self) -> None:
        """What is shown, and where the application is, are what the branch's turns have led to."""
        branch = self.session.branches.shown
        check_state(branch, self.edits[branch.key])
        check_page(self.scene.view, branch, [turn.key for each in self.session.branches for turn in each.turns])


def check_state(branch: Branch, edits: Edits) -> None:
    """A fresh application that runs the same steps, with the same changes by hand, has the same state."""
    fresh: Application[Any] = loops.application()
    for turn in branch.turns:
        if turn.status != "completed":
            continue  # it left nothing
        given: dict[str, Any] = dict(turn.inputs)
        for action, number in zip(turn.actions, turn.steps, strict=True):
            done = fresh.step(inputs=given)
            assert done is not None
            assert done[0].name == action
            if (turn.key, number) in edits:
                fresh.update_state(fresh.state.update(goal=edits[turn.key, number]))
    assert values_of(branch.app.state) == values_of(fresh.state)


def values_of(state: State[Any]) -> dict[str, Any]:
    return {key: value for key, value in state.get_all().items() if key != "__SEQUENCE_ID"}


def check_page(view: View, branch: Branch, known: list[str]) -> None:
    """The page shows the branch's turns, and what it counts is what its steps say."""
    taken_back = {turn.replaces for turn in branch.turns}
    turns = [turn for turn in branch.turns if turn.key not in taken_back]
    assert (view.status, view.held, view.branch) == ("idle", None, branch.key)
    assert [(t.key, t.status, t.prompt) for t in view.turns] == [(t.key, t.status, t.prompt) for t in turns]
    steps = [
        (turn.key, number, action) for turn in turns for number, action in zip(turn.steps, turn.actions, strict=True)
    ]
    assert [(step.turn, step.step, step.action) for step in view.steps] == steps
    done = [step.step for step in view.steps if step.status == "done"]
    assert [each.sequence_id for each in branch.checkpoints] == done
    assert [step.step for step in view.steps] == sorted({step.step for step in view.steps})
    for turn in turns:
        messages = [m for m in view.messages if m.turn == turn.key]
        said = [m.text for m in messages if m.role == "user"]
        assert said == ([] if turn.prompt is None else [turn.prompt])
        assert "".join(m.text for m in messages if m.role == "assistant" and m.kind == "text") == turn.text
        assert all(m.status != "streaming" for m in messages)
    assert len({m.key for m in view.messages}) == len(view.messages)
    assert {key for turn in view.turns for key in turn.siblings} <= set(known)
    following: Any = branch.app.get_next_action()
    assert [name for name, node in view.nodes.items() if node.status == "next"] == [following.name]
    assert (view.composer.action, [each.to for each in view.composer.conditions if each.taken]) == (
        following.name, [following.name] if view.composer.after else [],
    )  # fmt: skip
    if (last := last_that_counts(view)) is not None:
        assert last.decision is not None
        assert last.decision.conditions == view.composer.conditions
    for name, node in view.nodes.items():
        assert node.visits == sum(step.action == name for step in view.steps)
    decisions = [step.decision for step in view.steps if step.decision is not None]
    for transition, taken in zip(view.graph.transitions, view.taken, strict=True):
        way = (transition.from_action, transition.to_action)
        assert taken == sum((decision.from_action, decision.to_action) == way for decision in decisions)


@settings(max_examples=60)
@given(asked=st.lists(wishes, min_size=1, max_size=20))
def test_the_state_is_where_the_path_leads_to(asked: list[tuple[str, Any]]) -> None:
    asyncio.run(play(asked))


async def play(asked: list[tuple[str, Any]]) -> None:
    it = Play()
    for what, argument in asked:
        await it.wish(what, argument)
        if it.session.running is None:
            await it.scene.caught_up()
            if it.session.running is None:
                it.check()
    await it.scene.ask(c.Pause, off=True)
    await it.finish()
    for branch in list(it.session.branches):
        assert await it.scene.ask(c.Switch, turn=branch.key) is None
        await it.scene.caught_up()
        it.check()
        if it.scene.view.composer.input is None:  # in the middle of a turn: it can be gone on with
            assert (await it.scene.let("resume")).status == "completed"
        assert (await it.scene.send("2")).text == "1 2 "
        await it.scene.caught_up()
        it.check()
    it.session.close()
