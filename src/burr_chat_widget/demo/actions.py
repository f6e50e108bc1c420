"""The actions of the demo: what each node of the state machine does."""

# Burr types its decorators, `when` and its builder only in part.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import asyncio
import copy
import re
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from burr.core import State, action
from burr.core.action import streaming_action

if TYPE_CHECKING:
    from openai import AsyncOpenAI

Message = dict[str, str]
Streamed = AsyncGenerator[tuple[dict[str, Any], State[Any] | None], None]

MODES = ("answer_question", "generate_poem", "generate_code")

CLASSIFY = (
    "You decide how a chatbot handles a prompt. Answer with exactly one of these words, and nothing else: "
    + ", ".join([*MODES, "unknown"])
)


@action(reads=["chat_history"], writes=["prompt", "chat_history"])
def prompt(state: State[Any], prompt: str) -> State[Any]:
    """Take the user's prompt, and forget everything of the last turn but the conversation."""
    message = {"role": "user", "content": prompt, "type": "text"}
    return state.wipe(keep=["prompt", "chat_history"]).append(chat_history=message).update(prompt=prompt)


@action(reads=["prompt"], writes=["safe"])
def check_safety(state: State[Any]) -> State[Any]:
    """Refuse prompts that contain the word "unsafe"; a stand-in for a real check."""
    return state.update(safe="unsafe" not in state["prompt"].lower())


@action(reads=["prompt"], writes=["mode"])
async def decide_mode(state: State[Any], client: AsyncOpenAI, model: str) -> State[Any]:
    """Ask the model which kind of answer the prompt wants."""
    completion = await client.chat.completions.create(
        model=model,
        messages=[
            {"role": "system", "content": CLASSIFY},
            {"role": "user", "content": state["prompt"]},
        ],
    )
    # A model may add a full stop, quotes or a whole sentence around the word.
    said = re.findall(r"[a-z_]+", (completion.choices[0].message.content or "").lower())
    return state.update(mode=next((word for word in said if word in MODES), "unknown"))


@streaming_action(reads=["chat_history"], writes=["modified_chat_history", "response", "chat_history"])
async def respond(state: State[Any], client: AsyncOpenAI, model: str, prepend_prompt: str) -> Streamed:
    """Stream the model's answer to the conversation, its last message introduced by `prepend_prompt`."""
    conversation: list[Message] = copy.deepcopy(state["chat_history"])
    conversation[-1]["content"] = f"{prepend_prompt}\n\n{conversation[-1]['content']}"
    messages: Any = [{"role": message["role"], "content": message["content"]} for message in conversation]
    stream = await client.chat.completions.create(model=model, messages=messages, stream=True)
    text = ""
    # Leaving the block closes the connection, which is what tells a provider to stop.
    async with stream:
        async for chunk in stream:
            # A chunk with the usage has no choices; the first and the last delta have no content.
            if chunk.choices and (delta := chunk.choices[0].delta.content):
                text += delta
                yield {"delta": delta}, None
    response = _response(text)
    new_state = state.update(modified_chat_history=conversation, response=response).append(chat_history=response)
    yield {"response": response}, new_state


@streaming_action(reads=[], writes=["response", "chat_history"])
async def say(state: State[Any], words: str, pause: float) -> Streamed:
    """Stream a fixed sentence word by word, without asking a model."""
    for index, word in enumerate(words.split(" ")):
        await asyncio.sleep(pause)
        yield {"delta": word if index == 0 else f" {word}"}, None
    response = _response(words)
    yield {"response": response}, state.update(response=response).append(chat_history=response)


def _response(text: str) -> Message:
    return {"role": "assistant", "content": text, "type": "text"}
