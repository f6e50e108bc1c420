"""`%chat`, `%%chat` and `%burr`: a conversation as a notebook that can be run again from the top."""

# IPython is typed only in part.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Generator
from typing import Any, cast

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class
from IPython.display import display

from burr_chat_widget.errors import BurrChatError, MissingInput
from burr_chat_widget.saved import plain
from burr_chat_widget.session import Turn
from burr_chat_widget.widget import BurrChat

from .below import below
from .chats import Chats
from .failing import CellFailed
from .interrupt import interruptible
from .words import state_lines, told

__all__ = ["COMMANDS", "ChatMagics"]

COMMANDS = ("pause", "step", "continue", "rewind", "state")

_REFRESH = 0.1
"""Seconds between two looks at an answer that grows."""


@magics_class
class ChatMagics(Magics):
    """The magics. Those that run a turn return a coroutine: `extension` puts an `await` before them."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._shell = shell
        self.chats = Chats(cast("dict[str, Any]", shell.user_ns))
        self._sending: set[asyncio.Task[Turn]] = set()

    @line_cell_magic
    def chat(self, line: str, cell: str | None = None) -> Coroutine[Any, Any, None] | None:
        """Show a chat, or send it what is in the cell.

        ::

            %chat app          shows the chat of a Burr application, or a BurrChat
            %chat              shows the one displayed last once more

            %%chat
            Write a poem about rivers

        `%%chat` sends the cell to the chat displayed last and streams the answer below it; `%%chat app` to the chat of that application, or
        to that BurrChat. A turn that is held, at a breakpoint for example, ends the cell: go on with `%burr step` or `%burr
        continue`, or in the chat. One that fails, fails the cell. Interrupting the kernel stops the turn.
        """
        if cell is not None:
            return self._send(self.chats.open(line.strip()), cell.strip("\n"))
        display(self.chats.of(line.strip()))
        return None

    @line_magic
    def burr(self, line: str) -> Coroutine[Any, Any, None] | None:
        """Step through the turn of the chat displayed last, look at its state, go back.

        ::

            %burr pause        holds the running turn before its next action, or the next one before its first
            %burr step         runs one action of the held turn; where none is held, begins one and holds it after its first action
            %burr continue     runs on to a breakpoint or the turn's end
            %burr rewind 7     goes back to where the application was after the step with that sequence id; -1: before the last step
            %burr state        shows the state; %burr state KEY one value of it
        """
        command, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        if command == "step" and not rest:
            return self._go_on(self.chats.open(""), BurrChat.step)
        if command == "continue" and not rest:
            return self._go_on(self.chats.open(""), BurrChat.resume)
        with _errors_in_words():
            if command == "pause" and not rest:
                _pause(self.chats.open(""))
            elif command == "rewind":
                _rewind(self.chats.open(""), rest)
            elif command == "state":
                _say("\n".join(state_lines(self.chats.last(), rest)))
            else:
                raise CellFailed(
                    f"{f'%burr {line}'.strip()}: use one of {', '.join(f'%burr {name}' for name in COMMANDS)}"
                )
        return None

    async def _send(self, chat: BurrChat, text: str) -> None:
        if not text.strip():
            raise CellFailed("there is no prompt: write it into the cell, below %%chat")
        if chat.turns and chat.turns[-1].held is not None:
            raise CellFailed("a turn is held: %burr step and %burr continue go on with it, chat.stop() ends it")
        begun = len(chat.turns)
        sending = asyncio.ensure_future(chat.send(text))
        self._sending.add(sending)  # a turn that is held goes on after the cell
        sending.add_done_callback(self._sending.discard)
        with _errors_in_words():
            turn = await self._follow(chat, sending, begun, until_held=True)
        _check(turn)
        if turn.held is not None or turn.status != "completed" or not turn.text:
            _say(told(turn))

    async def _go_on(self, chat: BurrChat, go: Callable[[BurrChat], Coroutine[Any, Any, Turn]]) -> None:
        runs = bool(chat.turns) and chat.turns[-1].status == "running"
        with _errors_in_words():
            turn = await self._follow(chat, asyncio.ensure_future(go(chat)), len(chat.turns) - runs)
        _check(turn)
        _say(told(turn))

    async def _follow(
        self, chat: BurrChat, running: asyncio.Future[Turn], index: int, *, until_held: bool = False
    ) -> Turn:
        """Show what the turn of that number says from now on, until `running` is done, or it is held."""
        place = below(self._shell)
        before = chat.turns[index].text if index < len(chat.turns) else ""

        def show(turn: Turn, *, last: bool = False) -> None:
            place.show(turn.text.removeprefix(before).lstrip("\n"), last=last)

        try:
            with interruptible(self._shell):
                while not running.done():
                    await asyncio.wait({running}, timeout=_REFRESH)
                    if index < len(chat.turns):
                        show(chat.turns[index])
                        if until_held and chat.turns[index].held is not None:
                            break
            turn = running.result() if running.done() else chat.turns[index]
        except (KeyboardInterrupt, asyncio.CancelledError):
            chat.stop()
            if index < len(chat.turns):
                show(chat.turns[index], last=True)
            raise
        show(turn, last=True)
        return turn


@contextlib.contextmanager
def _errors_in_words() -> Generator[None]:
    """Whoever made the mistake needs no traceback of ours."""
    try:
        yield
    except MissingInput as error:
        sends = "a cell that begins with %%chat sends its text as the prompt, and %burr pause before it holds that turn"
        raise CellFailed(f"{error}; {sends}") from error
    except BurrChatError as error:
        raise CellFailed(str(error)) from error


def _say(text: str) -> None:
    """Print what a model's words may be in."""
    print(plain(text))


def _check(turn: Turn) -> None:
    """Let the cell fail where the turn has."""
    if turn.error is not None:
        raise CellFailed(told(turn), turn.error.traceback or "")


def _pause(chat: BurrChat) -> None:
    chat.pause()
    runs = bool(chat.turns) and chat.turns[-1].status == "running"
    held = "running turn is held before its next action" if runs else "next turn is held before its first action"
    _say(f"The {held}: %burr step and %burr continue go on with it.")


def _rewind(chat: BurrChat, to: str) -> None:
    known = {point.sequence_id: point for point in chat.checkpoints}
    numbers = list(known)
    try:
        number = int(to)
        checkpoint = chat.checkpoints[number - 1] if number < 0 else known[number]
    except (ValueError, KeyError, IndexError) as error:
        kept = " to ".join(map(str, dict.fromkeys([*numbers[:1], *numbers[-1:]]))) or "none yet"
        raise CellFailed(
            f"{f'%burr rewind {to}'.strip()}: give the sequence id of a step that is kept: {kept}"
        ) from error
    chat.rewind(checkpoint)
    _say(f"Back after step {checkpoint.sequence_id}, {checkpoint.action}. What actions did elsewhere stays done.")
