"""An application that asks several questions side by side and waits in each of them until it is let go: so tests see it live.

ask -> decide -> compare -> join -> ask. `decide` is traced; `compare` runs an application for each question, of one action or
of two (`deep`). A question that begins with `!` is not answered but fails.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Generator
from typing import Any

from burr.core import Application, ApplicationBuilder, ApplicationContext, GraphBuilder, State, action
from burr.core.parallelism import MapStates, RunnableGraph
from burr.visibility import TracerFactory

FAIL = "!"

_gates: defaultdict[str, threading.Event] = defaultdict(threading.Event)


def let_go(*questions: str) -> None:
    """Let these questions be answered."""
    for question in questions:
        _gates[question].set()


@action(reads=[], writes=["questions", "chat_history"])
def ask(state: State, prompt: str) -> State:
    """Take the questions, with commas between them."""
    questions = [question.strip() for question in prompt.split(",")]
    return state.update(questions=questions).append(chat_history={"role": "user", "content": prompt})


@action(reads=["questions"], writes=["many"])
def decide(state: State, __tracer: TracerFactory) -> State:
    """Count the questions, in a span inside a span."""
    __tracer.log_attributes(model="none")
    with __tracer("plan") as plan:
        with __tracer("count"):
            count = len(state["questions"])
        plan.log_attributes(count=count)
    return state.update(many=count > 1)


@action(reads=["question"], writes=["page"])
def look_up(state: State) -> State:
    """Find the page."""
    return state.update(page=len(state["question"]))


@action(reads=["question"], writes=["answer"])
def answer(state: State) -> State:
    """Answer one question, when it is let go."""
    question = state["question"]
    _gates[question].wait(180)
    if question.startswith(FAIL):
        raise ValueError(f"nobody knows {question!r}")
    return state.update(answer=question.upper())


class Compare(MapStates):
    """Asks every question, each in an application of its own."""

    def __init__(self, deep: bool) -> None:
        super().__init__()
        self._deep = deep

    def states(self, state: State, context: ApplicationContext, inputs: dict[str, Any]) -> Generator[State, None, None]:
        """One state for each question."""
        del context, inputs
        for question in state["questions"]:
            yield state.update(question=question)

    def action(self, state: State, inputs: dict[str, Any]) -> RunnableGraph:
        """What runs for each."""
        del state, inputs
        if not self._deep:
            return RunnableGraph.create(answer)
        graph = GraphBuilder().with_actions(look_up, answer).with_transitions(("look_up", "answer")).build()
        return RunnableGraph(graph=graph, entrypoint="look_up", halt_after=["answer"])

    def reduce(self, state: State, states: Generator[State, None, None]) -> State:
        """All answers."""
        return state.update(answers=[sub["answer"] for sub in states])

    @property
    def reads(self) -> list[str]:
        return ["questions"]

    @property
    def writes(self) -> list[str]:
        return ["answers"]


@action(reads=["answers"], writes=["chat_history"])
def join(state: State) -> State:
    """Say all answers in one."""
    return state.append(chat_history={"role": "assistant", "content": ", ".join(state["answers"])})


def application(deep: bool = False) -> Application[Any]:
    """A fresh one, in which nothing has been let go."""
    _gates.clear()
    return (
        ApplicationBuilder()
        .with_actions(ask, decide, join, compare=Compare(deep))
        .with_transitions(("ask", "decide"), ("decide", "compare"), ("compare", "join"), ("join", "ask"))
        .with_state(chat_history=[])
        .with_entrypoint("ask")
        .build()
    )
