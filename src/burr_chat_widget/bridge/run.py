"""One action, run by Burr, and closed whatever happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable
from typing import Any

from burr.core import Application

from . import private
from .failures import unmasked
from .places import inside
from .wrapped import Wrapped

__all__ = ["ActionRun"]

logger = logging.getLogger(__name__)

TICKS = 4
"""A generator inside a decorated one is closed by the loop, within so many rounds of it."""


class ActionRun:
    """One `astream_result` of one action.

    Its life: `open`, iterate `items`, `finish`; `close` in any case. Creation and iteration are in one task: Burr keeps context
    variables from the one to the other.
    """

    def __init__(self, app: Application[Any], action: Wrapped, inputs: dict[str, Any]) -> None:
        self._app = app
        self._action = action
        self._inputs = inputs
        self._container: Any = None
        self._finished = False
        self.items: AsyncGenerator[Any, None]

    async def open(self) -> None:
        """Start the action; one that does not stream has ended when this returns.

        Raises:
            BaseException: what a plain action raised.
        """
        before = self._app.sequence_id
        app: Any = self._app
        private.log_through(_may_be_logged)
        try:
            _, container = await app.astream_result(halt_after=[self._action.name], inputs=self._inputs)
        except Exception as error:
            real = unmasked(error, self._app.uid)
            if real is error:
                raise
            raise real from real.__cause__
        except BaseException as error:
            if self._app.sequence_id != before:
                await self._tell_hooks(error)
            raise
        self._container = container
        self.items = container.__aiter__()

    async def finish(self) -> Any:
        """The action's result, after all items were read."""
        result, _ = await self._container.get()
        self._finished = True
        return result

    async def close(self) -> None:
        """Close everything, from the outside in: hooks see the end first, then the user's `finally` runs."""
        if self._finished or self._container is None:
            return
        generator: Any = self._container.streaming_result_generator
        for close in (self.items.aclose, generator.aclose, self._action.close):
            await _quietly(close())
        for _ in range(TICKS):
            await asyncio.sleep(0)

    async def _tell_hooks(self, error: BaseException) -> None:
        """Burr tells no hook that a plain action was cancelled or interrupted: a tracker's entry would never end."""
        await _quietly(private.end_step(self._app, self._action, error))
        await _quietly(private.end_execute_call(self._app, error))


async def _quietly(closing: Awaitable[Any]) -> None:
    """What goes wrong while a turn is given up changes nothing about how it ends."""
    try:
        await closing
    except Exception:
        logger.debug("closing an action raised", exc_info=True)


def _may_be_logged(record: logging.LogRecord) -> bool:
    """Not Burr's report of a failure in a turn, nor in what a turn has begun: the state and the inputs are in it, for all to read.

    The turn tells of the error itself, and Burr raises it again for whoever runs the application.
    """
    return inside.get() is None or not private.is_report_of_failure(record)
