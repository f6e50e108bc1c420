"""One turn of a Burr application, from its first event to its last."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Collection
from contextvars import Context, copy_context
from typing import Any, Literal, TypeAlias

from burr.core import Application, State

from burr_chat_widget.errors import ApplicationEnded, MissingInput, TransitionError
from burr_chat_widget.protocol import events as e
from burr_chat_widget.protocol.events import TextDelta, TurnEvent

from .control import Stopped, TurnControl, claim, release
from .failures import describe_error
from .history import infer_history
from .holds import Hold, Holds
from .inputs import (
    PROMPT_NAMES,
    action_named,
    check_prompt,
    external_inputs,
    input_kind,
    missing_input_text,
    turn_inputs,
)
from .meanwhile import Meanwhile
from .option import DeltaOption
from .printable import clean, short
from .recorder import Recorder
from .redaction import Redaction
from .run import ActionRun
from .said import Said
from .snapshots import restore, take_snapshot
from .spans import Spans
from .steps import Render, StepTeller
from .transitions import evaluate_transitions, next_action_name
from .wrapped import SyncMode, TurnGraph, Wrapped

__all__ = ["Turn"]

logger = logging.getLogger(__name__)

Following: TypeAlias = "tuple[str | None, list[e.ConditionResult], list[str] | None]"
"""The next action; every transition that was looked at; the inputs that it lacks, None where the turn can go on."""

BREATH = 0.02
"""Seconds after which the loop is let run, though the stream never waits: otherwise nobody could stop it."""


class Turn:
    """One turn; `events` runs it. See `stream_turn` for the arguments."""

    def __init__(
        self,
        app: Application[Any],
        inputs: dict[str, Any],
        *,
        prompt: str | None,
        asked: Collection[str],
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
        self._left = dict(inputs)  # without those that are used up
        self._prompt = prompt
        self._asked = set(asked)
        self._history = history
        self._delta = delta
        self._render = render
        self._name = name
        self._control = control
        self._holds = holds
        self._recorder = recorder
        self._redaction = redaction
        self._sync: SyncMode = sync
        self._graph: TurnGraph | None = None
        self._run: ActionRun | None = None
        self._step: StepTeller | None = None  # until it is told as finished
        self._context: Context
        self._spans: Spans | None = None
        self._waiting: Meanwhile[Any, TurnEvent] | None = None
        self._at: str | None = None  # the action that runs or ran last
        self._asked_by: str | None = None  # the action that used up the prompt
        self._used: set[str] = set()
        self._said = Said()

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
            first = self._first()
            yield self._started(first)
            self._graph = TurnGraph(self._app, self._sync, self._holds)
            to, conditions, needs = self._checked(first), [], None
            ran: str | None = None
            while True:
                hold = self._holds.between(ran, to if needs is None else None, self._app.state)
                if hold is not None:
                    yield self._paused(hold, ran, to, conditions, needs)
                    self._control.enter()
                    await self._holds.released()
                    yield e.TurnResumed(**self._now())
                    # The state may have been changed by hand.
                    to, conditions, needs = self._known(self._following())
                if to is None or needs is not None:
                    break
                self._control.enter()
                step, spans, wrapped, given = self._next_step(to)
                self._recorder.began(self._name, step.number, to, given, before)
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
                        yield self._paused(hold, None, step.action, [], None, at="delta")
                        control.enter()
                        await holds.released()
                        yield e.TurnResumed(**self._now())
                    if control.stopped:
                        raise Stopped
                    if seen - rested > BREATH:
                        await asyncio.sleep(0)
                        rested = clock()
                self._control.enter()
                result = await self._alone(run.finish(), spans)
                holds.inside(False)
                self._control.enter()

                for event in (*spans.end("done"), *step.end_of_stream()):
                    yield event
                if wrapped.late_error is not None:
                    yield step.late_error(wrapped.late_error)
                after = take_snapshot(self._app)
                following = self._following()
                for event in self._recorded(step, result, before, after, following):
                    yield event
                before = after
                self._recorder.ended(step.number, result, after)
                self._step = self._run = self._spans = None
                yield step.finished("done")
                to, conditions, needs = self._known(following)
                if to is not None:
                    yield step.transition(to, conditions)
                ran = step.action
                await asyncio.sleep(0)
            if not self._said.anything:
                yield e.Notice(**self._now(), level="info", text=_silence(to, needs or []))
            completed = e.TurnCompleted(**self._now(), next_action=to, needs=needs or [])
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
            yield e.TurnStopped(**self._now(), next_action=self._next_or_none())
        else:
            logger.info("the turn failed in action %r", self._at, exc_info=problem)
            error = describe_error(problem, action=self._at, partial=self._step is not None and self._step.deltas > 0)
            yield e.TurnFailed(**self._now(), error=error, next_action=self._next_or_none())
        if interrupted and problem is not None:
            raise problem

    def _shown(self, inputs: dict[str, Any]) -> dict[str, str]:
        return {clean(str(name)): short(value, self._redaction, key=name) for name, value in inputs.items()}

    def _first(self) -> str | TransitionError | None:
        try:
            return next_action_name(self._app)
        except TransitionError as error:
            return error

    def _started(self, first: str | TransitionError | None) -> e.TurnStarted:
        name = first if isinstance(first, str) else None
        used: set[str] = set()
        if name is not None:
            used = turn_inputs(action_named(self._app, name), self._given, self._prompt)
        if not used:  # the action that takes it comes later
            used = {self._prompt} if self._prompt is not None else {n for n in self._given if n in PROMPT_NAMES}
        texts = [text for n in used if isinstance(text := self._given.get(n), str)]
        return e.TurnStarted(
            **self._now(),
            inputs=self._shown(self._given),
            prompt=clean(texts[0]) if len(texts) == 1 else None,
            next_action=name,
        )

    def _checked(self, first: str | TransitionError | None) -> str:
        """The first action, when the turn can begin."""
        if isinstance(first, TransitionError):
            raise first
        if first is None:
            raise ApplicationEnded(
                "the application has ended: no transition leads on",
                remedy="call app.reset_to_entrypoint() to begin again, or add a transition back to the action that asks",
            )
        check_prompt(self._app, self._prompt)
        infer_history(self._app, self._history)
        lacking = self._lacking(first)
        if lacking:
            self._at = first
            raise MissingInput(f"action {first!r} needs {_listed(lacking)}", remedy=_how_to_give(lacking))
        return first

    def _lacking(self, action: str) -> list[str]:
        return [n for n in external_inputs(action_named(self._app, action))[0] if n not in self._left]

    async def _alone(self, awaited: Awaitable[Any], spans: Spans) -> Any:
        """Await it where the action runs."""
        return await Meanwhile(awaited.__await__(), spans.news, self._context).to_its_end()

    def _next_step(self, name: str) -> tuple[StepTeller, Spans, Wrapped, dict[str, Any]]:
        assert self._graph is not None
        action = action_named(self._app, name)
        required, optional = external_inputs(action)
        given = {n: self._left[n] for n in (*required, *optional) if n in self._left}
        if not self._used:
            self._used = self._asked & given.keys() or turn_inputs(action, self._left, self._prompt)
            if self._used:
                self._asked_by = name
                self._left = {n: value for n, value in self._left.items() if n not in self._used}
        number = self._app.sequence_id
        self._at = name
        number = 0 if number is None else number + 1
        self._step = StepTeller(
            self._name, number, name, delta=self._delta, render=self._render, redaction=self._redaction
        )
        self._spans = Spans(self._name, number, self._app.uid, self._app.state, self._redaction)
        return self._step, self._spans, self._graph.pin(name, self._spans), given

    def _following(self) -> Following | Exception:
        """The next action, why it is the next, and the inputs for which the turn ends before it; or why there is none."""
        try:
            to, conditions = evaluate_transitions(self._app, self._redaction)
        except TransitionError as error:
            return error
        if to is None:
            return None, conditions, None
        lacking = self._lacking(to)
        if not lacking:
            # It can do without the prompt; but whoever asked for it asks for the next one now.
            return to, conditions, sorted(self._used) if to == self._asked_by else None
        action = action_named(self._app, to)
        objects = [n for n in lacking if n not in self._used and input_kind(action, n) == "object"]
        if objects and not self._used.intersection(lacking):
            return MissingInput(missing_input_text(to, objects))
        return to, conditions, lacking

    def _known(self, following: Following | Exception) -> Following:
        if isinstance(following, Exception):
            raise following
        return following

    def _paused(
        self,
        hold: Hold,
        after: str | None,
        to: str | None,
        conditions: list[e.ConditionResult],
        needs: list[str] | None,
        *,
        at: Literal["action", "delta"] = "action",
    ) -> e.TurnPaused:
        return e.TurnPaused(
            **self._now(),
            at=at,
            reason=hold.reason,
            breakpoint=hold.breakpoint,
            after=after,
            next_action=to,
            needs=needs or [],
            conditions=conditions,
        )

    def _recorded(
        self, step: StepTeller, result: object, before: State[Any], after: State[Any], following: Any
    ) -> list[TurnEvent]:
        """What the step has left behind: corrections of its text, changes of the state, messages, in this order."""
        told = step.corrected_data(result)
        settled = step.reader.settle(result)
        if settled is not None:
            told.append(e.TextReplaced(**self._now(), step=step.number, text=settled.text))
        history = infer_history(self._app, self._history)
        corrections, messages = step.added(before, after, history, self._said)
        last = isinstance(following, Exception) or following[0] is None or following[2] is not None
        if last and history is None and not self._said.answered:
            texts = [t for n in self._used if isinstance(t := self._given.get(n), str)]
            writes = action_named(self._app, step.action).writes
            messages += step.result(result, before, after, texts, writes, self._said)
        return [*told, *corrections, *step.changed(before, after), *messages]

    def _next_or_none(self) -> str | None:
        first = self._first()
        return first if isinstance(first, str) else None

    async def _give_back(self, snapshot: State[Any] | None) -> None:
        """Close what is open, and leave the application as it was found, or at `snapshot`."""
        self._control.close()
        self._holds.inside(False)
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


def _listed(names: list[str]) -> str:
    return f"the input {names[0]!r}" if len(names) == 1 else "the inputs " + ", ".join(map(repr, names))


def _how_to_give(names: list[str]) -> str:
    return f"pass inputs={{{', '.join(f'{n!r}: ...' for n in names)}}} or .bind() {'it' if len(names) == 1 else 'them'}"


def _silence(to: str | None, needs: list[str]) -> str:
    if to is None:
        why = "the application has ended"
    else:
        why = f"action {to!r} comes next" + (f" and needs {', '.join(map(repr, needs))}" if needs else "")
    return f"The turn ended without an answer: no text was streamed and no message recorded; {why}."
