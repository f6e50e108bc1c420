"""The graph as data, and the model in words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from burr.core import Condition, State, default, expr, when
from burr.core.action import Input, Result

from apps.graphs import build, does
from burr_chat_widget.bridge import describe_graph, describe_model


def ask(state: State, client: Any, prompt: str, model: str = "m-1", **run_kwargs: Any) -> State:  # noqa: ARG001
    """Ask a model.

    At length.
    """
    return state


def client(url: str) -> Any:
    return SimpleNamespace(base_url=url, chat=object())


def test_graph() -> None:
    """Traps: Burr's model of the graph swaps required and optional inputs and fails on a condition without a name."""
    app = build(
        ("begin", "ask", when(mode="x")),
        ("begin", "end", Condition(["a"], lambda s: s["a"])),
        ("ask", "begin", ~expr("a > 1")),
        ("ask", "end", default),
        begin=Input("mode"),
        ask=does(ask, reads=["mode"], writes=[]).bind(client=client("http://x")),
        end=Result("mode"),
    )
    graph = describe_graph(app)
    assert graph.entrypoint == "begin"
    assert [(t.from_action, t.to_action, t.condition) for t in graph.transitions] == [
        ("begin", "ask", "mode=x"),
        ("begin", "end", "condition"),
        ("ask", "begin", "~a > 1"),
        ("ask", "end", "default"),
    ]
    begin, middle, end = graph.actions
    assert (begin.inputs, begin.writes, begin.terminal) == (["mode"], ["mode"], False)
    assert (middle.inputs, middle.optional_inputs, middle.reads) == (["prompt"], ["model"], ["mode"])
    assert middle.docstring == "Ask a model.\n\nAt length."
    assert "def ask(" in (middle.source or "")
    assert (end.terminal, end.docstring) == (True, None if Result.__doc__ is None else end.docstring)


def test_no_source() -> None:
    """Trap: what was made by exec has no source, and Burr raises OSError."""
    names: dict[str, Any] = {}
    exec("def made(state): return state", names)
    assert describe_graph(build(made=does(names["made"]))).actions[0].source is None


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        ({"client": client("https://api.openai.com/v1/")}, "m-1 at api.openai.com"),
        ({"client": client("https://api.openai.com/v1/"), "model": "m-2"}, "m-2 at api.openai.com"),
        ({"client": client("http://localhost:11434/v1")}, "m-1 at localhost"),
        ({"client": client("http://offline.invalid/v1")}, "offline model (no network)"),
        ({"client": object()}, None),
        ({}, None),
    ],
)
def test_model(bound: dict[str, Any], words: str | None) -> None:
    assert describe_model(build(ask=does(ask).bind(**bound))) == words
