"""Parallel calls: store reads in one wave, provider calls under one deadline.

The thread pool is our own because `concurrent.futures.ThreadPoolExecutor` cannot do two things a
request needs. A call that hangs keeps one of its workers, so a few hung calendars would starve
every later request, and the interpreter joins its threads at exit. `make bench` counts the calls
that either pool serves while others hang. Both start and collect calls equally fast.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Generic, NamedTuple, NoReturn, TypeAlias, TypeVar, overload

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
T = TypeVar("T")

Calls: TypeAlias = Sequence[Callable[[], T]]
"""Calls without arguments whose results have one type."""

MAX_THREADS = 32
"""How many calls of one batch run at the same time."""


@overload
def together(first: Calls[A], /) -> list[A]: ...
@overload
def together(first: Calls[A], second: Calls[B], /) -> tuple[list[A], list[B]]: ...
@overload
def together(
    first: Calls[A], second: Calls[B], third: Calls[C], /
) -> tuple[list[A], list[B], list[C]]: ...
def together(*groups: Calls[Any]) -> Any:
    """Run every call at the same time and return their results in order, one list per group.

    The last call runs in the calling thread.

    Raises:
        Exception: the first failure in the order of the calls, after every call has ended.
    """
    results = iter(_results([call for group in groups for call in group]))
    lists = tuple([next(results) for _ in group] for group in groups)
    return lists if len(lists) > 1 else lists[0]


def _results(calls: Calls[T]) -> list[T]:
    if not calls:
        return []
    *others, last = calls
    batch = Batch(others)
    try:
        result = last()
    finally:
        results = [outcome.result() for outcome in batch.outcomes()]
    return [*results, result]


class Returned(NamedTuple, Generic[T]):
    """The outcome of a call that returned."""

    value: T

    def result(self) -> T:
        """Return what the call returned."""
        return self.value


class Raised(NamedTuple):
    """The outcome of a call that raised."""

    error: BaseException

    def result(self) -> NoReturn:
        """Raise what the call raised."""
        raise self.error


Outcome: TypeAlias = Returned[T] | Raised


def by_deadline(calls: Calls[T], limit: timedelta) -> list[Outcome[T] | None]:
    """Return the outcome of each call in order, None for a call that has not ended after `limit`.

    A thread whose call hangs is not reused until the call ends. A call that has not started by the
    deadline never starts.
    """
    return Batch(calls).outcomes_within(limit)


class Batch(Generic[T]):
    """Calls that run at the same time, started in order, at most `MAX_THREADS` at once."""

    def __init__(self, calls: Calls[T]) -> None:
        self._size = len(calls)
        self._waiting = deque(enumerate(calls))
        self._ended: SimpleQueue[tuple[int, Outcome[T]]] = SimpleQueue()
        for _ in range(min(self._size, MAX_THREADS)):
            _idle_worker().assign(self)

    def outcomes(self) -> list[Outcome[T]]:
        """Return the outcome of each call in order, after all have ended."""
        ended = dict(self._ended.get() for _ in range(self._size))
        return [ended[n] for n in range(self._size)]

    def outcomes_within(self, limit: timedelta) -> list[Outcome[T] | None]:
        """Return the outcome of each call in order, None for those not ended after `limit`."""
        end = time.monotonic() + limit.total_seconds()
        ended: dict[int, Outcome[T]] = {}
        with suppress(Empty):
            for _ in range(self._size):
                n, outcome = self._ended.get(timeout=max(0, end - time.monotonic()))
                ended[n] = outcome
        self._waiting.clear()
        return [ended.get(n) for n in range(self._size)]

    def run_waiting_calls(self) -> None:
        """Run one call after another until none is waiting."""
        with suppress(IndexError):  # another worker may have taken the last call
            while self._waiting:
                n, call = self._waiting.popleft()
                self._ended.put((n, _outcome(call)))


def _outcome(call: Callable[[], T]) -> Outcome[T]:
    try:
        return Returned(call())
    except BaseException as error:  # noqa: BLE001 - raised again where the result is read
        return Raised(error)


class _Worker:
    """One daemon thread. It becomes idle again when its batch has no waiting call."""

    def __init__(self) -> None:
        self._inbox: SimpleQueue[Batch[Any]] = SimpleQueue()
        Thread(target=self._work, name="parallel", daemon=True).start()

    def assign(self, batch: Batch[Any]) -> None:
        self._inbox.put(batch)

    def _work(self) -> None:
        while True:
            self._inbox.get().run_waiting_calls()
            _idle.append(self)


_idle: deque[_Worker] = deque()
"""Idle workers. The most recent is used first, because store clients are warmed per thread."""
os.register_at_fork(after_in_child=_idle.clear)


def _idle_worker() -> _Worker:
    try:
        return _idle.pop()
    except IndexError:
        return _Worker()
