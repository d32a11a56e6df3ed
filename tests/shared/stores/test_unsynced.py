"""Unsynced items: in the index until calendars and mail match them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from functions.calendar_sync.relay import changed_events
from shared.domain.invite import (
    Attempt,
    DeliveryState,
    GuestList,
    Invite,
    InviteKind,
    InviteMethod,
    MailContent,
)
from shared.domain.sweep import SweepCount
from shared.parallel import together
from shared.stores.bookings import DynamoBookings
from shared.stores.event_rows import EventRow
from shared.stores.events import DynamoEvents
from shared.stores.invites import DynamoInvites
from shared.stores.tables import Tables
from shared.stores.unsynced import DynamoParked, DynamoUnsynced
from shared.stores.unsynced_rows import UnsyncedRow, unsynced_keys
from tests.support.aws import counted
from tests.support.store_samples import NOON, session

pytestmark = pytest.mark.long

MINUTE = timedelta(minutes=1)
LATER = NOON + timedelta(days=1)
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

    result = unsynced.waiting(until=LATER)

    expected = ["s9", "s8", "s7", "s5", "s3", "s2", "s1"]
    assert [(each, ages[each]) for each in expected] == list(result)
    assert result[:2] == unsynced.waiting(until=ages["s8"])


def test_reading_takes_one_query_per_shard(unsynced: DynamoUnsynced, tables: Tables) -> None:
    with counted(tables) as sent:
        result = unsynced.waiting(until=LATER)

    assert result == ()
    assert sent == ["Query"] * 4


def test_an_event_is_unsynced_from_its_commit_until_that_version_is_synced(
    bookings: DynamoBookings, events: DynamoEvents, unsynced: DynamoUnsynced, tables: Tables
) -> None:
    first = session()
    bookings.commit(first, previous=None)
    created = unsynced.waiting(until=LATER)
    moved = replace(first, version=2, updated_at=NOON + MINUTE)
    bookings.commit(moved, previous=first)
    events.mark_synced("1-a", 1)
    changed = unsynced.waiting(until=LATER)
    with counted(tables) as sent:
        events.mark_synced("1-a", 2)

    assert (("1-a", first.updated_at),) == created
    assert (("1-a", NOON + MINUTE),) == changed
    assert (["UpdateItem"], ()) == (sent, unsynced.waiting(until=LATER))
    assert {"N": "2"} == item(tables, "event")["settled_version"]
    assert moved == events.find("1-a")


def test_the_next_change_of_a_synced_event_is_unsynced_again(
    bookings: DynamoBookings, events: DynamoEvents, unsynced: DynamoUnsynced, tables: Tables
) -> None:
    first = session()
    bookings.commit(first, previous=None)
    events.mark_synced("1-a", 1)

    bookings.commit(replace(first, version=2), previous=first)

    assert len(unsynced.waiting(until=LATER)) == 1
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
    waiting = unsynced.waiting(until=LATER)
    invites.mark_guests_synced(second)

    assert (("1-a", NOON + MINUTE),) == waiting
    assert () == unsynced.waiting(until=LATER)
    assert replace(second, unsynced_since=None) == invites.guest_list("1-a")
    assert {"N": "2"} == item(tables, "externals")["settled_version"]


def test_a_resend_is_unsynced_until_the_mail_is_recorded_and_sent(
    invites: DynamoInvites, unsynced: DynamoUnsynced
) -> None:
    requested_invite = invites.save_invite(guest(resend=True, resend_since=NOON - MINUTE))
    requested = unsynced.waiting(until=LATER)
    recorded = invites.save_invite(
        replace(
            requested_invite,
            resend=False,
            resend_since=None,
            attempts=(mail(DeliveryState.PENDING),),
        )
    )
    after_recording = unsynced.waiting(until=LATER)
    invites.save_invite(replace(recorded, attempts=(mail(DeliveryState.SENT, "m-1"),)))

    assert (("1-a", NOON - MINUTE),) == requested
    assert (("1-a", NOON),) == after_recording
    assert () == unsynced.waiting(until=LATER)


def test_a_resend_request_is_read_back_with_its_time(invites: DynamoInvites) -> None:
    requested_invite = invites.save_invite(guest(resend=True, resend_since=NOON))

    assert requested_invite == invites.invite("1-a", requested_invite.id)


def test_all_items_are_read_even_if_there_are_thousands(
    unsynced: DynamoUnsynced, tables: Tables
) -> None:
    # An item of the index has some 200 bytes, and a page 1 MB; long ids fill pages with fewer.
    names = [f"{number:04}-{'x' * 1500}" for number in range(3000)]
    rows = [UnsyncedRow(each, "externals", **unsynced_keys(each, NOON)) for each in names]
    together([partial(tables.events.put, each) for each in rows])
    with counted(tables) as sent:
        result = unsynced.waiting(until=LATER)

    assert sorted(names) == sorted(event_id for event_id, _ in result)
    assert sent.count("Query") > 4


def test_parked_items_leave_the_index_until_each_is_written(
    bookings: DynamoBookings,
    invites: DynamoInvites,
    unsynced: DynamoUnsynced,
    tables: Tables,
) -> None:
    first = session()
    bookings.commit(first, previous=None)
    invites.save_guest_list(GuestList(session_id="1-a", session_type="group", unsynced_since=NOON))
    saved = invites.save_invite(guest(resend=True, resend_since=NOON))
    unsynced.park("1-a", until=first.updated_at, now=LATER)

    assert unsynced.waiting(until=LATER) == ()
    for sk in ("event", "externals", f"invite#{saved.id}"):
        assert "parked_at" in item(tables, sk)
    parked = invites.invite("1-a", saved.id)
    assert parked == replace(saved, resend_since=None)
    bookings.commit(replace(first, version=2, updated_at=NOON + MINUTE), previous=first)
    invites.save_invite(replace(parked, resend_since=NOON + MINUTE * 2))
    changed = [("1-a", NOON + MINUTE), ("1-a", NOON + MINUTE * 2)]
    assert changed == list(unsynced.waiting(until=LATER))
    for sk in ("event", f"invite#{saved.id}"):
        assert "parked_at" not in item(tables, sk)


def test_a_newer_change_is_not_parked(
    bookings: DynamoBookings, unsynced: DynamoUnsynced, tables: Tables
) -> None:
    bookings.commit(session(updated_at=NOON + MINUTE), previous=None)

    unsynced.park("1-a", until=NOON, now=LATER)

    assert len(unsynced.waiting(until=LATER)) == 1
    assert "parked_at" not in item(tables, "event")


def test_a_parked_event_that_is_reconciled_after_all_is_settled(
    bookings: DynamoBookings, events: DynamoEvents, unsynced: DynamoUnsynced, tables: Tables
) -> None:
    first = session()
    bookings.commit(first, previous=None)
    unsynced.park("1-a", until=first.updated_at, now=LATER)

    events.mark_synced("1-a", 1)

    assert "parked_at" not in item(tables, "event")
    assert {"N": "1"} == item(tables, "event")["settled_version"]
    assert first == events.find("1-a")


def test_sweep_counts_are_read_back(unsynced: DynamoUnsynced) -> None:
    count = SweepCount(changed_at=NOON, tries=1)
    unsynced.save_sweep_count("1-a", count, now=NOON)
    unsynced.save_sweep_count("1-a", count.next_try(), now=LATER)

    assert {"1-a": SweepCount(changed_at=NOON, tries=2)} == unsynced.sweep_counts(["1-a", "none"])


def test_an_unparked_event_is_in_the_index_again_and_is_relayed(
    bookings: DynamoBookings, invites: DynamoInvites, unsynced: DynamoUnsynced, tables: Tables
) -> None:
    first = session()
    bookings.commit(first, previous=None)
    invites.save_guest_list(GuestList(session_id="1-a", session_type="group", unsynced_since=NOON))
    unsynced.park("1-a", until=first.updated_at, now=LATER)

    with counted(tables) as sent:
        DynamoParked(tables).unpark(["1-a", "unknown"], now=LATER)

    assert {"BatchGetItem": 1, "UpdateItem": 2} == dict(Counter(sent))
    assert [("1-a", LATER)] * 2 == list(unsynced.waiting(until=LATER))
    for sk in ("event", "externals"):
        records = [stream_record(item(tables, sk))]
        assert {"1-a"} == changed_events({"Records": records}).keys()


def test_unparking_changes_only_parked_items(
    bookings: DynamoBookings, events: DynamoEvents, unsynced: DynamoUnsynced, tables: Tables
) -> None:
    bookings.commit(session(), previous=None)
    events.mark_synced("1-a", 1)

    with counted(tables) as sent:
        DynamoParked(tables).unpark(["1-a"], now=LATER)

    assert ["BatchGetItem"] == list(sent)
    assert unsynced.waiting(until=LATER) == ()


def stream_record(image: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stream record of an item that was modified."""
    keys = {"pk": image["pk"], "sk": image["sk"]}
    return {"eventName": "MODIFY", "eventID": "1", "dynamodb": {"Keys": keys, "NewImage": image}}


def test_whom_nothing_reaches_is_named_until_the_event_changes(
    events: DynamoEvents, tables: Tables, bookings: DynamoBookings
) -> None:
    booked = session()
    bookings.commit(booked, previous=None)

    events.mark_synced("1-a", 1, unreachable=("learner-1", "coach-1"))

    item = tables.events.get(("1-a", "event")) or {}
    assert item["unreachable"] == {"L": [{"S": "coach-1"}, {"S": "learner-1"}]}
    bookings.commit(replace(booked, version=2), previous=booked)
    assert "unreachable" not in (tables.events.get(("1-a", "event")) or {})
