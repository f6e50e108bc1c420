"""What a state holds comes back as it was, from every store: any text, too, byte for byte."""

from __future__ import annotations

import uuid
from typing import Any

import pydantic
import pytest
from burr.core import State
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from apps.kept import chatbot, transcript
from burr_chat_widget import BurrChat
from burr_chat_widget.store import open_place
from burr_chat_widget.store.kept import KeptPersister
from burr_chat_widget.store.packing import BYTES, WRITTEN

from .conftest import MakeStore

KINDS = ["path", "postgresql", "async-postgresql", "redis"]

refused = st.sampled_from(["\x00", "\ud800", "\udfff\ud800", "\\u0000", "👋🏽", "é", "\x01", "\u2028", '"', "\\"])
texts = st.lists(refused | st.text(st.characters(exclude_categories=[]), max_size=4)).map("".join)
marks = st.sampled_from([BYTES, WRITTEN])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts | st.binary(max_size=4),
    lambda parts: (
        st.lists(parts, max_size=3)
        | st.dictionaries(texts | marks, parts, max_size=3)
        | st.dictionaries(marks, parts, max_size=1)
    ),
    max_leaves=8,
)


class Said(pydantic.BaseModel):
    """A message that Burr has a serializer for."""

    content: str
    notes: list[str] = []


# Burr's, of which classes may be made again: here it is our own.
@pytest.mark.filterwarnings("ignore:Deserializing pydantic class")
@pytest.mark.parametrize("store", KINDS, indirect=True)
def test_any_value_comes_back(store: MakeStore) -> None:
    place = open_place(store())

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(values, texts)
    @example({BYTES: "AAAA"}, "")
    @example([1e16, -1e300, 123456789012345678.0, 5e-324, float("inf")], "")
    @example("\ud800\udfff", "\ud800\udfff\ud800")
    @example({WRITTEN: {WRITTEN: b"\x00"}, "\x00": {BYTES: "\x00"}}, "\x00")
    def comes_back(value: Any, text: str) -> None:
        said = Said(content=text, notes=[text, "plain"])
        state = State({"value": value, "said": said, "within": [{"said": said}]})
        kept = KeptPersister(place.persister, "p", uuid.uuid4().hex, owned=place.owned)
        kept.save("p", kept._app_id, 0, "answer", state, "completed")
        row = kept.newest()
        assert row is not None
        assert row["state"].get_all() == state.get_all()

    try:
        comes_back()
    finally:
        persister: Any = place.persister
        if place.owned:
            persister.cleanup()


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e+16", "-1e+300", "-0.0"])
@pytest.mark.parametrize("store", KINDS, indirect=True)
def test_a_number_comes_back_as_it_was(store: MakeStore, number: str) -> None:
    place = open_place(store())
    kept = KeptPersister(place.persister, "p", "a", owned=place.owned)
    kept.save("p", "a", 0, "answer", State({"number": [float(number)]}), "completed")
    row = kept.newest()
    assert row is not None
    assert repr(row["state"]["number"]) == f"[{number}]"
    persister: Any = place.persister
    if place.owned:
        persister.cleanup()


@pytest.mark.parametrize("store", KINDS, indirect=True)
async def test_a_nul_that_was_said_fails_no_turn(store: MakeStore) -> None:
    chat = BurrChat.open(chatbot, app_id="a", store=store())
    turn = await chat.send("a\x00b")
    assert (turn.status, turn.text) == ("completed", "a\x00b")
    said = transcript(chat)
    assert said == [("user", "a\x00b"), ("assistant", "a\x00b")]
    chat.close()
    again = BurrChat.open(chatbot, app_id="a", store=store())
    assert transcript(again) == said
    again.close()
