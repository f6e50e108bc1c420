"""A Python that cannot start threads, as Pyodide's: turns run and frames go out on the one loop that there is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support.kernel import PATIENCE
from support.scripts import words

PROGRAM = """
import asyncio, functools, sys, threading
from burr_chat_widget import BurrChat
from burr_chat_widget.testing import RecordingComm
from apps import scripted

def refuse(thread):
    raise RuntimeError("can't start new thread")
threading.Thread.start = refuse

def answer(view):
    return view.messages[-1].text if view.messages and view.messages[-1].role == "assistant" else ""

async def main(**options):
    chat = BurrChat(scripted.application(), **options)
    comm = RecordingComm(chat)
    until = functools.partial(comm.until, timeout=float(sys.argv[1]))
    await until(lambda view: view)
    comm.command("send", text='{"deltas": 200, "delay": 0.002}', inputs={})
    # The page sees the answer grow, and not the whole of it at once.
    await until(lambda view: 0 < len(answer(view)) < 900)
    view = await until(lambda view: view.turns and view.status == "idle")
    print(view.messages[-1].text)
    print(len(comm.frames) > 5)

    comm.command("send", text='{"deltas": 1000000}', inputs={})  # without a pause: Stop is heard all the same
    view = await until(lambda view: len(view.turns) == 2 and answer(view))
    comm.command("stop", turn=view.turns[-1].key)
    view = await until(lambda view: view.status == "idle")
    print(view.turns[-1].status)

    chat.breakpoints.add("answer")
    comm.command("send", text='{"deltas": 2}', inputs={})
    await until(lambda view: view.status == "paused")
    turn = await chat.step()
    print(turn.status, turn.actions)
    chat.close()

asyncio.run(main())
asyncio.run(main(runner="kernel"))
"""


def test_a_turn_runs_is_stopped_and_stepped():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(PATIENCE)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE,
    )
    assert done.stderr == ""
    once = f"{words(200)}\nTrue\nstopped\ncompleted ['prompt', 'prepare', 'answer']\n"
    assert done.stdout == once * 2
