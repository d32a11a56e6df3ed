"""How long something takes on a machine that does other things too."""

import time
from collections.abc import Callable


def best_seconds(*works: Callable[[], object], rounds: int = 40, calls: int = 10) -> list[float]:
    """Return for each work the shortest time of one call over so many rounds, taken in turn.

    The shortest is the least disturbed by whatever else runs; taking turns disturbs all alike.
    """
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for n, work in enumerate(works):
            before = time.perf_counter()
            for _ in range(calls):
                work()
            best[n] = min(best[n], (time.perf_counter() - before) / calls)
    return best
