"""An application whose one action calls a function made in a cell, and so uses what that cell's notebook has."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from burr.core import Application, ApplicationBuilder, State, action


def application(use: Callable[[str], Any]) -> Application[Any]:
    """A fresh one, which answers each prompt with what `use(prompt)` returns; `use` may be sync or async."""
    if inspect.iscoroutinefunction(use):

        @action(reads=[], writes=["chat_history"])
        async def answer(state: State, prompt: str) -> State:
            return _said(state, await use(prompt))

    else:

        @action(reads=[], writes=["chat_history"])
        def answer(state: State, prompt: str) -> State:
            return _said(state, use(prompt))

    return (
        ApplicationBuilder()
        .with_actions(answer)
        .with_transitions(("answer", "answer"))
        .with_state(chat_history=[])
        .with_entrypoint("answer")
        .build()
    )


def _said(state: State, text: object) -> State:
    return state.append(chat_history={"role": "assistant", "content": str(text)})
