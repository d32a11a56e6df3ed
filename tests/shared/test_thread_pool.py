"""Threads that work off batches, whatever their calls do."""

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.parallel import MAX_THREADS, Batch
from tests.support.waiting import until

SOON = timedelta(milliseconds=100)
FORKING = """
import os
from datetime import timedelta
from shared.parallel import Batch

Batch([lambda: 0]).outcomes()
child = os.fork()
if not child:
    (answer,) = Batch([lambda: 0]).outcomes_within(timedelta(seconds=20))
    os._exit(answer.result() if answer else 1)
os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_outcomes_come_in_the_order_of_the_calls() -> None:
    def answer(n: int) -> Callable[[], int]:
        return lambda: n

    batch = Batch([answer(n) for n in range(3 * MAX_THREADS)])

    assert [each.result() for each in batch.outcomes()] == list(range(3 * MAX_THREADS))


def test_the_thread_of_one_batch_works_off_later_ones() -> None:
    seen: set[threading.Thread] = set()

    def is_known() -> bool:
        known = len(seen)
        seen.add(_thread_used())
        return len(seen) == known

    assert until(is_known)


def test_a_thread_whose_call_hangs_is_not_used_meanwhile() -> None:
    released, hanging = threading.Event(), list[threading.Thread]()

    def hang() -> None:
        hanging.append(threading.current_thread())
        released.wait(20)

    outcomes = Batch([hang]).outcomes_within(SOON)
    assert until(lambda: bool(hanging))
    meanwhile = {_thread_used() for _ in range(50)}
    released.set()

    assert outcomes == [None]
    assert not meanwhile & set(hanging)


def test_no_more_calls_of_a_batch_run_at_once_than_may() -> None:
    running, released = threading.Semaphore(0), threading.Event()

    def run() -> None:
        running.release()
        released.wait(20)

    batch = Batch([run] * (MAX_THREADS + 1))

    assert all(running.acquire(timeout=20) for _ in range(MAX_THREADS))
    assert not running.acquire(timeout=SOON.total_seconds())
    released.set()
    assert len(batch.outcomes()) == MAX_THREADS + 1


def test_a_failure_is_raised_where_the_result_is_asked_for_and_the_thread_lives_on() -> None:
    def fail() -> threading.Thread:
        failed.append(threading.current_thread())
        raise ValueError("told")

    failed: list[threading.Thread] = []
    (outcome,) = Batch([fail]).outcomes()

    with pytest.raises(ValueError, match="told"):
        outcome.result()
    assert until(lambda: _thread_used() in failed)


def test_what_failed_in_time_is_told_as_failed_beside_what_is_late() -> None:
    released = threading.Event()

    def fail() -> bool:
        raise ValueError("told")

    failed, late = Batch([fail, lambda: released.wait(20)]).outcomes_within(SOON)
    released.set()

    assert late is None
    assert failed is not None
    with pytest.raises(ValueError, match="told"):
        failed.result()


def test_a_forked_process_starts_threads_of_its_own() -> None:
    """In a process of its own: forking this one would copy other tests' locks as well."""
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKING], check=False
    )

    assert done.returncode == 0


def _thread_used() -> threading.Thread:
    (outcome,) = Batch([threading.current_thread]).outcomes()
    return outcome.result()
