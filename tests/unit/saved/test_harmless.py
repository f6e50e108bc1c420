"""Markdown of a model, as hosts may render it."""

from __future__ import annotations

import pytest

from burr_chat_widget.saved.harmless import harmless

JOINER = "\u2060"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("![](https://example.com/a)", f"!{JOINER}[](https://example.com/a)"),
        ("a ![b][c] and\n\n[c]: https://example.com/a", f"a !{JOINER}[b][c] and\n\n[c]: https://example.com/a"),
        ("<img src=x>", f"<{JOINER}img src=x>"),
        ("</div><!-- --><?php", f"<{JOINER}/div><{JOINER}!-- --><{JOINER}?php"),
        # Code that is no fence to every renderer is not trusted to be code.
        ("`<b>`", f"`<{JOINER}b>`"),
        ("``` a`b ```\n<b>", f"``` a`b ```\n<{JOINER}b>"),
        ("    ```\n<b>", f"    ```\n<{JOINER}b>"),
        ("> ```\n> <b>", f"> ```\n> <{JOINER}b>"),
        ("```\n```\n<b>", f"```\n```\n<{JOINER}b>"),
        ("````\n```\n````\n<b>", f"````\n```\n````\n<{JOINER}b>"),
        ("~~~\n```\n~~~ \t\r\n<b>", f"~~~\n```\n~~~ \t\r\n<{JOINER}b>"),
    ],
)
def test_images_and_tags_are_broken(given: str, shown: str):
    assert harmless(given) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 < 2, a <- b, wow! [link](https://example.com)",
        "```html\n<b>![](x)\n```\nand on",
        "~~~\n<b>\n```\n<b>\n~~~",
        "```\n<b>, which goes on",
        "   ```\n    ```\n<b>\n   ```",
        "```\r\n<b>\r```\rend",
    ],
)
def test_text_and_fenced_code_stay_as_they_are(text: str):
    assert harmless(text) == text
