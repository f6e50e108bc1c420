"""A chatbot behind a web server: five ways to answer, all streamed as `{"delta": ...}`; the prompt wipes what was before."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from burr.core import Application, ApplicationBuilder, State, action, default, when
from burr.core.action import streaming_action

from apps.conventions.expected import Row, Turn, answer_item, prompt_item
from apps.conventions.speech import pieces

MODES = ("generate_code", "answer_question", "generate_poem")
MORE = "Should I answer, write a poem or write code?"
UNSAFE = "I cannot answer that."


@action(reads=[], writes=["chat_history", "prompt"])
def prompt(state: State, prompt: str) -> tuple[dict[str, Any], State]:
    """Takes the prompt; only it and the history stay."""
    item = {"role": "user", "content": prompt, "type": "text"}
    return {"chat_item": item}, state.wipe(keep=["prompt", "chat_history"]).append(chat_history=item).update(
        prompt=prompt
    )


@action(reads=["prompt"], writes=["safe"])
def check_safety(state: State) -> tuple[dict[str, Any], State]:
    """Whether it may be answered."""
    safe = "unsafe" not in state["prompt"]
    return {"safe": safe}, state.update(safe=safe)


@action(reads=["prompt"], writes=["mode"])
async def decide_mode(state: State) -> tuple[dict[str, Any], State]:
    """Which way to answer."""
    mode = next((mode for mode in MODES if mode.split("_")[1] in state["prompt"]), "unknown")
    return {"mode": mode}, state.update(mode=mode)


@streaming_action(reads=["prompt", "chat_history"], writes=["response"])
async def respond(
    state: State, prepend_prompt: str, model: str = "small"
) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Answers, word by word."""
    said = f"{prepend_prompt} {state['prompt']} ({model})"
    for word in pieces(said):
        yield {"delta": word}, None
    item = {"content": said, "type": "text", "role": "assistant"}
    yield {"response": item}, state.update(response=item).append(chat_history=item)


@streaming_action(reads=[], writes=["response"])
async def say(state: State, words: str) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Says a sentence that no model makes."""
    for word in pieces(words):
        yield {"delta": word}, None
    item = {"content": words, "type": "text", "role": "assistant"}
    yield {"response": item}, state.update(response=item).append(chat_history=item)


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(
            prompt=prompt,
            check_safety=check_safety,
            decide_mode=decide_mode,
            generate_code=respond.bind(prepend_prompt="Code for"),
            answer_question=respond.bind(prepend_prompt="An answer to"),
            generate_poem=respond.bind(prepend_prompt="A poem on"),
            prompt_for_more=say.bind(words=MORE),
            unsafe_response=say.bind(words=UNSAFE),
        )
        .with_transitions(
            ("prompt", "check_safety"),
            ("check_safety", "decide_mode", when(safe=True)),
            ("check_safety", "unsafe_response", default),
            *[("decide_mode", mode, when(mode=mode)) for mode in MODES],
            ("decide_mode", "prompt_for_more", default),
            ([*MODES, "prompt_for_more", "unsafe_response"], "prompt"),
        )
        .with_state(chat_history=[])
        .with_entrypoint("prompt")
        .build()
    )


ROWS = {
    "streaming chatbot": Row(
        application,
        prompt="prompt",
        history="chat_history",
        delta="text",
        turns=[
            Turn(
                "a question",
                ["prompt", "check_safety", "decide_mode", "answer_question"],
                [("user", "a question"), ("text", "An answer to a question (small)")],
                {
                    "chat_history": [prompt_item("a question"), answer_item("An answer to a question (small)")],
                    "safe": True,
                },
            ),
            Turn(
                "something unsafe",
                ["prompt", "check_safety", "unsafe_response"],
                [("user", "something unsafe"), ("text", UNSAFE)],
                {"response": answer_item(UNSAFE), "safe": False},
            ),
        ],
    ),
}
