"""A conversation as a page of its own: our views, what they show and all that they need in one file, which fetches nothing."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import re
from pathlib import Path
from string import Template

import msgspec

from burr_chat_widget.protocol.view import View

from .document import Ask, Documents
from .excerpt import end, shorten
from .html import to_html
from .words import title_of

__all__ = ["to_page"]

ROOM = 20_000_000
"""So many bytes the document takes at most: a browser shows such a page, though not at once."""

LARGE = 20
"""From so many actions on, the state machine is laid out by Graphviz; js/src/graph/scene.ts has the same number."""

_HERE = Path(__file__).parent
_STATIC = _HERE.parent / "static"
_page = Template((_HERE / "page.html").read_text("utf-8"))
_script = (_HERE / "page.js").read_text("utf-8")


def to_page(view: View, ask: Ask) -> str:
    """The page, as HTML.

    Args:
        view: what is seen of the chat. It is changed in place, and must be the caller's own.
        ask: what the session answers at once to what a page asks.

    Raises:
        FileNotFoundError: if the front end was not built.
    """
    end(view)
    left_out = shorten(view, ROOM)
    document = Documents(ask, room=ROOM).make(view, left_out=left_out) or b"null"
    modules = {name: base64.b64encode(_asset(f"{name}.js")).decode() for name in _needed(view)}
    return _page.substitute(
        policy=_policy(),
        title=html.escape(title_of(view.session)),
        style=gzip.decompress(_asset("saved.css")).decode(),
        static=to_html(view, left_out=left_out),
        document=_in_script(document),
        modules=_in_script(msgspec.json.encode(modules)),
        script=_script,
    )


def _policy() -> str:
    """Nothing but the page's own script runs, with the modules that it unpacks; nothing is fetched."""
    script = base64.b64encode(hashlib.sha256(_script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{script}' blob: 'wasm-unsafe-eval'; style-src 'unsafe-inline'; "
        "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
    )


def _needed(view: View) -> list[str]:
    """The modules that the views of this conversation may load."""
    names = ["saved", "code", "inspector", "timeline"]
    if any(re.search(r"\$|\\[(\[]", message.text) for message in view.messages):
        names.append("math")
    if len(view.graph.actions) > LARGE:
        names.append("graphviz")
    return names


def _asset(name: str) -> bytes:
    """A file of the front end, gzipped."""
    return (_STATIC / "assets" / f"{name}.gz").read_bytes()


def _in_script(json: bytes) -> str:
    """JSON as it can stand in a script element: nothing in it ends that, or is taken for its beginning."""
    return json.decode().replace("<", r"\u003c")
