import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import jwt
import pytest

from infra.local.aws import HS256_SECRET
from infra.local.processes import ROOT
from tests.support.processes import fresh_mark, marked
from tests.support.waiting import until

pytestmark = pytest.mark.long

COMMAND = [sys.executable, "-m", "infra.local"]


def token_subjects(lines: list[str]) -> list[str]:
    return [
        jwt.decode(line.split()[1], HS256_SECRET, ["HS256"], audience="calendar-service")["sub"]
        for line in lines
        if line.startswith(("Coach", "Learner", "Admin"))
    ]


@contextmanager
def started(
    folder: Path, environment: dict[str, str]
) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    variables = {**os.environ, **environment, "PORT": "0", "TMPDIR": str(folder)}
    with subprocess.Popen(  # noqa: S603 - a program of this project
        COMMAND,
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.strip())
            if line.startswith("Requests are logged below"):
                break
        try:
            yield process, lines
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_run_prints_how_to_use_it_and_a_signal_ends_all_of_it(
    tmp_path: Path, number: signal.Signals
) -> None:
    mark, state = fresh_mark(), tmp_path / "state"
    state.mkdir()
    metrics = tmp_path / "local" / "metrics.jsonl"
    with started(state, {**mark, "LOCAL_METRICS_FILE": str(metrics)}) as (process, lines):
        url = lines[0].removeprefix("Calendar service on ")
        health = httpx.get(f"{url}/health", timeout=30).status_code
        before = len(marked(mark))
        process.send_signal(number)
        logged, _ = process.communicate(timeout=30)

    assert health == 200
    assert token_subjects(lines) == ["coach-1", "learner-1", "admin-1"]
    assert any(line.startswith("serverUrl http://127.0.0.1:") for line in lines)
    assert any(line.startswith(f"Sent mail: GET {url}/_local/mail;") for line in lines)
    assert f"Metrics: {metrics}" in lines
    # The service, three workers, and two servers with a guard each.
    assert before == 8
    assert process.returncode == 0
    assert "GET /health 200 " in logged
    assert until(lambda: not marked(mark))
    assert list(state.iterdir()) == []


def test_metrics_are_written_to_the_file_and_not_to_the_terminal(tmp_path: Path) -> None:
    metrics = tmp_path / "local" / "metrics.jsonl"
    with started(tmp_path, {"LOCAL_METRICS_FILE": str(metrics)}) as (process, lines):
        url = lines[0].removeprefix("Calendar service on ")
        token = next(line.split()[1] for line in lines if line.startswith("Coach"))
        people = {"coachId": "coach-1", "learnerId": "learner-1"}
        query = {"date": "2027-01-11", "role": "Coach", "timezone": "UTC", **people}
        slots = httpx.get(
            f"{url}/api/v1/available-slots",
            params=query,
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=30)

    written = [json.loads(line) for line in metrics.read_text().splitlines()]
    assert slots.status_code == 200, slots.text
    assert any("SlotsOffered" in each for each in written)
    assert all("_aws" in each for each in written)
    assert "_aws" not in output + errors


def error_of(**environment: str) -> str:
    """Run the command, which must fail, and return what it prints."""
    process = subprocess.run(  # noqa: S603 - a program of this project
        COMMAND,
        cwd=ROOT,
        env={**os.environ, "PORT": "0", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == 1
    assert process.stdout == ""
    return process.stderr


@pytest.mark.parametrize("port", ["abc", "65536", "-1", "8000 ", "٣"])
def test_an_invalid_port_is_one_line(port: str) -> None:
    assert error_of(PORT=port) == (
        f"The service did not start: PORT must be a number from 0 to 65535, not {port!r}.\n"
    )


def test_a_port_in_use_is_one_line() -> None:
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", 0))
        taker.listen()
        port = taker.getsockname()[1]
        error = error_of(PORT=str(port))

    assert error == (
        f"The service did not start: port {port} is already in use. "
        "Choose another one, for example PORT=8001.\n"
    )


def test_invalid_settings_are_one_line() -> None:
    error = error_of(SLOT_MINUTES="abc", ON_UNREADABLE="maybe")

    assert error.startswith("The service did not start: setting SLOT_MINUTES: ")
    assert "; setting ON_UNREADABLE: " in error
    assert error.count("\n") == 1
