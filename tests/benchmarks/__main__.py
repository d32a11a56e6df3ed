"""Every figure of the service's speed: `python -m tests.benchmarks [file to record them in]`.

Ends with 1 when a counted figure is over its bound; a timed one is marked only, as a busy machine
is slow.
"""

import logging
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import calendars, engine, fresh, handler, layer, peers, requests
from tests.benchmarks.figures import Figure, exit_code, table

PARTS = (fresh, engine, handler, peers, calendars, requests, layer)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, record where asked to, and return how the process should exit."""
    logging.disable(logging.CRITICAL)  # what is refused and unreadable here is meant to be
    figures: list[Figure] = []
    for part in PARTS:
        figures += part.figures()
    told = table(figures)
    sys.stdout.write(told)
    for path in arguments:
        Path(path).write_text(record(told), encoding="utf-8")
    return exit_code(figures)


def record(told: str) -> str:
    """Return the page that keeps the figures with the machine they were taken on."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"""# How fast it is

Written by `make bench RECORD=docs/benchmarks.md`. Counted figures are the same on every machine;
timed ones are as good as the machine was idle. How each is taken says the part of tests/benchmarks
it comes from: what the bare engine is, and how the peers' work and ours compare.

- {_processor()}, {os.cpu_count()} processors, load {load} (1, 5 and 15 minutes)
- {platform.system()} {platform.machine()}, Python {platform.python_version()}, {_node()}
- {datetime.now(UTC):%Y-%m-%d}

{told}"""


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "processor unknown"


def _node() -> str:
    done = subprocess.run(
        ["node", "--version"],  # noqa: S607 - whichever node is on the PATH, as for the peers
        capture_output=True,
        text=True,
        check=True,
    )
    return f"Node {done.stdout.strip()}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
