"""Answers in Markdown, streamed: they end as if rendered at once, and nothing in them runs or is fetched."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from support.notebook import SLOW, Chat, Notebook

pytestmark = pytest.mark.parametrize("shared_notebook", [pytest.param({"app": "lab"}, id="lab")], indirect=True)

DOCUMENT = r"""# A long document

Text with **strong**, *emphasis*, ~~struck~~, `code` and a [link](https://example.com/a?b=c&d=e).

| name | value |
|:-----|------:|
| alpha | 1 |
| beta | **2** |

```python
def squares(count: int) -> list[int]:
    return [n * n for n in range(count)]
```

Inline $a^2 + b^2$ and displayed:

$$
\int_0^1 x\,dx = \frac{1}{2}
$$

1. one
   - nested
2. two
   - [x] done

> quoted
> text

| wide | table | of | many | columns | that | scrolls | inside | its | own | box | and | not | the | page |
|--|--|--|--|--|--|--|--|--|--|--|--|--|--|--|
| 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 |

"""


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    return shared_notebook


def stream(notebook: Notebook, text: str, size: int) -> None:
    """Answer with `text` in deltas of `size` characters."""
    pieces = [{"delta": text[at : at + size]} for at in range(0, len(text), size)]
    notebook.execute(f"import json\nfaulty.WAYS['markdown'] = lambda: iter(json.loads({json.dumps(pieces)!r}))")


def show(notebook: Notebook, text: str) -> Chat:
    """A chat that has answered with `text`."""
    chat = notebook.show_chat("faulty.application()")
    stream(notebook, text, 3)
    chat.ask("markdown")
    expect(chat.answer).to_have_attribute("data-status", "done")
    return chat


def test_a_streamed_document_ends_as_one_rendered_at_once(notebook: Notebook):
    chat = show(notebook, DOCUMENT * 6)
    for each in (chat, notebook.chat(notebook.run("chat"))):
        expect(each.answer_text.locator("math")).to_have_count(12, timeout=SLOW)
        # Colours come when the page is idle.
        expect(each.answer_text.locator("pre code span").first).to_be_attached(timeout=SLOW)
    again = notebook.chat()
    expect(again.answer_text.locator("pre code")).to_have_count(6)
    assert again.root.evaluate("(root) => root.isConnected")
    notebook.page.wait_for_function(
        """() => {
            const [streamed, atOnce] = [...document.querySelectorAll('.bcw[data-view=chat]')].slice(-2)
                .map((chat) => chat.querySelector('article[data-role=assistant] .bcw-text').innerHTML);
            return streamed === atOnce;
        }""",
        timeout=SLOW,
    )


def test_tables_code_and_math(notebook: Notebook):
    answer = show(notebook, DOCUMENT).answer_text
    expect(answer.get_by_role("heading", name="A long document")).to_be_visible()
    rows = answer.get_by_role("table").first.get_by_role("row")
    expect(rows).to_have_text(["namevalue", "alpha1", "beta2"])
    expect(answer.locator("pre code")).to_contain_text("def squares(count: int)")
    expect(answer.locator("pre code span").filter(has_text="def").first).to_be_visible(timeout=SLOW)
    expect(answer.locator("math")).to_have_count(2, timeout=SLOW)
    expect(answer.locator("math mfrac")).to_be_visible()


def test_what_is_wide_scrolls_inside_its_own_box(notebook: Notebook):
    wide = f"```\n{'long ' * 200}\n```\n\n| {'column | ' * 60}\n|{'--|' * 60}\n| {'value | ' * 60}\n\n{'x' * 2000}\n"
    chat = show(notebook, wide)
    assert chat.log.evaluate("(log) => log.scrollWidth <= log.clientWidth")
    for inner in ("pre", "table"):
        assert chat.answer_text.locator(inner).evaluate(
            """(element) => {
                for (let box = element; !box.classList.contains('bcw-text'); box = box.parentElement)
                    if (box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX === 'auto') return true;
                return false;
            }"""
        )


def test_nothing_that_a_model_writes_runs_or_is_fetched(notebook: Notebook):
    elsewhere = "http://elsewhere.invalid"
    chat = show(
        notebook,
        f"""<script>window.ran = 1</script><img src="{elsewhere}/1.png" onerror="window.ran = 2">

![a picture]({elsewhere}/2.png?secret=1) ![inline](data:image/gif;base64,R0lGODlhAQABAAAAACw=)

[good](https://example.com/) [bad](javascript:window.ran=3) [worse](data:text/html,<script>window.ran=4</script>)

[![linked]({elsewhere}/3.png)](https://example.com/)

<iframe src="{elsewhere}/4"></iframe><style>@import "{elsewhere}/5.css";</style>

$$\\href{{javascript:window.ran=5}}{{x}} \\includegraphics{{{elsewhere}/6.png}}$$

$\\href{{javascript:window.ran=6}}{{y}}$ and $z^2$
""",
    )
    answer = chat.answer_text
    expect(answer).to_contain_text("<script>window.ran = 1</script>")
    expect(answer.locator("script, iframe, style")).to_have_count(0)
    expect(answer.locator("img")).to_have_count(1)
    expect(answer.locator("img")).to_have_attribute("alt", "inline")
    good = answer.get_by_role("link", name="good")
    expect(good).to_have_attribute("target", "_blank")
    expect(good).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(answer.locator("math msup")).to_be_visible(timeout=SLOW)
    targets = answer.locator("[href]").evaluate_all("(links) => links.map((link) => link.getAttribute('href'))")
    assert set(targets) == {"https://example.com/"}
    load = answer.get_by_role("button", name="Load image: a picture (elsewhere.invalid)")
    expect(load).to_be_visible()
    assert not notebook.foreign_requests()
    assert notebook.page.evaluate("window.ran") is None

    # Only when the reader asks. The name never resolves.
    with notebook.page.expect_request(f"{elsewhere}/2.png?secret=1") as asked:
        load.click()
    notebook.requests.remove(asked.value.url)
    assert not asked.value.headers.get("referer")
