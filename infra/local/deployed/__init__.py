"""Deploys the stack to an AWS on this machine and runs the demo through its HTTP API.

`python -m infra.local.deployed` runs `cdk bootstrap` and `cdk deploy` for the stage `local`, runs
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

from infra.local.demo import run_demo
from infra.local.demo.common import DemoFailed, say
from infra.local.demo.scenario import upcoming
from infra.local.deployed.cdk import CdkFailed
from infra.local.deployed.deployment import Deployment, deployment
from infra.local.deployed.published import check_published
from infra.local.processes import NotStarted

TAIL_LINES = 40


class DeployFunction(Protocol):
    """Deploys the service for the length of a block, as `deployment` does."""

    def __call__(self, folder: Path, *, log: Path) -> AbstractContextManager[Deployment]:
        """Write all files to `folder`; the local AWS writes to `log`."""
        ...


def main(deploy: DeployFunction = deployment) -> int:
    """Deploy, run the demo, check the dead-letter queues and return the exit status."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="calendar-service-") as folder:
        log = Path(folder) / "ministack.log"
        try:
            with deploy(Path(folder), log=log) as run:
                say(f"Deployed to {run.url} in {time.monotonic() - started:.0f} s.")
                run_demo(run, upcoming(datetime.now(UTC)))
                compared = run.until(lambda: check_published(run))
                say(f"The bus, the change list and the API agree: {compared}.")
                run.check_dead_letters()
                say("The dead-letter queues are empty.")
        except (CdkFailed, DemoFailed, NotStarted, OSError, httpx.HTTPError) as error:
            print(f"{_tail(log)}✗ {error}", file=sys.stderr)
            return 1
    print(f"The demo through the deployed API succeeded after {time.monotonic() - started:.0f} s.")
    return 0


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines(keepends=True) if log.exists() else []
    return "".join(lines[-TAIL_LINES:])
