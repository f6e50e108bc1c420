"""What `apps.scripted` is told, and what it says then; `apps.waiting` in a kernel."""

from __future__ import annotations

import json
from pathlib import Path


def script(**what: object) -> str:
    """A prompt; see `apps.scripted.prompt` for the keys."""
    return json.dumps(what)


def words(count: int) -> str:
    """What so many deltas say."""
    return "".join(f"word{n} " for n in range(count))


def waiting_app(folder: Path) -> str:
    """A cell that makes `app`, of `apps.waiting`: at `@name` it waits until the folder has a file of that name.

    So it can be let go while a cell runs, or while the kernel is out of reach.
    """
    return (
        f"import os\nfrom apps import waiting\nos.environ[waiting.GATES] = {str(folder)!r}\n"
        "app = waiting.builder().build()"
    )
