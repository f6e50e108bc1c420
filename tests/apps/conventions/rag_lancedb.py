"""Retrieval with a vector database: three actions in a ring, of which the last speaks for the bot."""

from __future__ import annotations

from typing import Any

from burr.core import Application, ApplicationBuilder, State, action

from apps.conventions.expected import Row, Turn

CHUNKS = ["The Seine flows through Paris.", "The Thames flows through London."]


@action(reads=[], writes=["chat_history", "user_query"])
def process_user_query(state: State, user_query: str) -> State:
    """Takes the query."""
    return state.update(user_query=user_query).append(chat_history={"role": "user", "content": user_query})


@action(reads=["user_query"], writes=["relevant_chunks"])
def search_relevant_chunks(state: State) -> State:
    """Finds what is near to it."""
    words = set(state["user_query"].strip("?").split())
    return state.update(relevant_chunks=[c for c in CHUNKS if words & set(c.strip(".").split()[1:2])])


@action(reads=["user_query", "relevant_chunks"], writes=["chat_history"])
def bot_turn(state: State) -> State:
    """Says what was found."""
    said = "\n".join(state["relevant_chunks"]) or "I do not know."
    return state.append(chat_history={"role": "assistant", "content": said})


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(process_user_query, search_relevant_chunks, bot_turn)
        .with_transitions(
            ("process_user_query", "search_relevant_chunks"),
            ("search_relevant_chunks", "bot_turn"),
            ("bot_turn", "process_user_query"),
        )
        .with_state(chat_history=[])
        .with_entrypoint("process_user_query")
        .build()
    )


ROWS = {
    "retrieval in a ring": Row(
        application,
        prompt="user_query",
        history="chat_history",
        delta=None,
        turns=[
            Turn(
                text,
                ["process_user_query", "search_relevant_chunks", "bot_turn"],
                [("user", text), ("text", answer)],
                {"user_query": text, "relevant_chunks": chunks},
            )
            for text, answer, chunks in (
                ("Where is the Seine?", CHUNKS[0], CHUNKS[:1]),
                ("hello", "I do not know.", []),
            )
        ],
    ),
}
