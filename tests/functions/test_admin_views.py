"""The slots and the month that Admin may ask for, of any number of people."""

from typing import Any

import pytest

from tests.support.month_views import A_MONTH, TUESDAY, break_calendar, day_of, month, told
from tests.support.requests import MONTH_ADMIN, SLOTS_ADMIN
from tests.support.service import admin, ask, book, coach, learner

pytestmark = pytest.mark.usefixtures("service")

A_DAY = {"date": TUESDAY}
ADMIN_ROUTES = [(SLOTS_ADMIN, A_DAY), (MONTH_ADMIN, A_MONTH)]


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
