"""The extension's panel of chats, and their views beside the notebook, as a person meets them."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect

from support.jupyter import TOKEN
from support.notebook import SLOW, Chat, Notebook

from .conftest import RESULTS

BESIDE = "Open beside the notebook"
VIEWS = {"chat": "Chat", "graph": "State machine", "inspector": "Inspector", "timeline": "Timeline"}
OLD_KERNEL = pytest.mark.parametrize("notebook", [pytest.param({"kernel": "ipykernel-6.31"}, id="6.31")], indirect=True)
NOTEBOOK7 = pytest.mark.parametrize("notebook", [pytest.param({"app": "notebook"}, id="notebook7")], indirect=True)


def show_panel(notebook: Notebook) -> Locator:
    """The panel, as its icon shows it."""
    notebook.page.evaluate("window.jupyterapp.shell.activateById('burr-chat-widget-panel')")
    panel = notebook.page.get_by_role("region", name="Burr chats")
    expect(panel).to_be_visible()
    return panel


def docked(page: Page, view: str) -> Locator:
    """The view that was taken out of its cell, with what stands above it."""
    return page.locator(f'.bcw-docked[data-shows="{view}"]')


def docked_chat(page: Page) -> Chat:
    root = docked(page, "chat").locator('.bcw[data-view="chat"]')
    expect(root).to_be_visible()
    return Chat(root)


def to_notebook(notebook: Notebook) -> None:
    """Make the notebook the current widget again, as a click on its tab does."""
    notebook.page.evaluate(
        """() => {
            const {shell} = window.jupyterapp;
            shell.activateById([...shell.widgets('main')].find((widget) => widget.sessionContext).id);
        }"""
    )
    notebook.page.wait_for_function("window.jupyterapp.shell.currentWidget?.sessionContext !== undefined")


def in_cell(notebook: Notebook, view: str) -> Locator:
    return notebook.page.locator(f'.jp-Notebook .bcw[data-view="{view}"]').last


def beside_button(view: Locator) -> Locator:
    return view.get_by_role("button", name=BESIDE)


def expect_right_of_the_notebook(notebook: Notebook, view: str) -> None:
    """Wait until a view is laid out there: it is visible before."""

    def is_there() -> bool:
        there = docked(notebook.page, view).bounding_box()
        cells = notebook.page.locator(".jp-Notebook").first.bounding_box()
        return there is not None and cells is not None and there["x"] >= cells["x"] + cells["width"]

    notebook.until(is_there, f"the {view} to be at the right of the notebook")


def reload_with_layout(notebook: Notebook) -> None:
    """Reload when the layout was kept with what is docked: JupyterLab does that a while after each change."""
    to_notebook(notebook)
    count = notebook.page.locator(".bcw-docked").count()
    is_kept = """async (count) => {
        const {serviceManager} = window.jupyterapp;
        const name = decodeURIComponent(location.pathname.match(/workspaces\\/([^/]+)/)[1]);
        const {data} = await serviceManager.workspaces.fetch(name);
        const names = Object.keys(data).filter((key) => key.startsWith('burr-chat-widget-docked:'));
        const layout = JSON.stringify(data['layout-restorer:data'] ?? {});
        // Those in the panel are where that is.
        const places = names.map((name) => data[name].data.place === 'panel' ? 'burr-chat-widget-panel' : name);
        return names.length === count && places.every((name) => layout.includes(name));
    }"""
    notebook.until(lambda: notebook.page.evaluate(is_kept, count), "the layout to be kept")
    notebook.save()
    notebook.page.reload(timeout=SLOW)
    notebook.page.wait_for_function("window.jupyterapp !== undefined", timeout=SLOW)
    expect(notebook.page.locator(".jp-Notebook").first).to_be_visible(timeout=SLOW)


def is_whole(view: Locator) -> bool:
    """Whether all nodes of a state machine are inside its canvas."""
    return view.evaluate(
        """(view) => {
            const around = view.querySelector('.bcw-graph-stage').getBoundingClientRect();
            const nodes = [...view.querySelectorAll('[data-action]')].map((node) => node.getBoundingClientRect());
            return nodes.length > 0 && nodes.every(({left, top, right, bottom, width}) => width > 0
                && left >= around.left && top >= around.top && right <= around.right && bottom <= around.bottom);
        }"""
    )


def look_at(page: Page, name: str) -> None:
    """Leave a picture for a person."""
    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / f"panel-{name}.png")


def test_the_panel_lists_the_chats_and_what_they_do(notebook: Notebook) -> None:
    panel = show_panel(notebook)
    expect(panel).to_contain_text("BurrChat(app)")
    look_at(notebook.page, "empty")
    to_notebook(notebook)
    chat = notebook.show_chat("held.application()", title="Rivers")
    notebook.show_chat("demo.application()", title="Second", breakpoints=["decide_mode"])
    rows = panel.get_by_role("list", name="Chats").get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("Rivers")
    expect(rows.nth(0)).to_contain_text("Ready")
    chat.send("~one")
    expect(rows.nth(0)).to_contain_text("Running think")
    notebook.execute("held.let_go()")
    chat.expect_answer("one")
    expect(rows.nth(0)).to_contain_text("Ready")
    second = Chat(in_cell(notebook, "chat"))
    second.send("Write a poem about rivers")
    expect(rows.nth(1)).to_contain_text("Held before decide_mode")
    # What each was asked last, which tells chats of one title apart.
    expect(rows.nth(0)).to_contain_text("~one")
    expect(rows.nth(1)).to_contain_text("Write a poem about rivers")
    look_at(notebook.page, "list")
    panel.get_by_role("button", name="Rivers", exact=True).click()
    expect(chat.message).to_be_focused()


def test_the_panel_says_how_the_last_turn_ended(notebook: Notebook) -> None:
    panel = show_panel(notebook)
    to_notebook(notebook)
    chat = notebook.show_chat("faulty.application()")
    status = panel.get_by_role("list", name="Chats").get_by_role("listitem").locator(".bcw-panel-status")
    chat.send("before")
    expect(status).to_have_text(re.compile("^Failed: .*broke before the stream"))
    look_at(notebook.page, "failed")
    chat.ask("well")
    expect(status).to_have_text("Ready")


def test_chats_of_one_title_are_told_apart(notebook: Notebook) -> None:
    first = notebook.show_chat()
    notebook.show_chat()
    second = Chat(in_cell(notebook, "chat"))
    panel = show_panel(notebook)
    rows = panel.get_by_role("list", name="Chats").get_by_role("listitem")
    expect(rows.locator(".bcw-panel-title")).to_have_text(["Chat", "Chat 2"])
    for at in range(2):
        rows.nth(at).get_by_role("button", name="State machine").click()
    first.ask("Write a poem about stones")
    second.ask("Write a poem about rivers")
    tabs = notebook.page.locator(".lm-TabBar-tab[title^='State machine']")
    expect(tabs.locator(".lm-TabBar-tabLabel")).to_have_text(["State machine: Chat", "State machine: Chat 2"])
    # The tab's tooltip says what the panel does.
    title = f"State machine of “Chat 2” in {notebook.name}\nWrite a poem about rivers"
    expect(tabs.last).to_have_attribute("title", title)
    look_at(notebook.page, "names")
    # What is run again keeps its place, and its name.
    to_notebook(notebook)
    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1")
    notebook.command("notebook:run-cell")
    expect(rows.first).not_to_contain_text("stones")
    expect(rows.locator(".bcw-panel-title")).to_have_text(["Chat", "Chat 2"])
    expect(rows.last).to_contain_text("Write a poem about rivers")
    expect(tabs.locator(".lm-TabBar-tabLabel")).to_have_text(["State machine: Chat", "State machine: Chat 2"])


SHOWS_NEWEST = """(view) => {
    const around = view.getBoundingClientRect();
    const list = view.querySelector('[role=listbox]').getBoundingClientRect();
    const {top, bottom, height} = [...view.querySelectorAll('[role=option]')].at(-1).getBoundingClientRect();
    return height > 10 && top >= list.top && bottom <= list.bottom + 1 && bottom <= around.bottom;
}"""

SCROLLED = """(view) => {
    const boxes = [view, ...view.querySelectorAll('*')];
    const scrolls = (box) => /auto|scroll/.test(getComputedStyle(box).overflowY) && box.scrollHeight > box.clientHeight + 1;
    const isInside = (box) => boxes.some((other) => other !== box && other.contains(box) && scrolls(other));
    return boxes.filter((box) => scrolls(box) && isInside(box)).map((box) => box.className);
}"""


@pytest.mark.parametrize(("width", "height"), [(640, 300), (460, 300), (320, 260), (460, 640)])
def test_the_inspector_in_a_small_place_shows_the_newest_step(notebook: Notebook, width: int, height: int) -> None:
    chat = notebook.show_chat("held.application()")
    beside = show_panel(notebook).get_by_role("group", name="Views of Chat")
    beside.get_by_role("button", name="Inspector", exact=True).click()
    inspector = docked(notebook.page, "inspector")
    view = inspector.locator(".bcw-docked-view")
    view.evaluate(
        "(view, size) => Object.assign(view.style, {flex: 'none', width: `${size[0]}px`, height: `${size[1]}px`})",
        [width, height],
    )
    for number in range(1, 5):
        chat.ask(f"{number}")
        newest = view.get_by_role("option").last
        expect(newest).to_have_attribute("data-step", str(3 * number - 1))
        expect(newest).to_have_attribute("aria-selected", "true")
        notebook.page.wait_for_function(SHOWS_NEWEST, arg=view.element_handle())
    # What came while another tab was before it is seen when it is there again.
    view.evaluate("(view) => { view.style.display = 'none' }")
    chat.ask("behind")
    view.evaluate("(view) => { view.style.display = '' }")
    expect(view.get_by_role("option").last).to_have_attribute("data-step", "14")
    notebook.page.wait_for_function(SHOWS_NEWEST, arg=view.element_handle())
    look_at(notebook.page, f"inspector-{width}-{height}")
    assert view.evaluate(SCROLLED) == []


def test_each_view_stays_in_sight_beside_the_notebook(notebook: Notebook) -> None:
    chat = notebook.show_chat()
    panel = show_panel(notebook)
    views = panel.get_by_role("group", name="Views of Chat")
    for view, name in VIEWS.items():
        views.get_by_role("button", name=name, exact=True).click()
        shown = docked(notebook.page, view)
        expect(shown.locator(f'.bcw[data-view="{view}"]')).to_be_visible()
        # It is there already.
        expect(beside_button(shown)).to_have_count(0)
        expect_right_of_the_notebook(notebook, view)
        if view == "graph":
            expect(shown.locator("[data-action]").first).to_be_visible()
        expect(views.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "true")
    chat.ask("Write a poem about rivers")
    # The same again goes to the one that is there, behind another.
    expect(docked(notebook.page, "inspector")).to_be_hidden()
    views.get_by_role("button", name="Inspector", exact=True).click()
    expect(docked(notebook.page, "inspector")).to_be_visible()
    expect(docked(notebook.page, "inspector")).to_have_count(1)
    expect(
        docked(notebook.page, "inspector").get_by_role("grid").or_(docked(notebook.page, "inspector"))
    ).to_contain_text("generate_poem")
    look_at(notebook.page, "all-views")
    # And where it is in sight, closes it.
    views.get_by_role("button", name="Inspector", exact=True).click()
    expect(docked(notebook.page, "inspector")).to_have_count(0)
    expect(views.get_by_role("button", name="Inspector", exact=True)).to_have_attribute("aria-pressed", "false")


def test_what_is_docked_is_the_same_session(notebook: Notebook) -> None:
    inline = notebook.show_chat("held.application()")
    for view in ("graph", "chat"):
        beside_button(in_cell(notebook, view)).click()
        expect(docked(notebook.page, view)).to_be_visible()
    beside = docked_chat(notebook.page)
    beside.message.fill("to be")
    # One draft, too.
    expect(inline.message).to_have_value("to be")
    beside.send("one|two")
    expect(beside.answer_text).to_have_text("one")
    expect(inline.answer_text).to_have_text("one")
    expect(docked(notebook.page, "graph").locator('[data-action="answer"]')).to_have_attribute("data-status", "running")
    inline.stop_button.click()
    beside.expect_answer("one", status="stopped")
    to_notebook(notebook)
    assert notebook.evaluate("[turn.status for turn in chat.turns]") == ["stopped"]
    notebook.until(lambda: beside.shown() == inline.shown(), "both to show the same")
    # Its tab closes it, and nothing of the session ends with it.
    notebook.page.get_by_role("tab", name=re.compile("State machine: Chat")).locator(".lm-TabBar-tabCloseIcon").click()
    expect(docked(notebook.page, "graph")).to_have_count(0)
    expect(in_cell(notebook, "graph")).to_be_visible()


def test_what_is_docked_is_there_again_after_a_reload(notebook: Notebook) -> None:
    chat = notebook.show_chat()
    chat.ask("Write a poem about rivers")
    for view in ("chat", "timeline"):
        beside_button(in_cell(notebook, "chat")).click() if view == "chat" else show_panel(notebook).get_by_role(
            "button", name="Timeline", exact=True
        ).click()
        expect(docked(notebook.page, view).locator(f'.bcw[data-view="{view}"]')).to_be_visible()
    reload_with_layout(notebook)
    beside = docked_chat(notebook.page)
    expect(beside.prompt_texts).to_have_text("Write a poem about rivers")
    expect(docked(notebook.page, "timeline").locator('.bcw[data-view="timeline"]')).to_be_visible()
    expect_right_of_the_notebook(notebook, "chat")
    beside.ask("And another one")
    expect(Chat(in_cell(notebook, "chat")).prompt_texts).to_have_text(["Write a poem about rivers", "And another one"])


def test_views_in_the_panel_are_there_again_after_a_reload(notebook: Notebook) -> None:
    chat = notebook.show_chat()
    chat.ask("Write a poem about rivers")
    panel = show_panel(notebook)
    panel.get_by_role("button", name="in this panel").click()
    for name in ("Chat", "Inspector"):
        panel.get_by_role("group", name="Views of Chat").get_by_role("button", name=name, exact=True).click()
    expect(panel.locator(".bcw-docked")).to_have_count(2)
    expect(docked(notebook.page, "inspector")).to_contain_text("generate_poem")
    reload_with_layout(notebook)
    # The panel is open as it was, with both in it, in their order.
    expect(panel).to_be_visible()
    expect(panel.locator(".bcw-docked .bcw")).to_have_count(2)
    shown = panel.locator(".bcw-docked").evaluate_all("(views) => views.map((view) => view.dataset.shows)")
    assert shown == ["chat", "inspector"]
    beside = docked_chat(notebook.page)
    expect(beside.prompt_texts).to_have_text("Write a poem about rivers")
    expect(docked(notebook.page, "inspector")).to_contain_text("generate_poem")
    look_at(notebook.page, "in-panel-reloaded")
    beside.ask("And another one")
    expect(Chat(in_cell(notebook, "chat")).prompt_texts).to_have_text(["Write a poem about rivers", "And another one"])


def test_after_a_restart_it_takes_the_chat_that_is_there_instead(notebook: Notebook) -> None:
    notebook.show_chat(title="Rivers")
    beside_button(in_cell(notebook, "chat")).click()
    beside = docked_chat(notebook.page)
    to_notebook(notebook)
    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    note = docked(notebook.page, "chat").get_by_role("status").filter(has_text="“Rivers” is disconnected")
    expect(note).to_be_visible()
    look_at(notebook.page, "restarted")
    notebook.wait_for_kernel()
    notebook.show_chat(title="Another")
    expect(note).to_be_visible()
    notebook.show_chat(title="Rivers")
    expect(note).to_have_count(0)
    expect(beside.connection).to_have_text("Connected")
    beside.ask("Write a poem about rivers")
    to_notebook(notebook)
    assert notebook.evaluate("[turn.prompt for turn in chat.turns]") == ["Write a poem about rivers"]


def test_after_a_restart_from_elsewhere_it_says_what_its_cell_does_and_that_is_enough(notebook: Notebook) -> None:
    inline = notebook.show_chat(title="Rivers")
    beside_button(in_cell(notebook, "chat")).click()
    beside = docked_chat(notebook.page)
    to_notebook(notebook)
    kernel = notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id")
    restart = f"{notebook.jupyter.url}api/kernels/{kernel}/restart?token={TOKEN}"
    for _ in range(2):
        assert notebook.page.request.post(restart).ok
        inline.wait_until("disconnected")
        said = "The kernel was restarted from another page. Run the cells again to go on."
        expect(inline.note).to_have_text(said)
        expect(docked(notebook.page, "chat").locator(".bcw-docked-note")).to_have_text(
            f"“Rivers” is disconnected. {said}"
        )
        # That is what one does, without a reload.
        notebook.command("notebook:run-all-cells")
        expect(beside.connection).to_have_text("Connected", timeout=SLOW)
        expect(docked(notebook.page, "chat").locator(".bcw-docked-note")).to_have_count(0)
        beside.ask("Write a poem about rivers")
        inline = Chat(in_cell(notebook, "chat"))
        expect(inline.prompt_texts).to_have_text("Write a poem about rivers")
    # It is heard while a cell runs.
    to_notebook(notebook)
    cell = notebook.start_and_see("import time\nwhile not chat.turns[1:]:\n    time.sleep(0.02)")
    beside.ask("And another one")
    notebook.wait_for_cell(cell)


def test_a_chat_that_was_closed_is_said_to_be(notebook: Notebook) -> None:
    chat = notebook.show_chat(title="Rivers")
    panel = show_panel(notebook)
    panel.get_by_role("group", name="Views of Rivers").get_by_role("button", name="State machine").click()
    shown = docked(notebook.page, "graph")
    expect(shown.locator("[data-action]").first).to_be_visible()
    chat.ask("Write a poem about rivers")
    to_notebook(notebook)
    notebook.execute("chat.close()")
    expect(shown).to_contain_text(f"“Rivers” was closed. Run its cell in {notebook.name} to begin another one.")
    expect(panel).to_contain_text("None is connected now. Those that are saved can be read in the notebook.")
    look_at(notebook.page, "chat-closed")


def test_the_panel_says_that_saved_chats_can_be_read_without_a_kernel(notebook: Notebook) -> None:
    notebook.show_chat().ask("Write a poem about rivers")
    notebook.save()
    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.close()")
    notebook.command(
        "docmanager:open", path=notebook.name, kernel={"name": None}, kernelPreference={"shouldStart": False}
    )
    panel = show_panel(notebook)
    expect(panel).to_contain_text("None is connected now. Those that are saved can be read in the notebook.")


@OLD_KERNEL
def test_a_chat_that_has_not_answered_yet_is_not_ready(notebook: Notebook, tmp_path: Path) -> None:
    flag = tmp_path / "go"
    rows = show_panel(notebook).get_by_role("list", name="Chats").get_by_role("listitem")
    to_notebook(notebook)
    imports = "from burr_chat_widget import BurrChat, demo"
    wait = f"import pathlib, time\nwhile not pathlib.Path({str(flag)!r}).exists():\n    time.sleep(0.01)"
    cell = notebook.start(f"{imports}\nchat = BurrChat(demo.application())\ndisplay(chat)\n{wait}")
    expect(rows).to_contain_text("Waiting for the kernel")
    item = notebook.page.locator("#jp-main-statusbar").get_by_role("button", name="Chat: ")
    expect(item).to_have_text("Chat: Waiting for the kernel · kernel busy")
    flag.touch()
    notebook.wait_for_cell(cell)
    expect(rows).to_contain_text("Ready")


@pytest.mark.parametrize("what", ["shutdown()", "changeKernel({name: 'python3'})"])
def test_without_its_kernel_it_says_so_and_nothing_can_be_done(notebook: Notebook, what: str) -> None:
    inline = notebook.show_chat(title="Rivers")
    beside_button(in_cell(notebook, "chat")).click()
    beside = docked_chat(notebook.page)
    to_notebook(notebook)
    notebook.page.evaluate(f"void window.jupyterapp.shell.currentWidget.sessionContext.{what}")
    for chat in (inline, beside):
        chat.wait_until("disconnected")
        expect(chat.root).to_contain_text("shut down, or the notebook has another one now")
    expect(docked(notebook.page, "chat").get_by_role("status").filter(has_text="“Rivers”").first).to_be_visible()
    can = "['send', 'pause', 'step'].filter((each) => window.jupyterapp.commands.isEnabled(`burr-chat-widget:${each}`))"
    assert notebook.page.evaluate(can) == []


def test_when_all_kernels_are_shut_down_the_views_in_the_panel_say_so(notebook: Notebook) -> None:
    """Also when their notebook is opened anew: what was there once is not what is there now."""
    inline = notebook.show_chat(title="Rivers")
    panel = show_panel(notebook)
    panel.get_by_role("button", name="in this panel").click()
    for name in ("State machine", "Inspector"):
        panel.get_by_role("group", name="Views of Rivers").get_by_role("button", name=name, exact=True).click()
    pause = docked(notebook.page, "inspector").get_by_role("button", name="Pause", exact=True)
    expect(pause).to_be_enabled()
    notebook.page.evaluate("void window.jupyterapp.serviceManager.kernels.shutdownAll()")
    inline.wait_until("disconnected")
    notes = panel.locator(".bcw-docked-note")
    expect(notes.filter(has_text="“Rivers”")).to_have_count(2)
    expect(pause).to_have_attribute("aria-disabled", "true")
    to_notebook(notebook)
    notebook.save()
    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.close()")
    expect(notes.filter(has_text="which is not open")).to_have_count(2)
    notebook.command("docmanager:open", path=notebook.name)
    expect(notes.filter(has_text="which is not open")).to_have_count(0)
    expect(notes.filter(has_text="“Rivers”")).to_have_count(2)
    expect(docked(notebook.page, "inspector").locator(".bcw[data-session-status='idle']")).to_have_count(0)


def test_what_a_cell_has_shown_before_is_not_listed_after_a_reload(notebook: Notebook) -> None:
    notebook.show_chat(title="Rivers")
    for _ in range(2):
        notebook.command("notebook:run-cell")
    before = Chat(in_cell(notebook, "chat"))
    expect(before.connection).to_have_text("Connected")
    before.ask("Write a poem about rivers")
    reload_with_layout(notebook)
    chat = Chat(in_cell(notebook, "chat"))
    expect(chat.connection).to_have_text("Connected", timeout=SLOW)
    rows = show_panel(notebook).get_by_role("list", name="Chats").get_by_role("listitem")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Write a poem about rivers")
    rows.get_by_role("button", name="Rivers", exact=True).click()
    expect(chat.message).to_be_focused()


def test_when_the_cell_is_run_again_it_goes_along(notebook: Notebook) -> None:
    notebook.show_chat()
    beside_button(in_cell(notebook, "chat")).click()
    beside = docked_chat(notebook.page)
    beside.ask("Write a poem about rivers")
    to_notebook(notebook)
    notebook.command("notebook:run-cell")
    expect(beside.prompts).to_have_count(0)
    panel = show_panel(notebook)
    expect(panel.get_by_role("list", name="Chats").get_by_role("listitem")).to_have_count(1)
    beside.ask("Write a poem about the sea")
    to_notebook(notebook)
    assert notebook.evaluate("[turn.prompt for turn in chat.turns]") == ["Write a poem about the sea"]


def test_keys_that_are_pressed_in_it_are_for_its_chat_also_beside_another_notebook(notebook: Notebook) -> None:
    notebook.show_chat()
    beside_button(in_cell(notebook, "chat")).click()
    beside = docked_chat(notebook.page)
    cell = "from burr_chat_widget import BurrChat, demo\nBurrChat(demo.application(), title='Other')"
    name = f"other-{notebook.name}"
    other = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "python3", "language": "python"}},
        cells=[nbformat.v4.new_code_cell(cell)],
    )
    nbformat.write(other, notebook.jupyter.folder / name)
    to_notebook(notebook)
    notebook.command("docmanager:open", path=name, factory="Notebook")
    notebook.page.wait_for_function("(path) => window.jupyterapp.shell.currentWidget?.context?.path === path", arg=name)
    notebook.wait_for_kernel()
    notebook.command("notebook:run-all-cells")
    second = Chat(
        notebook.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .bcw-side-by-side .bcw[data-view='chat']")
    )
    expect(second.connection).to_have_text("Connected", timeout=SLOW)

    second.message.fill("for the second")
    beside.message.fill("Write a poem about rivers")
    notebook.page.keyboard.press("Alt+Shift+Enter")
    expect(beside.prompt_texts).to_have_text("Write a poem about rivers")
    expect(second.message).to_have_value("for the second")
    # The keyboard is in that notebook again.
    second.message.focus()
    notebook.page.keyboard.press("Alt+Shift+Enter")
    expect(second.prompt_texts).to_have_text("for the second")
    expect(beside.prompts).to_have_count(1)
    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    to_notebook(notebook)


def test_without_its_notebook_it_says_so_and_opens_it(notebook: Notebook) -> None:
    notebook.show_chat(title="Rivers")
    beside_button(in_cell(notebook, "chat")).click()
    docked_chat(notebook.page)
    to_notebook(notebook)
    notebook.save()
    notebook.command("docmanager:save")
    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.close()")
    shown = docked(notebook.page, "chat")
    expect(shown).to_contain_text(f"“Rivers” is in {notebook.name}, which is not open.")
    expect(shown.locator(".bcw")).to_have_count(0)
    look_at(notebook.page, "closed")
    shown.get_by_role("button", name="Open the notebook").click()
    expect(docked_chat(notebook.page).connection).to_have_text("Connected", timeout=SLOW)
    to_notebook(notebook)


def test_a_view_in_the_panel_and_from_there_beside_the_notebook(notebook: Notebook) -> None:
    notebook.show_chat()
    panel = show_panel(notebook)
    panel.get_by_role("button", name="in this panel").click()
    panel.get_by_role("group", name="Views of Chat").get_by_role("button", name="Chat", exact=True).click()
    held = panel.locator(".bcw-docked")
    beside = docked_chat(notebook.page)
    # It has the keyboard now, and a name by which that is told.
    expect(panel.get_by_role("region", name="Chat of “Chat”")).to_be_focused()
    expect(held).to_have_count(1)
    beside.ask("Write a poem about rivers")
    look_at(notebook.page, "in-panel")
    held.get_by_role("button", name="Beside the notebook").click()
    expect(held).to_have_count(0)
    expect(notebook.page.get_by_role("tabpanel", name="Chat", exact=True)).to_be_visible()
    expect(beside.prompts).to_have_count(1)
    expect_right_of_the_notebook(notebook, "chat")
    expect(docked(notebook.page, "chat").locator(".bcw-docked-header")).to_have_count(0)
    # Views are opened in the panel still: so it goes there again, and closes there.
    button = panel.get_by_role("group", name="Views of Chat").get_by_role("button", name="Chat", exact=True)
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(held).to_have_count(1)
    expect(beside.prompts).to_have_count(1)
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(docked(notebook.page, "chat")).to_have_count(0)


@pytest.mark.parametrize("notebook", [pytest.param({"size": (1500, 900)}, id="wide")], indirect=True)
def test_the_state_machine_is_seen_whole_wherever_it_is_opened(notebook: Notebook) -> None:
    notebook.show_chat()
    inline, beside = in_cell(notebook, "graph"), docked(notebook.page, "graph")
    panel = show_panel(notebook)
    notebook.until(lambda: is_whole(inline), "it to be whole with the panel open")
    panel.get_by_role("button", name="in this panel").click()
    panel.get_by_role("button", name="State machine", exact=True).click()
    notebook.until(lambda: is_whole(beside), "it to be whole in the panel")
    look_at(notebook.page, "graph-in-panel")
    beside.get_by_role("button", name="Beside the notebook").click()
    expect_right_of_the_notebook(notebook, "graph")
    notebook.until(lambda: is_whole(beside) and is_whole(inline), "both to be whole")
    look_at(notebook.page, "graph-beside")


@NOTEBOOK7
def test_in_notebook_7_views_are_at_the_right(notebook: Notebook) -> None:
    inline = notebook.show_chat()
    beside_button(in_cell(notebook, "chat")).click()
    panel = notebook.page.get_by_role("region", name="Burr chats")
    expect(panel).to_be_visible()
    beside = docked_chat(notebook.page)
    beside.ask("Write a poem about rivers")
    expect(inline.prompts).to_have_count(1)
    expect_right_of_the_notebook(notebook, "chat")
    # Another one, with the panel open: both are there.
    panel.get_by_role("button", name="Inspector", exact=True).click()
    expect(docked(notebook.page, "inspector").locator('.bcw[data-view="inspector"]')).to_be_visible()
    expect(beside.root).to_be_visible()
    look_at(notebook.page, "notebook7")
    notebook.reload()
    again = docked_chat(notebook.page)
    expect(again.prompt_texts).to_have_text("Write a poem about rivers")
    panel.get_by_role("button", name="Close Chat").click()
    expect(docked(notebook.page, "chat")).to_have_count(0)
    notebook.reload()
    expect(in_cell(notebook, "chat")).to_be_visible()
    expect(docked(notebook.page, "chat")).to_have_count(0)


@pytest.mark.parametrize("notebook", [pytest.param({"dark": True, "size": (1600, 1000)}, id="dark")], indirect=True)
def test_dark_and_narrow(notebook: Notebook) -> None:
    """For a person to look at: dark, wide and narrow; what is asserted is that nothing is cut off sideways."""
    chat = notebook.show_chat()
    chat.ask("Write a poem about rivers")
    panel = show_panel(notebook)
    for name in ("State machine", "Inspector"):
        panel.get_by_role("button", name=name, exact=True).click()
    expect(docked(notebook.page, "inspector").locator('.bcw[data-view="inspector"]')).to_contain_text("generate_poem")
    look_at(notebook.page, "dark")
    notebook.page.set_viewport_size({"width": 760, "height": 900})
    for view in ("graph", "inspector"):
        shown = docked(notebook.page, view)
        expect(shown).to_be_visible()
        fits = "(node) => node.scrollWidth <= node.clientWidth"
        notebook.page.wait_for_function(fits, arg=shown.element_handle(), timeout=SLOW)
    look_at(notebook.page, "dark-narrow")
