"""The thread pool of `shared/parallel.py` compared with `concurrent.futures.ThreadPoolExecutor`.

Both run the same calls the same way: all but the last in threads, the last in the calling thread.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from threading import Event

from shared.parallel import MAX_THREADS, by_deadline, together
from tests.benchmarks.figures import Figure
from tests.benchmarks.timing import HOW, best_seconds, one_processor

CALLS = 4
"""The number of reads in one wave of a slots request."""
HANGING = 40
_DEADLINE = timedelta(milliseconds=200)


def figures() -> list[Figure]:
    """Measure a wave of calls that return at once, and a batch after calls that hang."""
    with ThreadPoolExecutor(MAX_THREADS) as pool, one_processor():
        standard, ours = best_seconds(lambda: _together(pool, _CALLS), lambda: together(_CALLS))
    return [
        Figure(
            name=f"{CALLS} calls in one wave: ThreadPoolExecutor ÷ together()",
            value=standard / ours,
            how=f"{HOW}: {standard * 1e6:.0f} µs ÷ {ours * 1e6:.0f} µs",
            counted=False,
        ),
        Figure(
            name=f"calls not served while {HANGING} others hang: by_deadline()",
            value=_not_served_by_ours(),
            bound=0,
            how=f"counted, of {CALLS}",
        ),
        Figure(
            name=f"calls not served while {HANGING} others hang: ThreadPoolExecutor",
            value=_not_served_by_executor(),
            how=f"counted, of {CALLS}, {MAX_THREADS} threads",
        ),
    ]


def _return_at_once() -> None:
    """Do nothing."""


_CALLS: Sequence[Callable[[], None]] = [_return_at_once] * CALLS


def _together(pool: ThreadPoolExecutor, calls: Sequence[Callable[[], None]]) -> list[None]:
    *others, last = calls
    futures = [pool.submit(call) for call in others]
    result = last()
    return [*(future.result() for future in futures), result]


def _not_served_by_ours() -> int:
    released = Event()
    by_deadline([released.wait] * HANGING, _DEADLINE)
    outcomes = by_deadline(_CALLS, _DEADLINE)
    released.set()
    return outcomes.count(None)


def _not_served_by_executor() -> int:
    released = Event()
    with ThreadPoolExecutor(MAX_THREADS) as pool:
        for _ in range(HANGING):
            pool.submit(released.wait)
        done = wait([pool.submit(call) for call in _CALLS], _DEADLINE.total_seconds()).done
        released.set()
    return CALLS - len(done)
