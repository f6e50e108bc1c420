"""Applications that go wrong, each in its own way."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any

from burr.core import Application, ApplicationBuilder, State, action
from burr.core.action import streaming_action

MEGABYTE = "0123456789abcde\n" * 65_536


def _raises_before() -> Iterator[Any]:
    raise RuntimeError("broke before the stream")


def _raises_during() -> Iterator[Any]:
    yield {"delta": "The first half"}
    raise RuntimeError("broke in the middle")


def _is_no_text() -> Iterator[Any]:
    yield {"delta": 42}
    yield {"delta": [1, 2]}


WAYS: dict[str, Callable[[], Iterator[Any]]] = {
    "before": _raises_before,
    "during": _raises_during,
    "after": lambda: iter([{"delta": "All of it"}]),
    "no text": _is_no_text,
    "surrogate": lambda: iter([{"delta": "half \ud83d"}, {"delta": " a pair"}]),
    "megabyte": lambda: iter([{"delta": MEGABYTE}]),
    "empty": lambda: iter([]),
}
"""What the answer to a prompt of that name is; any other is answered with `All is well`."""


@action(reads=["chat_history"], writes=["way", "chat_history"])
def prompt(state: State, prompt: str) -> State:
    """Take the name of what is to go wrong."""
    return state.update(way=prompt).append(chat_history={"role": "user", "content": prompt})


@streaming_action(reads=["way", "chat_history"], writes=["chat_history"])
async def answer(state: State) -> AsyncGenerator[tuple[Any, State | None], None]:
    """Go wrong."""
    said = ""
    for item in WAYS.get(state["way"], lambda: iter([{"delta": "All is well"}]))():
        said += str(item["delta"])
        yield item, None
    final = {"role": "assistant", "content": said}
    yield {"response": final}, state.append(chat_history=final)
    if state["way"] == "after":
        raise RuntimeError("broke when all was said")


def application() -> Application[Any]:
    """A fresh one that goes wrong as `WAYS` says."""
    return (
        ApplicationBuilder()
        .with_actions(prompt, answer)
        .with_transitions(("prompt", "answer"), ("answer", "prompt"))
        .with_state(chat_history=[])
        .with_entrypoint("prompt")
        .build()
    )


class Index:
    """What nobody types."""

    def __init__(self, pages: dict[str, str]) -> None:
        self.pages = pages


@action(reads=[], writes=["found"])
def search(state: State, query: str, index: Index) -> State:
    """Needs what nobody types."""
    return state.update(found=index.pages[query])


def needs_more() -> Application[Any]:
    """Its action takes a text and an object."""
    return ApplicationBuilder().with_actions(search).with_entrypoint("search").build()


@action(reads=["count"], writes=["count"])
def count(state: State) -> State:
    """Takes nothing, and counts."""
    return state.update(count=state["count"] + 1)


@streaming_action(reads=["count"], writes=["said"])
async def tell(state: State) -> AsyncGenerator[tuple[Any, State | None], None]:
    """Say the count; the last action."""
    text = f"counted to {state['count']}"
    yield {"delta": text}, None
    yield {"text": text}, state.update(said=text)


def without_inputs() -> Application[Any]:
    """Asks for nothing, and ends."""
    return (
        ApplicationBuilder()
        .with_actions(count, tell)
        .with_transitions(("count", "tell"))
        .with_state(count=0)
        .with_entrypoint("count")
        .build()
    )
