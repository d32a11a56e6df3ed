"""What waits, as the events table keeps it: in an index while it does, and out of it after."""

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
from shared.ports import UnsyncedEvents
from shared.stores.bookings import DynamoBookings
from shared.stores.event_rows import EventRow
from shared.stores.events import DynamoEvents
from shared.stores.invites import DynamoInvites
from shared.stores.tables import Tables
from shared.stores.unsynced import DynamoUnsynced
from tests.support.aws import counted
from tests.support.store_samples import NOON, session

MINUTE = timedelta(minutes=1)
TOLD = MailContent(method=InviteMethod.REQUEST, sequence=0, digest="digest")


@pytest.fixture
def invites(tables: Tables) -> DynamoInvites:
    """The invites of those tables."""
    return DynamoInvites(tables)


@pytest.fixture
def unsynced(tables: Tables) -> DynamoUnsynced:
    """What waits in those tables."""
    return DynamoUnsynced(tables)


def guest(**changes: Any) -> Invite:
    """Return the invite of a guest, never saved."""
    fields = {"event_id": "1-a", "address": "gus@example.org", "kind": InviteKind.EXTERNAL}
    return Invite(**{**fields, **changes})


def mail(status: DeliveryState, message_id: str | None = None) -> Attempt:
    """Return a mail put on record at noon."""
    return Attempt(number=1, content=TOLD, status=status, message_id=message_id, updated_at=NOON)


def item(tables: Tables, sk: str) -> Mapping[str, Any]:
    """Return an item of the session as it stands in the table."""
    found = tables.events.get(("1-a", sk))
    assert found is not None
    return found


def test_the_store_fills_its_port(unsynced: DynamoUnsynced) -> None:
    port: UnsyncedEvents = unsynced

    assert port is unsynced


def test_the_longest_waiting_come_first_whatever_their_shard(
    bookings: DynamoBookings, unsynced: DynamoUnsynced
) -> None:
    ages: dict[str, datetime] = {f"s{age}": NOON - age * MINUTE for age in (3, 9, 1, 7, 5, 8, 2)}
    for event_id, at in ages.items():
        event = session(event_id, updated_at=at, coach_ids=(event_id,), learner_ids=())
        bookings.commit(event, previous=None)

    found = unsynced.oldest(100)

    expected = ["s9", "s8", "s7", "s5", "s3", "s2", "s1"]
    assert [(each, ages[each]) for each in expected] == list(found)
    assert found[:2] == unsynced.oldest(2)


def test_looking_costs_one_query_a_shard(unsynced: DynamoUnsynced, tables: Tables) -> None:
    with counted(tables) as sent:
        found = unsynced.oldest(100)

    assert found == ()
    assert sent == ["Query"] * 4


def test_an_event_waits_from_its_commit_until_that_very_version_is_settled(
    bookings: DynamoBookings, events: DynamoEvents, unsynced: DynamoUnsynced, tables: Tables
) -> None:
    first = session()
    bookings.commit(first, previous=None)
    created = unsynced.oldest(1)
    moved = replace(first, version=2, updated_at=NOON + MINUTE)
    bookings.commit(moved, previous=first)
    events.settle("1-a", 1)
    changed = unsynced.oldest(1)
    with counted(tables) as sent:
        events.settle("1-a", 2)

    assert (("1-a", first.updated_at),) == created
    assert (("1-a", NOON + MINUTE),) == changed
    assert (["UpdateItem"], ()) == (sent, unsynced.oldest(1))
    assert {"N": "2"} == item(tables, "event")["settled_version"]
    assert moved == events.find("1-a")


def test_the_next_change_of_a_settled_event_waits_again(
    bookings: DynamoBookings, events: DynamoEvents, unsynced: DynamoUnsynced, tables: Tables
) -> None:
    first = session()
    bookings.commit(first, previous=None)
    events.settle("1-a", 1)

    bookings.commit(replace(first, version=2), previous=first)

    assert len(unsynced.oldest(9)) == 1
    assert "settled_version" not in item(tables, "event")


def test_an_event_written_before_there_was_an_index_is_settled_without_a_write(
    bookings: DynamoBookings, events: DynamoEvents, tables: Tables
) -> None:
    bookings.commit(session(), previous=None)
    tables.events.update(
        ("1-a", "event"), [EventRow.unsynced_shard.remove(), EventRow.unsynced_since.remove()]
    )
    before = item(tables, "event")

    events.settle("1-a", 1)
    events.settle("unknown", 1)

    assert before == item(tables, "event")
    assert tables.events.get(("unknown", "event")) is None


def test_guests_wait_from_their_change_until_they_are_settled_as_they_were(
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


def test_one_more_mail_asked_for_waits_until_it_is_on_record_and_sent(
    invites: DynamoInvites, unsynced: DynamoUnsynced
) -> None:
    asked = invites.save_invite(guest(resend=True, resend_since=NOON - MINUTE))
    requested = unsynced.oldest(9)
    claimed = invites.save_invite(
        replace(asked, resend=False, resend_since=None, attempts=(mail(DeliveryState.PENDING),))
    )
    begun = unsynced.oldest(9)
    invites.save_invite(replace(claimed, attempts=(mail(DeliveryState.SENT, "m-1"),)))

    assert (("1-a", NOON - MINUTE),) == requested
    assert (("1-a", NOON),) == begun
    assert () == unsynced.oldest(9)


def test_a_request_for_one_more_mail_comes_back_with_its_time(invites: DynamoInvites) -> None:
    asked = invites.save_invite(guest(resend=True, resend_since=NOON))

    assert asked == invites.invite("1-a", asked.id)
