"""What a reader is told when something goes wrong."""

from __future__ import annotations

import asyncio
import builtins
from typing import Any

import pytest
from burr.core import Condition, State, expr
from burr.tracking import LocalTrackingClient

from apps.graphs import build, does, streams
from apps.kinds import scripted_app
from apps.reading import collect, only, types
from burr_chat_widget import errors
from burr_chat_widget.bridge import TurnControl, stream_turn
from burr_chat_widget.bridge.failures import LEAF_LIMIT, MESSAGE_LIMIT, TRACEBACK_LIMIT, describe_error
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


class BaseExceptionGroup(Exception):
    """As Python's, which 3.10 has not got, where libraries bring their own."""

    def __init__(self, message: str, exceptions: list[Exception]) -> None:
        super().__init__(message)
        self.exceptions = tuple(exceptions)


groups = pytest.mark.parametrize(
    "group", list(dict.fromkeys([BaseExceptionGroup, getattr(builtins, "ExceptionGroup", BaseExceptionGroup)]))
)


def raised(error: Exception) -> Exception:
    """The error with a traceback of its own."""
    try:
        raise error
    except Exception as caught:
        return caught


@groups
async def test_a_group_of_one_is_that_error(group: Any) -> None:
    async def refused() -> None:
        raise AuthenticationError(401)

    async def ask(state: State) -> State:  # noqa: ARG001
        failed = await asyncio.gather(refused(), return_exceptions=True)
        raise group("unhandled errors in a TaskGroup", [group("within", failed)])

    error = only(await collect(stream_turn(build(ask=does(ask)))), e.TurnFailed).error
    assert (error.kind, error.message) == ("AuthenticationError", "Error code: 401")
    assert "API key" in (error.remedy or "")
    assert_tells_of_this_file(error.traceback, "raise AuthenticationError(401)")


@groups
def test_a_group_of_several_names_them(group: Any) -> None:
    several = [raised(AuthenticationError(401)), group("within", [raised(KeyError("b")), TimeoutError()])]
    error = describe_error(group("unhandled errors in a TaskGroup", several))
    assert error.message == "AuthenticationError: Error code: 401\nKeyError: 'b'\nTimeoutError"
    assert error.kind == group.__name__
    assert "API key" in (error.remedy or "")
    assert "raise error" in (error.traceback or "")


@groups
def test_a_group_of_many_is_bounded(group: Any) -> None:
    error = describe_error(group("many", [ValueError("x" * 10_000), *(ValueError(n) for n in range(1000))]))
    lines = error.message.splitlines()
    assert len(error.message) < 3000
    assert (lines[1], lines[-1]) == ("ValueError: 0", "and 991 more")


def test_what_is_hidden_is_hidden_before_it_is_cut() -> None:
    secret = "s" * 100
    text = "x" * (LEAF_LIMIT - 50) + secret
    group = BaseExceptionGroup("both", [ValueError(text), raised(ValueError(text))])
    error = describe_error(group, masked=lambda text: text.replace(secret, ""))
    assert "sss" not in error.message
    cause = ValueError("x" * (MESSAGE_LIMIT - 50) + secret)
    error = raised(ValueError("y"))
    error.__cause__ = cause
    assert "sss" not in str(describe_error(error, masked=lambda text: text.replace(secret, "")))


class Mute(Exception):
    """An error whose words cannot be had."""

    def __str__(self) -> str:
        raise KeyError("words")

    @property
    def status_code(self) -> int:
        """What a client may make of an answer that never came."""
        raise RuntimeError("no answer")


async def test_an_error_whose_words_raise() -> None:
    def fail(state: State) -> State:
        try:
            raise Mute
        except Mute as error:
            if state["wrapped"]:
                raise ValueError("said") from error
            raise

    for wrapped, kind, message in ((False, "Mute", "Mute"), (True, "ValueError", "said")):
        app = build(fail=does(fail, reads=["wrapped"]), state={"wrapped": wrapped})
        error = only(await collect(stream_turn(app)), e.TurnFailed).error
        assert (error.kind, error.message) == (kind, message)
        assert "raise Mute" in (error.traceback or "") or wrapped
    assert "caused by Mute\n" in error.traceback


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

    error = only(await collect(stream_turn(build(a=does(stops)))), e.TurnFailed).error
    assert (error.kind, error.message) == ("RuntimeError", "the action raised StopIteration")
    assert_tells_of_this_file(error.traceback, "return next(state for _ in ())")


@pytest.mark.parametrize("kind", ["async", "inline", "stream", "async stream"])
async def test_stop_iteration_elsewhere(kind: str) -> None:
    """Trap: Python makes another error of it, which begins where the user's code was left."""

    def stops(state: State) -> State:
        return next(state for _ in ())

    async def astops(state: State) -> State:
        return stops(state)

    def streamed(state: State) -> Any:
        yield stops(state)

    async def astreamed(state: State) -> Any:
        yield stops(state)

    made = {
        "async": does(astops),
        "inline": does(stops),
        "stream": streams(streamed),
        "async stream": streams(astreamed),
    }
    sync: Any = "inline" if kind == "inline" else "thread"
    error = only(await collect(stream_turn(build(a=made[kind]), sync=sync)), e.TurnFailed).error
    assert error.kind == "RuntimeError"
    assert_tells_of_this_file(error.traceback, "return next(state for _ in ())")


def assert_tells_of_this_file(traceback: str | None, line: str) -> None:
    """The traceback has frames of this file alone, `line` among them."""
    assert traceback is not None
    frames = [each for each in traceback.splitlines() if each.lstrip().startswith('File "')]
    assert frames
    assert all(__file__ in each for each in frames)
    assert line in traceback


async def test_without_a_frame_of_the_users_there_is_no_traceback() -> None:
    def no_result(state: State) -> Any:  # noqa: ARG001
        return 3

    error = only(await collect(stream_turn(build(a=does(no_result)))), e.TurnFailed).error
    assert error.message
    assert error.traceback is None


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
