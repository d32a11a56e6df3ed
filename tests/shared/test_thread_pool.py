"""The threads that run batches of calls."""

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
    (outcome,) = Batch([lambda: 0]).outcomes_within(timedelta(seconds=20))
    os._exit(outcome.result() if outcome else 1)
os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_outcomes_are_in_the_order_of_the_calls() -> None:
    def returning(n: int) -> Callable[[], int]:
        return lambda: n

    batch = Batch([returning(n) for n in range(3 * MAX_THREADS)])

    assert [each.result() for each in batch.outcomes()] == list(range(3 * MAX_THREADS))


def test_the_thread_of_one_batch_is_reused_for_later_ones() -> None:
    seen: set[threading.Thread] = set()

    def is_reused() -> bool:
        before = len(seen)
        seen.add(_thread_used())
        return len(seen) == before

    assert until(is_reused)


def test_a_thread_with_a_hanging_call_is_not_reused() -> None:
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


def test_the_number_of_concurrent_calls_of_a_batch_is_limited() -> None:
    running, released = threading.Semaphore(0), threading.Event()

    def run() -> None:
        running.release()
        released.wait(20)

    batch = Batch([run] * (MAX_THREADS + 1))

    assert all(running.acquire(timeout=20) for _ in range(MAX_THREADS))
    assert not running.acquire(timeout=SOON.total_seconds())
    released.set()
    assert len(batch.outcomes()) == MAX_THREADS + 1


def test_a_failure_is_raised_when_its_result_is_read_and_the_thread_is_reused() -> None:
    def fail() -> threading.Thread:
        failed.append(threading.current_thread())
        raise ValueError("failed")

    failed: list[threading.Thread] = []
    (outcome,) = Batch([fail]).outcomes()

    with pytest.raises(ValueError, match="failed"):
        outcome.result()
    assert until(lambda: _thread_used() in failed)


def test_a_call_that_failed_in_time_has_an_outcome_and_a_late_one_has_none() -> None:
    released = threading.Event()

    def fail() -> bool:
        raise ValueError("failed")

    failed, late = Batch([fail, lambda: released.wait(20)]).outcomes_within(SOON)
    released.set()

    assert late is None
    assert failed is not None
    with pytest.raises(ValueError, match="failed"):
        failed.result()


def test_a_forked_process_starts_its_own_threads() -> None:
    """Fork a separate process, because forking this one would copy the locks of other tests."""
    done = subprocess.run(  # noqa: S603 - a fixed command
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKING], check=False
    )

    assert done.returncode == 0


def _thread_used() -> threading.Thread:
    (outcome,) = Batch([threading.current_thread]).outcomes()
    return outcome.result()
