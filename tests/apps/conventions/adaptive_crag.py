"""Retrieval that corrects itself: the router takes a query and, if one likes, a number of attempts; a loop inside the turn."""

from __future__ import annotations

from typing import Any

from burr.core import Application, ApplicationBuilder, State, action, default, expr, when

from apps.conventions.expected import Row, Turn

PAGES = {"Seine": "The Seine is 775 km long."}


@action(reads=["chat_history"], writes=["query", "attempts", "route", "chat_history", "docs"])
def router(state: State, query: str, attempts: int = 2) -> tuple[dict[str, Any], State]:
    """Decides where the query goes."""
    route = "ask_assistant" if "hello" in query else "retrieve"
    state = state.append(chat_history={"role": "user", "content": query})
    return {"route": route}, state.update(query=query, attempts=attempts, route=route, docs=[])


@action(reads=["query", "attempts"], writes=["docs", "attempts"])
def retrieve(state: State) -> State:
    """Looks it up."""
    docs = [text for name, text in PAGES.items() if name in state["query"]]
    return state.update(docs=docs, attempts=state["attempts"] - 1)


@action(reads=["query"], writes=["query"])
def rewrite_query(state: State) -> State:
    """Asks the same in other words."""
    return state.update(query=state["query"].replace("river of Paris", "Seine"))


@action(reads=["query", "docs"], writes=["chat_history"])
def ask_assistant(state: State) -> tuple[dict[str, Any], State]:
    """Answers."""
    content = " ".join(state["docs"]) or f"I have nothing on: {state['query']}"
    item = {"role": "assistant", "content": content}
    return {"response": item}, state.append(chat_history=item)


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(router, retrieve, rewrite_query, ask_assistant)
        .with_transitions(
            ("router", "ask_assistant", when(route="ask_assistant")),
            ("router", "retrieve", default),
            ("retrieve", "rewrite_query", expr("len(docs) == 0 and attempts > 0")),
            ("retrieve", "ask_assistant", default),
            ("rewrite_query", "retrieve"),
            ("ask_assistant", "router"),
        )
        .with_state(chat_history=[])
        .with_entrypoint("router")
        .build()
    )


ROWS = {
    "corrective retrieval": Row(
        application,
        prompt="query",
        history="chat_history",
        delta=None,
        turns=[
            Turn(
                "How long is the river of Paris?",
                ["router", "retrieve", "rewrite_query", "retrieve", "ask_assistant"],
                [("user", "How long is the river of Paris?"), ("text", "The Seine is 775 km long.")],
                {"query": "How long is the Seine?", "attempts": 0},
            ),
            Turn(
                "hello",
                ["router", "ask_assistant"],
                [("user", "hello"), ("text", "I have nothing on: hello")],
                {"attempts": 2, "docs": []},
            ),
        ],
        fields={"attempts": "integer"},
    ),
}
