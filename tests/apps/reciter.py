"""Applications that say what they are given, and one that carries a text wherever an application's words are shown."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any

from burr.core import Application, ApplicationBuilder, Condition, State, action
from burr.core.action import streaming_action

SPLITS = "splits of "


@action(reads=["chat_history"], writes=["prompt", "chat_history"])
def prompt(state: State, prompt: str) -> State:
    """Take what to say."""
    return state.update(prompt=prompt).append(chat_history={"role": "user", "content": prompt})


@streaming_action(reads=["prompt", "chat_history"], writes=["chat_history"])
async def answer(
    state: State, sent: Callable[[], Awaitable[None]]
) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Say the prompt, or, after `SPLITS`, what follows, once for each place where it can be cut in two."""
    text = state["prompt"]
    if text.startswith(SPLITS):
        text = text.removeprefix(SPLITS)
        parts = [part for at in range(1, len(text)) for part in (text[:at], text[at:] + "\n\n")]
    else:
        parts = [text]
    for part in parts:
        yield {"delta": part}, None
        await sent()
    final = {"role": "assistant", "content": "".join(parts)}
    yield {"response": final}, state.append(chat_history=final)


async def _at_once() -> None:
    pass


def application(sent: Callable[[], Awaitable[None]] = _at_once) -> Application[Any]:
    """A fresh one. `sent` is awaited after each delta."""
    return (
        ApplicationBuilder()
        .with_actions(prompt, answer.bind(sent=sent))
        .with_transitions(("prompt", "answer"), ("answer", "prompt"))
        .with_state(chat_history=[])
        .with_entrypoint("prompt")
        .build()
    )


def everywhere(text: str) -> Application[Any]:
    """Carries `text` in names, descriptions, conditions, the state, the model's name, notices, and an error.

    The prompt `fail` raises it, `late` raises it when all is said, `notice` streams something that is no text; each other
    prompt is answered with a message of the kind `code`.
    """

    @action(reads=["chat_history"], writes=["prompt", "chat_history"], tags=[text])
    def first(state: State, prompt: str, client: Any, model: str) -> State:  # noqa: ARG001 -- the model is described by what is bound
        return state.update(prompt=prompt).append(chat_history={"role": "user", "content": prompt})

    @streaming_action(reads=["prompt", "chat_history", text], writes=["chat_history"])
    async def second(state: State) -> AsyncGenerator[tuple[Any, State | None], None]:
        if state["prompt"] == "fail":
            raise RuntimeError(text)
        if state["prompt"] == "notice":
            yield {text: 1}, None
            yield {text: 2}, None
        final = {"role": "assistant", "content": text, "type": "code"}
        yield {"response": final}, state.append(chat_history=final)
        if state["prompt"] == "late":
            raise RuntimeError(text)

    first.__doc__ = second.__doc__ = text
    client = SimpleNamespace(base_url="http://127.0.0.1/", chat=None)
    refused = Condition([text], lambda state: state[text] != text, name=f"not {text}")
    holds = Condition([text, "prompt"], lambda state: state[text] == text, name=text)
    begin, end = f"first {text}", f"second {text}"
    return (
        ApplicationBuilder()
        .with_actions(**{begin: first.bind(client=client, model=text), end: second})
        .with_transitions((begin, begin, refused), (begin, end, holds), (end, begin))
        .with_state(chat_history=[], **{text: text})
        .with_entrypoint(begin)
        .build()
    )
