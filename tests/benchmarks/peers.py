"""Two other slot engines on the same work, in Node: slot-calculator and Cal.com.

Measured are slot-calculator 2.2.1 and the slot functions in @calcom/platform-libraries. Both get
the month of two people in their own types, created before the measurement, in a warm process.

Differences: slot-calculator has no grid, places slots one after the other and supports one
calendar, so both people have the same windows here, and slots are as long as the step. Cal.com's
getAvailableSlots reads a database first, so only the rest runs: one date range per window, minus
the busy times, intersected and cut into slots. Neither reports why a slot is taken, as our engine
does. Every engine is measured in processor time, the peers in wall time where that is less.
"""

import json
import shutil
import statistics
import subprocess
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure
from tests.benchmarks.timing import best_seconds
from tests.benchmarks.work import STEP, Work

FOLDER = Path(__file__).parent / "peers"
TIMES_FASTER = 100
_ROUNDS, _WARM_UP, _RUNS = 5, 15, 12


def figures() -> list[Figure]:
    """Measure the throughput of the engines alternately, and compare the slots they find."""
    if not (FOLDER / "node_modules").is_dir():
        return [Figure(name="peers", value=None, how="not installed: run `make bench`")]
    work = Work(100, length=STEP)
    slots = work.available()
    rounds = [(_ours(work), _measured(work)) for _ in range(_ROUNDS)]
    rows = [_throughput("our engine", [ours for ours, _ in rounds])]
    for name, result in rounds[0][1].items():
        theirs = [statistics.median(measured[name]["seconds"]) for _, measured in rounds]
        ratios = [each / ours for each, (ours, _) in zip(theirs, rounds, strict=True)]
        rows += [
            _throughput(name, theirs),
            Figure(
                name=f"slots found by {name} or by our engine only",
                value=len(set(result["slots"]).symmetric_difference(slots)),
                bound=0,
                how=f"counted, of {len(slots)}",
            ),
            Figure(
                name=f"throughput: our engine ÷ {name}",
                value=statistics.median(ratios),
                bound=TIMES_FASTER,
                how=f"timed, median of {_ROUNDS} rounds, {min(ratios):.0f} to {max(ratios):.0f}",
                at_least=True,
                counted=False,
            ),
        ]
    return rows


def _ours(work: Work) -> float:
    """Return the median seconds of as many warm runs as the peers have."""
    seconds = [best_seconds(work.available, rounds=1)[0] for _ in range(_WARM_UP + _RUNS)]
    return statistics.median(seconds[_WARM_UP:])


def _throughput(name: str, seconds: list[float]) -> Figure:
    return Figure(
        name=f"{name}: months per second",
        value=round(1 / statistics.median(seconds), 1),
        how=f"timed, median of {len(seconds)} rounds; best {1 / min(seconds):.0f}",
        counted=False,
    )


def _measured(work: Work) -> dict[str, Any]:
    node = shutil.which("node")
    if node is None:
        raise FileNotFoundError("node is not on the PATH: install it to measure the peers")
    process = subprocess.run(  # noqa: S603 - our own script
        [node, "slots.mjs"],
        cwd=FOLDER,
        input=json.dumps({**work.as_json(), "warmUp": _WARM_UP, "runs": _RUNS}),
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(process.stdout)
    return result
