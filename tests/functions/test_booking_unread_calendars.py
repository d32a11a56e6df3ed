"""Bookings with calendars that are unreadable, need not be read or are not written."""

import pytest

from shared import wiring
from shared.domain.connection import ConnectionStatus, Provider
from tests.support.booking_requests import rejected
from tests.support.service import (
    User,
    admin,
    book,
    call_api,
    coach,
    fresh_id,
    learner,
    session_body,
)
from tests.support.store_samples import connection

pytestmark = pytest.mark.usefixtures("service")


def connect(user: User, status: ConnectionStatus) -> str:
    made = connection(
        fresh_id("c"), user_id=user.id, provider=Provider.GOOGLE, status=status, last_error=None
    )
    wiring.people_store().save_connection(made)
    return made.id


@pytest.mark.parametrize("status", list(ConnectionStatus))
def test_an_unreadable_calendar_rejects_the_booking(status: ConnectionStatus) -> None:
    who, other = coach(), learner()
    connect(other, status)

    response = rejected(who, session_body(who.id, other.id))

    assert response == (409, "CALENDAR_UNREADABLE")


def test_an_unreadable_calendar_of_a_group_learner_is_a_warning() -> None:
    who, boss, one, other = coach(), admin(), learner(), learner()
    broken = connect(one, ConnectionStatus.RECONNECT_REQUIRED)

    event = book(who, who.id, [one.id, other.id])
    [copy] = call_api("GET", f"/api/v1/events/{event['id']}", boss).data["sync"]

    assert event["warnings"] == [f"A calendar of {one.id} could not be read."]
    assert copy == {
        "userId": one.id,
        "connectionId": broken,
        "provider": "google",
        "state": event["sync"][0]["state"],
        "attempts": 0,
        "error": copy["error"],
        "updatedAt": "2026-11-23T08:00:00Z",
    }


def test_a_pending_event_is_written_to_no_calendar() -> None:
    who, one = coach(), learner()
    connect(one, ConnectionStatus.ACTIVE)

    event = book(who, who.id, [one.id, fresh_id()], autoApproval=False)

    assert event["sync"] == []


def test_allow_conflicts_is_for_admin_only() -> None:
    who = coach()

    response = rejected(who, session_body(who.id, learner().id, allowConflicts=True))

    assert response == (403, "FORBIDDEN")


def test_allow_conflicts_books_despite_conflicts_and_unreadable_calendars_with_warnings() -> None:
    boss, who, other = admin(), coach(), learner()
    book(boss, who.id, fresh_id())
    connect(other, ConnectionStatus.RECONNECT_REQUIRED)

    event = book(boss, who.id, other.id, allowConflicts=True)

    assert len(event["warnings"]) == 2
    assert who.id in event["warnings"][0]
    assert "could not be read" in event["warnings"][1]
