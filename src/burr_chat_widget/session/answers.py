"""What became of what pages asked: each request is carried out once, and answered as often as it is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from burr_chat_widget.protocol.frames import Accepted, Refused, Remark

__all__ = ["Answers"]

REQUESTS = 1000
"""So many requests are remembered; a page does not ask for longer than until it is answered."""


class Answers:
    """The requests of a session's pages, by the names that these gave them.

    A page says a command again until it hears of it. `turn-started` answers those that begin a turn, `accepted` and `refused` all
    others.

    Args:
        tell: sends what is told to the pages.
        stamp: makes time and turn of what is told.
    """

    def __init__(self, tell: Callable[[Remark], object], stamp: Callable[[], Mapping[str, object]]) -> None:
        self._tell = tell
        self._stamp = stamp
        self._known: dict[str, Remark | None] = {}

    def is_new(self, request: str) -> bool:
        """Whether it was not asked before; from now on it was."""
        new = request not in self._known
        self._known.setdefault(request, None)
        while len(self._known) > REQUESTS:
            del self._known[next(iter(self._known))]
        return new

    def accept(self, request: str, *, tell: bool = True) -> None:
        """It was carried out. Not to `tell` that: the turn that it began has; but whoever asks again may not find it any more."""
        said = Accepted(**self._stamp(), request=request)  # pyright: ignore[reportArgumentType]
        if tell:
            self._answer(said)
        else:
            self._known[request] = said

    def refuse(self, request: str, reason: str, fields: Mapping[str, str] | None = None) -> None:
        """It was not carried out: why, and what is wrong with which field."""
        self._answer(Refused(**self._stamp(), request=request, reason=reason, fields=dict(fields or {})))  # pyright: ignore[reportArgumentType]

    def again(self, request: str) -> None:
        """A page heard nothing of it: say again what was said, if anything was."""
        said = self._known.get(request)
        if said is not None:
            self._tell(said)

    def _answer(self, said: Accepted | Refused) -> None:
        self._known[said.request] = said
        self._tell(said)
