"""What a notebook user writes to see a stream grow: each way as the source of two cells, one that prepares, one that shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Start = Literal["cell", "task", "thread"]

STARTS: dict[Start, str] = {
    "cell": "await show(stream.deltas({rate}, {count}))",
    "task": "task = asyncio.create_task(show(stream.deltas({rate}, {count})))",
    "thread": "threading.Thread(target=asyncio.run, args=(show(stream.deltas({rate}, {count})),)).start()",
}
"""A cell that awaits the stream; a task and a thread, which leave the notebook free for another cell."""

IMPORTS = "import anywidget, asyncio, html, ipywidgets, threading, time, traitlets\nfrom bench import stream\n"


@dataclass(frozen=True)
class Way:
    """A way to show a stream.

    Attributes:
        name: as the table says it.
        prepare: source of the cell that displays what there is to display, and defines `show`.
        threads: whether it works from a thread too.
    """

    name: str
    prepare: str
    threads: bool = False

    def start(self, how: Start, rate: int, count: int) -> str:
        """Source of the cell that shows the stream."""
        return STARTS[how].format(rate=rate, count=count)


def _each(line: str, *, before: str = "", after: str = "") -> str:
    body = [*before.splitlines(), "async for delta in deltas:", *(f"    {each}" for each in line.splitlines())]
    return "async def show(deltas):\n" + "\n".join(f"    {each}" for each in [*body, *after.splitlines()]) + "\n"


_SAYS = """
class Says(anywidget.AnyWidget):
    _esm = '''export default { render({ model, el }) {
        const text = document.createElement("div");
        text.style.whiteSpace = "pre-wrap";
        el.append(text);
        model.on("msg:custom", ({ delta }) => text.append(delta));
    } }'''
says = Says()
display(says)
"""

_SHOWS = """
class Shows(anywidget.AnyWidget):
    text = traitlets.Unicode("").tag(sync=True)
    _esm = '''export default { render({ model, el }) {
        const text = document.createElement("div");
        text.style.whiteSpace = "pre-wrap";
        el.append(text);
        model.on("change:text", () => { text.textContent = model.get("text"); });
    } }'''
shows = Shows()
display(shows)
"""

PRINT = Way("print", _each('print(delta, end="", flush=True)'))

MARKDOWN = Way(
    "display(Markdown), updated",
    "from IPython.display import Markdown\n"
    + _each(
        "text += delta\nshown.update(Markdown(text))",
        before='text = ""\nshown = display(Markdown(text), display_id=True)',
    ),
)

OUTPUT = Way(
    "ipywidgets.Output, appended",
    "output = ipywidgets.Output()\ndisplay(output)\n" + _each("output.append_stdout(delta)"),
)

HTML = Way(
    "ipywidgets.HTML",
    "shown = ipywidgets.HTML()\ndisplay(shown)\n"
    + _each(
        "text += html.escape(delta)\nshown.value = f'<div style=\"white-space: pre-wrap\">{text}</div>'",
        before='text = ""',
    ),
)

TRAIT = Way("anywidget, one trait", _SHOWS + _each("shows.text += delta"))

MESSAGE = Way("anywidget, one message a delta", _SAYS + _each('says.send({"delta": delta})'), threads=True)

BATCH = Way(
    "anywidget, a batch every 33 ms",
    _SAYS
    + _each(
        "batch += delta\n"
        "if time.monotonic() - sent > 0.033:\n"
        '    says.send({"delta": batch})\n'
        '    batch, sent = "", time.monotonic()',
        before='batch, sent = "", 0.0',
        after='says.send({"delta": batch})',
    ),
    threads=True,
)

RIVALS = (PRINT, MARKDOWN, OUTPUT, HTML, TRAIT, MESSAGE, BATCH)

CHAT = """
from bench import stream
from burr_chat_widget import BurrChat
chat = BurrChat(stream.application())
chat
"""
