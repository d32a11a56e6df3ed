from typing import Any

import pytest

from shared import wiring
from shared.domain.connection import ConnectionStatus, Provider
from shared.domain.role import Role
from shared.usecases.finding.legacy import InstantStatus, Legacy, Reason
from tests.support.api import Answer, call
from tests.support.aws import counted
from tests.support.calendar_fakes import Shelf
from tests.support.service import (
    NOW,
    User,
    ask,
    book,
    calendars_over,
    coach,
    consultation_over,
    fresh_id,
    learner,
)
from tests.support.store_samples import connection

pytestmark = pytest.mark.usefixtures("service")

CHECK, SETUP = "/api/v1/legacy/check-availability", "/api/v1/legacy/calendar-setup"
BERLIN = {"tuesday": [{"startTime": "09:00", "endTime": "17:00"}]}


def check(user: str, when: str = "2026-11-24T10:00:00Z", **query: Any) -> Answer:
    asked = {"userId": user, "role": "Coach", "dateTime": when, **query}
    answer = ask("GET", CHECK, query=asked)
    assert answer.status == 200, answer.json
    return answer


def in_berlin(who: User) -> User:
    body = {"role": "Coach", "timezone": "Europe/Berlin", "availability": BERLIN}
    assert ask("PUT", "/api/v1/availability", who, body=body).status == 200
    return who


def told(user: str, when: str, **query: Any) -> tuple[bool, str]:
    data = check(user, when, **query).data
    return data["available"], data["reason"]


def test_the_answer_says_what_the_contract_lists_and_nothing_else() -> None:
    who = in_berlin(coach())

    assert {
        "userId": who.id,
        "role": "Coach",
        "dateTime": "2026-11-24T10:00:00Z",
        "available": True,
        "reason": "available",
    } == check(who.id, "2026-11-24T11:00:00+01:00", role="cOACH").data


def test_windows_holidays_and_sessions_decide_as_for_slots() -> None:
    who, other = in_berlin(coach()), learner()
    book(who, who.id, other.id)
    off = {"name": "x", "role": "Coach", "startDate": "2026-12-01", "endDate": "2026-12-01"}
    ask("POST", "/api/v1/holidays", who, body=off)

    assert (False, "outside_availability") == told(who.id, "2026-11-24T07:59:59Z")
    assert (True, "available") == told(who.id, "2026-11-24T08:00:00Z")
    assert (False, "busy") == told(who.id, "2026-11-24T10:59:59Z")
    assert (True, "available") == told(who.id, "2026-11-24T11:00:00Z")
    assert (False, "holiday") == told(who.id, "2026-12-01T10:00:00Z")


@pytest.mark.parametrize(
    ("when", "zone", "instant"),
    [
        ("2026-11-24T10:00", "Asia/Kolkata", "2026-11-24T04:30:00Z"),
        ("2026-11-24T10:00:00.5", "UTC", "2026-11-24T10:00:00.500000Z"),
        ("2026-11-24T10:00:00+02:00", "Asia/Kolkata", "2026-11-24T08:00:00Z"),
        ("2026-11-24T10:00:00 02:00", "Asia/Kolkata", "2026-11-24T08:00:00Z"),
        # Shown twice: the first time. Never shown: by the offset before the gap.
        ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30:00Z"),
        ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:30:00Z"),
    ],
)
def test_a_time_without_offset_is_one_of_the_time_zone_given(
    when: str, zone: str, instant: str
) -> None:
    assert instant == check("anybody", when, timezone=zone).data["dateTime"]


def test_a_time_without_offset_or_zone_is_utc() -> None:
    assert "2026-11-24T10:00:00Z" == check("anybody", "2026-11-24T10:00:00").data["dateTime"]


@pytest.mark.parametrize(
    ("when", "zone"),
    [("1970-01-01T00:00:00", "Asia/Kolkata"), ("2199-12-31T23:00:00", "America/New_York")],
)
def test_a_local_time_outside_the_years_of_utc_is_refused(when: str, zone: str) -> None:
    query = {"userId": "1", "role": "Coach", "dateTime": when, "timezone": zone}

    answer = ask("GET", CHECK, query=query)

    assert (400, "VALIDATION_ERROR") == (answer.status, answer.code)
    assert ["dateTime"] == [each["field"] for each in answer.json["error"]["details"]]


@pytest.mark.parametrize("hour", range(24))
def test_an_unknown_user_is_never_available_and_never_missing(hour: int) -> None:
    assert (False, "outside_availability") == told("nobody", f"2026-11-24T{hour:02}:00:00Z")


def test_a_known_user_without_windows_has_the_organizations() -> None:
    who = coach()
    off = {"name": "x", "role": "Coach", "startDate": "2026-12-24", "endDate": "2026-12-24"}
    ask("POST", "/api/v1/holidays", who, body=off)

    assert (True, "available") == told(who.id, "2026-11-24T10:00:00Z")
    assert (False, "outside_availability") == told(who.id, "2026-11-24T08:00:00Z")


def test_checking_costs_two_queries_and_one_look_up_for_each_calendar() -> None:
    who = in_berlin(coach())
    names = [fresh_id("c") for _ in range(2)]
    for name in names:
        kept = connection(name, user_id=who.id, status=ConnectionStatus.ACTIVE)
        wiring.people().save_connection(kept)
    shelf = Shelf()
    legacy = Legacy(
        people=wiring.people(),
        consultation=consultation_over(calendars_over(shelf)),
        rules=wiring.slot_rules(),
    )

    with counted(wiring.tables()) as sent:
        found = legacy.at(who.id, Role.COACH, NOW.replace(day=24, hour=10))

    assert InstantStatus(available=True, reason=Reason.AVAILABLE) == found
    assert ["Query", "Query"] == sent
    assert sorted(names) == sorted(name for name, _ in shelf.asked)


def test_a_calendar_that_must_be_reconnected_leaves_it_open() -> None:
    who = in_berlin(coach())
    wiring.people().save_connection(
        connection(fresh_id("c"), user_id=who.id, provider=Provider.APPLE)
    )

    assert (False, "unverified") == told(who.id, "2026-11-24T10:00:00Z")


def setup(user: str, role: str = "Coach") -> dict[str, Any]:
    data: dict[str, Any] = ask("GET", SETUP, query={"userId": user, "role": role}).data
    return data


def test_setup_takes_a_connection_and_windows_of_the_role() -> None:
    who = coach()
    nothing = {
        "userId": who.id,
        "role": "Coach",
        "hasConnection": False,
        "hasAvailability": False,
        "isComplete": False,
    }
    assert nothing == setup(who.id)

    in_berlin(who)
    assert {**nothing, "hasAvailability": True} == setup(who.id)

    wiring.people().save_connection(connection(fresh_id("c"), user_id=who.id))
    complete = {**nothing, "hasConnection": True, "hasAvailability": True, "isComplete": True}
    assert complete == setup(who.id)
    assert {**nothing, "role": "Learner", "hasConnection": True} == setup(who.id, "learner")


def test_a_zone_alone_completes_nothing() -> None:
    who = coach()
    wiring.people().save_connection(connection(fresh_id("c"), user_id=who.id))
    zone = {"role": "Coach", "timezone": "Asia/Kolkata"}
    ask("PUT", "/api/v1/availability/timezone", who, body=zone)

    assert not setup(who.id)["hasAvailability"]
    assert not setup(who.id)["isComplete"]


@pytest.mark.parametrize("path", [CHECK, SETUP])
def test_a_token_makes_no_difference(path: str) -> None:
    who = in_berlin(coach())
    query = {"userId": who.id, "role": "Coach", "dateTime": "2026-11-24T10:00:00Z"}
    target = f"{path}?{'&'.join(f'{name}={value}' for name, value in query.items())}"

    answers = [call("GET", target, bearer=each) for each in (None, who.bearer, "garbage")]

    assert [200] * 3 == [each.status for each in answers]
    assert answers[0].json == answers[1].json == answers[2].json


@pytest.mark.parametrize("bearer", [None, "garbage"])
def test_a_bad_request_is_told_what_is_wrong_with_it_whatever_token_it_carries(
    bearer: str | None,
) -> None:
    for path in (CHECK, SETUP):
        assert "VALIDATION_ERROR" == call("GET", path, bearer=bearer).code
