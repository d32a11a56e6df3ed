"""GET /api/v1/events: one local date of a user."""

from datetime import date
from typing import Any

import pytest

from functions.events.schemas import day_out
from shared import wiring
from shared.domain.caller import Caller
from shared.domain.connection import ConnectionStatus
from shared.domain.copy import CalendarEntry
from shared.domain.role import Role
from shared.usecases.finding.days import DayList
from tests.support.calendar_fakes import Shelf
from tests.support.contract import problems
from tests.support.service import User, admin, ask, book, calendars_over, coach, fresh_id, learner
from tests.support.store_samples import connection, hours

pytestmark = pytest.mark.usefixtures("service")

EVENTS = "/api/v1/events"
TUESDAY = "2026-11-24"
TIMES = {"source", "title", "startTime", "endTime", "allDay", "busy"}


def day(who: User | None, **query: Any) -> Any:
    answer = ask("GET", EVENTS, who, query={"date": TUESDAY, **query})
    assert answer.status == 200, answer.json
    return answer.data


def test_the_callers_own_day_is_told_in_full() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id, location="Room 2", sessionLink="https://meet.example")

    listed = day(who)

    assert (who.id, TUESDAY, "UTC", []) == (
        listed["userId"],
        listed["date"],
        listed["timezone"],
        listed["sources"],
    )
    assert [
        {
            "id": event["id"],
            "source": "internal",
            "sessionId": event["id"],
            "title": "First steps",
            "startTime": event["startTime"],
            "endTime": event["endTime"],
            "allDay": False,
            "busy": True,
            "status": "SCHEDULED",
            "location": "Room 2",
            "sessionLink": "https://meet.example",
            "connectionId": None,
            "calendarName": None,
        }
    ] == listed["events"]


def test_nobody_must_say_whose_day_and_sees_times_only() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id, location="Room 2")

    unsaid = ask("GET", EVENTS, query={"date": TUESDAY})
    (entry,) = day(None, userId=who.id)["events"]

    assert (unsaid.status, unsaid.code) == (400, "VALIDATION_ERROR")
    assert set(entry) == TIMES
    assert ("Busy", event["startTime"]) == (entry["title"], entry["startTime"])


def test_somebody_else_sees_times_only_and_admin_everything() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)

    theirs = day(other, userId=who.id)["events"]
    full = day(admin(), userId=who.id)["events"]

    assert [set(each) for each in theirs] == [TIMES]
    assert [event["id"]] == [each["sessionId"] for each in full]


def test_a_user_nobody_knows_has_an_empty_day() -> None:
    assert day(None, userId=fresh_id())["events"] == []


def test_a_cancelled_session_is_not_listed_and_a_pending_one_is() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)
    ask("POST", f"{EVENTS}/cancel", who, body={"sessionId": event["id"]})
    pending = book(who, who.id, other.id, autoApproval=False)

    listed = day(who)["events"]

    told = [(each["sessionId"], each["status"]) for each in listed]
    assert [(pending["id"], "PENDING_APPROVAL")] == told


def test_the_date_is_one_of_the_users_own_zone_else_of_the_zone_given() -> None:
    who, other = coach(), learner()
    zone = {"role": "Coach", "timezone": "Pacific/Kiritimati"}
    ask("PUT", "/api/v1/availability/timezone", who, body=zone)
    book(who, who.id, other.id)  # 10:00Z is midnight of the 25th there

    assert (day(who)["events"], day(who)["timezone"]) == ([], "Pacific/Kiritimati")
    assert len(day(who, date="2026-11-25")["events"]) == 1
    assert len(day(who, timezone="UTC")["events"]) == 1


@pytest.mark.parametrize(("day_asked", "count"), [("2026-11-24", 1), ("2026-11-25", 1)])
def test_an_entry_belongs_to_each_date_it_overlaps(day_asked: str, count: int) -> None:
    who, other = coach(), learner()
    book(
        who,
        who.id,
        other.id,
        startTime="2026-11-24T23:00:00Z",
        endTime="2026-11-25T01:00:00Z",
    )

    assert count == len(day(who, date=day_asked)["events"])
    assert day(who, date="2026-11-26")["events"] == []


def test_an_entry_that_ends_at_midnight_is_not_of_the_next_date() -> None:
    who, other = coach(), learner()
    times = {"startTime": "2026-11-24T23:00:00Z", "endTime": "2026-11-25T00:00:00Z"}
    book(who, who.id, other.id, **times)

    assert day(who, date="2026-11-25")["events"] == []


def test_a_calendar_that_cannot_be_read_never_fails_the_request() -> None:
    who = coach()
    gone = connection(fresh_id("c"), user_id=who.id)
    failing = connection(fresh_id("d"), user_id=who.id, status=ConnectionStatus.ACTIVE)
    for each in (gone, failing):
        wiring.people().save_connection(each)

    own, public = day(who), day(None, userId=who.id)

    states = ["reconnect_required", "unavailable"]
    assert states == [each["state"] for each in own["sources"]]
    assert [gone.id, failing.id] == [each["connectionId"] for each in own["sources"]]
    assert [each.get("connectionId") for each in public["sources"]] == [None, None]


def entries_of_a_calendar() -> tuple[CalendarEntry, ...]:
    tuesday = date(2026, 11, 24)
    return (
        CalendarEntry(
            external_id="e-1",
            title="Dentist",
            interval=hours(15, day=tuesday),
            all_day=False,
            busy=True,
            location="Main Street",
            url="https://dentist.example",
        ),
        CalendarEntry(
            external_id="e-2",
            title="Somebody's birthday",
            interval=hours(0, 24, day=tuesday),
            all_day=True,
            busy=False,
        ),
        CalendarEntry(
            external_id="e-3",
            title="A copy of ours",
            interval=hours(10, day=tuesday),
            all_day=False,
            busy=True,
            copy_of="some-session",
        ),
    )


def shown_to(caller: Caller | None, *, public_details: bool = False) -> Any:
    owner = fresh_id("coach")
    kept = connection(fresh_id("c"), user_id=owner, status=ConnectionStatus.ACTIVE)
    wiring.people().save_connection(kept)
    calendars = calendars_over(Shelf(entries_of_a_calendar()))
    days = DayList(
        people=wiring.people(),
        events=wiring.event_store(),
        calendars=calendars,
        public_details=public_details,
    )
    asking = Caller(user_id=owner) if caller and not caller.is_admin else caller
    view = days.on(asking, day=date(2026, 11, 24), user_id=owner, zone_name=None)
    told = day_out(view, asking)
    assert list(problems({"$ref": "#/components/schemas/DayEvents"}, told)) == []
    return told


def test_entries_of_calendars_stand_beside_sessions_but_copies_do_not() -> None:
    told = shown_to(Caller(user_id="me"))

    assert [each["title"] for each in told["events"]] == ["Somebody's birthday", "Dentist"]
    assert [(each["allDay"], each["busy"]) for each in told["events"]] == [
        (True, False),
        (False, True),
    ]
    assert (
        told["events"][1]["source"],
        told["events"][1]["calendarName"],
        told["events"][1]["location"],
    ) == ("google", "Work", "Main Street")


def test_entries_of_calendars_are_reduced_for_the_public() -> None:
    told = shown_to(None)

    assert [set(each) for each in told["events"]] == [TIMES] * 2
    assert [each["title"] for each in told["events"]] == ["Busy"] * 2


def test_public_details_and_admin_restore_them() -> None:
    boss = Caller(user_id="boss", roles=frozenset({Role.ADMIN}))

    for told in (shown_to(None, public_details=True), shown_to(boss)):
        assert told["events"][1]["title"] == "Dentist"
