"""A conversation, or one view of it, as static HTML: no script, no style sheet, nothing that is fetched; what sanitisers of hosts leave in.

They take away `<svg>` and `<style>`, so the state machine is an image and styles stand at their elements. Hosts have margins of their own for
text and tables, each other ones: what stands at the elements goes before those.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from html import escape
from typing import Any, cast

from markdown_it import MarkdownIt
from markdown_it.token import Token

from burr_chat_widget.protocol.timeline import Lane
from burr_chat_widget.protocol.view import Message, View

from .svg import to_svg
from .words import Table, about, lanes_table, named, steps_table, title_of, way

__all__ = ["MARK", "to_html", "view_to_html"]

MARK = "bcw-saved"
"""The class of the outermost element: a page that shows the live chat, or the live view, hides it."""

UNTRUSTED = "bcw-saved-untrusted"
"""The class of a line that our extension of JupyterLab shows, and nobody else: see mime.css."""

TRUST = "This notebook is not trusted. <em>Trust Notebook</em>, in the command palette, shows the views of the chat, and replays it."

MESSAGES, TEXT = 200, 50_000
"""So many of the last messages, and so many characters of each, are in it."""

_WHOLE = "margin:0.5em 0.75em"
_BOX = "margin:0.5em 0;padding:0.25em 0.75em;border:1px solid rgba(128,128,128,0.4);border-radius:6px"
_SMALL = "font-size:0.85em;opacity:0.75"
_BLOCK = "margin:0.5em 0"
_PART = "margin:0.75em 0"
_CELL = "padding:0.2em 0.75em 0.2em 0;text-align:left;vertical-align:top;white-space:nowrap"


def to_html(view: View, *, left_out: int = 0, has_views: bool = False) -> str:
    """What is seen of a chat: who said what, the steps, the state machine.

    Args:
        view: what is seen of it.
        left_out: how many earlier messages the view is without.
        has_views: in its place stand our views where the notebook is trusted, which a page that knows of them says.
    """
    left_out += max(0, len(view.messages) - MESSAGES)
    table = steps_table(view)
    return _page(
        view,
        None,
        [
            "<div style='max-width:60em'>",
            _small(f"{left_out:,} earlier messages are left out.") if left_out > 0 else "",
            f"<p class='{UNTRUSTED}' style='{_SMALL};display:none'>{TRUST}</p>" if has_views else "",
            *map(_message, view.messages[-MESSAGES:]),
            "</div>",
            f"<details style='{_PART}'><summary>{table.caption}</summary>{_table(table)}</details>"
            if table.rows
            else "",
            f"<details style='{_PART}' open><summary>State machine</summary>{_picture(view)}</details>",
        ],
    )


def view_to_html(name: str, view: View, lanes: Sequence[Lane] = ()) -> str:
    """What is seen of a view that stands in a cell of its own: see `view_to_markdown`."""
    match name:
        case "inspector" | "timeline":
            table = steps_table(view)
            parts = [_small(table.caption.capitalize() + "."), _table(table) if table.rows else ""]
        case "comparison":
            parts = [_table(lanes_table(lanes))]
        case _:
            parts = [_picture(view)]
    return _page(view, name, parts)


def _page(view: View, name: str | None, parts: Sequence[str]) -> str:
    conversation = named(view.session)
    beside = " · ".join([*about(view.session, name), *([f"conversation {conversation}"] if conversation else [])])
    page = "".join(
        [
            f'<div class="{MARK}" style="{_WHOLE}">',
            f"<p style='{_BLOCK}'><strong>{escape(title_of(view.session))}</strong> <span style='{_SMALL}'>{escape(beside)}</span></p>",
            *parts,
            _small("As it was when the notebook was saved. Run the cell to go on."),
            "</div>",
        ]
    )
    # An empty line would end the HTML where it is part of a Markdown document, such as nbconvert makes.
    return re.sub(r"\s*[\r\n]\s*", "\n", page)


def _small(text: str) -> str:
    return f"<p style='{_BLOCK};{_SMALL}'>{escape(text)}</p>"


def _message(message: Message) -> str:
    if message.kind == "notice":
        return _small(message.text)
    who = "You" if message.role == "user" else message.action or message.role
    ended = f" · {message.status}" if message.status in ("stopped", "failed") else ""
    error = ""
    if message.error is not None:
        error = (
            f"<p style='{_BLOCK}'><strong>{escape(message.error.kind)}</strong>: {escape(message.error.message)}</p>"
        )
    notices = "".join(map(_small, message.notices))
    if message.kind == "text" and not message.text and ended:
        ended += " before anything was said"
    return f"<div style='{_BOX}'><div style='{_SMALL}'>{escape(who)}{ended}</div>{_said(message)}{error}{notices}</div>"


def _said(message: Message) -> str:
    text = message.text[:TEXT]
    more = _small(f"{len(message.text) - TEXT} more characters are left out.") if text != message.text else ""
    match message.kind:
        case "text" | "error":
            return _markdown(text) + more
        case "reasoning":
            return f"<details><summary>Reasoning</summary>{_markdown(text)}</details>{more}"
        case "image":
            return f"<p style='{_BLOCK}'>Image: {escape(message.name or '')} <code>{escape(text[:200])}</code></p>"
        case "tool-call":
            result = f"<pre>{_lines(message.result[:TEXT])}</pre>" if message.result is not None else ""
            return f"<details><summary>{escape(message.name or 'tool')}</summary><pre>{_lines(text)}</pre>{result}</details>{more}"
        case _:
            return f"<pre>{_lines(text)}</pre>{more}"


def _lines(text: str) -> str:
    """Text as it stands, with its line breaks, in one line of HTML: see `_page`."""
    return re.sub(r"\r\n?|\n", "&#10;", escape(text))


def _markdown(text: str) -> str:
    tokens = _reader.parse(text)
    for token in tokens:
        if token.type in _BLOCKS and token.level == 0:
            token.attrSet("style", _BLOCK)
    return _reader.renderer.render(tokens, _reader.options, {})


_BLOCKS = ("paragraph_open", "bullet_list_open", "ordered_list_open", "blockquote_open", "table_open", "heading_open")


def _code(_renderer: object, tokens: Sequence[Token], at: int, *_more: Any) -> str:
    return f"<pre style='{_BLOCK}'><code>{_lines(tokens[at].content)}</code></pre>\n"


_reader = MarkdownIt("js-default").disable("image")  # without HTML; an address is a link at most
# Without a scheme it would lead into the notebook server.
cast(Any, _reader).validateLink = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE).match
_reader.add_render_rule("fence", _code)
_reader.add_render_rule("code_block", _code)


def _table(table: Table) -> str:
    rows = "".join(_row("td", row) for row in table.rows)
    return (
        f"<div style='overflow-x:auto'><table style='{_BLOCK}'><thead>{_row('th', table.heads)}</thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(kind: str, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{kind} style={_CELL!r}>{escape(cell)}</{kind}>' for cell in cells)}</tr>"


def _picture(view: View) -> str:
    picture = base64.b64encode(to_svg(view.graph, view.nodes, view.taken).encode()).decode()
    ways = "; ".join(way(each, f"{each.from_action} ") for each in view.graph.transitions)
    return f'<img style="max-width:100%" alt="{escape(ways)}" src="data:image/svg+xml;base64,{picture}">'
