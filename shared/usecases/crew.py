"""Threads that work off batches of calls and stay for the next batch.

As `concurrent.futures` has them, at a fraction of its price where calls are short: much of what a
request costs beside its reads and its arithmetic is being handed from thread to thread.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Generic, NamedTuple, NoReturn, TypeAlias, TypeVar

T = TypeVar("T")

MOST_THREADS = 32
"""How many calls of one batch run at the same time."""


class Returned(NamedTuple, Generic[T]):
    """A call that ended, and its value."""

    value: T

    def result(self) -> T:
        """Return what the call returned."""
        return self.value


class Raised(NamedTuple):
    """A call that ended, and its failure."""

    error: BaseException

    def result(self) -> NoReturn:
        """Raise what the call raised."""
        raise self.error


Outcome: TypeAlias = Returned[T] | Raised


class Batch(Generic[T]):
    """Calls that run at the same time, begun in their order."""

    def __init__(self, calls: Sequence[Callable[[], T]]) -> None:
        self._size = len(calls)
        self._to_do = deque(enumerate(calls))
        self._ended: SimpleQueue[tuple[int, Outcome[T]]] = SimpleQueue()
        for _ in range(min(self._size, MOST_THREADS)):
            _free_worker().give(self)

    def outcomes(self) -> list[Outcome[T]]:
        """Return how each call ended, in order, once every one has."""
        ended = dict(self._ended.get() for _ in range(self._size))
        return [ended[n] for n in range(self._size)]

    def outcomes_within(self, limit: timedelta) -> list[Outcome[T] | None]:
        """Return how each call ended, in order, and None of one that has not by then.

        What has not begun by then never does.
        """
        end = time.monotonic() + limit.total_seconds()
        ended: dict[int, Outcome[T]] = {}
        with suppress(Empty):
            for _ in range(self._size):
                n, outcome = self._ended.get(timeout=max(0, end - time.monotonic()))
                ended[n] = outcome
        self._to_do.clear()
        return [ended.get(n) for n in range(self._size)]

    def work_off(self) -> None:
        """Run one call after another until none is left to begin."""
        with suppress(IndexError):  # another worker may have begun the last
            while self._to_do:
                n, call = self._to_do.popleft()
                self._ended.put((n, _outcome(call)))


def _outcome(call: Callable[[], T]) -> Outcome[T]:
    try:
        return Returned(call())
    except BaseException as error:  # noqa: BLE001 - raised where the result is asked for
        return Raised(error)


class _Worker:
    """One thread; while a call of it hangs it is not free, and so in nobody's way."""

    def __init__(self) -> None:
        self._inbox: SimpleQueue[Batch[Any]] = SimpleQueue()
        Thread(target=self._work, name="crew", daemon=True).start()

    def give(self, batch: "Batch[Any]") -> None:
        self._inbox.put(batch)

    def _work(self) -> None:
        while True:
            self._inbox.get().work_off()
            _free.append(self)


_free: deque[_Worker] = deque()
"""The last one freed is used first: store clients are warmed per thread."""
os.register_at_fork(after_in_child=_free.clear)


def _free_worker() -> _Worker:
    try:
        return _free.pop()
    except IndexError:
        return _Worker()
