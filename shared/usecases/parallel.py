"""Work done side by side: store reads in one wave, provider calls under one deadline."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

_MOST_THREADS = 32


@cache
def _readers() -> ThreadPoolExecutor:
    # Kept for the life of the process: store clients are warmed per thread.
    return ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix="read")


def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Return what each call returns, in order, having run them at the same time.

    Raises:
        Exception: the first failure in order of the calls, once every call has ended.
    """
    if len(calls) == 1:
        return [calls[0]()]
    futures = [_readers().submit(call) for call in calls]
    wait(futures)
    return [future.result() for future in futures]


def by_deadline(calls: Sequence[Callable[[], T]], limit: timedelta) -> list[Future[T] | None]:
    """Return each call's finished future, or None for one that has not ended after `limit`.

    Threads of its own: a call that hangs must not keep a place others need.
    """
    if not calls:
        return []
    pool = ThreadPoolExecutor(min(len(calls), _MOST_THREADS), thread_name_prefix="calendar")
    futures = [pool.submit(call) for call in calls]
    done, _ = wait(futures, timeout=limit.total_seconds())
    pool.shutdown(wait=False, cancel_futures=True)
    return [future if future in done else None for future in futures]
