"""What connected calendars say decides about a booking, asked at the time of booking."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from functions.events.schemas import CreateEvent, UpdateEvent
from shared import wiring
from shared.domain.caller import Caller
from shared.domain.connection import ConnectionStatus
from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarUnreadable, SlotTaken
from shared.domain.interval import Interval
from shared.domain.role import Role
from shared.usecases.booking.conflicts import ConflictCheck
from shared.usecases.booking.events import Events
from shared.usecases.booking.views import EventView
from shared.usecases.finding.participants import Participants
from shared.usecases.invitations.audience import AudienceReader
from tests.support.calendar_fakes import Shelf
from tests.support.meter import FakeMeter
from tests.support.service import (
    NOW,
    User,
    ask,
    book,
    calendars_over,
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
    wiring.people().save_connection(made)


def operations(shelf: Shelf, *, unverified_is_available: bool = False) -> Events:
    people = wiring.people()
    calendars = calendars_over(shelf)
    check = ConflictCheck(
        calendars=calendars,
        consultation=Participants(
            people=people, calendars=calendars, organization=wiring.organization()
        ),
        rules=replace(wiring.slot_rules(), unverified_is_available=unverified_is_available),
    )
    return Events(
        events=wiring.event_store(),
        bookings=wiring.bookings(),
        people=people,
        check=check,
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


@pytest.mark.parametrize("whose", ["coach", "learner"])
def test_a_busy_calendar_refuses_the_booking_and_others_times_are_offered(whose: str) -> None:
    who, other = coach(), learner()
    connect(who if whose == "coach" else other)
    events = operations(Shelf((entry(10.5), entry(12, 5))))

    with pytest.raises(SlotTaken) as caught:
        create(events, who, other)

    assert wiring.people().agenda(who.id, TUESDAY, TUESDAY) == ()
    first = Interval(
        datetime.fromisoformat("2026-11-25T09:00:00Z"),
        datetime.fromisoformat("2026-11-25T10:00:00Z"),
    )
    assert caught.value.alternatives[0] == first
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
    ids=["just before", "just after", "without length", "marked free", "a copy of ours"],
)
def test_an_entry_that_takes_no_time_of_the_session_lets_it_pass(free: CalendarEntry) -> None:
    who, other = coach(), learner()
    connect(who)

    view = create(operations(Shelf((free,))), who, other)

    assert (view.created, view.warnings) == (True, ())


def test_each_calendar_is_asked_for_the_time_of_the_session_only() -> None:
    who, other = coach(), learner()
    connect(who)
    connect(other)
    shelf = Shelf()

    create(operations(shelf), who, other)

    assert [within for _, within in shelf.asked] == [hours(10, day=TUESDAY)] * 2


def test_where_unknown_counts_as_free_a_broken_calendar_is_a_warning() -> None:
    who, other = coach(), learner()
    connect(other, status=ConnectionStatus.RECONNECT_REQUIRED)

    with pytest.raises(CalendarUnreadable):
        create(operations(Shelf()), who, other)
    view = create(operations(Shelf(), unverified_is_available=True), who, other)

    assert view.warnings == (f"The google calendar of {other.id} could not be read.",)


def test_a_taken_session_time_is_told_without_asking_calendars_about_it() -> None:
    who, other = coach(), learner()
    book(who, who.id, fresh_id())
    connect(other)
    shelf = Shelf()

    with pytest.raises(SlotTaken):
        create(operations(shelf), who, other)

    # One look-up, and that for the alternatives of the next fortnight.
    assert [within.length >= timedelta(days=14) for _, within in shelf.asked] == [True]


def test_a_move_asks_the_calendars_again() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)
    connect(other)
    times = {"startTime": "2026-11-24T14:00:00Z", "endTime": "2026-11-24T15:00:00Z"}
    body = {"sessionId": event["id"], "owner": "COACH", "coachId": who.id, "learnerId": other.id}
    change = UpdateEvent.model_validate({**body, **times}).change()
    caller = Caller(user_id=who.id)

    with pytest.raises(SlotTaken):
        operations(Shelf((entry(14.5),))).update(caller, change, now=NOW)
    moved = operations(Shelf((entry(10),))).update(caller, change, now=NOW)

    assert moved.event.interval == hours(14, day=TUESDAY)


def test_contacts_change_without_asking_any_calendar() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)
    connect(who, status=ConnectionStatus.RECONNECT_REQUIRED)
    contact = {"userId": other.id, "email": "ada@example.org", "name": "Ada"}

    answer = ask(
        "PUT", "/api/v1/events", who, body={"sessionId": event["id"], "contacts": [contact]}
    )

    assert (answer.status, answer.data["version"]) == (200, 2)
    kept = wiring.event_store().find(event["id"])
    assert kept is not None
    assert [(each.user_id, each.email) for each in kept.contacts] == [(other.id, "ada@example.org")]
