"""Which tool the offline model calls, and with what arguments: found in the words of the prompt, no understanding in it.

Only a user's message leads to a call, and to one call at most. A tool can be called where every argument that it requires is
found in the prompt: numbers and choices by what is written there, one after the other; a text as what stands in quotes, else
after the last "about", "to", "in" ..., else the whole prompt. Of these tools, the one is called that shares most words with
the prompt, by its name, its description and its choices; where no word is shared, none, unless the request demands a call.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from . import shelf
from .wire import CalledFunction, ChatRequest, Function, ToolChoice

_NUMBER = re.compile(r"(?<![\w.])-?\d{1,15}(?:\.\d{1,15})?(?!\d)")
_QUOTED = re.compile(r"\"([^\"]+)\"|\u201c([^\u201d]+)\u201d")
_AFTER = re.compile(r".*\b(?:about|to|in|of|for|on|at)\s+(.+)", re.IGNORECASE | re.DOTALL)


def call(request: ChatRequest) -> CalledFunction | None:
    """The call that answers a request, None where it is answered with words.

    >>> call(parse_request(b'{... "content": "Set the kitchen to 23 degrees"}], "tools": [...]}'))
    CalledFunction(name='set_temperature', arguments='{"room": "kitchen", "degrees": 23}')
    """
    last, choice = request.messages[-1], request.tool_choice
    if last.role != "user" or choice == "none":
        return None
    functions = [tool.function for tool in request.tools or () if tool.function is not None]
    if isinstance(choice, ToolChoice):
        functions = [function for function in functions if function.name == choice.function.name]
    demanded = choice == "required" or isinstance(choice, ToolChoice)
    fitting: list[tuple[int, Function, dict[str, Any]]] = []
    for function in functions:
        arguments, complete = _arguments(function, last.text)
        shared = len(_words(function) & set(shelf.words(last.text)))
        if demanded or (complete and shared):
            fitting.append((shared + len(arguments) if complete else -1, function, arguments))
    if not fitting:
        return None
    _, function, arguments = max(fitting, key=lambda each: each[0])
    return CalledFunction(function.name, json.dumps(arguments, ensure_ascii=False))


def _words(function: Function) -> set[str]:
    choices = [value for schema in _parameters(function).values() for value in _choices(schema)]
    return set(shelf.words(" ".join([function.name.replace("_", " "), function.description or "", *map(str, choices)])))


def _arguments(function: Function, prompt: str) -> tuple[dict[str, Any], bool]:
    """The arguments that are found in the prompt, and whether all are that the function requires."""
    numbers = _NUMBER.findall(prompt)
    arguments: dict[str, Any] = {}
    for name, schema in _parameters(function).items():
        found = _argument(schema, prompt, numbers)
        if found is not None:
            arguments[name] = found
    required = cast("Sequence[str]", (function.parameters or {}).get("required") or ())
    return arguments, set(required) <= arguments.keys()


def _argument(schema: Mapping[str, Any], prompt: str, numbers: list[str]) -> Any:
    """What the prompt says for one parameter, None for nothing; a number that was used is taken off `numbers`."""
    if choices := _choices(schema):
        said = shelf.words(prompt)
        return next((value for value in choices if set(shelf.words(str(value))) & set(said)), None)
    match schema.get("type"):
        case "integer" | "number":
            whole = schema["type"] == "integer"
            found = next((number for number in numbers if not whole or "." not in number), None)
            if found is None:
                return None
            numbers.remove(found)
            return float(found) if "." in found else int(found)
        case "string":
            quoted, after = _QUOTED.search(prompt), _AFTER.match(prompt)
            text = next(filter(None, quoted.groups())) if quoted else after[1] if after else prompt
            return text.strip(" .?!,;:\n") or None
        case _:
            return None


def _parameters(function: Function) -> dict[str, dict[str, Any]]:
    properties = cast("Mapping[str, Any]", (function.parameters or {}).get("properties") or {})
    return {name: schema for name, schema in properties.items() if isinstance(schema, dict)}


def _choices(schema: Mapping[str, Any]) -> list[Any]:
    return schema.get("enum") or []
