"""The chat: an anywidget model that carries the front end, and delegates everything else to the session."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, cast

import anywidget
import msgspec

from burr_chat_widget.bridge import (
    Breakpoints,
    DeltaOption,
    RedactOption,
    Render,
    clean,
)
from burr_chat_widget.errors import RecordingError
from burr_chat_widget.protocol.commands import Asset, Hello, Inspect, Log, Prefer, decode_command
from burr_chat_widget.protocol.frames import AssetReply
from burr_chat_widget.protocol.recording import Recording
from burr_chat_widget.saved import to_markdown, to_page
from burr_chat_widget.session import (
    App,
    Branch,
    ChatSession,
    Checkpoint,
    GoOn,
    ModelFaults,
    Recorder,
    ReplaySession,
    Turn,
    write_case,
    write_whole,
)
from burr_chat_widget.store import Build, Conversation, Store, open_place, prepared_builder
from burr_chat_widget.transport.comm import incoming, outgoing, post, route_by_page
from burr_chat_widget.transport.loops import Runner
from burr_chat_widget.transport.pump import Pump

from .cells import after_cells
from .front_end import asset, close_widget, front_end
from .of_class import OfClass
from .saved_output import Save, SavedOutputs, check_save
from .view import ChatView, TimelineView

__all__ = ["BurrChat"]


class BurrChat(anywidget.AnyWidget):
    """Any Burr application, chatted with and watched in a notebook cell.

    Display it to chat; its state machine lights up beside the conversation. Typing in the composer and `await
    chat.send(...)` are the same turn. Works without a front end too: in scripts, pytest, nbclient.

    Args:
        app: a built Burr application.
        prompt: name of the input that takes what a person types. Inferred from the next action's inputs.
        history: state key that holds the messages. Inferred from the state.
        delta: where in a streamed item its text is: a key, a path such as `choices.0.delta.content`, or a function from the item to
            text or None. A mapping says it for `text`, `reasoning` and `tool`. Inferred.
        render: a function from an item of the history, or a result, that is of no kind of ours to Markdown; None leaves it as it is.
        inputs: values for inputs that are not typed: clients, stores, settings.
        suggestions: prompts to offer while the conversation is empty.
        title: heading of the chat.
        runner: `thread` runs turns on a loop of their own, so that they go on while a cell runs; `kernel` on the kernel's
            loop, for objects bound to it, and always where Python has no threads, as in the browser.
        breakpoints: names of actions to hold turns before; see `breakpoints` for more.
        checkpoints: how many steps are kept to look into and to go back to.
        redact: which values of state and inputs are in no page, no saved notebook and no recording: names of keys, besides those that
            look like credentials; or a function of a key and its value, which decides alone; False hides nothing. A store has them.
        save: what the notebook's file keeps: `replay`, all that it takes to read, look into and replay the chat without a kernel, at most
            a megabyte; `transcript`, what was said and a picture of the state machine; `nothing`. A reader may prefer another in
            JupyterLab's settings.
        coalesce: False lets every delta travel in a message of its own, and at once: to see what putting them together is for. For
            lessons only: a delta then costs some 500 bytes and the page's work for a message, and of a fast stream the page falls
            behind the kernel. Where a page has not caught up for a quarter of a second, what waits is put together all the same.

    Raises:
        NotAnApplication: if `app` is not a built Burr application.
        ConventionError: if what is the history or the prompt cannot be told, or a breakpoint names no action.
        ValueError: if `save` or `runner` is none of those.
        TypeError: if `title`, `suggestions`, `render` or `redact` is nothing of that kind.

    Example:
        >>> from burr_chat_widget import BurrChat, demo
        >>> chat = BurrChat(demo.application())
        >>> turn = await chat.send("Write a poem about rivers")
        >>> turn.status, turn.actions[-1]
        ('completed', 'generate_poem')
    """

    _esm = front_end("widget.js")
    _css = front_end("widget.css")

    def __init__(
        self,
        app: App = None,  # pyright: ignore[reportArgumentType] -- without one the session says what to pass
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
        save: Save = "replay",
        coalesce: bool = True,
    ) -> None:
        self._options: dict[str, Any] = {
            "prompt": prompt,
            "history": history,
            "delta": delta,
            "render": render,
            "inputs": inputs,
            "suggestions": suggestions,
            "title": title,
            "runner": runner,
            "checkpoints": checkpoints,
            "redact": redact,
            "coalesce": coalesce,
        }
        check_save(save)
        self._begin(ChatSession(app, breakpoints=breakpoints, **self._options), save)

    def _begin(self, session: ChatSession, save: Save) -> None:
        """Become a widget that shows the session."""
        self._session = session
        self._pump: Pump | None = None
        self._views: dict[str, ChatView] = {}
        self._end_looks: Callable[[], object] = lambda: None
        super().__init__()
        route_by_page(self.comm)
        self._pump = Pump(self._session.outbox, self._post)
        widget = cast(Any, self)
        self._saved = SavedOutputs(
            save,
            widget.model_id,
            key=widget.layout.model_id,
            outbox=session.outbox,
            ask=session.answer,
            later=self._pump.soon,
        )
        cast(Any, self).on_msg(self._on_message)
        # What comes after a cell, a program that runs notebooks does not see.
        self._end_looks = after_cells(session.look, self._pump.settle)

    @OfClass
    def open(  # pyright: ignore[reportIncompatibleMethodOverride] -- on instances it is the one of ipywidgets
        cls: type[BurrChat],  # pyright: ignore[reportGeneralTypeIssues] -- `OfClass` binds it to the class
        build: Build,
        *,
        app_id: str,
        store: Store | None = None,
        partition_key: str | None = None,
        **options: Any,
    ) -> BurrChat:
        """Chat in a conversation that stays: the same call takes it up again, after a kernel restart too.

        The transcript comes back from the history in the application's state; without one, the answers come back that its steps
        have written. What the state does not hold is gone: answers that were stopped or failed, and deltas. The application goes on
        where it asked the person for something.

        In one kernel a conversation has one chat: opening it again closes the one before, whose running turn is stopped. Where
        another kernel has continued it, a chat says so and takes no more turns until it is opened again. Where one cannot be opened,
        the one before stays as it is.

        Args:
            build: a function that returns an application builder, or a builder: with actions, state and entrypoint, without
                persister, and without `.build()`. Its tracker and hooks are kept; its identifiers are replaced.
            app_id: the conversation's name, and Burr's id of the application.
            store: where conversations are kept. By default the SQLite file `burr-chats.sqlite` in the notebook's folder; else
                a path of one, `postgresql://...`, `redis://...`, or one of Burr's persisters. An async one that connects when
                it is made is passed without `await`: `store=AsyncPostgreSQLPersister.from_values(...)`.
            partition_key: what the conversation belongs to, such as a user: the same `app_id` under another key is another
                conversation.
            options: those of `BurrChat`.

        Raises:
            NotABuilder: if `build` makes no application builder, or one with a persister of its own.
            StoreError: if the store cannot be opened, or is none, or what it holds cannot be read.
            ConventionError: see `BurrChat`.

        Example:
            >>> def chatbot():
            ...     return ApplicationBuilder().with_actions(...).with_transitions(...).with_entrypoint("prompt")
            >>> chat = BurrChat.open(chatbot, app_id="rivers")
        """
        builder = prepared_builder(build)
        conversation = Conversation(open_place(store), app_id, partition_key)
        taken: dict[str, Any] = {"prompt": options.get("prompt"), "constants": options.get("inputs") or ()}
        try:
            before = cls._conversations.get(conversation.key)
            if before is not None:
                # It is closed when nothing stands in the way of the new one; what it saves until then is not missed.
                of_session = {name: value for name, value in options.items() if name != "save"}
                ChatSession(conversation.rehearse(builder, **taken), **of_session).close()
                before.close()
            chat = cls(conversation.begin(builder, **taken), **options)
        except BaseException:
            conversation.close()
            raise
        chat._session.keep(conversation)
        cls._conversations[conversation.key] = chat
        return chat

    _conversations: ClassVar[weakref.WeakValueDictionary[tuple[str, str, str], BurrChat]] = (
        weakref.WeakValueDictionary()
    )
    # The chats of this kernel, by store, partition key and app id.

    _displayed: ClassVar[weakref.ref[BurrChat] | None] = None

    @classmethod
    def displayed(cls) -> BurrChat | None:
        """The chat of this kernel that was displayed last, if it is still there."""
        return None if cls._displayed is None else cls._displayed()

    @classmethod
    def replay(cls, path: str | Path, *, partial: bool = False, save: Save = "replay") -> BurrChat:
        """Show a recording, without application, model or key: chat, graph and inspector are as they were, the timeline replays it.

        `turns` and `checkpoints` are there too. What would need an application (`send`, `step`, `fork`, ...) raises `NoApplication`.

        Args:
            path: a file that `record` has written.
            partial: show what is before the first line that is wrong, and say so in the chat.
            save: see `BurrChat`.

        Raises:
            OSError: if there is no such file.
            RecordingError: if it is no recording, or a line of it is wrong; `recording` is what is before it.

        Example:
            >>> chat = BurrChat.replay("lesson.jsonl")
            >>> chat.turns[0].text
        """
        broken = None
        try:
            recording = Recording.read(path)
        except RecordingError as error:
            if not partial or error.recording is None:
                raise
            recording, broken = error.recording, str(error)
        check_save(save)
        chat = cls.__new__(cls)
        chat._options = {}
        chat._begin(cast("ChatSession", ReplaySession(recording, broken=broken)), save)  # all that is asked of one here
        return chat

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        token: str | None = None,
        app_id: str | None = None,
        project_id: str = "notebook",
        save: Save = "replay",
    ) -> BurrChat:
        """Chat with an application that a server has: the same views, over HTTP.

        It is the conversation of everybody who has it open there: what others ask is shown here too. `send`, `stop`, `turns` and the
        views do what they always do. Holding and stepping, looking into the state and going back are done where the server allows it
        (its `expose=`), and refused in its words where not. What needs the application itself, such as `app` and `fork`, raises
        `NoApplication`.

        While the server is away the composer says so; a `send` whose turn has begun waits for it, any other raises. When it is back, the
        conversation goes on where it was: nothing is lost, and nothing is shown or done twice. A turn that the server has forgotten,
        since it was killed in the middle of it, is failed.

        Args:
            url: the server's address, such as `http://127.0.0.1:8000`, with its router's prefix if it has one; or a conversation's own,
                as the browser shows it.
            token: what the server wants to be shown; also taken from the address, where `?token=` is in it.
            app_id: which conversation; a new one when left out.
            project_id: what the conversation belongs to, where the address does not say.
            save: see `BurrChat`. What the server alone knows, such as values of the state, is not kept.

        Raises:
            ServerError: if the server cannot be reached, does not let one in, or is none of burr-chat-widget.
            ValueError: if that is no address, or no name of a conversation.
            ImportError: if `httpx` is not installed.

        Example:
            >>> chat = BurrChat.connect("http://127.0.0.1:8000", app_id="rivers")
            >>> turn = await chat.send("Write a poem about rivers")
        """
        try:
            from burr_chat_widget.connect import RemoteSession, address_of
        except ModuleNotFoundError as error:
            if error.name != "httpx":
                raise
            raise ImportError(
                "BurrChat.connect needs httpx; install it: pip install 'burr-chat-widget[connect]'"
            ) from error
        check_save(save)
        address, in_url = address_of(url, app_id=app_id, project_id=project_id)
        remote = RemoteSession(address, in_url if token is None else token)
        chat = cls.__new__(cls)
        chat._options = {}
        chat._begin(cast("ChatSession", remote), save)  # all that is asked of one here
        return chat

    def record(self, path: str | Path, *, turns: Sequence[Turn] = (), overwrite: bool = False) -> Recorder:
        """Write every event of the turns from now on into a file, as it happens; one that runs now is in it from its beginning.

        The file has one JSON object to a line (docs/recordings.md) and is shown again by `BurrChat.replay`. Values of the state,
        inputs and results are in it; those that are redacted are not. A kernel that is killed leaves a file that can be replayed. Where
        the disk is full or gone, the chat says so once, and goes on.

        Args:
            path: the file. It is made at once.
            turns: turns that are over and shall be in it too: the last ones, without gaps, such as `chat.turns`.
            overwrite: whether it may take the place of a file that is there.

        Returns:
            What writes it: `stop()` ends it, and so does leaving a `with` block.

        Raises:
            RecordingError: if there is such a file already, or it cannot be made.
            ValueError: if `turns` are not the last ones of this chat.

        Example:
            >>> with chat.record("lesson.jsonl"):
            ...     await chat.send("What is a delta?")
        """
        return self._session.record(Path(path), turns=turns, overwrite=overwrite)

    @property
    def app(self) -> App:
        """The application."""
        return self._session.app

    @property
    def turns(self) -> list[Turn]:
        """The turns so far, the running one included."""
        return list(self._session.turns)

    @property
    def graph(self) -> ChatView:
        """The state machine alone, for another cell."""
        return self._view("graph")

    @property
    def inspector(self) -> ChatView:
        """The steps, what each did to the state, and the controls to step with, for another cell."""
        return self._view("inspector")

    @property
    def timeline(self) -> TimelineView:
        """Every delta in time, how it travelled, and the same again at any speed, for another cell; figures and tables for Python."""
        return cast("TimelineView", self._view("timeline", TimelineView))

    @property
    def quiz(self) -> ChatView:
        """The state machine with a question, for another cell: turns are held, and the reader predicts which action runs next."""
        return self._view("quiz")

    @property
    def branches(self) -> list[Branch]:
        """The ways that the conversation went: editing a prompt or retrying an answer in the chat begins another one.

        Of more than fifty, those that were not shown for longest are forgotten.
        """
        return list(self._session.branches)

    @property
    def breakpoints(self) -> Breakpoints:
        """Where turns are held: `add`, `remove`, `clear`."""
        return self._session.breakpoints

    @property
    def pace(self) -> float:
        """Seconds for which the running action's generator is held at each delta, from 0 to 60: the source itself is slowed down.

        A timeout that the action has set goes on meanwhile.
        """
        return self._session.pace

    @pace.setter
    def pace(self, seconds: float) -> None:
        self._session.set_pace(seconds)

    @property
    def faults(self) -> ModelFaults:
        """What can be made to go wrong with the model, where it is the offline one."""
        return self._session.faults

    @property
    def checkpoints(self) -> Sequence[Checkpoint]:
        """Where the application was after each step, oldest first."""
        return self._session.checkpoints

    def _view(self, name: str, kind: type[ChatView] = ChatView) -> ChatView:
        if name not in self._views:
            self._views[name] = kind(chat=self, view=name)
        return self._views[name]

    async def send(self, text: str | None = None, /, **inputs: Any) -> Turn:  # pyright: ignore[reportIncompatibleMethodOverride] -- the page's messages go through the pump
        """Run one turn, as if `text` had been typed into the composer and `inputs` filled into its form.

        A turn that is stopped or fails is returned like any other: see its `status` and `error`. Cancelling the call
        stops the turn, also where it has not begun.

        Args:
            text: what the person says, for applications whose next action takes a text.
            inputs: inputs of this turn by name. Those of the next action are validated and converted, as a form's are: `amount="3"`
                does for an `int`.

        Returns:
            The turn, when it has ended.

        Raises:
            TurnRunning: if a turn runs already.
            ConventionError: if there is a text and the next action takes none, or several.
            InvalidInput: if an input is none that the action takes; `fields` says which and why. Nothing has run.
            MissingInput: if the next action needs an input that nobody gave. Nothing has run.
            ApplicationEnded: if no action comes next: `chat.app.reset_to_entrypoint()` begins again.
        """
        if text is not None and not isinstance(cast(object, text), str):
            raise TypeError(f"{text!r} is no text; pass what is no text by the name of its input")
        sending = self._session.begin(text, inputs)
        try:
            return await asyncio.wrap_future(sending.future)
        except asyncio.CancelledError:
            sending.stop()
            raise

    def stop(self) -> None:
        """End the running turn, or one just asked for, as stopped: what was said so far stays visible, the application's state is as before the turn."""
        self._session.stop()

    def pause(self, *, off: bool = False) -> None:
        """Hold the running turn before its next action; where none runs, the next one before its first.

        A turn that is held keeps `send` waiting. Where the running turn is stopped, it is not asked of the next one.

        Args:
            off: take that back, as long as no turn is held.
        """
        self._session.pause(off=off)

    async def step(self) -> Turn:
        """Let the held turn run one action. Where none runs, begin one without inputs, and hold it after its first action.

        Returns:
            The turn, when it is held again or has ended.

        Raises:
            MissingInput: if no turn runs and the next action needs an input: `pause()` and `send(...)` begin a held one.
            ApplicationEnded: if no turn runs and no action comes next.
        """
        return await self._let("step")

    async def step_delta(self) -> Turn:
        """Let the held turn go on to its next delta, at which the action's generator is held. Else as `step`.

        A timeout that the action has set goes on meanwhile; when it runs out, the turn is stopped.
        """
        return await self._let("step-delta")

    async def resume(self) -> Turn:
        """Let the held turn go on to a breakpoint or its end. Else as `step`."""
        return await self._let("resume")

    async def _let(self, how: GoOn) -> Turn:
        await asyncio.sleep(0)  # a task with `send` that was made just before begins first
        return await asyncio.wrap_future(self._session.let(how))

    def rewind(self, checkpoint: Checkpoint, *, state: Mapping[str, Any] | None = None) -> None:
        """Go back to a checkpoint: the same application goes on from there, with `step`, `resume` or `send`.

        Undoes state, not side effects: what actions did outside of it stays done. A turn that is held is stopped, as when a page goes
        back, and waited for, some seconds at most; so is one that was just asked to stop. With `runner="kernel"` a turn ends when the
        cell has: stop it, and rewind in the next one.

        Args:
            checkpoint: one of `checkpoints`.
            state: values of the state that shall be others, by key; a typed state validates them.

        Raises:
            TurnRunning: if a turn runs and is not held: stop it first.
            NoCheckpoint: if it is none of this chat's, or was forgotten.
            InvalidInput: if the state cannot be changed so.
        """
        self._session.past.rewind(checkpoint, state or {})

    def fork(
        self, checkpoint: Checkpoint, *, state: Mapping[str, Any] | None = None, app_id: str | None = None
    ) -> BurrChat:
        """A chat of its own that goes on from a checkpoint, with the conversation so far; this one stays as it is, a turn of it too.

        Its application has a new id; Burr records where it comes from. What persists the steps of this application persists those
        of the fork too, under that id.

        Args:
            checkpoint: one of `checkpoints`.
            state: values of the state that shall be others, by key; a typed state validates them.
            app_id: the id of the new application, made up when None.

        Raises:
            NoCheckpoint: if it is none of this chat's, or was forgotten.
            InvalidInput: if the state cannot be changed so.
        """
        forked = self._session.past.fork_of(checkpoint, state or {}, app_id)
        chat = BurrChat(forked.app, save=self._saved.own, **self._options)
        chat._session.past.take_over(forked)
        for point in self.breakpoints:
            chat.breakpoints.add(point.action, when=point.when, condition=point.condition)
        return chat

    def to_test(self, step: Checkpoint | int, folder: str | Path = ".") -> Path:
        """Write a step as a test case, in the format of Burr's own: the states before and after it, and a pytest module.

        Args:
            step: one of `checkpoints`, or a sequence id.
            folder: where the files go: `test_ACTION.json`, to which further cases of the action are added, and `test_ACTION.py`.

        Returns:
            The module's path.

        Raises:
            NoCheckpoint: if the step is not kept, or did not end.
            BurrChatError: if its states cannot be written as JSON and read again.
        """
        number = step if isinstance(step, int) else step.sequence_id
        return write_case(self._session.branches.shown, number, Path(folder), self._session.redaction)

    @property
    def closed(self) -> bool:
        """Whether the chat was closed: it takes no more turns."""
        return cast(Any, self).comm is None

    def close(self) -> None:
        """Stop what runs and take the chat off every page."""
        if not hasattr(self, "_session"):
            return  # `__init__` raised; ipywidgets closes a widget when it is deleted
        self._end_looks()
        self._session.close()
        if self._pump is not None:
            self._pump.close()
        self._saved.finish()
        for view in self._views.values():
            view.close()
        close_widget(self, super().close)

    def to_markdown(self) -> str:
        """What was said, as Markdown: without HTML, and nothing in it is fetched by whoever renders it."""
        return to_markdown(self._session.outbox.view())

    def to_html(self, path: str | Path) -> Path:
        """Write the conversation as a page of its own: one file that a browser opens, with the views, and all that they show, in it.

        It can be read, looked into and replayed like the chat itself, without a server or a network. What is redacted is not in it.
        A file that is there is replaced, or stays as it was where that fails. Without scripts it shows what was said, and a picture of
        the state machine.

        Args:
            path: the file, such as `chat.html`.

        Returns:
            The path.

        Raises:
            OSError: if there cannot be such a file.

        Example:
            >>> chat.to_html("chat.html")
        """
        path = Path(path)
        page = to_page(self._session.outbox.view(), self._session.answer)
        write_whole(path, clean(page).encode())
        return path

    def __repr__(self) -> str:
        turns = len(self._session.turns)
        closed = ", closed" if self.closed else ""
        return f"<BurrChat {self._session.title!r}: {turns} turn{'' if turns == 1 else 's'}{closed}>"

    def _ipython_display_(self) -> None:
        self._saved.show_chat(self._repr_mimebundle_())

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        self._session.shown()
        BurrChat._displayed = weakref.ref(self)
        return cast(Any, super())._repr_mimebundle_(**kwargs)

    def _on_message(self, _widget: object, content: Any, _buffers: object) -> None:
        """Take a command from a page; called on whatever thread the kernel chose for it."""
        command = decode_command(incoming(content))
        if isinstance(command, Asset):
            self._send_asset(command.name)
        elif isinstance(command, Inspect | Log):
            self._session.ask(command, lambda told: self._post(msgspec.to_builtins(told)))
        else:
            if isinstance(command, Hello):
                self._session.look()
            elif isinstance(command, Prefer):
                self._saved.prefer(command.save)
            self._session.pages.handle(command)

    def _send_asset(self, name: str) -> None:
        found = asset(name)
        error = None if found else f"there is no asset {name!r} in this build"
        self._post(msgspec.to_builtins(AssetReply(name=name, error=error)), found)

    def _post(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        """Send a message to every page."""
        if not post(self.comm, content, buffers):
            cast(Any, super()).send(outgoing(self.comm, content), buffers)
