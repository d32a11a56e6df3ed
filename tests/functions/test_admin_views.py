"""The slots and months that Admin may query for any number of people."""

from typing import Any

import pytest

from tests.support.month_views import A_MONTH, TUESDAY, break_calendar, day_of, get_data, month
from tests.support.requests import MONTH_ADMIN, SLOTS_ADMIN
from tests.support.service import User, admin, back_end, book, call_api, coach, fresh_id, learner

pytestmark = pytest.mark.usefixtures("service")

A_DAY = {"date": TUESDAY}
ADMIN_ROUTES = [(SLOTS_ADMIN, A_DAY), (MONTH_ADMIN, A_MONTH)]


@pytest.mark.parametrize(("path", "when"), ADMIN_ROUTES)
def test_only_an_admin_may_query_any_number_of_people(path: str, when: dict[str, Any]) -> None:
    for who in (coach(), learner(), User(fresh_id(), (), scope="connections:provision")):
        response = call_api("GET", path, who, query={**when, "role": "Coach", "coachId": who.id})

        assert (response.status, response.code) == (403, "FORBIDDEN")
        assert response.json["message"] == (
            "Rule time.several: only an Admin or a service with the scope events:write may ask "
            "this."
        )


@pytest.mark.parametrize(("path", "when"), ADMIN_ROUTES)
def test_a_service_with_the_scope_events_write_may_query_any_people(
    path: str, when: dict[str, Any]
) -> None:
    who = coach()
    broken = break_calendar(who)
    query = {**when, "role": "Coach", "coachId": who.id, "learnerIds": "b,c"}

    response = call_api("GET", path, back_end(), query=query)

    assert response.status == 200
    assert broken not in str(response.json)
    assert [(each["provider"], each["state"]) for each in response.data["sources"]] == [
        (None, "reconnect_required")
    ]


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
def test_the_basis_names_who_was_consulted(path: str, when: dict[str, Any]) -> None:
    boss = admin()

    bases = [
        get_data(boss, path, **when, role="Admin", **named)["basis"] for named, _ in SELECTIONS
    ]

    assert [basis for _, basis in SELECTIONS] == bases


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
    ids=["no one", "empty lists", "51 coaches", "51 together"],
)
def test_at_least_one_and_at_most_fifty_people_must_be_given(
    path: str, when: dict[str, Any], named: dict[str, str]
) -> None:
    response = call_api("GET", path, admin(), query={**when, "role": "Admin", **named})

    assert (response.status, response.code) == (400, "VALIDATION_ERROR")


def test_with_one_coach_and_several_learners_only_the_coach_blocks_slots() -> None:
    who, others = coach(), [learner(), learner()]
    book(who, who.id, learner().id)
    afternoon = {"startTime": "2026-11-24T14:00:00Z", "endTime": "2026-11-24T15:00:00Z"}
    other_coach = coach()
    book(other_coach, other_coach.id, others[0].id, **afternoon)
    group = {"coachId": who.id, "learnerIds": ",".join(each.id for each in others)}

    day = get_data(admin(), SLOTS_ADMIN, **A_DAY, role="Coach", **group)

    busy = [each for each in day["slots"] if each["status"] == "busy"]
    assert [each["startTime"][11:16] for each in busy] == ["09:30", "10:00", "10:30"]
    assert [each["blockedBy"] for each in busy] == [["coach"]] * 3
    assert {"red"} == {each["color"] for each in busy}


def test_with_several_coaches_and_learners_no_one_blocks_slots_and_the_viewers_zone_applies() -> (
    None
):
    coaches, learners = [coach(), coach()], [learner(), learner()]
    book(coaches[0], coaches[0].id, learners[0].id)
    break_calendar(coaches[0])
    many = {
        "coachIds": [each.id for each in coaches],
        "learnerIds": [each.id for each in learners],
        "role": "Admin",
        "timezone": "Asia/Kolkata",
    }

    day = get_data(admin(), SLOTS_ADMIN, **A_DAY, **many)
    view = month(admin(), MONTH_ADMIN, **many)

    assert (day["basis"], day["timezone"], day["sources"]) == ("default", "Asia/Kolkata", [])
    assert day["slots"][0]["localStart"] == "2026-11-24T09:00:00+05:30"
    assert {"available"} == {each["status"] for each in day["slots"]}
    assert (day_of(view)["status"], day_of(view)["availableSlots"]) == ("available", 15)
    assert [each["title"] for each in day_of(view)["sessions"]] == ["First steps"]


def test_an_admin_rescheduling_ignores_that_session_and_no_other() -> None:
    who, others = coach(), [learner(), learner()]
    group = {"coachId": who.id, "learnerIds": ",".join(each.id for each in others)}
    moving = book(who, who.id, [each.id for each in others])
    afternoon = {"startTime": "2026-11-24T14:00:00Z", "endTime": "2026-11-24T15:00:00Z"}
    book(who, who.id, others[0].id, **afternoon)
    query = {**A_DAY, "role": "Coach", **group, "reschedule": "true"}

    day = get_data(admin(), SLOTS_ADMIN, **query, sessionId=moving["id"])
    unnamed = call_api("GET", SLOTS_ADMIN, admin(), query=query)

    busy = [each["startTime"][11:16] for each in day["slots"] if each["status"] == "busy"]
    assert busy == ["13:30", "14:00", "14:30"]
    assert (unnamed.status, unnamed.code) == (400, "VALIDATION_ERROR")
