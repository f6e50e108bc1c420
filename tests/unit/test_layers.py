"""The rooms of the house: which module may import what, and which names are public."""

import ast
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "burr_chat_widget"
SOURCE = Path(__file__).parents[2] / "src" / PACKAGE
FILES = sorted(SOURCE.rglob("*.py"))

PUBLIC = [
    "BurrChat",
    "BurrChatError",
    "__version__",
    "load_ipython_extension",
    "stream_turn",
    "unload_ipython_extension",
]

# Which parts of the package each part may import, itself and the errors apart. A part is a module or a sub-package of
# the first level.
INWARD: dict[str, set[str]] = {
    "_version": set(),
    "errors": set(),
    "protocol": set(),
    "offline": set(),
    "bridge": {"protocol"},
    "transport": {"protocol"},
    "store": {"bridge", "transport"},
    "session": {"bridge", "store", "transport", "protocol"},
    "saved": {"_version", "protocol"},
    "connect": {"_version", "bridge", "session", "transport", "protocol"},
    "widget": {"connect", "saved", "session", "store", "bridge", "transport", "protocol"},
    "jupyter": {"saved", "widget", "session", "protocol"},
    "serve": {"_version", "session", "store", "bridge", "transport", "protocol"},
    "demo": {"offline"},
    "testing": {"bridge", "transport", "protocol", "offline"},
    "__init__": {"_version", "bridge", "jupyter", "protocol", "session", "widget"},
    "__main__": {"_version", "serve"},
}

# The parts that alone may import a module from outside.
RESERVED: dict[str, set[str]] = {
    "IPython": {"jupyter", "widget"},
    "anywidget": {"widget"},
    "traitlets": {"widget"},
    "burr": {"bridge", "store", "session", "demo", "jupyter"},
    "threading": {"transport", "bridge"},
    "openai": {"offline", "demo", "testing"},
    "httpx": {"offline", "connect"},
    "httpx2": {"offline"},
    "fastapi": {"serve"},
    "starlette": {"serve"},
    "uvicorn": {"serve"},
    "filelock": {"serve"},
}


def part_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """The dotted names of all that a file imports, at its top or within a function, relative ones resolved."""
    package = (PACKAGE, *path.relative_to(SOURCE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            yield from (f"{module}.{alias.name}" for alias in node.names)


def parts_imported(path: Path) -> set[str]:
    """The parts of the package that a file imports, its own apart."""
    parts = {name.split(".")[1] for name in imports(path) if name.startswith(f"{PACKAGE}.")}
    # What is no part is a name that the package itself exports: `from burr_chat_widget import BurrChat`.
    return {part if part in INWARD else "__init__" for part in parts} - {part_of(path), "errors"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_go_one_way(path: Path) -> None:
    part = part_of(path)
    assert part in INWARD, f"{part!r} has no place among the layers yet: give it one in INWARD"
    assert parts_imported(path) <= INWARD[part]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_what_comes_from_outside_stays_in_its_part(path: Path) -> None:
    taken = {name.split(".")[0] for name in imports(path)}
    strangers = {name for name in taken & RESERVED.keys() if part_of(path) not in RESERVED[name]}
    assert not strangers


def test_the_protocol_needs_nothing_but_msgspec() -> None:
    taken = {name.split(".")[0] for path in FILES if part_of(path) == "protocol" for name in imports(path)}
    assert taken - sys.stdlib_module_names <= {"msgspec", PACKAGE}


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.name == "__init__.py"], ids=lambda path: str(path.relative_to(SOURCE))
)
def test_an_init_holds_imports_and_all(path: Path) -> None:  # ruff keeps __all__ sorted (RUF022)
    statements = ast.parse(path.read_text()).body
    if statements and isinstance(statements[0], ast.Expr):  # the docstring
        del statements[0]
    for statement in statements:
        if isinstance(statement, ast.Assign):
            assert ast.unparse(statement.targets[0]) == "__all__"
        else:
            assert isinstance(statement, ast.Import | ast.ImportFrom), ast.unparse(statement)


def test_public_names() -> None:
    module = importlib.import_module(PACKAGE)
    assert module.__all__ == PUBLIC
    assert all(hasattr(module, name) for name in PUBLIC)
