"""The magics, in every ipykernel that is supported, and in a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from support.kernel import PATIENCE, Kernel, KernelPage
from support.scripts import script, waiting_app, words

TWO_HISTORIES = """two = scripted.application()
said = [{"role": "user", "content": "hi"}]
two.update_state(two.state.update(one=said, two=said))"""


@pytest.fixture
def magics(kernel: Kernel) -> Kernel:
    """A kernel with the extension, in which the chat of `app`, a scripted application, was displayed."""
    kernel.run("%reload_ext burr_chat_widget\napp = scripted.application()\nchat = BurrChat(app)")
    kernel.run("chat")
    return kernel


def answer(kernel: Kernel, request: str) -> dict[str, str]:
    """What stands below a cell at its end: the last replacement of the one output that it has displayed."""
    shown = kernel.of(request, "display_data")
    assert len(shown) == 1
    name = shown[0]["content"]["transient"]["display_id"]
    updates = [m for m in kernel.of(request, "update_display_data") if m["content"]["transient"]["display_id"] == name]
    return (updates or shown)[-1]["content"]["data"]


def text_below(kernel: Kernel, request: str) -> str:
    """What stands below a cell so far."""
    return answer(kernel, request)["text/plain"] if kernel.of(request, "display_data") else ""


def reply_to(kernel: Kernel, request: str) -> dict[str, Any]:
    """What the kernel answers on the shell channel; what it has answered before is passed over."""
    while True:
        kernel.until(kernel.client.shell_channel.msg_ready, "the reply")
        reply: dict[str, Any] = kernel.client.get_shell_msg(timeout=PATIENCE)
        if reply["parent_header"]["msg_id"] == request:
            return reply


def refused(kernel: Kernel, source: str) -> str:
    """What a cell that does not succeed shows as its error, and nowhere else."""
    request = kernel.start(source)
    reply = reply_to(kernel, request)
    assert reply["content"]["status"] == "error"
    kernel.until(lambda: kernel.of(request, "status", execution_state="idle"), "the cell's end")
    (error,) = kernel.of(request, "error")
    assert kernel.printed(request) == ""
    return "\n".join(error["content"]["traceback"])


def test_a_cell_is_a_prompt_and_the_answer_below_it_is_not_sent_with_each_delta(magics: Kernel):
    request = magics.run(f"%%chat\n{script(deltas=300, delay=0.002)}")
    assert answer(magics, request) == {"text/markdown": words(300), "text/plain": words(300)}
    assert len(magics.of(request, "update_display_data")) <= 100
    assert magics.evaluate("[(t.prompt, t.status) for t in chat.turns]") == str(
        [(script(deltas=300, delay=0.002), "completed")]
    )


def test_the_answer_grows_below_the_cell(magics: Kernel, tmp_path: Path):
    magics.run(f"{waiting_app(tmp_path)}\nchat = BurrChat(app)")
    magics.run("chat")
    request = magics.start("%%chat\none @two two @three three")
    shown = ""
    for word in ("one", "two", "three"):
        assert magics.is_running(request)
        (tmp_path / word).touch()
        shown += f"{word} "
        magics.until(lambda so_far=shown: text_below(magics, request) == so_far, "the answer to grow")
    magics.finish(request)
    assert answer(magics, request) == {"text/markdown": shown, "text/plain": shown}


def test_the_page_shows_the_same_turn(magics: Kernel):
    page = KernelPage.show(magics)
    magics.run(f"%%chat\n{script(deltas=3)}")
    page.until(lambda view: view.turns and view.turns[-1].status == "completed", "the turn")
    assert page.view is not None
    assert [m.text for m in page.view.messages] == [script(deltas=3), words(3)]


def test_an_application_has_one_chat(magics: Kernel):
    magics.run("other = scripted.application()")
    first, second = magics.run("%chat other"), magics.run("%chat other")
    models = [
        magics.of(request, "display_data")[0]["content"]["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
        for request in (first, second)
    ]
    assert models[0] == models[1]
    magics.run(f"%%chat other\n{script(deltas=2)}")  # by name, and as the one displayed last
    magics.run(f"%%chat chat\n{script(deltas=1)}")
    assert magics.evaluate("[len(c.turns) for c in (BurrChat.displayed(), chat)]") == "[1, 1]"
    magics.run("del other")


def test_a_closed_chat_gives_way_to_another_of_its_application(magics: Kernel):
    magics.run("other = scripted.application()")
    magics.run("%chat other")
    magics.run("closed = BurrChat.displayed()\nclosed.close()")
    (shown,) = magics.of(magics.run("%chat other"), "display_data")[:1]
    assert "application/vnd.jupyter.widget-view+json" in shown["content"]["data"]
    request = magics.run(f"%%chat other\n{script(deltas=2)}")
    assert answer(magics, request)["text/plain"] == words(2)
    assert magics.evaluate("[len(c.turns) for c in (closed, BurrChat.displayed())]") == "[0, 1]"
    magics.run("del other, closed")


@pytest.mark.parametrize(
    "cell", ["%%chat\nhello", "%%chat chat\nhello", "%burr step", "%burr continue", "%burr rewind -1"]
)
def test_a_closed_chat_takes_nothing_more(magics: Kernel, cell: str):
    magics.run(f"turn = await chat.send({script(deltas=1)!r})\nchat.close()")
    assert refused(magics, cell) == "the chat is closed: %chat app makes another one, where app is its application"
    assert "prepared: True" in magics.printed(magics.run("%burr state"))


def test_what_runs_no_turn_is_a_plain_call(magics: Kernel):
    magics.run("app.update_state(app.state.update(prepared=1))")
    request = magics.run("def look():\n    %burr state prepared\nx = %burr state prepared\nlook()\nprint(x)")
    assert magics.printed(request) == "prepared: 1\nprepared: 1\nNone\n"


def test_what_is_run_by_a_turn_can_be_assigned(magics: Kernel):
    magics.run(f"chat.pause()\nsending = asyncio.ensure_future(chat.send({script(deltas=2)!r}))")
    magics.run("while not chat.turns or chat.turns[-1].held is None: await asyncio.sleep(0.01)")
    assert magics.printed(magics.run("x = %burr step\nprint(x)")).splitlines()[-1] == "None"
    assert magics.evaluate("chat.turns[-1].actions") == "['prompt']"
    magics.run("%burr continue")


def test_what_a_model_writes_is_text_for_a_terminal_too(magics: Kernel):
    request = magics.run(f"%%chat\n{script(deltas=1, text=HOSTILE)}")
    assert answer(magics, request)["text/plain"] == SHOWN
    magics.run(f"class Odd:\n    __repr__ = lambda self: {HOSTILE!r}\napp.update_state(app.state.update(odd=Odd()))")
    assert magics.printed(magics.run("%burr state odd")) == f"odd: {SHOWN}\n"


def test_so_is_what_an_error_says(magics: Kernel):
    magics.run(f"""
from burr.core import ApplicationBuilder
from burr.core.action import streaming_action
@streaming_action(reads=[], writes=[])
async def fails(state, prompt):
    yield {{"delta": ""}}, None
    raise RuntimeError({HOSTILE!r})
failing = ApplicationBuilder().with_actions(fails).with_entrypoint("fails").build()
""")
    told = refused(magics, "%%chat failing\nhello")
    assert f"The turn failed in fails: RuntimeError: {SHOWN}" in told
    assert HOSTILE not in told  # not in the traceback above it either


HOSTILE = "\x1b]52;c;aGk=\x07hello\x9b2J"
SHOWN = "␛]52;c;aGk=␇hello\\x9b2J"


@pytest.mark.parametrize("runner", ["thread", "kernel"])
def test_a_turn_is_stepped_through(magics: Kernel, runner: str):
    magics.run(f"chat = BurrChat(scripted.application(), runner={runner!r}, breakpoints=['prepare'])")
    magics.run("chat")
    held = magics.printed(magics.run(f"%%chat\n{script(deltas=3)}"))
    assert held.splitlines()[0] == "Held before prepare (before prepare): prompt"
    stepped = magics.printed(magics.run("%burr step"))
    assert stepped.splitlines() == ["Held before answer: prompt -> prepare", "  -> answer: default is True"]
    assert "prepared: True" in magics.printed(magics.run("%burr state")).splitlines()
    assert magics.printed(magics.run("%burr state prepared")) == "prepared: True\n"
    request = magics.run("%burr continue")
    assert answer(magics, request)["text/plain"] == words(3)
    assert magics.printed(request) == "The turn is completed: prompt -> prepare -> answer\n"
    assert magics.printed(magics.run("%burr rewind -1")).startswith("Back after step 1, prepare.")
    assert magics.evaluate("chat.app.state['prepared'], len(chat.app.state['chat_history'])") == "(True, 1)"
    request = magics.run("%burr continue")
    assert answer(magics, request)["text/plain"] == words(3)


def test_a_turn_is_held_before_its_first_action(magics: Kernel):
    paused = magics.printed(magics.run("%burr pause"))
    assert paused == "The next turn is held before its first action: %burr step and %burr continue go on with it.\n"
    assert magics.printed(magics.run(f"%%chat\n{script(deltas=2)}")) == "Held before prompt: nothing has run\n"
    assert refused(magics, "%%chat\nmore").startswith("a turn is held: %burr step and %burr continue go on")
    assert magics.printed(magics.run("%burr step")).startswith("Held before prepare: prompt\n")
    assert magics.printed(magics.run("%burr continue")).splitlines()[-1].startswith("The turn is completed")
    assert "is kept: 0 to 2" in refused(magics, "%burr rewind")


def test_what_is_redacted_stays_so(magics: Kernel):
    magics.run("app.update_state(app.state.update(api_key='sk-very-secret', prepared=1))")
    assert magics.printed(magics.run("%burr state api_key")) == "api_key: (redacted)\n"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%%chat\n\n", "there is no prompt"),
        ("%%chat nothing\nhello", "name 'nothing' is not defined"),
        ("%chat 3", "3 is no Burr application"),
        (f"{TWO_HISTORIES}\n%chat two", "each of the state keys 'one', 'two' looks like the conversation"),
        ("%%chat --help\nhello", "%chat? says more"),
        ("%burr walk", "use one of %burr pause, %burr step, %burr continue, %burr rewind, %burr state"),
        ("%burr step 2", "use one of"),
        ("%burr step", "sends its text as the prompt, and %burr pause before it holds that turn"),
        ("%burr rewind", "%burr rewind: give the sequence id of a step that is kept: none yet"),
        ("%burr rewind 99", "give the sequence id of a step that is kept: none yet"),
        ("%burr rewind -1", "none yet"),
        ("%burr state nothing", "the state has no 'nothing'"),
        ("%burr state it's", 'the state has no "it\'s"'),
    ],
)
def test_what_cannot_be_done_is_said(magics: Kernel, cell: str, said: str):
    told = refused(magics, cell)
    assert said in told
    assert "Traceback" not in told
    assert magics.evaluate("len(chat.turns)") == "0"


def test_a_turn_that_fails_fails_the_cell(magics: Kernel):
    told = refused(magics, f"%%chat\n{script(deltas=3, fail='during')}")
    assert "RuntimeError: failed in the middle of the stream" in told
    assert "The turn failed in answer" in told
    assert answer(magics, magics.run(f"%%chat\n{script(deltas=2)}"))["text/plain"] == words(2)


def test_an_interrupted_cell_stops_the_turn(magics: Kernel):
    request = magics.start(f"%%chat\n{script(deltas=1_000_000, delay=0.01)}")
    magics.until(lambda: magics.of(request, "display_data"), "the answer to begin")
    magics.interrupt()
    magics.until(lambda: magics.of(request, "status", execution_state="idle"), "the cell to end")
    magics.run("while chat.turns[-1].status == 'running': await asyncio.sleep(0.01)")
    assert magics.evaluate("chat.turns[-1].status") == "'stopped'"
    assert answer(magics, magics.run(f"%%chat\n{script(deltas=2)}"))["text/plain"] == words(2)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("%burr ", ["pause", "step", "continue", "rewind", "state"]),
        ("%burr re", ["rewind"]),
        ("%burr rewind ", ["2", "1", "0"]),
        ("%burr state pre", ["prepared"]),
        ("%chat ap", ["app"]),
        ("%%chat ch", ["chat"]),
    ],
)
def test_they_are_completed_with_what_fits_and_nothing_else(magics: Kernel, typed: str, offered: list[str]):
    magics.run(f"turn = await chat.send({script(deltas=2)!r})")
    reply = reply_to(magics, magics.client.complete(typed))
    assert [match.split()[-1] for match in reply["content"]["matches"]] == offered


@pytest.mark.parametrize("name", ["%burr", "%chat", "%%chat"])
def test_they_have_help(magics: Kernel, name: str):
    assert "::" in magics.evaluate(f"get_ipython().object_inspect_text({name!r})")


def test_they_can_be_taken_away_and_come_back(magics: Kernel):
    magics.run("%unload_ext burr_chat_widget")
    request = magics.run("%burr state")
    assert reply_to(magics, request)["content"]["status"] == "error"
    assert "not found" in magics.printed(request)
    magics.run("%load_ext burr_chat_widget")
    assert magics.printed(magics.run("%burr state")) != ""


NOTEBOOK = ["%load_ext burr_chat_widget\nfrom apps import scripted\napp = scripted.application()", "%chat app"]


def test_a_notebook_runs_from_the_top_without_a_front_end():
    cells = [*NOTEBOOK, f"%%chat\n{script(deltas=5)}", "%%chat\n![](https://example.com/a.png)"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    run(notebook)
    (said,) = notebook.cells[2].outputs
    assert said.data == {"text/markdown": words(5), "text/plain": words(5)}
    (said,) = notebook.cells[3].outputs
    assert said.data["text/plain"] == "![](https://example.com/a.png)"
    assert said.data["text/markdown"] == "!\u2060[](https://example.com/a.png)"
    nbformat.validate(notebook)


def test_a_notebook_ends_at_a_turn_that_fails():
    cells = [*NOTEBOOK, f"%%chat\n{script(deltas=5, fail='during')}", "print('not reached')"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    with pytest.raises(
        CellExecutionError, match="The turn failed in answer: RuntimeError: failed in the middle of the stream"
    ):
        run(notebook)
    assert [output.output_type for output in notebook.cells[2].outputs] == ["display_data", "error"]
    assert notebook.cells[3].outputs == []


def run(notebook: nbformat.NotebookNode) -> None:
    NotebookClient(notebook, timeout=int(PATIENCE), kernel_name="python3").execute(env=environment())


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}


def test_in_a_terminal_the_answer_comes_as_text():
    cells = [
        *NOTEBOOK,
        f"get_ipython().run_cell('%%chat\\n' + {script(deltas=4)!r})",
        "%burr state prepared",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--no-confirm-exit", "--colors=NoColor"],
        input="\n".join(line for cell in cells for line in cell.split("\n")) + "\n",
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert words(4).rstrip() in done.stdout
    assert "<BurrChat 'Chat': 0 turns>" in done.stdout
    assert "prepared: True" in done.stdout
