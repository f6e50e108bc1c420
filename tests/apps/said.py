"""Applications that say more than text, one for each way: each is asked with the input `prompt`."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
from collections.abc import AsyncGenerator
from typing import Any

import pydantic
from burr.core import Application, ApplicationBuilder, State, action
from burr.core.action import streaming_action
from burr.integrations.pydantic import PydanticTypingSystem

from apps.graphs import build, does, streams

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAF0lEQVR4nGNwSPtPEmIY1TCqYfhqAAD/GPYQdm5KEAAAAABJRU5ErkJggg=="
)


@action(reads=[], writes=["prompt", "chat_history"])
def ask(state: State, prompt: str) -> State:
    """Take what the person typed."""
    return state.update(prompt=prompt).append(chat_history={"role": "user", "content": prompt, "type": "text"})


def multi_modal() -> Application[Any]:
    """The convention of Burr's multi-modal chatbot: items with a type. The prompt names it; `url` is a remote image."""

    def respond(state: State) -> State:
        content: dict[str, Any] = {
            "text": "Some **text**.",
            "code": "def river():\n    return 'flows'\n",
            "image": PIXEL,
            "url": "https://images.example/river.png",
            "error": "The model is not there.",
        }
        kind = state["prompt"]
        item = {"role": "assistant", "content": content[kind], "type": "image" if kind == "url" else kind}
        return state.append(chat_history={**item, "language": "python", "alt": "A square"})

    return build(
        ("ask", "respond"),
        ("respond", "ask"),
        ask=ask,
        respond=does(respond, reads=["prompt"], writes=["chat_history"]),
        state={"chat_history": []},
    )


def tool_calling() -> Application[Any]:
    """OpenAI's messages: reasoning and a call are streamed as its chunks, the tool answers, then comes the text."""

    async def call(state: State) -> AsyncGenerator[tuple[Any, State | None], None]:
        number = sum(m["role"] == "user" for m in state["messages"])
        name = f"call_{number}"
        yield {"choices": [{"delta": {"role": "assistant", "content": None}}]}, None
        for word in ("I need ", "the weather."):
            yield {"choices": [{"delta": {"reasoning_content": word}}]}, None
        function = {"name": "get_weather", "arguments": ""}
        yield {"choices": [{"delta": {"tool_calls": [{"index": 0, "id": name, "function": function}]}}]}, None
        for piece in ('{"city": ', '"Paris", "days', '": [1, 2]}'):
            await asyncio.sleep(0)
            yield {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}}]}, None
        yield {"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}, None
        whole = {"name": "get_weather", "arguments": '{"city": "Paris", "days": [1, 2]}'}
        calls = [{"id": name, "type": "function", "function": whole}]
        message = {"role": "assistant", "content": None, "tool_calls": calls}
        yield {}, state.append(messages=message)

    def run_tools(state: State) -> State:
        call = state["messages"][-1]["tool_calls"][0]
        return state.append(messages={"role": "tool", "tool_call_id": call["id"], "content": '{"sky": "clear"}'})

    async def answer(state: State) -> AsyncGenerator[tuple[Any, State | None], None]:
        for word in ("It is ", "clear."):
            yield {"choices": [{"delta": {"content": word}}]}, None
        yield {}, state.append(messages={"role": "assistant", "content": "It is clear."})

    def begin(state: State, prompt: str) -> State:
        return state.append(messages={"role": "user", "content": prompt})

    keys = {"reads": ["messages"], "writes": ["messages"]}
    return build(
        ("ask", "call"),
        ("call", "run_tools"),
        ("run_tools", "answer"),
        ("answer", "ask"),
        ask=does(begin, **keys),
        call=streams(call, **keys),
        run_tools=does(run_tools, **keys),
        answer=streams(answer, **keys),
        state={"messages": []},
    )


@dataclasses.dataclass
class Message:
    """What LangChain's messages look like, as far as anybody needs to know."""

    type: str
    content: Any
    tool_calls: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    tool_call_id: str | None = None
    name: str | None = None


def langchain_like() -> Application[Any]:
    """Objects with a type and a content; the calls of tools have their arguments as dicts."""

    def research(state: State, prompt: str) -> State:
        calls = [{"name": "search", "args": {"query": prompt, "limit": 3}, "id": "c1", "type": "tool_call"}]
        for message in (
            Message("human", prompt),
            Message("ai", [{"type": "text", "text": "I look it up."}], calls),
            Message("tool", "three pages", tool_call_id="c1", name="search"),
            Message("ai", f"Three pages on {prompt}."),
        ):
            state = state.append(messages=message)
        return state

    return build(
        ("research", "research"),
        research=does(research, reads=["messages"], writes=["messages"]),
        state={"messages": []},
    )


def string_history() -> Application[Any]:
    """A history of strings, as in Burr's simple conversational RAG."""

    def converse(state: State, question: str) -> State:
        return state.append(chat_history=f"Human: {question}").append(chat_history=f"AI: You asked: {question}")

    return build(
        ("converse", "converse"),
        converse=does(converse, reads=["chat_history"], writes=["chat_history"]),
        state={"chat_history": []},
    )


class Post(pydantic.BaseModel):
    """What the writer writes."""

    title: str | None = None
    paragraphs: list[str] = []
    tags: list[str] = []


class Writing(pydantic.BaseModel):
    """The writer's state."""

    topic: str | None = None
    post: Post | None = None


def typed_writer() -> Application[Any]:
    """Typed state; the post is streamed as it grows, as instructor's partial models do."""

    @action.pydantic(reads=[], writes=["topic"])
    def take(state: Writing, topic: str) -> Writing:
        state.topic = topic
        return state

    @streaming_action.pydantic(
        reads=["topic"], writes=["post"], state_input_type=Writing, state_output_type=Writing, stream_type=Post
    )
    async def write(state: Writing) -> AsyncGenerator[tuple[Post, Writing | None], None]:
        post = Post(title="")
        for word in ("On ", state.topic or ""):
            post.title = f"{post.title}{word}"
            yield post, None
        for sentence in ("It rises.", "It runs.", "It ends in the sea."):
            post.paragraphs.append("")
            for character in sentence:
                post.paragraphs[-1] += character
                yield post, None
        post.tags = ["water", "geography"]
        state.post = post
        yield post, state

    return (
        ApplicationBuilder()
        .with_actions(take=take, write=write)
        .with_transitions(("take", "write"), ("write", "take"))
        .with_typing(PydanticTypingSystem(Writing))
        .with_state(Writing())
        .with_entrypoint("take")
        .build()
    )


def progress() -> Application[Any]:
    """Tells how far it is, then gives a structured result; keeps no history."""

    async def work(state: State, topic: str) -> AsyncGenerator[tuple[Any, State | None], None]:
        for number in range(1, 5):
            yield {"step": number, "total": 4, "message": f"reading page {number}"}, None
        found = {"topic": topic, "pages": [{"number": n, "words": 100 * n} for n in range(1, 5)], "score": 0.5}
        yield {"found": found}, state.update(found=found)

    return build(("work", "work"), work=streams(work, reads=[], writes=["found"]))


def two_voices() -> Application[Any]:
    """Two actions of one turn stream, one after the other."""

    def voice(words: str) -> Any:
        async def speak(state: State) -> AsyncGenerator[tuple[Any, State | None], None]:
            for word in words.split(" "):
                yield {"delta": f"{word} "}, None
            yield {}, state.append(chat_history={"role": "assistant", "content": words})

        return streams(speak, reads=["chat_history"], writes=["chat_history"])

    return build(
        ("ask", "draft_answer"),
        ("draft_answer", "check_answer"),
        ("check_answer", "ask"),
        ask=ask,
        draft_answer=voice("A first draft."),
        check_answer=voice("It holds."),
        state={"chat_history": []},
    )
