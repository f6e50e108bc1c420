"""Tools as actions: a query is routed to one of them, or to the fallback; the last action writes `final_output`."""

from __future__ import annotations

from typing import Any

from burr.core import Application, ApplicationBuilder, State, action, default, when

from apps.conventions.expected import Row, Turn


@action(reads=[], writes=["query"])
def process_input(state: State, query: str) -> State:
    """Takes the query."""
    return state.update(query=query)


@action(reads=["query"], writes=["tool_parameters", "tool"])
def select_tool(state: State) -> State:
    """Which tool, and with which parameters."""
    *_, last = state["query"].split()
    tool = "query_weather" if "weather" in state["query"] else "fallback"
    return state.update(tool=tool, tool_parameters={"argument": last})


@action(reads=["tool_parameters"], writes=["raw_response"])
def call_tool(state: State, tool_function: Any) -> State:
    """Calls the tool."""
    return state.update(raw_response=tool_function(**state["tool_parameters"]))


@action(reads=["query", "raw_response"], writes=["final_output"])
def format_results(state: State) -> tuple[dict[str, Any], State]:
    """Makes a sentence of what the tool gave back."""
    raw = state["raw_response"]
    said = f"It is {raw['sky']} in {raw['place']}." if "sky" in raw else raw["error"]
    return {"final_output": said}, state.update(final_output=said)


def weather(argument: str) -> dict[str, str]:
    """What the weather is."""
    return {"place": argument, "sky": "clear"}


def fallback(argument: str) -> dict[str, str]:
    """Nothing fits."""
    return {"error": f"No tool knows {argument}."}


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(
            process_input=process_input,
            select_tool=select_tool,
            query_weather=call_tool.bind(tool_function=weather),
            fallback=call_tool.bind(tool_function=fallback),
            format_results=format_results,
        )
        .with_transitions(
            ("process_input", "select_tool"),
            ("select_tool", "query_weather", when(tool="query_weather")),
            ("select_tool", "fallback", default),
            (["query_weather", "fallback"], "format_results"),
            ("format_results", "process_input"),
        )
        .with_entrypoint("process_input")
        .build()
    )


ROWS = {
    "tools as actions": Row(
        application,
        prompt="query",
        history=None,
        delta=None,
        turns=[
            Turn(
                text,
                ["process_input", "select_tool", tool, "format_results"],
                [("user", text), ("text", answer)],
                {"tool": tool, "final_output": answer},
            )
            for text, tool, answer in (
                ("the weather in Paris", "query_weather", "It is clear in Paris."),
                ("Rome", "fallback", "No tool knows Rome."),
            )
        ],
    ),
}
