"""What the session of a conversation tells, on its way to the clients: filtered, and with the end of a turn kept back until it may be known."""

from __future__ import annotations

import logging
from collections.abc import Callable

from burr_chat_widget.protocol.events import TurnStarted
from burr_chat_widget.protocol.frames import ControlsChanged
from burr_chat_widget.protocol.view import View
from burr_chat_widget.session import ChatSession
from burr_chat_widget.transport.outbox import Outbox

from .bell import Bell
from .exposure import Exposure, log
from .late import Late, Told

__all__ = ["Telling"]

logger = logging.getLogger(__name__)


class Telling:
    """Hears one session at a time, on any thread.

    Args:
        session: the first one.
        exposure: what clients see.
        bell: is rung whenever something was told.
        held: says whether the next turn may not begin anywhere else yet.
        started: is called when a turn begins, before clients are told of it.

    Attributes:
        outbox: what clients may see.
    """

    def __init__(
        self,
        session: ChatSession,
        exposure: Exposure,
        bell: Bell,
        *,
        held: Callable[[], bool],
        started: Callable[[TurnStarted], object],
    ) -> None:
        self._session = session
        self._exposure = exposure
        self._bell = bell
        self._held = held
        self._started = started
        self._late = Late(self._put)
        self.outbox = Outbox(exposure.view(session.outbox.view()))
        self._attach(session)

    def hear(self, session: ChatSession, *, quietly: bool = False) -> bool:
        """From now on that session is heard, and what it shows is seen; or `quietly`, where that is what the one before it has shown.

        Says whether something else is seen now.
        """
        quietly = quietly and _said(session) == _said(self._session)
        self._session.outbox.unlisten(self._tell)
        view = session.outbox.view()
        controls = {name: getattr(view, name) for name in ("pausing", "breakpoints", "pace", "fault")}
        with self.outbox.order:
            self._attach(session)
            if not quietly:
                self._tell(view)
            self._tell(ControlsChanged(**session.stamp(), **controls))
        return not quietly

    def show(self) -> None:
        """What the session shows is seen again, where something else was."""
        self._tell(self._session.outbox.view())

    def release(self) -> None:
        """The turn that has ended first is over."""
        with self.outbox.order:
            self._late.release(held=self._held())

    def release_all(self) -> None:
        """Nothing is kept back any longer."""
        with self.outbox.order:
            self._late.release(held=False)

    def _attach(self, session: ChatSession) -> None:
        self._session = session
        session.explain = self._exposure.words
        session.outbox.listen(self._tell)

    def _tell(self, told: Told) -> None:
        with self.outbox.order:
            self._late.take(told, held=self._held())

    def _put(self, told: Told) -> None:
        try:
            if isinstance(told, View):
                self.outbox.replace(self._exposure.view(self._session.outbox.view()))
                return
            if isinstance(told, TurnStarted):
                self._started(told)
            log(told)
            self.outbox.put(self._exposure.event(told))
        except Exception:
            logger.exception("clients could not be told of a %s", type(told).__name__)
        finally:
            self._bell.ring()


def _said(session: ChatSession) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in session.outbox.view().messages]
