"""The ticks of docs/hosts.md: each is of a test that is there, run with the versions that are locked."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from support.lite import PYODIDE

ROOT = Path(__file__).parents[2]
LOCKS = "".join((ROOT / "locks" / f"{name}.txt").read_text() for name in ("test", "jupyterlite", "pyodide"))
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/hosts.md").read_text().splitlines()
    if line.startswith("|") and not line.startswith(("|---", "| host"))
]


def locked(package: str) -> set[str]:
    """The versions of a package that are installed, on one Python or another."""
    if package == "pyodide":
        return {json.loads((PYODIDE / "package.json").read_text())["version"]} if PYODIDE.exists() else set()
    return set(re.findall(rf"^{re.escape(package)}==([^\s\\]+)", LOCKS, re.MULTILINE))


@pytest.mark.parametrize(("host", "versions", "ticks", "tests"), [(r[0], r[1], r[2:-1], r[-1]) for r in ROWS])
def test_what_is_ticked_was_run(host: str, versions: str, ticks: list[str], tests: str):
    if versions == "untested":
        assert not any(ticks)
        assert not tests
        return
    for each in versions.split(", "):
        package, version = each.split(" ")
        if package == "pyodide" and not PYODIDE.exists():
            continue
        assert version in locked(package), f"{host} was run with another {package}: run its tests, and say so"
    assert any(ticks)
    named = re.findall(r"`([^`]+)`", tests)
    assert named
    for path in named:
        assert (ROOT / path).exists()
