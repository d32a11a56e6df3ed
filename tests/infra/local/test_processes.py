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

# Says so once it no longer minds being asked to end.
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


def test_ministack_answers_while_the_block_lasts_and_is_gone_after_it(tmp_path: Path) -> None:
    with ministack(log=tmp_path / "log") as url:
        status = httpx.get(f"{url}/_ministack/health").status_code

    assert status == 200
    assert not listens(httpx.URL(url).port or 0)


def test_each_user_of_radicale_reaches_only_what_is_theirs(tmp_path: Path) -> None:
    with radicale(tmp_path, {"ada": "one", "bob": "two"}) as url:
        own = httpx.request("MKCALENDAR", f"{url}/ada/calendar/", auth=("ada", "one"))
        foreign = httpx.get(f"{url}/ada/calendar/", auth=("bob", "two"))
        wrong = httpx.get(f"{url}/ada/calendar/", auth=("ada", "two"))

    assert own.status_code == 201
    assert foreign.status_code == 403
    assert wrong.status_code == 401
    assert not listens(httpx.URL(url).port or 0)


def test_what_a_command_started_ends_with_the_block(tmp_path: Path) -> None:
    mark = fresh_mark()
    with running(["sh", "-c", "sleep 60 & sleep 60"], log=tmp_path / "log", environment=mark):
        # The leash, the shell and both of its children.
        assert until(lambda: len(marked(mark)) == 4)

    assert until(lambda: not marked(mark))


def test_a_command_that_will_not_end_is_killed(tmp_path: Path) -> None:
    mark, ready = fresh_mark(), tmp_path / "ready"
    command = [sys.executable, "-c", STUBBORN, str(ready)]
    with running(command, log=tmp_path / "log", environment=mark, grace_seconds=0.1):
        assert until(ready.exists)

    assert until(lambda: not marked(mark))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_command_ends_when_whoever_started_it_is_killed(
    tmp_path: Path, number: signal.Signals
) -> None:
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
    command = [sys.executable, "-c", "raise SystemExit('told why')"]

    with (
        running(command, log=log) as process,
        pytest.raises(NotStarted, match="told why"),
    ):
        processes._wait(process, free_port(), "/", expected="me", log=log)


def test_a_port_somebody_else_took_is_not_taken_for_ours(tmp_path: Path) -> None:
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
        with processes._first_up(
            lambda port: processes._radicale_on(port, tmp_path, {}), port=lambda: next(ports)
        ) as port:
            answer = httpx.get(f"http://127.0.0.1:{port}/.unknown/")

    assert answer.status_code == 401
