"""The page object of the timeline: its parts are found by role and name."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Position, expect

from support.notebook import SLOW, Notebook

AXIS, LABEL, ROW, BAND, SIDE = 22, 17, 42, 18, 10
"""Where the rows of a plot are, in pixels: js/src/timeline/layout.ts."""


class Timeline:
    """A timeline, or a comparison, on the page."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        self.page = root.page
        self.plot = root.get_by_role("application")
        """Takes the keys; named "Deltas in time", in a comparison "Turns in time"."""
        self.canvas = self.plot.locator("canvas")
        """`data-deltas`: how many marks there are of deltas; `data-seen`: marks of any kind in sight; `data-drawn`: how many were drawn
        for them; `data-from` and `data-to`: what part of the axis is in sight, in seconds.
        """
        self.turn = root.get_by_role("combobox", name="Turn")
        self.delta = root.get_by_role("region", name="Delta")
        self.figures = root.get_by_role("region", name="Figures")

    def button(self, name: str) -> Locator:
        """The button of that name: Zoom in, Zoom out, Fit."""
        return self.root.get_by_role("button", name=name, exact=True)

    def press(self, *keys: str) -> None:
        """Press keys on the plot."""
        self.plot.focus()
        for key in keys:
            self.page.keyboard.press(key)

    def seen(self) -> tuple[float, float]:
        """What part of the axis is in sight, in seconds."""
        expect(self.canvas).to_have_attribute("data-from", re.compile(r"\d"), timeout=SLOW)
        start, end = self.canvas.evaluate("({ dataset }) => [Number(dataset.from), Number(dataset.to)]")
        return start, end

    def number(self, name: str) -> int:
        """`deltas`, `seen` or `drawn`."""
        return int(self.canvas.get_attribute(f"data-{name}") or -1)

    def place(self, row: int, time: float) -> Position:
        """Where on the canvas a time of a row is."""
        width = self.canvas.evaluate("(canvas) => canvas.clientWidth")
        start, end = self.seen()
        x = SIDE + (time - start) / (end - start) * (width - 2 * SIDE)
        return {"x": x, "y": AXIS + row * ROW + LABEL + BAND / 2}

    def expect_deltas(self, count: int) -> None:
        """Wait until so many are drawn."""
        expect(self.canvas).to_have_attribute("data-deltas", str(count), timeout=SLOW)


def show_timeline(notebook: Notebook, expression: str = "chat.timeline") -> Timeline:
    """Show it in a cell of its own."""
    root = notebook.run(expression).locator('.bcw:is([data-view="timeline"], [data-view="comparison"])')
    expect(root.locator(".bcw-timeline")).to_be_visible(timeout=SLOW)
    return Timeline(root)
