import uuid
from typing import Any

import pytest

from tests.support.api import COACH, LEARNER, ApiResponse
from tests.support.service import NOW, User, book, call_api, coach, fresh_id, learner

pytestmark = pytest.mark.usefixtures("service")

HOLIDAYS = "/api/v1/holidays"


def post(who: User, **changes: Any) -> ApiResponse:
    body = {
        "name": "Diwali",
        "role": "Coach",
        "startDate": "2026-11-24",
        "endDate": "2026-11-25",
        **changes,
    }
    return call_api("POST", HOLIDAYS, who, body=body)


def test_a_holiday_is_stored_and_listed() -> None:
    who = coach()

    response = post(who, role="cOACH", name="Diwali 🪔")

    holiday = response.data
    assert (response.status, holiday.pop("conflictingSessions")) == (201, [])
    assert {
        "id": holiday["id"],
        "name": "Diwali 🪔",
        "role": "Coach",
        "startDate": "2026-11-24",
        "endDate": "2026-11-25",
        "createdAt": NOW.isoformat().replace("+00:00", "Z"),
        "createdBy": who.id,
    } == holiday
    assert [holiday] == call_api("GET", HOLIDAYS, who).data


def test_holidays_of_all_roles_are_listed_ordered_by_start() -> None:
    who = User(fresh_id(), (COACH, LEARNER))
    post(who, name="second", startDate="2026-12-01", endDate="2026-12-01")
    post(who, name="first", role="Learner")
    post(who, name="third", startDate="2027-01-01", endDate="2027-01-01")

    listed = call_api("GET", HOLIDAYS, who).data

    assert [each["name"] for each in listed] == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("last", "status"), [("2026-11-24", 201), ("2027-11-24", 201), ("2027-11-25", 400)]
)
def test_a_holiday_lasts_one_to_366_days(last: str, status: int) -> None:
    assert status == post(coach(), endDate=last).status


def test_an_end_before_the_start_is_rejected() -> None:
    response = post(coach(), endDate="2026-11-23")

    assert (response.status, response.code) == (400, "VALIDATION_ERROR")
    assert [each["field"] for each in response.json["error"]["details"]] == ["endDate"]


def test_a_role_the_caller_lacks_is_forbidden() -> None:
    who = coach()

    response = post(who, role="Learner")

    assert (response.status, response.code) == (403, "FORBIDDEN")
    assert call_api("GET", HOLIDAYS, who).data == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("1970-01-01", "1970-01-02"),
        ("2199-12-31", "2199-12-31"),
        ("2028-02-29", "2028-02-29"),
        ("2027-01-01", "2028-01-01"),
    ],
)
def test_the_first_and_last_dates_and_a_leap_day_are_accepted(start: str, end: str) -> None:
    assert post(coach(), startDate=start, endDate=end).status == 201


def test_conflicting_sessions_are_listed_in_order_and_not_cancelled() -> None:
    who, other = coach(), learner()
    late = book(who, who.id, other.id)
    early = book(
        who,
        who.id,
        other.id,
        autoApproval=False,
        startTime="2026-11-24T08:00:00Z",
        endTime="2026-11-24T09:00:00Z",
    )
    book(
        who,
        who.id,
        other.id,
        startTime="2026-11-26T08:00:00Z",
        endTime="2026-11-26T09:00:00Z",
    )

    response = post(who)

    assert [early["id"], late["id"]] == response.data["conflictingSessions"]
    assert call_api("GET", f"/api/v1/events/{late['id']}", who).data["status"] == "SCHEDULED"


def test_the_dates_are_in_the_time_zone_of_the_role() -> None:
    who, other = coach(), learner()
    call_api(
        "PUT",
        "/api/v1/availability/timezone",
        who,
        body={"role": "Coach", "timezone": "Pacific/Kiritimati"},
    )
    # 10:00Z on the 24th is midnight of the 25th in Kiritimati.
    event = book(who, who.id, other.id)

    before = post(who, startDate="2026-11-24", endDate="2026-11-24")
    on = post(who, startDate="2026-11-25", endDate="2026-11-25")

    assert before.data["conflictingSessions"] == []
    assert [event["id"]] == on.data["conflictingSessions"]


def test_a_session_that_runs_into_the_holiday_is_listed() -> None:
    who, other = coach(), learner()
    event = book(
        who,
        who.id,
        other.id,
        startTime="2026-11-24T12:00:00Z",
        endTime="2026-11-25T12:00:00Z",
    )

    response = post(who, startDate="2026-11-25", endDate="2026-11-25")

    assert [event["id"]] == response.data["conflictingSessions"]


def test_a_cancelled_session_is_not_listed() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)
    call_api("POST", "/api/v1/events/cancel", who, body={"sessionId": event["id"]})

    assert post(who).data["conflictingSessions"] == []


@pytest.mark.parametrize("date", ["2027-02-29", "2100-02-29", "2200-01-01", "1969-12-31"])
def test_a_date_that_does_not_exist_is_rejected(date: str) -> None:
    assert post(coach(), startDate=date, endDate="2027-03-01").status == 400


def test_a_holiday_can_be_deleted_once() -> None:
    who = coach()
    path = f"{HOLIDAYS}/{post(who).data['id']}"

    first, second = call_api("DELETE", path, who), call_api("DELETE", path, who)

    assert [first.status, second.status] == [200, 404]
    assert call_api("GET", HOLIDAYS, who).data == []


def test_another_users_holiday_looks_unknown_and_is_not_deleted() -> None:
    who, other = coach(), coach()
    holiday = post(who).data["id"]

    response = call_api("DELETE", f"{HOLIDAYS}/{holiday}", other)

    assert (response.status, response.code) == (404, "NOT_FOUND")
    assert [holiday] == [each["id"] for each in call_api("GET", HOLIDAYS, who).data]


def test_an_id_that_is_not_a_uuid_is_rejected() -> None:
    assert call_api("DELETE", f"{HOLIDAYS}/7", coach()).status == 400
    assert call_api("DELETE", f"{HOLIDAYS}/{uuid.uuid4()}", coach()).status == 404
