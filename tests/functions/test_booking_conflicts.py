"""Who must be free for a booking, and which alternatives are offered."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.support.api import ApiResponse
from tests.support.booking_requests import post, rejected
from tests.support.service import (
    admin,
    book,
    call_api,
    coach,
    fresh_id,
    installed,
    learner,
    session_body,
)

pytestmark = pytest.mark.usefixtures("service")

GROUPS = [
    (1, 1, {"coach", "learner"}),
    (1, 2, {"coach"}),
    (1, 0, {"coach"}),
    (2, 1, {"learner"}),
    (0, 1, {"learner"}),
    (2, 2, set()),
    (2, 0, set()),
]


@pytest.mark.parametrize(("coaches", "learners", "consulted"), GROUPS)
@pytest.mark.parametrize("taken", ["coach", "learner"])
def test_only_the_consulted_people_must_be_free(
    coaches: int, learners: int, consulted: set[str], taken: str
) -> None:
    boss = admin()
    who = [fresh_id("coach") for _ in range(coaches)]
    others = [fresh_id("learner") for _ in range(learners)]
    for each in who if taken == "coach" else others:
        book(boss, each, fresh_id())

    response = post(boss, session_body(who, others, owner="ADMIN", adminId=boss.id))

    is_free = taken not in consulted
    assert (201 if is_free else 409) == response.status
    assert is_free or response.code == "SLOT_TAKEN"


def test_a_session_occupies_all_its_participants_once_booked() -> None:
    boss, who, others = admin(), coach(), [learner(), learner()]
    book(boss, who.id, [each.id for each in others], adminId=boss.id, adminAttends=True)

    responses = [
        rejected(boss, session_body(fresh_id(), others[1].id)),
        rejected(boss, session_body(boss.id, fresh_id())),
    ]

    assert responses == [(409, "SLOT_TAKEN")] * 2


def test_a_pending_event_occupies_its_time() -> None:
    boss, who = admin(), coach()
    book(who, who.id, learner().id, autoApproval=False)

    assert rejected(boss, session_body(who.id, learner().id)) == (409, "SLOT_TAKEN")


def test_touching_sessions_do_not_conflict() -> None:
    who = coach()
    book(who, who.id, learner().id)
    after = {"startTime": "2026-11-24T11:00:00Z", "endTime": "2026-11-24T12:00:00Z"}
    before = {"startTime": "2026-11-24T09:00:00Z", "endTime": "2026-11-24T10:00:00Z"}

    for times in (after, before):
        assert book(who, who.id, learner().id, **times)["status"] == "SCHEDULED"


def test_a_session_that_continues_from_the_day_before_conflicts() -> None:
    who = coach()
    times = {"startTime": "2026-11-23T20:00:00Z", "endTime": "2026-11-24T10:00:00.000001Z"}
    book(who, who.id, learner().id, **times)

    assert rejected(who, session_body(who.id, learner().id)) == (409, "SLOT_TAKEN")


def alternatives(response: ApiResponse) -> list[tuple[datetime, datetime]]:
    assert (response.status, response.code) == (409, "SLOT_TAKEN")
    return [
        (datetime.fromisoformat(each["startTime"]), datetime.fromisoformat(each["endTime"]))
        for each in response.json["error"]["alternatives"]
    ]


@pytest.mark.parametrize(
    "length",
    [timedelta(minutes=60), timedelta(minutes=90), timedelta(minutes=45, seconds=30)],
)
def test_alternatives_are_the_nearest_five_times_of_the_same_length_when_both_are_free(
    length: timedelta,
) -> None:
    boss, who, other = admin(), coach(), learner()
    book(boss, who.id, fresh_id())
    later = {"startTime": "2026-11-24T12:00:00Z", "endTime": "2026-11-24T17:00:00Z"}
    book(boss, fresh_id(), other.id, **later)
    start = datetime.fromisoformat("2026-11-24T10:00:00Z")
    body = session_body(who.id, other.id, endTime=(start + length).isoformat())

    offered = alternatives(post(boss, body))

    assert len(offered) == 5
    assert {length} == {end - begin for begin, end in offered}
    assert sorted(offered) == offered
    # The coach is busy 10-11 and the learner 12-17, so 9-10 and 11-12 are free that day.
    today = [begin.hour for begin, _ in offered if begin.date() == start.date()]
    assert today == ([9, 11] if length <= timedelta(hours=1) else [])
    assert all(begin.hour >= 9 and begin - start <= timedelta(days=14) for begin, _ in offered)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(offered))


def test_an_alternative_can_be_booked() -> None:
    boss, who, other = admin(), coach(), learner()
    book(boss, who.id, fresh_id())
    body = session_body(who.id, other.id)
    begin, end = alternatives(post(boss, body))[-1]

    response = post(boss, {**body, "startTime": begin.isoformat(), "endTime": end.isoformat()})

    assert response.status == 201


def test_without_a_free_time_there_are_no_alternatives() -> None:
    boss, who, other = admin(), coach(), learner()
    nothing = {"role": "Coach", "timezone": "UTC", "availability": {}}
    call_api("PUT", "/api/v1/availability", who, body=nothing)
    book(boss, who.id, fresh_id())

    assert alternatives(post(boss, session_body(who.id, other.id))) == []


HOLIDAY = {"name": "Off", "role": "Coach", "startDate": "2026-11-24", "endDate": "2026-11-24"}


def test_a_learner_cannot_book_over_a_holiday_of_the_coach() -> None:
    who, other = coach(), learner()
    call_api("POST", "/api/v1/holidays", who, body=HOLIDAY)
    body = session_body(who.id, other.id, owner="COACHEE", autoApproval=False)

    response = post(other, body)

    assert (response.status, response.code) == (409, "OUTSIDE_AVAILABILITY")
    begin = response.json["error"]["alternatives"][0]["startTime"]
    assert begin == "2026-11-25T09:00:00Z"


def test_a_coach_may_book_outside_windows_and_on_a_holiday_and_is_warned() -> None:
    who, other = coach(), learner()
    call_api("POST", "/api/v1/holidays", who, body=HOLIDAY)
    night = {"startTime": "2026-11-24T01:00:00Z", "endTime": "2026-11-24T02:00:00Z"}

    event = book(who, who.id, other.id, **night)

    assert event["status"] == "SCHEDULED"
    assert event["warningDetails"] == [
        {"code": code, "userId": who.id, "role": "Coach", "message": message}
        for code, message in zip(("OUTSIDE_WINDOWS", "HOLIDAY"), event["warnings"], strict=True)
    ]


@pytest.mark.parametrize("rules", ["warn", "enforce_all"])
def test_an_organization_may_bind_no_one_or_everyone(
    environment: Mapping[str, str], rules: str
) -> None:
    with installed({**environment, "BOOKING_RULES": rules}):
        who, other = coach(), learner()
        night = {"startTime": "2026-11-24T01:00:00Z", "endTime": "2026-11-24T02:00:00Z"}
        by_learner = session_body(who.id, other.id, owner="COACHEE", autoApproval=False, **night)
        responses = [
            post(other, by_learner),
            post(who, session_body(who.id, learner().id, **{**night, "title": "x"})),
        ]

    if rules == "warn":
        assert responses[0].status == 201
    else:
        codes = [each.code for each in responses]
        assert codes == ["OUTSIDE_AVAILABILITY"] * 2
