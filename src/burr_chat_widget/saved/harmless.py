r"""What a model wrote, as Markdown that fetches nothing and is no HTML wherever a host renders it.

A host's own renderer is not ours: JupyterLab's lets images through, and an image's address can carry data out; it draws diagrams of
Mermaid, which can have images, too. So images and tags are broken by an invisible character (U+2060, a word joiner), except in code that
every renderer takes for code, and so are the names of diagrams and directives.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

__all__ = ["closed", "harmless"]

_JOINER = "\u2060"
_ACTIVE = re.compile(
    r"!(?=\[)|<(?=[A-Za-z/!?])|(?:(?<!`)`{3,}(?!`)|~{3,}|:{3,})(?=[^`\n]*(?:mermaid|[{&\\]))", re.IGNORECASE
)
_OPENS = re.compile(r"(`{3,})[^`]*$")
# Beside it fences are not read by everyone as they are here: those in lists and quotes, mathematics, which JupyterLab takes out before
# it looks for fences, titles of links, which may have many lines, and what stands in front of a document.
_MISLEADING = re.compile(r"`{3}|~{3}|\\(?:[()\[\]]|begin|end)|\]:|\A---")
_blocks = MarkdownIt("commonmark", {"html": False}).disable("inline")


def harmless(markdown: str) -> str:
    r"""The same text, with images and HTML broken.

    Code in fences stays as it is where nothing in the text can mislead a renderer about where it begins and ends.

    >>> harmless("![](https://example.com/a.png)") == "!\u2060[](https://example.com/a.png)"
    True
    >>> harmless("```html\n<b>\n```")
    '```html\n<b>\n```'
    """
    text = _with_newlines(markdown)
    out: list[str] = []
    prose: list[str] = []
    mark = ""
    for line in text.split("\n"):
        if mark:
            out.append(line)
            if line.strip().startswith(mark):
                if line.strip("`"):  # which ends it for some
                    return _broken(text)
                mark = ""
        else:
            opens = _OPENS.match(line)
            mark = opens[1] if opens is not None else ""
            prose.append(line[len(mark) :])
            out.append(_broken(line))  # what follows the mark, too
    beside = "\n".join(prose)
    is_misleading = mark or _MISLEADING.search(beside) or ("$" in beside and text.count("$") > 1)
    return _broken(text) if is_misleading else "\n".join(out)


def closed(markdown: str) -> str:
    r"""The same text, with an end to the code that it leaves open: what is written after it is no code.

    >>> closed("```python\nwhile True:")
    '```python\nwhile True:\n```'
    """
    text = _with_newlines(markdown)
    tokens = _blocks.parse(f"{text}\n") if "```" in text or "~~~" in text else []
    if not tokens or tokens[-1].type != "fence" or tokens[-1].map is None:
        return text
    begin, end = tokens[-1].map
    is_closed = tokens[-1].content.count("\n") == end - begin - 2
    return text if is_closed else f"{text}\n{tokens[-1].markup}"


def _broken(text: str) -> str:
    return _ACTIVE.sub(lambda found: found[0] + _JOINER, text)


def _with_newlines(text: str) -> str:
    """With the one kind of line break that everyone sees."""
    return re.sub(r"\r\n?", "\n", text)
