"""A conversation as static HTML: no script, no style sheet, nothing that is fetched; what sanitisers of hosts leave in.

They take away `<svg>` and `<style>`, so the state machine is an image and styles stand at their elements.
"""

from __future__ import annotations

import base64
from html import escape

from markdown_it import MarkdownIt

from burr_chat_widget.protocol.view import Message, Step, View

from .svg import to_svg

__all__ = ["MARK", "to_html"]

MARK = "bcw-saved"
"""The class of the outermost element: a page that shows the live chat hides it."""

MESSAGES, TEXT, STEPS = 200, 50_000, 200
"""So many of the last messages and steps, and so many characters of each message, are in it."""

_markdown = MarkdownIt("js-default").disable("image")  # without HTML; an address is a link at most

_BOX = "margin:0.5em 0;padding:0.5em 0.75em;border:1px solid rgba(128,128,128,0.4);border-radius:6px"
_SMALL = "font-size:0.85em;opacity:0.75"


def to_html(view: View) -> str:
    """What is seen of a chat: who said what, the steps, the state machine."""
    session = view.session
    about = " · ".join(filter(None, [session.model, f"conversation {session.app_id}"]))
    left_out = len(view.messages) - MESSAGES
    return "".join(
        [
            f'<div class="{MARK}" style="max-width:60em">',
            f"<p><strong>{escape(session.title)}</strong> <span style='{_SMALL}'>{escape(about)}</span></p>",
            f"<p style='{_SMALL}'>{left_out} earlier messages are left out.</p>" if left_out > 0 else "",
            *map(_message, view.messages[-MESSAGES:]),
            _steps(view.steps),
            _graph(view),
            f"<p style='{_SMALL}'>As it was when the notebook was saved. Run the cell to go on.</p></div>",
        ]
    )


def _message(message: Message) -> str:
    if message.kind == "notice":
        return f"<p style='{_SMALL}'>{escape(message.text)}</p>"
    who = "You" if message.role == "user" else message.action or message.role
    ended = f" · {message.status}" if message.status in ("stopped", "failed") else ""
    error = ""
    if message.error is not None:
        error = f"<p><strong>{escape(message.error.kind)}</strong>: {escape(message.error.message)}</p>"
    notices = "".join(f"<p style='{_SMALL}'>{escape(notice)}</p>" for notice in message.notices)
    return f"<div style='{_BOX}'><div style='{_SMALL}'>{escape(who)}{ended}</div>{_said(message)}{error}{notices}</div>"


def _said(message: Message) -> str:
    text = message.text[:TEXT]
    more = (
        f"<p style='{_SMALL}'>{len(message.text) - TEXT} more characters are left out.</p>"
        if text != message.text
        else ""
    )
    match message.kind:
        case "text" | "error":
            return _markdown.render(text) + more
        case "reasoning":
            return f"<details><summary>Reasoning</summary>{_markdown.render(text)}</details>{more}"
        case "image":
            return f"<p>Image: {escape(message.name or '')} <code>{escape(text[:200])}</code></p>"
        case "tool-call":
            result = f"<pre>{escape(message.result[:TEXT])}</pre>" if message.result is not None else ""
            return f"<details><summary>{escape(message.name or 'tool')}</summary><pre>{escape(text)}</pre>{result}</details>{more}"
        case _:
            return f"<pre>{escape(text)}</pre>{more}"


def _steps(steps: list[Step]) -> str:
    if not steps:
        return ""
    rows = "".join(map(_step, steps[-STEPS:]))
    last = f"the last {STEPS} of {len(steps)} steps" if len(steps) > STEPS else f"{len(steps)} steps"
    head = "".join(
        f"<th>{name}</th>" for name in ("step", "action", "status", "duration", "first delta", "deltas", "next", "why")
    )
    return f"<details><summary>{last}</summary><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></details>"


def _step(step: Step) -> str:
    decision = step.decision
    why = next((c.condition for c in decision.conditions if c.taken), "") if decision is not None else ""
    cells = [
        str(step.step),
        step.action,
        step.status,
        _seconds(step.duration),
        _seconds(step.first_delta),
        str(step.deltas) if step.streaming else "",
        decision.to_action if decision is not None else "",
        why,
    ]
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def _graph(view: View) -> str:
    picture = base64.b64encode(to_svg(view.graph, view.nodes, view.taken).encode()).decode()
    ways = "; ".join(f"{t.from_action} to {t.to_action} if {t.condition}" for t in view.graph.transitions)
    return (
        f'<details open><summary>State machine</summary><img style="max-width:100%" alt="{escape(ways)}" '
        f'src="data:image/svg+xml;base64,{picture}"></details>'
    )
