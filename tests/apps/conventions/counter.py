"""The hello world: a counter of functions, which nobody is asked for anything, and one of classes, which takes a number."""

from __future__ import annotations

from typing import Any

from burr.core import Action, Application, ApplicationBuilder, Result, State, action, default, expr

from apps.conventions.expected import Row, Turn


@action(reads=["counter"], writes=["counter"])
def counter(state: State) -> tuple[dict[str, Any], State]:
    """Counts one further."""
    result = {"counter": state["counter"] + 1}
    return result, state.update(**result)


class Counter(Action):
    """Counts further by what it is given."""

    @property
    def reads(self) -> list[str]:
        return ["counter"]

    @property
    def writes(self) -> list[str]:
        return ["counter"]

    @property
    def inputs(self) -> list[str]:
        return ["increment_by"]

    def run(self, state: State, increment_by: int) -> dict[str, Any]:
        """The new count."""
        return {"counter": state["counter"] + increment_by}

    def update(self, result: dict[str, Any], state: State) -> State:
        """Keeps it."""
        return state.update(**result)


def application() -> Application[Any]:
    """The one of functions: it counts to three and ends; begun again it counts on."""
    return (
        ApplicationBuilder()
        .with_actions(counter=counter, result=Result("counter"))
        .with_transitions(("counter", "counter", expr("counter < 3")), ("counter", "result", default))
        .with_state(counter=0)
        .with_entrypoint("counter")
        .build()
    )


def application_of_classes() -> Application[Any]:
    """The one of classes: it asks for a number until ten is reached."""
    return (
        ApplicationBuilder()
        .with_actions(counter=Counter(), result=Result("counter"))
        .with_transitions(("counter", "counter", expr("counter < 10")), ("counter", "result", default))
        .with_state(counter=0)
        .with_entrypoint("counter")
        .build()
    )


ROWS = {
    "counter": Row(
        application,
        prompt=None,
        history=None,
        delta=None,
        turns=[
            Turn(None, ["counter", "counter", "counter", "result"], [("data", 3)], {"counter": 3}, ends=True),
            Turn(None, ["counter", "result"], [("data", 4)], {"counter": 4}, ends=True),
        ],
    ),
    "counter of classes": Row(
        application_of_classes,
        prompt=None,
        history=None,
        delta=None,
        turns=[
            Turn({"increment_by": "4"}, ["counter"], [("user", "increment_by: 4"), ("data", 4)], {"counter": 4}),
            Turn(
                {"increment_by": 7},
                ["counter", "result"],
                [("user", "increment_by: 7"), ("data", 11)],
                {"counter": 11},
                ends=True,
            ),
        ],
        fields={"increment_by": "integer"},
    ),
}
