"""What `apps.scripted` is told, and what it says then."""

from __future__ import annotations

import json


def script(**what: object) -> str:
    """A prompt; see `apps.scripted.prompt` for the keys."""
    return json.dumps(what)


def words(count: int) -> str:
    """What so many deltas say."""
    return "".join(f"word{n} " for n in range(count))
