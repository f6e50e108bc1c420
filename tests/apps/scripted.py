"""An application that does what its prompt says: a JSON object such as {"deltas": 100, "delay": 0.01}.

prompt -> prepare -> answer -> prompt. `prepare` is sync and does not stream, `answer` is an async stream.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from typing import Any

from burr.core import Application, ApplicationBuilder, State, action
from burr.core.action import streaming_action


@action(reads=["chat_history"], writes=["script", "chat_history"])
def prompt(state: State, prompt: str) -> State:
    """Take what to do.

    Keys: `deltas` (how many), `delay` (seconds before each), `rate` (deltas a second, kept on the long run), `text` (each
    delta's, `{n}` is its number), `print` and `sleep` (seconds, blocking; in `prepare`), `fail` ("before", "during" or
    "after" the stream).
    """
    script = json.loads(prompt) if prompt.startswith("{") else {"text": prompt, "deltas": 1}
    return state.update(script=script).append(chat_history={"role": "user", "content": prompt})


@action(reads=["script"], writes=["prepared"])
def prepare(state: State) -> State:
    """Print and sleep as the script says, blocking."""
    script = state["script"]
    if "print" in script:
        print(script["print"])
    time.sleep(script.get("sleep", 0))
    return state.update(prepared=True)


@streaming_action(reads=["script", "chat_history"], writes=["chat_history"])
async def answer(state: State) -> AsyncGenerator[tuple[dict[str, Any], State | None], None]:
    """Stream what the script says."""
    script = state["script"]
    said: list[str] = []
    began = time.monotonic()
    if script.get("fail") == "before":
        raise RuntimeError("failed before the stream")
    for n in range(script.get("deltas", 10)):
        delay = began + n / script["rate"] - time.monotonic() if "rate" in script else script.get("delay", 0)
        if delay > 0:
            await asyncio.sleep(delay)
        said.append(script.get("text", "word{n} ").replace("{n}", str(n)))
        yield {"delta": said[-1]}, None
    if script.get("fail") == "during":
        raise RuntimeError("failed in the middle of the stream")
    final = {"role": "assistant", "content": "".join(said)}
    yield {"response": final}, state.append(chat_history=final)
    if script.get("fail") == "after":
        raise RuntimeError("failed after the stream")


def application(app_id: str | None = None) -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(prompt, prepare, answer)
        .with_transitions(("prompt", "prepare"), ("prepare", "answer"), ("answer", "prompt"))
        .with_state(chat_history=[])
        .with_entrypoint("prompt")
        .with_identifiers(app_id=app_id)
        .build()
    )
