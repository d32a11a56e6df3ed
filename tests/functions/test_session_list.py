"""GET /api/v1/sessions: the sessions of a user, and those that wait for approval."""

from typing import Any

import pytest

from shared import wiring
from tests.support.aws import counted
from tests.support.service import (
    User,
    admin,
    back_end,
    book,
    call_api,
    coach,
    fresh_id,
    learner,
)

pytestmark = pytest.mark.usefixtures("service")

SESSIONS = "/api/v1/sessions"
NOVEMBER = {"from": "2026-11-23", "to": "2026-11-30"}


def listed(who: User, **query: Any) -> Any:
    response = call_api("GET", SESSIONS, who, query=query)
    assert response.status == 200, response.json
    return response.data


def ids(page: Any) -> list[str]:
    return [each["sessionId"] for each in page["sessions"]]


def test_a_session_is_listed_with_the_fields_of_its_event() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id, location="Room 2", sessionLink="https://meet.example")

    page = listed(who, **NOVEMBER)

    (session,) = page["sessions"]
    assert {name: event[name] for name in session} == session
    assert (page["cursor"], ids(listed(other, **NOVEMBER))) == (None, [event["id"]])


def test_a_cancelled_session_is_listed_and_may_be_left_out() -> None:
    who = coach()
    event = book(who, who.id, learner().id)
    call_api("POST", "/api/v1/events/cancel", who, body={"sessionId": event["id"]})

    assert ids(listed(who, **NOVEMBER)) == [event["id"]]
    assert ids(listed(who, status="cancelled", **NOVEMBER)) == [event["id"]]
    assert ids(listed(who, status="SCHEDULED", **NOVEMBER)) == []


def test_the_cursor_leads_to_the_next_page_which_costs_two_requests() -> None:
    who = coach()
    times = [f"2026-11-24T1{hour}" for hour in range(3)]
    events = [
        book(who, who.id, learner().id, startTime=f"{time}:00:00Z", endTime=f"{time}:30:00Z")
        for time in times
    ]

    first = listed(who, limit=2, **NOVEMBER)
    with counted(wiring.tables()) as sent:
        second = listed(who, limit=2, cursor=first["cursor"], **NOVEMBER)

    assert [*ids(first), *ids(second)] == [each["id"] for each in events]
    assert (sent, second["cursor"]) == (["Query", "BatchGetItem"], None)


@pytest.mark.parametrize("make", [admin, back_end])
def test_an_admin_and_a_service_list_all_sessions_that_wait_for_approval(make: Any) -> None:
    who, other = coach(), coach()
    later = {"startTime": "2026-11-24T15:00:00Z", "endTime": "2026-11-24T16:00:00Z"}
    waiting = [
        book(who, who.id, learner().id, autoApproval=False, **later)["id"],
        book(other, other.id, learner().id, autoApproval=False)["id"],
    ]
    decided = book(who, who.id, learner().id, autoApproval=False)["id"]
    call_api("POST", "/api/v1/events/approve", admin(), body={"sessionId": decided})

    found = ids(listed(make(), status="PENDING_APPROVAL", limit=100))

    assert [each for each in found if each in {*waiting, decided}] == waiting[::-1]
    assert ids(listed(who, status="PENDING_APPROVAL", **NOVEMBER)) == waiting[:1]


def test_a_user_cannot_list_another() -> None:
    response = call_api("GET", SESSIONS, coach(), query={"userId": fresh_id()})

    assert (response.status, response.code) == (403, "FORBIDDEN")
    assert "sessions.list" in response.json["message"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-11-01", "to": "2027-01-03"}, "to"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "to"),
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-13-01"}, "to"),
        ({"status": "DONE"}, "status"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"cursor": "x"}, "cursor"),
    ],
)
def test_an_invalid_parameter_is_named(query: dict[str, str], field: str) -> None:
    response = call_api("GET", SESSIONS, coach(), query=query)

    assert (response.status, response.code) == (400, "VALIDATION_ERROR")
    assert [each["field"] for each in response.json["error"]["details"]] == [field]
