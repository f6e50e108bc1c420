"""A chat application whose answering action does what a script says, in every form that Burr knows for an action."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from burr.core import Action, Application, ApplicationBuilder, State, action
from burr.core.action import AsyncStreamingAction, StreamingAction, streaming_action

Op = str | BaseException | Callable[[], Any]
"""Say this; raise this; call this, and await what it returns."""

PLAIN = ("sync-function", "async-function", "sync-class", "async-class")
STREAMING = (
    "sync-stream-function",
    "async-stream-function",
    "sync-bare-dicts",
    "async-bare-dicts",
    "sync-stream-class",
    "async-stream-class",
    "documented-stream-class",  # a StreamingAction whose stream_run is an async generator, as Burr's documentation has it
)
KINDS = PLAIN + STREAMING
SYNC = tuple(kind for kind in KINDS if kind.startswith("sync"))


@dataclass
class Script:
    """What the answering action does, one plan for each run, the last one for all that follow.

    Attributes:
        plans: the operations of each run.
        after: operations after the result was yielded, in streaming functions.
        closed: how many runs have reached their `finally`.
        running: how many are between.
        item: makes the streamed item of a text.
    """

    plans: list[list[Op]]
    after: list[Op] = field(default_factory=list)
    closed: int = 0
    running: int = 0
    item: Callable[[str], Any] = lambda text: {"delta": text}

    def _plan(self) -> list[Op]:
        return self.plans.pop(0) if len(self.plans) > 1 else self.plans[0]

    def sync(self) -> Iterator[str]:
        self.running += 1
        try:
            for op in self._plan():
                if isinstance(op, str):
                    yield op
                else:
                    _do(op)
        finally:
            self.closed += 1
            self.running -= 1

    async def asynchronous(self) -> AsyncIterator[str]:
        self.running += 1
        try:
            for op in self._plan():
                if isinstance(op, str):
                    yield op
                else:
                    done = _do(op)
                    if inspect.isawaitable(done):
                        await done
        finally:
            self.closed += 1
            self.running -= 1


def _do(op: BaseException | Callable[[], Any]) -> Any:
    if isinstance(op, BaseException):
        raise op
    return op()


def _said(state: State, text: str) -> State:
    return state.append(chat_history={"role": "assistant", "content": text, "type": "text"})


def answering(kind: str, script: Script) -> Any:
    """An action of that kind that follows the script. Each run leaves a mark in `log` in place, as careless actions do."""
    writes = ["chat_history"]
    reads = ["chat_history", "log"]

    @action(reads=reads, writes=writes)
    def sync_function(state: State) -> tuple[dict, State]:
        state["log"].append(kind)
        text = "".join(script.sync())
        return {"answer": text}, _said(state, text)

    @action(reads=reads, writes=writes)
    async def async_function(state: State) -> tuple[dict, State]:
        state["log"].append(kind)
        text = "".join([part async for part in script.asynchronous()])
        return {"answer": text}, _said(state, text)

    @streaming_action(reads=reads, writes=writes)
    def sync_stream(state: State) -> Iterator[tuple[Any, State | None]]:
        state["log"].append(kind)
        parts: list[str] = []
        for part in script.sync():
            parts.append(part)
            yield script.item(part), None
        yield {"answer": "".join(parts)}, _said(state, "".join(parts))
        for op in script.after:
            _do(op)

    @streaming_action(reads=reads, writes=writes)
    async def async_stream(state: State) -> AsyncIterator[tuple[Any, State | None]]:
        state["log"].append(kind)
        parts: list[str] = []
        source = script.asynchronous()
        try:
            async for part in source:
                parts.append(part)
                yield script.item(part), None
        finally:
            await source.aclose()
        yield {"answer": "".join(parts)}, _said(state, "".join(parts))
        for op in script.after:
            _do(op)

    @streaming_action(reads=reads, writes=writes)
    def sync_bare(state: State) -> Iterator[Any]:
        state["log"].append(kind)
        parts: list[str] = []
        for part in script.sync():
            parts.append(part)
            yield {"delta": part}
        yield {"answer": "".join(parts)}, _said(state, "".join(parts))

    @streaming_action(reads=reads, writes=writes)
    async def async_bare(state: State) -> AsyncIterator[Any]:
        state["log"].append(kind)
        parts: list[str] = []
        source = script.asynchronous()
        try:
            async for part in source:
                parts.append(part)
                yield {"delta": part}
        finally:
            await source.aclose()
        yield {"answer": "".join(parts)}, _said(state, "".join(parts))

    class Base(Action):
        @property
        def reads(self) -> list[str]:
            return reads

        @property
        def writes(self) -> list[str]:
            return writes

        def update(self, result: dict, state: State) -> State:
            return _said(state, result["answer"])

    class SyncClass(Base):
        def run(self, state: State) -> dict:
            state["log"].append(kind)
            return {"answer": "".join(script.sync())}

    class AsyncClass(Base):
        async def run(self, state: State) -> dict:
            state["log"].append(kind)
            return {"answer": "".join([part async for part in script.asynchronous()])}

    class SyncStream(Base, StreamingAction):
        def stream_run(self, state: State) -> Iterator[Any]:
            state["log"].append(kind)
            parts: list[str] = []
            for part in script.sync():
                parts.append(part)
                yield script.item(part)
            yield {"answer": "".join(parts)}

    async def run_stream(_: Any, state: State) -> AsyncIterator[Any]:
        state["log"].append(kind)
        parts: list[str] = []
        source = script.asynchronous()
        try:
            async for part in source:
                parts.append(part)
                yield script.item(part)
        finally:
            await source.aclose()
        yield {"answer": "".join(parts)}

    class AsyncStream(Base, AsyncStreamingAction):
        stream_run = run_stream

    class DocumentedStream(Base, StreamingAction):
        stream_run = run_stream

    made: dict[str, Callable[[], Any]] = {
        "sync-function": lambda: sync_function,
        "async-function": lambda: async_function,
        "sync-class": SyncClass,
        "async-class": AsyncClass,
        "sync-stream-function": lambda: sync_stream,
        "async-stream-function": lambda: async_stream,
        "sync-bare-dicts": lambda: sync_bare,
        "async-bare-dicts": lambda: async_bare,
        "sync-stream-class": SyncStream,
        "async-stream-class": AsyncStream,
        "documented-stream-class": DocumentedStream,
    }
    return made[kind]()


@action(reads=[], writes=["prompt", "chat_history"])
def human(state: State, prompt: str) -> State:
    """Takes what the person typed."""
    return state.update(prompt=prompt).append(chat_history={"role": "user", "content": prompt, "type": "text"})


def scripted_builder(kind: str, script: Script) -> ApplicationBuilder:
    """Human, answer, human again; not yet built."""
    return (
        ApplicationBuilder()
        .with_actions(human=human, answer=answering(kind, script))
        .with_transitions(("human", "answer"), ("answer", "human"))
        .with_state(chat_history=[], log=[])
        .with_entrypoint("human")
    )


def scripted_app(kind: str, *plans: list[Op], **options: Any) -> tuple[Application, Script]:
    """The application, and the script that its answering action follows."""
    script = Script([list(plan) for plan in plans], **options)
    return scripted_builder(kind, script).build(), script
