"""What an action's own function says about its parameters: annotations, defaults, descriptions."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from burr.core import Action

from .private import original_function

__all__ = ["EMPTY", "UNKNOWN", "Parameter", "action_docstring", "action_function", "parameter_of"]

EMPTY: Any = inspect.Parameter.empty
"""There is none."""


class UNKNOWN:
    """Stands for an annotation whose names are known to a type checker alone."""


@dataclass(frozen=True)
class Parameter:
    """One parameter: `annotation` and `default` may be `EMPTY`, `annotation` may be `UNKNOWN`."""

    name: str
    annotation: Any = EMPTY
    default: Any = EMPTY
    description: str | None = None


def action_function(action: Action) -> Callable[..., Any]:
    """What runs when the action does: the function it was made of, or the class's method."""
    fn = original_function(action)
    if fn is not None:
        return fn
    made: Any = action
    if action.streaming:
        return made.stream_run_and_update if action.single_step else made.stream_run
    return made.run_and_update if action.single_step else made.run


def action_docstring(action: Action) -> str:
    """The docstring of the function, or of the class and its method; dedented, empty where there is none."""
    docs = [action_function(action).__doc__]
    if original_function(action) is None:
        made = type(action)
        docs.insert(0, None if made.__module__.split(".")[0] == "burr" else made.__dict__.get("__doc__"))
    return "\n\n".join(inspect.cleandoc(doc) for doc in docs if doc)


def parameter_of(action: Action, name: str) -> Parameter:
    """The action's parameter of that name."""
    function = inspect.unwrap(action_function(action))
    description = _described(action_docstring(action), name)
    try:
        found = inspect.signature(function).parameters.get(name)
    except (TypeError, ValueError):
        found = None
    if found is None:
        return Parameter(name, description=description)
    annotation: Any = found.annotation
    if isinstance(annotation, str):
        annotation = _resolved(annotation, function, UNKNOWN)
    elif annotation is EMPTY and not getattr(function, "__annotations__", None):
        source = _annotation_in_source(function, name)
        annotation = EMPTY if source is None else _resolved(source, function, EMPTY)
    return Parameter(name, annotation, found.default, description)


def _resolved(annotation: str, function: Any, otherwise: Any) -> Any:
    """What the annotation's source stands for, where the function was written."""
    function = getattr(function, "__func__", function)
    names = dict(getattr(function, "__globals__", {}))
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    try:
        names.update((name, cell.cell_contents) for name, cell in cells)
        return eval(annotation, names)  # as typing.get_type_hints does, one annotation at a time
    except Exception:
        return str if re.fullmatch(r"Optional\[str\]|str( *\| *None)?", annotation) else otherwise


def _annotation_in_source(function: Any, name: str) -> str | None:
    """Burr's `copy_func` loses the annotations of streaming functions; their source still has them."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None
    made = next((n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)), None)
    if made is None:
        return None
    arguments = [*made.args.posonlyargs, *made.args.args, *made.args.kwonlyargs]
    found = next((a.annotation for a in arguments if a.arg == name), None)
    if isinstance(found, ast.Constant) and isinstance(found.value, str):
        return found.value
    return None if found is None else ast.unparse(found)


def _described(docstring: str, name: str) -> str | None:
    """What a Google-style or reST docstring says of a parameter."""
    pattern = rf"^[ \t]*(?::param (?:\w+ )?)?{re.escape(name)}(?: ?\([^)]*\))?: +(\S.*(?:\n[ \t]{{6,}}\S.*)*)$"
    found = re.search(pattern, docstring, re.MULTILINE)
    return " ".join(found[1].split()) if found else None
