"""Bookings depend on the connected calendars as read at the time of booking."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from functions.events.requests import CreateEvent, UpdateEvent
from shared import wiring
from shared.domain.caller import Caller
from shared.domain.connection import ConnectionStatus
from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarUnreadable, SlotTaken
from shared.domain.policy import Policy, PolicySettings
from shared.domain.role import Role
from shared.usecases.booking.conflicts import ConflictCheck
from shared.usecases.booking.events import Events
from shared.usecases.booking.views import EventView
from shared.usecases.finding.participants import Participants
from shared.usecases.invitations.audience import AudienceReader
from shared.usecases.people.limits import NO_LIMITS
from tests.support.calendar_stubs import ReadOnlyCalendar
from tests.support.meter import FakeMeter
from tests.support.platform import messages
from tests.support.service import (
    NOW,
    User,
    book,
    calendars_over,
    call_api,
    coach,
    fresh_id,
    learner,
    session_body,
)
from tests.support.store_samples import connection, hours

pytestmark = pytest.mark.usefixtures("service")

TUESDAY = date(2026, 11, 24)


def entry(start: float, length: float = 1, **changes: Any) -> CalendarEntry:
    fields = {"external_id": fresh_id("e"), "title": "x", "all_day": False, "busy": True}
    return CalendarEntry(**{**fields, "interval": hours(start, length, day=TUESDAY), **changes})


def connect(user: User, **changes: Any) -> None:
    made = connection(
        fresh_id("c"), user_id=user.id, **{"status": ConnectionStatus.ACTIVE, **changes}
    )
    wiring.people_store().save_connection(made)


def operations(provider: ReadOnlyCalendar, *, unverified_is_available: bool = False) -> Events:
    people = wiring.people_store()
    calendars = calendars_over(provider)
    check = ConflictCheck(
        calendars=calendars,
        participants=Participants(
            people=people, calendars=calendars, organization=wiring.organization()
        ),
        rules=replace(wiring.slot_rules(), unverified_is_available=unverified_is_available),
    )
    return Events(
        events=wiring.event_store(),
        bookings=wiring.bookings(),
        people=people,
        check=check,
        policy=Policy(PolicySettings()),
        limits=NO_LIMITS,
        audiences=AudienceReader(
            events=wiring.event_store(),
            people=people,
            invites=wiring.invite_store(),
            has_mail=False,
        ),
        pause=lambda _: None,
        meter=FakeMeter(),
    )


def create(events: Events, who: User, other: User, **changes: Any) -> EventView:
    body = CreateEvent.model_validate(session_body(who.id, other.id, **changes))
    caller = Caller(user_id=who.id, roles=frozenset({Role.COACH}))
    return events.create(caller, body.draft(), now=NOW)


@pytest.mark.parametrize("busy_role", ["coach", "learner"])
def test_a_busy_calendar_rejects_the_booking_and_offers_other_times(busy_role: str) -> None:
    who, other = coach(), learner()
    connect(who if busy_role == "coach" else other)
    events = operations(ReadOnlyCalendar((entry(10.5), entry(12, 5))))

    with pytest.raises(SlotTaken) as caught:
        create(events, who, other)

    assert wiring.people_store().agenda(who.id, TUESDAY, TUESDAY) == ()
    assert caught.value.alternatives[0] == hours(9.5, day=TUESDAY)
    assert caught.value.alternatives[1] == hours(9, day=TUESDAY + timedelta(days=1))
    assert len(caught.value.alternatives) == 5


@pytest.mark.parametrize(
    "free",
    [
        entry(9),
        entry(11),
        entry(10, 0),
        entry(10, busy=False),
        entry(10, copy_of="some-session"),
    ],
    ids=["just before", "just after", "zero length", "marked free", "own copy"],
)
def test_an_entry_that_does_not_overlap_the_session_does_not_block_it(free: CalendarEntry) -> None:
    who, other = coach(), learner()
    connect(who)

    view = create(operations(ReadOnlyCalendar((free,))), who, other)

    assert (view.created, view.warnings) == (True, ())


def test_each_calendar_is_read_only_for_the_time_of_the_session() -> None:
    who, other = coach(), learner()
    connect(who)
    connect(other)
    provider = ReadOnlyCalendar()

    create(operations(provider), who, other)

    assert [within for _, within in provider.lookups] == [hours(10, day=TUESDAY)] * 2


def test_with_on_unreadable_allow_a_broken_calendar_is_a_warning() -> None:
    who, other = coach(), learner()
    connect(other, status=ConnectionStatus.RECONNECT_REQUIRED)

    with pytest.raises(CalendarUnreadable):
        create(operations(ReadOnlyCalendar()), who, other)
    view = create(operations(ReadOnlyCalendar(), unverified_is_available=True), who, other)

    assert messages(view) == (f"A calendar of {other.id} could not be read.",)


def test_a_taken_session_time_is_reported_without_reading_calendars() -> None:
    who, other = coach(), learner()
    book(who, who.id, fresh_id())
    connect(other)
    provider = ReadOnlyCalendar()

    with pytest.raises(SlotTaken):
        create(operations(provider), who, other)

    # The only read is for the alternatives of the next two weeks.
    assert [within.length >= timedelta(days=14) for _, within in provider.lookups] == [True]


def test_moving_an_event_reads_the_calendars_again() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)
    connect(other)
    times = {"startTime": "2026-11-24T14:00:00Z", "endTime": "2026-11-24T15:00:00Z"}
    body = {"sessionId": event["id"], "owner": "COACH", "coachId": who.id, "learnerId": other.id}
    change = UpdateEvent.model_validate({**body, **times}).change()
    caller = Caller(user_id=who.id, roles=frozenset({Role.COACH}))

    with pytest.raises(SlotTaken):
        operations(ReadOnlyCalendar((entry(14.5),))).update(caller, change, now=NOW)
    moved = operations(ReadOnlyCalendar((entry(10),))).update(caller, change, now=NOW)

    assert moved.event.interval == hours(14, day=TUESDAY)


def test_changing_contacts_reads_no_calendar() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)
    connect(who, status=ConnectionStatus.RECONNECT_REQUIRED)
    contact = {"userId": other.id, "email": "ada@example.org", "name": "Ada"}

    response = call_api(
        "PUT", "/api/v1/events", who, body={"sessionId": event["id"], "contacts": [contact]}
    )

    assert (response.status, response.data["version"]) == (200, 2)
    stored_event = wiring.event_store().find(event["id"])
    assert stored_event is not None
    assert [(each.user_id, each.email) for each in stored_event.contacts] == [
        (other.id, "ada@example.org")
    ]
