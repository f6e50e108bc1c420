"""The front end's files, and what anywidgets of ours have in common."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import anywidget
import traitlets

__all__ = ["asset", "close_widget", "front_end"]

_STATIC = Path(__file__).parents[1] / "static"


def front_end(name: str) -> Any:
    """A file of the front end, as the text that the page is sent.

    anywidget would watch a path for changes, which keeps every widget that was ever made alive: only while developing.
    """
    path = _STATIC / name
    return path if os.environ.get("ANYWIDGET_HMR") == "1" else traitlets.Unicode(path.read_text()).tag(sync=True)


def asset(name: str) -> list[bytes]:
    """The gzipped module of that name, which a page loads on demand; nothing where there is none."""
    # Looked up, not joined to a path: the name comes from a page.
    return [file.read_bytes() for file in _STATIC.glob("assets/*.js.gz") if file.name == f"{name}.js.gz"]


def close_widget(widget: anywidget.AnyWidget, close: Callable[[], None]) -> None:
    """Close a widget by its own `close`, and what belongs to it. When it is displayed from now on, its repr is."""
    closed = cast(Any, widget)
    # ipywidgets makes a model for the layout and never closes it.
    layout = closed.layout
    close()
    layout.close()
    closed._ipython_display_ = None  # as ipywidgets does with what it displays itself by
