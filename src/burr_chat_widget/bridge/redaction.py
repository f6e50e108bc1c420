"""Which values are shown nowhere. A store keeps them: it has the whole state.

Everything that shows a value of the user's asks here first: `printable.short`, `values.json_text`, the inspector's rows, and
the test cases. What the application says (texts, messages, calls of tools) is shown as it is.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, TypeAlias, cast

from .entries import entries_of, family_of

__all__ = ["CREDENTIALS", "HIDDEN", "NOTHING", "RedactOption", "Redaction", "looks_like_credential"]

logger = logging.getLogger(__name__)

HIDDEN = "<redacted>"
"""What is shown in place of a value."""

RedactOption: TypeAlias = "Iterable[str] | Callable[[str, Any], bool] | Literal[False] | None"
"""See `Redaction`."""

_WORDS = frozenset(
    [
        "apikey",
        "auth",
        "authorization",
        "bearer",
        "cookie",
        "cookies",
        "credential",
        "credentials",
        "passphrase",
        "passwd",
        "password",
        "passwords",
        "pwd",
        "secret",
        "secrets",
    ]
)
_KEYS = frozenset(
    ["access", "account", "api", "auth", "encryption", "master", "private", "secret", "service", "signing", "ssh"]
)
_COUNTED = frozenset(  # what is no credential before `token`: the texts and numbers of language models
    [
        "bos",
        "cls",
        "completion",
        "current",
        "eos",
        "first",
        "input",
        "last",
        "mask",
        "max",
        "min",
        "next",
        "num",
        "output",
        "pad",
        "per",
        "prompt",
        "sep",
        "special",
        "stop",
        "total",
        "unk",
    ]
)
_PARTS = 100_000
"""So many parts of a value are looked at."""

_LEAST = 4
"""Shorter texts are not looked for in others: they would be found where they mean nothing."""

_JOINED = re.compile("(api|access|private|secret)key$|(access|auth|refresh|session|bearer)token$|password$|passwd$")


@functools.lru_cache(maxsize=4096)
def looks_like_credential(key: str) -> bool:
    """Whether a key is called like what must not be seen: `api_key`, `accessToken`, `X-Api-Key`; not `max_tokens`."""
    key = re.sub("([a-z0-9])([A-Z])|([A-Z]+)(?=[A-Z][a-z])", r"\1\3_\2", key[:200])
    words = re.findall("[a-z0-9]+", key.lower())
    if not words:
        return False
    if not _WORDS.isdisjoint(words) or _JOINED.search(words[-1]):
        return True
    before = words[-2] if len(words) > 1 else ""
    if words[-1] == "token":
        return before not in _COUNTED
    return any(word in ("key", "keys") and words[n] in _KEYS for n, word in enumerate(words[1:]))


class Redaction:
    """What `redact=` says.

    Args:
        redact: None hides what is under a key that looks like a credential, at any depth, except None and bools. Names hide, in
            addition, everything under these keys; upper and lower case are the same. A function of a key and the value under it
            decides alone; the key is a text, of a list's item its place. What it raises hides the value. False hides nothing.

    Raises:
        TypeError: if it is anything else.
    """

    def __init__(self, redact: RedactOption = None) -> None:
        self._names: frozenset[str] = frozenset()
        self._function: Callable[[str, Any], bool] | None = None
        self._off = redact is False
        given = cast("object", redact)
        if callable(given):
            self._function = cast("Callable[[str, Any], bool]", given)
        elif isinstance(given, str):
            self._names = frozenset([given.casefold()])
        elif given is not None and given is not False:
            names: list[object] = list(cast("Iterable[object]", given)) if isinstance(given, Iterable) else [given]
            if not all(isinstance(name, str) for name in names):
                kind = type(cast("object", given)).__name__
                raise TypeError(
                    f"redact= takes names of keys, a function of a key and a value, or False, not this {kind}"
                )
            self._names = frozenset(str(name).casefold() for name in names)

    def hides(self, key: object, value: object) -> bool:
        """Whether `value`, which is under `key`, stays in the kernel. Never raises."""
        if self._off:
            return False
        if isinstance(key, bytes):
            key = key.decode("latin-1")
        if self._function is not None:
            try:
                return bool(self._function(key if isinstance(key, str) else str(key), value))
            except Exception:  # what cannot be decided is not shown
                logger.debug("redact= raised for the key %r", key, exc_info=True)
                return True
        if not isinstance(key, str):
            return False
        if self._names and key.casefold() in self._names:
            return True
        return value is not None and not isinstance(value, bool) and looks_like_credential(key)

    def scrub(self, value: Any) -> tuple[Any, list[str]]:
        """JSON without what is hidden, `HIDDEN` in its place, and the keys and places of what was."""
        found: list[str] = []
        return self._scrub(value, found), found

    def _scrub(self, value: Any, found: list[str]) -> Any:
        if not isinstance(value, dict | list):
            return value
        parts = (
            cast("dict[Any, Any]", value).items() if isinstance(value, dict) else enumerate(cast("list[Any]", value))
        )
        made: dict[Any, Any] = {}
        for key, each in parts:
            if self.hides(key, each):
                found.append(str(key))
                made[key] = HIDDEN
            else:
                made[key] = self._scrub(each, found)
        return made if isinstance(value, dict) else list(made.values())

    def hidden_within(self, value: Any) -> list[Any]:
        """All values in it, at any depth, that stay in the kernel; the value itself is not asked for. Never raises."""
        found: list[Any] = []
        seen: set[int] = set()
        left = [value]
        while left and len(seen) < _PARTS:
            whole = left.pop()
            if id(whole) in seen:
                continue
            seen.add(id(whole))
            for key, each in _parts(whole):
                if self.hides(key, each):
                    found.append(each)
                else:
                    left.append(each)
        return found

    def masked(self, text: str, *values: Any) -> str:
        """A text such as an error's, without the texts and numbers that are hidden in these values."""
        if self._off:
            return text
        hidden = [part for value in values for each in self.hidden_within(value) for part in (each, *_all_parts(each))]
        told = {str(part) for part in hidden if isinstance(part, str | int | float) and not isinstance(part, bool)}
        for each in sorted(told, key=len, reverse=True):
            if len(each) >= _LEAST:
                text = text.replace(repr(each)[1:-1], HIDDEN).replace(each, HIDDEN)
        return text

    @property
    def hides_nothing(self) -> bool:
        """Whether it is off."""
        return self._off


def _parts(value: Any) -> Iterable[tuple[Any, Any]]:
    try:
        family = family_of(value)
        if family is None:
            return ()
        return (
            entries_of(value, family).items()
            if family in ("mapping", "object")
            else enumerate(cast("Iterable[Any]", value))
        )
    except Exception:  # a class that does not let itself be seen
        return ()


def _all_parts(value: Any) -> Iterator[Any]:
    """What is in a hidden value, two levels deep."""
    for _, each in _parts(value):
        yield each
        yield from (part for _, part in _parts(each))


CREDENTIALS = Redaction()
"""What is hidden where nobody says otherwise."""

NOTHING = Redaction(False)
"""Hides nothing."""
