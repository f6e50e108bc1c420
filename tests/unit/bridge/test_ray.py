"""Parallel actions on Burr's Ray executor: their parts run in other processes; that they begin and how they end is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]


@pytest.mark.skipif(find_spec("ray") is None, reason="ray is not installed")
def test_ray() -> None:
    """In a program of its own: Ray leaves processes and sockets to the end of the one that started it."""
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "RAY_USAGE_STATS_ENABLED": "0"}
    ran = subprocess.run(
        [sys.executable, "-m", "apps.on_ray"], env=environment, cwd=TESTS, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    good, bad = json.loads(ran.stdout.splitlines()[-1])
    assert good == [
        ["app word='one' ...", "app word='two' ..."],
        ["app word='one' -> done loud:'ONE' elsewhere:True", "app word='two' -> done loud:'TWO' elsewhere:True"],
        [],
    ]
    before, after, errors = bad
    assert before == ["app word='bad' ...", "app word='one' ..."]
    assert after[0] == "app word='bad' -> failed ValueError: not this word"
    assert errors == ["not this word"]
