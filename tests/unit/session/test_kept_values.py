"""What checkpoints keep: the values as they were, each once."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from typing import Any

import pydantic
import pytest
from burr.core import State

from apps.graphs import build, does
from burr_chat_widget import BurrChat
from burr_chat_widget.bridge import kept, sharing
from burr_chat_widget.session import ChatSession


class Message(pydantic.BaseModel):
    content: str
    usage: dict[str, int]


@dataclasses.dataclass(frozen=True)
class Pair:
    left: list[int]
    right: list[int]


async def test_what_is_changed_in_place_later_stays_as_it_was() -> None:
    """Also for the same turn once more: what it was given is what it is given."""
    result: list[int] = [1]

    def take(state: State, opts: list[str]) -> tuple[dict[str, Any], State]:
        opts.append("more")
        return {"items": result}, state.update(n=len(opts))

    session = ChatSession(build(("take", "take"), take=does(take, writes=["n"]), state={"n": 0}), runner="kernel")
    turn = await asyncio.wrap_future(session.begin(None, {"opts": ["a"]}).future)
    result.append(2)
    values = session.checkpoints.values(turn.steps[0])
    assert values is not None
    assert (values.inputs["opts"], values.result) == (["a"], {"items": [1]})
    for _ in range(2):
        await session.past.retry(session.turns[0].key)
        assert session.app.state["n"] == 2
    session.close()


def test_what_is_no_data_is_itself() -> None:
    client = object()
    assert kept(client) is client
    holder = {"client": client, "lock": threading.Lock()}  # cannot be copied
    assert kept(holder) is holder


def of(n: int) -> dict[str, Any]:
    return {"role": "assistant", "content": f"{n}", "metadata": {"usage": {"in": n}}}


@pytest.mark.parametrize(
    "make",
    [of, lambda n: Message(content=f"{n}", usage={"in": n}), lambda n: Pair([n], [n])],
    ids=["dict", "model", "data class"],
)
@pytest.mark.parametrize("kind", [list, tuple])
def test_a_long_list_shares_its_items_with_the_one_before(make: Any, kind: Any) -> None:
    """Wherever one was added or taken away."""
    first = State({"items": kind(make(n) for n in range(100))})
    later = State({"items": kind([*(make(n) for n in range(1, 50)), make(1000), *(make(n) for n in range(50, 100))])})
    shared = sharing(first, later)
    assert shared["items"] == later["items"]
    assert type(shared["items"]) is kind
    assert sum(any(item is other for other in first["items"]) for item in shared["items"]) == 99


def test_an_object_shares_what_has_not_changed() -> None:
    first = State({"pair": Pair([1] * 50, [2]), "message": Message(content="a", usage={"in": 1})})
    later = State({"pair": Pair([1] * 50, [3]), "message": Message(content="b", usage={"in": 1})})
    shared = sharing(first, later)
    assert shared.get_all() == later.get_all()
    assert shared["pair"].left is first["pair"].left
    assert shared["message"].usage is first["message"].usage
    assert shared["pair"] is not later["pair"]  # which may be the application's own


@pytest.mark.parametrize("count", [-1, 1.5, "10"])
def test_what_is_no_number_of_steps(count: Any) -> None:
    app = build(a=does(lambda state: state), state={})
    with pytest.raises(ValueError, match="is no number of steps to keep"):
        BurrChat(app, checkpoints=count)
