"""What a state that was changed by hand leads to is what is told; and why a turn is held."""

from __future__ import annotations

import asyncio

from burr.core import ApplicationBuilder, State, action, when

from burr_chat_widget import BurrChat


@action(reads=[], writes=["found"])
def check(state: State, prompt: str) -> State:
    return state.update(found=[prompt])


@action(reads=[], writes=["answer"])
def refuse(state: State) -> State:
    return state.update(answer="no")


@action(reads=[], writes=["answer"])
def agree(state: State) -> State:
    return state.update(answer="yes")


def chat() -> BurrChat:
    builder = ApplicationBuilder().with_actions(check, refuse, agree).with_entrypoint("check")
    return BurrChat(
        builder.with_transitions(
            ("check", "agree", when(found=[])), ("check", "refuse"), ("refuse", "check"), ("agree", "check")
        ).build()
    )


async def test_the_way_that_a_changed_state_takes_is_told() -> None:
    one = chat()
    assert (await one.send("x")).actions == ["check", "refuse"]
    other = one.fork(one.checkpoints[0], state={"found": []})
    one.rewind(one.checkpoints[0], state={"found": []})
    for each, done in ((one, "Rewound to"), (other, "Forked")):
        view = each._session.outbox.view()
        assert view.messages[-1].text == f"{done} after check, with found changed by hand."
        decision = view.steps[-1].decision
        assert decision is not None
        assert decision.to_action == "agree"
        assert dict(zip([(t.from_action, t.to_action) for t in view.graph.transitions], view.taken, strict=True)) == {
            ("check", "agree"): 1, ("check", "refuse"): 0, ("refuse", "check"): 0, ("agree", "check"): 0,
        }  # fmt: skip
        assert (await each.resume()).actions[-1] == "agree"
        assert each.app.state["answer"] == "yes"


async def test_a_turn_says_why_it_is_held() -> None:
    one = chat()
    one.pause()
    sending = asyncio.ensure_future(one.send("x"))
    await asyncio.sleep(0)
    turn = await one.step()
    assert turn.actions == ["check"]
    assert turn.held is not None
    assert (turn.held.next_action, [c.outcome for c in turn.held.conditions]) == ("refuse", [False, True])
    await one.resume()
    assert await sending is turn
    assert turn.held is None


async def test_a_fork_has_the_breakpoints_and_is_another_chat() -> None:
    one = chat()
    await one.send("x")
    one.breakpoints.add("agree", condition=lambda state: bool(state["found"] == []))
    other = one.fork(one.checkpoints[0], state={"found": []})
    resumed = asyncio.ensure_future(other.resume())
    assert (await resumed).held is not None
    assert list(map(str, other.breakpoints)) == list(map(str, one.breakpoints))
    await other.resume()
