"""An application whose pace a test controls, with messages as Burr's streaming example has them; for servers in the test's own process."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

from burr.core import ApplicationBuilder, State, action
from burr.core.action import streaming_action

from . import gates


@action(reads=["chat_history"], writes=["script", "chat_history", "private"])
def prompt(state: State, prompt: str) -> State:
    """Take what to do: a text to say word by word, or a JSON object.

    Keys: `say` (pieces), `gates` (names, one before each piece; empty for none), `whole` (say it without streaming), `fail` (raise at
    the end, with these words).
    """
    pieces = [word + " " for word in prompt.split(" ")]
    script = json.loads(prompt) if prompt.startswith("{") else {"say": pieces}
    item = {"content": prompt, "type": "text", "role": "user"}
    return state.update(script=script, private="the-private-value").append(chat_history=item)


@streaming_action(reads=["script", "chat_history"], writes=["chat_history"])
async def answer(state: State) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Say it."""
    script = state["script"]
    pieces: list[str] = script.get("say", [])
    waits = script.get("gates", [])
    for number, piece in enumerate(pieces):
        if number < len(waits) and waits[number]:
            await gates.acome_to(waits[number])
        if not script.get("whole"):
            yield {"delta": piece}, None
    if "fail" in script:
        raise RuntimeError(script["fail"])
    final = {"content": "".join(pieces), "type": "text", "role": "assistant"}
    yield {"response": final}, state.append(chat_history=final)


def builder() -> ApplicationBuilder[Any]:
    """What is served."""
    return (
        ApplicationBuilder()
        .with_actions(prompt, answer)
        .with_transitions(("prompt", "answer"), ("answer", "prompt"))
        .with_state(chat_history=[])
        .with_entrypoint("prompt")
    )


def script(*pieces: str, **more: Any) -> str:
    """A prompt that has these pieces said."""
    return json.dumps({"say": pieces, **more})
