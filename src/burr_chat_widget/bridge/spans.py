"""What happens inside a step: spans of the action's tracer, attributes it logs, applications it starts.

Burr tells of it by hooks, on whatever thread it happens: those of parallel actions come from the executor's threads. What an
executor starts in another process (Ray) tells nothing here; of such an application only its beginning and its end are known.
"""

from __future__ import annotations

import concurrent.futures
import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from burr.core import State

from burr_chat_widget.protocol import events as e

from . import private
from .executors import WatchedFactory, raised_elsewhere
from .failures import as_it_is
from .meanwhile import News
from .opened import Opened, Status
from .places import Place, enter, here, leave
from .printable import clean, short, short_key
from .redaction import CREDENTIALS, Redaction
from .snapshots import changes_between

__all__ = ["Spans"]

if TYPE_CHECKING:
    from burr.core.parallelism import SubGraphTask

logger = logging.getLogger(__name__)

MOST = 1000
"""So many spans, and as many attributes, are told of a step: an endless loop inside an action shall not fill the page."""

Key: TypeAlias = "tuple[str, str] | tuple[str, str, object]"
"""`application` or `action` or `span`; the application's id; which of its actions or spans."""


HOOKS = (
    "post_application_create",
    "pre_run_step",
    "post_run_step",
    "post_run_execute_call",
    "pre_start_span",
    "post_end_span",
    "do_log_attributes",
)
"""What is watched; `post_stream_item` too, as soon as there is a nested application."""


class Spans:
    """The spans of one step. Its life: made; `watch`ing while the action runs; ended, after which nothing more is told.

    Attributes:
        news: the events to tell.
        open: what goes on in the step, empty when nothing does.
        ended: whether the action does not run any more.
    """

    def __init__(
        self,
        turn: str,
        step: int,
        app_id: str,
        state: State[Any],
        redaction: Redaction = CREDENTIALS,
        masked: Callable[..., str] = as_it_is,
    ) -> None:
        self.news: News[e.TurnEvent] = News()
        self.open: dict[Key, Opened] = {}
        self.ended = False
        self._state = state
        self._turn = turn
        self._step = step
        self._app_id = app_id
        self._redaction = redaction
        self._masked = masked
        self._numbers = itertools.count(1)
        self._attributes = itertools.count(1)
        self._known = {app_id}
        self._parents: dict[str, int | None] = {}  # of applications that are made and have not run
        self._counting = False  # items of nested applications: while there are none, deltas need not be watched
        self._held_since: float | None = None
        self._lock = threading.RLock()  # what is told stays in order, and nothing is told after the end

    def watch(self) -> None:
        """Begin to listen. What runs in this context, and the threads and tasks that it starts, is part of the step."""
        enter(self, None)
        private.watch_hooks(self._hook, *HOOKS)

    def until(self, clock: tuple[float, float] | None) -> list[e.TurnEvent]:
        """The news; where an item was yielded in a thread, at `clock`, only those from before it."""
        if clock is None:
            return self.news.take()
        events = self.news.events
        told: list[e.TurnEvent] = []
        while events and events[0].monotonic <= clock[1]:
            told.append(events.popleft())
        return told

    def hold(self, since: float) -> None:
        """The step is held from then on, on the monotonic clock."""
        self._held_since = since

    def go_on(self, now: float) -> None:
        """It is held no longer, if it was. What was open meanwhile took that much less."""
        with self._lock:
            if self._held_since is not None:
                for opened in self.open.values():
                    opened.leave_out(self._held_since, now)
            self._held_since = None

    def end(self, status: Status) -> list[e.TurnEvent]:
        """Listen no more: what is left to tell. Spans that are open end with the step."""
        self.listen_no_more()
        for key, opened in reversed([*self.open.items()]):
            self._finish(key, status if opened.status == "done" else opened.status)
        return self.news.take()

    def listen_no_more(self) -> None:
        """The action does not run any more."""
        with self._lock:
            self.ended = True
        private.unwatch_hooks(self._hook)

    def inputs(self, given: dict[str, Any]) -> dict[str, Any]:
        """An action's inputs, with a context of which the executor says what it starts."""
        context = given.get("__context")
        if context is None:
            return given
        factory = WatchedFactory(context.parallel_executor_factory, self._submitted, self._returned)
        return {**given, "__context": replace(context, parallel_executor_factory=factory)}

    def _now(self) -> dict[str, Any]:
        return {"time": time.time(), "monotonic": time.monotonic(), "turn": self._turn, "step": self._step}

    def _hook(self, hook: str, told: dict[str, Any]) -> None:
        if hook == "post_stream_item" and told["app_id"] == self._app_id:
            return
        try:
            with self._lock:
                if not self.ended and self._concerns(told):
                    getattr(self, "_on_" + hook)(**told)
        except Exception:  # a hook that raises would end the user's turn
            logger.debug("a span could not be told", exc_info=True)

    def _concerns(self, told: dict[str, Any]) -> bool:
        """Whether it happens inside the step. Where the context says nothing, as in threads, the ids of applications do."""
        app_id, place = told["app_id"], here()
        if app_id == self._app_id and told.get("action_sequence_id", self._step) != self._step:
            return False
        if place is None:
            parent = told.get("spawning_parent_pointer")
            if app_id in self._known:
                return True
            if parent is None or parent.app_id not in self._known:
                return False
            if parent.app_id == self._app_id and parent.sequence_id != self._step:
                return False
        elif self._place() is None:
            return False
        self._known.add(app_id)
        return True

    def _place(self) -> Place | None:
        """Where in the step the code runs that calls this, None when it is not inside."""
        place = here()
        while place is not None and (place.step is not self or place.over):
            place = place.around
        return place

    # What the hooks say. Burr calls them with keywords.

    def _on_post_application_create(self, *, app_id: str, spawning_parent_pointer: Any, **_: Any) -> None:
        if spawning_parent_pointer is not None and ("application", app_id) not in self.open:
            above = ("action", spawning_parent_pointer.app_id, spawning_parent_pointer.sequence_id)
            opened = self.open.get(above)
            self._parents[app_id] = None if opened is None else opened.number

    def _on_pre_run_step(
        self, *, app_id: str, sequence_id: int, action: Any, state: State[Any], inputs: dict[str, Any], **_: Any
    ) -> None:
        if app_id == self._app_id:
            return
        application = self._application(app_id, state)
        if application is None:
            return
        opened = self._start(("action", app_id, sequence_id), application.number, "action", action.name)
        if opened is not None:
            opened.known = (*application.known, state, _given(inputs), private.bound_parameters(action))
            enter(self, opened)

    def _on_post_run_step(
        self, *, app_id: str, sequence_id: int, state: State[Any], exception: BaseException | None, **_: Any
    ) -> None:
        opened = self.open.get(("action", app_id, sequence_id))
        application = self.open.get(("application", app_id))
        if opened is None or application is None:
            return
        opened.outcome(exception)
        application.last = state
        application.status, application.error = opened.status, opened.error
        self._finish(("action", app_id, sequence_id), opened.status)
        leave(opened)

    def _on_post_run_execute_call(self, *, app_id: str, state: State[Any], method: Any, **_: Any) -> None:
        application = self.open.get(("application", app_id))
        if application is None:
            return
        if not method.value.endswith("iterate"):  # told when these begin
            application.last = state
        if method.value in ("run", "arun"):
            if application.status == "done":
                application.outcome()
            self._finish(("application", app_id), application.status)

    def _on_post_stream_item(self, *, app_id: str, sequence_id: int, **_: Any) -> None:
        for key in (("application", app_id), ("action", app_id, sequence_id)):
            if key in self.open:
                self.open[key].deltas += 1

    def _on_pre_start_span(self, *, app_id: str, action_sequence_id: int, span: Any, **_: Any) -> None:
        above = ("action", app_id, action_sequence_id) if span.parent is None else ("span", app_id, span.parent.uid)
        around = self.open.get(above)
        opened = self._start(("span", app_id, span.uid), None if around is None else around.number, "span", span.name)
        if opened is not None and around is not None:
            opened.known = around.known

    def _on_post_end_span(self, *, app_id: str, span: Any, **_: Any) -> None:
        opened = self.open.get(("span", app_id, span.uid))
        if opened is not None:
            opened.outcome()
            self._finish(("span", app_id, span.uid), opened.status)

    def _on_do_log_attributes(
        self, *, app_id: str, action_sequence_id: int, span: Any, attributes: dict[str, Any], **_: Any
    ) -> None:
        key = ("action", app_id, action_sequence_id) if span is None else ("span", app_id, span.uid)
        opened = self.open.get(key)
        numbers = {name: next(self._attributes) for name in attributes}
        shown = {
            short_key(str(name)): short(value, self._redaction, key=name)
            for name, value in attributes.items()
            if numbers[name] <= MOST
        }
        if MOST + 1 in numbers.values():
            self._told_most("attributes")
        if shown and (opened is not None or app_id == self._app_id):
            number = None if opened is None else opened.number
            self.news.put(e.AttributesLogged(**self._now(), span=number, attributes=shown))

    # What an executor says.

    def _submitted(self, task: SubGraphTask) -> None:
        """A parallel action has handed over a part of itself."""
        with self._lock:
            if not self.ended:
                self._known.add(task.application_id)
                application = self._application(task.application_id, cast(Any, task).state)
                if application is not None:
                    application.known = (*application.known, _given(cast(Any, task).inputs))

    def _returned(self, task: SubGraphTask, future: concurrent.futures.Future[Any]) -> None:
        """The part has ended."""
        with self._lock:
            application = self.open.get(("application", task.application_id))
            if application is None or self.ended:
                return
            if future.cancelled():
                application.status = "stopped"
            elif (error := future.exception()) is not None:
                application.outcome(raised_elsewhere(error))
            else:
                application.last = future.result()
            self._finish(("application", task.application_id), application.status)

    def _application(self, app_id: str, state: State[Any]) -> Opened | None:
        """The application's span, begun where it is not open."""
        opened = self.open.get(("application", app_id))
        if opened is None:
            place = self._place()
            above = None if place is None or place.span is None else place.span.number
            changes = changes_between(self._state, state, self._redaction)
            given = {change.key: change.after for change in changes if change.after is not None}
            opened = self._start(
                ("application", app_id), self._parents.get(app_id, above), "application", app_id, given
            )
            if opened is not None:
                opened.known = () if place is None or place.span is None else place.span.known
                opened.first = opened.last = state
                if not self._counting:
                    self._counting = True
                    private.watch_hooks(self._hook, "post_stream_item")
        return opened

    def _start(
        self, key: Key, parent: int | None, kind: e.SpanKind, name: str, given: dict[str, str] | None = None
    ) -> Opened | None:
        number = next(self._numbers)
        if number > MOST:
            if number == MOST + 1:
                self._told_most("spans")
            return None
        opened = self.open[key] = Opened(number, parent, self._masked)
        self.news.put(
            e.SpanStarted(
                **self._now(), span=number, parent=parent, kind=kind, name=clean(str(name)), given=given or {}
            )
        )
        return opened

    def _told_most(self, what: str) -> None:
        text = f"More than {MOST:,} {what} in this step: the others are not shown."
        self.news.put(e.Notice(**self._now(), level="info", text=text))

    def _finish(self, key: Key, status: Status) -> None:
        opened = self.open.pop(key, None)
        if opened is None:
            return
        opened.ended = True
        changes: list[e.StateChange] = []
        if opened.first is not None and opened.last is not None:
            changes = changes_between(opened.first, opened.last, self._redaction)
        self.news.put(
            e.SpanFinished(
                **self._now(),
                span=opened.number,
                status=status,
                duration=max(0.0, time.monotonic() - opened.began),
                deltas=opened.deltas,
                changes=changes,
                error=opened.error,
            )
        )


def _given(inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs without what Burr adds."""
    return {name: value for name, value in inputs.items() if not name.startswith("__")}
