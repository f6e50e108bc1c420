"""A multi-modal chatbot: nothing streams, one action writes the answer as an item of type text, code, image or error."""

from __future__ import annotations

from typing import Any

from burr.core import Application, ApplicationBuilder, State, action, default, when

from apps.conventions.expected import Row, Turn
from apps.said import PIXEL

CODE = "def river():\n    return 'flows'\n"
SAID: dict[str, Any] = {
    "answer_question": "It **rises** in the hills.",
    "generate_code": CODE,
    "generate_image": PIXEL,
    "fail": "The model is not there.",
}
KINDS = {"answer_question": "text", "generate_code": "code", "generate_image": "image", "fail": "error"}


@action(reads=[], writes=["chat_history", "prompt"])
def process_prompt(state: State, prompt: str) -> tuple[dict[str, Any], State]:
    """Takes the prompt."""
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
def decide_mode(state: State) -> tuple[dict[str, Any], State]:
    """Which way to answer."""
    mode = next((mode for mode in SAID if mode.split("_")[-1] in state["prompt"]), "unknown")
    return {"mode": mode}, state.update(mode=mode)


@action(reads=["prompt", "chat_history"], writes=["response"])
def answer(state: State, mode: str) -> tuple[dict[str, Any], State]:
    """Makes an answer of that kind."""
    item = {"content": SAID[mode], "type": KINDS[mode], "role": "assistant"}
    return {"response": item}, state.update(response=item)


@action(reads=[], writes=["response"])
def say(state: State, words: str) -> tuple[dict[str, Any], State]:
    """Says a sentence that no model makes."""
    item = {"content": words, "type": "text", "role": "assistant"}
    return {"response": item}, state.update(response=item)


@action(reads=["response", "safe"], writes=["chat_history"])
def response(state: State) -> tuple[dict[str, Any], State]:
    """Puts the answer into the history."""
    return {"chat_item": state["response"]}, state.append(chat_history=state["response"])


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(
            prompt=process_prompt,
            check_safety=check_safety,
            decide_mode=decide_mode,
            **{mode: answer.bind(mode=mode) for mode in SAID},
            prompt_for_more=say.bind(words="What should I do?"),
            unsafe_response=say.bind(words="I cannot answer that."),
            response=response,
        )
        .with_transitions(
            ("prompt", "check_safety"),
            ("check_safety", "decide_mode", when(safe=True)),
            ("check_safety", "unsafe_response", default),
            *[("decide_mode", mode, when(mode=mode)) for mode in SAID],
            ("decide_mode", "prompt_for_more", default),
            ([*SAID, "prompt_for_more", "unsafe_response"], "response"),
            ("response", "prompt"),
        )
        .with_state(chat_history=[])
        .with_entrypoint("prompt")
        .build()
    )


PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAF0lEQVR4nGNwSPtPEmIY1TCqYfhqAAD/GPYQdm5KEAAAAABJRU5ErkJggg=="

ROWS = {
    "multi-modal": Row(
        application,
        prompt="prompt",
        history="chat_history",
        delta=None,
        turns=[
            Turn(
                text,
                ["prompt", "check_safety", "decide_mode", mode, "response"],
                [("user", text), (kind, shown)],
                {"mode": mode, "safe": True},
            )
            for text, mode, kind, shown in (
                ("a question", "answer_question", "text", "It **rises** in the hills."),
                ("some code", "generate_code", "code", CODE),
                ("an image", "generate_image", "image", PIXEL),
                ("please fail", "fail", "error", "The model is not there."),
            )
        ],
    ),
}
