"""How a docstring is taken apart for the description of the endpoints."""

from __future__ import annotations

import doctest

import pytest

from burr_chat_widget.serve import docstrings
from burr_chat_widget.serve.docstrings import read_docstring


def test_its_example_is_right() -> None:
    assert doctest.testmod(docstrings) == (0, 1)


@pytest.mark.parametrize(
    ("text", "about", "fields"),
    [
        ("One line.", "One line.", {}),
        ("Two\n    lines.\n\n    And more.\n    ", "Two lines.\n\nAnd more.", {}),
        ("A.\n\n    Attributes:\n        a: one: two.\n", "A.", {"a": "one: two."}),
        ("A.\n\n    Attributes:\n        a: b.\n\n    Example:\n        >>> c: d\n", "A.", {"a": "b."}),
        ("A.\n\n    Args:\n        a: b.\n\n    Attributes:\n        c: d.\n", "A.", {"c": "d."}),
        ("", "", {}),
    ],
)
def test_what_is_read_of_it(text: str, about: str, fields: dict[str, str]) -> None:
    assert read_docstring(text) == (about, fields)
