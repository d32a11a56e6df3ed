"""Agenda items have ids and times only; what lists show of a session is in items beside them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.agenda import AgendaDay, SessionHeading, session_heading
from shared.domain.audit import AuditAction
from shared.domain.event import CLOSED, Event, EventStatus
from shared.domain.role import Role
from shared.stores.agenda_rows import heading_sk
from shared.stores.booking_plan import MOST_HEADED
from shared.stores.bookings import DynamoBookings
from shared.stores.people import DynamoPeople
from shared.stores.tables import Tables
from tests.support.aws import put_headings_inside
from tests.support.store_samples import DAY, audit_entry, hours, session

TOMORROW = hours(9, day=DAY + timedelta(days=1))


def changed(event: Event, **changes: Any) -> Event:
    return replace(event, version=event.version + 1, **changes)


def headings_of(people: DynamoPeople, user_id: str) -> dict[str, SessionHeading]:
    (day,) = people.agenda(user_id, DAY, DAY)
    return dict(day.headings)


def test_every_heading_has_the_current_title_participants_and_status(
    bookings: DynamoBookings, people: DynamoPeople
) -> None:
    pending = session(status=EventStatus.PENDING_APPROVAL)
    renamed = changed(pending, title="New", status=EventStatus.SCHEDULED)
    grown = changed(renamed, learner_ids=("learner-1", "learner-2"))
    bookings.commit(pending, previous=None)
    seen = [[headings_of(people, each) for each in pending.participants]]
    for after, before in ((renamed, pending), (grown, renamed)):
        bookings.commit(after, previous=before)
        seen.append([headings_of(people, each) for each in after.participants])

    assert [
        [{"1-a": session_heading(event)}] * len(event.participants)
        for event in (pending, renamed, grown)
    ] == seen


def test_a_moved_session_leaves_no_heading_behind_and_a_removed_person_has_none(
    bookings: DynamoBookings, tables: Tables
) -> None:
    moved = changed(session(), interval=TOMORROW)
    bookings.commit(session(), previous=None)

    bookings.commit(moved, previous=session())
    bookings.commit(changed(moved, learner_ids=("learner-2",)), previous=moved)

    keys = [("coach-1", DAY), ("coach-1", TOMORROW.start.date())]
    people = [("learner-1", TOMORROW.start.date()), ("learner-2", TOMORROW.start.date())]
    items = [
        tables.connections.get((user, heading_sk(day, "1-a"))) for user, day in (*keys, *people)
    ]
    assert [item is not None for item in items] == [False, True, False, True]


@pytest.mark.parametrize("status", sorted(CLOSED))
def test_a_session_that_takes_no_time_keeps_its_heading(
    bookings: DynamoBookings, people: DynamoPeople, status: EventStatus
) -> None:
    bookings.commit(session(), previous=None)

    bookings.commit(changed(session(), status=status), previous=session())

    (day,) = people.agenda("coach-1", DAY, DAY)
    assert (day.sessions, day.headings["1-a"].status) == ({}, status)


def test_the_guarded_item_has_only_ids_and_times(bookings: DynamoBookings, tables: Tables) -> None:
    created = audit_entry(AuditAction.CREATED, "coach-1", Role.COACH)
    pending = session(status=EventStatus.PENDING_APPROVAL, audit=(created,), learner_ids=("a", "b"))
    bookings.commit(pending, previous=None)

    items = [tables.connections.get((each, f"agenda#{DAY}")) for each in ("coach-1", "a")]

    times = {"start", "end", "pending_until"}
    assert [set(item["sessions"]["M"]["1-a"]["M"]) for item in items if item] == [
        {*times, "is_own"},
        {*times, "is_optional"},
    ]


def test_an_agenda_names_own_pending_and_optional_sessions(
    bookings: DynamoBookings, people: DynamoPeople
) -> None:
    created = audit_entry(AuditAction.CREATED, "coach-1", Role.COACH)
    group = session("g", learner_ids=("l1", "l2"), admin_id="boss", audit=(created,))
    pending = session("p", status=EventStatus.PENDING_APPROVAL)
    for each in (group, pending):
        bookings.commit(each, previous=None)

    days = {
        user: people.agenda(user, DAY, DAY)[0]
        for user in ("coach-1", "learner-1", "l1", "l2", "boss")
    }

    assert {user: day.optional for user, day in days.items() if day.optional} == {
        each: {"g"} for each in ("l1", "l2", "boss")
    }
    assert {user: day.own for user, day in days.items() if day.own} == {"coach-1": {"g"}}
    assert days["coach-1"].pending_until == {"p": hours(9).start}


def test_a_session_of_many_people_has_no_headings_and_loses_them_when_it_grows(
    bookings: DynamoBookings, people: DynamoPeople
) -> None:
    full = session(learner_ids=tuple(f"l{n}" for n in range(MOST_HEADED - 1)))
    bookings.commit(full, previous=None)
    before = headings_of(people, "coach-1")

    bookings.commit(changed(full, learner_ids=(*full.learner_ids, "more")), previous=full)

    assert (before, headings_of(people, "coach-1")) == ({"1-a": session_heading(full)}, {})
    (day,) = people.agenda("more", DAY, DAY)
    assert {"1-a": hours(9)} == day.sessions


def test_an_agenda_of_an_older_version_counts_and_is_rewritten_by_the_next_change(
    bookings: DynamoBookings, people: DynamoPeople, tables: Tables
) -> None:
    pending = session(status=EventStatus.PENDING_APPROVAL)
    bookings.commit(pending, previous=None)
    put_headings_inside(tables, "coach-1", created_by="coach-1")
    (old,) = people.agenda("coach-1", DAY, DAY)

    renamed = changed(pending, title="New")
    bookings.commit(renamed, previous=pending)

    assert old == AgendaDay(
        user_id="coach-1",
        day=DAY,
        version=1,
        sessions={"1-a": hours(9)},
        headings={"1-a": session_heading(pending)},
        pending_until={"1-a": hours(9).start},
        own=frozenset({"1-a"}),
    )
    assert headings_of(people, "coach-1") == {"1-a": session_heading(renamed)}
    item = tables.connections.get(("coach-1", f"agenda#{DAY}"))
    assert item
    assert set(item["sessions"]["M"]["1-a"]["M"]) == {"start", "end", "pending_until"}
