"""Runs the main use-cases end to end against a new local service: `python -m infra.local.demo`.

Each step checks its result and prints a line; the first failure ends the demo with exit status 1.
"""

import sys
import tempfile
from typing import IO

import httpx

from infra.local.demo import approvals, invitations, own_calendar, two_providers, webhooks
from infra.local.demo.common import DemoFailed, RunningService, say, text
from infra.local.demo.scenario import Scenario, recorded
from infra.local.event_sources import WorkLeft
from infra.local.processes import NotStarted
from infra.local.service import service

TAIL_LINES = 5


def main(scenario: Scenario | None = None) -> int:
    """Run the demo against a new local service and return the exit status.

    The default is the recorded scenario.
    """
    chosen = scenario or recorded()
    with tempfile.TemporaryFile() as output:
        try:
            with service(output=output) as run:
                say(f"The service runs on {run.url}, with a CalDAV server on {run.caldav.url}.")
                if chosen.now:
                    run.set_clock(chosen.now)
                    say(f"Its clock is set to {text(chosen.now)}.")
                run_demo(run, chosen, set_clock=run.set_clock if chosen.now else None)
        except (DemoFailed, NotStarted, OSError, WorkLeft, httpx.HTTPError) as error:
            print(f"{_tail(output)}✗ {error}", file=sys.stderr)
            return 1
    print("The demo succeeded.")
    return 0


def run_demo(
    run: RunningService, scenario: Scenario, *, set_clock: approvals.SetClock | None = None
) -> None:
    """Run every part against a running service, whose clock `set_clock` sets if it can be set.

    Raises:
        DemoFailed: at the first step that fails.
    """
    own_calendar.run_steps(run, scenario)
    two_providers.run_steps(run, scenario)
    invitations.run_steps(run, scenario)
    approvals.run_steps(run, scenario, set_clock)
    webhooks.run_steps(run, scenario)


def _tail(output: IO[bytes]) -> str:
    output.seek(0)
    lines = output.read().decode(errors="replace").splitlines(keepends=True)
    return "".join(lines[-TAIL_LINES:])
