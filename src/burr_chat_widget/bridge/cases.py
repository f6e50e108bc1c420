"""A step as a test case, in the format of Burr's own `burr-test-case`: a JSON file of states, and a test that runs the action on them."""

from __future__ import annotations

import inspect
import json
import re
import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from burr.core import Action, Application, State
from burr.core.typing import DictBasedTypingSystem

from burr_chat_widget.errors import BurrChatError

from .comparison import same
from .definitions import Definitions, literal
from .inputs import action_named
from .private import bound_parameters, original_function
from .redaction import CREDENTIALS, HIDDEN, Redaction

__all__ = ["Case", "case_of"]


_NOTEBOOK = '"__main__.'
"""In JSON, the beginning of the name of a class that no other process finds."""


_COMPARES = (
    "    # What was redacted is not known here.",
    f"    output.update({{key: {HIDDEN!r} for key, value in expected_state.items() if value == {HIDDEN!r}}})",
)


class Case(NamedTuple):
    """A test case.

    Attributes:
        fixture: one entry of Burr's JSON file, which is a list of them: `action`, `name`, `input_state`, `expected_state`, and
            `inputs`, which Burr's own loader leaves aside.
        json_text: a file of this one case.
        python_text: a test module of all cases of the JSON file, which is to lie beside it.
        missing: what the test cannot run without and a person has to write: inputs of the action, names that its source uses.
    """

    fixture: dict[str, Any]
    json_text: str
    python_text: str
    missing: list[str]


def case_of(
    app: Application[Any],
    action: str,
    before: State[Any],
    after: State[Any],
    inputs: Mapping[str, Any],
    *,
    name: str,
    file_name: str,
    redaction: Redaction = CREDENTIALS,
) -> Case:
    """The test case of a step.

    Args:
        app: the application that made the step.
        action: the name of the action.
        before: the state before the step.
        after: the state after it.
        inputs: what the action was given, bound parameters apart.
        name: the case's name, unique in its file; Burr's own is the action, the app id and the sequence id.
        file_name: of the JSON file, without a folder.
        redaction: what is not written: in the states `redaction.HIDDEN` stands in its place, inputs are left to the test's author.

    Raises:
        BurrChatError: if a state holds a value that is not the same when Burr has serialised it and read it again.
    """
    node = action_named(app, action)
    touched = {*node.reads, *node.writes}
    states = _serialised(before, touched), _serialised(after, touched)
    left_out = {key for state, made in zip((before, after), states, strict=True) for key in state if key not in made}
    given, expected = ({k: v for k, v in made.items() if k not in left_out} for made in states)
    after_json = expected
    given, hidden = _scrubbed(before, given, redaction)
    expected, also_hidden = _scrubbed(after, expected, redaction)
    # What is hidden and was changed by the action cannot be compared: none of it is in the file.
    unsaid = [
        key
        for key in expected
        if expected[key] != after_json[key] and not (key in before and same(before[key], after[key]))
    ]
    expected.update(dict.fromkeys(unsaid, HIDDEN))
    arguments = _serialised(State(dict(inputs)), set())
    arguments = {k: v for k, v in arguments.items() if not redaction.hidden_within({k: inputs[k]})}
    fixture = {
        "action": action,
        "name": name,
        "inputs": arguments,
        "input_state": given,
        "expected_state": expected,
    }
    module = _Module(node, action, [key for key in inputs if key not in arguments], before, redaction)
    return Case(
        fixture,
        json.dumps([fixture], indent=2, ensure_ascii=False) + "\n",
        module.text(file_name, sorted({*hidden, *also_hidden})),
        module.missing,
    )


def _serialised(state: State[Any], needed: set[str]) -> dict[str, Any]:
    """The state as JSON; values that do not come back are left out where the action has nothing to do with them."""
    made: dict[str, Any] = {}
    wrong: dict[str, Any] = {}
    for key, value in state.get_all().items():
        if key.startswith("__"):
            continue
        try:
            alone = cast(Any, State({key: value}))
            text = json.dumps(alone.serialize())
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Burr warns of each class that it makes again
                back = alone.deserialize(json.loads(text))[key]
            if not same(value, back) or _NOTEBOOK in text:
                raise ValueError
            made[key] = json.loads(text)[key]
        except Exception:  # whatever its class or Burr has against it
            if key in needed:
                wrong[key] = value
    if wrong:
        listed = ", ".join(f"{key!r} (a {type(value).__name__})" for key, value in wrong.items())
        raise BurrChatError(
            f"the state holds what a JSON file cannot give back: {listed}",
            remedy="keep lists and dicts of plain values, or pydantic models of a module that can be imported, or teach Burr the type "
            "with burr.core.serde or register_field_serde",
        )
    return made


def _scrubbed(state: State[Any], made: dict[str, Any], redaction: Redaction) -> tuple[dict[str, Any], list[str]]:
    """JSON of a state without what is hidden, and where that was. What is hidden is decided by the values, not by their JSON."""
    found: list[str] = []
    kept: dict[str, Any] = {}
    for key, value in made.items():
        scrubbed, places = redaction.scrub(value)
        if redaction.hides(key, state[key]) or len(places) < len(redaction.hidden_within(state[key])):
            scrubbed, places = HIDDEN, [key]
        kept[key] = scrubbed
        found += places
    return kept, found


class _Module:
    """The text of a test module."""

    def __init__(self, node: Action, name: str, lacking: list[str], state: State[Any], redaction: Redaction) -> None:
        self._node = node
        self._name = name
        self._redaction = redaction
        self._defined = Definitions(redaction)
        self._fixtures: list[str] = []
        self._action = self._action_text()
        self._lacking = lacking
        self._fixtures += lacking
        self._typing = self._typing_text(state)

    @property
    def missing(self) -> list[str]:
        return [*self._fixtures, *self._defined.unknown]

    def _bound(self, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Names and texts of bound parameters; what cannot be written down, or must not be, is a fixture."""
        made: list[tuple[str, str]] = []
        for name, value in values.items():
            text = None if self._redaction.hidden_within({name: value}) else literal(value)
            if text is None:
                self._fixtures.append(name)
            made.append((name, name if text is None else text))
        return made

    def _action_text(self) -> str:
        function = original_function(self._node)
        if function is None:
            cls = type(self._node)
            needed = [
                p.name for p in inspect.signature(cls).parameters.values()
                if p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
            ]  # fmt: skip
            self._fixtures += needed
            return f"{self._defined.name_of(cls)}({', '.join(f'{n}={n}' for n in needed)})"
        name = self._defined.name_of(function)
        bound = self._bound(bound_parameters(self._node))
        return f"{name}.bind({', '.join(f'{key}={text}' for key, text in bound)})" if bound else name

    def _typing_text(self, state: State[Any]) -> str:
        if isinstance(state.typing_system, DictBasedTypingSystem):
            return ""
        system = self._defined.name_of(type(state.typing_system))
        return f"        .with_typing({system}({self._defined.name_of(state.typing_system.state_type())}))\n"

    def _run(self) -> list[str]:
        """The lines that run the action, in the one way that Burr has for its kind."""
        call = f'halt_after=["{self._name}"], inputs=given'
        if not self._node.streaming:
            return [f"asyncio.run(app.arun({call}))" if self._node.is_async() else f"app.run({call})"]
        if not self._node.is_async():
            return [f"app.stream_result({call})[1].get()"]
        return [
            "async def run():",
            f"    _, stream = await app.astream_result({call})",
            "    await stream.get()",
            "",
            "asyncio.run(run())",
        ]

    def text(self, file_name: str, hidden: list[str]) -> str:
        """The module."""
        identifier = re.sub(r"\W", "_", self._name)
        defined = self._defined
        run = self._run()
        imports = [
            *(["import asyncio"] if any("asyncio" in line for line in run) else []),
            "import json",
            "from pathlib import Path",
        ]
        others = [
            "import pytest",
            "from burr.core import ApplicationBuilder, State",
            "from burr.testing import load_test_cases",
            *defined.imports,
        ]
        lines = [f'"""What the action {self._name} makes of a state, as it was recorded."""', ""]
        lines += ["from __future__ import annotations", ""] if defined.annotations else []
        lines += [*imports, "", *dict.fromkeys(others), ""]
        lines += [
            f"FILE = Path(__file__).with_name({file_name!r})",
            "STATES, NAMES = load_test_cases(str(FILE))",
            'INPUTS = [case.get("inputs", {}) for case in json.loads(FILE.read_text(encoding="utf-8"))]',
            "CASES = [(inputs, *states) for inputs, states in zip(INPUTS, STATES)]",
            "",
        ]
        if hidden:
            lines += [f"# Redacted in the states: {', '.join(hidden)}. Give the action what it needs.", ""]
        if defined.unknown:
            lines += [f"# TODO: define what is used below: {', '.join(defined.unknown)}", ""]
        for source in defined.sources:
            lines += ["", source]
        for name in dict.fromkeys(self._fixtures):
            lines += ["", "@pytest.fixture", f"def {name}():"]
            lines += [f'    raise NotImplementedError("TODO: what the action gets as {name}")', ""]
        arguments = ["inputs", "input_state", "expected_state", *dict.fromkeys(self._fixtures)]
        given = "State.deserialize(inputs).get_all()"
        if self._lacking:
            given = f"{{**{given}, {', '.join(f'{name!r}: {name}' for name in self._lacking)}}}"
        lines += [
            "",
            '@pytest.mark.parametrize(("inputs", "input_state", "expected_state"), CASES, ids=NAMES)',
            f"def test_{identifier}({', '.join(arguments)}):",
            f"    given = {given}",
            "    app = (",
            "        ApplicationBuilder()",
            f'        .with_actions(**{{"{self._name}": {self._action}}})',
            f'        .with_entrypoint("{self._name}")',
            *([self._typing.rstrip("\n")] if self._typing else []),
            "        .with_state(State.deserialize(input_state))",
            "        .build()",
            "    )",
            *(f"    {line}" if line else "" for line in run),
            '    output = {key: value for key, value in app.state.serialize().items() if not key.startswith("__")}',
            *(_COMPARES if hidden else ()),
            "    # Exactly the same. Of what a model says, say instead what must be so:",
            '    # assert "some words" in output["response"]["content"]',
            "    assert output == expected_state",
        ]
        return "\n".join(lines) + "\n"
