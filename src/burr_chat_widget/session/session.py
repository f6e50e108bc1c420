"""One conversation with one application: where everything that is done with it comes in."""

from __future__ import annotations

import concurrent.futures
import contextlib
import contextvars
import functools
import logging
import weakref
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from burr_chat_widget.bridge import (
    Breakpoints,
    DeltaOption,
    Holds,
    Redaction,
    RedactOption,
    Render,
    TurnControl,
    check_application,
    check_constants,
    check_prompt,
    infer_history,
    read_option,
    recalled_messages,
    take_snapshot,
)
from burr_chat_widget.protocol.commands import Inspect, Log
from burr_chat_widget.protocol.events import Notice
from burr_chat_widget.protocol.frames import Inspected, Logged
from burr_chat_widget.protocol.view import Composer
from burr_chat_widget.store import Conversation, free_of_threads
from burr_chat_widget.transport.comm import cell_context, shown_under
from burr_chat_widget.transport.loops import Runner, new_loop
from burr_chat_widget.transport.outbox import Outbox
from burr_chat_widget.transport.recurring import has_threads

from .branches import App, Branch, Branches
from .checkpoints import Checkpoints
from .faults import ModelFaults
from .front import Front, Stamp, stamp
from .keeping import Keeping
from .lookups import Lookups, look_into, look_up
from .options import Options, checked_render, checked_suggestions, checked_title
from .pages import Pages
from .past import Past
from .recorder import Recorder
from .turn import Sending, Turn
from .turns import GoOn, Turns

__all__ = ["ChatSession", "checked_pace"]

logger = logging.getLogger(__name__)


def checked_pace(seconds: float) -> float:
    """For how long a generator is held at each delta, in seconds.

    Raises:
        ValueError: if that is no number, or not from 0 to 60.
    """
    number = cast(object, seconds)
    if not isinstance(number, int | float) or isinstance(number, bool) or not 0 <= number <= 60:
        raise ValueError(f"pace={seconds!r} is not from 0 to 60 seconds at each delta")
    return float(number)


class ChatSession(Lookups):
    """One running turn at a time of one application, and what there is to see of it.

    Python's calls come in here, a page's at `pages`; both end on the loop's thread, where `Turns` runs what is asked for and
    `Past` goes back. What becomes of it goes out through `outbox`.

    Args:
        turns: what the names of its turns begin with: unique where several sessions show one conversation.
        app, others: see `burr_chat_widget.BurrChat`.

    Attributes:
        explain: says to pages why what they asked for was not carried out.

    Raises:
        NotAnApplication: if `app` is not a built Burr application.
        ConventionError: if what is the history cannot be told, or an override names nothing that is there.
        ValueError: if there is no such runner.
        TypeError: if title, suggestions, render or redact are nothing of that kind.
    """

    def __init__(
        self,
        app: App,
        *,
        prompt: str | None = None,
        history: str | None = None,
        delta: DeltaOption = None,
        render: Render | None = None,
        inputs: Mapping[str, Any] | None = None,
        suggestions: Sequence[str] = (),
        title: str | None = None,
        runner: Runner = "thread",
        breakpoints: Collection[str] = (),
        checkpoints: int = 1000,
        redact: RedactOption = None,
        coalesce: bool = True,
        turns: str = "t",
    ) -> None:
        runner = runner if has_threads() else "kernel"
        check_application(app)
        check_prompt(app, prompt)
        check_constants(app, inputs or ())
        read_option(delta)
        self.redaction = Redaction(redact)
        self.title = checked_title(title)
        options = Options(
            prompt=prompt,
            history=history,
            delta=delta,
            render=checked_render(render),
            inputs=dict(inputs or {}),
            suggestions=checked_suggestions(suggestions),
            title=self.title,
            runner=runner,
            redaction=self.redaction,
            coalesce=coalesce,
            turns=turns,
        )
        self.explain: Callable[[Exception], str] = str
        self._options = options
        self._loop = new_loop(runner)
        self._made = cell_context()
        self._shown: contextvars.Context | None = None
        if runner == "thread":
            free_of_threads(app)
        self.branches = Branches(Branch("b1", app, Checkpoints(take_snapshot(app), checkpoints)))
        self.breakpoints = Breakpoints([action.name for action in app.graph.actions], self._tell_controls)
        self._holds = Holds(self.breakpoints)
        self.faults = ModelFaults(app, options.inputs, self._tell_controls, self.remark)
        self._front = Front(self.branches, self._holds, self.faults, options)
        self._front.outbox.listen(self.faults.hear)
        self._keeping = Keeping()
        self._recorders: weakref.WeakSet[Recorder] = weakref.WeakSet()
        self._turns = Turns(self.branches, self._holds, self._front, self._keeping, options)
        self.past = Past(self._loop, self.branches, self._turns, self._front, self._keeping, options)
        self.pages = Pages(self)
        for action in breakpoints:
            self.breakpoints.add(action)

    def keep(self, conversation: Conversation) -> None:
        """Keep what happens from now on in the conversation that the application was made by.

        What its steps tell of earlier turns is shown, where the application's state holds no messages.
        """
        self._keeping.begin(conversation)
        conversation.tell(self.remark)
        self.pages.recall(conversation.asked)
        options = self._options
        if infer_history(self.app, options.history) is not None:
            return
        found = recalled_messages(
            self.app,
            conversation.turns(),
            prompt=options.prompt,
            render=options.render,
            redaction=self.redaction,
        )
        if found:
            view = self.outbox.view()
            view.messages = found
            self.outbox.replace(view)

    @property
    def app(self) -> App:
        """The application of the branch that is shown."""
        return self.branches.shown.app

    @property
    def turns(self) -> list[Turn]:
        """The turns of the branch that is shown."""
        return self.branches.shown.turns

    @property
    def checkpoints(self) -> Checkpoints:
        """The checkpoints of the branch that is shown."""
        return self.branches.shown.checkpoints

    @property
    def running(self) -> Turn | None:
        """The running turn."""
        return self._turns.running

    @property
    def outbox(self) -> Outbox:
        """Where what is told goes out."""
        return self._front.outbox

    @property
    def composer(self) -> Composer:
        """What the composer can do now."""
        return self._front.composer

    # From any thread.

    def begin(self, text: str | None, inputs: Mapping[str, Any], *, request: str | None = None) -> Sending:
        """Begin a turn. `turn-started` gives `request` back.

        The future raises `TurnRunning` when a turn runs, and what `inputs_given` raises when these are not what the next action
        takes.
        """
        control = TurnControl()
        future = self._from_cell(functools.partial(self._turns.begin, text, inputs, request=request, control=control))
        return Sending(future, functools.partial(self._loop.call, control.stop))

    def let(self, how: GoOn) -> concurrent.futures.Future[Turn]:
        """Let the held turn go on; where none runs, begin one without inputs. The future holds it when it is held again or has ended.

        It raises what that of `begin` raises.
        """
        return self._from_cell(functools.partial(self._turns.go_on, how))

    def _from_cell(self, make: Callable[[], Coroutine[Any, Any, Turn]]) -> concurrent.futures.Future[Turn]:
        context = cell_context()
        if self._shown is not None:
            context = shown_under(self._shown, context)
        return self._loop.submit(make, context)

    def submit(self, make: Callable[[], Coroutine[Any, Any, Any]]) -> concurrent.futures.Future[Any]:
        """Run a coroutine for a page, on the loop's thread.

        Raises:
            RuntimeError: if the chat is closed, or there is no loop.
        """
        return self._loop.submit(make, self._shown or self._made)

    def shown(self) -> None:
        """The chat is displayed by the cell that runs now: from now on what actions print lands there.

        Until then it lands under the cell that calls `begin`.
        """
        self._shown = cell_context()

    def stop(self, turn: str | None = None) -> None:
        """Let the running turn end as stopped, or one that was asked for and has not begun, if it is that one. Else nothing happens."""
        self._loop.call(functools.partial(self._turns.stop_soon, turn))

    def pause(self, *, off: bool = False) -> None:
        """Hold the running turn, or the next one, before its next action; with `off`, do not."""
        self._holds.pause(off=off)
        self._tell_controls()

    def look(self) -> None:
        """Show what comes next anew, if no turn runs and somebody has changed the application's state: Burr tells nobody.

        Returns at once; where nothing was changed, after next to nothing.
        """
        if self.running is None and self._front.is_stale():
            with contextlib.suppress(RuntimeError):  # the chat is closed, or has no loop, and so no page
                self.submit(self._turns.look)

    def inspect(self, command: Inspect) -> Inspected:
        """What a page wants to look into."""
        self.look()
        branch = self.branches.shown if command.branch is None else self.branches.get(command.branch)
        if branch is None:
            return Inspected(client=command.client, request=command.request, error="There is no such branch.")
        other = self.branches.get(command.against) if command.against is not None else None
        against = (branch if other is None else other).app.state
        return look_into(command, branch.checkpoints, self.redaction, branch.app.state, against)

    @property
    def pace(self) -> float:
        """Seconds for which the running action's generator is held at each delta."""
        return self._holds.pace

    def set_pace(self, seconds: float) -> None:
        """Hold the running action's generator for so many seconds at each delta; 0 for not at all."""
        self._holds.pace = checked_pace(seconds)
        self._tell_controls()

    def log(self, command: Log) -> Logged:
        """What a page wants to know of how a turn went."""
        return look_up(command, self.turns)

    def record(self, path: Path, *, turns: Sequence[Turn] = (), overwrite: bool = False) -> Recorder:
        """Write what happens from now on into a file, and these turns that are over."""
        recorder = Recorder(
            path,
            outbox=self.outbox,
            branches=self.branches,
            redaction=self.redaction,
            remark=self.remark,
            turns=turns,
            overwrite=overwrite,
        )
        self._recorders.add(recorder)
        return recorder

    def remark(self, text: str) -> None:
        """Say something in the chat that the reader should know."""
        logger.warning(text)
        self.outbox.put(Notice(**self.stamp(), level="warning", text=text))

    def close(self) -> None:
        """Stop what runs, and take no more turns."""
        self.stop()
        self._loop.close()
        for recorder in self._recorders:
            recorder.finish()
        self._keeping.close(self._loop.ended)

    def stamp(self) -> Stamp:
        """Time and turn of what is told now."""
        return stamp(self.running.key if self.running is not None else "")

    def _tell_controls(self) -> None:
        self._front.tell_controls()

    # On the loop's thread, for pages.

    async def send(self, text: str | None, inputs: Mapping[str, Any], *, request: str) -> Turn:
        """Run a turn with what a person said and filled in."""
        return await self._turns.begin(text, inputs, request=request, typed=True)

    async def go_on(self, how: GoOn, request: str, may_begin: bool = True) -> None:
        """See `Turns.go_on_for`."""
        await self._turns.go_on_for(request, how, may_begin=may_begin)

    async def restart(self) -> None:
        """Begin again at the entrypoint, where the application has ended."""
        self._turns.check_free()
        self.app.reset_to_entrypoint()
        self._front.tell_composer()
