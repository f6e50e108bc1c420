"""What a reader is told when something goes wrong."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from burr.core import Condition, State, expr
from burr.tracking import LocalTrackingClient

from apps.graphs import build, does
from apps.kinds import scripted_app
from apps.reading import collect, only, types
from burr_chat_widget import errors
from burr_chat_widget.bridge import TurnControl, stream_turn
from burr_chat_widget.bridge.failures import TRACEBACK_LIMIT, describe_error
from burr_chat_widget.protocol import events as e


class AuthenticationError(Exception):
    """As openai's: it knows the answer's status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"Error code: {status}")
        self.status_code = status


class APIConnectionError(Exception):
    """As openai's."""


@pytest.mark.parametrize(
    ("error", "partial", "words"),
    [
        (AuthenticationError(401), False, "API key"),
        (AuthenticationError(404), False, "model's name"),
        (AuthenticationError(429), False, "quota"),
        (AuthenticationError(503), False, "retry in a moment"),
        (APIConnectionError("Connection error."), False, "could not be reached"),
        (APIConnectionError("Connection error."), True, "only a part of it"),
        (ConnectionResetError(), True, "only a part of it"),
        (TimeoutError(), False, "could not be reached"),
        (ValueError("x"), False, None),
        (AuthenticationError(400), False, None),
    ],
)
def test_remedies(error: Exception, partial: bool, words: str | None) -> None:
    remedy = describe_error(error, partial=partial).remedy
    assert remedy is None if words is None else words in (remedy or "")


async def test_the_actions_own_time_limit_is_not_the_network() -> None:
    async def wait(state: State) -> State:
        await asyncio.wait_for(asyncio.Event().wait(), 0.001)
        return state

    error = only(await collect(stream_turn(build(wait=does(wait)))), e.TurnFailed).error
    assert error.kind == "TimeoutError"
    assert "its own time limit" in (error.remedy or "")


class RayTaskError(Exception):
    """As Ray's: what was raised in its process, and the traceback from there in colours."""

    __module__ = "ray.exceptions"
    cause = ValueError("not this word")

    def __str__(self) -> str:
        return "\x1b[36mray::work()\x1b[39m\nValueError: not this word"


def test_what_was_raised_in_another_process() -> None:
    error = describe_error(RayTaskError())
    assert (error.kind, error.message) == ("ValueError", "not this word")
    assert error.traceback == "ray::work()\nValueError: not this word"


def test_an_error_without_words() -> None:
    assert describe_error(TimeoutError()).message == "TimeoutError"


def test_bounds() -> None:
    def deep(n: int) -> None:
        if n == 0:
            raise ValueError("x" * 1_000_000)
        deep(n - 1)

    with pytest.raises(ValueError, match="xxx") as caught:
        deep(200)
    told = describe_error(caught.value)
    assert len(told.message) < 3000
    assert told.traceback is not None
    assert len(told.traceback) < TRACEBACK_LIMIT + 100
    assert "frames ..." in told.traceback


def test_surrogates_in_a_message() -> None:
    describe_error(ValueError("\ud800")).message.encode()


async def test_partial_answer() -> None:
    app, _ = scripted_app("async-stream-function", ["half an ans", APIConnectionError("Connection error.")])
    error = only(await collect(stream_turn(app, {"prompt": "hi"})), e.TurnFailed).error
    assert "only a part of it" in error.remedy


async def test_a_condition_that_raises() -> None:
    """Trap: Burr's own `get_next_action` raises then, also between turns."""

    def ask(state: State, prompt: str) -> State:
        return state.update(prompt=prompt)

    app = build(
        ("ask", "next", Condition.when(prompt="b")),
        ("ask", "ask", expr("missing > 3")),
        ("next", "ask"),
        ask=does(ask, writes=["prompt"]),
        next=does(lambda state: state),
    )
    events = await collect(stream_turn(app, {"prompt": "a"}))
    assert types(events)[-2:] == ["step-finished", "turn-failed"]
    assert events[-2].status == "done"
    error = only(events, e.TurnFailed).error
    assert error.kind == "TransitionError"
    assert error.action == "ask"
    assert (
        "after action 'ask', the condition 'missing > 3' of the transition to 'ask' cannot be evaluated"
        in error.message
    )
    events = await collect(stream_turn(app, {"prompt": "b"}))
    first, _ = [event for event in events if isinstance(event, e.TransitionTaken)]
    assert [(c.to, c.outcome, c.taken, c.values) for c in first.conditions] == [
        ("next", True, True, {"prompt": "'b'"}),
        ("ask", None, False, {}),
    ]
    assert "missing" in (first.conditions[1].error or "")


async def test_what_a_step_has_written_is_no_answer_where_nobody_knows_what_follows() -> None:
    app = build(
        ("decide", "answer", expr("missing > 3")),
        ("answer", "decide"),
        decide=does(lambda state: state.update(mode="code"), writes=["mode"]),
        answer=does(lambda state: state),
    )
    events = await collect(stream_turn(app))
    assert types(events) == ["turn-started", "step-started", "state-changed", "step-finished", "turn-failed"]


async def test_a_condition_that_raises_before_the_turn() -> None:
    app = build(
        ("ask", "ask", expr("missing > 3")),
        ask=does(lambda state: state),
    )
    app.update_state(app.state.update(__PRIOR_STEP="ask"))
    events = await collect(stream_turn(app))
    assert types(events) == ["turn-started", "turn-failed"]
    assert only(events, e.TurnFailed).error.kind == "TransitionError"


async def test_conditions_are_asked_once() -> None:
    """Burr would ask again, and run several actions unseen if the answer were another one."""
    answers = iter([True, False, False, False])
    app = build(
        ("a", "b", Condition([], lambda _: next(answers), name="flips")),
        ("a", "c"),
        a=does(lambda state: state),
        b=does(lambda state: state),
        c=does(lambda state: state),
    )
    events = await collect(stream_turn(app))
    assert [x.action for x in events if isinstance(x, e.StepStarted)] == ["a", "b"]
    assert next(answers) is False


async def test_a_tracker_does_not_mask_what_burr_finds(tmp_path: Any) -> None:
    """Trap: with a LocalTrackingClient every error of a plain action is a KeyError of the tracker's."""
    app = build(a=does(lambda state: state.update(other=1), writes=["declared"]))
    app = (
        app.builder.with_tracker(LocalTrackingClient("test", storage_dir=str(tmp_path)))
        .with_identifiers(app_id="tracked")
        .build()
    )
    error = only(await collect(stream_turn(app)), e.TurnFailed).error
    assert error.kind == "ValueError"
    assert "declared" in error.message


async def test_no_result() -> None:
    for kind in ("sync-stream-class", "async-stream-class"):
        app, _ = scripted_app(kind, [])
        events = await collect(stream_turn(app, {"prompt": "hi"}))
        assert types(events)[-1] == "turn-completed"  # a stream of nothing but its result


async def test_empty_class_stream() -> None:
    from burr.core.action import StreamingAction

    class Empty(StreamingAction):
        reads: list[str] = []
        writes: list[str] = []

        def stream_run(self, state: State) -> Any:  # noqa: ARG002
            yield from ()

        def update(self, result: dict, state: State) -> State:  # noqa: ARG002
            return state

    error = only(await collect(stream_turn(build(empty=Empty()))), e.TurnFailed).error
    assert error.message == "action 'empty' yielded nothing; the last item of a streaming action is its result"


async def test_stop_iteration_in_a_thread() -> None:
    """A future cannot hold it: passed on as it is, nobody would ever be woken."""

    def stops(state: State) -> State:
        return next(state for _ in ())

    events = await collect(stream_turn(build(a=does(stops))))
    assert only(events, e.TurnFailed).error.kind == "RuntimeError"


async def test_one_turn_at_a_time() -> None:
    """Trap: two streams of one application interleave, or end in a KeyError."""
    app, _ = scripted_app("async-stream-function", ["a", "b"])
    first = stream_turn(app, {"prompt": "hi"})
    await anext(first)
    with pytest.raises(errors.TurnRunning):
        await anext(stream_turn(app, {"prompt": "hi"}))
    assert types(await collect(first))[-1] == "turn-completed"
    assert types(await collect(stream_turn(app, {"prompt": "hi"})))[-1] == "turn-completed"


async def test_the_turn_is_over_at_its_last_event() -> None:
    app, _ = scripted_app("async-stream-function", ["a"])
    events = stream_turn(app, {"prompt": "hi"})
    async for event in events:
        if isinstance(event, e.TurnCompleted):
            break
    assert types(await collect(stream_turn(app, {"prompt": "hi"})))[-1] == "turn-completed"
    await events.aclose()
    assert len(app.state["chat_history"]) == 4


def test_not_an_application() -> None:
    from burr.core import ApplicationBuilder

    with pytest.raises(errors.NotAnApplication, match="no application was given; pass the one"):
        stream_turn(None, {})
    with pytest.raises(errors.NotAnApplication, match="'a string' is no Burr application"):
        stream_turn("a string")  # type: ignore[arg-type]
    with pytest.raises(errors.NotAnApplication, match=r"call \.build\(\)"):
        stream_turn(ApplicationBuilder())  # type: ignore[arg-type]


async def test_a_control_is_for_one_turn() -> None:
    app, _ = scripted_app("async-stream-function", ["a"])
    control = TurnControl()
    await collect(stream_turn(app, {"prompt": "hi"}, control=control))
    with pytest.raises(ValueError, match="one turn"):
        stream_turn(app, {"prompt": "hi"}, control=control)


def test_the_tree_of_errors() -> None:
    for name in errors.__all__:
        assert issubclass(getattr(errors, name), errors.BurrChatError)
        assert name in (errors.__doc__ or "")
