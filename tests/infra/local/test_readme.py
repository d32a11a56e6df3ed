"""The commands in README's first session, run with bash and curl against a local service."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.__main__ import introduction
from infra.local.processes import ROOT
from infra.local.service import Service, service

pytestmark = pytest.mark.long


@pytest.fixture
def run() -> Iterator[Service]:
    with service() as running:
        yield running


def commands() -> str:
    """Return the shell blocks of the section, joined."""
    readme = (ROOT / "README.md").read_text()
    section = re.split(r"^##+ ", readme.partition("\n## A first session\n")[2], flags=re.MULTILINE)
    return "".join(re.findall(r"^```sh\n(.*?)^```$", section[0], flags=re.MULTILINE | re.DOTALL))


def filled_in(script: str, run: Service) -> str:
    """Return the script with the values that `make local` prints in place of its own."""
    lines = introduction(run, Path("metrics")).splitlines()
    printed = dict(line.split() for line in lines if line.startswith("  "))
    values = {
        "API=http://127.0.0.1:8000": f"API={run.url}",
        "COACH=...": f"COACH={printed['Coach']}",
        "LEARNER=...": f"LEARNER={printed['Learner']}",
        "CALDAV=...": f"CALDAV={printed['serverUrl']}",
    }
    for placeholder, value in values.items():
        assert script.count(placeholder) == 1, placeholder
        script = script.replace(placeholder, value)
    assert "..." not in script
    return script


def responses(script: str) -> list[Any]:
    """Run the script; return the JSON of each response, in order."""
    one_per_line = 'curl() { command curl --fail-with-body --write-out "\\n" "$@"; }\n'
    process = subprocess.run(  # noqa: S603 - the commands of README
        ["bash", "-e", "-c", one_per_line + script],  # noqa: S607 - the bash on PATH
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return [json.loads(line) for line in process.stdout.splitlines()]


def test_every_command_of_the_first_session_succeeds(run: Service) -> None:
    script = filled_in(commands(), run)

    results = responses(script)

    assert len(results) == script.count("curl -s") - script.count("$(curl -s")
    assert all(each["success"] for each in results)
    clock, connected, _, _, slots, booked, _, event, moved, cancelled, google, listed = [
        each["data"] for each in results
    ]
    assert clock["now"] == "2027-01-04T08:00:00Z"
    assert connected["status"] == "active"
    assert "2027-01-11T09:00:00Z" in [
        each["startTime"] for each in slots["slots"] if each["available"]
    ]
    assert booked["status"] == "SCHEDULED"
    assert [each["state"] for each in event["sync"]] == ["SYNCED"]
    assert moved["startTime"] == "2027-01-11T10:00:00Z"
    assert cancelled["status"] == "CANCELLED"
    assert google["provider"] == "google"
    assert sorted(each["provider"] for each in listed) == ["apple", "google"]
