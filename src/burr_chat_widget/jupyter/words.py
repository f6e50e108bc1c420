"""What magics say, in words."""

from __future__ import annotations

from collections.abc import Sequence

from burr_chat_widget.errors import BurrChatError
from burr_chat_widget.protocol.commands import Inspect
from burr_chat_widget.protocol.frames import Row
from burr_chat_widget.session import Turn
from burr_chat_widget.widget import BurrChat

__all__ = ["state_lines", "state_rows", "told"]


def told(turn: Turn) -> str:
    """Where a turn is: held, and what comes next; or how it has ended."""
    way = turn.way or "nothing has run"
    if turn.error is not None:
        where = f" in {turn.error.action}" if turn.error.action else ""
        remedy = f"; {turn.error.remedy}" if turn.error.remedy else ""
        return f"The turn failed{where}: {turn.error.kind}: {turn.error.message}{remedy}"
    if turn.held is None:
        return f"The turn is {turn.status}: {way}"
    held = turn.held
    if held.at == "delta":
        return f"Held in {held.next_action}, at a delta: {way}"
    why = f" ({held.breakpoint})" if held.breakpoint else ""
    lines = [f"Held before {held.next_action}{why}: {way}" if held.next_action else f"Held at the end{why}: {way}"]
    for each in held.conditions:
        outcome = "cannot be told" if each.outcome is None else str(each.outcome)
        lines.append(f"  {'->' if each.taken else '  '} {each.to}: {each.condition} is {outcome}")
    if held.needs:
        lines.append(f"  It needs {', '.join(held.needs)}.")
    if held.error:
        lines.append(f"  {held.error}")
    return "\n".join(lines)


def state_rows(chat: BurrChat) -> Sequence[Row]:
    """The state, as the inspector shows it. Of a connected chat the server is asked.

    Raises:
        BurrChatError: if it does not show it.
    """
    return chat._session.rows(Inspect(client="python", request="state", step=None))  # pyright: ignore[reportPrivateUsage]


def state_lines(chat: BurrChat, key: str) -> list[str]:
    """The state, a line a key, in short printable forms; of one key all that fits. What is redacted stays so.

    Raises:
        BurrChatError: if there is no such key, or the state is not shown.
    """
    found = state_rows(chat)
    rows = [row for row in found if not key or row.key == key]
    if not rows:
        keys = ", ".join(row.key for row in found)
        raise BurrChatError(f"the state has no {key!r}" if key else "the state is empty", remedy=keys or None)
    return [f"{row.key}: {'(redacted)' if row.redacted else row.text}" for row in rows]
