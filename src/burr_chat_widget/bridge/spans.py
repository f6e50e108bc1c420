"""What happens inside a step: spans of the action's tracer, attributes it logs, applications it starts.

Burr tells of it by hooks, on whatever thread it happens: those of parallel actions come from the executor's threads. What an
executor starts in another process (Ray) tells nothing here; of such an application only its beginning and its end are known.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import itertools
import logging
import time
from collections.abc import Generator
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, Literal, TypeAlias, cast

from burr.core import State
from burr.core.parallelism import SubGraphTask

from burr_chat_widget.protocol import events as e

from . import private
from .executors import WatchedFactory
from .meanwhile import News
from .printable import clean, short, short_key
from .redaction import CREDENTIALS, Redaction
from .snapshots import changes_between

__all__ = ["Spans", "inside"]

logger = logging.getLogger(__name__)

MOST = 1000
"""So many spans, and as many attributes, are told of a step: an endless loop inside an action shall not fill the page."""

Place: TypeAlias = "tuple[Spans, int | None]"
"""A step, and a span of it."""

inside: ContextVar[Place | None] = ContextVar("burr_chat_widget_inside", default=None)
"""Of which step what runs here is a part."""


class _Open:
    """A span that has not ended."""

    def __init__(self, number: int, parent: int | None, kind: e.SpanKind) -> None:
        self.number = number
        self.parent = parent
        self.kind: e.SpanKind = kind
        self.began = time.monotonic()
        self.deltas = 0
        self.error: str | None = None
        self.first: State[Any] | None = None  # of an application: its state at the beginning, and as it was seen last
        self.last: State[Any] | None = None


class Spans:
    """The spans of one step. Its life: made; `watch`ing while the action runs; ended, after which nothing more is told.

    Attributes:
        news: the events to tell.
        open: what goes on in the step, empty when nothing does.
        place: what `inside` is where the action runs.
        state: the application's state before the step.
    """

    def __init__(
        self, turn: str, step: int, app_id: str, state: State[Any], redaction: Redaction = CREDENTIALS
    ) -> None:
        self.news: News[e.TurnEvent] = News()
        self.state = state
        self._turn = turn
        self._step = step
        self._app_id = app_id
        self._redaction = redaction
        self._numbers = itertools.count(1)
        self._attributes = itertools.count(1)
        self.open: dict[tuple[object, ...], _Open] = {}
        self._known = {app_id}
        self._parents: dict[str, int | None] = {}  # of applications that are made and have not run
        self.place: Place = (self, None)
        self._ended = False

    def watch(self) -> None:
        """Begin to listen."""
        private.watch_hooks(self._hook)

    def end(self, status: Literal["done", "stopped", "failed"]) -> list[e.TurnEvent]:
        """Listen no more: what is left to tell. Spans that are open end with the step."""
        self.listen_no_more()
        for key in [*self.open]:
            self._finish(key, status)
        return self.news.take()

    def listen_no_more(self) -> None:
        """The action does not run any more."""
        if not self._ended:
            self._ended = True
            private.unwatch_hooks(self._hook)

    @contextlib.contextmanager
    def inside(self) -> Generator[None, None, None]:
        """What runs in this context, and the threads and tasks that it starts, is part of the step."""
        before = inside.get()
        inside.set(self.place)
        try:
            yield
        finally:
            inside.set(before)

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
        method = getattr(self, "_on_" + hook, None)
        if method is None or self._ended or not self._concerns(told):
            return
        try:
            method(**told)
        except Exception:  # a hook that raises would end the user's turn
            logger.debug("a span could not be told", exc_info=True)

    def _concerns(self, told: dict[str, Any]) -> bool:
        app_id = told["app_id"]
        if app_id in self._known:
            return True
        parent = told.get("spawning_parent_pointer")
        here = inside.get()
        if (here is not None and here[0] is self) or (parent is not None and parent.app_id in self._known):
            self._known.add(app_id)
            return True
        return False

    # What the hooks say. Burr calls them with keywords.

    def _on_post_application_create(self, *, app_id: str, spawning_parent_pointer: Any, **_: Any) -> None:
        if spawning_parent_pointer is not None and ("application", app_id) not in self.open:
            above = ("action", spawning_parent_pointer.app_id, spawning_parent_pointer.sequence_id)
            opened = self.open.get(above)
            self._parents[app_id] = None if opened is None else opened.number

    def _on_pre_run_step(self, *, app_id: str, sequence_id: int, action: Any, state: State[Any], **_: Any) -> None:
        if app_id == self._app_id:
            return
        application = self._application(app_id, state)
        if application is None:
            return
        opened = self._start(("action", app_id, sequence_id), application.number, "action", action.name)
        if opened is not None:
            inside.set((self, opened.number))

    def _on_post_run_step(
        self, *, app_id: str, sequence_id: int, state: State[Any], exception: BaseException | None, **_: Any
    ) -> None:
        opened = self.open.get(("action", app_id, sequence_id))
        application = self.open.get(("application", app_id))
        if opened is None or application is None:
            return
        application.last = state
        if exception is not None:
            opened.error = application.error = clean(f"{type(exception).__name__}: {str(exception)[:500]}")
        self._finish(("action", app_id, sequence_id), "done" if exception is None else "failed")
        inside.set((self, application.parent))

    def _on_post_run_execute_call(self, *, app_id: str, state: State[Any], method: Any, **_: Any) -> None:
        application = self.open.get(("application", app_id))
        if application is None:
            return
        if not method.value.endswith("iterate"):  # told when these begin
            application.last = state
        if method.value in ("run", "arun"):
            self._finish(("application", app_id), "done" if application.error is None else "failed")

    def _on_post_stream_item(self, *, app_id: str, sequence_id: int, **_: Any) -> None:
        for key in (("application", app_id), ("action", app_id, sequence_id)):
            if key in self.open:
                self.open[key].deltas += 1

    def _on_pre_start_span(self, *, app_id: str, action_sequence_id: int, span: Any, **_: Any) -> None:
        above = ("action", app_id, action_sequence_id) if span.parent is None else ("span", app_id, span.parent.uid)
        opened = self.open.get(above)
        self._start(("span", app_id, span.uid), None if opened is None else opened.number, "span", span.name)

    def _on_post_end_span(self, *, app_id: str, span: Any, **_: Any) -> None:
        self._finish(("span", app_id, span.uid), "done")

    def _on_do_log_attributes(
        self, *, app_id: str, action_sequence_id: int, span: Any, attributes: dict[str, Any], **_: Any
    ) -> None:
        key = ("action", app_id, action_sequence_id) if span is None else ("span", app_id, span.uid)
        opened = self.open.get(key)
        shown = {
            short_key(str(name)): short(value, self._redaction, key=name)
            for name, value in attributes.items()
            if next(self._attributes) <= MOST
        }
        if shown and (opened is not None or app_id == self._app_id):
            number = None if opened is None else opened.number
            self.news.put(e.AttributesLogged(**self._now(), span=number, attributes=shown))

    # What an executor says.

    def _submitted(self, task: SubGraphTask) -> None:
        """A parallel action has handed over a part of itself."""
        self._known.add(task.application_id)
        self._application(task.application_id, cast(Any, task).state)

    def _returned(self, task: SubGraphTask, future: concurrent.futures.Future[Any]) -> None:
        """The part has ended."""
        application = self.open.get(("application", task.application_id))
        if application is None or self._ended:
            return
        if future.cancelled():
            self._finish(("application", task.application_id), "stopped")
        elif (error := future.exception()) is not None:
            application.error = clean(f"{type(error).__name__}: {str(error)[:500]}")
            self._finish(("application", task.application_id), "failed")
        else:
            application.last = future.result()
            self._finish(("application", task.application_id), "done")

    def _application(self, app_id: str, state: State[Any]) -> _Open | None:
        """The application's span, begun where it is not open."""
        opened = self.open.get(("application", app_id))
        if opened is None:
            here = inside.get()
            parent = self._parents.get(app_id, here[1] if here is not None and here[0] is self else None)
            changes = changes_between(self.state, state, self._redaction)
            given = {change.key: change.after for change in changes if change.after is not None}
            opened = self._start(("application", app_id), parent, "application", app_id, given)
            if opened is not None:
                opened.first = opened.last = state
        return opened

    def _start(
        self,
        key: tuple[object, ...],
        parent: int | None,
        kind: e.SpanKind,
        name: str,
        given: dict[str, str] | None = None,
    ) -> _Open | None:
        number = next(self._numbers)
        if number > MOST:
            if number == MOST + 1:
                text = f"More than {MOST:,} spans in this step: the others are not shown."
                self.news.put(e.Notice(**self._now(), level="info", text=text))
            return None
        opened = self.open[key] = _Open(number, parent, kind)
        self.news.put(
            e.SpanStarted(
                **self._now(), span=number, parent=parent, kind=kind, name=clean(str(name)), given=given or {}
            )
        )
        return opened

    def _finish(self, key: tuple[object, ...], status: Literal["done", "stopped", "failed"]) -> None:
        opened = self.open.pop(key, None)
        if opened is None:
            return
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
