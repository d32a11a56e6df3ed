from typing import Any
from urllib.parse import urlencode

import pytest

from shared import wiring
from shared.domain.connection import ConnectionStatus, Provider
from shared.domain.role import Role
from shared.usecases.finding.legacy import InstantStatus, Legacy, Reason
from tests.support.api import ApiResponse, call
from tests.support.aws import counted
from tests.support.calendar_stubs import ReadOnlyCalendar
from tests.support.requests import QUERIES
from tests.support.service import (
    NOW,
    User,
    book,
    calendars_over,
    call_api,
    coach,
    fresh_id,
    learner,
    participants_over,
)
from tests.support.store_samples import connection

pytestmark = pytest.mark.usefixtures("service")

CHECK, SETUP = "/api/v1/legacy/check-availability", "/api/v1/legacy/calendar-setup"
BERLIN = {"tuesday": [{"startTime": "09:00", "endTime": "17:00"}]}


def check(user: str, when: str = "2026-11-24T10:00:00Z", **query: Any) -> ApiResponse:
    parameters = {"userId": user, "role": "Coach", "dateTime": when, **query}
    response = call_api("GET", CHECK, query=parameters)
    assert response.status == 200, response.json
    return response


def with_berlin_windows(who: User) -> User:
    body = {"role": "Coach", "timezone": "Europe/Berlin", "availability": BERLIN}
    assert call_api("PUT", "/api/v1/availability", who, body=body).status == 200
    return who


def result_of(user: str, when: str, **query: Any) -> tuple[bool, str]:
    data = check(user, when, **query).data
    return data["available"], data["reason"]


def test_the_response_has_the_contracts_fields_and_no_others() -> None:
    who = with_berlin_windows(coach())

    assert {
        "userId": who.id,
        "role": "Coach",
        "dateTime": "2026-11-24T10:00:00Z",
        "available": True,
        "reason": "available",
    } == check(who.id, "2026-11-24T11:00:00+01:00", role="cOACH").data


def test_windows_holidays_and_sessions_decide_as_for_slots_and_a_holiday_is_not_named() -> None:
    who, other = with_berlin_windows(coach()), learner()
    book(who, who.id, other.id)
    off = {"name": "x", "role": "Coach", "startDate": "2026-12-01", "endDate": "2026-12-01"}
    call_api("POST", "/api/v1/holidays", who, body=off)

    assert (False, "outside_availability") == result_of(who.id, "2026-11-24T07:59:59Z")
    assert (True, "available") == result_of(who.id, "2026-11-24T08:00:00Z")
    assert (False, "busy") == result_of(who.id, "2026-11-24T10:59:59Z")
    assert (True, "available") == result_of(who.id, "2026-11-24T11:00:00Z")
    assert (False, "outside_availability") == result_of(who.id, "2026-12-01T10:00:00Z")
    assert (True, "available") == result_of(who.id, "2026-12-08T10:00:00Z")


@pytest.mark.parametrize(
    ("when", "zone", "instant"),
    [
        ("2026-11-24T10:00", "Asia/Kolkata", "2026-11-24T04:30:00Z"),
        ("2026-11-24T10:00:00.5", "UTC", "2026-11-24T10:00:00.500000Z"),
        ("2026-11-24T10:00:00+02:00", "Asia/Kolkata", "2026-11-24T08:00:00Z"),
        ("2026-11-24T10:00:00 02:00", "Asia/Kolkata", "2026-11-24T08:00:00Z"),
        # An ambiguous time is the first one; a skipped time uses the offset before the gap.
        ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30:00Z"),
        ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:30:00Z"),
    ],
)
def test_a_time_without_offset_is_in_the_given_time_zone(
    when: str, zone: str, instant: str
) -> None:
    assert instant == check("any-user", when, timezone=zone).data["dateTime"]


def test_a_time_without_offset_or_zone_is_utc() -> None:
    assert "2026-11-24T10:00:00Z" == check("any-user", "2026-11-24T10:00:00").data["dateTime"]


@pytest.mark.parametrize(
    ("when", "zone"),
    [("1970-01-01T00:00:00", "Asia/Kolkata"), ("2199-12-31T23:00:00", "America/New_York")],
)
def test_a_local_time_outside_the_supported_utc_years_is_rejected(when: str, zone: str) -> None:
    query = {"userId": "1", "role": "Coach", "dateTime": when, "timezone": zone}

    response = call_api("GET", CHECK, query=query)

    assert (400, "VALIDATION_ERROR") == (response.status, response.code)
    assert ["dateTime"] == [each["field"] for each in response.json["error"]["details"]]


@pytest.mark.parametrize("hour", range(24))
def test_an_unknown_user_is_never_available_and_never_not_found(hour: int) -> None:
    assert (False, "outside_availability") == result_of(
        "unknown-user", f"2026-11-24T{hour:02}:00:00Z"
    )


def test_a_user_who_chose_the_default_windows_is_available_in_them() -> None:
    who = coach()
    chosen = {"role": "Coach", "timezone": "UTC", "useDefaultAvailability": True}
    call_api("PUT", "/api/v1/availability", who, body=chosen)

    assert (True, "available") == result_of(who.id, "2026-11-24T10:00:00Z")
    assert (False, "outside_availability") == result_of(who.id, "2026-11-24T08:00:00Z")


def test_a_user_who_set_no_availability_is_never_available() -> None:
    who = coach()
    off = {"name": "x", "role": "Coach", "startDate": "2026-12-24", "endDate": "2026-12-24"}
    call_api("POST", "/api/v1/holidays", who, body=off)
    book(who, who.id, learner().id)

    for day in ("2026-11-24", "2026-12-24", "2026-12-25"):
        assert (False, "outside_availability") == result_of(who.id, f"{day}T10:00:00Z")


def test_checking_costs_two_queries_and_one_read_per_calendar() -> None:
    who = with_berlin_windows(coach())
    names = [fresh_id("c") for _ in range(2)]
    for name in names:
        broken = connection(name, user_id=who.id, status=ConnectionStatus.ACTIVE)
        wiring.people_store().save_connection(broken)
    provider = ReadOnlyCalendar()
    legacy = Legacy(
        people=wiring.people_store(),
        participants=participants_over(calendars_over(provider)),
        rules=wiring.slot_rules(),
    )

    with counted(wiring.tables()) as sent:
        found = legacy.at(who.id, Role.COACH, NOW.replace(day=24, hour=10), now=NOW)

    assert InstantStatus(available=True, reason=Reason.AVAILABLE) == found
    assert ["Query", "Query"] == sent
    assert sorted(names) == sorted(name for name, _ in provider.lookups)


def test_a_calendar_that_must_be_reconnected_makes_the_check_unverified() -> None:
    who = with_berlin_windows(coach())
    wiring.people_store().save_connection(
        connection(fresh_id("c"), user_id=who.id, provider=Provider.APPLE)
    )

    assert (False, "unverified") == result_of(who.id, "2026-11-24T10:00:00Z")


def setup(user: str, role: str = "Coach") -> dict[str, Any]:
    data: dict[str, Any] = call_api("GET", SETUP, query={"userId": user, "role": role}).data
    return data


def test_setup_requires_a_connection_and_windows_for_the_role() -> None:
    who = coach()
    nothing = {
        "userId": who.id,
        "role": "Coach",
        "hasConnection": False,
        "hasAvailability": False,
        "isComplete": False,
    }
    assert nothing == setup(who.id)

    with_berlin_windows(who)
    assert {**nothing, "hasAvailability": True} == setup(who.id)

    wiring.people_store().save_connection(connection(fresh_id("c"), user_id=who.id))
    complete = {**nothing, "hasConnection": True, "hasAvailability": True, "isComplete": True}
    assert complete == setup(who.id)
    assert {**nothing, "role": "Learner", "hasConnection": True} == setup(who.id, "learner")


def test_a_time_zone_alone_does_not_complete_setup() -> None:
    who = coach()
    wiring.people_store().save_connection(connection(fresh_id("c"), user_id=who.id))
    zone = {"role": "Coach", "timezone": "Asia/Kolkata"}
    call_api("PUT", "/api/v1/availability/timezone", who, body=zone)

    assert not setup(who.id)["hasAvailability"]
    assert not setup(who.id)["isComplete"]


@pytest.mark.parametrize("path", [CHECK, SETUP])
def test_a_token_makes_no_difference(path: str) -> None:
    who = with_berlin_windows(coach())
    query = {**QUERIES[path], "userId": who.id}
    target = f"{path}?{urlencode(query)}"

    responses = [call("GET", target, bearer=each) for each in (None, who.bearer, "garbage")]

    assert [200] * 3 == [each.status for each in responses]
    assert responses[0].json == responses[1].json == responses[2].json


@pytest.mark.parametrize("bearer", [None, "garbage"])
def test_an_invalid_request_gets_its_problems_whatever_token_it_carries(
    bearer: str | None,
) -> None:
    for path in (CHECK, SETUP):
        assert "VALIDATION_ERROR" == call("GET", path, bearer=bearer).code
