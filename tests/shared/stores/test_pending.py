"""Pending events: in the index until they are approved, declined, cancelled or have expired."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.event import Event, EventStatus
from shared.ports import PendingEvent
from shared.stores.bookings import DynamoBookings
from shared.stores.events import DynamoEvents
from shared.stores.pending import DynamoPending
from shared.stores.tables import Tables
from tests.support.aws import counted
from tests.support.store_samples import DAY, NOON, hours, session

MINUTE = timedelta(minutes=1)
START = hours(9).start


def pending_session(event_id: str, **changes: object) -> Event:
    """Return a session that waits for approval."""
    return session(event_id, **{"status": EventStatus.PENDING_APPROVAL, **changes})


@pytest.fixture
def index(tables: Tables) -> DynamoPending:
    """The index of pending events."""
    return DynamoPending(tables)


def test_the_next_to_expire_comes_first_regardless_of_shard(
    bookings: DynamoBookings, index: DynamoPending
) -> None:
    later = hours(9, day=DAY + timedelta(days=3))
    untils = {f"e{n}": later.start - n * MINUTE for n in range(8)}
    for event_id, until in untils.items():
        event = pending_session(event_id, interval=later, approve_by=until)
        bookings.commit(event, previous=None)
    bookings.commit(session("scheduled", interval=later), previous=None)

    expected = [PendingEvent(each, untils[each], later.start) for each in reversed(untils)]
    assert expected == list(index.pending())


@pytest.mark.parametrize("approve_by", [None, START, START + MINUTE])
def test_an_event_expires_at_its_start_at_the_latest(
    bookings: DynamoBookings, index: DynamoPending, approve_by: object
) -> None:
    bookings.commit(pending_session("1-a", approve_by=approve_by), previous=None)

    assert index.pending() == (PendingEvent("1-a", START, START),)


def test_only_those_that_expire_until_then_are_found(
    bookings: DynamoBookings, index: DynamoPending
) -> None:
    bookings.commit(pending_session("1-a"), previous=None)

    assert index.pending(until=START - MINUTE) == ()
    assert [each.event_id for each in index.pending(until=START)] == ["1-a"]
    assert [each.event_id for each in index.pending(until=START + MINUTE)] == ["1-a"]


@pytest.mark.parametrize("status", [each for each in EventStatus if "PENDING" not in each])
def test_an_event_that_is_decided_leaves_the_index(
    bookings: DynamoBookings, index: DynamoPending, status: EventStatus
) -> None:
    event = pending_session("1-a")
    bookings.commit(event, previous=None)

    bookings.commit(replace(event, version=2, status=status), previous=event)

    assert index.pending() == ()


def test_calendars_and_mail_that_match_leave_a_pending_event_in_the_index(
    bookings: DynamoBookings, events: DynamoEvents, index: DynamoPending, tables: Tables
) -> None:
    bookings.commit(pending_session("1-a", approve_by=NOON), previous=None)

    events.mark_synced("1-a", 1)
    with counted(tables) as sent:
        found = index.pending()

    assert [each.event_id for each in found] == ["1-a"]
    assert sent == ["Query"] * 4
