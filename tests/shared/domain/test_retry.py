from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from shared.domain.errors import LostRace, NotFound, SlotTaken
from shared.domain.retry import TRIES, next_wait, retries_lost_races, retry_lost_races

SECOND = timedelta(seconds=1)


class Attempts:
    """Lose a race `losses` times, then return the number of calls."""

    def __init__(self, losses: int) -> None:
        self.losses, self.calls = losses, 0

    def __call__(self) -> int:
        self.calls += 1
        if self.calls <= self.losses:
            raise LostRace(f"try {self.calls}")
        return self.calls


def retry(attempt: Callable[[], int], pauses: list[int] | None = None, tries: int = TRIES) -> int:
    numbers = [] if pauses is None else pauses
    return retry_lost_races(
        attempt, pause=numbers.append, error=SlotTaken("Too busy."), tries=tries
    )


def test_a_first_try_that_succeeds_does_not_pause() -> None:
    pauses: list[int] = []

    assert retry(Attempts(0), pauses) == 1
    assert pauses == []


def test_lost_races_are_retried_after_pauses_with_rising_numbers() -> None:
    pauses: list[int] = []

    assert retry(Attempts(3), pauses) == 4
    assert pauses == [1, 2, 3]


@pytest.mark.parametrize("tries", [1, 2, TRIES])
def test_after_the_last_try_the_given_error_is_raised(tries: int) -> None:
    pauses: list[int] = []
    attempts = Attempts(1000)

    with pytest.raises(SlotTaken, match="Too busy") as caught:
        retry(attempts, pauses, tries)

    assert attempts.calls == tries
    assert pauses == list(range(1, tries))
    assert str(caught.value.__cause__) == f"try {tries}"


def test_the_last_try_may_succeed() -> None:
    assert retry(Attempts(TRIES - 1)) == TRIES


def test_other_errors_are_not_retried() -> None:
    calls = []

    def attempt() -> int:
        calls.append(1)
        raise NotFound("There is no such event.")

    with pytest.raises(NotFound):
        retry(attempt)
    assert calls == [1]


class Counter:
    """A counter whose writes lose races."""

    def __init__(self, losses: int) -> None:
        self.pauses: list[int] = []
        self._pause = self.pauses.append
        self._attempts = Attempts(losses)

    @retries_lost_races(partial(SlotTaken, "Too busy."))
    def add(self, number: int, *, double: bool = False) -> int:
        """Return the sum of the number and the calls."""
        return self._attempts() + number * (2 if double else 1)


def test_a_decorated_method_is_retried_with_its_arguments() -> None:
    counter = Counter(2)

    assert counter.add(10, double=True) == 23
    assert counter.pauses == [1, 2]


def test_a_decorated_method_keeps_its_name_and_docstring() -> None:
    assert Counter.add.__name__ == "add"
    assert Counter.add.__doc__ == "Return the sum of the number and the calls."


def test_a_decorated_method_raises_a_new_error_each_time() -> None:
    errors = []
    for _ in range(2):
        with pytest.raises(SlotTaken, match="Too busy") as caught:
            Counter(TRIES).add(1)
        errors.append(caught.value)

    assert errors[0] is not errors[1]


@pytest.mark.parametrize(
    ("longest", "expected"), [(0, 2), (1, 2), (3, 3), (300, 300), (301, 300), (10**6, 300)]
)
def test_the_longest_wait_is_brought_into_two_seconds_to_five_minutes(
    longest: int, expected: int
) -> None:
    assert next_wait(longest * SECOND, jitter=lambda wait: wait) == expected * SECOND


def test_a_wait_is_not_shorter_than_a_second() -> None:
    assert next_wait(8 * SECOND, jitter=lambda _: timedelta(0)) == SECOND


def test_a_wait_is_not_shorter_than_the_time_a_provider_requires() -> None:
    wait = next_wait(2 * SECOND, jitter=lambda wait: wait, at_least=90 * SECOND)

    assert wait == 90 * SECOND
