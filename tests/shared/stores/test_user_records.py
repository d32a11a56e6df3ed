"""What is stored about one user: found, anonymised and deleted, and nothing of others."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.agenda import MAX_SESSION
from shared.domain.connection import ConnectionStatus
from shared.domain.erasure import Erasure, Mention, anonymised, erasure_id, is_erasure
from shared.domain.errors import LostRace
from shared.domain.event import EventStatus
from shared.domain.invite import ExternalAttendee, GuestList, Invite, InviteKind
from shared.domain.role import Role
from shared.stores.bookings import DynamoBookings
from shared.stores.events import DynamoEvents
from shared.stores.invites import DynamoInvites
from shared.stores.people import DynamoPeople
from shared.stores.tables import AwsAccount, Tables
from shared.stores.tokens import DynamoTokens, mark_keys
from shared.stores.unsynced import DynamoUnsynced
from shared.stores.user_records import DynamoUserRecords
from tests.support.aws import REGION, Aws
from tests.support.store_samples import (
    NOON,
    PROBLEM,
    connection,
    copy,
    full_session,
    hours,
    session,
)

pytestmark = pytest.mark.long

LEARNER = "learner-1"


@pytest.fixture
def records(tables: Tables) -> DynamoUserRecords:
    """The records of users."""
    return DynamoUserRecords(tables)


@pytest.fixture
def invites(tables: Tables) -> DynamoInvites:
    """The store of invites."""
    return DynamoInvites(tables)


@pytest.fixture
def kept(moto_aws: Aws) -> Tables:
    """The tables with a retention of ten days."""
    values = moto_aws.environment
    return Tables(
        events=values["EVENTS_TABLE"],
        connections=values["CONNECTIONS_TABLE"],
        retention=timedelta(days=10),
        account=AwsAccount(region=REGION, access_key="testing", secret_key="testing"),
    )


def guest(**changes: Any) -> Invite:
    fields = {"event_id": "1-a", "address": "gus@example.org", "kind": InviteKind.EXTERNAL}
    return Invite(**{**fields, **changes})


def erasure(**changes: Any) -> Erasure:
    fields: dict[str, Any] = {
        "id": erasure_id(LEARNER),
        "user_id": LEARNER,
        "pseudonym": "erased-1",
        "requested_by": "platform",
        "requested_at": NOON,
        "due_at": NOON,
    }
    return Erasure(**{**fields, **changes})


def expiry(tables: Tables, pk: str, sk: str) -> int | None:
    item = tables.connections.get((pk, sk)) or tables.events.get((pk, sk))
    assert item is not None
    return int(item["expires_at"]["N"]) if "expires_at" in item else None


def test_a_user_is_named_by_agenda_days_first_and_by_recorded_sessions(
    bookings: DynamoBookings, records: DynamoUserRecords
) -> None:
    bookings.commit(session("s1"), previous=None)
    bookings.commit(session("s2", interval=hours(11)), previous=None)
    records.record_users(session("s3"), [LEARNER, "other"])

    found = records.mentions(LEARNER, at_most=10)

    assert [each.key for each in found] == ["agenda#2026-11-23", "session#s3"]
    assert sorted(found[0].event_ids) == ["s1", "s2"]
    assert found[1].event_ids == ("s3",)
    assert records.mentions(LEARNER, at_most=1) == found[:1]
    assert records.mentions(LEARNER, after=found[0].key, at_most=10) == found[1:]
    records.forget(LEARNER, found[1])
    assert records.mentions(LEARNER, at_most=10) == found[:1]


def test_recipients_are_found_by_user_or_by_address(
    invites: DynamoInvites, records: DynamoUserRecords
) -> None:
    invites.record_recipient(guest())
    invites.record_recipient(guest(event_id="2-b", user_id=LEARNER))

    expected = (Mention("session#1-a", ("1-a",)),)
    assert records.mentions(f"address#{guest().id}", at_most=10) == expected
    assert records.mentions(LEARNER, at_most=10) == (Mention("session#2-b", ("2-b",)),)


def test_a_prepared_guest_list_names_its_preparer(
    invites: DynamoInvites, records: DynamoUserRecords
) -> None:
    prepared = GuestList(session_id="9-z", session_type="coaching", prepared_by="coach-1")
    invites.save_guest_list(prepared)

    assert records.mentions("coach-1", at_most=10) == (Mention("session#9-z", ("9-z",)),)


def test_an_anonymised_event_keeps_its_version_and_what_is_not_personal(
    bookings: DynamoBookings,
    events: DynamoEvents,
    people: DynamoPeople,
    records: DynamoUserRecords,
    tables: Tables,
) -> None:
    before = replace(full_session(), version=1)
    bookings.commit(before, previous=None)
    events.mark_synced(before.id, before.version)
    after = anonymised(before, LEARNER, "erased-1")

    records.anonymise(after, before=before)

    assert events.find(before.id) == after
    assert records.is_settled(before.id)
    item = tables.events.get((before.id, "event"))
    assert LEARNER not in str(item)
    (day,) = people.agenda("coach-1", before.interval.start.date(), before.interval.end.date())
    assert day.headings[before.id].participants == frozenset(after.participants)
    assert day.headings[before.id].title == after.title
    assert people.agenda("erased-1", before.interval.start.date(), NOON.date()) == ()


def test_an_event_that_has_changed_is_not_anonymised(
    bookings: DynamoBookings, events: DynamoEvents, records: DynamoUserRecords
) -> None:
    before = session()
    bookings.commit(before, previous=None)
    newer = replace(before, version=2, title="New")
    bookings.commit(newer, previous=before)

    with pytest.raises(LostRace, match="has changed"):
        records.anonymise(anonymised(before, LEARNER, "erased-1"), before=before)

    assert events.find(before.id) == newer


def test_a_cancelled_event_is_anonymised_with_its_headings(
    bookings: DynamoBookings, events: DynamoEvents, records: DynamoUserRecords, tables: Tables
) -> None:
    cancelled = session(status=EventStatus.CANCELLED)
    bookings.commit(cancelled, previous=None)

    records.anonymise(anonymised(cancelled, LEARNER, "erased-1"), before=cancelled)

    stored = events.find(cancelled.id)
    assert stored is not None
    assert stored.learner_ids == ("erased-1",)
    heading = tables.connections.get(("coach-1", f"agenda#2026-11-23#{cancelled.id}"))
    assert LEARNER not in str(heading)
    assert "erased-1" in str(heading)
    assert list(tables.connections.query("erased-1", None)) == []


def test_a_heading_that_was_deleted_is_not_written_again(
    bookings: DynamoBookings, records: DynamoUserRecords, tables: Tables
) -> None:
    before = session()
    bookings.commit(before, previous=None)
    tables.connections.delete(("coach-1", f"agenda#2026-11-23#{before.id}"))

    records.anonymise(anonymised(before, LEARNER, "erased-1"), before=before)

    assert tables.connections.get(("coach-1", f"agenda#2026-11-23#{before.id}")) is None


def test_a_cancelled_session_is_found_by_its_heading_and_both_are_forgotten(
    bookings: DynamoBookings, records: DynamoUserRecords, tables: Tables
) -> None:
    bookings.commit(session("s1"), previous=None)
    bookings.commit(session("s2", status=EventStatus.CANCELLED), previous=None)

    day, heading = records.mentions(LEARNER, at_most=10)

    assert (day.key, day.event_ids) == ("agenda#2026-11-23", ("s1",))
    assert heading == Mention("agenda#2026-11-23#s2", ("s2",))
    assert records.mentions(LEARNER, after=day.key, at_most=10) == (heading,)
    for each in (day, heading):
        records.forget(LEARNER, each)
    assert list(tables.connections.query(LEARNER, None)) == []


def test_an_event_is_settled_once_it_and_its_guests_are(
    bookings: DynamoBookings,
    events: DynamoEvents,
    invites: DynamoInvites,
    records: DynamoUserRecords,
) -> None:
    bookings.commit(session(), previous=None)
    guests = GuestList(session_id="1-a", session_type="coaching", unsynced_since=NOON)
    stored = invites.save_guest_list(guests)
    assert not records.is_settled("1-a")
    events.mark_synced("1-a", 1)
    assert not records.is_settled("1-a")
    invites.mark_guests_synced(stored)

    assert records.is_settled("1-a")


def test_everything_of_a_user_is_deleted_page_by_page(
    bookings: DynamoBookings, people: DynamoPeople, records: DynamoUserRecords
) -> None:
    people.save_profile("coach-1", email="c@example.com", roles=frozenset({Role.COACH}))
    people.save_connection(connection())
    people.save_profile("coach-2", email="d@example.com", roles=frozenset())
    bookings.commit(session(), previous=None)

    first = records.remove_items("coach-1", at_most=2)
    second = records.remove_items("coach-1", at_most=2)

    assert {"agenda": 2} == first  # the day and a heading
    assert {"person#connection": 1, "person#profile": 1} == second
    assert records.remove_items("coach-1", at_most=2) == {}
    assert people.person("coach-1").email is None
    assert people.person("coach-2").email == "d@example.com"


def test_a_connection_stored_as_unusable_expires(kept: Tables) -> None:
    people, tokens = DynamoPeople(kept), DynamoTokens(kept)
    stored = connection(status=ConnectionStatus.RECONNECT_REQUIRED, connected_at=NOON)
    tokens.mark_account(stored)

    people.save_connection(stored)

    expected = int((NOON + timedelta(days=10)).timestamp())
    assert expiry(kept, "coach-1", f"person#connection#{stored.id}") == expected
    assert expiry(kept, *mark_keys(stored)[0]) == expected


def test_the_accounts_that_a_user_has_disconnected_are_listed(
    records: DynamoUserRecords, tables: Tables
) -> None:
    stored = connection()
    DynamoTokens(tables).record_disconnected(stored)

    ((provider, account),) = records.disconnected_accounts("coach-1")

    assert (provider, account.account) == (stored.provider, stored.account)
    assert records.disconnected_accounts(LEARNER) == ()


def test_copies_invites_and_guests_are_deleted(
    events: DynamoEvents, invites: DynamoInvites, records: DynamoUserRecords, tables: Tables
) -> None:
    stored = invites.save_guest_list(GuestList(session_id="1-a", session_type="coaching"))
    mine, other = guest(user_id=LEARNER), guest(address="other@example.org")
    for each in (mine, other):
        invites.record_recipient(each)
        invites.save_invite(each)
    events.save_copy(copy())

    records.remove_copies([copy()])
    records.remove_invites([mine, other])
    records.remove_guest_list(stored)

    assert list(tables.events.query("1-a", None)) == []
    assert records.mentions(f"address#{other.id}", at_most=10) == ()


def test_an_erasure_is_stored_and_a_slower_writer_loses(
    records: DynamoUserRecords, tables: Tables
) -> None:
    first = records.save_erasure(erasure(counts={"sessions": 2}), announce=True)
    assert records.erasure(first.id) == first
    done = first.progressed({"sessions": 1}, None, now=NOON + timedelta(hours=1))
    records.save_erasure(done, announce=False)

    with pytest.raises(LostRace, match="has changed since version 1"):
        records.save_erasure(first, announce=False)

    stored = records.erasure(first.id)
    assert stored is not None
    assert (stored.counts, stored.user_id, stored.is_running) == ({"sessions": 3}, None, False)
    assert is_erasure(first.id)
    assert LEARNER not in str(tables.events.get((first.id, "erasure")))


def test_the_sweeper_finds_an_erasure_after_it_is_due(
    records: DynamoUserRecords, tables: Tables
) -> None:
    unsynced = DynamoUnsynced(tables)
    stored = records.save_erasure(erasure(), announce=True)
    waiting = stored.progressed({}, timedelta(hours=2), now=NOON)
    stored = records.save_erasure(waiting, announce=False)

    def found(at: datetime) -> list[str]:
        return [event_id for event_id, _ in unsynced.waiting(until=at)]

    assert found(NOON + timedelta(hours=1)) == []
    assert found(NOON + timedelta(hours=2)) == [stored.id]
    records.save_erasure(stored.progressed({}, None, now=NOON + timedelta(days=1)), announce=False)
    assert found(NOON + timedelta(days=2)) == []


def test_items_of_the_past_expire_after_the_retention(kept: Tables) -> None:
    event = session()
    DynamoBookings(kept, pause=lambda _: None).commit(event, previous=None)
    records, invites = DynamoUserRecords(kept), DynamoInvites(kept)
    records.record_users(event, ["boss"])
    prepared = GuestList(
        session_id="9-z", session_type="coaching", prepared_by="coach-1", unsynced_since=NOON
    )
    invites.save_guest_list(prepared)
    later = NOON + timedelta(days=1)
    records.save_erasure(erasure().progressed({}, None, now=later), announce=False)

    end = event.interval.end + timedelta(days=10)
    assert expiry(kept, event.id, "event") == int(end.timestamp())
    assert expiry(kept, "boss", f"session#{event.id}") == int(end.timestamp())
    agenda_end = hours(0).start + 2 * MAX_SESSION + timedelta(days=10)
    assert expiry(kept, "coach-1", "agenda#2026-11-23") == int(agenda_end.timestamp())
    assert expiry(kept, "coach-1", f"agenda#2026-11-23#{event.id}") == int(end.timestamp())
    assert expiry(kept, "9-z", "externals") == int((NOON + timedelta(days=10)).timestamp())
    receipt = expiry(kept, erasure_id(LEARNER), "erasure")
    assert receipt == int((later + timedelta(days=10)).timestamp())


def test_a_connection_expires_once_it_is_unusable_until_it_is_connected_again(
    kept: Tables,
) -> None:
    people, tokens = DynamoPeople(kept), DynamoTokens(kept)
    active = connection(status=ConnectionStatus.ACTIVE)
    place, mark = ("coach-1", "person#connection#c-1"), mark_keys(active)[0]
    tokens.mark_account(active)
    people.save_connection(active)
    assert (expiry(kept, *place), expiry(kept, *mark)) == (None, None)

    people.mark_connection(active, ConnectionStatus.RECONNECT_REQUIRED, error=PROBLEM, now=NOON)
    expected = int((NOON + timedelta(days=10)).timestamp())
    assert (expiry(kept, *place), expiry(kept, *mark)) == (expected, expected)

    tokens.mark_account(active)
    people.save_connection(active)
    assert (expiry(kept, *place), expiry(kept, *mark)) == (None, None)


def test_nothing_expires_without_a_retention(bookings: DynamoBookings, tables: Tables) -> None:
    bookings.commit(session(), previous=None)

    assert expiry(tables, "1-a", "event") is None
    assert expiry(tables, "coach-1", "agenda#2026-11-23") is None


def test_what_an_expired_event_leaves_is_deleted_but_not_prepared_guests(
    bookings: DynamoBookings,
    events: DynamoEvents,
    invites: DynamoInvites,
    records: DynamoUserRecords,
    tables: Tables,
) -> None:
    bookings.commit(session(), previous=None)
    events.save_copy(copy())
    invites.record_recipient(guest())
    invites.save_invite(guest())
    added = ExternalAttendee(email="gus@example.org", name=None, added_at=NOON)
    guests = GuestList(session_id="1-a", session_type="coaching", attendees=(added,))
    invites.save_guest_list(replace(guests, event_version=1))
    invites.save_guest_list(replace(guests, session_id="9-z", prepared_by="coach-1"))
    records.remove_leftovers("1-a")
    assert len(list(tables.events.query("1-a", None))) == 4

    tables.events.delete(("1-a", "event"))  # as DynamoDB does when it has expired
    records.remove_leftovers("1-a")
    records.remove_leftovers("9-z")

    assert list(tables.events.query("1-a", None)) == []
    assert records.mentions(f"address#{guest().id}", at_most=10) == ()
    assert invites.guest_list("9-z") is not None
