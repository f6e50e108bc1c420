"""What a frame weighs besides its text: the message around it is short, and still one that every client understands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.kernel import Kernel, KernelPage
from support.scripts import script, words

HEADER = {"msg_id", "msg_type", "username", "session", "date", "version"}
"""What the messaging protocol wants in a header."""


def weight(message: dict[str, Any]) -> int:
    """The bytes of a message's parts, as the kernel packs them, without what differs between kernels: names and counters."""
    header = {
        **message["header"],
        "session": "",
        "msg_id": "",
        "version": "",
        "date": message["header"]["date"].isoformat(),
    }
    parts = [json.dumps(header), json.dumps(message["parent_header"]), json.dumps(message["metadata"])]
    return sum(map(len, parts)) + len(json.dumps(message["content"], separators=(",", ":")))


def frames(page: KernelPage) -> list[dict[str, Any]]:
    """The messages of the page's frames."""
    return [
        m
        for m in page.kernel.published
        if m["msg_type"] == "comm_msg" and m["content"]["data"].get("content", {}).get("type") == "frame"
    ]


def test_a_frame_belongs_to_no_request_and_is_a_message_like_any_other(page: KernelPage):
    assert page.ask(script(deltas=20, delay=0.02)) == words(20)
    kernel = page.kernel
    sent = frames(page)
    assert len(sent) > 3
    (session,) = {m["header"]["session"] for m in kernel.published}
    for message in sent:
        header = message["header"]
        assert header.keys() == HEADER
        assert all(isinstance(header[name], str) for name in HEADER - {"date"})
        assert message["parent_header"] == {} == message["metadata"]
        assert session not in header["msg_id"]
        assert len(header["msg_id"]) < 20
    names = [m["header"]["msg_id"] for m in kernel.published]
    assert len(names) == len(set(names))


def test_a_frame_of_text_weighs_little_more_than_its_names(page: KernelPage):
    page.ask(script(deltas=20, delay=0.02))
    text = frames(page)[-2]
    events = json.dumps(text["content"]["data"]["content"]["events"], separators=(",", ":"))
    assert [e["type"] for e in text["content"]["data"]["content"]["events"]] == ["text"]
    # The header's names and the date; two empty parts; the comm's name, and what ipywidgets and the frame are called.
    assert weight(text) - len(events) < 128 + 4 + 122


@pytest.mark.parametrize(
    ("default", "seen"),
    [("float('inf')", None), ("float('nan')", None), (r"'caf\udce9.txt'", "caf"), ("'漢字 𝄞 \u2028'", "漢字 𝄞 \u2028")],
)
def test_what_json_cannot_say_does_not_keep_a_page_from_its_snapshot(kernel: Kernel, default: str, seen: str | None):
    kernel.run(f"""
from burr.core import ApplicationBuilder, State, action
@action(reads=[], writes=[])
def ask(state: State, given: {"str" if seen else "float"} = {default}, wanted: int = 1) -> State:
    return state
chat = BurrChat(ApplicationBuilder().with_actions(ask).with_transitions(("ask", "ask")).with_entrypoint("ask").build())
""")
    page = KernelPage.show(kernel)
    assert page.view is not None
    fields = {field.name: field for field in page.view.composer.fields}
    assert fields["wanted"].default == 1
    shown = fields["given"].default
    assert shown == seen if seen is None else shown.startswith(seen)
    assert kernel.errors() == ""
