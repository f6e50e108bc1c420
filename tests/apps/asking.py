"""Applications that ask a person for more than one text: typed inputs, an approval that is awaited, options, nothing."""

from __future__ import annotations

import asyncio
import contextlib
import enum
from dataclasses import dataclass, field
from typing import Any, Literal

from burr.core import Application, ApplicationBuilder, State, action, default, expr


class Size(enum.Enum):
    """Of a cup."""

    SMALL = "small"
    LARGE = "large"


@dataclass
class Address:
    """Where it goes."""

    street: str
    number: int
    notes: list[str] = field(default_factory=list)


@action(reads=[], writes=["order"])
def order(
    state: State,
    item: str,
    amount: int,
    size: Size,
    gift: bool,
    address: Address,
    price: float = 2.5,
    milk: Literal["none", "cow", "oat"] = "none",
    extras: dict | None = None,
) -> tuple[dict[str, Any], State]:
    """Takes an order.

    Args:
        state: the state.
        item: what to drink
        amount: how many cups
        size: of each cup
        gift: whether it is wrapped
        address: where it goes
        price: for one cup
        milk: in the cup
        extras: whatever else there is to say
    """
    said = (
        f"{amount} {size.value} {item} with {milk} at {price}, gift {gift}, {address.street} {address.number}, {extras}"
    )
    return {"said": said}, state.update(
        order=[item, amount, size.name, gift, address.number, address.notes, price, milk]
    )


def typed() -> Application[Any]:
    """Asks for inputs of every kind, again and again."""
    return (
        ApplicationBuilder().with_actions(order).with_transitions(("order", "order")).with_entrypoint("order").build()
    )


@action(reads=["count"], writes=["count"])
def count(state: State) -> tuple[dict[str, Any], State]:
    """Counts one further."""
    return {"count": state["count"] + 1}, state.update(count=state["count"] + 1)


@action(reads=["count"], writes=["said"])
def tell(state: State) -> tuple[dict[str, Any], State]:
    """Says how far it has counted."""
    said = f"counted to {state['count']}"
    return {"said": said}, state.update(said=said)


def counter(limit: int = 3) -> Application[Any]:
    """Counts to a limit without being asked anything, and ends."""
    return (
        ApplicationBuilder()
        .with_actions(count, tell)
        .with_transitions(("count", "count", expr(f"count < {limit}")), ("count", "tell", default))
        .with_state(count=0)
        .with_entrypoint("count")
        .build()
    )


@action(reads=[], writes=["said"])
def chat(state: State, prompt: str, shout: bool = False, times: int = 1) -> tuple[dict[str, Any], State]:
    """Says it back."""
    said = "You said " + " ".join([prompt.upper() if shout else prompt] * times)
    return {"said": said}, state.update(said=said)


def with_options() -> Application[Any]:
    """A chat with options."""
    return ApplicationBuilder().with_actions(chat).with_transitions(("chat", "chat")).with_entrypoint("chat").build()


_approvals: list[bool] = []


def approve(answer: bool) -> None:
    """Answer whoever waits for it."""
    _approvals.append(answer)


@action(reads=[], writes=["plan"])
def plan(state: State, prompt: str) -> State:
    """Takes what is to be done."""
    return state.update(plan=prompt)


@action(reads=["plan"], writes=["approved"])
async def wait_for_approval(state: State) -> tuple[dict[str, Any], State]:
    """Waits, however long it takes, for somebody elsewhere to approve."""
    while True:
        with contextlib.suppress(IndexError):
            answer = _approvals.pop()
            return {"said": "approved" if answer else "refused"}, state.update(approved=answer)
        await asyncio.sleep(0.01)


def awaited() -> Application[Any]:
    """Waits for an approval from outside in mid-turn."""
    _approvals.clear()
    return (
        ApplicationBuilder()
        .with_actions(plan, wait_for_approval)
        .with_transitions(("plan", "wait_for_approval"), ("wait_for_approval", "plan"))
        .with_entrypoint("plan")
        .build()
    )
