"""Unsynced items: in the index until calendars and mail match them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.invite import (
    Attempt,
    DeliveryState,
    GuestList,
    Invite,
    InviteKind,
    InviteMethod,
    MailContent,
)
from shared.stores.bookings import DynamoBookings
from shared.stores.event_rows import EventRow
from shared.stores.events import DynamoEvents
from shared.stores.invites import DynamoInvites
from shared.stores.tables import Tables
from shared.stores.unsynced import DynamoUnsynced
from tests.support.aws import counted
from tests.support.store_samples import NOON, session

MINUTE = timedelta(minutes=1)
CONTENT = MailContent(method=InviteMethod.REQUEST, sequence=0, digest="digest")


@pytest.fixture
def invites(tables: Tables) -> DynamoInvites:
    """The store of invites."""
    return DynamoInvites(tables)


@pytest.fixture
def unsynced(tables: Tables) -> DynamoUnsynced:
    """The store of unsynced items."""
    return DynamoUnsynced(tables)


def guest(**changes: Any) -> Invite:
    """Return the unsaved invite of a guest."""
    fields = {"event_id": "1-a", "address": "gus@example.org", "kind": InviteKind.EXTERNAL}
    return Invite(**{**fields, **changes})


def mail(status: DeliveryState, message_id: str | None = None) -> Attempt:
    """Return a mail recorded at noon."""
    return Attempt(number=1, content=CONTENT, status=status, message_id=message_id, updated_at=NOON)


def item(tables: Tables, sk: str) -> Mapping[str, Any]:
    """Return an item of the session from the table."""
    stored = tables.events.get(("1-a", sk))
    assert stored is not None
    return stored


def test_the_oldest_come_first_regardless_of_shard(
    bookings: DynamoBookings, unsynced: DynamoUnsynced
) -> None:
    ages: dict[str, datetime] = {f"s{age}": NOON - age * MINUTE for age in (3, 9, 1, 7, 5, 8, 2)}
    for event_id, at in ages.items():
        event = session(event_id, updated_at=at, coach_ids=(event_id,), learner_ids=())
        bookings.commit(event, previous=None)

    result = unsynced.oldest(100)

    expected = ["s9", "s8", "s7", "s5", "s3", "s2", "s1"]
    assert [(each, ages[each]) for each in expected] == list(result)
    assert result[:2] == unsynced.oldest(2)


def test_reading_takes_one_query_per_shard(unsynced: DynamoUnsynced, tables: Tables) -> None:
    with counted(tables) as sent:
        result = unsynced.oldest(100)

    assert result == ()
    assert sent == ["Query"] * 4


def test_an_event_is_unsynced_from_its_commit_until_that_version_is_synced(
    bookings: DynamoBookings, events: DynamoEvents, unsynced: DynamoUnsynced, tables: Tables
) -> None:
    first = session()
    bookings.commit(first, previous=None)
    created = unsynced.oldest(1)
    moved = replace(first, version=2, updated_at=NOON + MINUTE)
    bookings.commit(moved, previous=first)
    events.mark_synced("1-a", 1)
    changed = unsynced.oldest(1)
    with counted(tables) as sent:
        events.mark_synced("1-a", 2)

    assert (("1-a", first.updated_at),) == created
    assert (("1-a", NOON + MINUTE),) == changed
    assert (["UpdateItem"], ()) == (sent, unsynced.oldest(1))
    assert {"N": "2"} == item(tables, "event")["settled_version"]
    assert moved == events.find("1-a")


def test_the_next_change_of_a_synced_event_is_unsynced_again(
    bookings: DynamoBookings, events: DynamoEvents, unsynced: DynamoUnsynced, tables: Tables
) -> None:
    first = session()
    bookings.commit(first, previous=None)
    events.mark_synced("1-a", 1)

    bookings.commit(replace(first, version=2), previous=first)

    assert len(unsynced.oldest(9)) == 1
    assert "settled_version" not in item(tables, "event")


def test_an_event_without_index_keys_is_marked_synced_without_a_write(
    bookings: DynamoBookings, events: DynamoEvents, tables: Tables
) -> None:
    bookings.commit(session(), previous=None)
    tables.events.update(
        ("1-a", "event"), [EventRow.unsynced_shard.remove(), EventRow.unsynced_since.remove()]
    )
    before = item(tables, "event")

    events.mark_synced("1-a", 1)
    events.mark_synced("unknown", 1)

    assert before == item(tables, "event")
    assert tables.events.get(("unknown", "event")) is None


def test_a_guest_list_is_unsynced_until_that_version_is_synced(
    invites: DynamoInvites, unsynced: DynamoUnsynced, tables: Tables
) -> None:
    fresh = GuestList(session_id="1-a", session_type="group", unsynced_since=NOON)
    first = invites.save_guest_list(fresh)
    second = invites.save_guest_list(replace(first, unsynced_since=NOON + MINUTE))
    invites.mark_guests_synced(first)
    waiting = unsynced.oldest(9)
    invites.mark_guests_synced(second)

    assert (("1-a", NOON + MINUTE),) == waiting
    assert () == unsynced.oldest(9)
    assert replace(second, unsynced_since=None) == invites.guest_list("1-a")
    assert {"N": "2"} == item(tables, "externals")["settled_version"]


def test_a_resend_is_unsynced_until_the_mail_is_recorded_and_sent(
    invites: DynamoInvites, unsynced: DynamoUnsynced
) -> None:
    requested_invite = invites.save_invite(guest(resend=True, resend_since=NOON - MINUTE))
    requested = unsynced.oldest(9)
    recorded = invites.save_invite(
        replace(
            requested_invite,
            resend=False,
            resend_since=None,
            attempts=(mail(DeliveryState.PENDING),),
        )
    )
    after_recording = unsynced.oldest(9)
    invites.save_invite(replace(recorded, attempts=(mail(DeliveryState.SENT, "m-1"),)))

    assert (("1-a", NOON - MINUTE),) == requested
    assert (("1-a", NOON),) == after_recording
    assert () == unsynced.oldest(9)


def test_a_resend_request_is_read_back_with_its_time(invites: DynamoInvites) -> None:
    requested_invite = invites.save_invite(guest(resend=True, resend_since=NOON))

    assert requested_invite == invites.invite("1-a", requested_invite.id)
