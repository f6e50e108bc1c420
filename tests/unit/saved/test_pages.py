"""A conversation as Markdown and as static HTML."""

from __future__ import annotations

import base64
import re
import uuid
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from msgspec.structs import replace

from burr_chat_widget.protocol.events import ConditionResult, TransitionTaken, TurnError
from burr_chat_widget.protocol.fold import fold
from burr_chat_widget.protocol.timeline import Figures, Lane
from burr_chat_widget.protocol.view import Message, Step, Turn, View
from burr_chat_widget.saved import MARK, NAMES, to_html, to_markdown, view_to_html, view_to_markdown
from burr_chat_widget.saved.html import MESSAGES, TEXT, UNTRUSTED
from burr_chat_widget.saved.svg import to_svg
from burr_chat_widget.saved.words import STEPS, TIMES
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
    html = to_html(view)
    assert not re.search(r"\n[ \t]*\n", html)
    page = _Page(html)
    assert {name for name, _ in page.elements} <= HARMLESS
    for name, attributes in page.elements:
        assert not any(key.startswith("on") for key in attributes)
        assert name != "img" or (attributes["src"] or "").startswith("data:image/svg+xml;base64,")
    to_markdown(view)


def test_within_a_markdown_document_it_stays_as_it_is():
    code = "def batches():\n\n    yield *1*\n\n\n    yield *2*\n"
    error = TurnError(kind="ValueError", message="first\n\n    second", traceback=None, remedy=None, action="answer")
    html = to_html(said(text=f"one\n\n```python\n{code}```\n\ntwo", error=error))
    assert MarkdownIt("commonmark").render(html) == html
    assert code in _Page(html).text


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


@pytest.mark.parametrize("kind", ["text", "reasoning"])
def test_code_that_a_message_leaves_open_ends_with_it(kind: str):
    view = said(text="```python\nwhile True:", kind=kind)
    view.messages += said(text="```\n![x](https://example.com/a)\n```\n\rand on", kind=kind).messages
    tokens = MarkdownIt("commonmark").parse(to_markdown(view))
    assert [token.content for token in tokens if token.type == "fence"] == [
        "while True:\n",
        "![x](https://example.com/a)\n".replace("!", "!" if kind == "text" else "!\u2060"),
    ]
    assert not [each for token in tokens for each in token.children or [] if each.type == "image"]


def test_the_state_machine_is_a_picture_with_words():
    view = first_view()
    page = _Page(to_html(view))
    ((_, image),) = [each for each in page.elements if each[0] == "img"]
    assert "decide to answer if safe=True" in (image["alt"] or "")
    svg = ElementTree.fromstring(base64.b64decode((image["src"] or "").partition(",")[2]))
    shown = {"".join(text.itertext()) for text in svg.iter("{http://www.w3.org/2000/svg}text")}
    assert shown == {*ACTIONS, "safe=True", "again=True"}


def test_names_in_the_picture_are_words_whatever_they_are():
    view = first_view()
    hostile = "</text>\x1b<script>"
    graph = view.graph
    actions = [*graph.actions, type(graph.actions[0])(name=hostile)]
    svg = ElementTree.fromstring(to_svg(type(graph)(entrypoint="prompt", actions=actions, transitions=[]), {}, []))
    assert "</text>␛<script>" in {text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")}


@pytest.mark.parametrize(
    ("condition", "lines"),
    [
        ("safe=True", ["safe=True"]),
        ("notInitializedYetAtAll", ["notInitializedYetAtAll"]),
        ("mode=generate_the_poem", ["mode=generate_the_", "poem"]),
    ],
)
def test_the_words_of_a_transition_are_on_as_few_lines_as_there_must_be(condition: str, lines: list[str]):
    graph = first_view().graph
    transitions = [replace(graph.transitions[0], condition=condition)]
    svg = ElementTree.fromstring(to_svg(replace(graph, transitions=transitions), {}, []))
    assert [each.text for each in svg.iter("{http://www.w3.org/2000/svg}tspan")] == lines


def test_a_link_leads_to_another_site_or_nowhere():
    said_to = "[a](https://example.com) [b](mailto:a@example.com) [c](/api) [d](//example.com) [e](data:image/png;base64,AA) [f](#x)"
    page = _Page(to_html(said(text=said_to)))
    assert [each["href"] for name, each in page.elements if name == "a"] == [
        "https://example.com",
        "mailto:a@example.com",
    ]


def test_a_long_conversation_is_shown_in_part_and_says_so():
    view = first_view()
    view.messages = [Message(key=f"m{n}", turn="t1", role="user", text=f"number {n}.") for n in range(MESSAGES + 7)]
    view.messages[-1].text = "x" * (TEXT + 5)
    text = _Page(to_html(view)).text
    assert "7 earlier messages are left out." in text
    assert "number 7." in text
    assert "number 6." not in text
    assert "5 more characters are left out." in text


@pytest.mark.parametrize("status", ["stopped", "failed"])
def test_a_turn_that_ended_before_anything_was_said_is_no_empty_box(status: str):
    text = _Page(to_html(said(text="", status=status))).text
    assert f"answer · {status} before anything was said" in text
    assert "before anything" not in _Page(to_html(said(text="half", status=status))).text


def test_that_the_notebook_is_not_trusted_is_said_only_where_trust_brings_views():
    assert UNTRUSTED not in to_html(first_view())
    page = _Page(to_html(first_view(), has_views=True))
    (line,) = [attributes for _, attributes in page.elements if attributes.get("class") == UNTRUSTED]
    assert "display:none" in (line["style"] or "")
    assert {name for name, _ in page.elements} <= HARMLESS


def test_a_number_that_was_made_up_is_no_name():
    view = first_view()
    view.session.app_id, view.session.title = str(uuid.uuid4()), ""
    assert to_markdown(view) == "# Chat\n\n*a model*\n"
    assert view.session.app_id not in to_html(view)
    view.session.app_id = "rivers"
    assert "conversation rivers" in to_html(view)


@given(turns())
@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_told_each_view_makes_a_page_and_a_table(name: str, events: list):
    view = first_view()
    for event in events:
        fold(view, event)
    page = _Page(view_to_html(name, view))
    assert {element for element, _ in page.elements} <= HARMLESS
    assert page.text.startswith(f"Chat {NAMES[name]}")
    assert view_to_markdown(name, view).startswith(f"# Chat\n\n*{NAMES[name]}, a model")


@pytest.mark.parametrize("name", ["inspector", "timeline"])
def test_of_the_steps_the_last_ones_are_a_table(name: str):
    view = first_view()
    view.steps = [Step(turn="t1", step=n, action="answer", started=0.0, status="done") for n in range(STEPS + 7)]
    page = _Page(view_to_html(name, view))
    assert [element for element, _ in page.elements].count("tr") == 1 + STEPS
    assert f"The last {STEPS} of {STEPS + 7} steps." in page.text
    assert view_to_markdown(name, view).count("\n| ") == 2 + STEPS


@pytest.mark.parametrize(("status", "said"), [("completed", "done"), ("stopped", "undone"), ("failed", "undone")])
def test_steps_that_were_undone_with_their_turn_are_said_to_be(status: Any, said: str):
    view = first_view()
    always = TransitionTaken(
        time=1.0,
        monotonic=1.0,
        turn="t1",
        step=0,
        from_action="prompt",
        to_action="decide",
        conditions=[ConditionResult(to="decide", condition="default", outcome=True, taken=True)],
    )
    view.turns.append(Turn(key="t1", started=1.0, status=status))
    view.steps.append(
        Step(step=0, action="prompt", turn="t1", status="done", started=1.0, duration=0.5, decision=always)
    )
    (row,) = view_to_markdown("inspector", view).splitlines()[6:]
    assert row == f"| 0 | prompt | {said} | 500 ms |  |  | decide | always |"


@pytest.mark.parametrize("name", ["graph", "quiz"])
def test_of_the_state_machine_there_are_a_picture_and_a_table_of_its_ways(name: str):
    view = first_view()
    view.nodes["decide"].visits, view.taken[1] = 3, 2
    assert [element for element, _ in _Page(view_to_html(name, view)).elements].count("img") == 1
    assert f"| decide | 3 | to answer if safe=True {TIMES}2; to prompt |" in view_to_markdown(name, view)


def test_what_names_a_turn_that_is_compared_is_no_html_and_ends_no_cell():
    figures = Figures(
        turn="t1",
        status="completed",
        began=0.0,
        ended=2.5,
        first_delta=None,
        first_text=0.25,
        deltas=7,
        characters=30,
        rate=3.5,
        longest_gap=None,
        thinned=False,
        steps=[],
    )
    lanes = [Lane(label=f"{HOSTILE} | x", figures=figures, marks=[], texts=[], frames=[])]
    page = _Page(view_to_html("comparison", first_view(), lanes))
    assert {element for element, _ in page.elements} <= HARMLESS - {"img"}
    assert f"{HOSTILE} | xcompleted250 ms73.52.50 s" in page.text
    rows = view_to_markdown("comparison", first_view(), lanes).splitlines()[4:]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {9}


def test_who_said_what_and_how_it_ended():
    view = said(text="half", status="failed")
    view.messages[0].error = TurnError(kind="ValueError", message="no such thing")
    view.messages.insert(0, Message(key="m0", turn="t1", role="user", text="Do it"))
    assert to_markdown(view) == (
        "# Chat\n\n*a model, conversation `app`*\n\n**You**:\n\nDo it\n\n**answer** (failed):\n\nhalf\n\n> ValueError: no such thing\n"
    )
    assert f'class="{MARK}"' in to_html(view)
