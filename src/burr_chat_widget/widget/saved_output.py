"""The second output of a cell that displays a chat, or a view of one: what a saved notebook shows where there is no kernel."""

# IPython is typed only in part.
# pyright: reportUnknownVariableType=false
from __future__ import annotations

import contextvars
import json
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias, get_args

import msgspec
from IPython.core.getipython import get_ipython
from IPython.display import display, update_display

from burr_chat_widget.protocol.events import TurnCompleted, TurnEvent, TurnFailed, TurnStopped
from burr_chat_widget.protocol.frames import Remark
from burr_chat_widget.protocol.timeline import Lane
from burr_chat_widget.protocol.view import View
from burr_chat_widget.saved import (
    MIME,
    NAMES,
    ROOM,
    Ask,
    Documents,
    end,
    plain,
    shorten,
    title_of,
    to_html,
    to_markdown,
    view_to_html,
    view_to_markdown,
)
from burr_chat_widget.transport.comm import cell_context
from burr_chat_widget.transport.outbox import Outbox

__all__ = ["Save", "SavedOutputs", "Shown", "check_save"]

logger = logging.getLogger(__name__)

Save: TypeAlias = Literal["replay", "transcript", "nothing"]
"""What the notebook's file keeps: all that our own views show without a kernel, what was said and a picture, or nothing."""

Shown: TypeAlias = tuple[dict[str, Any], dict[str, Any]] | dict[str, Any]
"""A widget's bundle, with metadata or without."""

EMPTY = {"text/plain": ""}

STATIC = ROOM // 4
"""So many bytes of the conversation each of the static forms has at most, of which there are three."""


def check_save(save: str) -> None:
    """Make sure that there is such a thing to save.

    Raises:
        ValueError: if there is not.
    """
    if save not in get_args(Save):
        raise ValueError(f"save={save!r} is none of {', '.join(map(repr, get_args(Save)))}")


Bundle: TypeAlias = dict[str, Any]
"""By MIME type."""


class SavedOutputs:
    """What stands of a chat and its views in the notebook's file: beside each widget an output, made anew after each turn. A page that shows
    the widget hides it.

    It is an output of its own: to replace one that holds a widget would take the view off the page, and the draft in it.

    The chat's has the document that our own views show. It shows the other views too, so what is beside those is static: the same document
    once more would be another megabyte in the file, and a reference to it would show nothing where the chat's cell is gone or in no trusted
    notebook, or where our extension is not.

    Args:
        save: what is kept, where no reader prefers anything else.
        name: of the chat, unique and the same as long as it lives. It stands in the outputs' metadata, so that a page can find them.
        key: by which a page knows the chat, for the metadata of the widget's own output.
        outbox: of the chat.
        ask: what the session answers at once to what a page asks.
        later: calls a function soon, on a thread where that may take its time.

    Attributes:
        own: what is kept where no reader prefers anything else.
    """

    def __init__(
        self,
        save: Save,
        name: str,
        *,
        key: str,
        outbox: Outbox,
        ask: Ask,
        later: Callable[[Callable[[], object]], object],
    ) -> None:
        self._save: Save = save
        self.own: Save = save
        self._name = name
        self._key = key
        self._outbox = outbox
        self._later = later
        self._documents = Documents(ask)
        self._outputs: dict[str, _Output] = {}
        self._asked = False
        outbox.listen(self._hear)

    def show_chat(self, widget: Shown) -> None:
        """Display the chat's widget by its bundle, with metadata or without; in a notebook leave an output beside it."""
        self._show(widget, "Chat", self._name, {"chat": self._name}, self._of_chat, {MIME: {"key": self._key}})

    def show_view(self, widget: Shown, view: str, model: str, lanes: Sequence[Lane] = ()) -> None:
        """The same for one of the chat's views.

        Args:
            widget: its bundle.
            view: which one, by the name that `ChatView` has for it.
            model: the widget's id, the same as long as it lives.
            lanes: what a comparison shows.
        """

        def make(seen: View) -> Bundle:
            text = view_to_markdown(view, seen, lanes)
            return {"text/html": view_to_html(view, seen, lanes), "text/markdown": text, "text/plain": plain(text)}

        self._show(widget, f"{NAMES[view]} of the chat", model, {"chat": self._name, "view": model}, make)

    def forget(self, model: str) -> None:
        """That view is closed: what is kept of it stays as it is."""
        self._outputs.pop(model, None)

    def finish(self) -> None:
        """The chat is closed: what was asked for `later`, and was not done, is done now, and a turn that runs is kept as far as it came."""
        if self._outputs and (self._asked or self._outbox.view().status != "idle"):
            self._refresh()

    def prefer(self, save: Save | None) -> None:
        """A reader prefers that this is kept; None: what the chat says. What is there already becomes that, where it is not nothing."""
        before, self._save = self._save, self.own if save is None else save
        if self._save != before:
            self._ask_for_refresh()

    def _show(
        self,
        widget: Shown,
        what: str,
        model: str,
        names: Mapping[str, str],
        make: Callable[[View], Bundle],
        more: Mapping[str, Any] | None = None,
    ) -> None:
        data, metadata = widget if isinstance(widget, tuple) else (widget, {})
        in_notebook = hasattr(get_ipython(), "kernel")
        is_kept = in_notebook and self._save != "nothing"
        told, seen = self._outbox.told(), self._seen()
        if in_notebook:  # what the object looks like now would be out of date soon
            whose = f'{what} "{title_of(seen.session)}"'
            saved = ", as saved below." if is_kept else ": nothing of it is kept in this file."
            data = {**data, "text/plain": plain(whose + saved)}
            metadata = {**metadata, **(more or {})}
        if is_kept:  # readers who can show HTML, but no widget, have it below: they need not be told
            data["text/html"] = ""
        display(data, metadata=metadata, raw=True)
        if not is_kept:
            return
        output = self._outputs.setdefault(model, _Output(dict(names), make))
        try:
            output.show(self._bundle(output, seen))
        except Exception:
            self._remark()
        if self._outbox.told() != told:  # a turn may have ended meanwhile
            self._ask_for_refresh()

    def _hear(self, told: TurnEvent | Remark | View) -> None:
        if isinstance(told, TurnCompleted | TurnStopped | TurnFailed | View):
            self._ask_for_refresh()

    def _ask_for_refresh(self) -> None:
        if self._outputs and not self._asked:
            self._asked = True
            self._later(self._refresh)

    def _refresh(self) -> None:
        self._asked = False
        seen = self._seen()
        # The chat's comes last: what is kept of it is shortened in place.
        for _, output in sorted(self._outputs.items(), key=lambda named: named[0] == self._name):
            try:
                output.update(self._bundle(output, seen))
            except Exception:
                self._remark()

    def _remark(self) -> None:
        logger.warning("what the notebook keeps of the chat could not be brought up to date", exc_info=True)

    def _seen(self) -> View:
        view = self._outbox.view()
        end(view)
        return view

    def _bundle(self, output: _Output, view: View) -> Bundle:
        return EMPTY if self._save == "nothing" else output.make(view)

    def _of_chat(self, view: View) -> Bundle:
        left_out = shorten(view, ROOM)
        document = self._documents.make(view, left_out=left_out) if self._save == "replay" else None
        left_out += shorten(view, STATIC)
        markdown = to_markdown(view, left_out=left_out)
        html = to_html(view, left_out=left_out, has_views=document is not None)
        bundle = {"text/html": html, "text/markdown": markdown, "text/plain": plain(markdown)}
        return bundle if document is None else {MIME: _in_a_file(document), **bundle}


class _Output:
    """One for all cells that display a widget, so that what may be large is sent once, however many they are.

    Args:
        names: by which a page finds it.
        make: what is in it, of what is seen now.
    """

    def __init__(self, names: dict[str, str], make: Callable[[View], Bundle]) -> None:
        self.make = make
        self._options: Mapping[str, Any] = {"metadata": {MIME: names}, "raw": True, "display_id": uuid.uuid4().hex}
        self._cell = contextvars.Context()
        self._sent: Bundle | None = None

    def show(self, bundle: Bundle) -> None:
        """In the cell that runs now."""
        self._cell = cell_context()
        show: Callable[..., object] = display
        show(bundle, **self._options)
        self._sent = _if_small(bundle)  # after it: what was updated meanwhile, on another thread, is updated once more

    def update(self, bundle: Bundle) -> None:
        """In all cells where it is shown, unless it is what they show already, as a comparison always is."""
        if bundle == self._sent:
            return
        update: Callable[..., None] = update_display
        try:
            # On a thread without a cell it belongs to the one that runs now, which is what nbclient wants to see.
            update(bundle, **self._options)
        except LookupError:  # ipykernel 7.0 knows none there
            self._cell.run(update, bundle, **self._options)
        self._sent = _if_small(bundle)


def _if_small(bundle: Bundle) -> Bundle | None:
    """It without a document, of which none is the same as another; None with one."""
    return None if MIME in bundle else bundle


def _in_a_file(document: bytes) -> Any:
    try:
        return msgspec.json.decode(document)
    except msgspec.DecodeError:  # half of a surrogate pair is in it, which no notebook's file can hold
        text = json.dumps(json.loads(document), ensure_ascii=False)
        return msgspec.json.decode(text.encode("utf-8", "replace"))
