"""A traced chatbot: the actions open spans and log attributes with `__tracer`; one action writes the answer."""

from __future__ import annotations

from typing import Any

from burr.core import Application, ApplicationBuilder, State, action
from burr.visibility import TracerFactory

from apps.conventions.expected import Row, Turn


@action(reads=[], writes=["chat_history", "prompt"])
def process_prompt(state: State, prompt: str, __tracer: TracerFactory) -> tuple[dict[str, Any], State]:
    """Takes the prompt."""
    with __tracer("process_prompt", span_dependencies=[]) as span:
        span.log_attributes(prompt=prompt)
        item = {"role": "user", "content": prompt, "type": "text"}
    return {"chat_item": item}, state.append(chat_history=item).update(prompt=prompt)


@action(reads=["prompt", "chat_history"], writes=["answer"])
async def ask_model(state: State, __tracer: TracerFactory, model: str = "small") -> tuple[dict[str, Any], State]:
    """Asks the model, in a span inside a span."""
    async with __tracer("call"):
        with __tracer("create_completion"):
            said = f"{model} says: {state['prompt']}, traced"
        __tracer.log_attributes(tokens=len(said))
    return {"answer": said}, state.update(answer=said)


@action(reads=["answer"], writes=["chat_history"])
def response(state: State) -> tuple[dict[str, Any], State]:
    """Puts the answer into the history."""
    item = {"role": "assistant", "content": state["answer"], "type": "text"}
    return {"chat_item": item}, state.append(chat_history=item)


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(prompt=process_prompt, ask_model=ask_model, response=response)
        .with_transitions(("prompt", "ask_model"), ("ask_model", "response"), ("response", "prompt"))
        .with_state(chat_history=[])
        .with_entrypoint("prompt")
        .build()
    )


ROWS = {
    "tracing": Row(
        application,
        prompt="prompt",
        history="chat_history",
        delta=None,
        turns=[
            Turn(
                text,
                ["prompt", "ask_model", "response"],
                [("user", text), ("text", f"small says: {text}, traced")],
                {"answer": f"small says: {text}, traced"},
            )
            for text in ("one", "two")
        ],
    ),
}
