"""Chats without a kernel: in plain scripts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.kernel import PATIENCE
from support.scripts import words

SCRIPT = """
import asyncio, time
from burr_chat_widget import BurrChat
from apps import borrowed, scripted

chat = BurrChat(scripted.application(), runner=RUNNER)
async def main():
    turn = await chat.send('{"deltas": 3}')
    print(turn.status, turn.text)
asyncio.run(main())
asyncio.run(main())
"""


@pytest.mark.parametrize("runner", ["thread", "kernel"])
def test_a_script_with_one_loop_after_another(runner: str):
    assert _script(SCRIPT.replace("RUNNER", repr(runner))) == f"completed {words(3)}\n" * 2


def test_a_script_that_ends_while_a_turn_runs():
    ending = SCRIPT.split("async def main")[0].replace("RUNNER", "'thread'") + (
        'async def main():\n    asyncio.create_task(chat.send(\'{"deltas": 1000000, "delay": 0.01}\'))\n'
        "    while not chat.turns or not chat.turns[0].deltas:\n        await asyncio.sleep(0.01)\n    print('left')\n"
        "asyncio.run(main())\n"
    )
    assert _script(ending) == "left\n"


def _script(source: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", source], env=environment, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout
