"""Stepping in a real kernel: by cells, and by a page's commands, while other cells run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.kernel import Kernel, KernelPage


@pytest.fixture(params=["thread", "kernel"])
def page(kernel: Kernel, request: pytest.FixtureRequest) -> KernelPage:
    """A page that shows `chat`, which counts as far as it is asked to."""
    kernel.run(f"from apps import loops\nchat = BurrChat(loops.application(), runner={request.param!r})")
    return KernelPage.show(kernel)


def held(page: KernelPage, after: str | None, before: str | None) -> Any:
    """Wait until the turn is held there."""
    page.until(
        lambda view: view.held and (view.held.after, view.held.next_action) == (after, before),
        f"a turn held after {after} and before {before}",
    )
    assert page.view is not None
    return page.view.held


class Asks:
    """Commands with names of their own."""

    def __init__(self, page: KernelPage) -> None:
        self.page = page
        self.asked = 0

    def __call__(self, kind: str, **fields: Any) -> None:
        """Send a command and wait until it is accepted."""
        self.asked += 1
        request = f"ask-{self.asked}"
        self.page.command(kind, request=request, **fields)
        self.page.until(lambda view: request in view.accepted, f"the answer to {kind}")


def test_by_the_page(page: KernelPage):
    ask = Asks(page)
    ask("pause")
    request = page.send("2")
    assert held(page, None, "start").reason == "pause"
    ask("step-action")
    held(page, "start", "count")
    ask("set-breakpoint", action="say")
    ask("resume")
    assert held(page, "count", "say").breakpoint == "before say"
    ask("set-breakpoint", action="say", off=True)
    ask("step-delta")
    page.until(lambda view: view.held and view.held.at == "delta", "a turn held at a delta")
    assert page.view is not None
    assert page.view.messages[-1].text == "1 "
    page.kernel.run("1 + 1")  # a held turn keeps no cell waiting
    ask("resume")
    page.wait_for_turn(request)
    assert page.view.messages[-1].text == "1 2 "

    ask("rewind", step=1, edits=[{"path": ["goal"], "value": 4}])
    page.until(lambda view: [step.step for step in view.steps] == [0, 1], "the view as it was")
    ask("resume")
    page.until(lambda view: view.status == "idle" and view.messages[-1].text == "1 2 3 4 ", "the other way")
    page.command("retry", request="again", turn=page.view.turns[0].key, text="1")
    page.wait_for_turn("again")
    page.until(lambda view: view.branch == "b2" and view.messages[-1].text == "1 ", "the branch")
    ask("switch", turn="b1")
    page.until(lambda view: view.branch == "b1" and view.messages[-1].text == "1 2 3 4 ", "the first branch")
    assert page.ask("3") == "1 2 3 "
    assert page.kernel.evaluate("len(chat.branches), chat.app.state['counted']") == "(2, [1, 2, 3])"
    assert page.kernel.errors() == ""


def test_by_cells(page: KernelPage):
    kernel = page.kernel
    kernel.run("""
chat.pause()
sent = asyncio.ensure_future(chat.send("3"))
while not (chat.turns and chat._session.outbox.view().held): await asyncio.sleep(0.001)
""")
    held(page, None, "start")
    for after, before in (("start", "count"), ("count", "count")):
        kernel.run("turn = await chat.step()")
        held(page, after, before)
    kernel.run("chat.breakpoints.add('say', condition=lambda state: state['last'] >= 3)\nawait chat.resume()")
    assert "before say" in held(page, "count", "say").breakpoint
    kernel.run("chat.app.update_state(chat.app.state.update(counted=[7, 8]))\nawait chat.step_delta()")
    page.until(lambda view: view.held and view.held.at == "delta", "a turn held at a delta")
    assert kernel.evaluate("turn.text, sent.done()") == "('7 ', False)"
    kernel.run("chat.stop(); print((await sent).status)")
    page.until(lambda view: view.status == "idle", "the turn to end")
    assert kernel.evaluate("chat.turns[0].status, chat.app.state['counted']") == "('stopped', [])"

    kernel.run("chat.rewind(chat.checkpoints[1], state={'goal': 2})\nchat.breakpoints.clear()")
    page.until(lambda view: [step.step for step in view.steps] == [0, 1], "the view as it was")
    kernel.run("turn = await chat.resume()")
    assert kernel.evaluate("turn.status, turn.text, chat.app.state['counted']") == "('completed', '1 2 ', [1, 2])"
    kernel.run("other = chat.fork(chat.checkpoints[0], state={'goal': 1})")
    second = KernelPage.show(kernel, "second", "other")
    kernel.run("turn = await other.resume()")
    second.until(lambda view: view.status == "idle" and view.messages[-1].text == "1 ", "the fork's answer")
    assert kernel.evaluate("chat.app.uid != other.app.uid, chat.app.state['counted']") == "(True, [1, 2])"
    assert page.ask("1") == "1 "
    assert second.ask("2") == "1 2 "
    kernel.run("other.close()")
    assert kernel.errors() == ""


def test_a_cell_that_changes_the_state_changes_what_comes_next(page: KernelPage):
    kernel = page.kernel
    kernel.run("await chat.send('3')\nchat.rewind(chat.checkpoints[1])")

    def comes(action: str, *by_hand: str) -> None:
        page.until(
            lambda view: (
                [name for name, node in view.nodes.items() if node.status == "next"] == [action]
                and view.composer.action == action
                and view.steps[-1].by_hand == [*by_hand]
            ),
            f"{action} to come next, and no turn",
        )

    comes("count")
    kernel.run("chat.app.update_state(chat.app.state.update(last=7))")
    comes("say", "last")
    kernel.run("chat.app.update_state(chat.app.state.update(last=1))\nawait asyncio.sleep(0)")
    comes("count")
    assert kernel.evaluate("len(chat.turns), chat.turns[0].actions") == "(1, ['start', 'count'])"
    kernel.run("turn = await chat.resume()")
    assert kernel.evaluate("turn.text") == "'1 2 3 '"
    assert kernel.errors() == ""
    listens = "len(get_ipython().events.callbacks['post_run_cell'])"
    before = int(kernel.evaluate(listens))
    kernel.run("chat.close()\nchat.app.update_state(chat.app.state.update(last=7))")
    assert int(kernel.evaluate(listens)) == before - 1


@pytest.mark.parametrize("pause", ["time.sleep", "await asyncio.sleep"])
def test_a_held_turn_goes_on_while_a_cell_runs(kernel: Kernel, pause: str):
    if not kernel.has_subshells:
        pytest.skip("without subshells a page's commands wait for the cell that runs")
    kernel.run("from apps import loops\nchat = BurrChat(loops.application(), breakpoints=['say'])")
    page = KernelPage.show(kernel)
    ask = Asks(page)
    request = page.send("2")
    held(page, "count", "say")
    with kernel.busy(pause) as cell:
        ask("step-delta")
        page.until(lambda view: view.held and view.held.at == "delta", "a turn held at a delta")
        ask("step-action")
        page.wait_for_turn(request)
        assert kernel.is_running(cell)
    assert page.view is not None
    assert page.view.messages[-1].text == "1 2 "


def test_a_cell_that_waits_for_a_held_turn_is_interrupted(page: KernelPage):
    page.kernel.run("chat.pause()")
    cell = page.kernel.start("await chat.send('2')")
    held(page, None, "start")
    page.kernel.interrupt()
    page.until(lambda view: view.turns[-1].status == "stopped", "the turn to stop")
    with pytest.raises(Exception, match=r"CancelledError|KeyboardInterrupt"):
        page.kernel.finish(cell)
    assert page.ask("1") == "1 "


def test_a_test_case_brings_a_typed_state_that_a_cell_defines(kernel: Kernel, tmp_path: Path) -> None:
    kernel.run(f"""
import pydantic
from burr.core import ApplicationBuilder, State, action
from burr.integrations.pydantic import PydanticTypingSystem

class Count(pydantic.BaseModel):
    n: int = 0

@action.pydantic(reads=["n"], writes=["n"])
def more(state: Count) -> Count:
    state.n += 1
    return state

app = (
    ApplicationBuilder().with_actions(more=more).with_transitions(("more", "more")).with_entrypoint("more")
    .with_typing(PydanticTypingSystem(Count)).with_state(Count(n=1)).build()
)
chat = BurrChat(app)
await chat.step()
module = chat.to_test(chat.checkpoints[-1], {str(tmp_path)!r})
chat.close()
""")
    text = (tmp_path / "test_more.py").read_text(encoding="utf-8")
    assert "TODO" not in text
    assert "class Count(pydantic.BaseModel):\n    n: int = 0\n" in text
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert "1 passed" in run.stdout, run.stdout
