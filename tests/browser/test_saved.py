"""A saved notebook, opened by a reader who has no kernel, and a chat as a page of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from playwright.sync_api import Browser, Locator, Page, expect

from support.inspector import Inspector
from support.kernel import PATIENCE
from support.notebook import SLOW, Chat, Graph, Notebook
from support.scripts import script, words

RESULTS = Path("test-results")
TESTS = Path(__file__).parents[1]
FIXTURES = TESTS / "browser/fixtures"

SHOW = "from burr_chat_widget import BurrChat\nfrom apps import scripted\nchat = BurrChat(scripted.application())\nchat"

in_both = pytest.mark.parametrize(
    "notebook", [pytest.param({"app": app}, id=app) for app in ("lab", "notebook")], indirect=True
)


class Saved:
    """A saved chat on a page: one view stands beside the chat, or where there is no room in its place."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        self.chat = Chat(root.locator('.bcw[data-view="chat"]'))
        self.graph = Graph(root.locator('.bcw[data-view="graph"]'))
        self.inspector = Inspector(root.locator('.bcw[data-view="inspector"]'))
        self.timeline = root.locator('.bcw[data-view="timeline"]')
        self.replay = self.timeline.get_by_role("region", name="Replay")

    def show(self, name: str) -> None:
        """Show the view of that name: State machine, Inspector, Timeline."""
        self.root.get_by_role("group", name="Views").get_by_role("button", name=name, exact=True).click()

    def is_read_and_replayed(self, count: int) -> None:
        """All that a reader may do with a chat of `apps.scripted`, whose last answer has so many words."""
        expect(self.chat.answer_text).to_have_text(words(count).strip(), timeout=SLOW)
        expect(self.chat.connection).to_have_text("Saved")
        assert self.chat.connection.evaluate("node => getComputedStyle(node, '::before').content") == "none"  # no light
        expect(self.chat.message).to_have_count(0)
        for name in ("Send", "Run", "Retry", "Edit"):
            expect(self.root.get_by_role("button", name=name, exact=True)).to_have_count(0)
        self.graph.expect_node("answer", "done", self.chat.prompts.count())
        self.show("Inspector")
        steps = self.inspector.steps
        before = self.chat.articles.count()
        expect(self.inspector.row("chat_history", str(before - 1), "content")).to_contain_text("word0", timeout=SLOW)
        steps.first.click()
        expect(self.chat.articles).to_have_count(1)  # all views show how it was then
        expect(self.inspector.row("chat_history", "0", "role")).to_contain_text("user")
        steps.last.click()
        expect(self.chat.articles).to_have_count(before)
        self.show("Timeline")
        self.replay.get_by_role("button", name="Step back").click()
        self.replay.get_by_role("button", name="Delta forward").click()
        expect(self.chat.answer_text).to_have_text("word0")
        self.replay.get_by_role("button", name="Back to now").click()
        expect(self.chat.answer_text).to_have_text(words(count).strip())


def width_of(picture: Locator) -> int:
    """Of a picture as it is drawn, in pixels: fails where it cannot be."""
    return picture.evaluate("async (image) => { await image.decode(); return image.naturalWidth; }")


def saved_in(notebook: Notebook) -> Saved:
    return Saved(notebook.page.locator(".bcw-saved"))


def open_without_kernel(notebook: Notebook) -> None:
    """Save it, shut its kernel down, and open it anew."""
    notebook.save()
    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    notebook.open()


@in_both
def test_it_stands_in_the_file_and_is_not_seen_beside_the_chat(notebook: Notebook):
    cell = notebook.run(SHOW)
    chat = notebook.chat(cell)
    for count in (2, 3):
        chat.ask(script(deltas=count))
        notebook.until(lambda n=count: words(n).strip() in str(outputs_of(notebook)), "what is kept of the answer")
    beside = cell.locator(".bcw-saved")
    expect(beside).to_have_count(1)
    expect(beside).to_be_hidden()
    expect(beside.locator(".bcw")).to_have_count(0)  # nobody sees it: it is not made
    open_without_kernel(notebook)
    saved = saved_in(notebook)
    saved.is_read_and_replayed(3)
    error = notebook.page.get_by_text("Error displaying widget")
    error.wait_for(state="attached", timeout=SLOW)
    expect(error).to_be_hidden()
    expect(notebook.page.get_by_text("Loading widget")).to_be_hidden()
    ground = saved.root.locator(".bcw-saved-chat").evaluate("node => getComputedStyle(node).backgroundColor")
    assert ground == "rgba(0, 0, 0, 0)"  # the notebook's own
    saved.root.scroll_into_view_if_needed()
    notebook.page.screenshot(path=RESULTS / f"saved-{notebook.app}.png")


@in_both
def test_a_notebook_without_a_kernel_shows_it_too(notebook: Notebook):
    """Its kernel is not installed here, and the reader chooses none."""
    chat = notebook.chat(notebook.run(SHOW))
    for count in (2, 3):
        chat.ask(script(deltas=count))
    notebook.until(lambda: words(3).strip() in str(outputs_of(notebook)), "what is kept of the answer")
    notebook.page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.content.model.setMetadata(
            'kernelspec', {name: 'elsewhere', display_name: 'Elsewhere', language: 'python'})"""
    )
    notebook.save()
    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    notebook.page.goto(notebook.jupyter.path(notebook.app, notebook.name), timeout=SLOW)
    dialog = notebook.page.get_by_role("dialog").filter(has_text="Select Kernel")
    dialog.get_by_role("combobox").select_option(label="No Kernel")
    dialog.get_by_role("button", name="Select").click()
    expect(dialog).to_have_count(0)
    saved_in(notebook).is_read_and_replayed(3)
    assert notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session") is None


def test_where_its_views_cannot_be_fetched_it_is_said_what_to_do(notebook: Notebook):
    chat = notebook.chat(notebook.run(SHOW))
    chat.ask(script(deltas=3))
    notebook.until(lambda: words(3).strip() in str(outputs_of(notebook)), "what is kept of the answer")
    views = "**/saved.js.gz*"
    notebook.page.route(views, lambda route: route.abort())
    open_without_kernel(notebook)
    saved = saved_in(notebook)
    expect(saved.root).to_contain_text("The saved chat could not be shown. Reload the page to try again.", timeout=SLOW)
    notebook.page.unroute(views)
    notebook.page.reload()
    expect(saved.chat.answer_text).to_have_text(words(3).strip(), timeout=SLOW)


VIEWS = ("graph", "inspector", "timeline", "quiz")


@in_both
def test_views_in_cells_of_their_own_leave_what_they_show_and_it_is_not_seen_beside_them(notebook: Notebook):
    chat = notebook.chat(notebook.run(SHOW))
    cells = {view: notebook.run(f"chat.{view}") for view in VIEWS}
    chat.ask(script(deltas=2))
    notebook.until(lambda: str(outputs_of(notebook)).count("| answer | done |") == 4, "what is kept of the steps")
    for view, cell in cells.items():
        expect(cell.locator(f'.bcw[data-view="{view}"]').first).to_be_visible(timeout=SLOW)
        expect(cell.locator(".bcw-saved")).to_be_hidden()
    compared = notebook.run("chat.timeline.beside({'one': chat.turns[0]})")
    expect(compared.locator('.bcw[data-view="comparison"]')).to_be_visible(timeout=SLOW)
    expect(compared.locator(".bcw-saved")).to_be_hidden()
    open_without_kernel(notebook)
    graph, steps, *others = [
        notebook.cells.nth(at) for at in range(2, 7)
    ]  # below the chat's, which is below an empty one
    for cell in (graph, steps, *others):
        cell.scroll_into_view_if_needed()
        expect(cell.locator(".bcw-saved")).to_be_visible(timeout=SLOW)
        expect(cell.get_by_text("Error displaying widget")).to_be_hidden()
    rows = steps.get_by_role("row")
    expect(rows).to_have_count(4)
    expect(rows.last).to_contain_text("answer")
    assert width_of(graph.get_by_role("img")) > 50
    expect(others[-1].get_by_role("row").last).to_contain_text("prompt, prepare, answer")


def trust(notebook: Notebook) -> None:
    """As *Trust Notebook* does, without its question."""
    notebook.page.evaluate(
        """() => {
            for (const cell of window.jupyterapp.shell.currentWidget.content.model.cells) cell.trusted = true;
        }"""
    )


def outputs_of(notebook: Notebook) -> list[dict[str, Any]]:
    """The outputs of all cells, as the page has them."""
    return notebook.page.evaluate(
        """() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
            .flatMap((cell) => cell.outputs?.toJSON() ?? [])"""
    )


def test_after_a_reload_it_is_brought_up_to_date_still(notebook: Notebook):
    chat = notebook.chat(notebook.run(SHOW))
    notebook.run("chat.inspector")
    chat.ask(script(deltas=2))
    notebook.reload()
    # The live one, as soon as it has been told what was said: what is saved is seen until then.
    chat = Chat(notebook.page.locator('.bcw[data-view="chat"]:not(.bcw-saved *)'))
    expect(chat.prompts).to_have_count(1, timeout=SLOW)
    chat.ask(script(deltas=4))
    notebook.until(lambda: "2 steps" not in str(outputs_of(notebook)[-1]), "what is kept of the steps")
    notebook.until(lambda: words(4).strip() in str(outputs_of(notebook)), "what is kept of the answer")
    widget, kept, graph, steps = outputs_of(notebook)
    assert "application/vnd.jupyter.widget-view+json" in widget["data"]
    assert "application/vnd.jupyter.widget-view+json" in graph["data"]
    assert steps["data"]["text/markdown"].count("| answer | done |") == 2
    assert words(4).strip() in kept["data"]["text/html"]
    open_without_kernel(notebook)
    saved_in(notebook).is_read_and_replayed(4)


def test_without_what_is_saved_jupyter_says_that_there_is_no_chat(notebook: Notebook):
    notebook.run(SHOW.replace("application())", "application(), save='nothing')"))
    open_without_kernel(notebook)
    expect(notebook.page.get_by_text("Error displaying widget")).to_be_visible(timeout=SLOW)


def test_a_notebook_that_is_not_trusted_shows_the_transcript(notebook: Notebook):
    chat = notebook.chat(notebook.run(SHOW))
    chat.ask(script(deltas=3))
    notebook.until(lambda: words(3).strip() in str(outputs_of(notebook)), "what is kept of the answer")
    notebook.save()
    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    path = notebook.jupyter.folder / notebook.name
    document = nbformat.read(path, 4)
    document.cells[-1].outputs[1].data["text/html"] += "<p>Somebody has changed it.</p>"
    nbformat.write(document, path)
    notebook.open()
    shown = notebook.page.locator(".jp-RenderedHTML").filter(has=notebook.page.locator(".bcw-saved"))
    expect(shown).to_contain_text("Somebody has changed it.", timeout=SLOW)
    expect(notebook.page.get_by_text("as saved below")).to_have_count(0)
    expect(shown).to_contain_text(words(3).strip())
    assert width_of(shown.get_by_role("img")) > 100
    expect(notebook.page.locator(".bcw-saved .bcw")).to_have_count(0)
    expect(shown.get_by_text("This notebook is not trusted.")).to_be_visible()
    shown.scroll_into_view_if_needed()
    notebook.page.screenshot(path=RESULTS / "saved-untrusted.png")


def run_without_a_page(show: str = SHOW) -> nbformat.NotebookNode:
    """A notebook that nbclient has run: a chat, and one turn."""
    asked = f"await chat.send({script(deltas=3)!r})"
    cells = [nbformat.v4.new_code_cell(source) for source in (show, asked, "chat.graph")]
    document = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(document, kernel_name="python3").execute(env={**os.environ, "PYTHONPATH": str(TESTS)})
    nbformat.validate(document)
    return document


def test_nbconvert_makes_a_page_of_it(browser: Browser, tmp_path: Path):
    """Without the widgets' state, as JupyterLab saves it: with it, nbconvert asks a CDN for what shows widgets."""
    document = run_without_a_page()
    del document.metadata["widgets"]
    nbformat.write(document, tmp_path / "chat.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "html", str(tmp_path / "chat.ipynb")]
    subprocess.run(command, check=True, timeout=4 * PATIENCE)
    page = browser.new_context(offline=True).new_page()
    page.goto((tmp_path / "chat.html").as_uri(), wait_until="domcontentloaded")
    shown = page.locator(".jp-RenderedHTML").filter(has_text=words(3).strip())
    expect(shown).to_have_count(1)
    expect(page.get_by_text("as saved below")).to_have_count(0)
    assert width_of(shown.get_by_role("img")) > 100
    expect(page.get_by_text("This notebook is not trusted.")).to_be_hidden()
    page.screenshot(path=RESULTS / "saved-nbconvert.png")
    page.context.close()


@in_both
def test_a_notebook_that_was_run_without_a_page_shows_the_saved_chat(notebook: Notebook):
    """In its file is the widgets' state too, of which Jupyter makes a chat that no kernel has."""
    document = run_without_a_page()
    assert document.metadata.widgets
    nbformat.write(document, notebook.jupyter.folder / notebook.name)
    notebook.open()
    expect(notebook.page.get_by_text("This notebook is not trusted.")).to_be_visible()
    trust(notebook)
    chat, graph = notebook.cells.first, notebook.cells.last
    Saved(chat.locator(".bcw-saved")).is_read_and_replayed(3)
    expect(notebook.page.locator(".bcw-side-by-side")).to_be_hidden()
    expect(graph.locator(".bcw-saved").get_by_role("img")).to_be_visible()
    expect(graph.locator(".bcw")).to_be_hidden()


def test_of_a_chat_that_nothing_is_kept_of_it_is_said_that_no_kernel_has_it(notebook: Notebook):
    document = run_without_a_page(SHOW.replace("application())", "application(), save='nothing')"))
    nbformat.write(document, notebook.jupyter.folder / notebook.name)
    notebook.open()
    trust(notebook)
    chat = notebook.chat(notebook.cells.first)
    expect(chat.connection).to_have_text("Disconnected")
    expect(chat.root).to_contain_text("No kernel has this chat")
    expect(notebook.cells.last.locator(".bcw")).to_have_text(re.compile("No kernel has this chat"))


def test_a_notebook_from_before_there_were_documents_shows_the_transcript(notebook: Notebook):
    """Nothing but the output's HTML was saved, and it is what is shown, with trust or without."""
    shutil.copy(FIXTURES / "saved-before-documents.ipynb", notebook.jupyter.folder / notebook.name)
    notebook.open()
    shown = notebook.page.locator(".jp-RenderedHTML")
    for trusted in (False, True):
        if trusted:
            trust(notebook)
        expect(shown.get_by_role("heading", name="Tides")).to_have_count(2)
        expect(shown).to_contain_text("The moon pulls at the sea.")
        expect(shown).to_contain_text(words(3).strip())
        assert width_of(shown.get_by_role("img")) > 100
        expect(notebook.page.get_by_text("Error displaying widget")).to_have_count(int(trusted))
        expect(shown.get_by_text("This notebook is not trusted.")).to_have_count(0)  # trust would bring nothing
    shown.scroll_into_view_if_needed()
    notebook.page.screenshot(path=RESULTS / "saved-before-documents.png")


@contextmanager
def opened(browser: Browser, path: Path, **options: Any) -> Iterator[Page]:
    """A file as a browser shows it without a network; fails where it has said anything in its console, or asked for anything."""
    context = browser.new_context(offline=True, **options)
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: told.append(request.url) if not request.url.startswith("blob:") else None)
    page.goto(path.as_uri())
    yield page
    context.close()
    assert told == [path.as_uri()]


MAKE = """
import asyncio, sys
from apps import scripted
from burr_chat_widget import BurrChat
chat = BurrChat(scripted.application(), title="</script><script>alert(1)</script>")
for text in sys.argv[2:]:
    asyncio.run(chat.send(text))
chat.to_html(sys.argv[1])
chat.close()
"""


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page that a script has written, without any front end."""
    path = tmp_path_factory.mktemp("pages") / "chat.html"
    command = [sys.executable, "-c", MAKE, path, script(deltas=2), script(deltas=3)]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    subprocess.run(command, check=True, env=environment, timeout=4 * PATIENCE)
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_of_its_own_is_read_and_replayed_from_a_file(browser: Browser, page_file: Path, scheme: Any):
    with opened(browser, page_file, color_scheme=scheme, viewport={"width": 1200, "height": 800}) as page:
        saved = Saved(page.locator(".bcw-saved-chat"))
        saved.is_read_and_replayed(3)
        page.screenshot(path=RESULTS / f"page-{scheme}.png")


def test_a_wide_page_replays_with_the_state_machine_in_sight(browser: Browser, page_file: Path):
    with opened(browser, page_file, viewport={"width": 1500, "height": 800}) as page:
        saved = Saved(page.locator(".bcw-saved-chat"))
        saved.show("Timeline")
        panes = page.locator(".bcw-page-pane:visible")
        expect(panes).to_have_count(3)
        saved.graph.expect_node("answer", "done", 2)
        saved.replay.get_by_role("button", name="Step back").click()
        saved.replay.get_by_role("button", name="Delta forward").click()
        saved.graph.expect_node("answer", "running", 2)
        tops = {panes.nth(at).evaluate("pane => pane.getBoundingClientRect().top") for at in range(3)}
        assert len(tops) == 1  # side by side
        page.screenshot(path=RESULTS / "page-wide.png")
        saved.show("Inspector")  # in the place of the one that was chosen before the last
        expect(saved.timeline).to_be_visible()
        expect(saved.graph.root).to_be_hidden()
        page.set_viewport_size({"width": 1000, "height": 800})
        expect(panes).to_have_count(2)
        expect(saved.inspector.steps.first).to_be_visible()


def test_where_there_is_no_room_for_two_a_page_shows_one_view_at_a_time(browser: Browser, page_file: Path):
    with opened(browser, page_file, viewport={"width": 360, "height": 640}) as page:
        saved = Saved(page.locator(".bcw-saved-chat"))
        expect(saved.chat.answer_text).to_have_text(words(3).strip())
        saved.show("Inspector")
        expect(saved.inspector.steps).to_have_count(6)
        expect(saved.chat.root).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.screenshot(path=RESULTS / "page-narrow.png")


def test_without_scripts_a_page_has_the_transcript(browser: Browser, page_file: Path):
    with opened(browser, page_file, java_script_enabled=False) as page:
        expect(page.locator(".bcw-saved")).to_contain_text(words(3).strip())
