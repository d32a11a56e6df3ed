"""Months at a glance: what each day of a coach, a learner or both comes to."""

from typing import Any

import pytest

from shared import wiring
from tests.support.aws import without_headings
from tests.support.month_views import A_MONTH, TUESDAY, break_calendar, day_of, month, told
from tests.support.requests import MONTH
from tests.support.service import User, admin, ask, book, coach, learner

pytestmark = pytest.mark.usefixtures("service")

SLOTS = "/api/v1/available-slots"


def take_off(who: User, role: str, name: str = "Hike", date: str = TUESDAY) -> None:
    body = {"name": name, "role": role, "startDate": date, "endDate": date}
    assert ask("POST", "/api/v1/holidays", who, body=body).status == 201


def test_a_month_says_what_each_day_comes_to() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)

    view = month(who, role="Coach", coachId=who.id, learnerId=other.id)

    days = view.pop("days")
    assert view == {
        "year": 2026,
        "month": 11,
        "timezone": "UTC",
        "durationMinutes": 60,
        "stepMinutes": 30,
        "basis": "intersection",
        "sources": [],
    }
    assert [f"2026-11-{n:02}" for n in range(1, 31)] == [each["date"] for each in days]
    assert days[23] == {
        "date": TUESDAY,
        "status": "limited",
        "color": "amber",
        "totalSlots": 15,
        "availableSlots": 12,
        "holidays": [],
        "sessions": [
            {
                "sessionId": event["id"],
                "title": "First steps",
                "startTime": "2026-11-24T10:00:00Z",
                "endTime": "2026-11-24T11:00:00Z",
            }
        ],
    }


def test_every_status_has_its_color() -> None:
    who = coach()
    book(who, who.id, learner().id)
    whole_day = {"startTime": "2026-11-25T08:00:00Z", "endTime": "2026-11-25T18:00:00Z"}
    book(who, who.id, learner().id, **whole_day)
    take_off(who, "Coach", date="2026-11-26")

    view = month(who, role="Coach", coachId=who.id)
    break_calendar(who)
    unread = month(who, role="Coach", coachId=who.id)

    dates = ("22", "23", "24", "25", "26", "28")
    found = [day_of(view, f"2026-11-{each}") for each in dates]
    assert [(each["status"], each["color"]) for each in found] == [
        ("past", "grey"),
        ("available", "green"),
        ("limited", "amber"),
        ("full", "red"),
        ("holiday", "purple"),
        ("unavailable", "white"),
    ]
    assert (day_of(unread)["status"], day_of(unread)["color"]) == ("unverified", "orange")


@pytest.mark.parametrize("zone", [None, "America/New_York", "Pacific/Apia"])
def test_a_day_counts_what_the_days_call_lists(zone: str | None) -> None:
    who, other = coach(), learner()
    late = {"startTime": "2026-11-24T15:30:00Z", "endTime": "2026-11-25T09:15:00Z"}
    book(who, who.id, other.id, **late)
    pair: dict[str, Any] = {"role": "Coach", "coachId": who.id, "learnerId": other.id}
    query = {**pair, "duration": 45, **({"timezone": zone} if zone else {})}

    view = month(who, **query)

    for n in range(22, 28):
        day = day_of(view, f"2026-11-{n}")
        slots = told(who, SLOTS, date=day["date"], **query)["slots"]
        assert len(slots) == day["totalSlots"]
        assert sum(each["available"] for each in slots) == day["availableSlots"]


def test_sessions_and_names_of_holidays_are_for_those_they_concern() -> None:
    who, other, stranger = coach(), learner(), learner()
    book(who, who.id, other.id)
    take_off(who, "Coach")

    def shown(asking: User) -> tuple[list[str], list[str]]:
        day = day_of(month(asking, role="Coach", coachId=who.id))
        return [each["title"] for each in day["sessions"]], day["holidays"]

    assert shown(who) == (["First steps"], ["Hike"])
    assert shown(other) == (["First steps"], ["Holiday"])
    assert shown(stranger) == ([], ["Holiday"])
    assert shown(admin()) == (["First steps"], ["Hike"])


def test_a_session_shows_as_it_is_now_in_the_month_of_everybody_in_it() -> None:
    who, other, joining = coach(), learner(), learner()
    ref = {"sessionId": book(who, who.id, other.id)["id"]}
    people = {"owner": "COACH", "coachId": who.id, "learnerId": joining.id}

    ask("PUT", "/api/v1/events", who, body={**ref, "title": "Renamed"})
    ask("PUT", "/api/v1/events", who, body={**ref, **people})

    def titles(asking: User) -> list[str]:
        day = day_of(month(asking, role="Coach", coachId=who.id))
        return [each["title"] for each in day["sessions"]]

    assert titles(who) == titles(joining) == ["Renamed"]
    assert titles(other) == []


def test_a_session_kept_before_agendas_named_them_is_shown_all_the_same() -> None:
    who, other = coach(), learner()
    book(who, who.id, other.id)
    without_headings(wiring.tables(), who.id)

    def titles(asking: User) -> list[str]:
        day = day_of(month(asking, role="Coach", coachId=who.id))
        return [each["title"] for each in day["sessions"]]

    assert titles(other) == ["First steps"]
    assert titles(learner()) == []


def test_a_calendar_is_named_to_its_owner_only() -> None:
    who, other = coach(), learner()
    broken = break_calendar(who)
    source = {"userId": who.id, "provider": "google", "state": "reconnect_required"}

    def sources(asking: User) -> Any:
        return month(asking, role="Coach", coachId=who.id, learnerId=other.id)["sources"]

    assert [{**source, "connectionId": broken}] == sources(who)
    assert [source] == sources(other) == sources(admin())


@pytest.mark.parametrize(
    ("role", "given", "field"),
    [
        ("Coach", {"learnerId": "1"}, "coachId"),
        ("Learner", {"coachId": "1"}, "learnerId"),
        ("Admin", {}, "coachId"),
    ],
)
def test_a_month_needs_the_id_of_its_role(role: str, given: dict[str, str], field: str) -> None:
    answer = ask("GET", MONTH, coach(), query={**A_MONTH, "role": role, **given})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [field] == [each["field"] for each in answer.json["error"]["details"]]


@pytest.mark.parametrize(
    ("role", "given", "basis"),
    [
        ("coach", {"coachId": "1"}, "coach"),
        ("Learner", {"learnerId": "1"}, "learner"),
        ("Admin", {"learnerId": "1"}, "learner"),
        ("Admin", {"coachId": "1", "learnerId": "2"}, "intersection"),
    ],
)
def test_one_id_is_a_month_of_one_and_both_are_the_pairing(
    role: str, given: dict[str, str], basis: str
) -> None:
    assert basis == month(coach(), role=role, **given)["basis"]


@pytest.mark.parametrize(("year", "month_number"), [(1970, 1), (2199, 12), (2011, 12)])
@pytest.mark.parametrize("zone", ["Pacific/Apia", "Etc/GMT+12", None])
def test_months_at_the_edges_are_answered(year: int, month_number: int, zone: str | None) -> None:
    query = {"timezone": zone} if zone else {}

    view = month(coach(), year=year, month=month_number, role="Coach", coachId="7", **query)

    assert len(view["days"]) == 31
