import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from infra.local import processes
from infra.local.processes import ROOT, NotStarted, free_port, ministack, radicale, running
from tests.support.processes import fresh_mark, marked
from tests.support.waiting import until

pytestmark = pytest.mark.long

# Creates a file once it ignores SIGTERM.
STUBBORN = (
    "import signal, sys, time;"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "open(sys.argv[1], 'w').close();"
    "time.sleep(60)"
)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_free_port_is_free() -> None:
    port = free_port()

    with socket.socket() as taker:
        taker.bind(("127.0.0.1", port))


def test_ministack_runs_for_the_length_of_the_block(tmp_path: Path) -> None:
    with ministack(log=tmp_path / "log") as url:
        status = httpx.get(f"{url}/_ministack/health").status_code

    assert status == 200
    assert not listens(httpx.URL(url).port or 0)


def test_each_user_of_radicale_can_access_only_their_own_calendars(tmp_path: Path) -> None:
    with radicale(tmp_path, {"ada": "one", "bob": "two"}) as url:
        own = httpx.request("MKCALENDAR", f"{url}/ada/calendar/", auth=("ada", "one"))
        foreign = httpx.get(f"{url}/ada/calendar/", auth=("bob", "two"))
        wrong = httpx.get(f"{url}/ada/calendar/", auth=("ada", "two"))

    assert own.status_code == 201
    assert foreign.status_code == 403
    assert wrong.status_code == 401
    assert not listens(httpx.URL(url).port or 0)


def test_processes_started_by_a_command_end_with_the_block(tmp_path: Path) -> None:
    mark = fresh_mark()
    with running(["sh", "-c", "sleep 60 & sleep 60"], log=tmp_path / "log", environment=mark):
        # The guard, the shell and both of its children.
        assert until(lambda: len(marked(mark)) == 4)

    assert until(lambda: not marked(mark))


def test_a_command_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    mark, ready = fresh_mark(), tmp_path / "ready"
    command = [sys.executable, "-c", STUBBORN, str(ready)]
    with running(command, log=tmp_path / "log", environment=mark, grace_seconds=0.1):
        assert until(ready.exists)

    assert until(lambda: not marked(mark))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_command_ends_when_its_parent_is_killed(tmp_path: Path, number: signal.Signals) -> None:
    mark = fresh_mark()
    script = (
        "import pathlib, time\n"
        "from infra.local.processes import running\n"
        f"with running(['sleep', '60'], log=pathlib.Path({str(tmp_path / 'log')!r}),"
        f" environment={mark!r}):\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) as parent:  # noqa: S603 - our own script
        assert until(lambda: len(marked(mark)) == 2)
        parent.send_signal(number)

    assert until(lambda: not marked(mark))


def test_a_server_that_ends_at_once_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", "raise SystemExit('the reason')"]

    with (
        running(command, log=log) as process,
        pytest.raises(NotStarted, match="the reason"),
    ):
        processes._wait(process, free_port(), "/", expected="me", log=log)


def test_a_server_of_another_process_is_not_mistaken_for_the_started_one(tmp_path: Path) -> None:
    with radicale(tmp_path, {}) as url:
        port = httpx.URL(url).port or 0
        log = tmp_path / "log"
        with (
            running(["sh", "-c", "exit 1"], log=log) as process,
            pytest.raises(NotStarted, match=f"port {port}"),
        ):
            processes._wait(process, port, "/.unknown/", expected="me", log=log)


def test_another_port_is_tried_when_the_first_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = iter([taken.getsockname()[1], free_port()])
        with processes._on_free_port(
            lambda port: processes._radicale_on(port, tmp_path, {}), port=lambda: next(ports)
        ) as port:
            response = httpx.get(f"http://127.0.0.1:{port}/.unknown/")

    assert response.status_code == 401
