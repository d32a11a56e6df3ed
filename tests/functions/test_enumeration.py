"""The public operations do not reveal whether anything is stored for an id."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from shared import wiring
from tests.support.aws import counted
from tests.support.http_contract import contract
from tests.support.known_users import (
    DAYS,
    HOLIDAY,
    NOTHING_IN_IT,
    SESSION_DAY,
    WEEK,
    busy_in_another_role,
    connected,
    known_by_roles_only,
    never_available,
    unknown,
    with_a_cancelled_session,
    with_holidays_only,
    with_sessions_only,
    with_unreadable_calendars,
    with_week,
    with_zone_only,
)
from tests.support.service import User, call_api, coach

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("service")]

Query = dict[str, str]
EVENTS = ("/api/v1/events", {"date": "2026-11-25"})
AT_NIGHT = (
    "/api/v1/legacy/check-availability",
    {"role": "Coach", "dateTime": "2026-11-24T03:00:00Z"},
)
SETUP = ("/api/v1/legacy/calendar-setup", {"role": "Coach"})
HOURS = ("03:00", "08:30", "10:00", "16:59", "17:30")


def response_and_cost(
    path: str, query: Query, user: User, caller: User | None = None
) -> tuple[str, list[str]]:
    """Return the whole response with the id replaced, and the DynamoDB requests it took."""
    with counted(wiring.tables()) as sent:
        response = call_api("GET", path, caller, query={**query, "userId": user.id})
    assert response.status == 200
    whole = json.dumps([response.json, sorted(response.lasting_headers.items())])
    return whole.replace(user.id, "<id>"), sorted(sent)


@pytest.mark.parametrize("caller", [None, coach()], ids=["no token", "another user"])
@pytest.mark.parametrize(
    ("operation", "kinds"),
    [
        (EVENTS, (known_by_roles_only, never_available, busy_in_another_role)),
        (AT_NIGHT, (known_by_roles_only, never_available, busy_in_another_role, connected)),
        (SETUP, (known_by_roles_only, never_available, busy_in_another_role)),
    ],
    ids=["day list", "check-availability", "calendar-setup"],
)
def test_unknown_other_and_empty_users_get_the_same_response_at_the_same_cost(
    operation: tuple[str, Query], kinds: tuple[Any, ...], caller: User | None
) -> None:
    expected = response_and_cost(*operation, unknown(), caller)

    for kind in kinds:
        assert expected == response_and_cost(*operation, kind(), caller), kind.__name__


def test_an_empty_week_looks_like_an_unknown_id_at_any_hour() -> None:
    who, path = with_week("Coach", coach(), NOTHING_IN_IT), AT_NIGHT[0]

    for hour in range(24):
        query = {"role": "Coach", "dateTime": f"2026-11-24T{hour:02}:00:00Z"}
        assert response_and_cost(path, query, unknown(), None) == response_and_cost(
            path, query, who, None
        )


def test_every_public_operation_about_a_user_is_tested_here() -> None:
    about_a_user = {
        path
        for path, item in contract()["paths"].items()
        for each in item.values()
        if each.get("security") is not None
        and "userId" in {parameter.get("name") for parameter in each.get("parameters", ())}
    }

    assert about_a_user == {EVENTS[0], AT_NIGHT[0], SETUP[0]}


UNSET = (
    known_by_roles_only,
    with_zone_only,
    with_holidays_only,
    with_sessions_only,
    with_a_cancelled_session,
    with_unreadable_calendars,
)
"""Users who have set no availability; `never_available` has set an empty week."""


@pytest.mark.parametrize("kind", [*UNSET, never_available, busy_in_another_role, connected])
def test_without_availability_for_the_role_the_check_is_that_of_an_unknown_id_at_every_instant(
    kind: Callable[[], User],
) -> None:
    who, missing = kind(), unknown()

    for day in DAYS:
        for hour in HOURS:
            query = {"role": "Coach", "dateTime": f"{day}T{hour}:00Z"}
            expected = response_and_cost(AT_NIGHT[0], query, missing)
            assert expected == response_and_cost(AT_NIGHT[0], query, who), (day, hour)


@pytest.mark.parametrize("zone", [None, "UTC", "Pacific/Kiritimati"])
@pytest.mark.parametrize(
    ("kind", "days"),
    [
        (known_by_roles_only, DAYS),
        (with_zone_only, DAYS),
        (with_holidays_only, DAYS),
        (with_sessions_only, (HOLIDAY,)),
        (with_a_cancelled_session, DAYS),
        (never_available, DAYS),
    ],
)
def test_a_day_without_busy_times_is_that_of_an_unknown_id(
    kind: Callable[[], User], days: tuple[str, ...], zone: str | None
) -> None:
    who, missing = kind(), unknown()

    for day in days:
        query = {"date": day, **({"timezone": zone} if zone else {})}
        expected = response_and_cost(EVENTS[0], query, missing)
        assert expected == response_and_cost(EVENTS[0], query, who), day


@pytest.mark.parametrize("day", DAYS)
def test_unreadable_calendars_show_only_that_busy_times_may_be_missing(day: str) -> None:
    who = with_unreadable_calendars()

    listed = call_api("GET", EVENTS[0], query={"date": day, "userId": who.id}).data

    assert listed == {
        "userId": who.id,
        "date": day,
        "timezone": "UTC",
        "events": [],
        "sources": [{"userId": who.id, "provider": None, "state": "unavailable"}],
    }


def test_a_busy_time_shows_nothing_but_its_start_and_end() -> None:
    who = with_sessions_only()

    listed = call_api("GET", EVENTS[0], query={"date": SESSION_DAY, "userId": who.id}).data

    assert listed["events"] == [
        {
            "source": "busy",
            "title": "Busy",
            "startTime": "2026-11-24T10:00:00Z",
            "endTime": "2026-11-24T11:00:00Z",
            "allDay": False,
            "busy": True,
        }
    ]


@pytest.mark.parametrize("kind", [each for each in UNSET if each is not with_unreadable_calendars])
def test_the_setup_of_a_user_who_set_nothing_up_is_that_of_an_unknown_id(
    kind: Callable[[], User],
) -> None:
    assert response_and_cost(*SETUP, unknown()) == response_and_cost(*SETUP, kind())


def test_a_holiday_looks_like_a_day_without_windows() -> None:
    who, day_off = (
        with_week("Coach", coach(), week) for week in (WEEK, {"monday": WEEK["tuesday"]})
    )
    off = {"name": "x", "role": "Coach", "startDate": SESSION_DAY, "endDate": SESSION_DAY}
    assert call_api("POST", "/api/v1/holidays", who, body=off).status == 201

    for hour in HOURS:
        query = {"role": "Coach", "dateTime": f"{SESSION_DAY}T{hour}:00Z"}
        assert response_and_cost(AT_NIGHT[0], query, day_off) == response_and_cost(
            AT_NIGHT[0], query, who
        )
