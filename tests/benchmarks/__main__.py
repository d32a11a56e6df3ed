"""Runs every benchmark: `python -m tests.benchmarks [file to write the results to]`.

Exits with 1 if a counted figure exceeds its bound. A timed figure is only marked, because a busy
machine is slow.
"""

import logging
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import (
    calendars,
    engine,
    entries,
    fresh,
    handler,
    layer,
    peers,
    requests,
    threads,
)
from tests.benchmarks.figures import Figure, exit_code, table

PARTS = (fresh, engine, handler, peers, calendars, entries, threads, requests, layer)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, write the results to the given files, and return the exit code."""
    logging.disable(logging.CRITICAL)  # the benchmarks provoke the errors it would print
    figures: list[Figure] = []
    for part in PARTS:
        figures += part.figures()
    rows = table(figures)
    sys.stdout.write(rows)
    for path in arguments:
        Path(path).write_text(page(rows), encoding="utf-8")
    return exit_code(figures)


def page(rows: str) -> str:
    """Return the Markdown page with the figures and the machine that took them."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"""# Benchmarks

Written by `make bench RECORD=docs/benchmarks.md`. Counted figures are the same on every machine.
Timed figures depend on the machine and on how idle it was. The modules in `tests/benchmarks`
describe each measurement: `handler.py` what the bare engine is, `peers.py` how the work of the
other engines compares, `threads.py` what the thread pool adds to the standard one.

- {_processor()}, {os.cpu_count()} processors, load {load} (1, 5 and 15 minutes)
- {platform.system()} {platform.machine()}, Python {platform.python_version()}, {_node()}
- {datetime.now(UTC):%Y-%m-%d}

{rows}"""


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def _node() -> str:
    process = subprocess.run(
        ["node", "--version"],  # noqa: S607 - the node on the PATH, as for the peers
        capture_output=True,
        text=True,
        check=True,
    )
    return f"Node {process.stdout.strip()}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
