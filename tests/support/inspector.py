"""The page object of the inspector: its parts are found by role and name."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from support.notebook import SLOW, Notebook

KEYS = {"Continue": "F8", "Pause": "F8", "Step": "F10", "Step delta": "F11", "Stop": "Shift+F8"}
"""What is pressed for each button."""

CHORDS = {"Continue": "Control+\\", "Pause": "Control+\\", "Step": "Control+'", "Step delta": "Control+;"}
"""The same where function keys are taken."""


class Inspector:
    """An inspector on the page."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        self.page = root.page
        self.next = root.get_by_role("region", name="What comes next")
        self.conditions = self.next.get_by_role("listitem")
        self.breakpoints = root.get_by_role("list", name="Breakpoints").get_by_role("listitem")
        self.steps = root.get_by_role("option")
        self.chosen = root.locator('[role="option"][aria-selected="true"]')
        self.panel = root.get_by_role("tabpanel")
        self.state = root.get_by_role("tree", name="State")
        self.status = root.get_by_role("status")
        self.note = root.locator(".bcw-control-note")

    def button(self, name: str) -> Locator:
        """The button of that name."""
        return self.root.get_by_role("button", name=name, exact=True)

    def tab(self, name: str) -> Locator:
        """The tab of that name."""
        return self.root.get_by_role("tab", name=name, exact=True)

    def do(self, name: str, how: str = "mouse") -> None:
        """Press a control, with the mouse, with its function key or with its chord."""
        expect(self.button(name)).to_have_attribute("aria-disabled", "false", timeout=SLOW)
        if how == "mouse":
            self.button(name).click()
        else:
            # Wherever the focus is in the widget.
            self.tab("State").or_(self.button("Pause")).first.focus()
            self.page.keyboard.press((KEYS if how == "keys" else CHORDS)[name])

    def step_of(self, action: str) -> Locator:
        """The steps that ran an action."""
        return self.steps.filter(has_text=action)

    def row(self, *keys: str) -> Locator:
        """A row of the state, by its keys from the top: each is unfolded."""
        expect(self.state).to_be_visible(timeout=SLOW)
        for level, key in enumerate(keys[:-1], start=1):
            row = self.state.locator(f'[aria-level="{level}"][data-key="{key}"]')
            expect(row).to_be_visible(timeout=SLOW)
            if row.get_attribute("aria-expanded") == "false":
                row.click()
        return self.state.locator(f'[aria-level="{len(keys)}"][data-key="{keys[-1]}"]')

    def wait_until(self, status: str) -> None:
        """Until the session has this status."""
        expect(self.root).to_have_attribute("data-session-status", status, timeout=SLOW)

    def expect_held(self, words: str) -> None:
        """Wait until the turn is held there."""
        expect(self.status).to_have_text(words, timeout=SLOW)
        self.wait_until("paused")

    def expect_actions(self, *actions: str) -> None:
        """Wait until exactly these were run, in this order."""
        names = self.steps.locator(".bcw-step-action > span:not(.bcw-unseen, .bcw-step-status)")
        expect(names).to_have_text([re.compile(f"^{name}$") for name in actions], timeout=SLOW)


def show_inspector(notebook: Notebook, expression: str = "chat.inspector") -> Inspector:
    """Show it in a cell of its own."""
    root = notebook.run(expression).locator('.bcw[data-view="inspector"]')
    inspector = Inspector(root)
    expect(inspector.next).to_be_visible(timeout=SLOW)
    return inspector
