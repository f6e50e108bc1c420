"""Agents that talk to each other: the query is in the state, nobody is asked; LangChain's messages, as objects and as dicts."""

from __future__ import annotations

from typing import Any

from burr.core import Application, ApplicationBuilder, State, action, default, expr

from apps.conventions.expected import Row, Turn


class BaseMessage:
    """What LangChain's messages have in common."""

    type = "base"

    def __init__(self, content: str, name: str | None = None, **more: Any) -> None:
        self.content = content
        self.name = name
        self.additional_kwargs: dict[str, Any] = {}
        self.tool_calls: list[dict[str, Any]] = more.get("tool_calls", [])
        self.tool_call_id: str | None = more.get("tool_call_id")


class AIMessage(BaseMessage):
    """Of a model."""

    type = "ai"


class ToolMessage(BaseMessage):
    """Of a tool."""

    type = "tool"


@action(reads=["query", "messages"], writes=["messages", "sender", "next_hop"])
def researcher(state: State) -> tuple[dict[str, Any], State]:
    """Looks for figures, with a tool; or says that it is done."""
    if any(isinstance(m, ToolMessage) for m in state["messages"][-2:]):
        message = AIMessage("FINAL ANSWER: the Seine is 775 km long.", name="Researcher")
        return {"message": message}, state.append(messages=message).update(sender="researcher", next_hop="complete")
    calls = [{"name": "search", "args": {"query": state["query"]}, "id": "c1", "type": "tool_call"}]
    message = AIMessage("", name="Researcher", tool_calls=calls)
    return {"message": message}, state.append(messages=message).update(sender="researcher", next_hop="call_tool")


@action(reads=["messages", "sender"], writes=["messages"])
def call_tool(state: State) -> tuple[dict[str, Any], State]:
    """Runs what the last message calls."""
    (call,) = state["messages"][-1].tool_calls
    message = ToolMessage("length: 775 km", name=call["name"], tool_call_id=call["id"])
    return {"message": message}, state.append(messages=message)


@action(reads=["messages"], writes=["messages", "sender", "next_hop"])
def chart_generator(state: State) -> tuple[dict[str, Any], State]:
    """Draws what was found; its messages are dicts."""
    message = {"type": "ai", "content": "A chart with one bar.", "name": "ChartGenerator"}
    return {"message": message}, state.append(messages=message).update(sender="chart_generator", next_hop="continue")


@action(reads=["messages"], writes=[])
def terminal(state: State) -> tuple[dict[str, Any], State]:
    """The end."""
    return {}, state


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(researcher, chart_generator, call_tool, terminal)
        .with_transitions(
            ("researcher", "call_tool", expr("next_hop == 'call_tool'")),
            ("researcher", "terminal", expr("next_hop == 'complete'")),
            ("researcher", "chart_generator", default),
            ("call_tool", "chart_generator"),
            ("chart_generator", "researcher"),
        )
        .with_state(query="How long is the Seine?", messages=[], next_hop=None)
        .with_entrypoint("researcher")
        .build()
    )


ROUTE = ["researcher", "call_tool", "chart_generator", "researcher", "terminal"]

POEM, ANSWER = "A poem on a poem: it flows, it flows on.", "An answer on a question: it flows, it flows on."

TALK = [
    ("tool-call", '{"query":"How long is the Seine?"}', "length: 775 km"),
    ("text", "A chart with one bar."),
    ("text", "FINAL ANSWER: the Seine is 775 km long."),
]

ROWS = {
    "several agents": Row(
        application,
        prompt=None,
        history="messages",
        delta=None,
        turns=[Turn(None, ROUTE, TALK, {"sender": "researcher", "next_hop": "complete"}, ends=True) for _ in range(2)],
    ),
}
