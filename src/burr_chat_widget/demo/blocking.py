"""The actions that ask the model, as functions that block while they wait for it instead of coroutines."""

# Burr types its decorators only in part.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from burr.core import State, action
from burr.core.action import streaming_action

from .model import answered, conversation_of, mode_of, which_mode, without_type

if TYPE_CHECKING:
    from openai import OpenAI


@action(reads=["prompt"], writes=["mode"])
def decide_mode(state: State[Any], client: OpenAI, model: str) -> State[Any]:
    """Ask the model which kind of answer the prompt wants."""
    completion = client.chat.completions.create(model=model, messages=which_mode(state))
    return state.update(mode=mode_of(completion.choices[0].message.content))


@streaming_action(reads=["chat_history"], writes=["modified_chat_history", "response", "chat_history"])
def respond(
    state: State[Any], client: OpenAI, model: str, prepend_prompt: str
) -> Generator[tuple[dict[str, Any], State[Any] | None], None, None]:
    """Stream the model's answer to the conversation, its last message introduced by `prepend_prompt`."""
    conversation = conversation_of(state, prepend_prompt)
    text = ""
    with client.chat.completions.create(model=model, messages=without_type(conversation), stream=True) as stream:
        for chunk in stream:
            if chunk.choices and (delta := chunk.choices[0].delta.content):
                text += delta
                yield {"delta": delta}, None
    yield answered(state, text, modified_chat_history=conversation)


@action(reads=["chat_history"], writes=["modified_chat_history", "response", "chat_history"])
def respond_at_once(
    state: State[Any], client: OpenAI, model: str, prepend_prompt: str
) -> tuple[dict[str, Any], State[Any]]:
    """Ask the model for the same answer, and take it when it is whole."""
    conversation = conversation_of(state, prepend_prompt)
    completion = client.chat.completions.create(model=model, messages=without_type(conversation))
    return answered(state, completion.choices[0].message.content or "", modified_chat_history=conversation)
