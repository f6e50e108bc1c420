"""What the offline model says: one function from the conversation to the answer."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Sequence

from . import poems, shelf
from .shelf import vocabulary
from .wire import Message

PASSAGES = "passages"
SAMPLES = "samples"

UNKNOWN = """\
I am the offline model of burr-chat-widget: no language model, only {passages} short passages, {samples} code samples and a few \
forms of verse that ship with the package. None of them fits that.

My passages: {topics}. I can also write a poem about anything, or show a small Python sample.{calls}

To talk to a real model, set `OPENAI_API_KEY` and build the application again. For a local server such as Ollama or vLLM:

```shell
export OPENAI_BASE_URL=http://localhost:11434/v1
export OPENAI_MODEL=the-name-of-your-model
```"""

_POEM_WORDS = vocabulary("poem poems poetry verse verses haiku limerick acrostic couplet couplets rhyme ode sonnet")
_CODE_WORDS = vocabulary(
    "code function functions script program class snippet implement implementation python regex decorator algorithm"
    " generator parser"
)
_MAKING = vocabulary("write make show compose create generate build implement give sing need want")
_ASKING = vocabulary(
    "what why who whom whose when where which how is are was were do does did can could should would will explain"
    " describe compare tell define"
)
_CHOICES = re.compile(r"one of these words[^:]*:\s*([\w, ]+)", re.IGNORECASE)
_FOLLOW_UP = vocabulary("more why else another again example further continue details elaborate deeper")
_ABOUT_ITSELF = re.compile(r"\b(?:are you|who is this|your name|real model|language model)\b", re.IGNORECASE)


def speak(messages: Sequence[Message], *, seed: int = 0, tools: Sequence[str] = ()) -> str:
    """The answer to the last user message of a conversation.

    A system message that asks for "one of these words: ..." is answered with one of them. Otherwise a first paragraph
    that ends in a colon is an instruction; it, or the message itself, decides between an answer, a poem and code. Where
    tools have answered last, what they said is handed on. `tools`: the names of those that could have been called.
    """
    if messages and messages[-1].role == "tool":
        return _hand_on(messages)
    asked = [message.text for message in messages if message.role == "user" and message.text.strip()]
    prompt = asked[-1] if asked else ""
    for message in messages:
        if message.role in ("system", "developer") and (match := _CHOICES.search(message.text)):
            return _choose(prompt, [word.strip() for word in match[1].split(",")])
    instruction, prompt = _instruction(prompt)
    kind = classify(instruction) if instruction else classify(prompt)
    # Bytes, as a text with a lone surrogate is no seed.
    rng = random.Random(f"{seed}:{len(asked)}:{prompt}".encode("utf-8", "surrogatepass"))
    if kind == "generate_poem":
        return poems.write(prompt, rng)
    said = "\n".join(message.text for message in messages if message.role == "assistant")
    if kind == "generate_code":
        return _code(prompt, said)
    return _answer(prompt, [_instruction(text)[1] for text in asked[:-1]], said) or _unknown(tools)


def classify(prompt: str) -> str:
    """What a prompt wants: `answer_question`, `generate_poem`, `generate_code` or `unknown`."""
    said = re.findall(r"[a-z]+", prompt.lower())
    asks = prompt.rstrip().endswith("?") or (bool(said) and said[0] in _ASKING)
    makes = not asks or not _MAKING.isdisjoint(said)
    if makes and not _POEM_WORDS.isdisjoint(said):
        return "generate_poem"
    if makes and not _CODE_WORDS.isdisjoint(said):
        return "generate_code"
    if asks or shelf.find(PASSAGES, shelf.words(prompt)):
        return "answer_question"
    return "unknown"


def _choose(prompt: str, choices: Sequence[str]) -> str:
    mode = classify(prompt)
    return mode if mode in choices else choices[-1]


def _instruction(text: str) -> tuple[str, str]:
    head, gap, rest = text.partition("\n\n")
    return (head, rest) if gap and head.rstrip().endswith(":") else ("", text)


def _answer(prompt: str, earlier: Sequence[str], said: str) -> str:
    question = shelf.words(prompt)
    if _ABOUT_ITSELF.search(prompt):
        question += shelf.words("offline model real")
    found = shelf.find(PASSAGES, question)
    lead = ""
    if earlier and not _FOLLOW_UP.isdisjoint(re.findall(r"[a-z]+", prompt.lower())):
        told = [text for text in shelf.shelf(PASSAGES) if text.body in said]
        found = [text for text in found if text not in told]
        if not found and (found := shelf.find(PASSAGES, shelf.words(earlier[-1]), avoid=told, loose=True)):
            lead = f"That was my passage on it. Next to it stands **{found[0].title}**:\n\n"
    if not found:
        return ""
    more = " · ".join(text.title for text in found[1:3])
    return lead + found[0].body + (f"\n\n*Near this: {more}*" if more else "")


def _code(prompt: str, said: str) -> str:
    found = shelf.find(SAMPLES, shelf.words(prompt))
    if found:
        return next((text for text in found if text.body not in said), found[0]).body
    titles = "\n".join(f"- {text.title}" for text in shelf.shelf(SAMPLES))
    return (
        "I am the offline model of burr-chat-widget: I do not invent code, I show samples that ship with the package and "
        f"are run by its tests. None fits that. Ask for one of these:\n\n{titles}"
    )


def _hand_on(messages: Sequence[Message]) -> str:
    calls = [call for message in messages for call in message.tool_calls or ()]
    names = {call.id: f"`{call.function.name}`" for call in calls if call.function}
    results = itertools.takewhile(lambda message: message.role == "tool", reversed(messages))
    said = [f"{names.get(result.tool_call_id or '', 'The tool')} says: {result.text}" for result in results]
    return "\n\n".join(reversed(said))


def _unknown(tools: Sequence[str]) -> str:
    passages = shelf.shelf(PASSAGES)
    topics = " · ".join(text.title for text in passages)
    names = ", ".join(f"`{name}`" for name in tools)
    calls = (
        f" And I can call {names}, where a prompt has a word of a tool and all that the tool needs." if tools else ""
    )
    return UNKNOWN.format(passages=len(passages), samples=len(shelf.shelf(SAMPLES)), topics=topics, calls=calls)
