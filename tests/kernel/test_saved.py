"""What a notebook's file keeps of a chat, in every ipykernel that is supported."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from support.kernel import PATIENCE, Kernel, KernelPage
from support.scripts import script, words

STATIC = {"text/html", "text/markdown", "text/plain"}
CHAT = "application/vnd.burr-chat+json"


def saved(kernel: Kernel, cell: str) -> dict[str, Any]:
    """The output beside the widget's, as it is now."""
    widget, beside = kernel.of(cell, "display_data")
    assert "application/vnd.jupyter.widget-view+json" in widget["content"]["data"]
    name = beside["content"]["transient"]["display_id"]
    shown = [beside, *(m for m in kernel.published if m["msg_type"] == "update_display_data")]
    return [m for m in shown if m["content"]["transient"]["display_id"] == name][-1]["content"]["data"]


def test_it_is_brought_up_to_date_after_each_turn_without_a_cell(kernel: Kernel):
    kernel.run("chat = BurrChat(scripted.application())")
    page = KernelPage.show(kernel)
    assert saved(kernel, page.cell).keys() == {CHAT, *STATIC}
    assert "You" not in saved(kernel, page.cell)["text/markdown"]
    for count in (2, 3):
        page.ask(script(deltas=count))
        kernel.until(lambda n=count: words(n).strip() in saved(kernel, page.cell)["text/markdown"], "the saved answer")
        assert words(count).strip() in saved(kernel, page.cell)["text/html"]
        assert saved(kernel, page.cell)[CHAT]["view"]["messages"][-1]["text"] == words(count)
    assert kernel.evaluate("chat.to_markdown()") == repr(saved(kernel, page.cell)["text/markdown"])


@pytest.mark.parametrize("what", ["chat", "chat.graph"])
def test_its_text_does_nothing_to_a_terminal(kernel: Kernel, what: str):
    kernel.run("chat = BurrChat(scripted.application(), title='rivers\\x1b[2J')")
    shown = [each["content"]["data"]["text/plain"] for each in kernel.of(kernel.run(what), "display_data")]
    assert len(shown) == 2
    assert all("rivers␛" in text and "\x1b" not in text for text in shown)


def test_it_is_brought_up_to_date_when_the_chat_is_closed(kernel: Kernel):
    kernel.run("chat = BurrChat(scripted.application())")
    cell, graph = kernel.run("chat"), kernel.run("chat.graph")
    prompts = [script(deltas=count) for count in range(1, 9)]
    kernel.run(f"for prompt in {prompts!r}:\n    await chat.send(prompt)\nchat.close()")
    kernel.until(lambda: words(8).strip() in saved(kernel, cell)["text/markdown"], "the last answer")
    kernel.until(lambda: "| answer | 8 |" in saved(kernel, graph)["text/markdown"], "the last step")


def test_a_turn_that_runs_when_the_chat_is_closed_is_kept_as_far_as_it_came(kernel: Kernel):
    kernel.run("chat = BurrChat(scripted.application())")
    page = KernelPage.show(kernel)
    page.send(script(deltas=2000, delay=0.02))
    page.until(lambda view: view.messages and "word1 " in view.messages[-1].text, "the first words")
    kernel.run("chat.close()")
    kernel.until(lambda: "word1" in saved(kernel, page.cell)["text/markdown"], "the first words")
    assert "**answer** (stopped)" in saved(kernel, page.cell)["text/markdown"]


@pytest.mark.parametrize("what", ["chat", "chat.graph"])
def test_a_turn_that_ends_while_it_is_being_displayed_is_in_it(kernel: Kernel, what: str):
    kernel.run("chat = BurrChat(scripted.application())")
    kernel.run(MEANWHILE.format(prompt=script(deltas=3)))
    cell = kernel.run(what)
    told = words(3).strip() if what == "chat" else "| answer | 1 |"
    kernel.until(lambda: told in saved(kernel, cell)["text/markdown"], "the turn")


MEANWHILE = """
from burr_chat_widget.widget import saved_output

display_widget = saved_output.display

def display_late(*bundle, **options):
    saved_output.display = display_widget
    chat._session.begin({prompt!r}, {{}}).future.result()
    display_widget(*bundle, **options)

saved_output.display = display_late
"""


def test_all_forms_of_a_long_conversation_together_keep_to_their_room(kernel: Kernel):
    kernel.run(LONG)
    cell = kernel.run("chat")
    bundle = saved(kernel, cell)
    sizes = {kind: len(json.dumps(form)) for kind, form in bundle.items()}
    assert 700_000 < sizes[CHAT] < 1_000_000  # as JSON, without a file's spaces
    assert all(150_000 < sizes[kind] < 300_000 for kind in STATIC)
    assert bundle[CHAT]["left_out"] < int(
        re.findall(r"([\d,]+) earlier messages", bundle["text/markdown"])[0].replace(",", "")
    )


LONG = """
from burr.core import ApplicationBuilder
from burr.core.action import action

@action(reads=["chat_history"], writes=["chat_history"])
def answer(state, prompt: str):
    return state

history = [{"role": ("user", "assistant")[at % 2], "content": f"{at} " + "word " * 200} for at in range(2000)]
builder = ApplicationBuilder().with_actions(answer).with_transitions(("answer", "answer")).with_entrypoint("answer")
chat = BurrChat(builder.with_state(chat_history=history).build())
"""


def test_every_cell_that_displays_it_has_its_own(kernel: Kernel):
    kernel.run("chat = BurrChat(scripted.application())")
    cells = [kernel.run("chat"), kernel.run("display(chat)")]
    kernel.run(f"turn = await chat.send({script(deltas=2)!r})")
    for cell in cells:
        kernel.until(lambda cell=cell: words(2).strip() in saved(kernel, cell)["text/markdown"], "the saved answer")
    # It is sent once for all of them.
    updates = [m["content"] for m in kernel.published if m["msg_type"] == "update_display_data"]
    told = [content for content in updates if words(2).strip() in content["data"].get("text/markdown", "")]
    assert len({content["transient"]["display_id"] for content in told}) == 1


def test_the_transcript_alone_is_kept_where_that_is_asked_for(kernel: Kernel):
    kernel.run("chat = BurrChat(scripted.application(), save='transcript')")
    cell = kernel.run("chat")
    assert saved(kernel, cell).keys() == STATIC


def test_nothing_is_kept_where_that_is_asked_for(kernel: Kernel):
    kernel.run("chat = BurrChat(scripted.application(), save='nothing')")
    for what, name in (("chat", "Chat"), ("chat.graph", "State machine of the chat")):
        (shown,) = kernel.of(kernel.run(what), "display_data")
        assert shown["content"]["data"]["text/plain"] == f'{name} "Chat": nothing of it is kept in this file.'
        assert "text/html" not in shown["content"]["data"]


VIEWS = {
    "chat.graph": ("State machine", "| answer | {} |"),
    "chat.inspector": ("Steps", "| answer | done |"),
    "chat.timeline": ("Timeline", "| answer | done |"),
    "chat.quiz": ("State machine", "| answer | {} |"),
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_in_a_cell_of_its_own_leaves_what_it_shows_and_is_brought_up_to_date(kernel: Kernel, view: str):
    kernel.run("chat = BurrChat(scripted.application(), title='Tides')")
    name, row = VIEWS[view]
    cells = [kernel.run(view), kernel.run(f"display({view})")]
    (widget, _) = kernel.of(cells[0], "display_data")
    assert widget["content"]["data"]["text/plain"] == f'{name} of the chat "Tides", as saved below.'
    assert saved(kernel, cells[0]).keys() == STATIC  # the chat's cell has the document
    assert saved(kernel, cells[0])["text/plain"].startswith(f"# Tides\n\n*{name}*\n")
    for times in (1, 2):
        kernel.run(f"turn = await chat.send({script(deltas=2)!r})")
        for cell in cells:
            told = row.format(times)
            kernel.until(
                lambda cell=cell, told=told, n=times: (
                    saved(kernel, cell)["text/markdown"].count(told) == (1 if "{}" in row else n)
                ),
                "what is kept of the view",
            )
    assert "Tides" in saved(kernel, cells[0])["text/html"]


def test_a_comparison_leaves_its_figures(kernel: Kernel):
    kernel.run(f"chat = BurrChat(scripted.application())\nturn = await chat.send({script(deltas=2)!r})")
    cell = kernel.run("chat.timeline.beside({'slow': turn, 'quick | one': turn})")
    kept = saved(kernel, cell)
    assert kept.keys() == STATIC
    assert "| slow | completed | prompt, prepare, answer |" in kept["text/markdown"]
    assert "| quick \\| one | completed |" in kept["text/markdown"]
    assert "quick | one" in kept["text/html"]
    updates = [m for m in kernel.published if m["msg_type"] == "update_display_data"]
    graph = kernel.run("chat.graph")
    kernel.run(f"turn = await chat.send({script(deltas=2)!r})")
    kernel.until(lambda: "| answer | 2 |" in saved(kernel, graph)["text/markdown"], "what is kept of the graph")
    since = [m for m in kernel.published if m["msg_type"] == "update_display_data"][len(updates) :]
    assert [m["content"]["data"].keys() for m in since] == [
        STATIC
    ]  # its figures are the same as before, and not sent again


def test_each_output_names_its_view_so_that_a_page_finds_it(kernel: Kernel):
    kernel.run("chat = BurrChat(scripted.application())")
    names: list[dict[str, str]] = []
    for what in ("chat", "chat.graph", "chat.inspector"):
        widget, beside = (m["content"] for m in kernel.of(kernel.run(what), "display_data"))
        names.append(beside["metadata"][CHAT])
        assert (
            names[-1].get("view", names[-1]["chat"])
            == widget["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
        )
    assert {name["chat"] for name in names} == {names[0]["chat"]}
    assert len({str(name) for name in names}) == 3


def test_what_a_reader_prefers_becomes_of_what_is_there(kernel: Kernel):
    kernel.run("chat = BurrChat(scripted.application())")
    page = KernelPage.show(kernel)
    graph = kernel.run("chat.graph")
    for save, kept in (("nothing", {"text/plain"}), ("transcript", STATIC), (None, {CHAT, *STATIC})):
        page.command("prefer", save=save)
        kernel.until(lambda kept=kept: saved(kernel, page.cell).keys() == kept, "what is kept then")
        kernel.until(lambda kept=kept: saved(kernel, graph).keys() == kept - {CHAT}, "what is kept of the view then")


def test_what_goes_wrong_with_it_hurts_nobody(kernel: Kernel):
    kernel.run(BREAK)
    assert kernel.evaluate(f"(await chat.send({script(deltas=2)!r})).status") == "'completed'"
    kernel.run("while not told: await asyncio.sleep(0.01)")
    assert "could not be brought up to date" in kernel.evaluate("told")
    kernel.run("saved_output.to_html = kept")
    assert kernel.evaluate(f"(await chat.send({script(deltas=2)!r})).status") == "'completed'"


BREAK = """
import logging
from burr_chat_widget.widget import saved_output
told = []
class Handler(logging.Handler):
    def emit(self, record): told.append(record.getMessage())
saved_output.logger.addHandler(Handler())
chat = BurrChat(scripted.application())
display(chat)
kept, saved_output.to_html = saved_output.to_html, None
"""


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook that nbclient has run: without a front end."""
    cells = [
        "from burr_chat_widget import BurrChat\nfrom apps import scripted\nchat = BurrChat(scripted.application())\nchat",
        f"turn = await chat.send({script(deltas=3)!r})",
        f"%load_ext burr_chat_widget\ntext = {script(deltas=4)!r}",
        "%chat",
        f"%%chat\n{script(deltas=4)}",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    NotebookClient(notebook, timeout=int(PATIENCE), kernel_name="python3").execute(env=environment)
    nbformat.validate(notebook)
    path = tmp_path_factory.mktemp("saved") / "conversation.ipynb"
    nbformat.write(notebook, path)
    return path


def test_a_notebook_without_a_front_end_has_the_whole_conversation(executed: Path):
    widget, beside = nbformat.read(executed, 4).cells[0].outputs
    assert "application/vnd.jupyter.widget-view+json" in widget.data
    assert beside.data.keys() == {CHAT, *STATIC}
    (chat,) = {beside.metadata[CHAT].chat, widget.data["application/vnd.jupyter.widget-view+json"].model_id}
    assert chat
    assert words(3).strip() in beside.data["text/html"]


def test_every_output_of_the_chat_has_its_last_turn_though_no_cell_came_after(executed: Path):
    cells = nbformat.read(executed, 4).cells
    kept = [beside.data["text/markdown"] for cell in (cells[0], cells[3]) for _, beside in [cell.outputs]]
    assert kept[0] == kept[1]
    assert words(4).strip() in kept[0]


@pytest.mark.parametrize("kind", ["html", "markdown"])
def test_nbconvert_shows_it(executed: Path, kind: str):
    command = [sys.executable, "-m", "nbconvert", "--to", kind, "--stdout", str(executed)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert words(3).strip() in done.stdout
