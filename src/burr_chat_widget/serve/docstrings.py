"""Docstrings of structs as a schema has them: what a struct is, and what each of its fields is, without Python's way of writing that."""

from __future__ import annotations

import inspect
import re

__all__ = ["read_docstring"]

_SECTION = re.compile(r"^(Args|Attributes|Example|Examples|Raises|Returns|Yields|Note|Source):", re.MULTILINE)
_FIELD = re.compile(r"^(?P<names>\w+(?:, \w+)*): (?P<text>.*(?:\n {4,}.*)*)", re.MULTILINE)


def read_docstring(text: str) -> tuple[str, dict[str, str]]:
    r"""What a docstring in Google's style says, and what it says of each attribute, by its name. Lines are joined, paragraphs stay.

    >>> read_docstring("A step.\n\n    Attributes:\n        name: of the\n            action.\n        first, last: of its events.\n")
    ('A step.', {'name': 'of the action.', 'first': 'of its events.', 'last': 'of its events.'})
    """
    text = inspect.cleandoc(text)
    begins = [*_SECTION.finditer(text)]
    ends = [each.start() for each in begins[1:]] + [len(text)] * bool(begins)
    fields: dict[str, str] = {}
    for section, end in zip(begins, ends, strict=True):
        if section[1] != "Attributes":
            continue
        body = inspect.cleandoc(text[section.end() : end])
        for field in _FIELD.finditer(body):
            fields |= dict.fromkeys(field["names"].split(", "), _joined(field["text"]))
    about = text[: begins[0].start()] if begins else text
    return "\n\n".join(map(_joined, re.split(r"\n\s*\n", about.strip()))), fields


def _joined(text: str) -> str:
    return " ".join(text.split())
