from dataclasses import replace

import pytest

from shared.domain.connection import Provider
from shared.domain.copy import CopyRef
from shared.domain.errors import LostRace
from shared.domain.event import Event, EventStatus, Owner
from shared.stores.bookings import DynamoBookings
from shared.stores.event_rows import from_copy, from_event
from shared.stores.events import DynamoEvents
from shared.stores.rows import Row
from shared.stores.tables import Tables
from tests.support.aws import counted
from tests.support.store_samples import copy, full_session, session


@pytest.mark.parametrize(
    "event",
    [
        session(),
        full_session(),
        session(learner_ids=(), owner=Owner.ADMIN, status=EventStatus.PENDING_APPROVAL),
        session(status=EventStatus.CANCELLED),
    ],
    ids=["bare", "full", "pending", "cancelled"],
)
def test_an_event_is_read_back_unchanged(
    events: DynamoEvents, bookings: DynamoBookings, event: Event
) -> None:
    bookings.commit(event, previous=None)

    assert event == events.find(event.id)


def test_an_event_stored_before_audit_was_recorded_is_read_without_it(
    events: DynamoEvents, tables: Tables
) -> None:
    old = from_event(full_session())
    old.audit = None
    tables.events.put(old)

    assert "audit" not in (tables.events.get(("1-a", "event")) or {})
    assert events.find("1-a") == replace(full_session(), audit=())


def test_an_audit_entry_of_a_newer_version_is_left_out(
    events: DynamoEvents, tables: Tables
) -> None:
    newer = from_event(full_session())
    newer.audit[1].action = "unheard-of"
    tables.events.put(newer)

    created, _, *others = full_session().audit
    assert events.find("1-a") == replace(full_session(), audit=(created, *others))


def test_an_unknown_event_is_not_found(events: DynamoEvents) -> None:
    assert events.find("unknown") is None
    assert events.find_with_copies("unknown") == (None, ())


def test_many_events_are_found_in_as_few_requests_as_possible(
    events: DynamoEvents, bookings: DynamoBookings, tables: Tables
) -> None:
    stored = [session(f"s{n}") for n in range(3)]
    for event in stored:
        bookings.commit(event, previous=None)

    with counted(tables) as sent:
        result = events.find_all(["s0", "s1", "s2", "s1", *(f"missing-{n}" for n in range(98))])

    assert {event.id: event for event in stored} == result
    assert sent == ["BatchGetItem", "BatchGetItem"]


def test_finding_no_ids_sends_no_request(events: DynamoEvents, tables: Tables) -> None:
    with counted(tables) as sent:
        result = events.find_all([])

    assert result == {}
    assert sent == []


def test_the_event_and_its_copies_are_read_in_one_request(
    events: DynamoEvents, bookings: DynamoBookings, tables: Tables
) -> None:
    bookings.commit(session(), previous=None)
    full = events.save_copy(copy("c-1"))
    bare = events.save_copy(
        copy("c-2", applied_digest=None, ref=None, error=None, unsettled_until=None)
    )
    other = events.save_copy(copy("c-3", ref=CopyRef("id")))
    events.save_copy(copy("c-1", event_id="another"))
    tables.events.put(Row("1-a", "external#x"))
    tables.events.put(Row("1-a", "invite#x"))

    with counted(tables) as sent:
        event, copies = events.find_with_copies("1-a")

    assert session() == event
    assert (full, bare, other) == copies
    assert sent == ["Query"]


def test_copies_are_found_without_their_event(events: DynamoEvents) -> None:
    saved = events.save_copy(copy())

    assert (None, (saved,)) == events.find_with_copies("1-a")


def test_a_copy_with_the_provider_of_a_newer_version_is_read_as_unknown(
    events: DynamoEvents, tables: Tables
) -> None:
    row = from_copy(copy())
    row.provider = "palm"
    tables.events.put(row)

    assert events.find_with_copies("1-a") == (None, (replace(copy(), provider=Provider.UNKNOWN),))


def test_saving_a_copy_increments_its_row_version(events: DynamoEvents) -> None:
    first = events.save_copy(copy())
    second = events.save_copy(replace(first, attempts=9))

    assert replace(copy(), row_version=1) == first
    assert replace(copy(), row_version=2, attempts=9) == second
    assert (None, (second,)) == events.find_with_copies("1-a")


@pytest.mark.parametrize("stale", [0, 1, 3])
def test_a_copy_that_has_changed_is_not_overwritten(events: DynamoEvents, stale: int) -> None:
    latest = events.save_copy(events.save_copy(copy()))

    with pytest.raises(LostRace):
        events.save_copy(copy(row_version=stale, attempts=99))

    assert (None, (latest,)) == events.find_with_copies("1-a")


def test_a_deleted_copy_is_not_recreated(events: DynamoEvents, tables: Tables) -> None:
    saved = events.save_copy(copy())
    tables.events.delete((saved.event_id, f"copy#{saved.connection_id}"))

    with pytest.raises(LostRace):
        events.save_copy(saved)

    assert tables.events.get(("1-a", "copy#c-1")) is None
