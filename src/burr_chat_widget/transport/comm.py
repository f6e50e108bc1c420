"""What ipykernel does with comms that a stream has to mind. Its private parts are touched here only, and only if they are there."""

from __future__ import annotations

import contextvars
from typing import Any, cast

__all__ = ["pump_context", "route_by_page"]


def route_by_page(comm: Any) -> None:
    """Let the page's messages reach the thread that the page chose for them.

    ipykernel 7.4 sends each to the thread that last wrote to the comm instead, which for a chat is the main thread: a
    prompt, or Stop, would wait for the cell that runs there.
    """
    if hasattr(comm, "_reply_subshell_for"):

        def keep(_data: object, chosen: object) -> object:
            return chosen

        comm._reply_subshell_for = keep


def pump_context(comm: Any) -> contextvars.Context:
    """A context to send frames in: they belong to no request.

    Without it ipykernel names the request handled last in each message as its parent, which is a third of what a small frame
    weighs, and remembers it for the routing above.
    """
    context = contextvars.Context()
    parent = getattr(getattr(comm, "kernel", None), "_shell_parent", None)
    if isinstance(parent, contextvars.ContextVar):
        context.run(cast("contextvars.ContextVar[dict[str, Any]]", parent).set, {})
    return context
