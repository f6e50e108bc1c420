"""A step as a test case: the module that is written is run by pytest, and fails when the action does something else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from burr.core import State
from burr.testing import load_test_cases

from apps.graphs import build, does
from apps.said import Post
from burr_chat_widget.bridge.cases import Case, case_of
from burr_chat_widget.bridge.redaction import Redaction
from burr_chat_widget.errors import BurrChatError

ACTIONS = """
import asyncio

import pydantic
from burr.core import Action, State, action
from burr.core.action import streaming_action


class Verdict(pydantic.BaseModel):
    safe: bool
    words: list[str]


@action(reads=["prompt"], writes=["verdict"])
def check(state: State, forbidden: str = "no"):
    words = state["prompt"].split()
    return state.update(verdict=Verdict(safe=forbidden not in words, words=words))


@action(reads=["history"], writes=["history"])
async def ask(state: State, prompt: str, client=None):
    await asyncio.sleep(0)
    return state.append(history={"role": "user", "content": prompt})


@streaming_action(reads=["history"], writes=["history"])
async def answer(state: State, ending: str, client=None):
    yield {"delta": "o"}, None
    yield {}, state.append(history={"role": "assistant", "content": "ok" + ending})


@streaming_action(reads=["history"], writes=["history"])
def shout(state: State):
    yield {"delta": "O"}, None
    yield {}, state.append(history={"role": "assistant", "content": "OK"})


class Count(Action):
    @property
    def reads(self):
        return ["count"]

    @property
    def writes(self):
        return ["count"]

    def run(self, state: State):
        return {"count": state["count"] + 1}

    def update(self, result, state: State):
        return state.update(**result)
"""


def run_pytest(folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    # Without our plugins, which take longer to load than the test runs.
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=alone, text=True, capture_output=True, check=False)


def write(case: Case, folder: Path) -> None:
    (folder / "test_step.json").write_text(case.json_text, encoding="utf-8")
    (folder / "test_step.py").write_text(case.python_text, encoding="utf-8")


@pytest.fixture
def actions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of actions beside the test that is written."""
    name = f"actions_of_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(ACTIONS, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    module = __import__(name)
    yield module
    del sys.modules[name]


@pytest.mark.parametrize(
    ("kind", "state", "after", "inputs"),
    [
        ("check", {"prompt": "no way"}, {"prompt": "no way", "verdict": (False, ["no", "way"])}, {"forbidden": "no"}),
        ("ask", {"history": [], "lock": object()}, {"history": [{"role": "user", "content": "hí\n"}]}, {"prompt": "hí\n"}),
        ("answer", {"history": []}, {"history": [{"role": "assistant", "content": "ok!"}]}, {}),
        ("shout", {"history": []}, {"history": [{"role": "assistant", "content": "OK"}]}, {}),
        ("count", {"count": 1}, {"count": 2}, {}),
    ],
    ids=["sync", "async", "async stream", "sync stream", "class"],
)  # fmt: skip
def test_the_test_passes_and_can_fail(
    actions: Any, tmp_path: Path, kind: str, state: dict[str, Any], after: dict[str, Any], inputs: dict[str, Any]
) -> None:
    node = {"answer": lambda: actions.answer.bind(ending="!"), "count": lambda: actions.Count()}.get(
        kind, lambda: getattr(actions, kind)
    )()
    app = build(**{kind: node}, state=state)
    if "verdict" in after:
        safe, words = after["verdict"]
        after = {**after, "verdict": actions.Verdict(safe=safe, words=words)}
    after = {**{k: v for k, v in state.items() if k == "lock"}, **after, "__SEQUENCE_ID": 0, "__PRIOR_STEP": kind}
    case = case_of(app, kind, State(state), State(after), inputs, name="step-0", file_name="test_step.json")
    assert case.missing == []
    assert "lock" not in case.json_text
    write(case, tmp_path)
    assert load_test_cases(str(tmp_path / "test_step.json"))[1] == [f"{kind}-step-0"]
    passed = run_pytest(tmp_path)
    assert passed.returncode == 0, passed.stdout
    assert "1 passed" in passed.stdout
    changes = [("forbidden not in", "forbidden in"), ('"user", "content": prompt', '"user", "content": ""'),
               ('"ok" +', '"ko" +'), ('"OK"}', '"KO"}'), ("+ 1", "+ 2")]  # fmt: skip
    text = ACTIONS
    for old, new in changes:
        text = text.replace(old, new)
    (tmp_path / f"{actions.__name__}.py").write_text(text + "\n# changed\n", encoding="utf-8")
    failed = run_pytest(tmp_path)
    assert failed.returncode == 1, failed.stdout
    assert "1 failed" in failed.stdout


NOTEBOOK = """
import re
from pathlib import Path

from burr.core import ApplicationBuilder, State, action

from burr_chat_widget.bridge.cases import case_of

GREETING = "Hello"
client = object()
api_key = "sk-1"
settings = {"token": "sk-2"}
said = object()


def polite(name: str) -> str:
    return f"{GREETING}, {re.sub('[^a-z]', '', name)}"


@action(reads=[], writes=["said"])
def greet(state: State, name: str):
    if name == "nobody":
        client.call(api_key, settings)
    said = polite(name)
    return state.update(said=said)


app = ApplicationBuilder().with_actions(hello=greet).with_entrypoint("hello").build()
before = app.state
app.run(halt_after=["hello"], inputs={"name": "a1nn"})
case = case_of(app, "hello", before, app.state, {"name": "a1nn"}, name="x", file_name="test_step.json")
Path("test_step.json").write_text(case.json_text)
Path("test_step.py").write_text(case.python_text)
print(case.missing)
"""


def test_what_a_notebook_defines_comes_with_its_source(tmp_path: Path) -> None:
    (tmp_path / "notebook.py").write_text(NOTEBOOK, encoding="utf-8")
    run = subprocess.run([sys.executable, "notebook.py"], cwd=tmp_path, text=True, capture_output=True, check=False)
    assert run.stdout == "['api_key', 'settings', 'client']\n", run.stderr
    text = (tmp_path / "test_step.py").read_text(encoding="utf-8")
    assert "sk-" not in text
    assert "# TODO: define what is used below: api_key, settings, client" in text
    passed = run_pytest(tmp_path)
    assert "1 passed" in passed.stdout, passed.stdout
    (tmp_path / "test_step.py").write_text(text.replace("GREETING = ", 'GREETING = "Oh, " + '), encoding="utf-8")
    assert "1 failed" in run_pytest(tmp_path).stdout


def test_what_cannot_be_written_down_is_a_fixture(actions: Any, tmp_path: Path) -> None:
    app = build(answer=actions.answer.bind(ending="!", client=object()), state={"history": []})
    after = State({"history": [{"role": "assistant", "content": "ok!"}]})
    case = case_of(app, "answer", app.state, after, {}, name="x", file_name="test_step.json")
    assert case.missing == ["client"]
    write(case, tmp_path)
    run = run_pytest(tmp_path)
    assert "what the action gets as client" in run.stdout
    text = case.python_text.replace("    raise NotImplementedError", "    return None  # ")
    (tmp_path / "test_step.py").write_text(text, encoding="utf-8")
    assert "1 passed" in run_pytest(tmp_path).stdout


def test_one_module_runs_all_cases_of_its_file(actions: Any, tmp_path: Path) -> None:
    """Each with the inputs that it was given."""
    app = build(ask=actions.ask, state={"history": []})
    cases = [
        case_of(app, "ask", app.state, State({"history": [{"role": "user", "content": text}]}),
                {"prompt": text, "client": object()}, name=text, file_name="test_step.json")
        for text in ("one", "two")
    ]  # fmt: skip
    assert cases[0].python_text == cases[1].python_text
    write(cases[0], tmp_path)
    (tmp_path / "test_step.json").write_text(json.dumps([case.fixture for case in cases]), encoding="utf-8")
    text = cases[0].python_text.replace("    raise NotImplementedError", "    return None  # ")
    (tmp_path / "test_step.py").write_text(text, encoding="utf-8")
    assert "2 passed" in run_pytest(tmp_path).stdout


def test_what_is_redacted_is_not_written() -> None:
    def act(state, api_key, given):
        return state.update(used=[api_key, given])

    app = build(a=does(act, writes=["used"]), state={})
    before = State({"settings": {"api_key": "sk-1", "model": "m"}, "token": "sk-2", "email": "a@b"})
    inputs = {"api_key": "sk-3", "given": {"password": "sk-4"}}
    case = case_of(app, "a", before, before, inputs, name="x", file_name="x.json", redaction=Redaction(["email"]))
    assert "sk-" not in case.json_text + case.python_text
    assert "a@b" not in case.json_text
    assert case.fixture["input_state"]["settings"] == {"api_key": "<redacted>", "model": "m"}
    assert "# Redacted in the states: api_key, email, token." in case.python_text


KEYS = """
from burr.core import State, action


@action(reads=["n"], writes=["n", "api_key", "settings"])
def renew(state: State) -> State:
    return state.update(n=state["n"] + 1, api_key=f"sk-{state['n']}", settings={"token": f"t-{state['n']}", "kept": 1})
"""


def test_a_key_that_is_hidden_and_written_is_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All others are."""
    name = f"keys_of_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(KEYS, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    app = build(renew=__import__(name).renew, state={})
    before = State({"n": 1, "api_key": "sk-0", "settings": {"token": "t-0", "kept": 1}, "user": {"password": "pw-0"}})
    after = before.update(n=2, api_key="sk-1", settings={"token": "t-1", "kept": 1})
    case = case_of(app, "renew", before, after, {}, name="x", file_name="test_step.json")
    assert not any(secret in case.json_text for secret in ("sk-", "t-0", "t-1", "pw-0"))
    write(case, tmp_path)
    passed = run_pytest(tmp_path)
    assert "1 passed" in passed.stdout, passed.stdout
    (tmp_path / f"{name}.py").write_text(KEYS.replace("+ 1", "+ 2"), encoding="utf-8")
    assert "1 failed" in run_pytest(tmp_path).stdout
    del sys.modules[name]


def test_what_is_hidden_is_decided_by_the_values() -> None:
    """Their JSON is of another form: nobody who is asked of a model would know it."""

    def act(state, order):
        return state.update(used=order)

    redaction = Redaction(lambda _key, value: isinstance(value, Post))
    app = build(a=does(act, writes=["used"]), state={})
    state = State({"account": Post(title="7130", body=""), "all": [Post(title="7130", body="")], "known": "shown"})
    inputs = {"order": Post(title="7130", body=""), "orders": [Post(title="7130", body="")]}
    case = case_of(app, "a", state, state, inputs, name="x", file_name="x.json", redaction=redaction)
    assert "7130" not in case.json_text + case.python_text
    assert case.fixture["input_state"] == {"account": "<redacted>", "all": "<redacted>", "known": "shown"}
    assert case.missing == ["order", "orders"]


@pytest.mark.parametrize(
    "wrap", [lambda v: (v,), lambda v: [{"deep": (v,)}], lambda v: types.MappingProxyType({"a": v})]
)
def test_bound_parameters_hide_what_is_in_them(wrap: Any, actions: Any) -> None:
    app = build(answer=actions.answer.bind(ending=wrap({"api_key": "sk-1"})), state={"history": []})
    case = case_of(app, "answer", app.state, app.state, {}, name="x", file_name="x.json")
    assert "sk-1" not in case.json_text + case.python_text
    assert case.missing == ["ending"]


@pytest.mark.parametrize("value", [(1, 2), {1, 2}, b"x", {1: 2}, object(), [object()]], ids=lambda v: type(v).__name__)
def test_what_json_cannot_give_back_is_named(value: Any) -> None:
    app = build(a=does(lambda state: state, reads=["odd"]), state={"odd": value, "fine": 1})
    with pytest.raises(BurrChatError, match=f"'odd' \\(a {type(value).__name__}\\)") as caught:
        case_of(app, "a", app.state, app.state, {}, name="x", file_name="x.json")
    assert "'fine'" not in str(caught.value)
    assert "burr.core.serde" in (caught.value.remedy or "")


def test_the_file_is_what_burr_writes() -> None:
    app = build(a=does(lambda state: state), state={"n": 1})
    case = case_of(
        app, "a", State({"n": 1, "__SEQUENCE_ID": 1}), State({"n": 2}), {}, name="a_app_1", file_name="x.json"
    )
    assert json.loads(case.json_text) == [
        {"action": "a", "name": "a_app_1", "inputs": {}, "input_state": {"n": 1}, "expected_state": {"n": 2}}
    ]
