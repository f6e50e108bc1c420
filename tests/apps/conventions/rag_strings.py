"""Conversational retrieval, the simple way: a history of strings, a vector store that is bound or given, and a word that ends it."""

from __future__ import annotations

from typing import Any

from burr.core import Application, ApplicationBuilder, State, action, default, expr

from apps.conventions.expected import Row, Turn


class VectorStore:
    """Finds a sentence for a word."""

    def __init__(self, sentences: dict[str, str]) -> None:
        self.sentences = sentences

    def find(self, text: str) -> str:
        """The first sentence whose word is in the text."""
        return next((s for word, s in self.sentences.items() if word in text), "nothing was found")


STORE = VectorStore({"Seine": "It flows through Paris.", "Thames": "It flows through London."})


@action(reads=[], writes=["question", "chat_history"])
def human_converse(state: State, user_question: str) -> tuple[dict[str, Any], State]:
    """Takes the question."""
    return {"question": user_question}, state.update(question=user_question).append(
        chat_history=f"Human: {user_question}"
    )


@action(reads=["question", "chat_history"], writes=["chat_history"])
def ai_converse(state: State, vector_store: VectorStore) -> tuple[dict[str, Any], State]:
    """Answers with what the store has."""
    found = vector_store.find(state["question"])
    return {"conversational_rag_answer": found}, state.append(chat_history=f"AI: {found}")


@action(reads=[], writes=[])
def terminal(state: State) -> tuple[dict[str, Any], State]:
    """The end."""
    return {}, state


def application(*, bound: bool = True) -> Application[Any]:
    """A fresh one; unless `bound`, the store is to be given as an input."""
    return (
        ApplicationBuilder()
        .with_actions(
            human_converse=human_converse,
            ai_converse=ai_converse.bind(vector_store=STORE) if bound else ai_converse,
            terminal=terminal,
        )
        .with_transitions(
            ("ai_converse", "human_converse"),
            ("human_converse", "terminal", expr("'exit' in question")),
            ("human_converse", "ai_converse", default),
        )
        .with_state(chat_history=[])
        .with_entrypoint("human_converse")
        .build()
    )


def application_unbound() -> Application[Any]:
    """A fresh one that has to be given its store."""
    return application(bound=False)


ROWS = {
    "retrieval with strings": Row(
        application,
        prompt="user_question",
        history="chat_history",
        delta=None,
        turns=[
            Turn(
                "The Seine?",
                ["human_converse", "ai_converse"],
                [("user", "The Seine?"), ("text", "It flows through Paris.")],
                {"chat_history": ["Human: The Seine?", "AI: It flows through Paris."]},
            ),
            Turn(
                "exit",
                ["human_converse", "terminal"],
                [
                    ("user", "exit"),
                    (
                        "notice",
                        "The turn ended without an answer: no text was streamed and no message recorded; the application has ended.",
                    ),
                ],
                {"question": "exit"},
                ends=True,
            ),
        ],
    ),
    "retrieval with strings, store given": Row(
        application_unbound,
        prompt="user_question",
        history="chat_history",
        delta=None,
        turns=[
            Turn(
                text,
                ["human_converse", "ai_converse"],
                [("user", text), ("text", answer)],
                {"question": text},
            )
            for text, answer in (
                ("The Seine?", "It flows through Paris."),
                ("The Thames?", "It flows through London."),
            )
        ],
        inputs={"vector_store": STORE},
    ),
}
