"""`%load_ext burr_chat_widget`."""

# IPython is typed only in part.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import re
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from .magics import COMMANDS, ChatMagics

__all__ = ["load_ipython_extension", "unload_ipython_extension"]

_AWAITED = re.compile(r"^(\s*)(get_ipython\(\)\.run_(?:line_magic\('burr'|cell_magic\('chat'),)")
"""What IPython has made of `%burr ...` and `%%chat` by then."""


def await_magics(lines: list[str]) -> list[str]:
    r"""Put an `await` before the magics that run a turn: IPython calls a magic as a plain function.

    >>> await_magics(["get_ipython().run_line_magic('burr', 'step')\\n"])
    ["await get_ipython().run_line_magic('burr', 'step')\\n"]
    """
    return [_AWAITED.sub(r"\1await \2", line) for line in lines]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Called by IPython's `%load_ext`: registers the magics and what completes them."""
    magics = ChatMagics(shell)
    shell.register_magics(magics)
    transforms: list[Any] = shell.input_transformers_post
    if await_magics not in transforms:
        transforms.append(await_magics)

    def names(*_: object) -> list[str]:
        return magics.chats.names()

    def commands(_: object, event: Any) -> list[str]:
        return [] if len(event.line.split()) > (1 if event.line.endswith(" ") else 2) else list(COMMANDS)

    shell.set_hook("complete_command", names, str_key="%chat")
    shell.set_hook("complete_command", names, str_key="%%chat")
    shell.set_hook("complete_command", commands, str_key="%burr")


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Called by `%unload_ext`: the magics go away, chats stay."""
    transforms: list[Any] = shell.input_transformers_post
    if await_magics in transforms:
        transforms.remove(await_magics)
    for kind, name in (("line", "chat"), ("cell", "chat"), ("line", "burr")):
        shell.magics_manager.magics[kind].pop(name, None)
