"""What the model is asked, and what becomes of what it says: the same for every way to ask it."""

# Burr types its state only in part.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import copy
import re
from typing import Any

from burr.core import State

Message = dict[str, str]

MODES = ("answer_question", "generate_poem", "generate_code")

CLASSIFY = (
    "You decide how a chatbot handles a prompt. Answer with exactly one of these words, and nothing else: "
    + ", ".join([*MODES, "unknown"])
)


def which_mode(state: State[Any]) -> list[Any]:
    """The messages that ask which kind of answer the prompt wants."""
    return [{"role": "system", "content": CLASSIFY}, {"role": "user", "content": state["prompt"]}]


def mode_of(said: str | None) -> str:
    """The kind of answer that the model has named, `unknown` for none of ours."""
    # A model may add a full stop, quotes or a whole sentence around the word.
    words = re.findall(r"[a-z_]+", (said or "").lower())
    return next((word for word in words if word in MODES), "unknown")


def conversation_of(state: State[Any], prepend_prompt: str) -> list[Message]:
    """The conversation, its last message introduced by `prepend_prompt`."""
    conversation: list[Message] = copy.deepcopy(state["chat_history"])
    conversation[-1]["content"] = f"{prepend_prompt}\n\n{conversation[-1]['content']}"
    return conversation


def without_type(conversation: list[Message]) -> list[Any]:
    """The messages as the model takes them."""
    return [{"role": message["role"], "content": message["content"]} for message in conversation]


def answered(state: State[Any], text: str, **also: Any) -> tuple[dict[str, Any], State[Any]]:
    """The result and the state of an action that has answered with `text`; `also` goes into the state too."""
    response = {"role": "assistant", "content": text, "type": "text"}
    return {"response": response}, state.update(**also, response=response).append(chat_history=response)
