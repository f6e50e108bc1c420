"""IPython in a terminal: what was said comes as text, as it comes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from support.hosts import environment
from support.kernel import PATIENCE
from support.scripts import script, words

PROMPT = r"In \[\d+\]: "
MORE = "   ...: "


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[pexpect.spawn]:
    arguments = ["-m", "IPython", "--simple-prompt", "--no-banner", "--no-confirm-exit", "--colors=NoColor"]
    opened = pexpect.spawn(
        sys.executable, arguments, env=environment(tmp_path), encoding="utf-8", timeout=PATIENCE, dimensions=(50, 1000)
    )
    opened.setecho(False)
    opened.expect(PROMPT)
    yield opened
    opened.close(force=True)


def run(terminal: pexpect.spawn, source: str) -> str:
    """Run a cell; returns what it printed."""
    terminal.sendline(source)
    terminal.expect(PROMPT)
    return terminal.before.replace("\r\n", "\n")


def ask(terminal: pexpect.spawn, prompt: str) -> None:
    """Type a cell that is a prompt."""
    for line in ("%%chat", prompt, ""):
        terminal.sendline(line)
        terminal.expect_exact(MORE)
    terminal.sendline("")


def test_what_a_model_writes_does_nothing_to_the_terminal(terminal: pexpect.spawn):
    run(terminal, "%load_ext burr_chat_widget")
    run(terminal, "from apps import scripted; app = scripted.application()")
    run(terminal, "%chat app")
    ask(terminal, script(deltas=1, text="\x1b]52;c;aGk=\x07hello\x1b[2J\x9b2J"))
    terminal.expect_exact("␛]52;c;aGk=␇hello␛[2J\\x9b2J")
    terminal.expect(PROMPT)


def test_a_conversation(terminal: pexpect.spawn):
    run(terminal, "from burr_chat_widget import BurrChat; from apps import scripted")
    run(terminal, "chat = BurrChat(scripted.application())")
    assert "<BurrChat 'Chat': 0 turns>" in run(terminal, "chat")
    assert repr(words(3)) in run(terminal, f"(await chat.send({script(deltas=3)!r})).text")
    assert "<BurrChat 'Chat': 1 turn>" in run(terminal, "chat")

    run(terminal, "%load_ext burr_chat_widget")
    # An answer that would go on for days is seen from its beginning; Ctrl+C stops it.
    ask(terminal, script(deltas=10**7, delay=0.02))
    terminal.expect_exact(words(3))
    terminal.sendintr()
    terminal.expect("KeyboardInterrupt: the turn is stopped")
    assert "Traceback" not in terminal.before
    terminal.expect(PROMPT)
    assert "'stopped'" in run(terminal, "chat.turns[-1].status")
    ask(terminal, script(deltas=4))
    terminal.expect_exact(words(4))
    terminal.expect(PROMPT)
    assert "'completed'" in run(terminal, "chat.turns[-1].status")
