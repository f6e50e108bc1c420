"""How a file of its own gets at an action: by an import, or, of what a notebook defines, by its source and what that needs."""

from __future__ import annotations

import ast
import builtins
import contextlib
import inspect
import linecache
import sys
import textwrap
import types
from collections.abc import Callable
from typing import Any

from .redaction import Redaction

__all__ = ["Definitions", "literal"]

_ANNOTATIONS = annotations.compiler_flag


def literal(value: object) -> str | None:
    """The value as Python would write it, None for one that cannot be written so."""
    try:
        text = repr(value)
        return text if ast.literal_eval(text) == value and type(ast.literal_eval(text)) is type(value) else None
    except Exception:  # any object's repr
        return None


class Definitions:
    """The lines that define names in a file.

    Attributes:
        imports: import statements.
        sources: definitions, in the order in which they need each other.
        unknown: names that the definitions use and that cannot be written down.
        annotations: whether the file needs `from __future__ import annotations`.
    """

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._known: set[str] = set()
        self.imports: list[str] = []
        self.sources: list[str] = []
        self.unknown: list[str] = []
        self.annotations = False

    def name_of(self, thing: Callable[..., Any] | type) -> str:
        """A name for a function or a class, which from now on is defined under it."""
        name = thing.__qualname__.split(".")[-1]
        if not name.isidentifier():  # a lambda
            name = "action"
            self.unknown.append(name)
            return name
        self._define(name, thing)
        return name

    def _define(self, name: str, thing: Any) -> None:
        if name in self._known:
            return
        self._known.add(name)
        if isinstance(thing, types.ModuleType):
            self.imports.append(f"import {thing.__name__}" + (f" as {name}" if name != thing.__name__ else ""))
            return
        module, own = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
        elsewhere = isinstance(module, str) and isinstance(own, str) and module != "__main__"
        if elsewhere and getattr(sys.modules.get(str(module)), str(own), None) is thing:
            self.imports.append(f"from {module} import {own}" + (f" as {name}" if name != own else ""))
            return
        text = literal(thing)
        if text is not None and not self._redaction.hidden_within({name: thing}):
            self.sources.append(f"{name} = {text}\n")
        elif isinstance(thing, type | types.FunctionType) and thing.__name__ == name:
            self._copy(name, thing)
        else:
            self.unknown.append(name)

    def _copy(self, name: str, thing: Any) -> None:
        """Define it by its source, after everything that it needs."""
        try:
            source = textwrap.dedent(_source_of(thing))
            tree = ast.parse(source)
        except (OSError, TypeError, SyntaxError):  # made by exec, or its cell is gone
            self.unknown.append(name)
            return
        function = thing if isinstance(thing, types.FunctionType) else None
        code = function.__code__ if function is not None else None
        self.annotations |= code is not None and bool(code.co_flags & _ANNOTATIONS)
        names = vars(sys.modules[thing.__module__]) if function is None else _names_of(function)
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        own = {node.id for node in nodes if not isinstance(node.ctx, ast.Load)} | {name}
        own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        for used in dict.fromkeys(node.id for node in nodes):
            if used in names and used not in own and not hasattr(builtins, used):
                self._define(used, names[used])
        self.sources.append(source)


def _source_of(thing: Any) -> str:
    """The source of a function or a class. Raises OSError or TypeError where there is none."""
    try:
        return inspect.getsource(thing)
    except (OSError, TypeError):
        if not isinstance(thing, type):
            raise
    # Python looks for a class in its module's file, and a notebook has none: its cells are where tracebacks find them.
    for _, _, lines, *_ in reversed([entry for entry in linecache.cache.values() if len(entry) == 4]):
        text = "".join(lines)
        if f"class {thing.__name__}" not in text:
            continue
        with contextlib.suppress(SyntaxError):
            for node in ast.parse(text).body:
                if isinstance(node, ast.ClassDef) and node.name == thing.__name__:
                    first = min(each.lineno for each in (node, *node.decorator_list))
                    return "".join(lines[first - 1 : node.end_lineno])
    raise OSError(f"the source of {thing.__name__} is not known")


def _names_of(function: types.FunctionType) -> dict[str, Any]:
    """What a function can use of what is outside of it."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return {**function.__globals__, **{name: cell.cell_contents for name, cell in cells}}
