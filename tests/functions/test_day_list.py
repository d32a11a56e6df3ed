"""GET /api/v1/events: one local date of a user."""

from datetime import date
from typing import Any

import pytest

from functions.events.responses import day_out
from shared import wiring
from shared.domain.caller import Caller
from shared.domain.connection import ConnectionStatus
from shared.domain.copy import CalendarEntry
from shared.domain.role import Role
from shared.usecases.finding.days import DayList
from tests.support.calendar_stubs import ReadOnlyCalendar
from tests.support.http_contract import problems
from tests.support.service import (
    NOW,
    User,
    admin,
    book,
    calendars_over,
    call_api,
    coach,
    fresh_id,
    learner,
)
from tests.support.store_samples import connection, hours

pytestmark = pytest.mark.usefixtures("service")

EVENTS = "/api/v1/events"
TUESDAY = "2026-11-24"
TIMES = {"source", "title", "startTime", "endTime", "allDay", "busy"}


def day(who: User | None, **query: Any) -> Any:
    response = call_api("GET", EVENTS, who, query={"date": TUESDAY, **query})
    assert response.status == 200, response.json
    return response.data


def test_the_callers_own_day_is_returned_in_full() -> None:
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
            "startDate": None,
            "endDate": None,
        }
    ] == listed["events"]


def test_without_a_token_user_id_is_required_and_only_times_are_returned() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id, location="Room 2")

    unsaid = call_api("GET", EVENTS, query={"date": TUESDAY})
    (entry,) = day(None, userId=who.id)["events"]

    assert (unsaid.status, unsaid.code) == (400, "VALIDATION_ERROR")
    assert set(entry) == TIMES
    assert ("Busy", "busy", event["startTime"]) == (
        entry["title"],
        entry["source"],
        entry["startTime"],
    )


def test_another_user_sees_only_times_and_an_admin_sees_everything() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)

    theirs = day(other, userId=who.id)["events"]
    full = day(admin(), userId=who.id)["events"]

    assert [set(each) for each in theirs] == [TIMES]
    assert ["busy"] == [each["source"] for each in theirs]
    assert [event["id"]] == [each["sessionId"] for each in full]


def test_an_unknown_user_has_an_empty_day() -> None:
    assert day(None, userId=fresh_id())["events"] == []


def test_a_cancelled_session_is_not_listed_and_a_pending_one_is() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)
    call_api("POST", f"{EVENTS}/cancel", who, body={"sessionId": event["id"]})
    pending = book(who, who.id, other.id, autoApproval=False)

    listed = day(who)["events"]

    content = [(each["sessionId"], each["status"]) for each in listed]
    assert [(pending["id"], "PENDING_APPROVAL")] == content


def test_the_date_is_in_the_users_own_time_zone_unless_one_is_given() -> None:
    who, other = coach(), learner()
    zone = {"role": "Coach", "timezone": "Pacific/Kiritimati"}
    call_api("PUT", "/api/v1/availability/timezone", who, body=zone)
    book(who, who.id, other.id)  # 10:00Z is midnight of the 25th there

    assert (day(who)["events"], day(who)["timezone"]) == ([], "Pacific/Kiritimati")
    assert len(day(who, date="2026-11-25")["events"]) == 1
    assert len(day(who, timezone="UTC")["events"]) == 1


def test_without_a_token_the_date_is_in_utc_unless_a_zone_is_given() -> None:
    who = coach()
    zone = {"role": "Coach", "timezone": "Pacific/Kiritimati"}
    call_api("PUT", "/api/v1/availability/timezone", who, body=zone)
    book(who, who.id, learner().id)

    unsaid, named = day(None, userId=who.id), day(None, userId=who.id, timezone="Asia/Kolkata")

    assert ("UTC", "Asia/Kolkata") == (unsaid["timezone"], named["timezone"])
    assert (1, 1) == (len(unsaid["events"]), len(named["events"]))


@pytest.mark.parametrize(("date", "count"), [("2026-11-24", 1), ("2026-11-25", 1)])
def test_an_entry_is_listed_on_each_date_it_overlaps(date: str, count: int) -> None:
    who, other = coach(), learner()
    book(
        who,
        who.id,
        other.id,
        startTime="2026-11-24T23:00:00Z",
        endTime="2026-11-25T01:00:00Z",
    )

    assert count == len(day(who, date=date)["events"])
    assert day(who, date="2026-11-26")["events"] == []


def test_an_entry_that_ends_at_midnight_is_not_listed_on_the_next_date() -> None:
    who, other = coach(), learner()
    times = {"startTime": "2026-11-24T23:00:00Z", "endTime": "2026-11-25T00:00:00Z"}
    book(who, who.id, other.id, **times)

    assert day(who, date="2026-11-25")["events"] == []


def test_a_calendar_that_cannot_be_read_never_fails_the_request() -> None:
    who = coach()
    gone = connection(fresh_id("c"), user_id=who.id)
    failing = connection(fresh_id("d"), user_id=who.id, status=ConnectionStatus.ACTIVE)
    for each in (gone, failing):
        wiring.people_store().save_connection(each)

    own, public, others = day(who), day(None, userId=who.id), day(coach(), userId=who.id)

    states = ["reconnect_required", "unavailable"]
    assert states == [each["state"] for each in own["sources"]]
    assert [gone.id, failing.id] == [each["connectionId"] for each in own["sources"]]
    assert ["google", "google"] == [each["provider"] for each in own["sources"]]
    hidden = {"userId": who.id, "provider": None}
    assert [{**hidden, "state": "unavailable"}] == public["sources"]
    assert [{**hidden, "state": each} for each in states] == others["sources"]


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
            title="Ada's birthday",
            interval=hours(0, 24, day=tuesday),
            all_day=True,
            busy=False,
            dates=(tuesday, tuesday),
        ),
        CalendarEntry(
            external_id="e-3",
            title="An own copy",
            interval=hours(10, day=tuesday),
            all_day=False,
            busy=True,
            copy_of="some-session",
        ),
    )


def day_for(caller: Caller | None, *, public_details: bool = False, own: bool = True) -> Any:
    owner = fresh_id("coach")
    google = connection(fresh_id("c"), user_id=owner, status=ConnectionStatus.ACTIVE)
    wiring.people_store().save_connection(google)
    calendars = calendars_over(ReadOnlyCalendar(entries_of_a_calendar()))
    days = DayList(
        people=wiring.people_store(),
        events=wiring.event_store(),
        calendars=calendars,
        public_details=public_details,
    )
    caller = Caller(user_id=owner) if caller and own and not caller.is_admin else caller
    view = days.on(caller, day=date(2026, 11, 24), user_id=owner, zone_name=None, now=NOW)
    content = day_out(view, caller)
    assert list(problems({"$ref": "#/components/schemas/DayEvents"}, content)) == []
    return content


def test_calendar_entries_are_listed_with_sessions_but_copies_are_not() -> None:
    content = day_for(Caller(user_id="me"))

    assert [each["title"] for each in content["events"]] == ["Ada's birthday", "Dentist"]
    assert [(each["allDay"], each["busy"]) for each in content["events"]] == [
        (True, False),
        (False, True),
    ]
    assert [(each["startDate"], each["endDate"]) for each in content["events"]] == [
        (TUESDAY, TUESDAY),
        (None, None),
    ]
    assert (
        content["events"][1]["source"],
        content["events"][1]["calendarName"],
        content["events"][1]["location"],
    ) == ("google", "Work", "Main Street")


def test_calendar_entries_are_reduced_to_times_for_other_users() -> None:
    content = day_for(Caller(user_id="stranger"), own=False)

    assert [set(each) for each in content["events"]] == [TIMES] * 2
    assert {("Busy", "busy")} == {(each["title"], each["source"]) for each in content["events"]}
    assert [(each["allDay"], each["busy"]) for each in content["events"]] == [
        (True, False),
        (False, True),
    ]
    assert [(each["provider"], each["state"]) for each in content["sources"]] == [(None, "ok")]


def test_calendar_entries_are_reduced_to_busy_times_without_a_token() -> None:
    content = day_for(None)

    (dentist,) = content["events"]
    assert {
        "source": "busy",
        "title": "Busy",
        "startTime": "2026-11-24T15:00:00Z",
        "endTime": "2026-11-24T16:00:00Z",
        "allDay": False,
        "busy": True,
    } == dentist
    assert content["sources"] == []


def test_public_event_details_and_admin_return_them_in_full() -> None:
    boss = Caller(user_id="boss", roles=frozenset({Role.ADMIN}))

    for content in (day_for(None, public_details=True), day_for(boss)):
        assert content["events"][1]["title"] == "Dentist"
        assert [each["provider"] for each in content["sources"]] == ["google"]
