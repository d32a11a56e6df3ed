import threading
from datetime import timedelta

import pytest

from shared.parallel import by_deadline, together
from tests.support.waiting import until

SOON = timedelta(milliseconds=100)


def test_results_are_in_the_order_of_the_calls() -> None:
    first, second = threading.Event(), threading.Event()

    def slow() -> str:
        assert second.wait(10)
        first.set()
        return "slow"

    def quick() -> str:
        second.set()
        return "quick"

    assert together([slow, quick]) == ["slow", "quick"]


def test_no_calls_give_no_results() -> None:
    assert together([]) == []
    assert by_deadline([], SOON) == []


def test_a_single_call_runs_in_the_calling_thread() -> None:
    assert together([threading.current_thread]) == [threading.current_thread()]


def test_a_failure_is_raised_after_every_call_has_ended() -> None:
    failed, ended = threading.Event(), threading.Event()

    def fail() -> None:
        failed.set()
        raise ValueError("first")

    def finish() -> None:
        assert failed.wait(10)
        ended.set()

    with pytest.raises(ValueError, match="first"):
        together([fail, finish])

    assert ended.is_set()


def test_the_first_failure_in_the_order_of_the_calls_is_raised() -> None:
    def fail_with(message: str) -> None:
        raise ValueError(message)

    with pytest.raises(ValueError, match="one"):
        together([lambda: fail_with("one"), lambda: fail_with("two")])


def test_a_call_that_has_not_ended_by_the_deadline_has_no_outcome() -> None:
    released = threading.Event()

    done, hanging = by_deadline([lambda: True, lambda: released.wait(10)], SOON)
    released.set()

    assert done
    assert done.result()
    assert hanging is None


def test_calls_that_end_early_are_returned_before_the_deadline() -> None:
    (done,) = by_deadline([lambda: "at once"], timedelta(hours=1))

    assert done
    assert done.result() == "at once"


def test_a_call_that_has_not_started_by_the_deadline_never_starts() -> None:
    released = threading.Event()
    started: list[int] = []
    ended: list[int] = []

    def hang() -> None:
        started.append(1)
        released.wait(10)
        ended.append(1)

    outcomes = by_deadline([hang] * 40, SOON)
    running = len(started)
    released.set()

    assert outcomes == [None] * 40
    assert until(lambda: len(ended) == running)
    assert len(started) == running < 40
