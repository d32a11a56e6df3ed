"""Time measurement on a machine that is also busy with other things."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ROUNDS = 500
"""Enough to include a quiet moment on a busy machine."""


def best_seconds(*works: Callable[[], object], rounds: int = ROUNDS, calls: int = 3) -> list[float]:
    """Return for each work the least processor time of one call, in seconds.

    Processor time excludes the turns of other processes, and the least value is the least disturbed
    one. The works run alternately, so that a disturbance affects all of them.
    """
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for n, work in enumerate(works):
            before = time.process_time()
            for _ in range(calls):
                work()
            best[n] = min(best[n], (time.process_time() - before) / calls)
    return best


HOW = f"processor time on one processor, best of {ROUNDS} rounds of 3"
"""The description of figures measured with `best_seconds` on `one_processor`."""


@contextmanager
def one_processor() -> Iterator[None]:
    """Use one processor, like the slots function on Lambda.

    It is the last one, because most machines serve interrupts on the first.
    """
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
