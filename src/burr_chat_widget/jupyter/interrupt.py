"""Ctrl+C in a terminal, where IPython leaves what a cell awaits as it is: it would never hear of it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Generator

from IPython.core.interactiveshell import InteractiveShell
from IPython.terminal.interactiveshell import TerminalInteractiveShell

from .failing import Interrupted

__all__ = ["interruptible"]


@contextlib.contextmanager
def interruptible(shell: InteractiveShell) -> Generator[None]:
    """Let Ctrl+C cancel the task that this is in, as a kernel does, and raise `Interrupted` when it has come so far."""
    if not isinstance(shell, TerminalInteractiveShell):
        yield
        return
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    interrupted = False

    def interrupt(_number: int, _frame: object) -> None:
        nonlocal interrupted
        interrupted = True
        if task is not None:
            loop.call_soon_threadsafe(task.cancel)

    try:
        before = signal.signal(signal.SIGINT, interrupt)
    except ValueError:  # another thread than the main one, which alone Ctrl+C reaches
        yield
        return
    try:
        yield
    except asyncio.CancelledError:
        if interrupted:
            raise Interrupted from None
        raise
    finally:
        signal.signal(signal.SIGINT, before)
