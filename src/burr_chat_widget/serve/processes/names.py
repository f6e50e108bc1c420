"""What conversations and turns are called in locks, in files and in what processes tell each other.

They are digests: no path and no key is made of what clients have sent.
"""

from __future__ import annotations

import hashlib

__all__ = ["conversation_name", "turn_name"]


def conversation_name(project_id: str, app_id: str) -> str:
    """Of a conversation: 64 hexadecimal digits."""
    return _digest(f"{len(project_id)}:{project_id}{app_id}")


def turn_name(conversation: str, turn: str) -> str:
    """Of a turn of the conversation of that name, by its key: 64 hexadecimal digits."""
    return _digest(f"{conversation} {turn}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
