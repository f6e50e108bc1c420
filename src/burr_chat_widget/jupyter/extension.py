"""`%load_ext burr_chat_widget`."""

# IPython is typed only in part.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import re
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from .completion import complete_magics
from .magics import ChatMagics

__all__ = ["load_ipython_extension", "unload_ipython_extension"]

_AWAITED = re.compile(
    r"^(\s*|[\w\s.,*:\[\]]+=\s*)"
    r"(get_ipython\(\)\.run_(?:line_magic\('burr', (?!['\"] *(?:pause|state|rewind)\b)|cell_magic\('chat',))"
)
"""What IPython has made of `%burr ...`, of `x = %burr ...` and of `%%chat` by then. `pause`, `state` and `rewind` run no turn."""


def await_magics(lines: list[str]) -> list[str]:
    r"""Put an `await` before the magics that run a turn: IPython calls a magic as a plain function.

    >>> await_magics(["get_ipython().run_line_magic('burr', 'step')\\n"])
    ["await get_ipython().run_line_magic('burr', 'step')\\n"]
    """
    return [_AWAITED.sub(r"\1await \2", line) for line in lines]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Called by IPython's `%load_ext`: registers the magics and what completes them."""
    shell.register_magics(ChatMagics(shell))
    transforms: list[Any] = shell.input_transformers_post
    if await_magics not in transforms:
        transforms.append(await_magics)
    matchers: list[Any] = shell.Completer.custom_matchers
    if complete_magics not in matchers:
        matchers.append(complete_magics)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Called by `%unload_ext`: the magics go away, chats stay."""
    transforms: list[Any] = shell.input_transformers_post
    if await_magics in transforms:
        transforms.remove(await_magics)
    matchers: list[Any] = shell.Completer.custom_matchers
    if complete_magics in matchers:
        matchers.remove(complete_magics)
    for kind, name in (("line", "chat"), ("cell", "chat"), ("line", "burr")):
        shell.magics_manager.magics[kind].pop(name, None)
