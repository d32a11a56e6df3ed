"""Calendars a booking cannot read, need not read or is not written to, and booking despite them."""

import pytest

from shared import wiring
from shared.domain.connection import ConnectionStatus, Provider
from tests.support.bookings import refused
from tests.support.service import User, admin, book, coach, fresh_id, learner, session_body
from tests.support.store_samples import connection

pytestmark = pytest.mark.usefixtures("service")


def connect(user: User, status: ConnectionStatus) -> str:
    made = connection(
        fresh_id("c"), user_id=user.id, provider=Provider.GOOGLE, status=status, last_error=None
    )
    wiring.people().save_connection(made)
    return made.id


@pytest.mark.parametrize("status", list(ConnectionStatus))
def test_a_calendar_that_cannot_be_read_refuses_the_booking(status: ConnectionStatus) -> None:
    who, other = coach(), learner()
    connect(other, status)

    answer = refused(who, session_body(who.id, other.id))

    assert answer == (409, "CALENDAR_UNREADABLE")


def test_a_calendar_of_somebody_not_consulted_is_not_asked() -> None:
    who, one, other = coach(), learner(), learner()
    broken = connect(one, ConnectionStatus.RECONNECT_REQUIRED)

    event = book(who, who.id, [one.id, other.id])

    assert [
        {
            "userId": one.id,
            "connectionId": broken,
            "provider": "google",
            "state": event["sync"][0]["state"],
            "attempts": 0,
            "error": event["sync"][0]["error"],
            "updatedAt": "2026-11-23T08:00:00Z",
        }
    ] == event["sync"]


def test_a_pending_event_is_written_to_no_calendar() -> None:
    who, one = coach(), learner()
    connect(one, ConnectionStatus.ACTIVE)

    event = book(who, who.id, [one.id, fresh_id()], autoApproval=False)

    assert event["sync"] == []


def test_allow_conflicts_is_for_admin_only() -> None:
    who = coach()

    answer = refused(who, session_body(who.id, learner().id, allowConflicts=True))

    assert answer == (403, "FORBIDDEN")


def test_allow_conflicts_books_despite_either_and_warns_of_both() -> None:
    boss, who, other = admin(), coach(), learner()
    book(boss, who.id, fresh_id())
    connect(other, ConnectionStatus.RECONNECT_REQUIRED)

    event = book(boss, who.id, other.id, allowConflicts=True)

    assert len(event["warnings"]) == 2
    assert who.id in event["warnings"][0]
    assert "could not be read" in event["warnings"][1]
