"""The executor of a parallel action, watched: what is handed over to it, and when that has ended."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from .places import here, inside

if TYPE_CHECKING:
    from burr.core.parallelism import SubGraphTask

__all__ = ["WatchedFactory", "raised_elsewhere"]


class WatchedFactory:
    """Makes watched executors. It is part of what an executor may send to another process: there it is the plain factory."""

    def __init__(
        self,
        factory: Callable[[], Executor],
        submitted: Callable[[SubGraphTask], None],
        returned: Callable[[SubGraphTask, Future[Any]], None],
    ) -> None:
        self._factory = factory
        self._submitted = submitted
        self._returned = returned

    def __call__(self) -> Executor:
        return _Watched(self._factory(), self._submitted, self._returned)

    def __reduce__(self) -> Any:
        return _plain, (self._factory,)


def _plain(factory: Callable[[], Executor]) -> Callable[[], Executor]:
    return factory


class _Watched(Executor):
    def __init__(
        self,
        executor: Executor,
        submitted: Callable[[SubGraphTask], None],
        returned: Callable[[SubGraphTask, Future[Any]], None],
    ) -> None:
        self._executor = executor
        self._submitted = submitted
        self._returned = returned

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        task: Any = args[0] if len(args) == 1 else None
        if not _is_task(task):
            return self._executor.submit(fn, *args, **kwargs)
        self._submitted(task)
        if isinstance(self._executor, ThreadPoolExecutor):  # elsewhere there is no place
            fn = _placed(fn)
        future = self._executor.submit(fn, *args, **kwargs)
        future.add_done_callback(lambda done: self._returned(task, done))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._executor.shutdown(wait=wait, cancel_futures=cancel_futures)

    def __enter__(self) -> Executor:
        self._executor.__enter__()
        return self

    def __exit__(self, *error: Any) -> bool | None:
        return self._executor.__exit__(*error)


def _placed(fn: Callable[..., Any]) -> Callable[..., Any]:
    """The function, run in the place where this is called. Threads of an executor have contexts of their own."""
    place = here()

    def run(*args: Any, **kwargs: Any) -> Any:
        token = inside.set(place)
        try:
            return fn(*args, **kwargs)
        finally:
            inside.reset(token)

    return run


def raised_elsewhere(error: BaseException) -> BaseException:
    """What was raised in another process. Ray raises an error of its own, with the traceback as its message."""
    cause = getattr(error, "cause", None)
    rays = any(cls.__module__.partition(".")[0] == "ray" for cls in type(error).__mro__)
    return cause if rays and isinstance(cause, BaseException) else error


def _is_task(value: object) -> bool:
    # Not imported here: that would need pydantic, which Burr has not got of itself.
    parallelism = sys.modules.get("burr.core.parallelism")
    return parallelism is not None and isinstance(value, parallelism.SubGraphTask)
