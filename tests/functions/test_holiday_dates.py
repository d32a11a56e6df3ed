"""Holidays are dates of the person's own time zone, wherever they are seen."""

from typing import Any

import pytest

from tests.support.api import COACH, LEARNER, ApiResponse
from tests.support.month_views import get_data, month
from tests.support.service import User, admin, book, call_api, coach, learner

pytestmark = pytest.mark.usefixtures("service")

WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


def take_off(who: User, first: str, last: str, **changes: Any) -> ApiResponse:
    body = {"name": "Diwali", "role": "Coach", "startDate": first, "endDate": last, **changes}
    return call_api("POST", "/api/v1/holidays", who, body=body)


def in_vancouver() -> User:
    """Return a coach who works from 9 to 17 in Vancouver."""
    who = coach()
    week = {day: [{"startTime": "09:00", "endTime": "17:00"}] for day in WEEKDAYS}
    body = {"role": "Coach", "timezone": "America/Vancouver", "availability": week}
    assert call_api("PUT", "/api/v1/availability", who, body=body).status == 200
    return who


def statuses(who: User, date: str, zone: str = "America/Vancouver") -> set[str]:
    """Return the statuses of the slots of the coach and a learner without availability."""
    query = {"date": date, "role": "Coach", "coachId": who.id, "learnerId": "any"}
    slots = get_data(who, "/api/v1/available-slots", timezone=zone, **query)["slots"]
    return {each["status"] for each in slots}


def test_a_holiday_over_new_year_is_one_of_the_coachs_dates_wherever_it_is_seen() -> None:
    who = in_vancouver()
    take_off(who, "2027-12-30", "2028-01-03")

    dates = ("2027-12-29", "2027-12-30", "2028-01-03", "2028-01-04")
    assert [{"available"}, {"holiday"}, {"holiday"}, {"available"}] == [
        statuses(who, each) for each in dates
    ]
    # In Kolkata, the coach's working day of the 3rd ends in the morning of the 4th.
    assert {"holiday", "available"} == statuses(who, "2028-01-04", "Asia/Kolkata")
    query: dict[str, Any] = {"year": 2028, "month": 1, "role": "Coach", "coachId": who.id}
    days = month(who, timezone="Asia/Kolkata", **query)["days"][:5]
    assert [["Diwali"]] * 4 + [[]] == [each["holidays"] for each in days]
    assert ["holiday"] * 3 + ["limited"] == [each["status"] for each in days[:4]]


def test_of_two_overlapping_holidays_one_can_be_deleted() -> None:
    who = in_vancouver()
    first = take_off(who, "2027-02-01", "2027-02-10", name="A").data
    take_off(who, "2027-02-05", "2027-02-15", name="B")
    query: dict[str, Any] = {"year": 2027, "month": 2, "role": "Coach", "coachId": who.id}
    seen = [month(each, **query)["days"][5]["holidays"] for each in (who, learner())]

    call_api("DELETE", f"/api/v1/holidays/{first['id']}", who)

    assert [["A", "B"], ["Holiday"]] == seen
    assert ({"available"}, {"holiday"}) == (
        statuses(who, "2027-02-03"),
        statuses(who, "2027-02-06"),
    )


def test_a_holiday_of_another_role_does_not_count() -> None:
    who = in_vancouver()
    both = User(who.id, (COACH, LEARNER))
    assert take_off(both, "2027-03-01", "2027-03-01", role="Learner").status == 201

    assert {"available"} == statuses(who, "2027-03-01")


def test_conflicts_are_the_sessions_of_the_local_dates_in_every_role() -> None:
    who, boss = in_auckland(), admin()
    book(who, who.id, learner().id, **hours("09T23:00", "10T00:00"))  # ends as the holiday starts
    inside = book(who, who.id, learner().id, **hours("10T10:00", "10T11:00"))
    pending = book(who, who.id, learner().id, autoApproval=False, **hours("10T12:00", "10T13:00"))
    learning = book(
        boss, coach().id, who.id, owner="ADMIN", adminId=boss.id, **hours("10T15:00", "10T16:00")
    )
    later = book(who, who.id, learner().id, **hours("11T23:30", "12T00:30"))
    off = book(who, who.id, learner().id, **hours("10T20:00", "10T21:00"))
    call_api("POST", "/api/v1/events/cancel", who, body={"sessionId": off["id"]})

    listed = take_off(who, "2027-05-10", "2027-05-11").data["conflictingSessions"]

    assert [each["id"] for each in (inside, pending, learning, later)] == listed


def in_auckland() -> User:
    """Return a coach whose dates are those of Auckland."""
    who = coach()
    body = {"role": "Coach", "timezone": "Pacific/Auckland"}
    assert call_api("PUT", "/api/v1/availability/timezone", who, body=body).status == 200
    return who


def hours(start: str, end: str) -> dict[str, str]:
    """Return a time in May 2027 in Auckland; the texts are day and clock."""
    return {"startTime": f"2027-05-{start}:00+12:00", "endTime": f"2027-05-{end}:00+12:00"}
