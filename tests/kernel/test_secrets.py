"""What is hidden is in nothing that a cell puts out, and so in no notebook's file."""

from __future__ import annotations

import pytest

from support.kernel import Kernel, KernelPage

SECRET = "sk-very-secret"

pytestmark = [
    pytest.mark.parametrize("shared_kernel", ["python3", "ipykernel-6.31"], indirect=True),
    pytest.mark.parametrize("runner", ["thread", "kernel"]),
]


def test_an_action_that_fails(kernel: Kernel, runner: str):
    kernel.run(f"""
import sys
from burr.core import ApplicationBuilder, action

@action(reads=[], writes=["answer"])
def look_up(state, prompt: str, api_key: str):
    raise ValueError("refused: " + api_key)

app = (
    ApplicationBuilder().with_actions(look_up).with_transitions(("look_up", "look_up"))
    .with_state(password={SECRET!r}).with_entrypoint("look_up").build()
)
chat = BurrChat(app, inputs={{"api_key": {SECRET!r}}}, runner={runner!r})
""")
    kernel.published.clear()
    page = KernelPage.show(kernel)
    kernel.run("turn = await chat.send('hi'); turn")
    page.until(lambda view: view.turns and view.turns[-1].status == "failed", "the turn to fail")
    kernel.run("sys.stdout.flush(); sys.stderr.flush()")
    put_out = [m for m in kernel.published if m["msg_type"] != "execute_input"]
    assert "refused: <redacted>" in str(put_out)
    assert SECRET not in str(put_out)
