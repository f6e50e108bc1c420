"""An agent behind an OpenAI-compatible server: one action that answers in its result, as `content`; no history."""

from __future__ import annotations

from typing import Any

from burr.core import Application, ApplicationBuilder, State, action

from apps.conventions.expected import Row, Turn


@action(reads=[], writes=["user_input"])
def process_input(state: State, user_input: str) -> tuple[dict[str, Any], State]:
    """Takes what the server was sent."""
    return {"user_input": user_input}, state.update(user_input=user_input)


@action(reads=["user_input"], writes=["content"])
def dummy_bot(state: State) -> tuple[dict[str, Any], State]:
    """Answers."""
    content = f"You wrote {len(state['user_input'])} characters."
    return {"content": content}, state.update(content=content)


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(process_input, dummy_bot)
        .with_transitions(("process_input", "dummy_bot"), ("dummy_bot", "process_input"))
        .with_entrypoint("process_input")
        .build()
    )


ROWS = {
    "agent behind a server": Row(
        application,
        prompt="user_input",
        history=None,
        delta=None,
        turns=[
            Turn(
                text,
                ["process_input", "dummy_bot"],
                [("user", text), ("text", f"You wrote {len(text)} characters.")],
                {"user_input": text, "content": f"You wrote {len(text)} characters."},
            )
            for text in ("abc", "abcd")
        ],
    ),
}
