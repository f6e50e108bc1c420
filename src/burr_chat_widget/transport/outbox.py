"""What goes to the pages, and when: numbers, coalesces, bounds, resyncs.

No clock, thread or comm in here: `put` and the page's own messages come in on any thread, `next_due` says when something
should be sent, `take` hands it out. `pump` is what runs it.

Life of an event: put -> pending (deltas of a step put together) -> folded into the view and sent, in a frame. A snapshot is
the view, so it is always the state at a frame's number, whatever is still pending. While no page listens, pending events
are folded and no frame is made.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec

from burr_chat_widget.protocol.commands import Ack, Bye, FramePainted, Hello, Painted, Prefer
from burr_chat_widget.protocol.events import PartDelta, StepStarted, TextDelta, TurnEvent, TurnStarted
from burr_chat_widget.protocol.fold import fold, part_text
from burr_chat_widget.protocol.frames import Frame, FrameSent, Heartbeat, Remark, Snapshot, WireEvent
from burr_chat_widget.protocol.view import REQUESTS, View

from .coalesce import FRAME_TEXT, Coalescer, PartRun, TextRun
from .limits import Limits
from .sent import SentFrames

__all__ = ["Listener", "Outbox"]

logger = logging.getLogger(__name__)

Listener: TypeAlias = "Callable[[TurnEvent | Remark | View], object]"
"""Is told what goes out. It must not raise."""

_ENVELOPE = 100  # What an event other than text weighs at least; js/src/transport/connection.ts counts the same.


@dataclass
class _Client:
    acked: int
    """The last frame that the page is known to have."""
    waiting_since: float | None = None
    """When the oldest frame went out that the page has not acknowledged."""


@dataclass
class _Sent:
    seq: int
    text: int


@dataclass
class _Pending:
    """What waits for a frame, in order."""

    items: deque[WireEvent | TextRun | PartRun] = field(default_factory=deque[WireEvent | TextRun | PartRun])
    since: float = 0.0
    """When the first of them came."""
    text: int = 0
    urgent: bool = False
    """The first delta of a step is among them."""
    told: bool = False
    """Something else than a delta is among them."""


class Outbox:
    """The events of one session, on their way to any number of pages.

    Args:
        view: the view before anything has happened. The outbox owns it from here on.
        limits: when a frame goes out.
        clock: seconds, monotonic.
    """

    def __init__(
        self, view: View, *, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = self._own_limits = limits or Limits()
        self.wake: Callable[[], object] = lambda: None
        """Called, on any thread, when something may be due earlier than `next_due` said before."""
        self._view = view
        self._seq = 0
        self._lock = threading.Lock()
        self.order = threading.RLock()
        """Held while something is told: whoever holds it sees what was told before, and nothing is told meanwhile."""
        self._listeners: tuple[Listener, ...] = ()
        self._untold: deque[TurnEvent | Remark | View] = deque()  # the first one is being told
        self._clock = clock
        self._pending = _Pending()
        self._coalescer = Coalescer()
        self._coalescer.go_on(view)
        self._first_delta = True
        self._clients: dict[str, _Client] = {}
        self._snapshots: dict[str, None] = {}
        self._sent: deque[_Sent] = deque()
        self._sent_frames = SentFrames()
        self._told = 0  # events of turns that are in the view
        self._last_sent = self._last_urgent = float("-inf")
        self._beat_at: float | None = None
        self._beat_wait = self.limits.heartbeat

    # What comes in, on any thread.

    def put(self, event: TurnEvent | Remark) -> None:
        """Let an event go out, in its turn."""
        with self.order:
            with self._lock:
                wake = self._add(event)
            if wake:
                self.wake()
            self._tell(event)

    def listen(self, listener: Listener) -> None:
        """From now on `listener` is handed what is put, and views that replace the one before, in order, on any thread."""
        with self.order:
            self._listeners = (*self._listeners, listener)

    def unlisten(self, listener: Listener) -> None:
        """It is not, any more."""
        with self.order:
            self._listeners = tuple(each for each in self._listeners if each != listener)

    def view(self) -> View:
        """A copy of the view, with all that was put so far in it."""
        with self._lock:
            if not self._clients:
                self._settle()
            copied = msgspec.convert(msgspec.to_builtins(self._view), View)
            pending = [item.event() if isinstance(item, TextRun) else item for item in self._pending.items]
        for item in pending:
            fold(copied, item.event(part_text(copied, *item.part)) if isinstance(item, PartRun) else item)
        return copied

    def replace(self, view: View) -> None:
        """From here on there is this view: every page is sent the whole of it. What pages asked and were answered stays, beside what
        the view has of that, and where turns are held: whoever changes that does not wait for who makes the view.
        """
        with self.order:
            with self._lock:
                self._settle()
                now = self._view
                answered = {*now.accepted, *(each.request for each in now.refused)}
                accepted = [each for each in view.accepted if each not in answered]
                began = {turn.request for turn in view.turns}
                refused = [each for each in view.refused if each.request not in answered]
                view.accepted = [each for each in [*now.accepted, *accepted] if each not in began][-REQUESTS:]
                view.refused = [*now.refused, *refused][-REQUESTS:]
                view.pausing, view.breakpoints = now.pausing, now.breakpoints
                view.pace, view.fault = now.pace, now.fault
                self._view = view
                self._coalescer.go_on(view)
                self._seq += 1
                self._snapshots.update(dict.fromkeys(self._clients))
            self.wake()
            self._tell(view)

    def told(self) -> int:
        """How many events of turns were put so far; each delta is one."""
        with self._lock:
            return self._told + sum(map(_events, self._pending.items))

    def sent(self, first: int, last: int) -> list[FrameSent]:
        """The frames that carried any of the events from `first` to before `last`, as `told` counts, as far as they are remembered."""
        with self._lock:
            return self._sent_frames.between(first, last)

    def painted(self, frames: Iterable[FramePainted]) -> None:
        """A page says when it had painted them."""
        with self._lock:
            self._sent_frames.painted(frames)

    def hello(self, client: str) -> None:
        """A page is new, or has lost its place: it is owed a snapshot."""
        with self._lock:
            self._snapshots[client] = None
        self.wake()

    def ack(self, client: str, seq: int) -> None:
        """A page has painted everything up to `seq`."""
        with self._lock:
            known = self._clients.get(client)
            if known is None and seq != self._seq:
                # Forgotten while it slept, and behind: only a snapshot helps.
                self._snapshots[client] = None
            elif known is None:
                self._clients[client] = _Client(acked=seq)
            else:
                known.acked = max(known.acked, min(seq, self._seq))
                known.waiting_since = None if known.acked == self._seq else self._clock()
            self._forget_acked()
        self.wake()

    def bye(self, client: str) -> None:
        """A page has gone."""
        with self._lock:
            self._clients.pop(client, None)
            self._snapshots.pop(client, None)
            self._forget_acked()
        self.wake()

    def prefer(self, frames: float | None) -> None:
        """Send at most so many frames a second; None for as many as by the outbox's own limits."""
        with self._lock:
            self.limits = self._own_limits.at_most(frames)
        self.wake()

    def hear(self, command: Hello | Ack | Bye | Painted | Prefer) -> None:
        """What a page says of itself."""
        match command:
            case Hello():
                self.hello(command.client)
            case Ack():
                self.ack(command.client, command.seq)
            case Bye():
                self.bye(command.client)
            case Painted():
                self.painted(command.frames)
            case Prefer():
                self.prefer(command.frames)

    # What goes out, on one thread or task at a time.

    def next_due(self) -> float | None:
        """When something should be sent, by the clock; None when nothing will be until something comes in."""
        with self._lock:
            return self._due()

    def take(self) -> list[dict[str, Any]]:
        """What should be sent now, as plain data: the snapshots that pages are owed, else at most one frame."""
        with self._lock:
            now = self._clock()
            for client in [c for c, k in self._clients.items() if self._is_gone(k, now)]:
                del self._clients[client]
            out: list[Frame | Snapshot | Heartbeat] = []
            if not self._clients:
                self._settle()
            for client in self._snapshots:
                out.append(Snapshot(seq=self._seq, client=client, view=self._view))
                self._clients[client] = _Client(acked=self._seq - 1, waiting_since=now)
                self._expect_ack(now)
            self._snapshots.clear()
            # After the snapshots, at the next call: whose view was replaced could do nothing with a frame.
            due = self._frame_due()
            if not out and due is not None and due <= now:
                out.append(self._frame(now))
            if not out and self._beat_at is not None and self._beat_at <= now:
                out.append(Heartbeat(seq=self._seq))
                self._beat_wait = min(self._beat_wait * 2, self.limits.heartbeat_max)
                self._beat_at = now + self._beat_wait if self._clients else None
            # With the lock held: a snapshot is made of the view itself, which the next fold changes.
            return [msgspec.to_builtins(message) for message in out]

    def _tell(self, told: TurnEvent | Remark | View) -> None:
        """Hand it to the listeners, with the order held. What one of them puts meanwhile comes after it to the others too."""
        self._untold.append(told)
        if len(self._untold) > 1:
            return
        try:
            while self._untold:
                for listener in self._listeners:
                    listener(self._untold[0])
                self._untold.popleft()
        finally:
            self._untold.clear()

    # Below, the lock is held.

    def _add(self, event: TurnEvent | Remark) -> bool:
        """Make the event wait for a frame; says whether the pump may have to get up earlier for it."""
        pending = self._pending
        if not pending.items:
            pending.since = self._clock()
        last = pending.items[-1] if len(pending.items) > self.limits.singly else None
        if isinstance(event, TextDelta):
            pending.items.extend(self._coalescer.add(last if isinstance(last, TextRun) else None, event))
            before = pending.text
            pending.text += len(event.text)
            if self._first_delta:
                self._first_delta = False
                pending.urgent = True
                return True
            return before == 0 or before < self.limits.worth <= pending.text
        if isinstance(event, PartDelta):
            if isinstance(last, PartRun) and last.add(event):
                return False
            pending.items.append(PartRun(event))
            wake = not pending.told
            pending.told = True
            return wake
        if isinstance(event, TurnStarted):
            self._coalescer.begin_turn()
        elif isinstance(event, StepStarted):
            self._coalescer.begin_step(event.monotonic)
            self._first_delta = True
        pending.items.append(event)
        wake = not pending.told
        pending.told = True
        return wake

    def _due(self) -> float | None:
        if self._snapshots:
            return float("-inf")
        times = [t for t in (self._frame_due(), self._beat_at) if t is not None]
        if self._pending.items and not self._clients:
            return None
        return min(times, default=None)

    def _frame_due(self) -> float | None:
        pending, limits = self._pending, self.limits
        if not pending.items or not self._clients:
            return None
        if not self._has_credit():
            return self._last_sent + limits.trickle
        if pending.urgent:
            # At once, though a frame has just gone; but many short steps do not make a burst of frames.
            return self._last_urgent + limits.interval
        soonest = self._last_sent + limits.interval
        if pending.told or pending.text >= limits.worth:
            return soonest
        return max(soonest, pending.since + limits.patience)

    def _has_credit(self) -> bool:
        limits = self.limits
        return len(self._sent) < limits.window_frames and sum(s.text for s in self._sent) < limits.window_text

    def _is_gone(self, client: _Client, now: float) -> bool:
        return client.waiting_since is not None and client.waiting_since + self.limits.forget < now

    def _forget_acked(self) -> None:
        """The page that is furthest ahead gives the credit: the others catch up, or ask for a snapshot."""
        ahead = max((c.acked for c in self._clients.values()), default=self._seq)
        while self._sent and self._sent[0].seq <= ahead:
            self._sent.popleft()
        if all(c.acked >= self._seq for c in self._clients.values()):
            self._beat_at = None
            self._beat_wait = self.limits.heartbeat

    def _expect_ack(self, now: float) -> None:
        self._beat_wait = self.limits.heartbeat
        self._beat_at = now + self._beat_wait

    def _frame(self, now: float) -> Frame:
        """Move what fits into a frame from pending to the view."""
        pending = self._pending
        events: list[WireEvent] = []
        text, first = 0, self._told
        singly = self.limits.singly > 0 and self._has_credit()
        while pending.items:
            item = pending.items[0]
            alone = singly and isinstance(item, TextRun | PartRun)
            length = item.length if isinstance(item, TextRun | PartRun) else _length(item)
            if events and (alone or text + length > FRAME_TEXT):
                break
            pending.items.popleft()
            admitted = self._admit(item)
            events += admitted
            if isinstance(item, TextRun):
                pending.text -= length
                text += length
            else:
                text += sum(map(_length, admitted))  # of a part that was replaced, what changes travels
            if alone:
                break
        if pending.urgent:
            self._last_urgent = now
            pending.urgent = False
        pending.told = any(not isinstance(item, TextRun) for item in pending.items)
        pending.since = now
        self._seq += 1
        self._sent.append(_Sent(self._seq, text))
        self._last_sent = now
        for client in self._clients.values():
            client.waiting_since = client.waiting_since or now
        self._expect_ack(now)
        frame = Frame(seq=self._seq, events=events)
        self._sent_frames.add(frame, sent=now, first=first, last=self._told)
        return frame

    def _admit(self, item: WireEvent | TextRun | PartRun) -> list[WireEvent]:
        """Fold an item into the view; returns what of it may travel: nothing, when the view cannot take it."""
        self._told += _events(item)
        if isinstance(item, PartRun):
            event: WireEvent = item.event(part_text(self._view, *item.part))
        else:
            event = item.event() if isinstance(item, TextRun) else item
        try:
            fold(self._view, event)
        except Exception:
            # An event that is out of place is a defect, but it must not end the conversation.
            logger.exception("the view cannot take %r", event)
            return []
        return [event]

    def _settle(self) -> None:
        """Nobody listens: what is pending goes into the view, and into no frame."""
        if self._pending.items:
            while self._pending.items:
                self._admit(self._pending.items.popleft())
            self._pending = _Pending()
            self._seq += 1
        self._sent.clear()
        self._beat_at = None


def _events(item: WireEvent | TextRun | PartRun) -> int:
    """How many events of turns it stands for."""
    if isinstance(item, TextRun | PartRun):
        return item.deltas
    return 0 if isinstance(item, Remark) else 1


def _length(event: WireEvent) -> int:
    """About how much text the event is: what it carries, and its envelope, so that a frame of many small ones is bounded too."""
    return _ENVELOPE + len(getattr(event, "text", ""))
