from collections.abc import Mapping
from typing import Any

import pytest

from shared import wiring
from shared.domain.connection import ConnectionStatus, Provider
from tests.support.service import User, admin, book, call_api, coach, fresh_id, installed, learner
from tests.support.store_samples import PROBLEM, connection

pytestmark = pytest.mark.usefixtures("service")

SLOTS = "/api/v1/available-slots"
TUESDAY = "2026-11-24"


def slots(who: User, coach_id: str, learner_id: str, **query: Any) -> Any:
    parameters = {
        "date": TUESDAY,
        "role": "Learner",
        "coachId": coach_id,
        "learnerId": learner_id,
        **query,
    }
    response = call_api("GET", SLOTS, who, query=parameters)
    assert response.status == 200, response.json
    return response.data


def by_status(day: Any, status: str) -> list[str]:
    return [each["startTime"][11:16] for each in day["slots"] if each["status"] == status]


def set_windows(who: User, role: str, zone: str, start: str, end: str) -> None:
    week = {"tuesday": [{"startTime": start, "endTime": end}]}
    body = {"role": role, "timezone": zone, "availability": week}
    assert call_api("PUT", "/api/v1/availability", who, body=body).status == 200


def test_default_windows_give_a_slot_every_half_hour() -> None:
    who, other = coach(), learner()

    day = slots(who, who.id, other.id)

    assert (
        day["date"],
        day["timezone"],
        day["durationMinutes"],
        day["stepMinutes"],
        day["basis"],
    ) == (TUESDAY, "UTC", 60, 30, "intersection")
    assert len(day["slots"]) == 15
    assert day["sources"] == []
    assert day["slots"][0] == {
        "startTime": "2026-11-24T09:00:00Z",
        "endTime": "2026-11-24T10:00:00Z",
        "localStart": "2026-11-24T09:00:00+00:00",
        "available": True,
        "status": "available",
        "color": "green",
        "blockedBy": [],
    }


def test_slots_are_within_the_windows_of_both() -> None:
    who, other = coach(), learner()
    set_windows(who, "Coach", "Europe/Berlin", "09:00", "12:00")
    set_windows(other, "Learner", "UTC", "09:00", "12:00")

    day = slots(who, who.id, other.id)

    assert by_status(day, "available") == ["09:00", "09:30", "10:00"]


@pytest.mark.parametrize(
    ("role", "zone", "first"),
    [
        ("Coach", "Asia/Kolkata", "2026-11-24T09:00:00+05:30"),
        ("learner", "Asia/Tokyo", "2026-11-24T12:30:00+09:00"),
        ("Admin", "UTC", "2026-11-24T03:30:00+00:00"),
    ],
)
def test_the_time_zone_defaults_to_that_of_the_person_with_the_queried_role(
    role: str, zone: str, first: str
) -> None:
    who, other = coach(), learner()
    set_windows(who, "Coach", "Asia/Kolkata", "09:00", "11:00")
    set_windows(other, "Learner", "Asia/Tokyo", "12:30", "14:30")

    day = slots(who, who.id, other.id, role=role)

    assert (zone, first) == (day["timezone"], day["slots"][0]["localStart"])


def test_the_viewers_time_zone_decides_the_date_and_the_local_start() -> None:
    who, other = coach(), learner()
    set_windows(who, "Coach", "UTC", "09:00", "24:00")
    set_windows(other, "Learner", "UTC", "09:00", "24:00")

    day = slots(who, who.id, other.id, timezone="Pacific/Auckland")

    assert day["slots"][0]["localStart"] == "2026-11-24T22:00:00+13:00"
    assert {TUESDAY} == {each["localStart"][:10] for each in day["slots"]}


@pytest.mark.parametrize(("duration", "count"), [(5, 16), (60, 15), (480, 1)])
def test_the_duration_can_be_set(duration: int, count: int) -> None:
    who, other = coach(), learner()

    day = slots(who, who.id, other.id, duration=duration)

    assert (duration, count) == (day["durationMinutes"], len(day["slots"]))


@pytest.mark.parametrize("duration", ["4", "481", "0", "-60", "60.5", "an hour", ""])
def test_a_duration_out_of_range_is_rejected(duration: str) -> None:
    query = {"date": TUESDAY, "role": "Coach", "coachId": 1, "learnerId": 2, "duration": duration}

    response = call_api("GET", SLOTS, coach(), query=query)

    assert (response.status, response.code) == (400, "VALIDATION_ERROR")


def test_slots_before_now_are_past() -> None:
    who, other = coach(), learner()
    # It is Monday 08:00 UTC, which is 13:30 in Kolkata.
    set_windows(who, "Coach", "Asia/Kolkata", "13:00", "14:30")
    week = {"monday": [{"startTime": "13:00", "endTime": "15:00"}]}
    for each, role in ((who, "Coach"), (other, "Learner")):
        body = {"role": role, "timezone": "Asia/Kolkata", "availability": week}
        call_api("PUT", "/api/v1/availability", each, body=body)

    day = slots(who, who.id, other.id, date="2026-11-23")

    assert [each["status"] for each in day["slots"]] == ["past", "available", "available"]
    assert [each["color"] for each in day["slots"]] == ["grey", "green", "green"]


def test_a_session_blocks_its_participants_even_while_pending() -> None:
    who, other = coach(), learner()
    book(who, who.id, learner().id, autoApproval=False)

    day = slots(who, who.id, other.id)

    assert by_status(day, "busy") == ["09:30", "10:00", "10:30"]
    assert [e["blockedBy"] for e in day["slots"] if e["status"] == "busy"] == [["coach"]] * 3
    assert {("busy", "red", False)} == {
        (e["status"], e["color"], e["available"]) for e in day["slots"] if e["blockedBy"]
    }


def test_blocked_by_lists_both_when_both_are_busy() -> None:
    who, other = coach(), learner()
    book(who, who.id, other.id)

    day = slots(who, who.id, other.id)

    assert [e["blockedBy"] for e in day["slots"] if e["blockedBy"]] == [["coach", "learner"]] * 3


def test_a_cancelled_session_blocks_no_one() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)
    call_api("POST", "/api/v1/events/cancel", who, body={"sessionId": event["id"]})

    assert by_status(slots(who, who.id, other.id), "busy") == []


def test_a_reschedule_ignores_that_session_and_no_other() -> None:
    who, other = coach(), learner()
    moving = book(who, who.id, other.id)
    times = {"startTime": "2026-11-24T14:00:00Z", "endTime": "2026-11-24T15:00:00Z"}
    book(who, who.id, other.id, **times)

    plain = slots(who, who.id, other.id, sessionId=moving["id"])
    moved = slots(who, who.id, other.id, sessionId=moving["id"], reschedule="true")

    assert by_status(plain, "busy") == ["09:30", "10:00", "10:30", "13:30", "14:00", "14:30"]
    assert by_status(moved, "busy") == ["13:30", "14:00", "14:30"]


@pytest.mark.parametrize("known", [True, False])
def test_a_reschedule_of_a_session_that_the_caller_may_not_see_is_not_found(*, known: bool) -> None:
    who, other, stranger = coach(), learner(), learner()
    session = book(who, who.id, other.id)["id"] if known else fresh_id()
    pair = {"date": TUESDAY, "role": "Coach", "coachId": who.id, "learnerId": stranger.id}

    response = call_api(
        "GET", SLOTS, stranger, query={**pair, "sessionId": session, "reschedule": "true"}
    )

    assert (response.status, response.code) == (404, "NOT_FOUND")
    assert response.json["message"] == f"There is no event {session} that you take part in."


def test_a_reschedule_requires_the_session_id() -> None:
    who = coach()
    pair = {"date": TUESDAY, "role": "Coach", "coachId": who.id, "learnerId": 2}

    response = call_api("GET", SLOTS, who, query={**pair, "reschedule": "true"})

    assert (response.status, response.code) == (400, "VALIDATION_ERROR")
    assert [each["field"] for each in response.json["error"]["details"]] == ["sessionId"]


def test_a_holiday_of_the_consulted_role_blocks_slots_in_purple() -> None:
    who, other = coach(), learner()
    body = {"name": "Off", "role": "Learner", "startDate": TUESDAY, "endDate": TUESDAY}
    call_api("POST", "/api/v1/holidays", other, body=body)

    day = slots(who, who.id, other.id)

    statuses = {(e["status"], e["color"], *e["blockedBy"]) for e in day["slots"]}
    assert {("holiday", "purple", "learner")} == statuses


def test_a_broken_calendar_makes_slots_unverified_and_is_named_in_sources() -> None:
    who, other = coach(), learner()
    broken = connection(fresh_id("c"), user_id=other.id, status=ConnectionStatus.RECONNECT_REQUIRED)
    wiring.people_store().save_connection(broken)

    mine, theirs = slots(other, who.id, other.id), slots(who, who.id, other.id)

    assert {("unverified", "orange", False)} == {
        (e["status"], e["color"], e["available"]) for e in theirs["slots"]
    }
    source = {"userId": other.id, "provider": None, "state": "reconnect_required"}
    assert [source] == theirs["sources"]
    code, action = PROBLEM.code, PROBLEM.code.action
    problem = {"code": code, "message": PROBLEM.message, "action": action}
    own = {"provider": "google", "connectionId": broken.id, "problem": problem}
    assert [{**source, **own}] == mine["sources"]


def test_a_calendar_that_cannot_be_reached_is_unavailable() -> None:
    who, other = coach(), learner()
    active = connection(
        fresh_id("c"),
        user_id=who.id,
        provider=Provider.GOOGLE,
        status=ConnectionStatus.ACTIVE,
    )
    wiring.people_store().save_connection(active)

    day = slots(admin(), who.id, other.id)

    assert [{"userId": who.id, "provider": "google", "state": "unavailable"}] == day["sources"]
    assert len(by_status(day, "unverified")) == 15


@pytest.mark.parametrize("date", ["1970-01-01", "2199-12-31", "2027-03-28"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", None])
def test_the_first_and_last_supported_dates_have_slots(date: str, zone: str | None) -> None:
    who, other = coach(), learner()
    query = {"timezone": zone} if zone else {}

    assert date == slots(who, who.id, other.id, date=date, **query)["date"]


def test_a_date_that_a_time_zone_skipped_has_no_slots() -> None:
    who, other = coach(), learner()

    day = slots(who, who.id, other.id, date="2011-12-30", timezone="Pacific/Apia")

    assert day["slots"] == []


def test_ids_may_be_integers() -> None:
    other = learner()
    book(admin(), 41, other.id)

    day = slots(other, "41", other.id)

    assert by_status(day, "busy") == ["09:30", "10:00", "10:30"]


@pytest.mark.parametrize("missing", ["date", "role", "coachId", "learnerId"])
def test_missing_required_parameters_are_named(missing: str) -> None:
    query = {"date": TUESDAY, "role": "Coach", "coachId": 1, "learnerId": 2}
    del query[missing]

    response = call_api("GET", SLOTS, coach(), query=query)

    assert (response.status, response.code) == (400, "VALIDATION_ERROR")
    assert f"Check the request: {missing} is required." == response.json["message"]


def test_a_learner_who_has_set_nothing_does_not_limit_the_slots_of_a_coach_elsewhere() -> None:
    who, other = coach(), learner()
    set_windows(who, "Coach", "Asia/Tokyo", "09:00", "12:00")

    day = slots(who, who.id, other.id)

    assert by_status(day, "available") == ["00:00", "00:30", "01:00", "01:30", "02:00"]


def test_a_learner_who_has_set_only_a_zone_does_not_limit_slots_either() -> None:
    who, other = coach(), learner()
    body = {"role": "Learner", "timezone": "Pacific/Auckland"}
    assert call_api("PUT", "/api/v1/availability/timezone", other, body=body).status == 200

    assert len(slots(who, who.id, other.id, timezone="UTC")["slots"]) == 15
    chosen = {**body, "useDefaultAvailability": True}
    assert call_api("PUT", "/api/v1/availability", other, body=chosen).status == 200
    assert slots(who, who.id, other.id, timezone="UTC")["slots"] == []


def test_the_default_windows_can_limit_learners_who_have_set_nothing(
    environment: Mapping[str, str],
) -> None:
    with installed({**environment, "UNSET_LEARNER": "default"}):
        who, other = coach(), learner()
        set_windows(who, "Coach", "Asia/Tokyo", "09:00", "12:00")

        assert slots(who, who.id, other.id)["slots"] == []


def test_a_slot_has_an_explanation_only_if_it_is_asked_for() -> None:
    who, other = coach(), learner()
    book(who, who.id, fresh_id())

    plain = slots(who, who.id, other.id)
    day = slots(who, who.id, other.id, explain="true")

    explanation = day.pop("explanation")
    assert plain == day
    assert len(explanation) == 48
    assert explanation[0] == {
        "startTime": "2026-11-24T00:00:00Z",
        "endTime": "2026-11-24T01:00:00Z",
        "localStart": "2026-11-24T00:00:00+00:00",
        "available": False,
        "reasons": [{"role": "coach", "reason": "outside_windows"}],
    }
    assert explanation[18] == {
        **explanation[18],
        "startTime": "2026-11-24T09:00:00Z",
        "available": True,
        "reasons": [],
    }
    assert explanation[20]["reasons"] == [{"role": "coach", "reason": "session"}]


def test_an_admin_may_ask_for_reasons_about_several_people() -> None:
    query = {
        "date": TUESDAY,
        "role": "Admin",
        "coachIds": [fresh_id(), fresh_id()],
        "explain": "true",
    }

    day = call_api("GET", f"{SLOTS}-admin", admin(), query=query).data

    assert day["explanation"][0]["reasons"] == [{"role": None, "reason": "outside_windows"}]
    available = [each["startTime"] for each in day["explanation"] if each["available"]]
    assert available == [each["startTime"] for each in day["slots"] if each["available"]]
