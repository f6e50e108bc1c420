"""What kernels do with comms and outputs that a stream has to mind: ipykernel, and JupyterLite's.

Its private parts are touched here only, and only if they are there.
"""

from __future__ import annotations

import contextvars
import json
import sys
import threading
from typing import Any, cast

import msgspec

__all__ = ["cell_context", "incoming", "outgoing", "post", "route_by_page", "shown_under"]

_OUTLETS = ("parent_header", "shell_parent", "shell_parent_ident", "burr_chat_cell")
"""The names of the context variables that say which cell an output belongs to: ipykernel's, and ours."""

_cell: contextvars.ContextVar[dict[str, Any]] = contextvars.ContextVar("burr_chat_cell")
"""The header of the cell that `display()` belongs to, on ipykernel 6."""


def route_by_page(comm: Any) -> None:
    """Let the page's messages reach the thread that the page chose for them.

    ipykernel 7.4 sends each to the thread that last wrote to the comm instead, which for a chat is the main thread: a
    prompt, or Stop, would wait for the cell that runs there.
    """
    if hasattr(comm, "_reply_subshell_for"):

        def keep(_data: object, chosen: object) -> object:
            return chosen

        comm._reply_subshell_for = keep


def post(comm: Any, content: dict[str, Any], buffers: list[bytes] | None = None) -> bool:
    """Send a message to a widget's models; False, and nothing sent, where only the comm itself can.

    The comm would send the same at half as many bytes again for a small frame: it belongs to no request, so it does not
    repeat the header of the one handled last, which ipykernel would also remember for the routing above; it names its
    session once; its content is without spaces.
    """
    session = getattr(getattr(comm, "kernel", None), "session", None)
    if type(comm).__module__ != "ipykernel.comm.comm" or session is None or session.packer not in ("json", "orjson"):
        return False
    message = {"comm_id": comm.comm_id, "data": {"method": "custom", "content": content}}
    try:
        packed = msgspec.json.encode(message)
    except UnicodeEncodeError:  # half of a surrogate pair, which can be escaped only
        packed = json.dumps(message).encode()
    header = session.msg_header("comm_msg")
    header["msg_id"] = header["msg_id"].removeprefix(f"{session.session}_")  # unique in the session
    header["username"] = ""
    session.send(comm.kernel.iopub_socket, "comm_msg", packed, header=header, ident=comm.topic, buffers=buffers)
    return True


def outgoing(comm: Any, content: dict[str, Any]) -> dict[str, Any]:
    """A message's content as the comm itself can send it.

    JupyterLite's makes `undefined` of None, and leaves out what is undefined: it is handed JavaScript's null in its place.
    """
    return _replaced(content, None, _null()) if type(comm).__module__ == "pyodide_kernel.comm" else content


def incoming(content: Any) -> Any:
    """What a page has sent, as Python has it: in Pyodide, JavaScript's null is a value of its own."""
    null = _null()
    return content if null is None else _replaced(content, null, None)


def _null() -> Any:
    return getattr(sys.modules.get("pyodide.ffi"), "jsnull", None)


def _replaced(value: Any, old: object, new: object) -> Any:
    if value is old:
        return new
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {key: _replaced(member, old, new) for key, member in members.items()}
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [_replaced(item, old, new) for item in items]
    return value


def cell_context() -> contextvars.Context:
    """A copy of the context of the cell that runs now: what is printed or displayed in it lands under that cell."""
    context = contextvars.copy_context()
    publisher = _display_publisher()
    # From ipykernel 7 on the publisher, too, keeps the cell in a context variable; 6 has one for the whole kernel.
    if publisher is not None and not hasattr(publisher, "_parent_header"):
        _place_displays(publisher)
        context.run(_cell.set, publisher.parent_header)
    return context


def shown_under(shown: contextvars.Context, context: contextvars.Context) -> contextvars.Context:
    """`context`, with the outputs of `shown`: what runs in it sees the caller's variables and prints where the chat is."""
    for variable, value in shown.items():
        if variable.name in _OUTLETS:
            context.run(variable.set, value)
    return context


def _display_publisher() -> Any:
    """That of the kernel that this is, if it is one."""
    application = getattr(sys.modules.get("ipykernel.kernelapp"), "IPKernelApp", None)
    if application is None or not application.initialized():
        return None
    publisher = getattr(application.instance().shell, "display_pub", None)
    return publisher if hasattr(publisher, "parent_header") else None


class _Hooks(threading.local):
    """What ipykernel's display publisher asks for the hooks of each thread; all have ours."""

    def __init__(self) -> None:
        self.hooks = [_move_to_cell]


def _place_displays(publisher: Any) -> None:
    local = getattr(publisher, "_thread_local", None)
    if local is not None and not isinstance(local, _Hooks):
        hooks = _Hooks()
        hooks.hooks += getattr(local, "hooks", [])
        publisher._thread_local = hooks


def _move_to_cell(message: dict[str, Any]) -> dict[str, Any]:
    header = _cell.get(None)
    return message if header is None else {**message, "parent_header": header}
