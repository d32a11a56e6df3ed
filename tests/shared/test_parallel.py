import threading
from datetime import timedelta

import pytest

from shared.parallel import by_deadline, together
from tests.support.waiting import until

SOON = timedelta(milliseconds=100)


def test_answers_come_in_the_order_of_the_calls() -> None:
    first, second = threading.Event(), threading.Event()

    def slow() -> str:
        assert second.wait(10)
        first.set()
        return "slow"

    def quick() -> str:
        second.set()
        return "quick"

    assert together([slow, quick]) == ["slow", "quick"]


def test_no_call_at_all_is_no_answer() -> None:
    assert together([]) == []
    assert by_deadline([], SOON) == []


def test_one_call_runs_where_it_was_asked() -> None:
    assert together([threading.current_thread]) == [threading.current_thread()]


def test_a_failure_is_raised_once_every_call_has_ended() -> None:
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


def test_the_first_failure_in_order_of_the_calls_is_the_one_raised() -> None:
    def fail_with(message: str) -> None:
        raise ValueError(message)

    with pytest.raises(ValueError, match="one"):
        together([lambda: fail_with("one"), lambda: fail_with("two")])


def test_what_has_not_ended_by_the_deadline_is_left() -> None:
    released = threading.Event()

    done, hanging = by_deadline([lambda: True, lambda: released.wait(10)], SOON)
    released.set()

    assert done
    assert done.result()
    assert hanging is None


def test_what_ends_in_time_is_not_waited_for_longer() -> None:
    (done,) = by_deadline([lambda: "at once"], timedelta(hours=1))

    assert done
    assert done.result() == "at once"


def test_what_has_not_begun_by_the_deadline_never_does() -> None:
    released = threading.Event()
    begun: list[int] = []
    ended: list[int] = []

    def hang() -> None:
        begun.append(1)
        released.wait(10)
        ended.append(1)

    answers = by_deadline([hang] * 40, SOON)
    running = len(begun)
    released.set()

    assert answers == [None] * 40
    assert until(lambda: len(ended) == running)
    assert len(begun) == running < 40
