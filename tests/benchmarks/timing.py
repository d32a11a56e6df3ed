"""How long something takes on a machine that does other things too."""

import time
from collections.abc import Callable


def best_seconds(*works: Callable[[], object], rounds: int = 150, calls: int = 3) -> list[float]:
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


HOW = "processor time, best of 150 rounds of 3"
"""How that is told of a figure."""
