"""How long something takes on a machine that does other things too."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ROUNDS = 500
"""Enough for a quiet moment among them on a machine that has others to serve."""


def best_seconds(*works: Callable[[], object], rounds: int = ROUNDS, calls: int = 3) -> list[float]:
    """Return for each work the least processor time of one call over so many rounds, in turn.

    On an idle machine that is the time it takes; on a busy one it leaves out the others' turns. The
    least is what they disturb least, and taking turns disturbs all alike.
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
"""How that is told of a figure taken on `one_processor`."""


@contextmanager
def one_processor() -> Iterator[None]:
    """Use one processor, as Lambda gives the slots function; threads on two only wait in turn.

    It is the last, as the first is most machines' choice for serving interrupts.
    """
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
