"""Month calendars of a coach, a learner or both."""

from typing import Any

import pytest

from shared import wiring
from tests.support.aws import remove_agenda_headings
from tests.support.month_views import A_MONTH, TUESDAY, break_calendar, day_of, get_data, month
from tests.support.requests import MONTH
from tests.support.service import User, admin, book, call_api, coach, learner
from tests.support.store_samples import PROBLEM

pytestmark = pytest.mark.usefixtures("service")

SLOTS = "/api/v1/available-slots"


def take_off(who: User, role: str, name: str = "Hike", date: str = TUESDAY) -> None:
    body = {"name": name, "role": role, "startDate": date, "endDate": date}
    assert call_api("POST", "/api/v1/holidays", who, body=body).status == 201


def test_a_month_summarises_each_day() -> None:
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
                "status": "SCHEDULED",
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
    unreadable = month(who, role="Coach", coachId=who.id)

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
    assert (day_of(unreadable)["status"], day_of(unreadable)["color"]) == ("unverified", "orange")


@pytest.mark.parametrize("zone", [None, "America/New_York", "Pacific/Apia"])
def test_a_day_counts_the_slots_that_the_slots_endpoint_lists(zone: str | None) -> None:
    who, other = coach(), learner()
    late = {"startTime": "2026-11-24T15:30:00Z", "endTime": "2026-11-25T09:15:00Z"}
    book(who, who.id, other.id, **late)
    pair: dict[str, Any] = {"role": "Coach", "coachId": who.id, "learnerId": other.id}
    query = {**pair, "duration": 45, **({"timezone": zone} if zone else {})}

    view = month(who, **query)

    for n in range(22, 28):
        day = day_of(view, f"2026-11-{n}")
        slots = get_data(who, SLOTS, date=day["date"], **query)["slots"]
        assert len(slots) == day["totalSlots"]
        assert sum(each["available"] for each in slots) == day["availableSlots"]


def test_sessions_and_holiday_names_are_shown_only_to_the_people_concerned() -> None:
    who, other, stranger = coach(), learner(), learner()
    book(who, who.id, other.id)
    take_off(who, "Coach")

    def shown(caller: User) -> tuple[list[str], list[str]]:
        day = day_of(month(caller, role="Coach", coachId=who.id))
        return [each["title"] for each in day["sessions"]], day["holidays"]

    assert shown(who) == (["First steps"], ["Hike"])
    assert shown(other) == (["First steps"], ["Holiday"])
    assert shown(stranger) == ([], ["Holiday"])
    assert shown(admin()) == (["First steps"], ["Hike"])


def test_a_session_is_shown_in_its_current_form_to_all_its_participants() -> None:
    who, other, joining = coach(), learner(), learner()
    ref = {"sessionId": book(who, who.id, other.id)["id"]}
    people = {"owner": "COACH", "coachId": who.id, "learnerId": joining.id}

    call_api("PUT", "/api/v1/events", who, body={**ref, "title": "Renamed"})
    call_api("PUT", "/api/v1/events", who, body={**ref, **people})

    def titles(caller: User) -> list[str]:
        day = day_of(month(caller, role="Coach", coachId=who.id))
        return [each["title"] for each in day["sessions"]]

    assert titles(who) == titles(joining) == ["Renamed"]
    assert titles(other) == []


def test_a_session_stored_before_agendas_had_titles_is_still_shown() -> None:
    who, other = coach(), learner()
    book(who, who.id, other.id)
    remove_agenda_headings(wiring.tables(), who.id)

    def titles(caller: User) -> list[str]:
        day = day_of(month(caller, role="Coach", coachId=who.id))
        return [each["title"] for each in day["sessions"]]

    assert titles(other) == ["First steps"]
    assert titles(learner()) == []


def test_a_connection_id_is_returned_to_its_owner_only_and_a_provider_to_admins_too() -> None:
    who, other = coach(), learner()
    broken = break_calendar(who)
    source = {"userId": who.id, "provider": "google", "state": "reconnect_required"}

    def sources(caller: User) -> Any:
        return month(caller, role="Coach", coachId=who.id, learnerId=other.id)["sources"]

    code, action = PROBLEM.code, PROBLEM.code.action
    problem = {"code": code, "message": PROBLEM.message, "action": action}
    assert [{**source, "connectionId": broken, "problem": problem}] == sources(who)
    assert [{**source, "problem": problem}] == sources(admin())
    assert [{**source, "provider": None}] == sources(other)


@pytest.mark.parametrize(
    ("role", "ids", "field"),
    [
        ("Coach", {"learnerId": "1"}, "coachId"),
        ("Learner", {"coachId": "1"}, "learnerId"),
        ("Admin", {}, "coachId"),
    ],
)
def test_a_month_requires_the_id_for_its_role(role: str, ids: dict[str, str], field: str) -> None:
    response = call_api("GET", MONTH, coach(), query={**A_MONTH, "role": role, **ids})

    assert (response.status, response.code) == (400, "VALIDATION_ERROR")
    assert [field] == [each["field"] for each in response.json["error"]["details"]]


@pytest.mark.parametrize(
    ("role", "ids", "basis"),
    [
        ("coach", {"coachId": "1"}, "coach"),
        ("Learner", {"learnerId": "2"}, "learner"),
        ("Admin", {"learnerId": "2"}, "learner"),
        ("Admin", {"coachId": "1", "learnerId": "2"}, "intersection"),
    ],
)
def test_one_id_gives_that_persons_month_and_both_give_the_pairs_month(
    role: str, ids: dict[str, str], basis: str
) -> None:
    assert basis == month(User("2", ("Coach",)), role=role, **ids)["basis"]


@pytest.mark.parametrize(("year", "month_number"), [(1970, 1), (2199, 12), (2011, 12)])
@pytest.mark.parametrize("zone", ["Pacific/Apia", "Etc/GMT+12", None])
def test_the_first_and_last_supported_months_are_returned(
    year: int, month_number: int, zone: str | None
) -> None:
    query = {"timezone": zone} if zone else {}

    view = month(coach(), year=year, month=month_number, role="Coach", coachId="7", **query)

    assert len(view["days"]) == 31
