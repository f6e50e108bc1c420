"""A text adventure that asks its player with `input()`, in the terminal it was written for."""

from __future__ import annotations

from typing import Any

from burr.core import Application, ApplicationBuilder, State, action, default, expr


@action(reads=["challenge"], writes=["solved", "answer"])
def ask_riddle(state: State) -> tuple[dict[str, Any], State]:
    """Asks a riddle."""
    answer = input(f"{state['challenge']} ")
    return {"answer": answer}, state.update(answer=answer, solved="river" in answer)


@action(reads=["answer"], writes=["said"])
def win(state: State) -> tuple[dict[str, Any], State]:
    """The end."""
    said = f"{state['answer']} is right!"
    return {"said": said}, state.update(said=said)


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(ask_riddle, win)
        .with_transitions(("ask_riddle", "win", expr("solved")), ("ask_riddle", "ask_riddle", default))
        .with_state(challenge="What runs and has no legs?")
        .with_entrypoint("ask_riddle")
        .build()
    )
