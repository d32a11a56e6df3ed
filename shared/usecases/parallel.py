"""Work done side by side: store reads in one wave, provider calls under one deadline."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

_MOST_THREADS = 32


@cache
def _readers() -> ThreadPoolExecutor:
    # Kept for the life of the process: store clients are warmed per thread.
    return ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix="read")


_idle: deque[ThreadPoolExecutor] = deque()
"""Pools whose every call has ended, for the next calls under a deadline."""


def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Return what each call returns, in order, having run them at the same time.

    The last runs where it was asked for, which spares a thread the way there and back.

    Raises:
        Exception: the first failure in order of the calls, once every call has ended.
    """
    if not calls:
        return []
    *others, last = calls
    futures = [_readers().submit(call) for call in others]
    try:
        answer = last()
    finally:
        for future in futures:
            future.exception()  # waits
        answers = [future.result() for future in futures]
    return [*answers, answer]


def by_deadline(calls: Sequence[Callable[[], T]], limit: timedelta) -> list[Future[T] | None]:
    """Return each call's finished future, or None for one that has not ended after `limit`.

    Nobody else's calls run in the same threads meanwhile, and threads of a call that hangs are
    never used again: it must not keep a place others need.
    """
    if not calls:
        return []
    end = time.monotonic() + limit.total_seconds()
    pool = _pool()
    futures = [pool.submit(call) for call in calls]
    answers = [each if _has_ended(each, end) else None for each in futures]
    if None in answers:
        pool.shutdown(wait=False, cancel_futures=True)
    else:
        _idle.append(pool)
    return answers


def _has_ended(future: Future[T], end: float) -> bool:
    try:
        future.exception(timeout=max(0, end - time.monotonic()))
    except TimeoutError:
        return False
    return True


def _pool() -> ThreadPoolExecutor:
    try:
        return _idle.pop()
    except IndexError:
        return ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix="calendar")
