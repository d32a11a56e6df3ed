import os
import signal
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


def told_subjects(lines: list[str]) -> list[str]:
    return [
        jwt.decode(line.split()[1], HS256_SECRET, ["HS256"], audience="calendar-service")["sub"]
        for line in lines
        if line.startswith(("Coach", "Learner", "Admin"))
    ]


@contextmanager
def started(
    folder: Path, mark: dict[str, str]
) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    variables = {**os.environ, **mark, "PORT": "0", "TMPDIR": str(folder)}
    with subprocess.Popen(
        [sys.executable, "-m", "infra.local"],
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.strip())
            if line.startswith("Requests follow"):
                break
        try:
            yield process, lines
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_tells_how_to_use_it_and_a_signal_ends_all_of_it(
    tmp_path: Path, number: signal.Signals
) -> None:
    mark = fresh_mark()
    with started(tmp_path, mark) as (process, lines):
        url = lines[0].removeprefix("Calendar service on ")
        health = httpx.get(f"{url}/health", timeout=30).status_code
        before = len(marked(mark))
        process.send_signal(number)
        status = process.wait(30)
        assert process.stdout is not None
        logged = process.stdout.read()

    assert health == 200
    assert told_subjects(lines) == ["coach-1", "learner-1", "admin-1"]
    assert any(line.startswith("serverUrl http://127.0.0.1:") for line in lines)
    assert any(line.startswith(f"Mails sent: GET {url}/_local/mail;") for line in lines)
    # The front, three workers, and two servers with a leash each.
    assert before == 8
    assert status == 0
    assert "GET /health 200 " in logged
    assert until(lambda: not marked(mark))
    assert list(tmp_path.iterdir()) == []
