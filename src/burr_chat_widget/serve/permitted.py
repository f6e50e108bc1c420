"""What clients may ask for, as far as that depends on what is exposed."""

from __future__ import annotations

from collections.abc import Collection

from burr_chat_widget.protocol import commands as c

__all__ = ["why_not"]


def why_not(command: c.Command, exposed: Collection[str], *, branches: bool = False) -> str | None:
    """Why a client may not ask for that, in words; None when it may.

    Args:
        command: what it asks.
        exposed: some of `EXPOSABLE`.
        branches: whether carrying it out begins another branch, of a `Retry`.
    """
    match command:
        case c.Inspect():
            name = "state"
        case c.Rewind() | c.Fork() if command.edits and "state" not in exposed:
            name = "state" if "history" in exposed else "history"
        case c.Rewind() | c.Fork() | c.Switch():
            name = "history"
        case c.Retry() if branches:
            name = "history"
        case c.Pause() | c.Resume() | c.StepAction() | c.StepDelta() | c.SetBreakpoint() | c.SetPace() | c.SetFault():
            name = "stepping"
        case (
            c.Hello()
            | c.Ack()
            | c.Bye()
            | c.Send()
            | c.Stop()
            | c.Retry()
            | c.Restart()
            | c.Log()
            | c.Asset()
            | c.Painted()
            | c.Prefer()
        ):
            return None
    return None if name in exposed else f"This server does not do that for its clients: it has no expose={name!r}."
