import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from infra.local.processes import ROOT
from infra.local.workers import InvocationFailed, TimedOut, Workers
from tests.support.waiting import ended, until

MODULE = "tests.support.local_handlers"


@contextlib.contextmanager
def started(count: int = 1, **environment: str) -> Iterator[Workers]:
    with tempfile.TemporaryFile() as log:
        workers = Workers({**os.environ, **environment}, log=log, count=count)
        try:
            yield workers
        finally:
            workers.stop()


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with started(SETTING="from the parent") as running:
        yield running


def invoke(workers: Workers, do: str, *, seconds: float = 30, **more: Any) -> Any:
    return workers.invoke(MODULE, {"do": do, **more}, function="events", seconds=seconds)


def test_a_worker_stays_warm_between_invocations(workers: Workers) -> None:
    first = invoke(workers, "count")
    second = invoke(workers, "count")

    assert first + 1 == second


def test_a_worker_sees_the_environment_it_was_given(workers: Workers) -> None:
    value = invoke(workers, "environment", name="SETTING")

    assert value == "from the parent"


def test_a_handler_that_raises_fails_its_invocation_with_the_traceback(workers: Workers) -> None:
    with pytest.raises(InvocationFailed, match="ValueError: fails on purpose"):
        invoke(workers, "fail")


def test_a_handler_that_raises_does_not_end_its_process(workers: Workers) -> None:
    before = invoke(workers, "process")
    with pytest.raises(InvocationFailed):
        invoke(workers, "fail")

    assert before == invoke(workers, "process")


def test_a_worker_that_dies_is_replaced(workers: Workers) -> None:
    before = invoke(workers, "process")
    with pytest.raises(InvocationFailed, match=r"ended its process \(3\)"):
        invoke(workers, "die")

    assert before != invoke(workers, "process")


def test_a_handler_that_times_out_is_killed_and_its_worker_replaced(
    workers: Workers,
) -> None:
    before = invoke(workers, "process")
    with pytest.raises(TimedOut, match=r"longer than 0\.2 s"):
        invoke(workers, "hang", seconds=0.2)

    assert before != invoke(workers, "process")
    assert ended(before)


def test_one_worker_serves_many_callers_one_after_another(workers: Workers) -> None:
    with ThreadPoolExecutor(4) as callers:
        results = list(callers.map(lambda n: invoke(workers, "echo", n=n), range(20)))

    assert [{"do": "echo", "n": n} for n in range(20)] == results


def test_stop_ends_every_worker_even_one_that_hangs() -> None:
    failures: list[BaseException] = []

    def hang(workers: Workers) -> None:
        try:
            invoke(workers, "hang")
        except InvocationFailed as failure:
            failures.append(failure)

    with started(count=2) as workers:
        processes = [worker._process.pid for worker in workers._free.queue if worker]
        caller = threading.Thread(target=hang, args=(workers,))
        caller.start()
        assert until(lambda: bool(workers._busy))
        workers.stop(seconds=0.2)
    caller.join(10)

    assert len(failures) == 1
    with pytest.raises(InvocationFailed, match="are stopped"):
        invoke(workers, "echo")
    assert all(ended(process) for process in processes)


def test_workers_end_when_their_parent_is_killed() -> None:
    script = (
        "import os, sys\n"
        "from infra.local.workers import Workers\n"
        "workers = Workers(os.environ, log=sys.stderr.buffer, count=1)\n"
        f"invoke = lambda do: workers.invoke('{MODULE}', {{'do': do}}, function='x', seconds=30)\n"
        "print(invoke('process'), flush=True)\n"
        "invoke('hang')\n"
    )
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        process = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)

    assert ended(process)
