"""Slot engines of others on the same work, in Node.

slot-calculator 2.2.1 and the slot functions inside @calcom/platform-libraries. Both get the month
for two people as they like it: their own types, made before the clock starts, in a process that is
warm. How they differ: slot-calculator has no grid, takes slots as they come one after the other and
knows one calendar, so both people keep the same windows here, and slots last as long as the step.
Cal.com's getAvailableSlots reads a database first, so what runs is what it does with that: a date
range per window, less the busy times, intersected, and cut into slots. Neither says why a slot is
taken, as ours does. Everybody is measured by processor time, the peers by wall time where that is
less.
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
    """Measure everybody's throughput in turn, round by round; what slots they find comes first."""
    if not (FOLDER / "node_modules").is_dir():
        return [Figure(name="peers", value=None, how="not installed; run make bench")]
    work = Work(100, length=STEP)
    slots = work.available()
    rounds = [(_ours(work), _measured(work)) for _ in range(_ROUNDS)]
    rows = [_throughput("our engine", [ours for ours, _ in rounds])]
    for name, found in rounds[0][1].items():
        theirs = [statistics.median(measured[name]["seconds"]) for _, measured in rounds]
        ratios = [each / ours for each, (ours, _) in zip(theirs, rounds, strict=True)]
        rows += [
            _throughput(name, theirs),
            Figure(
                name=f"slots {name} finds and we do not, or the other way round",
                value=len(set(found["slots"]).symmetric_difference(slots)),
                bound=0,
                how=f"counted, of {len(slots)}",
            ),
            Figure(
                name=f"our throughput ÷ that of {name}",
                value=statistics.median(ratios),
                bound=TIMES_FASTER,
                how=f"timed, median of {_ROUNDS} rounds, {min(ratios):.0f} to {max(ratios):.0f}",
                at_least=True,
                counted=False,
            ),
        ]
    return rows


def _ours(work: Work) -> float:
    """Return the median seconds of as many runs as the peers have, warm as they are."""
    taken = [best_seconds(work.available, rounds=1)[0] for _ in range(_WARM_UP + _RUNS)]
    return statistics.median(taken[_WARM_UP:])


def _throughput(name: str, seconds: list[float]) -> Figure:
    return Figure(
        name=f"{name}: months a second",
        value=round(1 / statistics.median(seconds), 1),
        how=f"timed, median of {len(seconds)} rounds; best {1 / min(seconds):.0f}",
        counted=False,
    )


def _measured(work: Work) -> dict[str, Any]:
    node = shutil.which("node")
    if node is None:
        raise FileNotFoundError("node is not on the PATH; the peers need it")
    done = subprocess.run(  # noqa: S603 - our own script
        [node, "slots.mjs"],
        cwd=FOLDER,
        input=json.dumps({**work.as_json(), "warmUp": _WARM_UP, "runs": _RUNS}),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found
