"""The main job, end to end, against a service of its own: `python -m infra.local.demo`.

Each step prints what it did and checks it; the first that is not as it should be ends the demo
with exit status 1.
"""

import sys
import tempfile
from typing import IO

import httpx

from infra.local.demo import invitations, own_calendar, two_providers
from infra.local.demo.script import Script, recorded
from infra.local.demo.stage import DemoFailed, Run, say, text
from infra.local.processes import NotStarted
from infra.local.pump import StillBusy
from infra.local.server import service

TAIL_LINES = 5


def main(script: Script | None = None) -> int:
    """Run the demo against a service of its own and return the exit status.

    Without a script it is the recorded one.
    """
    chosen = script or recorded()
    with tempfile.TemporaryFile() as output:
        try:
            with service(output=output) as run:
                say(f"The service runs on {run.url}, with a CalDAV server on {run.caldav.url}.")
                if chosen.now:
                    run.set_clock(chosen.now)
                    say(f"It is {text(chosen.now)} there.")
                play(run, chosen)
        except (DemoFailed, NotStarted, OSError, StillBusy, httpx.HTTPError) as failure:
            print(f"{_tail(output)}✗ {failure}", file=sys.stderr)
            return 1
    print("The demo went as it should.")
    return 0


def play(run: Run, script: Script) -> None:
    """Play every scene against a running service.

    Raises:
        DemoFailed: at the first step that is not as it should be.
    """
    own_calendar.play(run, script)
    two_providers.play(run, script)
    invitations.play(run, script)


def _tail(output: IO[bytes]) -> str:
    output.seek(0)
    lines = output.read().decode(errors="replace").splitlines(keepends=True)
    return "".join(lines[-TAIL_LINES:])
