r"""What a model wrote, as Markdown that fetches nothing and is no HTML wherever a host renders it.

A host's own renderer is not ours: JupyterLab's lets images through, and an image's address can carry data out. So images and tags
are broken by an invisible character (U+2060, a word joiner), except in fenced code, which no renderer reads so.
"""

from __future__ import annotations

import re

__all__ = ["harmless"]

_JOINER = "\u2060"
_ACTIVE = re.compile(r"!(?=\[)|<(?=[A-Za-z/!?])")
_FENCE = re.compile(r" {0,3}(?P<mark>`{3,}(?=[^`]*$)|~{3,})")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


def harmless(markdown: str) -> str:
    r"""The same text, with images and HTML broken.

    >>> harmless("![](https://example.com/a.png)") == "!\u2060[](https://example.com/a.png)"
    True
    >>> harmless("```html\n<b>\n```")
    '```html\n<b>\n```'
    """
    out: list[str] = []
    fence: str | None = None
    for line in _LINE.findall(markdown):
        text = line.rstrip("\r\n")
        if fence is None:
            opened = _FENCE.match(text)
            fence = opened["mark"] if opened is not None else None
            out.append(_ACTIVE.sub(lambda found: found[0] + _JOINER, line))  # what follows the mark, too
        else:
            out.append(line)
            bare = text.strip(" \t")
            if len(text) - len(text.lstrip(" ")) < 4 and len(bare) >= len(fence) and not bare.strip(fence[0]):
                fence = None
    return "".join(out)
