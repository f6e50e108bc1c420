"""Which action comes next, and why."""

from __future__ import annotations

from typing import Any, cast

from burr.core import Application, Condition

from burr_chat_widget.errors import TransitionError
from burr_chat_widget.protocol.events import ConditionResult

from .failures import named
from .printable import clean, short
from .private import PRIOR_STEP
from .redaction import CREDENTIALS, Redaction

__all__ = ["evaluate_transitions", "next_action_name"]


def condition_name(condition: Condition) -> str:
    """The condition's name as Burr gives it; a condition made by hand may have none."""
    name = cast("str | None", condition.name)
    return "condition" if name is None else clean(name)


def evaluate_transitions(
    app: Application[Any], redaction: Redaction = CREDENTIALS
) -> tuple[str | None, list[ConditionResult]]:
    """The next action's name, and every transition out of the action that ran last, each condition evaluated once.

    Raises:
        TransitionError: if a condition raises before one is true, so that Burr would raise too.
    """
    state = app.state
    prior: str | None = state.get_all().get(PRIOR_STEP)
    if prior is None:
        return app.entrypoint, []
    chosen: str | None = None
    failure: TransitionError | None = None
    results: list[ConditionResult] = []
    for transition in app.graph.transitions:
        if transition.from_.name != prior:
            continue
        condition: Any = transition.condition
        to = transition.to.name
        name = condition_name(condition)
        outcome: bool | None = None
        problem: str | None = None
        try:
            outcome = bool(condition.run(state)[Condition.KEY])
        except Exception as error:
            problem = clean(named(error, lambda text: redaction.masked(text, state))[:1000])
            if chosen is None and failure is None:
                failure = TransitionError(
                    f"after action {prior!r}, the condition {name!r} of the transition to {to!r} cannot be evaluated: "
                    f"{problem}",
                    remedy="let the action write every state key that the condition reads",
                )
                failure.__cause__ = error
        taken = bool(outcome) and chosen is None and failure is None
        if taken:
            chosen = to
        values = {clean(key): short(state[key], redaction, key=key) for key in condition.reads if key in state}
        results.append(
            ConditionResult(to=to, condition=name, outcome=outcome, taken=taken, values=values, error=problem)
        )
    if failure is not None:
        raise failure
    return chosen, results


def next_action_name(app: Application[Any], redaction: Redaction = CREDENTIALS) -> str | None:
    """The next action's name, None when the application has ended.

    Raises:
        TransitionError: if a condition raises.
    """
    return evaluate_transitions(app, redaction)[0]
