"""The actions of the demo: what each node of the state machine does."""

# Burr types its decorators, `when` and its builder only in part.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from burr.core import State, action
from burr.core.action import streaming_action

from .model import answered, conversation_of, mode_of, which_mode, without_type

if TYPE_CHECKING:
    from openai import AsyncOpenAI

Streamed = AsyncGenerator[tuple[dict[str, Any], State[Any] | None], None]


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
    completion = await client.chat.completions.create(model=model, messages=which_mode(state))
    return state.update(mode=mode_of(completion.choices[0].message.content))


@streaming_action(reads=["chat_history"], writes=["modified_chat_history", "response", "chat_history"])
async def respond(state: State[Any], client: AsyncOpenAI, model: str, prepend_prompt: str) -> Streamed:
    """Stream the model's answer to the conversation, its last message introduced by `prepend_prompt`."""
    conversation = conversation_of(state, prepend_prompt)
    stream = await client.chat.completions.create(model=model, messages=without_type(conversation), stream=True)
    text = ""
    # Leaving the block closes the connection, which is what tells a provider to stop.
    async with stream:
        async for chunk in stream:
            # A chunk with the usage has no choices; the first and the last delta have no content.
            if chunk.choices and (delta := chunk.choices[0].delta.content):
                text += delta
                yield {"delta": delta}, None
    yield answered(state, text, modified_chat_history=conversation)


@action(reads=["chat_history"], writes=["modified_chat_history", "response", "chat_history"])
async def respond_at_once(
    state: State[Any], client: AsyncOpenAI, model: str, prepend_prompt: str
) -> tuple[dict[str, Any], State[Any]]:
    """Ask the model for the same answer, and take it when it is whole."""
    conversation = conversation_of(state, prepend_prompt)
    completion = await client.chat.completions.create(model=model, messages=without_type(conversation))
    return answered(state, completion.choices[0].message.content or "", modified_chat_history=conversation)


@streaming_action(reads=[], writes=["response", "chat_history"])
async def say(state: State[Any], words: str, pause: float) -> Streamed:
    """Stream a fixed sentence word by word, without asking a model."""
    for index, word in enumerate(words.split(" ")):
        await asyncio.sleep(pause)
        yield {"delta": word if index == 0 else f" {word}"}, None
    yield answered(state, words)
