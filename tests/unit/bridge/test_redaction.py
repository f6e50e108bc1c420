"""What is redacted is in nothing that leaves the kernel, whatever it is wrapped in."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import types
from typing import Any, NamedTuple

import attrs
import msgspec
import pydantic
import pytest
from burr.core import Application, ApplicationBuilder, Condition, State, default
from burr.core.action import streaming_action
from burr.visibility import TracerFactory

from apps.graphs import build, does, streams
from apps.reading import collect
from burr_chat_widget.bridge import composer_of, inputs_given, next_inputs, stream_turn
from burr_chat_widget.bridge.printable import short
from burr_chat_widget.bridge.redaction import CREDENTIALS, HIDDEN, NOTHING, Redaction, looks_like_credential
from burr_chat_widget.bridge.snapshots import changes_between
from burr_chat_widget.bridge.steps import StepTeller
from burr_chat_widget.bridge.transitions import evaluate_transitions
from burr_chat_widget.bridge.values import json_text
from burr_chat_widget.protocol import events as e

SECRET = "sk-7f3a"


@pytest.mark.parametrize(
    "key",
    ["api_key", "apikey", "apiKey", "APIKey", "OPENAI_API_KEY", "x-api-key", "X-Api-Key", "openaiapikey", "token",
     "access_token", "accessToken", "session_token", "refreshToken", "HF_TOKEN", "secret", "client_secret", "secrets",
     "password", "db_password", "PASSWORD", "userpassword", "passwd", "pwd", "passphrase", "authorization", "Authorization",
     "proxy-authorization", "auth", "bearer", "credential", "credentials", "private_key", "ssh-key", "cookie", "Set-Cookie"],
)  # fmt: skip
def test_keys_that_look_like_credentials(key: str) -> None:
    assert looks_like_credential(key)
    assert CREDENTIALS.hides(key, SECRET)
    assert CREDENTIALS.hides(key.encode(), SECRET)


@pytest.mark.parametrize(
    "key",
    ["tokens", "max_tokens", "maxTokens", "token_count", "first_token", "eos_token", "time_per_token", "tokenizer", "prompt_tokens",
     "key", "keys", "primary_key", "keyboard", "monkey", "author", "secretary", "prompt", "chat_history", "mode", "", "é"],
)  # fmt: skip
def test_keys_that_do_not(key: str) -> None:
    assert not CREDENTIALS.hides(key, SECRET)


@pytest.mark.parametrize("value", [None, True, False])
def test_whether_there_is_one_is_no_secret(value: object) -> None:
    assert not CREDENTIALS.hides("api_key", value)


def test_names_hide_besides_the_credentials() -> None:
    redaction = Redaction(["Email", "phone"])
    assert [redaction.hides(key, "x") for key in ("email", "PHONE", "api_key", "name", 1)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert Redaction("email").hides("email", None)


def test_a_function_decides_alone() -> None:
    redaction = Redaction(lambda _, value: value == SECRET)
    assert [redaction.hides("api_key", "x"), redaction.hides("fine", SECRET), redaction.hides(0, SECRET)] == [
        False, True, True,
    ]  # fmt: skip
    assert short([1, SECRET], redaction) == "[1, <redacted>]"
    assert json_text({"a": ["x", SECRET]}, redaction) == '{"a":["x","<redacted>"]}'


def test_what_cannot_be_decided_is_hidden() -> None:
    redaction = Redaction(lambda key, value: key.startswith("x") or value > 1)
    assert [redaction.hides(key, value) for key, value in [("a", 1), (0, 1), ("x", 1), ("a", "?")]] == [
        False, False, True, True,
    ]  # fmt: skip
    assert short({"a": [1, 1]}, Redaction(lambda key, _: key.startswith("x"))) == "{'a': [1, 1]}"


def test_off() -> None:
    assert not Redaction(False).hides("api_key", SECRET)
    assert short({"api_key": SECRET}, NOTHING) == f"{{'api_key': '{SECRET}'}}"


@pytest.mark.parametrize("option", [5, True, [1], [None]])
def test_what_redact_cannot_be(option: Any) -> None:
    with pytest.raises(TypeError, match="redact= takes names"):
        Redaction(option)


class Model(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    api_key: str = SECRET


class Inner(pydantic.BaseModel):
    inner: Model = Model()


@dataclasses.dataclass
class Data:
    api_key: str = SECRET


@dataclasses.dataclass
class NotPrinted:
    fine: int = 1
    hushed: str = dataclasses.field(default=SECRET, repr=False)


@attrs.define
class Attrs:
    api_key: str = SECRET


class Struct(msgspec.Struct):
    api_key: str = SECRET


class Named(NamedTuple):
    api_key: str = SECRET


class Speaks:
    """A class whose own repr tells everything."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def __repr__(self) -> str:
        return f"Speaks({self.__dict__})"


class Items(list[Any]):
    pass


@pytest.mark.parametrize(
    "value",
    [
        {"api_key": SECRET}, {"a": [{"headers": {"Authorization": SECRET}}]}, ({"token": SECRET},), [{b"cookie": SECRET}],
        {"credentials": {"deep": {"deeper": [SECRET]}}}, collections.OrderedDict(api_key=SECRET),
        collections.defaultdict(str, api_key=SECRET), types.MappingProxyType({"api_key": SECRET}),
        collections.ChainMap({"api_key": SECRET}), collections.deque([{"api_key": SECRET}]), Items([{"api_key": SECRET}]),
        collections.UserDict(api_key=SECRET), State({"api_key": SECRET}), types.SimpleNamespace(api_key=SECRET),
        types.SimpleNamespace(a=types.SimpleNamespace(b={"api_key": SECRET})),
        Model(), Model(token=SECRET), Inner(), Data(), Attrs(), Struct(), Named(), [Named()],
        Speaks(api_key=SECRET), Speaks(a={"b": [{"secret": SECRET}]}), Speaks(inner=Speaks(password=SECRET)),
        Speaks(many=[[n] for n in range(500)], api_key=SECRET),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_whatever_it_is_wrapped_in(value: Any) -> None:
    for shown in (short(value), short([value]), short({"k": value}), json_text(value, CREDENTIALS)):
        assert SECRET not in shown
    changes = changes_between(State({"k": value}), State({"k": 1, "new": value}))
    assert SECRET not in repr(changes)


def test_what_else_is_in_it_is_shown() -> None:
    assert short({"api_key": SECRET, "model": "m"}) == "{'api_key': <redacted>, 'model': 'm'}"
    assert short(types.SimpleNamespace(api_key=SECRET, n=1)) == "SimpleNamespace(api_key=<redacted>, n=1)"
    assert short(Speaks(n=1)) == "Speaks({'n': 1})"
    assert short(NotPrinted()) == "NotPrinted(fine=1)"
    assert short(SECRET, key="api_key") == HIDDEN
    assert json_text({"api_key": SECRET}) == f'{{"api_key":"{SECRET}"}}'


class Table:
    """As pandas': its repr tells its columns' values."""

    columns = ("name", "password")

    @property
    def shape(self) -> tuple[int, int]:
        return 1, 2

    def __repr__(self) -> str:
        return f"  name password\n0 me {SECRET}"


def test_a_table_with_a_column_that_is_hidden() -> None:
    assert short([Table()]) == "[<Table (1, 2)>]"
    assert short(Table(), NOTHING) == f"<Table (1, 2)> name password 0 me {SECRET}"


def test_changes_of_the_state() -> None:
    before = State({"api_key": SECRET, "settings": {"token": SECRET}, "gone": {"password": SECRET}})
    after = State({"api_key": SECRET + "!", "settings": {"token": SECRET + "!"}, "secret": SECRET})
    assert [(c.key, c.change, c.before, c.after) for c in changes_between(before, after)] == [
        ("api_key", "changed", HIDDEN, HIDDEN),
        ("settings", "changed", "{'token': <redacted>}", "{'token': <redacted>}"),
        ("secret", "added", None, HIDDEN),
        ("gone", "removed", "{'password': <redacted>}", None),
    ]


def test_of_a_value_that_becomes_hidden_nothing_is_shown() -> None:
    redaction = Redaction(lambda _, value: value == 2)
    (change,) = changes_between(State({"n": 1}), State({"n": 2}), redaction)
    assert (change.before, change.after) == (HIDDEN, HIDDEN)


@dataclasses.dataclass
class Login:
    user: str = "me"
    password: str = SECRET


def test_a_form() -> None:
    """What a field holds already, and what was answered."""

    def act(
        state: State,
        login: Login,
        pin: int,
        api_key: str = SECRET,
        extra: dict[str, str] = {"token": SECRET},  # noqa: B006
    ) -> State:
        return state.update(given=[login, pin, api_key, extra])

    app = build(act=does(act, writes=["given"]))
    wanted = next_inputs(app)
    redaction = Redaction("pin")
    assert SECRET not in repr(composer_of(app, wanted))
    assert [f.default for f in composer_of(app, wanted, redaction).fields] == [None, None, None, None]
    inputs = {"login": Login("you"), "pin": 1234, "api_key": SECRET, "extra": {"token": SECRET, "n": "1"}}
    given = inputs_given(app, wanted, None, inputs, redaction=redaction)
    assert given.inputs == inputs
    assert given.said == (
        "login.user: you\nlogin.password: <redacted>\npin: <redacted>\napi_key: <redacted>\n"
        'extra: {"token":"<redacted>","n":"1"}'
    )


def test_why_a_transition_was_taken() -> None:
    has_key = Condition(["api_key", "mode"], lambda state: {Condition.KEY: bool(state["api_key"])}, name="has_key")
    app = (
        ApplicationBuilder()
        .with_actions(a=does(lambda state: state), b=does(lambda state: state))
        .with_transitions(("a", "b", has_key), ("a", "a", default))
        .with_state(api_key=SECRET, mode="x", __PRIOR_STEP="a")
        .with_entrypoint("a")
        .build()
    )
    assert evaluate_transitions(app)[1][0].values == {"api_key": HIDDEN, "mode": "'x'"}
    assert evaluate_transitions(app, Redaction(["mode"]))[1][0].values == {"api_key": HIDDEN, "mode": HIDDEN}


async def nothing_leaves(app: Application, inputs: dict[str, Any]) -> list[Any]:
    events = await collect(stream_turn(app, inputs))
    assert events[-1].__struct_config__.tag == "turn-completed", events[-1]
    assert SECRET not in repr(events)
    return events


async def test_a_turn() -> None:
    """State, inputs, spans, attributes, streamed objects and the result of a whole turn."""

    @streaming_action(reads=[], writes=["settings", "api_key"])
    async def act(state: State, prompt: str, given: dict[str, str], __tracer: TracerFactory) -> Any:
        with __tracer("span"):
            __tracer.log_attributes(token=SECRET, config={"password": SECRET}, fine="x")
        assert prompt
        yield Inner(), None
        yield {"n": 1, "api_key": SECRET}, None
        yield {"n": 2, "data": {"password": SECRET, "m": 1}}, None
        yield {"settings": {"token": SECRET}}, state.update(api_key=SECRET, settings={"token": SECRET, "n": given["n"]})

    events = await nothing_leaves(build(act=act), {"prompt": "hi", "given": {"secret": SECRET, "n": 1}})
    told = repr(events)
    assert "fine" in told
    assert told.count("redacted") >= 6


async def test_a_result_that_is_the_answer() -> None:
    async def act(state: State, prompt: str) -> Any:
        return state.update(answer_data={"api_key": SECRET, "n": len(prompt)}, api_key=SECRET)

    events = await nothing_leaves(build(act=does(act, writes=["answer_data", "api_key"])), {"prompt": "hi"})
    assert any("<redacted>" in getattr(event, "text", "") for event in events)


@pytest.mark.parametrize(
    "result", [{"token": SECRET}, {"a": {"api_key": SECRET}}, {"a": types.SimpleNamespace(token=SECRET)}]
)
async def test_a_credential_is_no_answer(result: dict[str, Any]) -> None:
    async def act(state: State, prompt: str) -> Any:
        return state.update(**result, prompt=prompt)

    await nothing_leaves(build(act=does(act, writes=["prompt", *result])), {"prompt": "hi"})


async def test_what_the_application_says_is_shown() -> None:
    async def act(state: State, prompt: str) -> Any:
        yield {"token": f"Your {prompt} "}, None
        yield {"token": "is 1234"}, None
        yield {}, state

    events = await collect(stream_turn(build(act=streams(act)), {"prompt": "password"}))
    assert "".join(getattr(event, "text", "") for event in events) == "Your password is 1234"


def test_a_step_hides_what_it_is_told_to() -> None:
    step = StepTeller("t", 1, "a", delta=None, redaction=Redaction(["email"]))
    (event,) = step.changed(State({}), State({"email": "a@b"}))
    assert "a@b" not in repr(event)


class Pin(pydantic.BaseModel):
    password: int


async def test_what_raises_names_no_hidden_value() -> None:
    """Errors quote what they were given: the message and the traceback are without it, so is why a condition cannot be told."""

    def parse(state: State) -> State:
        Pin(password=state["login"]["password"])
        return state

    def look_up(state: State) -> bool:
        return {}[state["login"]["password"]]

    state = {"login": {"password": SECRET}}
    failing = build(parse=does(parse), state=state)
    unclear = build(("a", "a", Condition(["login"], look_up, name="known")), a=does(lambda state: state), state=state)
    for app in (failing, unclear):
        told = await collect(stream_turn(app))
        error = told[-1].error
        assert HIDDEN in error.message
        assert SECRET not in str(told)


def test_a_text_without_what_is_hidden() -> None:
    values = {"api_key": SECRET, "keys": [{"token": "abc"}, {"token": 123456}], "name": "shown"}
    text = f"{SECRET!r} of shown, abc, 123456: {SECRET}"
    assert CREDENTIALS.masked(text, values) == f"'{HIDDEN}' of shown, abc, {HIDDEN}: {HIDDEN}"
    assert NOTHING.masked(text, values) == text
    assert set(CREDENTIALS.hidden_within(values)) == {SECRET, "abc", 123456}


async def test_burr_logs_no_state_of_a_turn(caplog: pytest.LogCaptureFixture) -> None:
    """Trap: Burr logs the whole state and all inputs when a plain action raises, and a notebook's file keeps what is logged."""

    def fail(state: State, api_key: str) -> State:  # noqa: ARG001
        raise ValueError("no")

    async def afail(state: State, api_key: str) -> State:  # noqa: ARG001
        raise ValueError("no")

    def inner(state: State, api_key: str) -> State:
        build(fail=does(fail), state=hidden).run(halt_after=["fail"], inputs={"api_key": api_key})
        return state

    hidden = {"password": SECRET}
    for fn in (fail, afail, inner):
        told = await collect(stream_turn(build(act=does(fn), state=hidden), {"api_key": SECRET}))
        assert told[-1].error.message == "no"
    assert SECRET not in caplog.text
    with pytest.raises(ValueError, match="no"):
        build(fail=does(fail), state=hidden).run(halt_after=["fail"], inputs={"api_key": SECRET})
    assert SECRET in caplog.text  # what is run by hand is logged as ever


def refuses(state: State, api_key: str) -> State:
    """Fails, and says what it was given."""
    raise ValueError(f"refused: {api_key}, {state.get('password')}")


async def test_an_error_names_no_bound_parameter() -> None:
    app = build(act=does(refuses).bind(api_key=SECRET))
    told = await collect(stream_turn(app))
    assert told[-1].error.message == f"refused: {HIDDEN}, None"
    assert SECRET not in str(told)


async def test_what_is_raised_after_the_result_names_no_input() -> None:
    async def act(state: State, api_key: str) -> Any:
        yield {}, state
        raise ValueError(f"no clean-up for {api_key}")

    told = await collect(stream_turn(build(act=streams(act)), {"api_key": SECRET}))
    assert SECRET not in str(told)
    assert HIDDEN in str(told)


async def test_what_a_span_raises_names_no_input() -> None:
    def act(state: State, api_key: str, __tracer: TracerFactory) -> State:
        try:
            with __tracer("look up"):
                raise ValueError(f"refused: {api_key}")
        except ValueError:
            return state

    told = await collect(stream_turn(build(act=does(act)), {"api_key": SECRET}))
    assert [event.error for event in told if isinstance(event, e.SpanFinished)] == [f"ValueError: refused: {HIDDEN}"]
    assert SECRET not in str(told)


@pytest.mark.parametrize("where", ["input", "bound", "state"])
async def test_what_a_nested_application_raises_names_nothing_of_its_own(where: str) -> None:
    """What is hidden is known to the nested application alone."""

    def act(state: State) -> State:
        said = {"input": "abc", "bound": "abc", "state": "abc"} | {where: SECRET}
        action = does(refuses)
        inputs = {"api_key": said["input"]}
        if where == "bound":
            action, inputs = action.bind(api_key=said["bound"]), {}
        with contextlib.suppress(ValueError):
            build(act=action, state={"password": said["state"]}).run(halt_after=["act"], inputs=inputs)
        return state

    told = await collect(stream_turn(build(act=does(act))))
    errors = [event.error for event in told if isinstance(event, e.SpanFinished)]
    expected = f"abc, {HIDDEN}" if where == "state" else f"{HIDDEN}, abc"
    assert errors == [f"ValueError: refused: {expected}"] * 2
    assert SECRET not in str(told)
