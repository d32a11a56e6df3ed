"""Months at a glance, and what Admin may ask of any number of people."""

from typing import Any

import pytest

from shared import wiring
from shared.domain.connection import ConnectionStatus
from tests.support.aws import without_headings
from tests.support.service import User, admin, ask, book, coach, fresh_id, learner
from tests.support.store_samples import connection

pytestmark = pytest.mark.usefixtures("service")

SLOTS, SLOTS_ADMIN = "/api/v1/available-slots", "/api/v1/available-slots-admin"
MONTH, MONTH_ADMIN = "/api/v1/month-calendar", "/api/v1/month-calendar-admin"
TUESDAY = "2026-11-24"
A_MONTH = {"year": 2026, "month": 11}
A_DAY = {"date": TUESDAY}
ADMIN_ROUTES = [(SLOTS_ADMIN, A_DAY), (MONTH_ADMIN, A_MONTH)]


def month(who: User, path: str = MONTH, **query: Any) -> Any:
    return told(who, path, **{**A_MONTH, **query})


def told(who: User, path: str, **query: Any) -> Any:
    answer = ask("GET", path, who, query=query)
    assert answer.status == 200, answer.json
    return answer.data


def day_of(view: Any, date: str = TUESDAY) -> Any:
    return next(each for each in view["days"] if each["date"] == date)


def take_off(who: User, role: str, name: str = "Hike", date: str = TUESDAY) -> None:
    body = {"name": name, "role": role, "startDate": date, "endDate": date}
    assert ask("POST", "/api/v1/holidays", who, body=body).status == 201


def break_calendar(who: User) -> str:
    broken = connection(fresh_id("c"), user_id=who.id, status=ConnectionStatus.RECONNECT_REQUIRED)
    wiring.people().save_connection(broken)
    return broken.id


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


@pytest.mark.parametrize(("path", "when"), ADMIN_ROUTES)
def test_only_admin_may_ask_about_any_number(path: str, when: dict[str, Any]) -> None:
    for who in (coach(), learner()):
        answer = ask("GET", path, who, query={**when, "role": "Coach", "coachId": who.id})

        assert (answer.status, answer.code) == (403, "FORBIDDEN")


SELECTIONS: list[tuple[dict[str, Any], str]] = [
    ({"coachId": "a", "learnerId": "b"}, "intersection"),
    ({"coachIds": "a", "learnerIds": "b"}, "intersection"),
    ({"coachId": "a", "coachIds": ["a", "a"], "learnerIds": "b,b"}, "intersection"),
    ({"coachId": "a"}, "coach"),
    ({"coachId": "a", "coachIds": "", "learnerIds": ""}, "coach"),
    ({"coachIds": "a", "learnerIds": "b,c"}, "coach"),
    ({"coachIds": "a", "learnerId": "b", "learnerIds": ["c", "d"]}, "coach"),
    ({"learnerIds": "b"}, "learner"),
    ({"coachId": "a", "coachIds": "c", "learnerId": "b"}, "learner"),
    ({"coachIds": ["a", "c,d"], "learnerIds": "7"}, "learner"),
    ({"coachIds": "a,c"}, "default"),
    ({"coachIds": "a,c", "learnerIds": ["1", "2"]}, "default"),
    ({"coachIds": ",".join(map(str, range(1, 51)))}, "default"),
]


@pytest.mark.parametrize(("path", "when"), ADMIN_ROUTES)
def test_the_basis_says_who_was_consulted(path: str, when: dict[str, Any]) -> None:
    boss = admin()

    found = [told(boss, path, **when, role="Admin", **named)["basis"] for named, _ in SELECTIONS]

    assert [basis for _, basis in SELECTIONS] == found


@pytest.mark.parametrize(("path", "when"), ADMIN_ROUTES)
@pytest.mark.parametrize(
    "named",
    [
        {},
        {"coachIds": "", "learnerIds": ""},
        {"coachIds": ",".join(map(str, range(1, 52)))},
        {
            "coachIds": ",".join(map(str, range(1, 31))),
            "learnerIds": ",".join("abcdefghijklmnopqrstu"),
        },
    ],
    ids=["nobody", "empty lists", "51 coaches", "51 together"],
)
def test_somebody_must_be_named_and_at_most_fifty(
    path: str, when: dict[str, Any], named: dict[str, str]
) -> None:
    answer = ask("GET", path, admin(), query={**when, "role": "Admin", **named})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


def test_with_one_coach_of_a_group_only_the_coach_is_in_the_way() -> None:
    who, others = coach(), [learner(), learner()]
    book(who, who.id, learner().id)
    afternoon = {"startTime": "2026-11-24T14:00:00Z", "endTime": "2026-11-24T15:00:00Z"}
    book(others[0], coach().id, others[0].id, owner="COACHEE", **afternoon)
    group = {"coachId": who.id, "learnerIds": ",".join(each.id for each in others)}

    day = told(admin(), SLOTS_ADMIN, **A_DAY, role="Coach", **group)

    busy = [each for each in day["slots"] if each["status"] == "busy"]
    assert [each["startTime"][11:16] for each in busy] == ["09:30", "10:00", "10:30"]
    assert [each["blockedBy"] for each in busy] == [["coach"]] * 3
    assert {"red"} == {each["color"] for each in busy}


def test_of_many_and_many_nobody_is_in_the_way_in_the_viewers_zone() -> None:
    coaches, learners = [coach(), coach()], [learner(), learner()]
    book(coaches[0], coaches[0].id, learners[0].id)
    break_calendar(coaches[0])
    many = {
        "coachIds": [each.id for each in coaches],
        "learnerIds": [each.id for each in learners],
        "role": "Admin",
        "timezone": "Asia/Kolkata",
    }

    day = told(admin(), SLOTS_ADMIN, **A_DAY, **many)
    view = month(admin(), MONTH_ADMIN, **many)

    assert (day["basis"], day["timezone"], day["sources"]) == ("default", "Asia/Kolkata", [])
    assert day["slots"][0]["localStart"] == "2026-11-24T09:00:00+05:30"
    assert {"available"} == {each["status"] for each in day["slots"]}
    assert (day_of(view)["status"], day_of(view)["availableSlots"]) == ("available", 15)
    assert [each["title"] for each in day_of(view)["sessions"]] == ["First steps"]


def test_admin_reschedules_with_that_session_out_of_the_way_and_no_other() -> None:
    who, others = coach(), [learner(), learner()]
    group = {"coachId": who.id, "learnerIds": ",".join(each.id for each in others)}
    moving = book(who, who.id, [each.id for each in others])
    afternoon = {"startTime": "2026-11-24T14:00:00Z", "endTime": "2026-11-24T15:00:00Z"}
    book(who, who.id, others[0].id, **afternoon)
    asked = {**A_DAY, "role": "Coach", **group, "reschedule": "true"}

    day = told(admin(), SLOTS_ADMIN, **asked, sessionId=moving["id"])
    unnamed = ask("GET", SLOTS_ADMIN, admin(), query=asked)

    busy = [each["startTime"][11:16] for each in day["slots"] if each["status"] == "busy"]
    assert busy == ["13:30", "14:00", "14:30"]
    assert (unnamed.status, unnamed.code) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(("year", "month_number"), [(1970, 1), (2199, 12), (2011, 12)])
@pytest.mark.parametrize("zone", ["Pacific/Apia", "Etc/GMT+12", None])
def test_months_at_the_edges_are_answered(year: int, month_number: int, zone: str | None) -> None:
    query = {"timezone": zone} if zone else {}

    view = month(coach(), year=year, month=month_number, role="Coach", coachId="7", **query)

    assert len(view["days"]) == 31
