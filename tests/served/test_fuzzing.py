"""The API tested by schemathesis with nothing but its OpenAPI document."""

import os
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE, STDOUT

import pytest

from infra.local.processes import ROOT
from infra.local.service import Service

# Whole services over lines that other tests cover; tracing them would double their time.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

CONFIGURATION = Path(__file__).parent / "fuzzing.toml"
ALL_CLAIMS = {"email": "fuzzer@example.org", "scope": "connections:provision"}
# The document determines the requests of the coverage phase; this bounds the other phases.
WITH_TOKEN = ("--max-examples", "5")
# Without a token, protected routes report no other problem, so only valid requests are sent; public
# routes get invalid requests in the run with a token.
WITHOUT = ("--max-examples", "2", "--mode", "positive")


def schemathesis(run: Service, *options: str) -> subprocess.CompletedProcess[str]:
    """Run schemathesis on every operation of the served document."""
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--no-color"),
        *("--config-file", str(CONFIGURATION)),
        *("run", f"{run.url}/api/v1/openapi.json", *options),
    ]
    environment = {**os.environ, "CALDAV_URL": run.caldav.url, "PYTHONPATH": str(ROOT)}
    return subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment, stdout=PIPE, stderr=STDOUT, text=True, check=False
    )


@pytest.mark.parametrize("has_token", [True, False], ids=["with a token", "without a token"])
def test_schemathesis_finds_no_failure(run: Service, tmp_path: Path, *, has_token: bool) -> None:
    bearer = run.token("fuzzer", ["Coach", "Learner", "Admin"], **ALL_CLAIMS)
    known = ("--header", f"Authorization: Bearer {bearer}", *WITH_TOKEN)

    done = schemathesis(run, *(known if has_token else WITHOUT), "--report-dir", str(tmp_path))

    assert done.returncode == 0, done.stdout
