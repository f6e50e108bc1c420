"""What the page asks of the kernel: one comm message each. The kernel answers none of them; it tells what became of them."""

from __future__ import annotations

from typing import Any

import msgspec

from .frames import WireMessage

__all__ = ["Ack", "Asset", "Bye", "Command", "Hello", "Restart", "Retry", "Send", "Stop", "decode_command"]


class Hello(WireMessage, frozen=True, kw_only=True):
    """A page is here and holds nothing, or has found a gap: send it a snapshot. `client` is its name, made up by it."""

    client: str


class Ack(WireMessage, frozen=True, kw_only=True):
    """The page has painted everything up to `seq`."""

    client: str
    seq: int


class Bye(WireMessage, frozen=True, kw_only=True):
    """The page is going away; nobody waits for its acks any longer."""

    client: str


class Send(WireMessage, frozen=True, kw_only=True):
    """Begin a turn. `text` goes to the prompt input; None where the application takes no prompt.

    `inputs` holds what was filled in, by the field's name: a string as it was typed, a bool, a list of strings, or an object of
    these. What was left as it was is not in it.

    `request` is a name of the page's making: `turn-started` or `refused` gives it back.
    """

    client: str
    request: str
    text: str | None = None
    inputs: dict[str, Any] = {}


class Stop(WireMessage, frozen=True, kw_only=True):
    """Stop that turn, if it is the one that runs."""

    client: str
    turn: str


class Retry(WireMessage, frozen=True, kw_only=True):
    """Take the last turn back and run it again with the same inputs. `turn` must be the last one."""

    client: str
    request: str
    turn: str


class Restart(WireMessage, frozen=True, kw_only=True):
    """Begin again at the entrypoint, where the application has ended. Its state is kept."""

    client: str
    request: str


class Asset(WireMessage, frozen=True, kw_only=True):
    """Send the module of ours (`math`, `graphviz`), which is loaded on demand."""

    client: str
    name: str


Command = Hello | Ack | Bye | Send | Stop | Retry | Restart | Asset


def decode_command(content: object) -> Command:
    """A command from the content of a comm message.

    Raises:
        msgspec.ValidationError: if it is none; the message names the field.
    """
    return msgspec.convert(content, Command)
