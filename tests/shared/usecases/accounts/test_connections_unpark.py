"""Connecting a calendar retries the user's coming sessions that the sweeper has parked."""

from datetime import timedelta

from shared.usecases.accounts.healing import MAX_UNPARKED
from tests.support.account_harness import AccountHarness
from tests.support.memory import MemoryBookings
from tests.support.platform import COACH, DAY, NOW, hours
from tests.support.store_samples import session


def parked(harness: AccountHarness, session_id: str, *, days: int, user: str) -> None:
    """Store a session of the user that is parked."""
    interval = hours(9, day=DAY + timedelta(days=days))
    event = session(session_id, interval=interval, coach_ids=(user,), learner_ids=())
    MemoryBookings(harness.memory).commit(event, previous=None)
    harness.memory.unsynced.pop(session_id, None)
    harness.memory.parked_events.add(session_id)


def test_the_users_coming_sessions_are_retried() -> None:
    harness = AccountHarness()
    parked(harness, "coming", days=3, user=COACH.user_id)
    parked(harness, "past", days=-30, user=COACH.user_id)
    parked(harness, "of-another", days=3, user="coach-2")

    harness.sign_in()

    assert {"coming": NOW} == harness.memory.unsynced


def test_reconnecting_retries_them_too() -> None:
    harness = AccountHarness()
    harness.sign_in()
    parked(harness, "coming", days=3, user=COACH.user_id)

    assert not harness.sign_in().is_new
    assert {"coming": NOW} == harness.memory.unsynced


def test_the_number_of_sessions_is_bounded_and_the_nearest_come_first() -> None:
    harness = AccountHarness()
    for number in range(MAX_UNPARKED + 5):
        parked(harness, f"s{number}", days=number, user=COACH.user_id)

    harness.sign_in()

    assert {f"s{number}" for number in range(MAX_UNPARKED)} == harness.memory.unsynced.keys()
