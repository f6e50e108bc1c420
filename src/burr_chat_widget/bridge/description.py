"""An application as data: its graph, and the model that it talks to."""

from __future__ import annotations

import inspect
from typing import Any
from urllib.parse import urlsplit

from burr.core import Action, Application

from burr_chat_widget.errors import NotAnApplication
from burr_chat_widget.protocol.graph import ActionInfo, Graph, TransitionInfo

from .inputs import external_inputs
from .printable import clean, short
from .private import bound_parameters, original_function
from .transitions import condition_name

__all__ = ["bound_clients", "check_application", "describe_graph", "describe_model"]


def check_application(app: object) -> None:
    """Make sure that `app` is a built application.

    Raises:
        NotAnApplication: if it is anything else.
    """
    if isinstance(app, Application):
        return
    if app is None:
        raise NotAnApplication("no application was given; pass the one that ApplicationBuilder.build() returns")
    built = "; call .build() on the builder first" if type(app).__name__ == "ApplicationBuilder" else ""
    raise NotAnApplication(f"{short(app)} is no Burr application{built}")


SOURCE_LIMIT = 4000


def describe_graph(app: Application[Any]) -> Graph:
    """The state machine, in the order of declaration.

    Not Burr's own `ApplicationModel`, which swaps required and optional inputs and fails on a condition without a name.
    """
    graph = app.graph
    left = {t.from_.name for t in graph.transitions}
    return Graph(
        entrypoint=graph.entrypoint.name,
        actions=[_describe_action(a, terminal=a.name not in left) for a in graph.actions],
        transitions=[
            TransitionInfo(from_action=t.from_.name, to_action=t.to.name, condition=condition_name(t.condition))
            for t in graph.transitions
        ],
    )


def _describe_action(action: Action, *, terminal: bool) -> ActionInfo:
    required, optional = external_inputs(action)
    return ActionInfo(
        name=action.name,
        reads=list(action.reads),
        writes=list(action.writes),
        inputs=required,
        optional_inputs=optional,
        tags=list(action.tags or []),
        streaming=action.streaming,
        terminal=terminal,
        docstring=_docstring(action),
        source=_source(action),
    )


def _docstring(action: Action) -> str | None:
    fn = original_function(action)
    # A class without one would inherit that of Burr's base class.
    docstring = fn.__doc__ if fn is not None else vars(type(action)).get("__doc__")
    return clean(inspect.cleandoc(docstring)) if docstring else None


def _source(action: Action) -> str | None:
    try:
        source = action.get_source()
    except Exception:  # what was made by exec has none
        return None
    if source == "No source available":
        return None
    return clean(source if len(source) <= SOURCE_LIMIT else source[:SOURCE_LIMIT] + "\n…")


def describe_model(app: Application[Any]) -> str | None:
    """Which model the application talks to, such as `gpt-4o-mini at api.openai.com`; None when no client is bound.

    A bound parameter with `base_url` and `chat` is taken for an OpenAI-style client. A host that ends in `.invalid` is no
    network at all.
    """
    for action in app.graph.actions:
        bound = bound_parameters(action)
        for value in filter(_is_client, bound.values()):
            host = urlsplit(str(value.base_url)).hostname or str(value.base_url)
            if host.endswith(".invalid"):
                return "offline model (no network)"
            model = bound.get("model") or _default_model(action)
            return clean(f"{model} at {host}" if isinstance(model, str) else host)
    return None


def bound_clients(app: Application[Any]) -> list[Any]:
    """The OpenAI-style clients that are bound to its actions."""
    return [value for action in app.graph.actions for value in bound_parameters(action).values() if _is_client(value)]


def _is_client(value: object) -> bool:
    return hasattr(value, "base_url") and hasattr(value, "chat")


def _default_model(action: Action) -> object:
    fn = original_function(action)
    parameter = inspect.signature(fn).parameters.get("model") if fn is not None else None
    return None if parameter is None or parameter.default is inspect.Parameter.empty else parameter.default
