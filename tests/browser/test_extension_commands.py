"""The extension's commands, shortcuts, launcher card, settings and status bar item, as a person meets them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from support.jupyter import Jupyter, start_jupyter
from support.notebook import SLOW, Chat, Notebook

from .conftest import RESULTS
from .test_extension_panel import docked, docked_chat, show_panel, to_notebook

COMMANDS = ["focus", "send", "stop", "pause", "step", "continue", "next-breakpoint"]
NOTEBOOK7 = pytest.mark.parametrize("notebook", [pytest.param({"app": "notebook"}, id="notebook7")], indirect=True)
BOTH = pytest.mark.parametrize(
    "notebook",
    [pytest.param({"app": "lab"}, id="lab"), pytest.param({"app": "notebook"}, id="notebook7")],
    indirect=True,
)


def enabled(notebook: Notebook) -> list[str]:
    """Which commands for the current chat can be had now."""
    return notebook.page.evaluate(
        "(names) => names.filter((name) => window.jupyterapp.commands.isEnabled(`burr-chat-widget:${name}`))", COMMANDS
    )


def expect_enabled(notebook: Notebook, *names: str) -> None:
    notebook.page.wait_for_function(
        """([wanted, names]) => JSON.stringify(
            names.filter((name) => window.jupyterapp.commands.isEnabled(`burr-chat-widget:${name}`))) === wanted""",
        arg=[json.dumps([name for name in COMMANDS if name in names], separators=(",", ":")), COMMANDS],
    )


def watch_commands(notebook: Notebook) -> None:
    """Remember from now on which commands of ours are executed, by whatever means."""
    notebook.page.evaluate(
        """() => {
            window.executed = [];
            window.jupyterapp.commands.commandExecuted.connect((_, {id, args}) => {
                const [of, name] = id.split(':');
                if (of === 'burr-chat-widget') window.executed.push([name, args.view].filter(Boolean).join(' '));
            });
        }"""
    )


def executed(notebook: Notebook) -> list[str]:
    """Which those were, in their order."""
    return notebook.page.evaluate("window.executed")


def to_command_mode(notebook: Notebook) -> None:
    """The notebook's own focus: letters are its commands there."""
    notebook.page.locator(".jp-Notebook .jp-InputPrompt").first.click()
    expect(notebook.page.locator(".jp-Notebook.jp-mod-commandMode")).to_be_visible()


def look_at(page: Page, name: str) -> None:
    """Leave a picture for a person."""
    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / f"extension-{name}.png")


def test_commands_can_be_had_where_they_do_something(notebook: Notebook) -> None:
    expect_enabled(notebook)
    chat = notebook.show_chat("held.application()")
    expect_enabled(notebook, "focus", "pause")
    chat.message.fill("one|two")
    expect_enabled(notebook, "focus", "pause", "send")
    notebook.command("burr-chat-widget:send")
    chat.wait_until("running")
    expect_enabled(notebook, "focus", "pause", "stop")
    notebook.command("burr-chat-widget:stop")
    expect(chat.answer).to_have_attribute("data-status", "stopped")
    expect_enabled(notebook, "focus", "pause")

    notebook.command("burr-chat-widget:pause")
    chat.send("three")
    chat.wait_until("paused")
    expect_enabled(notebook, "focus", "stop", "step", "continue")
    notebook.execute("chat.breakpoints.add('answer')")
    expect_enabled(notebook, "focus", "stop", "step", "continue", "next-breakpoint")
    notebook.command("burr-chat-widget:next-breakpoint")
    notebook.until(
        lambda: notebook.evaluate("chat.turns[-1].held and chat.turns[-1].held.next_action") == "answer", "it"
    )
    notebook.command("burr-chat-widget:continue")
    chat.expect_answer("three")

    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    chat.wait_until("disconnected")
    notebook.until(lambda: not set(enabled(notebook)) - {"focus"}, "nothing to be done without the kernel")


@BOTH
def test_all_of_it_is_there(notebook: Notebook) -> None:
    notebook.page.wait_for_function(
        """() => {
            const ours = window.jupyterapp.listPlugins().filter((name) => name.startsWith('burr-chat-widget:'));
            return ours.length > 4 && ours.every((name) => window.jupyterapp.isPluginActivated(name));
        }"""
    )


def test_the_palette_has_the_commands(notebook: Notebook) -> None:
    chat = notebook.show_chat("held.application()")
    notebook.command("apputils:activate-command-palette")
    palette = notebook.page.locator(".lm-CommandPalette")
    palette.get_by_role("textbox").or_(palette.locator("input")).first.fill("burr chat")
    items = palette.locator(".lm-CommandPalette-item")
    expect(items.filter(has_text="Stop the Turn")).to_have_class(re.compile("lm-mod-disabled"))
    for view in ("Chat", "State Machine", "Inspector", "Timeline"):
        expect(items.filter(has_text=f"Open the {view} Beside the Notebook")).to_have_count(1)
    # With their keys, as JupyterLab's own.
    for label, key in (("Stop the Turn", "X"), ("Go to the Chat", "M"), ("Open the Inspector", "D")):
        item = items.filter(has_text=label)
        expect(item.locator(".lm-CommandPalette-itemShortcut")).to_have_text(re.compile(rf"Alt\W+Shift\W+{key}"))
    look_at(notebook.page, "palette")
    items.filter(has_text="Go to the Chat").click()
    expect(chat.message).to_be_focused()


def in_palette(notebook: Notebook, label: str) -> Locator:
    """The palette's item, found by its words."""
    notebook.command("apputils:activate-command-palette")
    palette = notebook.page.locator(".lm-CommandPalette")
    palette.get_by_role("textbox").or_(palette.locator("input")).first.fill(label)
    return palette.locator(".lm-CommandPalette-item", has_text=label)


@BOTH
def test_the_palette_and_keys_open_views(notebook: Notebook) -> None:
    notebook.show_chat("held.application()")
    for view, label in (("chat", "Chat"), ("timeline", "Timeline")):
        in_palette(notebook, f"Open the {label} Beside the Notebook").click()
        expect(docked(notebook.page, view).locator(f".bcw[data-view='{view}']")).to_be_visible()
        to_command_mode(notebook)
    before = notebook.contents()
    for view, key in (("graph", "G"), ("inspector", "D")):
        notebook.page.keyboard.press(f"Alt+Shift+{key}")
        expect(docked(notebook.page, view).locator(f".bcw[data-view='{view}']")).to_be_visible()
        to_command_mode(notebook)
    assert notebook.contents() == before
    look_at(notebook.page, f"views-{notebook.app}")


def to_menu(notebook: Notebook) -> Locator:
    """Our commands in the menu *Run*, which is opened for them."""
    notebook.page.get_by_role("menuitem", name="Run", exact=True).click()
    notebook.page.locator("[data-type='submenu']", has_text="Burr Chat").click()
    menu = notebook.page.locator(".lm-Menu", has=notebook.page.get_by_text("Stop the Turn"))
    expect(menu).to_be_visible()
    return menu


def can_be_chosen(menu: Locator) -> list[str]:
    """Which of its commands can be chosen, by the first words of their labels."""
    items = menu.locator(".lm-Menu-item[data-type='command']")
    expect(items).to_have_count(len(COMMANDS) + 4)
    labels = items.and_(menu.locator(":not(.lm-mod-disabled)")).locator(".lm-Menu-itemLabel").all_inner_texts()
    return [label.split(" Beside")[0] for label in labels]


def choose(menu: Locator, label: str) -> None:
    menu.locator(".lm-Menu-item", has_text=label).click()
    expect(menu).to_have_count(0)


@BOTH
def test_the_run_menu_does_what_can_be_done_now(notebook: Notebook) -> None:
    views = ["Open the Chat", "Open the State Machine", "Open the Inspector", "Open the Timeline"]
    menu = to_menu(notebook)
    assert can_be_chosen(menu) == []
    for _ in range(2):
        notebook.page.keyboard.press("Escape")
    expect(menu).to_have_count(0)

    chat = notebook.show_chat("held.application()")
    chat.message.fill("one|two")
    expect_enabled(notebook, "focus", "pause", "send")
    menu = to_menu(notebook)
    assert can_be_chosen(menu) == ["Go to the Chat", "Send the Message", "Pause Before the Next Action", *views]
    look_at(notebook.page, f"submenu-{notebook.app}")
    choose(menu, "Send the Message")
    chat.wait_until("running")
    expect_enabled(notebook, "focus", "pause", "stop")
    menu = to_menu(notebook)
    assert can_be_chosen(menu) == ["Go to the Chat", "Stop the Turn", "Pause Before the Next Action", *views]
    choose(menu, "Stop the Turn")
    expect(chat.answer).to_have_attribute("data-status", "stopped")
    choose(to_menu(notebook), "Open the Inspector")
    expect(docked(notebook.page, "inspector").locator(".bcw[data-view='inspector']")).to_be_visible()


def test_the_run_menu_has_them_apart_from_its_own(notebook: Notebook) -> None:
    notebook.show_chat("held.application()")
    notebook.page.get_by_role("menuitem", name="Run", exact=True).click()
    menu = notebook.page.locator("[data-type='submenu']", has_text="Burr Chat").locator("xpath=..")
    look_at(notebook.page, "menu")
    kinds = menu.locator(".lm-Menu-item:not(.lm-mod-collapsed)").evaluate_all(
        "(items) => items.map((item) => item.dataset.type === 'separator' ? '---' : item.querySelector('.lm-Menu-itemLabel').innerText)"
    )
    at = kinds.index("Burr Chat")
    assert kinds[at - 1] == "---"
    assert kinds[at + 1 : at + 2] in (["---"], [])
    notebook.page.keyboard.press("Escape")


@BOTH
def test_shortcuts_count_outside_of_the_chat_and_inside(notebook: Notebook) -> None:
    chat = notebook.show_chat("held.application()")
    keyboard = notebook.page.keyboard
    to_command_mode(notebook)
    before = notebook.contents()
    watch_commands(notebook)
    keyboard.press("Alt+Shift+M")
    expect(chat.message).to_be_focused()

    # Inside. Nothing runs: there is nothing to stop, and the key is nobody's.
    keyboard.press("Alt+Shift+X")
    assert executed(notebook) == ["focus"]
    expect(chat.message).to_have_value("")
    chat.message.fill("one|two")
    chat.message.press("Alt+Shift+Enter")
    chat.wait_until("running")
    expect(chat.message).to_have_value("")
    chat.message.press("Alt+Shift+X")
    expect(chat.answer).to_have_attribute("data-status", "stopped")

    # From the graph, and from the notebook.
    notebook.graph().node("answer").focus()
    expect(notebook.page.locator("body[data-burr-chat~=pause]")).to_have_count(1)
    keyboard.press("Alt+Shift+P")
    chat.send("three")
    chat.wait_until("paused")
    to_command_mode(notebook)
    for action in ("prompt", "think"):
        keyboard.press("Alt+Shift+S")
        notebook.graph().expect_node(action, "done", 2)
    keyboard.press("Alt+Shift+C")
    chat.expect_answer("three")
    assert notebook.contents() == before
    assert executed(notebook) == ["focus", "send", "stop", "pause", "step", "step", "continue"]


def test_who_goes_to_the_chat_from_far_below_sees_the_conversation(notebook: Notebook) -> None:
    chat = notebook.show_chat("held.application()")
    below = notebook.run("print('\\n' * 200)")
    below.locator(".jp-InputPrompt").first.click()
    expect(notebook.page.locator(".jp-Notebook.jp-mod-commandMode")).to_be_visible()
    below.locator(".jp-OutputArea").first.hover()
    notebook.page.mouse.wheel(0, 5000)
    expect(chat.root).not_to_be_in_viewport()
    notebook.page.keyboard.press("Alt+Shift+M")
    expect(chat.message).to_be_focused()
    expect(chat.root).to_be_in_viewport(ratio=0.99)


@BOTH
def test_a_key_goes_on_to_the_next_breakpoint(notebook: Notebook) -> None:
    chat = notebook.show_chat("held.application()", breakpoints=["answer"])
    notebook.command("burr-chat-widget:pause")
    chat.send("one")
    chat.wait_until("paused")
    to_command_mode(notebook)
    notebook.page.keyboard.press("Alt+Shift+N")
    notebook.graph().expect_node("think", "done", 1)
    chat.wait_until("paused")
    assert notebook.evaluate("chat.turns[-1].held.next_action") == "answer"
    notebook.page.keyboard.press("Alt+Shift+N")
    chat.expect_answer("one")


def open_beside(notebook: Notebook, name: str, text: str) -> Locator:
    """Open a text file beside the notebook and put the caret into it; returns where one writes."""
    (notebook.jupyter.folder / name).write_text(text)
    notebook.command("docmanager:open", path=name, factory="Editor", options={"mode": "split-right"})
    editor = notebook.page.locator(".jp-FileEditor .cm-content")
    expect(editor).to_have_text(text)
    editor.click()
    expect(editor).to_be_focused()
    return editor


KEYS = ["Enter", "X", "P", "S", "C", "N", "G", "D", "M"]


def test_in_another_document_keys_are_not_the_chat_s(notebook: Notebook) -> None:
    chat = notebook.show_chat("held.application()", breakpoints=["answer"])
    notebook.command("burr-chat-widget:pause")
    chat.send("one")
    chat.wait_until("paused")
    chat.message.fill("two")
    watch_commands(notebook)
    keyboard = notebook.page.keyboard
    editor = open_beside(notebook, f"{notebook.name}.txt", "a text")
    for key in KEYS:
        keyboard.press(f"Alt+Shift+{key}")
        expect(editor).to_be_focused()
    assert executed(notebook) == []
    expect(chat.message).to_have_value("two")

    # The palette and the menus do speak of the notebook beside it.
    item = in_palette(notebook, "Step: Run One Action")
    expect(item).not_to_have_class(re.compile("lm-mod-disabled"))
    item.click()
    notebook.graph().expect_node("prompt", "done", 1)
    expect_enabled(notebook, "focus", "send", "stop", "step", "continue", "next-breakpoint")
    choose(to_menu(notebook), "Step: Run One Action")
    notebook.graph().expect_node("think", "done", 1)
    expect_enabled(notebook, "focus", "send", "stop", "step", "continue", "next-breakpoint")
    editor.click()
    keyboard.press("Alt+Shift+S")
    assert executed(notebook) == ["step", "step"]

    # In the notebook and in the chat they count again.
    to_command_mode(notebook)
    keyboard.press("Alt+Shift+C")
    chat.expect_answer("one")
    editor.click()
    keyboard.press("Alt+Shift+Enter")
    chat.message.click()
    keyboard.press("Alt+Shift+Enter")
    expect(chat.prompt_texts).to_have_text(["one", "two"])
    assert executed(notebook) == ["step", "step", "continue", "send"]
    to_notebook(notebook)


def test_beside_another_document_keys_count_in_the_panel_and_in_docked_views(notebook: Notebook) -> None:
    inline = notebook.show_chat("held.application()")
    panel = show_panel(notebook)
    panel.get_by_role("button", name="in this panel").click()
    panel.get_by_role("group", name="Views of Chat").get_by_role("button", name="Chat", exact=True).click()
    beside = docked_chat(notebook.page)
    watch_commands(notebook)
    keyboard = notebook.page.keyboard
    editor = open_beside(notebook, f"{notebook.name}.txt", "a text")

    def sends_where_it_has_the_focus(prompt: str) -> None:
        beside.message.fill(prompt)
        editor.click()
        keyboard.press("Alt+Shift+Enter")
        expect(inline.message).to_have_value(prompt)
        beside.message.click()
        keyboard.press("Alt+Shift+Enter")
        expect(beside.prompt_texts.last).to_have_text(prompt)
        beside.expect_answer(prompt)

    sends_where_it_has_the_focus("one")
    docked(notebook.page, "chat").get_by_role("button", name="Beside the notebook").click()
    expect(docked(notebook.page, "chat").locator(".bcw-docked-header")).to_have_count(0)
    sends_where_it_has_the_focus("two")
    assert executed(notebook) == ["send", "send"]
    to_notebook(notebook)


def test_who_saves_in_a_view_beside_the_notebook_saves_the_notebook(notebook: Notebook) -> None:
    notebook.show_chat("held.application()")
    in_palette(notebook, "Open the Chat Beside the Notebook").click()
    beside = docked_chat(notebook.page)
    beside.ask("one river")
    # Until the notebook has what the kernel keeps of the chat.
    notebook.page.wait_for_function(
        """() => [...window.jupyterapp.shell.widgets('main')].some(
            ({content}) => JSON.stringify(content?.model?.toJSON?.() ?? null).includes('one river'))"""
    )
    assert "one river" not in saved_text(notebook)
    watch_commands(notebook)
    beside.message.press("Control+s")
    notebook.until(lambda: "one river" in saved_text(notebook), "the notebook to be saved")
    assert executed(notebook) == ["save-notebook"]
    to_notebook(notebook)
    assert not notebook.page.evaluate("window.jupyterapp.commands.isEnabled('burr-chat-widget:save-notebook')")


def test_commands_speak_of_the_chat_that_had_the_focus_last(notebook: Notebook) -> None:
    first = notebook.show_chat("held.application()", title="First")
    cell = notebook.run("other = BurrChat(held.application(), title='Second')\nother")
    second = notebook.chat(cell)
    expect(second.connection).to_have_text("Connected")
    first.message.click()
    to_command_mode(notebook)
    notebook.page.keyboard.press("Alt+Shift+M")
    expect(first.message).to_be_focused()
    second.message.click()
    to_command_mode(notebook)
    notebook.page.keyboard.press("Alt+Shift+M")
    expect(second.message).to_be_focused()


def test_the_status_bar_says_what_runs_and_leads_to_the_chat(notebook: Notebook) -> None:
    item = notebook.page.locator("#jp-main-statusbar").get_by_role("button", name="Chat: ")
    expect(item).to_have_count(0)
    chat = notebook.show_chat("held.application()")
    expect(item).to_have_text("Chat: Ready · kernel idle")
    chat.send("~one")
    expect(item).to_have_text("Chat: Running think · kernel idle")
    look_at(notebook.page, "status")
    to_command_mode(notebook)
    item.click()
    expect(chat.message).to_be_focused()
    notebook.execute("held.let_go()")
    chat.expect_answer("one")
    expect(item).to_have_text("Chat: Ready · kernel idle")
    # From another tab too.
    notebook.command("launcher:create")
    expect(chat.root).to_be_hidden()
    item.click()
    expect(chat.root).to_be_visible()
    expect(chat.message).to_be_focused()
    notebook.page.keyboard.type("a")  # into the chat, which keeps the focus
    expect(chat.message).to_have_value("a")
    # What was asked of the next turn, and where that is then held.
    notebook.page.keyboard.press("Alt+Shift+P")
    expect(item).to_have_text("Chat: Ready, will pause · kernel idle")
    chat.send("two")
    expect(item).to_have_text("Chat: Held before prompt · kernel idle")
    notebook.command("burr-chat-widget:stop")
    expect(item).to_have_text("Chat: Stopped · kernel idle")


def test_the_status_bar_names_the_chat_as_the_panel_does(notebook: Notebook) -> None:
    item = notebook.page.locator("#jp-main-statusbar .bcw-status-button")
    first = notebook.show_chat("held.application()")
    expect(item).to_have_text("Chat: Ready · kernel idle")
    notebook.show_chat("held.application()")
    expect(item).to_have_text("Chat 2: Ready · kernel idle")
    first.message.click()
    expect(item).to_have_text("Chat: Ready · kernel idle")
    # A long name is cut, and leaves what is said of it; the tooltip has both.
    title = "A conversation about all the rivers that there are"
    notebook.show_chat("held.application()", title=title)
    notebook.chat().message.click()
    expect(item).to_have_attribute("title", f"{title}: Ready · kernel idle\nGo to the Chat")
    cut = "(item) => [...item.children].map((part) => part.scrollWidth > part.clientWidth)"
    assert item.evaluate(cut) == [True, False]
    look_at(notebook.page, "status-name")


def test_the_status_bar_says_what_the_kernel_does_and_that_it_is_gone(notebook: Notebook, tmp_path: Path) -> None:
    item = notebook.page.locator("#jp-main-statusbar").get_by_role("button", name="Chat: ")
    chat = notebook.show_chat("held.application()")
    expect(item).to_have_text("Chat: Ready · kernel idle")
    flag = tmp_path / "go"
    cell = notebook.start_and_see(
        f"import pathlib, time\nwhile not pathlib.Path({str(flag)!r}).exists():\n    time.sleep(0.01)"
    )
    expect(item).to_have_text("Chat: Ready · kernel busy")
    flag.touch()
    notebook.wait_for_cell(cell)
    expect(item).to_have_text("Chat: Ready · kernel idle")

    notebook.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    expect(item).to_have_text("Chat: Its kernel is gone")
    look_at(notebook.page, "status-gone")
    chat.wait_until("disconnected")
    assert set(enabled(notebook)) == {"focus"}
    # Of a kernel that is started now it is not the chat.
    notebook.page.evaluate("void window.jupyterapp.shell.currentWidget.sessionContext.changeKernel({name: 'python3'})")
    notebook.wait_for_kernel()
    expect(item).to_have_text("Chat: Its kernel is gone")
    notebook.show_chat("held.application()")
    expect(item).to_have_text("Chat: Ready · kernel idle")
    # Where no cell shows it, nothing is said.
    notebook.command("editmenu:clear-all")
    expect(item).to_have_count(0)


def test_the_status_bar_says_that_a_turn_has_failed(notebook: Notebook) -> None:
    item = notebook.page.locator("#jp-main-statusbar").get_by_role("button", name="Chat: ")
    chat = notebook.show_chat("faulty.application()")
    chat.send("during")
    expect(chat.answer).to_have_attribute("data-status", "failed")
    said = chat.status.inner_text()
    assert said.startswith("Failed: ")
    assert "broke in the middle" in said
    expect(item).to_have_text(f"Chat: {said} · kernel idle")
    look_at(notebook.page, "status-failed")
    # In the chat's own colour, more or less: that of what went wrong.
    ready = "(item) => getComputedStyle(item).color === getComputedStyle(item.parentElement).color"
    assert item.evaluate(ready) is False
    chat.ask("well")
    expect(item).to_have_text("Chat: Ready · kernel idle")
    assert item.evaluate(ready) is True


@pytest.fixture
def own_jupyter(tmp_path: Path) -> Iterator[Jupyter]:
    """A server of its own: what is set is kept for all of one, and its folder has nothing in it."""
    with start_jupyter(tmp_path) as running:
        yield running


@pytest.fixture
def own(own_jupyter: Jupyter, browser: Browser) -> Iterator[Notebook]:
    opened = Notebook.create(browser, own_jupyter, name="own")
    yield opened
    opened.close()


def make_from_card(notebook: Notebook, title: str | None = None) -> None:
    """Press the launcher's card, choose, and wait for the notebook."""
    page = notebook.page
    notebook.command("launcher:create")
    page.locator(".jp-LauncherCard:visible", has_text="Burr chat").click()
    dialog = page.get_by_role("dialog")
    if title is not None:
        dialog.get_by_role("combobox").select_option(label=title)
    look_at(page, "launcher")
    dialog.get_by_role("button", name="Open").click()
    expect(dialog).to_have_count(0)
    page.wait_for_function("window.jupyterapp.shell.currentWidget?.context?.path?.endsWith('.ipynb')", timeout=SLOW)


def current_path(notebook: Notebook) -> str:
    return notebook.page.evaluate("window.jupyterapp.shell.currentWidget.context.path")


def visible_cells(notebook: Notebook) -> Locator:
    return notebook.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell")


def test_the_launcher_makes_a_notebook_that_runs(own: Notebook) -> None:
    make_from_card(own)
    own.wait_for_kernel()
    assert current_path(own) == "chat.ipynb"
    expect(own.page.locator(".jp-Launcher")).to_have_count(0)
    own.command("notebook:run-cell")
    own.wait_for_cell(visible_cells(own).first)
    chat = own.chat(own.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)"))
    assert "river" in chat.ask("Write a poem about rivers").lower()

    # Another one beside it, and no file in its way.
    make_from_card(own)
    own.until(lambda: current_path(own) == "chat-1.ipynb", "a name that is free")
    assert sorted(path.name for path in own.jupyter.folder.glob("*.ipynb")) == ["chat-1.ipynb", "chat.ipynb", own.name]


def test_the_launcher_takes_nobody_s_file(own: Notebook) -> None:
    """Not even where somebody makes one of that name in the same moment."""
    theirs = own.jupyter.folder / "chat.ipynb"

    def somebody_is_faster(route: Route) -> None:
        if route.request.method == "PATCH":
            theirs.write_text("{}")
        route.continue_()

    own.page.route("**/api/contents/Untitled.ipynb*", somebody_is_faster)
    make_from_card(own)
    own.until(lambda: current_path(own) == "Untitled.ipynb", "the notebook, under the name that it has")
    expect(visible_cells(own)).to_contain_text("BurrChat(demo.application())")
    assert theirs.read_text() == "{}"


def test_the_launcher_has_the_packaged_notebooks(own: Notebook) -> None:
    packaged = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
    own.page.evaluate("void window.jupyterapp.commands.execute('burr-chat-widget:new-notebook')")
    dialog = own.page.get_by_role("dialog")
    expect(dialog.locator("option")).to_have_text(
        ["A chat, and nothing else", *(re.compile(f"^{path.name[:2]} ") for path in packaged)]
    )
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    assert [path.name for path in own.jupyter.folder.glob("*.ipynb")] == [own.name]

    make_from_card(own, "01 Chat with a state machine")
    own.wait_for_kernel()
    assert current_path(own) == "01_quickstart.ipynb"
    made, template = (nbformat.read(path, 4) for path in (own.jupyter.folder / "01_quickstart.ipynb", packaged[0]))
    assert [cell.source for cell in made.cells] == [cell.source for cell in template.cells]
    nbformat.validate(made)


def test_a_user_gives_a_command_other_keys(own: Notebook) -> None:
    chat = own.show_chat("held.application()")
    page = own.page
    own.command("settingeditor:open", query="Keyboard Shortcuts")
    editor = page.locator(".jp-Shortcuts-ShortcutUI")
    editor.locator("input").first.fill("Stop the Turn")
    row = editor.locator(".jp-Shortcuts-Row[data-shortcut^='burr-chat-widget:stop_']")
    row.locator(".jp-Shortcuts-ShortcutKeysContainer").click()
    typed = row.locator(".jp-Shortcuts-Input")
    expect(typed).to_be_focused()
    page.keyboard.press("Control+Alt+q")
    expect(typed).to_have_text("Ctrl Alt Q")
    row.locator(".jp-Shortcuts-Submit").click()
    expect(row.locator(".jp-Shortcuts-SourceCell")).to_have_text("Custom")
    look_at(page, "shortcuts")
    page.locator(".lm-TabBar-tab", has_text=own.name).click()

    def stops_by_the_new_keys_alone(chat: Chat) -> None:
        chat.send("one|two|three")
        expect(chat.answer_text).to_have_text("one")
        chat.message.press("Alt+Shift+X")
        own.execute("held.let_go()")
        expect(chat.answer_text).to_have_text("onetwo")
        chat.message.press("Control+Alt+q")
        chat.expect_answer("onetwo", status="stopped")

    stops_by_the_new_keys_alone(chat)
    own.reload()
    stops_by_the_new_keys_alone(own.show_chat("held.application()"))


def test_settings_reach_live_chats_at_once(own: Notebook) -> None:
    chat = own.show_chat("held.application()")
    views = own.page.locator(".bcw-side-by-side > .bcw")
    expect(views).to_have_count(2)
    chat.ask("one")
    expect(own.page.locator(".bcw-saved")).to_have_count(1)
    own.command("settingeditor:open", query="Burr chat")
    editor = own.page.locator(".jp-SettingsPanel")
    expect(editor).to_be_visible()
    # One after the other: what is changed while JupyterLab still saves the last change can be lost.
    editor.locator("select[id$='_sendKey']").select_option(label="Ctrl+Enter")
    expect(chat.root.locator(".bcw-keys")).to_have_text("Ctrl+Enter sends · Enter breaks the line")
    editor.get_by_label("Animations").set_checked(False)
    expect(chat.root).to_have_attribute("data-still", "")
    editor.get_by_label("Timeline").set_checked(True)
    expect(views).to_have_count(3)
    expect(views.last).to_have_attribute("data-view", "timeline")
    editor.locator("select[id$='_save']").select_option(label="Nothing")
    expect(own.page.locator(".bcw-saved")).to_have_count(0)
    frames = editor.locator("input[type=number]")
    frames.fill("5")
    frames.blur()
    look_at(own.page, "settings")
    own.page.locator(".lm-TabBar-tab", has_text=own.name).click()
    own.until(lambda: own.evaluate("chat._session.outbox.limits.interval") == 0.2, "the frame rate to reach the kernel")
    chat.message.fill("two")
    chat.message.press("Enter")
    expect(chat.message).to_have_value("two\n")
    chat.message.press("Control+Enter")
    chat.expect_answer("two")
    own.until(lambda: "two" not in (own.save() or saved_text(own)), "nothing of the chat to be saved")

    # After a reload they are as they were set.
    own.reload()
    expect(views).to_have_count(3)
    expect(own.chat().root).to_have_attribute("data-still", "")
    own.execute("chat.close()")


def saved_text(notebook: Notebook) -> str:
    """What the file has of the outputs of its cells."""
    cells = nbformat.read(notebook.jupyter.folder / notebook.name, 4).cells
    return json.dumps([cell.get("outputs") for cell in cells])


@NOTEBOOK7
def test_notebook_7_makes_one_too(notebook: Notebook) -> None:
    """From its File menu; it opens in a tab of its own."""
    page = notebook.page
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.locator(".lm-Menu-item", has_text="New").first.hover()
    item = page.locator(".lm-Menu-item", has_text="New Chat Notebook…")
    look_at(page, "notebook7-menu")
    item.click()
    with page.expect_popup() as opened:
        page.get_by_role("dialog").get_by_role("button", name="Open").click()
    expect(opened.value.locator(".jp-Notebook .jp-CodeCell")).to_have_count(1)
    expect(opened.value.locator(".jp-Notebook .jp-CodeCell")).to_contain_text("BurrChat(demo.application())")
    opened.value.evaluate("window.jupyterapp.shell.currentWidget?.sessionContext?.shutdown()")
