"""The API as its own document describes it, tried by schemathesis with that document alone."""

import os
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE, STDOUT

import pytest

from infra.local.processes import ROOT
from infra.local.server import Service

# Whole services at work; plain tests cover the same lines, and tracing them takes as long again.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

CONFIGURATION = Path(__file__).parent / "fuzzing.toml"
EVERYTHING = {"email": "fuzzer@example.org", "scope": "connections:provision"}
# What requests the coverage phase makes follows from the document; this bounds the other phases.
WITH_TOKEN = ("--max-examples", "5")
# Who asks without a token is told nothing of what else is wrong, so only good requests are worth it
# here; what is public is tried with bad ones by whoever has a token, too.
WITHOUT = ("--max-examples", "2", "--mode", "positive")


def schemathesis(run: Service, *options: str) -> subprocess.CompletedProcess[str]:
    """Let it try every operation of the document that the service serves."""
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--no-color"),
        *("--config-file", str(CONFIGURATION)),
        *("run", f"{run.url}/api/v1/openapi.json", *options),
    ]
    environment = {**os.environ, "CALDAV_URL": run.caldav.url, "PYTHONPATH": str(ROOT)}
    return subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment, stdout=PIPE, stderr=STDOUT, text=True, check=False
    )


@pytest.mark.parametrize("knows_us", [True, False], ids=["with a token", "without"])
def test_schemathesis_finds_no_fault(run: Service, tmp_path: Path, *, knows_us: bool) -> None:
    bearer = run.token("fuzzer", ["Coach", "Learner", "Admin"], **EVERYTHING)
    known = ("--header", f"Authorization: Bearer {bearer}", *WITH_TOKEN)

    done = schemathesis(run, *(known if knows_us else WITHOUT), "--report-dir", str(tmp_path))

    assert done.returncode == 0, done.stdout
