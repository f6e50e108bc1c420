"""The introduction's chatbot: a prompt is checked, then answered or refused; the history is of roles and contents."""

from __future__ import annotations

from typing import Any

from burr.core import Application, ApplicationBuilder, State, action, default, expr

from apps.conventions.expected import Row, Turn


@action(reads=[], writes=["prompt", "chat_history"])
def human_input(state: State, prompt: str) -> tuple[dict[str, Any], State]:
    """Takes what the person says."""
    item = {"content": prompt, "role": "user"}
    return {"prompt": prompt}, state.update(prompt=prompt).append(chat_history=item)


@action(reads=["prompt"], writes=["safe"])
def check_safety(state: State) -> State:
    """Whether it may be answered."""
    return state.update(safe="unsafe" not in state["prompt"])


@action(reads=["chat_history"], writes=["response", "chat_history"])
def ai_response(state: State) -> tuple[dict[str, Any], State]:
    """Answers."""
    item = {"content": f"{len(state['chat_history'])} messages so far.", "role": "assistant"}
    return {"response": item}, state.update(response=item).append(chat_history=item)


@action(reads=[], writes=["response", "chat_history"])
def unsafe_response(state: State) -> tuple[dict[str, Any], State]:
    """Refuses."""
    item = {"content": "That is not to be answered here.", "role": "assistant"}
    return {"response": item}, state.update(response=item).append(chat_history=item)


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(human_input, check_safety, ai_response, unsafe_response)
        .with_transitions(
            ("human_input", "check_safety"),
            ("check_safety", "unsafe_response", expr("not safe")),
            ("check_safety", "ai_response", default),
            (["ai_response", "unsafe_response"], "human_input"),
        )
        .with_state(chat_history=[])
        .with_entrypoint("human_input")
        .build()
    )


ROWS = {
    "simple chatbot": Row(
        application,
        prompt="prompt",
        history="chat_history",
        delta=None,
        turns=[
            Turn(
                "hello",
                ["human_input", "check_safety", "ai_response"],
                [("user", "hello"), ("text", "1 messages so far.")],
                {"response": {"content": "1 messages so far.", "role": "assistant"}},
            ),
            Turn(
                "something unsafe",
                ["human_input", "check_safety", "unsafe_response"],
                [("user", "something unsafe"), ("text", "That is not to be answered here.")],
                {"safe": False},
            ),
        ],
    ),
}
