"""The conversations that this process has open."""

from __future__ import annotations

import asyncio
import inspect
import secrets
import time
from collections.abc import Callable, Collection
from typing import Any

from burr_chat_widget.errors import ServerBusy
from burr_chat_widget.session import ChatSession
from burr_chat_widget.store import Build, Conversation, Store, prepared_builder, shared_place

from .conversation import Opened, Served
from .exposure import Exposure
from .limits import ServeLimits
from .processes.locks import locks_of
from .processes.names import conversation_name
from .processes.relay import relay_of

__all__ = ["Conversations"]

OPTIONS = {*inspect.signature(ChatSession).parameters} - {"app", "runner", "coalesce", "turns"}
"""Those of `BurrChat` that say something of a served conversation, too."""

CHECKPOINTS = 100
"""So many steps of each conversation are kept to look into, where the options do not say another number."""

SWEEP = 30.0
"""Seconds between two looks at what is idle, at most."""


class Conversations:
    """Opens conversations when they are asked for, and closes those that nobody needs. Used on one loop, the server's.

    A conversation that has a running turn, or that somebody listens to, is never closed before the end.

    Args:
        build: a function that returns an application builder, or a builder: see `BurrChat.open`. Where actions have clients bound, pass
            a function, which makes them anew for each conversation: each runs on an event loop of its own.
        store: where conversations are kept: see `BurrChat.open`. What keeps turns of several processes apart: see `serve.locks`.
        expose: what clients see and may do besides the transcript, the graph and the progress: see `EXPOSABLE`.
        limits: how many are open, and for how long.
        options: those of `BurrChat`, `runner` and `coalesce` apart.

    Raises:
        NotABuilder: if `build` makes no application builder, or one with a persister of its own.
        StoreError: if the store cannot be opened.
        ValueError: if `expose` names what is not there.
        TypeError: if there is no such option.

    Example:
        >>> conversations = Conversations(chatbot, store="postgresql://...")
        >>> served = await conversations.open("demo", "rivers")
        >>> turn = await served.begin("hello")
        >>> async for number, event in turn.events():
        ...     ...
        >>> await conversations.close()
    """

    def __init__(
        self,
        build: Build,
        *,
        store: Store | None = None,
        expose: Collection[str] = (),
        limits: ServeLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
        **options: Any,
    ) -> None:
        unknown = sorted(options.keys() - OPTIONS)
        if unknown:
            raise TypeError(f"there is no option {unknown[0]!r}; there are {', '.join(sorted(OPTIONS))}")
        prepared_builder(build)
        self.exposure = Exposure(expose)
        self.limits = limits or ServeLimits()
        self._build = build
        self._options: dict[str, Any] = {"checkpoints": CHECKPOINTS, **options}
        self._clock = clock
        self._place, self._pool = shared_place(store)
        self._locks = locks_of(store)
        self._relay = relay_of(store, self._locks)
        self._open: dict[tuple[str, str], Served] = {}
        self._opening: dict[tuple[str, str], asyncio.Task[Served]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.Task[None] | None = None
        self._closed = False

    def __len__(self) -> int:
        """How many are open, or about to be."""
        return len(self._open) + len(self._opening)

    async def open(self, project_id: str, app_id: str) -> Served:
        """The conversation of that name: the one that is open, or taken up from the store, or begun. It is as fresh as `refresh` says.

        Raises:
            ServerBusy: if as many are open as may be and all are needed, or the server is about to end.
            StoreError: if what was saved cannot be read.
            BurrChatError: if the application cannot be chatted with: see `BurrChat`.
        """
        key = (project_id, app_id)
        served = self._open.get(key)
        if served is None:
            # Whoever asks for it meanwhile gets the same one; who goes away does not take it from the others.
            task = self._opening.get(key) or self._begin(key)
            served = await asyncio.shield(task)
        served.used = self._clock()
        await served.refresh()
        return served

    async def close(self) -> None:
        """Stop what runs, close all that is open, and let go of the store."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        await asyncio.gather(*self._opening.values(), return_exceptions=True)
        for key in [*self._open]:
            self._evict(key)
        while self._closing:
            await asyncio.wait(self._closing)
        if self._relay is not None:
            await self._relay.close()
        await self._locks.close()
        await asyncio.to_thread(self._pool.close)

    def sweep(self) -> None:
        """Close what nobody has asked for since `limits.idle` seconds, and nobody needs."""
        now = self._clock()
        for key, served in [*self._open.items()]:
            if served.busy:
                served.used = now
            elif now - served.used >= self.limits.idle:
                self._evict(key)

    def _begin(self, key: tuple[str, str]) -> asyncio.Task[Served]:
        if self._closed:
            raise ServerBusy("the server is about to end", remedy="ask again in a moment")
        self.sweep()
        while len(self) >= self.limits.conversations:
            unused = [each for each, served in self._open.items() if not served.busy]
            if not unused:
                raise ServerBusy(
                    f"{self.limits.conversations} conversations are open, and all of them are in use",
                    remedy="ask again in a moment; ServeLimits(conversations=...) allows more",
                )
            self._evict(min(unused, key=lambda each: self._open[each].used))
        if self._sweeper is None:
            self._sweeper = asyncio.create_task(self._sweep_now_and_then())
        task = self._opening[key] = asyncio.create_task(self._opened(key))
        return task

    async def _opened(self, key: tuple[str, str]) -> Served:
        loop, name = asyncio.get_running_loop(), conversation_name(*key)
        try:
            served = await asyncio.to_thread(
                lambda: Served(
                    lambda: self._take_up(*key),
                    name=name,
                    exposure=self.exposure,
                    lock=self._locks.of(name),
                    relay=self._relay,
                    limits=self.limits,
                    loop=loop,
                    history=self._options.get("history"),
                    clock=self._clock,
                )
            )
            self._open[key] = served
            return served
        finally:
            del self._opening[key]

    def _take_up(self, project_id: str, app_id: str) -> Opened:
        """What the store has of it, in a session of its own. On any thread."""
        builder = prepared_builder(self._build)
        conversation = Conversation(self._place, app_id, project_id)
        options = self._options
        app = conversation.begin(builder, prompt=options.get("prompt"), constants=options.get("inputs") or ())
        # Another process, or this one later, counts its turns from 1 on too.
        session = ChatSession(app, runner="thread", turns=f"t{secrets.token_hex(4)}-", **options)
        session.keep(conversation)
        return Opened(session, conversation)

    def _evict(self, key: tuple[str, str]) -> None:
        task = asyncio.create_task(self._open.pop(key).close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _sweep_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(min(SWEEP, self.limits.idle / 2))
            self.sweep()
