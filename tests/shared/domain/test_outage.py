"""How long a connection is suspended whose server does not answer."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.connection import ConnectionProblem, Outage, ProblemCode
from tests.support.store_samples import connection

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("calls", "seconds"),
    [(3, 15), (4, 30), (5, 60), (6, 120), (7, 240), (8, 300), (9, 300), (10_000, 300)],
)
def test_each_further_call_doubles_the_suspension_up_to_five_minutes(
    calls: int, seconds: int
) -> None:
    outage = Outage(calls=calls, since=NOON - SECOND, at=NOON)

    assert outage.suspended_until == NOON + seconds * SECOND


@pytest.mark.parametrize("calls", [1, 2])
def test_two_calls_do_not_suspend(calls: int) -> None:
    assert Outage(calls=calls, since=NOON, at=NOON).suspended_until is None


def test_an_outage_keeps_the_time_of_its_first_call() -> None:
    first = Outage.after(None, NOON)
    second = Outage.after(first, NOON + SECOND)

    assert first == Outage(calls=1, since=NOON, at=NOON)
    assert second == Outage(calls=2, since=NOON, at=NOON + SECOND)


def test_an_outage_is_recent_for_ten_minutes() -> None:
    outage = Outage(calls=1, since=NOON, at=NOON)

    assert outage.is_recent(NOON + timedelta(minutes=10) - SECOND)
    assert not outage.is_recent(NOON + timedelta(minutes=10))


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        (ProblemCode.ENTRY_UNREADABLE, ProblemCode.CALENDAR_UNREACHABLE),
        (ProblemCode.NO_REFRESH_TOKEN, ProblemCode.NO_REFRESH_TOKEN),
        (ProblemCode.RECONNECT_REQUIRED, ProblemCode.RECONNECT_REQUIRED),
    ],
)
def test_an_error_that_a_reading_can_end_is_less_important_than_a_suspension(
    code: ProblemCode, shown: ProblemCode
) -> None:
    outage = Outage(calls=3, since=NOON, at=NOON)
    suspended = connection(last_error=ConnectionProblem(code, "x"), read_outage=outage)
    working = connection(last_error=None, read_outage=Outage(calls=2, since=NOON, at=NOON))

    assert suspended.problem is not None
    assert suspended.problem.code is shown
    assert working.problem is None
