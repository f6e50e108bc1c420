"""Conversational retrieval from a graph database: OpenAI's messages, tool calls and results among them; two clients are given."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from burr.core import Application, ApplicationBuilder, State, action, default, expr

from apps.conventions.expected import Row, Turn


@dataclass
class Function:
    """As in openai's own classes."""

    name: str
    arguments: str


@dataclass
class ToolCall:
    """As in openai's own classes."""

    id: str
    function: Function
    type: str = "function"


@dataclass
class Completion:
    """The message of a chat completion."""

    content: str | None
    tool_calls: list[ToolCall] | None = None
    role: str = "assistant"


class Client:
    """Calls a tool when it knows a city, and tells what the tool said."""

    def complete(self, messages: list[Any]) -> Completion:
        """The next message."""
        last: Any = messages[-1]
        if last["role"] == "tool":
            return Completion(f"I found {last['content']}.")
        if "river" not in last["content"]:
            return Completion("Ask me about rivers.")
        query = json.dumps({"query": f"MATCH {last['content'].split()[-1]}"})
        return Completion(None, [ToolCall(f"call_{len(messages)}", Function("query_graph", query))])


class Graph:
    """A database of two rivers."""

    rivers = {"Paris": ["Seine"], "London": ["Thames"]}

    def query(self, cypher: str) -> list[str]:
        """The rivers of the city that the query names."""
        return self.rivers.get(cypher.split()[-1], [])


def inputs() -> dict[str, Any]:
    """The clients."""
    return {"client": Client(), "graph": Graph()}


@action(reads=[], writes=["question", "chat_history"])
def human_converse(state: State, user_question: str) -> tuple[dict[str, Any], State]:
    """Takes the question."""
    item = {"role": "user", "content": user_question}
    return {"question": user_question}, state.update(question=user_question).append(chat_history=item)


@action(reads=["question", "chat_history"], writes=["chat_history", "tool_calls"])
def create_cypher_query(state: State, client: Client) -> tuple[dict[str, Any], State]:
    """Lets the model write a query."""
    message = client.complete(state["chat_history"])
    calls = [{"id": c.id, "name": c.function.name, "args": c.function.arguments} for c in message.tool_calls or []]
    return {"usage": {"tokens": 3}}, state.append(chat_history=message).update(tool_calls=calls)


@action(reads=["tool_calls", "chat_history"], writes=["chat_history"])
def answer(state: State, client: Client, graph: Graph) -> tuple[dict[str, Any], State]:
    """Runs the queries, and lets the model answer with what they found."""
    for call in state["tool_calls"]:
        found = json.dumps(graph.query(json.loads(call["args"])["query"]))
        item = {"role": "tool", "tool_call_id": call["id"], "name": call["name"], "content": found}
        state = state.append(chat_history=item)
    message = client.complete(state["chat_history"])
    return {"answer": message.content}, state.append(chat_history={"role": message.role, "content": message.content})


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(human_converse, create_cypher_query, answer)
        .with_transitions(
            ("human_converse", "create_cypher_query"),
            ("create_cypher_query", "answer", expr("len(tool_calls) > 0")),
            ("create_cypher_query", "human_converse", default),
            ("answer", "human_converse"),
        )
        .with_state(chat_history=[{"role": "system", "content": "You know rivers."}], tool_calls=[])
        .with_entrypoint("human_converse")
        .build()
    )


ROWS = {
    "retrieval from a graph": Row(
        application,
        prompt="user_question",
        history="chat_history",
        delta=None,
        turns=[
            Turn(
                "A river in Paris",
                ["human_converse", "create_cypher_query", "answer"],
                [
                    ("user", "A river in Paris"),
                    ("tool-call", '{"query": "MATCH Paris"}', '["Seine"]'),
                    ("text", 'I found ["Seine"].'),
                ],
                {"question": "A river in Paris"},
            ),
            Turn(
                "hello",
                ["human_converse", "create_cypher_query"],
                [("user", "hello"), ("text", "Ask me about rivers.")],
                {"tool_calls": []},
            ),
        ],
        inputs=inputs(),
    ),
}
