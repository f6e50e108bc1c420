"""What a frame weighs besides its text: the message around it is short, and still one that every client understands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.kernel import Kernel, KernelPage
from support.scripts import script

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


def events(frame: dict[str, Any]) -> list[dict[str, Any]]:
    """The events of a frame's message."""
    return frame["content"]["data"]["content"]["events"]


def is_text(frame: dict[str, Any]) -> bool:
    """Whether it brings text and nothing else."""
    return [event["type"] for event in events(frame)] == ["text"]


@pytest.fixture
def sent(page: KernelPage) -> list[dict[str, Any]]:
    """The messages of the frames of a turn that was stopped after some that bring nothing but text."""
    request = page.send(script(deltas=1_000_000, delay=0.02))
    page.until(lambda _: sum(map(is_text, page.frames)) > 3, "frames of text")
    page.stop()
    page.wait_for_turn(request)
    return page.frames


def test_a_frame_belongs_to_no_request_and_is_a_message_like_any_other(page: KernelPage, sent: list[dict[str, Any]]):
    kernel = page.kernel
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


def test_a_frame_of_text_weighs_little_more_than_its_names(sent: list[dict[str, Any]]):
    text = next(frame for frame in sent if is_text(frame))
    said = json.dumps(events(text), separators=(",", ":"))
    # The header's names and the date; two empty parts; the comm's name, and what ipywidgets and the frame are called.
    assert weight(text) - len(said) < 128 + 4 + 122


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
