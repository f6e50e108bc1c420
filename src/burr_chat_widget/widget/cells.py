"""What is done each time that a cell has run."""

from __future__ import annotations

import contextlib
import sys
import weakref
from collections.abc import Callable
from typing import Any

__all__ = ["after_cells"]


def after_cells(*methods: Callable[[], object]) -> Callable[[], object]:
    """Call methods after each cell, as long as their objects live. Without IPython nothing is called.

    Returns:
        What ends that.
    """
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell: Any = get_ipython() if get_ipython is not None else None
    if shell is None:
        return lambda: None
    references = [weakref.WeakMethod(method) for method in methods]

    def after(_result: object) -> None:
        for reference in references:
            if (call := reference()) is not None:
                call()

    def end() -> None:
        with contextlib.suppress(ValueError):  # somebody else has taken it away
            shell.events.unregister("post_run_cell", after)

    shell.events.register("post_run_cell", after)
    made = weakref.finalize(methods[0].__self__, end)  # pyright: ignore[reportFunctionMemberAccess] -- it is bound
    made.atexit = False
    return made
