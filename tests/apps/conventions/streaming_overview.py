"""Streaming, sync and async: two ways to answer stream `{"response": {"content": ..., ...}}`, three do not stream."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Any

from burr.core import Application, ApplicationBuilder, State, action, default, when
from burr.core.action import streaming_action

from apps.conventions.expected import Row, Turn, answer_item, prompt_item
from apps.conventions.speech import pieces

MODES = ("generate_poem", "answer_question", "generate_image")


@action(reads=[], writes=["chat_history", "prompt"])
def process_prompt(state: State, prompt: str) -> tuple[dict[str, Any], State]:
    """Takes the prompt."""
    item = {"role": "user", "content": prompt, "type": "text"}
    return {"chat_item": item}, state.append(chat_history=item).update(prompt=prompt)


@action(reads=["prompt"], writes=["safe", "mode"])
def decide(state: State) -> tuple[dict[str, Any], State]:
    """Which way to answer."""
    mode = next((mode for mode in MODES if mode.split("_")[1] in state["prompt"]), "unknown")
    result = {"mode": mode, "safe": "unsafe" not in state["prompt"]}
    return result, state.update(**result)


def _item(content: str, kind: str = "text") -> dict[str, Any]:
    return {"content": content, "type": kind, "role": "assistant"}


def _text(state: State, style: str) -> str:
    return f"{style} on {state['prompt']}: it flows, it flows on."


@streaming_action(reads=["prompt", "chat_history"], writes=["response", "chat_history"])
def respond(state: State, style: str) -> Generator[tuple[dict[str, Any], State | None], None, None]:
    """Answers, word by word."""
    said = _text(state, style)
    for word in pieces(said):
        yield {"response": _item(word)}, None
    yield {"response": _item(said)}, state.update(response=_item(said)).append(chat_history=_item(said))


@streaming_action(reads=["prompt", "chat_history"], writes=["response", "chat_history"])
async def respond_async(state: State, style: str) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Answers, word by word, on the loop."""
    said = _text(state, style)
    for word in pieces(said):
        yield {"response": _item(word)}, None
    yield {"response": _item(said)}, state.update(response=_item(said)).append(chat_history=_item(said))


@action(reads=["prompt", "chat_history"], writes=["response", "chat_history"])
def image(state: State) -> tuple[dict[str, Any], State]:
    """Answers with the address of an image."""
    item = _item(f"https://images.example/{len(state['chat_history'])}.png", "image")
    return {"response": item}, state.update(response=item).append(chat_history=item)


@action(reads=[], writes=["response", "chat_history"])
def say(state: State, words: str) -> tuple[dict[str, Any], State]:
    """Says a sentence at once."""
    return {"response": _item(words)}, state.update(response=_item(words)).append(chat_history=_item(words))


def application(*, is_async: bool = False) -> Application[Any]:
    """A fresh one."""
    streamed = respond_async if is_async else respond
    return (
        ApplicationBuilder()
        .with_actions(
            prompt=process_prompt,
            decide_mode=decide,
            generate_poem=streamed.bind(style="A poem"),
            answer_question=streamed.bind(style="An answer"),
            generate_image=image,
            prompt_for_more=say.bind(words="What should I do?"),
            unsafe_response=say.bind(words="I cannot answer that."),
        )
        .with_transitions(
            ("prompt", "decide_mode"),
            ("decide_mode", "unsafe_response", when(safe=False)),
            *[("decide_mode", mode, when(mode=mode)) for mode in MODES],
            ("decide_mode", "prompt_for_more", default),
            ([*MODES, "prompt_for_more", "unsafe_response"], "prompt"),
        )
        .with_state(chat_history=[])
        .with_entrypoint("prompt")
        .build()
    )


def application_async() -> Application[Any]:
    """A fresh one whose streams are async."""
    return application(is_async=True)


POEM, ANSWER = "A poem on a poem: it flows, it flows on.", "An answer on a question: it flows, it flows on."

ROWS = {
    "streaming overview": Row(
        application,
        prompt="prompt",
        history="chat_history",
        delta="text",
        turns=[
            Turn(
                "a poem",
                ["prompt", "decide_mode", "generate_poem"],
                [("user", "a poem"), ("text", POEM)],
                {"chat_history": [prompt_item("a poem"), answer_item(POEM)]},
            ),
            Turn(
                "an image",
                ["prompt", "decide_mode", "generate_image"],
                [("user", "an image"), ("image", "https://images.example/3.png")],
                {"response": {**answer_item("https://images.example/3.png"), "type": "image"}},
            ),
        ],
    ),
    "streaming overview, async": Row(
        application_async,
        prompt="prompt",
        history="chat_history",
        delta="text",
        turns=[
            Turn(
                "a question",
                ["prompt", "decide_mode", "answer_question"],
                [("user", "a question"), ("text", ANSWER)],
                {"chat_history": [prompt_item("a question"), answer_item(ANSWER)]},
            ),
            Turn(
                "hm",
                ["prompt", "decide_mode", "prompt_for_more"],
                [("user", "hm"), ("text", "What should I do?")],
                {"mode": "unknown", "response": answer_item("What should I do?")},
            ),
        ],
    ),
}
