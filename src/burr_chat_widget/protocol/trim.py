"""The view as it was after an earlier step."""

from __future__ import annotations

from .view import Message, Node, View

__all__ = ["trim"]


def trim(view: View, step: int | None, *, remark: str | None = None) -> None:
    """Take everything out of the view that came after `step`.

    Args:
        view: is changed in place; no turn runs in it.
        step: the sequence id of the last step that stays; None for the view before any.
        remark: is said at the end of the transcript.
    """
    cut = {each.turn for each in view.steps if step is None or each.step > step}
    view.steps = [each for each in view.steps if step is not None and each.step <= step]
    last = view.steps[-1] if view.steps else None
    gone = _after(view, last.turn if last is not None else None)
    view.turns = [turn for turn in view.turns if turn.key not in gone]
    view.messages = [message for message in view.messages if message.turn not in gone]
    if last is not None and last.turn in cut:
        view.turns[-1].status = "completed"
        view.turns[-1].ended = last.started + (last.duration or 0.0)
        view.messages = [m for m in view.messages if m.turn != last.turn or m.role == "user" or _stays(m, last.step)]
    view.status, view.held = "idle", None
    _recount(view)
    if last is not None:
        view.nodes[last.action].status = "done"
    if remark is not None:
        turn = last.turn if last is not None else ""
        message = Message(key=f"{turn}:rewound:{len(view.messages)}", turn=turn, role="assistant", kind="notice")
        message.text = remark
        view.messages.append(message)


def _after(view: View, turn: str | None) -> set[str]:
    """The turns after that one; all, where it is None."""
    keys = [each.key for each in view.turns]
    return set(keys[keys.index(turn) + 1 :] if turn is not None else keys)


def _stays(message: Message, step: int) -> bool:
    return message.step is not None and message.step <= step


def _recount(view: View) -> None:
    """Visits, transitions taken and decisions are what the steps say."""
    view.nodes = {name: Node() for name in view.nodes}
    view.taken = [0] * len(view.graph.transitions)
    view.decisions = []
    for step in view.steps:
        view.nodes[step.action].visits += 1
        decision = step.decision
        if decision is None:
            continue
        out = [n for n, t in enumerate(view.graph.transitions) if t.from_action == decision.from_action]
        for index, condition in zip(out, decision.conditions, strict=False):
            view.taken[index] += condition.taken
        view.decisions = [*(d for d in view.decisions if d.from_action != decision.from_action), decision]
