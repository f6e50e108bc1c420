"""Markdown of a model, as hosts may render it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from burr_chat_widget.saved.harmless import closed, harmless

JOINER = "\u2060"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("![](https://example.com/a)", f"!{JOINER}[](https://example.com/a)"),
        ("a ![b][c] and\n\n[c]: https://example.com/a", f"a !{JOINER}[b][c] and\n\n[c]: https://example.com/a"),
        ("<img src=x>", f"<{JOINER}img src=x>"),
        ("```mermaid\nflowchart\n```", f"```{JOINER}mermaid\nflowchart\n```"),
        ("> ~~~~ Mermaid\n> flowchart", f"> ~~~~{JOINER} Mermaid\n> flowchart"),
        ("```&#109;ermaid\n```", f"```{JOINER}&#109;ermaid\n```"),
        ("```{image} https://example.com/a\n```", f"```{JOINER}{{image}} https://example.com/a\n```"),
        (":::{image} https://example.com/a\n:::", f":::{JOINER}{{image}} https://example.com/a\n:::"),
        ("</div><!-- --><?php", f"<{JOINER}/div><{JOINER}!-- --><{JOINER}?php"),
        ("`<b>`", f"`<{JOINER}b>`"),
        ("```\n```\n<b>", f"```\n```\n<{JOINER}b>"),
        ("````\n```\n````\n<b>", f"````\n```\n````\n<{JOINER}b>"),
        ("```<b>\n<b>\n```", f"```<{JOINER}b>\n<b>\n```"),
    ],
)
def test_images_and_tags_are_broken(written: str, shown: str):
    assert harmless(written) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 < 2, a <- b, wow! [link](https://example.com)",
        "```html\n<b>![](x)\n```\nand on",
        "It costs $5:\n```\n<b>\n```",
        "```sh\necho $HOME\n```\nand\n\n````\n~~~\n<b>\n````",
    ],
)
def test_text_and_fenced_code_stay_as_they_are(text: str):
    assert harmless(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "``` a`b ```\n<b>",
        "    ```\n<b>",
        "> ```\n> <b>",
        "~~~\n<b>\n~~~",
        "```\n<b>, which goes on",
        "   ```\n<b>\n   ```",
        "```\n<b>\n``` \nmore",
        "```\n```~~~\n<b>\n```",
        "- a\n  ```\n\n<b>",
        "- a\n  ```\n\n```\n<b>\n```",
        "$$\n```\n$$\n\n<b>\n\n```",
        "$a\n```\nb$\n\n<b>\n\n```",
        "It costs $5:\n```\necho $HOME <b>\n```",
        "```\n\\begin{a}\n```\n\\end{a}\n\n```\n<b>\n```",
        "\\[\n```\n\\]\n\n<b>\n\n```",
        "\\begin{a}\n```\n\\end{a}\n\n<b>\n\n```",
        '[a]: x "b\n```\n"\n<b>\n```',
        "---\n\n```\n---\n<b>\n```",
    ],
)
def test_code_that_is_none_to_every_renderer_is_not_trusted_to_be_code(text: str):
    assert harmless(text) == text.replace("<", f"<{JOINER}")


_PIECES = [
    "![x](https://example.com/a)",
    "<img src=x>",
    "```",
    "````",
    "~~~",
    "$",
    "$$",
    "- ",
    "> ",
    "  ",
    "    ",
    "a",
    "b",
    "\n",
    "\n\n",
    "\r",
]


@given(pieces=st.lists(st.sampled_from(_PIECES), max_size=20))
def test_a_renderer_finds_no_image_and_no_tag(pieces: list[str]):
    tokens = MarkdownIt("commonmark").parse(harmless("".join(pieces)))
    found = {token.type for block in tokens for token in [block, *(block.children or [])]}
    assert not found & {"image", "html_inline", "html_block"}


@given(pieces=st.lists(st.sampled_from(_PIECES), max_size=20))
def test_what_comes_after_it_is_no_code(pieces: list[str]):
    *_, opened, inside, _ = MarkdownIt("commonmark").parse(closed("".join(pieces)) + "\n\n**after**\n")
    assert (opened.type, opened.level, inside.content) == ("paragraph_open", 0, "**after**")


def test_line_breaks_are_of_one_kind():
    assert harmless("a\r\nb\rc") == closed("a\r\nb\rc") == "a\nb\nc"
