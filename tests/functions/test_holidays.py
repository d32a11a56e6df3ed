import uuid
from typing import Any

import pytest

from tests.support.api import COACH, LEARNER, Answer
from tests.support.service import NOW, User, ask, book, coach, fresh_id, learner

pytestmark = pytest.mark.usefixtures("service")

HOLIDAYS = "/api/v1/holidays"


def post(who: User, **changes: Any) -> Answer:
    body = {
        "name": "Diwali",
        "role": "Coach",
        "startDate": "2026-11-24",
        "endDate": "2026-11-25",
        **changes,
    }
    return ask("POST", HOLIDAYS, who, body=body)


def test_a_holiday_is_kept_and_listed() -> None:
    who = coach()

    answer = post(who, role="cOACH", name="Diwali 🪔")

    holiday = answer.data
    assert (answer.status, holiday.pop("conflictingSessions")) == (201, [])
    assert {
        "id": holiday["id"],
        "name": "Diwali 🪔",
        "role": "Coach",
        "startDate": "2026-11-24",
        "endDate": "2026-11-25",
        "createdAt": NOW.isoformat().replace("+00:00", "Z"),
    } == holiday
    assert [holiday] == ask("GET", HOLIDAYS, who).data


def test_holidays_of_every_role_are_listed_in_order_of_their_start() -> None:
    who = User(fresh_id(), (COACH, LEARNER))
    post(who, name="second", startDate="2026-12-01", endDate="2026-12-01")
    post(who, name="first", role="Learner")
    post(who, name="third", startDate="2027-01-01", endDate="2027-01-01")

    listed = ask("GET", HOLIDAYS, who).data

    assert [each["name"] for each in listed] == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("last", "status"), [("2026-11-24", 201), ("2027-11-24", 201), ("2027-11-25", 400)]
)
def test_a_holiday_lasts_one_to_366_days(last: str, status: int) -> None:
    assert status == post(coach(), endDate=last).status


def test_an_end_before_the_start_is_refused() -> None:
    answer = post(coach(), endDate="2026-11-23")

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [each["field"] for each in answer.json["error"]["details"]] == ["endDate"]


def test_a_role_the_caller_lacks_is_forbidden() -> None:
    who = coach()

    answer = post(who, role="Learner")

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert ask("GET", HOLIDAYS, who).data == []


@pytest.mark.parametrize(
    ("start", "end"),
    [("1970-01-01", "1970-01-02"), ("2199-12-31", "2199-12-31")],
)
def test_the_first_and_last_dates_are_dates_too(start: str, end: str) -> None:
    assert post(coach(), startDate=start, endDate=end).status == 201


def test_conflicting_sessions_are_named_in_order_and_stay() -> None:
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

    answer = post(who)

    assert [early["id"], late["id"]] == answer.data["conflictingSessions"]
    assert ask("GET", f"/api/v1/events/{late['id']}", who).data["status"] == "SCHEDULED"


def test_the_dates_are_those_of_the_zone_of_the_role() -> None:
    who, other = coach(), learner()
    ask(
        "PUT",
        "/api/v1/availability/timezone",
        who,
        body={"role": "Coach", "timezone": "Pacific/Kiritimati"},
    )
    # 10:00Z on the 24th is midnight of the 25th on Kiritimati.
    event = book(who, who.id, other.id)

    before = post(who, startDate="2026-11-24", endDate="2026-11-24")
    on = post(who, startDate="2026-11-25", endDate="2026-11-25")

    assert before.data["conflictingSessions"] == []
    assert [event["id"]] == on.data["conflictingSessions"]


def test_a_session_that_runs_into_the_holiday_is_named() -> None:
    who, other = coach(), learner()
    event = book(
        who,
        who.id,
        other.id,
        startTime="2026-11-24T12:00:00Z",
        endTime="2026-11-25T12:00:00Z",
    )

    answer = post(who, startDate="2026-11-25", endDate="2026-11-25")

    assert [event["id"]] == answer.data["conflictingSessions"]


def test_a_cancelled_session_is_not_named() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)
    ask("POST", "/api/v1/events/cancel", who, body={"sessionId": event["id"]})

    assert post(who).data["conflictingSessions"] == []


def test_a_holiday_can_be_deleted_once() -> None:
    who = coach()
    path = f"{HOLIDAYS}/{post(who).data['id']}"

    first, second = ask("DELETE", path, who), ask("DELETE", path, who)

    assert [first.status, second.status] == [200, 404]
    assert ask("GET", HOLIDAYS, who).data == []


def test_somebody_elses_holiday_reads_as_unknown_and_stays() -> None:
    who, other = coach(), coach()
    holiday = post(who).data["id"]

    answer = ask("DELETE", f"{HOLIDAYS}/{holiday}", other)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert [holiday] == [each["id"] for each in ask("GET", HOLIDAYS, who).data]


def test_an_id_that_is_no_uuid_is_refused() -> None:
    assert ask("DELETE", f"{HOLIDAYS}/7", coach()).status == 400
    assert ask("DELETE", f"{HOLIDAYS}/{uuid.uuid4()}", coach()).status == 404
