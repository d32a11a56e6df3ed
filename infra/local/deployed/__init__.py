"""The stack itself, deployed to an AWS on this machine, and the demo through its HTTP API.

`python -m infra.local.deployed` runs `cdk bootstrap` and `cdk deploy` for the stage `local`, plays
the demo, and stops and removes everything.
"""

import sys
import tempfile
import time
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import httpx

from infra.local.demo import play
from infra.local.demo.script import upcoming
from infra.local.demo.stage import DemoFailed, say
from infra.local.deployed.cdk import CdkFailed
from infra.local.deployed.deployment import Deployment, deployment
from infra.local.processes import NotStarted

TAIL_LINES = 40


class Deploying(Protocol):
    """Deploys the service for the length of a block; `deployment` does."""

    def __call__(self, folder: Path, *, log: Path) -> AbstractContextManager[Deployment]:
        """Write everything to that folder, and what the local AWS says to that log."""
        ...


def main(deploying: Deploying = deployment) -> int:
    """Deploy, play the demo, check that nothing was given up, and return the exit status."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="calendar-service-") as folder:
        log = Path(folder) / "ministack.log"
        try:
            with deploying(Path(folder), log=log) as run:
                say(f"Deployed to {run.url} within {time.monotonic() - began:.0f} s.")
                play(run, upcoming(datetime.now(UTC)))
                run.check_dead_letters()
                say("No dead-letter queue holds anything.")
        except (CdkFailed, DemoFailed, NotStarted, OSError, httpx.HTTPError) as failure:
            print(f"{_tail(log)}✗ {failure}", file=sys.stderr)
            return 1
    print(
        f"The demo went as it should, through the deployed API, {time.monotonic() - began:.0f} s."
    )
    return 0


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines(keepends=True) if log.exists() else []
    return "".join(lines[-TAIL_LINES:])
