"""Another application that goes on from where one was."""

from __future__ import annotations

import uuid
from typing import Any, cast

from burr.core import Application, ApplicationBuilder, State
from burr.core.persistence import InMemoryPersister

from . import private
from .private import PRIOR_STEP, SEQUENCE_ID
from .snapshots import Snapshot, detached

__all__ = ["fork_application"]


def fork_application(
    app: Application[Any], state: Snapshot, *, after: int | None = None, app_id: str | None = None
) -> Application[Any]:
    """An application of the same graph, hooks and stores, with an id of its own, that goes on from `state`.

    Burr records the lineage: a tracker is told which step of `app` it comes from. What has not taken a step yet has none.

    Args:
        app: the application that is forked; it stays as it is.
        state: where the fork begins: the state after a step of `app`, which may have been changed by hand.
        after: the sequence id of the step of `app` that left `state` behind, where it is lower than the one in `state`, as numbers
            of steps that were undone are not given again; None where it is the same.
        app_id: its id, made up when None.
    """
    builder = cast(Any, ApplicationBuilder())
    builder.with_graph(private.get_graph(app))
    builder.with_identifiers(app_id=app_id or str(uuid.uuid4()), partition_key=app.partition_key)
    builder.with_typing(state.typing_system)
    builder.with_hooks(*private.hooks_for_another(app))
    builder.with_parallel_executor(private.executor_factory(app))
    tracker = private.tracker_for_another(app)
    if tracker is not None:
        builder.with_tracker(tracker)
    state = detached(state)
    prior, number = state.get_all().get(PRIOR_STEP), state.get_all().get(SEQUENCE_ID)
    if prior is None or number is None:
        builder.with_identifiers(sequence_id=number)  # not lower than that of a first step that failed
        return builder.with_entrypoint(app.entrypoint).with_state(state).build()
    places: Any = InMemoryPersister()
    places.save(app.partition_key, app.uid, number if after is None else after, prior, state, "completed")
    forked: Application[Any] = builder.initialize_from(
        places,
        resume_at_next_action=True,
        default_state={},
        default_entrypoint=app.entrypoint,
        fork_from_app_id=app.uid,
        fork_from_partition_key=app.partition_key,
        fork_from_sequence_id=number if after is None else after,
    ).build()
    if after is not None:
        forked.update_state(State({**forked.state.get_all(), SEQUENCE_ID: number}, typing_system=state.typing_system))
    return forked
