"""The view as it was earlier, or as it is with another state."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from .events import TransitionTaken
from .view import REQUESTS, Message, Node, NodeStatus, Step, View

__all__ = [
    "decide_anew",
    "drop_turns",
    "last_that_counts",
    "recount",
    "trim_after_step",
    "trim_from_turn",
    "undone_turns",
]


def trim_after_step(view: View, step: int, *, remark: str) -> None:
    """Take everything out of the view that came after a step. From now on the step's turn was completed with it.

    Args:
        view: is changed in place. A turn that runs in it runs no longer.
        step: the sequence id of a step that is in the view and done.
        remark: is said at the end of the transcript.
    """
    last = next(each for each in reversed(view.steps) if each.step == step)
    turn = next(each for each in view.turns if each.key == last.turn)
    drop_turns(view, {each.key for each in view.turns[view.turns.index(turn) + 1 :]})
    later = [each for each in view.steps if each.step > step]
    if later or turn.status != "completed":
        view.steps = [each for each in view.steps if each.step <= step]
        view.messages = [m for m in view.messages if m.turn != turn.key or _was_there(m, step)]
        turn.status = "completed"
        turn.ended = last.started + (last.duration or 0.0)
    view.status, view.held = "idle", None
    recount(view)
    key = f"{turn.key}:remark"
    view.messages = [message for message in view.messages if message.key != key]
    view.messages.append(Message(key=key, turn=turn.key, role="assistant", kind="notice", text=remark))


def trim_from_turn(view: View, turn: str) -> None:
    """Take that turn out of the view, and all that came after it. The view is changed in place; no turn runs in it."""
    keys = [each.key for each in view.turns]
    drop_turns(view, set(keys[keys.index(turn) :]))
    recount(view)


def last_that_counts(view: View) -> Step | None:
    """The newest step that was not undone with its turn; None where there is none."""
    undone = undone_turns(view)
    return next((step for step in reversed(view.steps) if step.turn not in undone), None)


def undone_turns(view: View) -> set[str]:
    """The keys of the turns whose steps were undone: the state is what it was before them."""
    return {turn.key for turn in view.turns if turn.status in ("stopped", "failed")}


def decide_anew(view: View, step: Step, decision: TransitionTaken | None, by_hand: Iterable[str]) -> None:
    """The state may be another one than the last step has left: what comes after that step is decided on it as it is now.

    Args:
        view: is changed in place. No turn runs in it.
        step: its last one that counts.
        decision: which transition would be taken, and why; None where none would.
        by_hand: the keys of the state that were changed since the step.
    """
    step.decision = decision
    step.by_hand = list(by_hand)
    _recount_decisions(view)


def drop_turns(view: View, turns: Collection[str]) -> None:
    """Take those turns out of the view, and what is of them. What asked for one was carried out all the same, and nothing cut it off."""
    dropped = [turn.request for turn in view.turns if turn.key in turns and turn.request is not None]
    view.accepted = [*view.accepted, *dropped][-REQUESTS:]
    view.turns = [turn for turn in view.turns if turn.key not in turns]
    view.steps = [step for step in view.steps if step.turn not in turns]
    view.messages = [message for message in view.messages if message.turn not in turns]


def _was_there(message: Message, step: int) -> bool:
    """Whether a message of the turn was there after the step; what is of no step is the prompt, or was said at the turn's end."""
    return message.role == "user" if message.step is None else message.step <= step


def recount(view: View) -> None:
    """The marks of the nodes, transitions taken and decisions are what the steps say."""
    view.nodes = {name: Node() for name in view.nodes}
    for step in view.steps:
        node = view.nodes[step.action]
        node.visits += 1
        if view.turns and step.turn == view.turns[-1].key:  # those of earlier turns were forgotten when it began
            node.status = _status(step)
    _recount_decisions(view)


def _recount_decisions(view: View) -> None:
    view.taken = [0] * len(view.graph.transitions)
    view.decisions = []
    for step in view.steps:
        decision = step.decision
        if decision is None:
            continue
        out = [n for n, t in enumerate(view.graph.transitions) if t.from_action == decision.from_action]
        for index, condition in zip(out, decision.conditions, strict=False):
            view.taken[index] += condition.taken
        view.decisions = [*(d for d in view.decisions if d.from_action != decision.from_action), decision]


def _status(step: Step) -> NodeStatus:
    return step.status if step.status in ("done", "failed") else "idle"
