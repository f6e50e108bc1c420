"""A conversation as Markdown and as static HTML."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given

from burr_chat_widget.protocol.events import TurnError
from burr_chat_widget.protocol.fold import fold
from burr_chat_widget.protocol.view import Message, View
from burr_chat_widget.saved import MARK, to_html, to_markdown
from burr_chat_widget.saved.html import MESSAGES, TEXT
from burr_chat_widget.saved.svg import to_svg
from support.events import ACTIONS, first_view, texts, turns

VOID = ("img", "br", "hr")
HARMLESS = {
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "details",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "li",
    "ol",
}
HARMLESS |= {"p", "pre", "s", "span", "strong", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul"}


class _Page(HTMLParser):
    """What a page is made of; raises where an element is not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def said(**message: object) -> View:
    view = first_view()
    view.messages = [Message(**{"key": "m1", "turn": "t1", "role": "assistant", "action": "answer", **message})]  # pyright: ignore[reportArgumentType]
    return view


@given(turns())
def test_whatever_is_told_makes_a_page_of_harmless_elements(events: list):
    view = first_view()
    for event in events:
        fold(view, event)
    page = _Page(to_html(view))
    assert {name for name, _ in page.elements} <= HARMLESS
    for name, attributes in page.elements:
        assert not any(key.startswith("on") for key in attributes)
        assert name != "img" or (attributes["src"] or "").startswith("data:image/svg+xml;base64,")
    to_markdown(view)


@given(texts)
def test_what_is_said_is_in_it(text: str):
    words = "said:" + "".join(letter for letter in text if letter.isalnum())
    assert words in _Page(to_html(said(text=words))).text
    assert words in to_markdown(said(text=words))


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>![x](https://example.com/a) [y](javascript:alert(1))"


@pytest.mark.parametrize(
    "kind", ["text", "reasoning", "tool-call", "code", "data", "image", "notice", "error", "tool-result"]
)
def test_what_a_model_writes_is_no_html_and_fetches_nothing(kind: str):
    view = said(text=HOSTILE, kind=kind, name=HOSTILE, result=HOSTILE, notices=[HOSTILE])
    view.messages[0].error = TurnError(kind=HOSTILE, message=HOSTILE)
    page = _Page(to_html(view))
    assert {name for name, _ in page.elements} <= HARMLESS
    images = [attributes["src"] or "" for name, attributes in page.elements if name == "img"]
    assert [source[:5] for source in images] == ["data:"]  # the state machine
    assert all((attributes.get("href") or "").startswith("https:") for name, attributes in page.elements if name == "a")
    outside = re.sub(r"^(`{3,})[^`\n]*\n.*?\n\1$", "", to_markdown(view), flags=re.DOTALL | re.MULTILINE)
    outside = re.sub(r"`[^`\n]*`", "", outside)
    assert not re.search(r"(?<!\\)<\w|(?<!\\)!\[", outside)


def test_the_state_machine_is_a_picture_with_words():
    view = first_view()
    page = _Page(to_html(view))
    ((_, image),) = [each for each in page.elements if each[0] == "img"]
    assert "decide to answer if safe=True" in (image["alt"] or "")
    svg = ElementTree.fromstring(base64.b64decode((image["src"] or "").partition(",")[2]))
    shown = {text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")}
    assert shown == {*ACTIONS, "safe=True", "again=True"}


def test_names_in_the_picture_are_words_whatever_they_are():
    view = first_view()
    hostile = "</text><script>"
    graph = view.graph
    actions = [*graph.actions, type(graph.actions[0])(name=hostile)]
    svg = ElementTree.fromstring(to_svg(type(graph)(entrypoint="prompt", actions=actions, transitions=[]), {}, []))
    assert hostile in {text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")}


def test_a_long_conversation_is_shown_in_part_and_says_so():
    view = first_view()
    view.messages = [Message(key=f"m{n}", turn="t1", role="user", text=f"number {n}.") for n in range(MESSAGES + 7)]
    view.messages[-1].text = "x" * (TEXT + 5)
    text = _Page(to_html(view)).text
    assert "7 earlier messages are left out." in text
    assert "number 7." in text
    assert "number 6." not in text
    assert "5 more characters are left out." in text


def test_who_said_what_and_how_it_ended():
    view = said(text="half", status="failed")
    view.messages[0].error = TurnError(kind="ValueError", message="no such thing")
    view.messages.insert(0, Message(key="m0", turn="t1", role="user", text="Do it"))
    assert to_markdown(view) == (
        "# Chat\n\n*a model, conversation `app`*\n\n**You**:\n\nDo it\n\n**answer** (failed):\n\nhalf\n\n> ValueError: no such thing\n"
    )
    assert f'class="{MARK}"' in to_html(view)
