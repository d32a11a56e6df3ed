"""The main job, end to end, against a service of its own: `python -m infra.local.demo`.

Each step prints what it did and checks it; the first that is not as it should be ends the demo
with exit status 1.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import httpx

from infra.local.demo import invitations, own_calendar, two_providers
from infra.local.demo.stage import DemoFailed, say
from infra.local.processes import NotStarted
from infra.local.pump import StillBusy
from infra.local.server import service

TAIL_LINES = 5


def main(existing: Sequence[Path] = own_calendar.EXISTING) -> int:
    """Run the demo and return the exit status; `existing` is in the coach's calendar before."""
    with tempfile.TemporaryFile() as output:
        try:
            with service(output=output) as run:
                say(f"The service runs on {run.url}, with a CalDAV server on {run.caldav.url}.")
                own_calendar.play(run, existing)
                two_providers.play(run)
                invitations.play(run)
        except (DemoFailed, NotStarted, OSError, StillBusy, httpx.HTTPError) as failure:
            print(f"{_tail(output)}✗ {failure}", file=sys.stderr)
            return 1
    print("The demo went as it should.")
    return 0


def _tail(output: IO[bytes]) -> str:
    output.seek(0)
    lines = output.read().decode(errors="replace").splitlines(keepends=True)
    return "".join(lines[-TAIL_LINES:])
