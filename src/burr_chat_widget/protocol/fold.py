"""The fold: a view and an event make the next view.

`fold` changes the view in place, on the kernel's side; js/src/store/fold.ts is the same function on the page's side, as a
pure one. The fixtures in tests/interop hold the two together: change both, and the fixtures.
"""

from __future__ import annotations

import itertools

from . import events as e
from .frames import Accepted, BranchesChanged, ComposerChanged, ControlsChanged, Refused, Text, WireEvent
from .graph import Graph
from .trim import drop_turns, recount
from .view import (
    REQUESTS,
    Composer,
    Held,
    Message,
    MessageStatus,
    Node,
    Refusal,
    Session,
    Span,
    Step,
    StepStatus,
    Turn,
    TurnStatus,
    View,
)

__all__ = ["fold", "mark_next", "new_view", "part_text"]


def new_view(session: Session, graph: Graph, composer: Composer, *, next_action: str | None) -> View:
    """The view before anything has happened."""
    view = View(
        session=session,
        graph=graph,
        composer=composer,
        nodes={action.name: Node() for action in graph.actions},
        taken=[0] * len(graph.transitions),
    )
    mark_next(view, next_action)
    return view


def fold(view: View, event: WireEvent) -> None:
    """Change `view` to what it is after `event`.

    Raises:
        ValueError: if the event speaks of a step or turn that the view does not have.
    """
    match event:
        case e.TurnStarted():
            if event.replaces is not None:
                _remove_turn(view, event.replaces)
            view.status = "running"
            view.turns.append(
                Turn(
                    key=event.turn,
                    status="running",
                    started=event.monotonic,
                    prompt=event.prompt,
                    request=event.request,
                    siblings=event.siblings,
                    editable=event.editable,
                )
            )
            for node in view.nodes.values():
                node.status = "idle"
            mark_next(view, event.next_action)
            if event.prompt is not None:
                view.messages.append(
                    Message(key=f"{event.turn}:prompt", turn=event.turn, role="user", text=event.prompt)
                )
        case e.StepStarted():
            view.steps.append(
                Step(
                    turn=event.turn,
                    step=event.step,
                    action=event.action,
                    started=event.monotonic,
                    streaming=event.streaming,
                    inputs=event.inputs,
                )
            )
            mark_next(view, None)
            node = view.nodes[event.action]
            node.status = "running"
            node.visits += 1
        case Text():
            step = _step(view, event.step)
            step.marks += event.marks
            if event.thinned is True:
                step.thinned = True
            _streaming_message(view, step).text += event.text
        case e.TextReplaced():
            message = _streaming_message(view, _step(view, event.step))
            message.text = event.text
            message.revision += 1
        case e.PartDelta():
            message = _streaming_message(view, _step(view, event.step), event.part, event.kind)
            message.kind = event.kind
            message.name = event.name or message.name
            message.call = event.call or message.call
            if event.keep is None:
                message.text += event.text
            else:
                tail = message.text[len(message.text) - event.tail :] if event.tail else ""
                message.text = message.text[: event.keep] + event.text + tail
                message.revision += event.times
        case e.MessageAdded():
            call = _open_call(view, event) if event.kind == "tool-result" else None
            if call is not None:
                call.result = event.text
            else:
                message = _add_message(
                    view, event.turn, _step(view, event.step), role=event.role, text=event.text, kind=event.kind
                )
                message.name = event.name
                message.call = event.call
        case e.SpanStarted():
            _step(view, event.step).spans.append(
                Span(
                    span=event.span,
                    kind=event.kind,
                    name=event.name,
                    started=event.monotonic,
                    parent=event.parent,
                    given=event.given,
                )
            )
        case e.SpanFinished():
            span = _span(_step(view, event.step), event.span)
            span.status = event.status
            span.duration = event.duration
            span.deltas = event.deltas
            span.changes = event.changes
            span.error = event.error
        case e.AttributesLogged():
            step = _step(view, event.step)
            logged_in = step if event.span is None else _span(step, event.span)
            logged_in.attributes = {**logged_in.attributes, **event.attributes}
        case e.StateChanged():
            _step(view, event.step).changes = event.changes
        case e.StepFinished():
            step = _step(view, event.step)
            step.duration = event.duration
            step.first_delta = event.first_delta
            step.deltas = event.deltas
            _finish_step(view, step, event.status)
            _close_messages(view, event.turn, event.status)
        case e.TurnPaused():
            view.status = "paused"
            view.held = Held(
                at=event.at,
                reason=event.reason,
                breakpoint=event.breakpoint,
                after=event.after,
                next_action=event.next_action,
                needs=event.needs,
                conditions=event.conditions,
                error=event.error,
            )
            if event.at == "action":
                mark_next(view, event.next_action)
        case e.TurnResumed():
            view.status = "running"
            view.held = None
        case e.TransitionTaken():
            _step(view, event.step).decision = event
            out = [n for n, t in enumerate(view.graph.transitions) if t.from_action == event.from_action]
            for index, condition in zip(out, event.conditions, strict=False):
                if condition.taken:
                    view.taken[index] += 1
            others = [d for d in view.decisions if d.from_action != event.from_action]
            view.decisions = [*others, event]
            mark_next(view, event.to_action)
        case e.Notice():
            message = _last_message(view, event.turn, event.step) if event.step is not None else None
            if message is not None:
                message.notices = [*message.notices, event.text]
            else:
                step = None if event.step is None else _step(view, event.step)
                _add_message(view, event.turn, step, role="assistant", text=event.text, kind="notice")
        case e.TurnCompleted():
            _end_turn(view, event, "completed", "done")
        case e.TurnStopped():
            _end_turn(view, event, "stopped", "stopped")
            if not any(m.status == "stopped" for m in view.messages if m.turn == event.turn):
                _add_message(view, event.turn, None, role="assistant", status="stopped")
        case e.TurnFailed():
            _end_turn(view, event, "failed", "failed")
            message = next(
                (m for m in reversed(view.messages) if m.turn == event.turn and m.status == "failed"), None
            ) or _add_message(view, event.turn, None, role="assistant", status="failed")
            message.error = event.error
            message.action = message.action or event.error.action
            if event.error.action in view.nodes:
                view.nodes[event.error.action].status = "failed"
        case ComposerChanged():
            if view.composer.ended and not event.composer.ended:
                mark_next(view, event.composer.action)
            view.composer = event.composer
        case ControlsChanged():
            view.pausing = event.pausing
            view.pace = event.pace
            view.fault = event.fault
            view.breakpoints = event.breakpoints
        case BranchesChanged():
            view.branches = event.branches
        case Accepted():
            view.accepted = [*view.accepted, event.request][-REQUESTS:]
        case Refused():
            refusal = Refusal(request=event.request, reason=event.reason, fields=event.fields)
            view.refused = [*view.refused, refusal][-REQUESTS:]


def _finish_step(view: View, step: Step, status: StepStatus) -> None:
    step.status = status
    view.nodes[step.action].status = "idle" if status == "stopped" else status


def _step(view: View, number: int) -> Step:
    for step in reversed(view.steps):
        if step.step == number:
            return step
    raise ValueError(f"no step {number} in the view")


def _span(step: Step, number: int) -> Span:
    for span in reversed(step.spans):
        if span.span == number:
            return span
    raise ValueError(f"no span {number} in step {step.step}")


def _last_message(view: View, turn: str, step: int) -> Message | None:
    return next((m for m in reversed(view.messages) if m.turn == turn and m.step == step), None)


def _open_call(view: View, event: e.MessageAdded) -> Message | None:
    """The call whose result this is: one of the turn, or of an earlier one where it waited for a person's approval."""
    for message in reversed(view.messages):
        if message.turn != event.turn and event.call is None:
            return None
        if message.kind == "tool-call" and message.call == event.call and message.result is None:
            return message
    return None


def part_text(view: View, turn: str, step: int, part: str) -> str | None:
    """The text of a part as it is in the view, None when there is none."""
    key = _part_key(turn, step, part)
    of_turn = itertools.takewhile(lambda message: message.turn == turn, reversed(view.messages))
    return next((message.text for message in of_turn if message.key == key), None)


def _part_key(turn: str, step: int, part: str) -> str:
    return f"{turn}:{step}:{part}"


def _streaming_message(view: View, step: Step, part: str = "text", kind: str = "text") -> Message:
    """The message that a part of the step's answer streams into, made at its first delta. Another part ends a thought."""
    key = _part_key(step.turn, step.step, part)
    for message in reversed(view.messages):
        if message.turn != step.turn:
            break
        if message.key == key:
            return message
    for message in view.messages:
        if message.turn == step.turn and message.step == step.step and message.kind == "reasoning":
            _close(message, "done")
    message = Message(
        key=key,
        turn=step.turn,
        role="assistant",
        kind=kind,
        status="streaming",
        action=step.action,
        step=step.step,
    )
    view.messages.append(message)
    return message


def _add_message(
    view: View,
    turn: str,
    step: Step | None,
    *,
    role: str,
    text: str = "",
    kind: str = "text",
    status: MessageStatus = "done",
) -> Message:
    number = sum(m.turn == turn for m in view.messages)
    message = Message(
        key=f"{turn}:{number}",
        turn=turn,
        role=role,
        text=text,
        kind=kind,
        status=status,
        action=step and step.action,
        step=step and step.step,
    )
    view.messages.append(message)
    return message


def _close_messages(view: View, turn: str, status: MessageStatus) -> None:
    for message in reversed(view.messages):
        if message.turn != turn:
            break
        _close(message, status)


def _close(message: Message, status: MessageStatus) -> None:
    if message.status == "streaming":
        message.status = status


def _end_turn(
    view: View,
    event: e.TurnCompleted | e.TurnStopped | e.TurnFailed,
    turn_status: TurnStatus,
    message_status: StepStatus,
) -> None:
    turn = next((t for t in reversed(view.turns) if t.key == event.turn), None)
    if turn is None:
        raise ValueError(f"no turn {event.turn!r} in the view")
    turn.status = turn_status
    turn.ended = event.monotonic
    view.status = "idle"
    view.held = None
    for step in view.steps:
        if step.turn == event.turn and step.status == "running":
            _finish_step(view, step, message_status)
    _close_messages(view, event.turn, message_status)
    mark_next(view, event.next_action)


def _remove_turn(view: View, turn: str) -> None:
    if all(each.key != turn for each in view.turns):
        return
    drop_turns(view, {turn})
    recount(view)


def mark_next(view: View, action: str | None) -> None:
    """That action comes next, and no other; None for none."""
    for node in view.nodes.values():
        if node.status == "next":
            node.status = "idle"
    if action is not None:
        view.nodes[action].status = "next"
