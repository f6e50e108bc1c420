"""One turn of a Burr application, from its first event to its last."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Collection, Sequence
from contextvars import Context, copy_context
from typing import Any, Literal
from weakref import WeakSet

from burr.core import Application, State

from burr_chat_widget.errors import BurrChatError, ConventionError
from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.events import TextDelta, TurnEvent

from .control import Stopped, TurnControl, claim, release
from .failures import describe_error
from .history import infer_history
from .holds import Hold, Holds
from .inputs import PROMPT_NAMES, action_named
from .masking import Masker
from .meanwhile import Meanwhile
from .option import DeltaOption
from .printable import clean, short
from .recorder import Recorder
from .redaction import Redaction
from .rendering import Render
from .route import Following, Route
from .run import ActionRun
from .said import Said
from .snapshots import restore, take_snapshot
from .spans import Spans
from .steps import StepTeller
from .wrapped import SyncMode, TurnGraph, Wrapped

__all__ = ["Turn"]

logger = logging.getLogger(__name__)

BREATH = 0.02
"""Seconds after which the loop is let run, though the stream never waits: otherwise nobody could stop it."""

_undecided: WeakSet[Application[Any]] = WeakSet()
"""Of these it was said that several keys of the state are as likely the conversation, and they still are."""


class Turn:
    """One turn; `events` runs it. See `stream_turn` for the arguments."""

    def __init__(
        self,
        app: Application[Any],
        inputs: dict[str, Any],
        *,
        prompt: str | None,
        asked: Collection[str],
        ran: Sequence[str],
        answered: bool,
        history: str | None,
        delta: DeltaOption,
        render: Render | None,
        name: str,
        control: TurnControl,
        holds: Holds,
        recorder: Recorder,
        redaction: Redaction,
        sync: SyncMode,
    ) -> None:
        self._app = app
        self._given = inputs
        self._said = Said()
        self._route = Route(app, inputs, prompt=prompt, asked=asked, redaction=redaction, said=self._said)
        self._route.went(ran, answered=answered)
        self._history = history
        self._delta = delta
        self._render = render
        self._name = name
        self._control = control
        self._holds = holds
        self._recorder = recorder
        self._redaction = redaction
        self._masked = Masker(app, inputs, redaction)
        self._sync: SyncMode = sync
        self._graph: TurnGraph | None = None
        self._run: ActionRun | None = None
        self._step: StepTeller | None = None  # until it is told as finished
        self._context: Context
        self._spans: Spans | None = None
        self._waiting: Meanwhile[Any, TurnEvent] | None = None
        self._at: str | None = None  # the action that runs or ran last

    def _now(self) -> dict[str, Any]:
        return {"time": time.time(), "monotonic": time.monotonic(), "turn": self._name}

    async def events(self) -> AsyncGenerator[TurnEvent, None]:
        """Run the turn."""
        # Of its own: the actions' context variables are not the consumer's, and Burr keeps in them what it is about, from one
        # await to the next.
        self._context = copy_context()
        claim(self._app)
        snapshot = None
        completed: e.TurnCompleted | None = None
        problem: BaseException | None = None
        try:
            snapshot = before = take_snapshot(self._app)
            yield self._started()
            self._graph = TurnGraph(self._app, self._sync, self._holds)
            self._at = self._route.next_or_none()
            following = self._route.begin()
            for event in self._history_key()[1]:
                yield event
            ran: str | None = None
            while True:
                hold = self._holds.between(ran, following.goes_on, self._app.state)
                if hold is not None:
                    state, found = self._app.state, following
                    while True:
                        yield self._paused(hold, found, after=ran)
                        self._control.enter()
                        if await self._holds.released(lambda seen=state: self._app.state is not seen):
                            break
                        state, found = self._app.state, self._route.following()
                    yield e.TurnResumed(**self._now())
                    # The state may have been changed by hand.
                    before = take_snapshot(self._app)
                    following = _known(self._route.following())
                if following.goes_on is None:
                    break
                self._control.enter()
                step, spans, wrapped, given = self._next_step(following.goes_on)
                self._recorder.began(self._name, step.number, step.action, given, before)
                yield step.started(streaming=wrapped.streaming, inputs=self._shown(given))
                self._control.enter()
                self._holds.inside(True)
                within = self._context.run
                within(spans.watch)
                self._run = run = ActionRun(self._app, wrapped, given)
                waiting = self._waiting = Meanwhile(run.open().__await__(), spans.news, self._context)
                while await waiting.goes_on():
                    for event in spans.news.take():
                        yield event
                    self._control.enter()

                # From here to `finish` is what happens for each delta. It is asked for as `async for` does, but in the turn's own
                # context, and what keeps it waiting is seen.
                control, holds, read, name, number = (
                    self._control, self._holds, step.reader.read, self._name, step.number
                )  # fmt: skip
                following_item, news = run.items.__anext__, spans.news.events
                wall, clock = time.time, time.monotonic
                rested = clock()
                while True:
                    asked: Any = following_item()
                    try:
                        handed = within(asked.send, None)
                    except StopIteration as ready:
                        item: Any = ready.value
                    except StopAsyncIteration:
                        break
                    else:
                        self._waiting = waiting = Meanwhile(asked, spans.news, self._context)
                        waiting.waits_for(handed)
                        try:
                            while await waiting.goes_on():
                                for event in spans.news.take():
                                    yield event
                                self._control.enter()
                        except StopAsyncIteration:
                            break
                        item = waiting.result
                    if control.stopped:
                        raise Stopped
                    if news:
                        for event in spans.until(wrapped.clock):
                            yield event
                    seen = clock()
                    piece = read(item)
                    if isinstance(piece, str):
                        if piece:
                            at = wrapped.clock
                            now, tick = at if at is not None else (wall(), seen)
                            step.count(tick)
                            yield TextDelta(time=now, monotonic=tick, turn=name, step=number, text=piece)
                    else:
                        for event in step.other_item(piece, item):
                            yield event
                    if holds.by_delta and piece and (hold := holds.at_delta()) is not None:
                        paused = self._paused(hold, Following(step.action, []), at="delta")
                        step.hold(paused.monotonic)
                        spans.hold(paused.monotonic)
                        yield paused
                        control.enter()
                        await holds.released()
                        resumed = e.TurnResumed(**self._now())
                        step.go_on(resumed.monotonic)
                        spans.go_on(resumed.monotonic)
                        yield resumed
                    elif holds.pace and piece:
                        control.enter()
                        await holds.paced()
                    if control.stopped:
                        raise Stopped
                    if seen - rested > BREATH:
                        await asyncio.sleep(0)
                        rested = clock()
                self._control.enter()
                result = await self._alone(run.finish(), spans)
                step.worked()
                holds.inside(False)
                self._control.enter()

                for event in (*spans.end("done"), *step.end_of_stream()):
                    yield event
                if wrapped.late_error is not None:
                    yield step.late_error(wrapped.late_error, before)
                after = take_snapshot(self._app)
                told, found = self._recorded(step, result, before, after)
                for event in told:
                    yield event
                before = after
                self._recorder.ended(step.number, result, after)
                self._step = self._run = self._spans = None
                yield step.finished("done")
                following = _known(found)
                if following.to is not None:
                    yield step.transition(following.to, following.conditions)
                ran = step.action
                await asyncio.sleep(0)
            if not self._said.anything:
                yield e.Notice(**self._now(), level="info", text=_silence(following))
            completed = e.TurnCompleted(**self._now(), next_action=following.to, needs=following.needs or [])
        except Stopped:
            self._control.absorb()
        except asyncio.CancelledError as error:
            asked_for = self._control.absorb()
            if asked_for is False:
                raise
            problem = None if asked_for else error
        except (Exception, KeyboardInterrupt, SystemExit) as error:
            self._control.absorb()
            # Some libraries make an error of their own of the cancellation that `stop` asked for.
            problem = None if self._control.stopped and isinstance(error, Exception) else error
        finally:
            found = self._app.state
            await self._give_back(None if completed else snapshot)

        if completed is not None:
            yield completed
            return
        interrupted = problem is None or not isinstance(problem, Exception | asyncio.CancelledError)
        if self._step is not None:
            status = "stopped" if interrupted else "failed"
            for event in (*(self._spans.end(status) if self._spans else ()), *self._step.end_of_stream(broken=True)):
                yield event
            yield self._step.finished(status)
        if problem is None or interrupted:
            yield e.TurnStopped(**self._now(), next_action=self._route.next_or_none())
        else:
            logger.info("the turn failed in action %r", self._at, exc_info=problem)
            error = describe_error(
                problem,
                action=self._at,
                partial=self._step is not None and self._step.deltas > 0,
                masked=lambda text: self._masked(text, found),
            )
            yield e.TurnFailed(**self._now(), error=error, next_action=self._route.next_or_none())
        if interrupted and problem is not None:
            raise problem

    def _shown(self, inputs: dict[str, Any]) -> dict[str, str]:
        return {clean(str(name)): short(value, self._redaction, key=name) for name, value in inputs.items()}

    def _started(self) -> e.TurnStarted:
        prompt = self._route.prompt_text()
        return e.TurnStarted(
            **self._now(),
            inputs=self._shown(self._given),
            prompt=None if prompt is None else clean(prompt),
            next_action=self._route.next_or_none(),
        )

    async def _alone(self, awaited: Awaitable[Any], spans: Spans) -> Any:
        """Await it where the action runs."""
        return await Meanwhile(awaited.__await__(), spans.news, self._context).to_its_end()

    def _next_step(self, name: str) -> tuple[StepTeller, Spans, Wrapped, dict[str, Any]]:
        assert self._graph is not None
        given = self._route.inputs_of(name)
        number = self._app.sequence_id
        self._at = name
        number = 0 if number is None else number + 1
        self._step = StepTeller(
            self._name,
            number,
            name,
            delta=self._delta,
            render=self._render,
            redaction=self._redaction,
            masked=self._masked,
        )
        self._spans = Spans(self._name, number, self._app.uid, self._app.state, self._redaction, self._masked)
        return self._step, self._spans, self._graph.pin(name, self._spans), given

    def _paused(
        self,
        hold: Hold,
        following: Following | BurrChatError,
        *,
        after: str | None = None,
        at: Literal["action", "delta"] = "action",
    ) -> e.TurnPaused:
        known = None if isinstance(following, BurrChatError) else following
        return e.TurnPaused(
            **self._now(),
            at=at,
            reason=hold.reason,
            breakpoint=hold.breakpoint and self._masked(hold.breakpoint),
            after=after,
            next_action=known and known.to,
            needs=(known and known.needs) or [],
            conditions=known.conditions if known is not None else [],
            error=clean(self._masked(str(following))) if known is None else None,
        )

    def _recorded(
        self,
        step: StepTeller,
        result: object,
        before: State[Any],
        after: State[Any],
    ) -> tuple[list[TurnEvent], Following | BurrChatError]:
        """What the step has left behind: corrections of its text, changes of the state, messages, in this order; and what follows."""
        told = step.corrected_data(result)
        settled = step.reader.settle(result)
        if settled is not None:
            told.append(e.TextReplaced(**self._now(), step=step.number, text=settled.text))
        history, notices = self._history_key()
        told += notices
        corrections, messages = step.added(before, after, history, self._said)
        following = self._route.following()
        unknown = isinstance(following, BurrChatError)
        last = unknown or following.goes_on is None
        # Where nobody can tell what follows, the step may have decided something in the middle, which is nobody's answer.
        if last and not unknown and not self._said.answered:
            writes = action_named(self._app, step.action).writes
            prompts = self._route.used_texts()
            asked = {*prompts, *PROMPT_NAMES}
            messages += step.result(
                result, before, after, prompts.values(), writes, self._said, history=history, asked=asked
            )
        elif last and history is None and self._delta is None:
            corrections += step.final(result)
        return [*told, *corrections, *step.changed(before, after), *messages], following

    def _history_key(self) -> tuple[str | None, list[e.Notice]]:
        """The key of the conversation, and what is to be said of it: once, that nobody can tell which of several it is.

        What a step has done is not undone for that: it matters to what is shown alone.
        """
        try:
            key = infer_history(self._app, self._history)
        except ConventionError as error:
            if self._history is not None:
                raise
            known = self._app in _undecided
            _undecided.add(self._app)
            text = clean(f"No messages are read from the state: {error}.")
            return None, [] if known else [e.Notice(**self._now(), level="warning", text=text)]
        _undecided.discard(self._app)
        return key, []

    async def _give_back(self, snapshot: State[Any] | None) -> None:
        """Close what is open, and leave the application as it was found, or at `snapshot`."""
        self._control.close()
        self._holds.end_turn()
        if self._spans is not None:
            self._spans.go_on(time.monotonic())
        try:
            if self._waiting is not None:
                await self._waiting.close()
            if self._run is not None and self._spans is not None:
                await self._alone(self._run.close(), self._spans)
        finally:
            if self._spans is not None:
                self._spans.listen_no_more()
            if self._graph is not None:
                self._graph.restore()
            if snapshot is not None:
                restore(self._app, snapshot)
            release(self._app)


def _known(found: Following | BurrChatError) -> Following:
    if isinstance(found, BurrChatError):
        raise found
    return found


def _silence(following: Following) -> str:
    if following.to is None:
        why = "the application has ended"
    else:
        why = f"action {following.to!r} comes next"
        if following.needs:
            why += f" and needs {', '.join(map(repr, following.needs))}"
    return f"The turn ended without an answer: no text was streamed and no message recorded; {why}."
