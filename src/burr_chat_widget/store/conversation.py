"""One conversation in a store: an application that goes on where it was left, and how its steps are kept."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Collection
from typing import Any, TypeAlias, cast

from burr.core import Application, ApplicationBuilder

from burr_chat_widget.bridge import PRIOR_STEP, SEQUENCE_ID, RecalledStep
from burr_chat_widget.errors import NotABuilder, StoreError

from .kept import Became, KeptPersister
from .places import Place
from .rows import RESTS, Rows

__all__ = ["Build", "Conversation", "prepared_builder"]

logger = logging.getLogger(__name__)

Build: TypeAlias = "ApplicationBuilder[Any] | Callable[[], ApplicationBuilder[Any]]"
"""An application builder without persister and before `.build()`, or a function that returns one."""


def prepared_builder(build: Build) -> ApplicationBuilder[Any]:
    """A copy of the builder that was given, or that the function returns.

    Raises:
        NotABuilder: if it is none, or has a persister of its own already.
    """
    made: object = build
    what = f"{build!r} is no application builder, and no function that returns one"
    if not isinstance(made, ApplicationBuilder | Application) and callable(made):
        made = made()
        what = f"{build!r} has returned {made!r:.100}, which is no application builder"
    if isinstance(made, Application):
        raise NotABuilder(
            "an application that is built already cannot take up a conversation",
            remedy="pass its builder, or a function that returns it: leave out .build(); or chat with it as it is with "
            "BurrChat(app)",
        )
    if not isinstance(made, ApplicationBuilder):
        raise NotABuilder(
            what,
            remedy="pass a function that returns ApplicationBuilder()..., without .build()",
        )
    builder: Any = cast("ApplicationBuilder[Any]", made)
    if builder.state_persister is not None or builder.state_initializer is not None:
        raise NotABuilder(
            "the builder has a persister of its own",
            remedy="leave out .with_state_persister() and .initialize_from(), and pass the persister as store=",
        )
    return _copied(builder)


def _copied(builder: Any) -> Any:
    """Burr adds to a builder whenever it builds."""
    copied = copy.copy(builder)
    copied.lifecycle_adapters = list(builder.lifecycle_adapters)
    return copied


class Conversation:
    """One conversation in a store.

    Its life: `rehearse`, where another chat is to be closed for it; `begin` makes the application; before each turn `check`, after one
    that was not completed `settle`; `close`.

    Args:
        place: the store.
        app_id: its name; Burr's id of the application.
        partition_key: what it belongs to, such as a user.

    Raises:
        StoreError: if the store cannot tell such names apart.
    """

    def __init__(self, place: Place, app_id: str, partition_key: str | None = None) -> None:
        if not isinstance(app_id, str) or not app_id:
            raise StoreError(f"app_id={app_id!r} is no name", remedy="pass a text: it is the conversation's name")
        self.partition_key = partition_key or ""  # not every persister of Burr's can save None
        if ":" in self.partition_key and place.key.startswith(("redis ", "burr.integrations.persisters.b_redis")):
            raise StoreError(
                f"partition_key={partition_key!r} has a colon, with which Burr's Redis persister joins its keys",
                remedy="use another character",
            )
        self.app_id = app_id
        self.key = (place.key, self.partition_key, app_id)
        self._place = place
        self._persister = KeptPersister(place.persister, self.partition_key, app_id, owned=place.owned)

    def rehearse(
        self, builder: ApplicationBuilder[Any], *, prompt: str | None = None, constants: Collection[str] = ()
    ) -> Application[Any]:
        """The application that `begin` would make now, without hooks, tracker and persister. Raises as `begin`."""
        scout = _copied(builder)
        scout.lifecycle_adapters, scout.tracker = [], None
        app: Application[Any] = scout.build()
        self._rows = Rows(self._persister, app, prompt, constants)
        app.update_state(self._rows.left())
        return app

    def begin(
        self, builder: ApplicationBuilder[Any], *, prompt: str | None = None, constants: Collection[str] = ()
    ) -> Application[Any]:
        """Make the application, with the state that the last turn left, or a fresh one.

        It goes on before the action that asked the person for something; where the graph had ended, at the entrypoint. What an
        interrupted turn has saved is passed over. Sequence ids go on rising from the last one that was saved.

        Args:
            builder: a `prepared_builder`.
            prompt: which input a person types, where that is not inferred.
            constants: names of inputs that are always given.

        Raises:
            StoreError: if what was saved cannot be read.
        """
        state = self.rehearse(builder, prompt=prompt, constants=constants).state
        made: Any = _copied(builder)
        made.with_identifiers(app_id=self.app_id, partition_key=self.partition_key)
        self._persister.last = self._rows.newest
        self._persister.asked = dict(self._rows.asked)
        made.with_identifiers(sequence_id=self._rows.highest)
        if self._rows.newest is not None:
            made.state = state
        return made.with_state_persister(self._persister).build()

    def turns(self) -> list[list[RecalledStep]]:
        """The turns that led to where the conversation begins now, as far as its rows tell."""
        return self._rows.turns()

    @property
    def asked(self) -> dict[str, Became]:
        """What became of the requests that were answered last, by their names."""
        return dict(self._persister.asked)

    def begin_turn(self, request: str) -> None:
        """The turn of that request begins. When its last step is saved, whoever opens the conversation knows that it was answered."""
        self._persister.note(request, "completed")

    def tell(self, how: Callable[[str], None]) -> None:
        """Let `how` be told, in words, when the state holds what will not come back as it is."""
        self._persister.tell = how

    def check(self) -> None:
        """Raises ConversationMoved when it was continued elsewhere. The newest row is read for that."""
        self._persister.check()

    def settle(self, app: Application[Any], *, request: str | None = None, became: Became = "completed") -> None:
        """Save the state as it is now: after a turn that was stopped or failed, after going back, or of another branch.

        Args:
            app: the conversation's application, or one that was forked from it and is shown in its place.
            request: what has begun the turn that has ended, if one has, and has a name.
            became: what became of that.
        """
        if request is not None:
            self._persister.note(request, became)
        last = self._persister.last
        numbers = [number for number in (app.sequence_id, last) if number is not None]
        if not numbers or self._persister.moved or (last is None and app.uid == self.app_id):
            return  # nothing has run, nothing was saved; or it is no longer ours
        number = max(numbers) + 1
        prior = app.state.get_all().get(PRIOR_STEP)
        state = app.state.update(**{SEQUENCE_ID: number})
        if app.uid == self.app_id:
            app.update_state(state)
        # In Burr's words: the step that led here is completed; or the first one has failed, and the state is what it was before.
        position, status = (prior, "completed") if prior is not None else (app.entrypoint, "failed")
        self._persister.save(self.partition_key, self.app_id, number, position, state.update(**{RESTS: True}), status)

    def close(self, *, release: bool = True) -> None:
        """Save nothing any more, and let go of the store, unless somebody may still be using it."""
        self._persister.closed = True
        persister: Any = self._place.persister
        if release and self._place.owned and hasattr(persister, "cleanup"):
            persister.cleanup()
