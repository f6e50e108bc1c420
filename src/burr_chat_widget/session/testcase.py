"""A step of a chat as a test case on disk."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import Any, cast

from burr_chat_widget.bridge import Redaction, case_of, clean
from burr_chat_widget.errors import BurrChatError, NoCheckpoint

from .branches import Branch
from .whole_file import write_whole

__all__ = ["write_case"]


def write_case(branch: Branch, step: int, folder: Path, redaction: Redaction) -> Path:
    """Write a pytest module for a step's action, with the state before and after the step in a JSON file beside it.

    A module that is there already stays as it is; the case is added to its JSON file, in place of an older one of the same step.

    Returns:
        The module's path, `test_ACTION.py`.

    Raises:
        NoCheckpoint: if the step is not kept, or did not end.
        BurrChatError: if its states cannot be written, or the JSON file is none of test cases.
    """
    values = branch.checkpoints.values(step)
    if values is None or values.after is None:
        raise NoCheckpoint(f"step {step} is not kept, or did not end", remedy="chat.checkpoints has those that did")
    stem = re.sub(r"\W", "_", values.action)
    module, states = folder / f"test_{stem}.py", folder / f"test_{stem}.json"
    case = case_of(
        branch.app,
        values.action,
        values.before,
        values.after,
        values.inputs,
        name=f"{values.action}_{branch.app.uid}_{step}",
        file_name=states.name,
        redaction=redaction,
    )
    kept = [each for each in _cases(states) if each.get("name") != case.fixture["name"]]
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps([*kept, case.fixture], indent=2, ensure_ascii=False) + "\n"
    write_whole(states, text.encode("utf-8", "backslashreplace"))  # half of a surrogate pair becomes its JSON escape
    if not module.exists():
        write_whole(module, clean(case.python_text).encode())
        if case.missing:
            listed = ", ".join(case.missing)
            warnings.warn(f"{module} has to be completed before it can run: {listed}", stacklevel=3)
    return module


def _cases(states: Path) -> list[dict[str, Any]]:
    """The cases of a JSON file, none where there is no file."""
    try:
        found: Any = json.loads(states.read_text(encoding="utf-8")) if states.exists() else []
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in cast("list[Any]", found)):
        raise BurrChatError(f"{states} is no file of test cases", remedy="move it away, or pass another folder")
    return cast("list[dict[str, Any]]", found)
