"""Who must be free for a booking, and which alternatives are offered."""

from datetime import datetime, timedelta

import pytest

from tests.support.api import ApiResponse
from tests.support.booking_requests import post, rejected
from tests.support.service import admin, book, call_api, coach, fresh_id, learner, session_body

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
    book(boss, who.id, [each.id for each in others], adminId=boss.id)

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
def test_alternatives_are_the_next_five_times_of_the_same_length_when_both_are_free(
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
    # The coach is busy 10-11 and the learner 12-17, so only 11-12 is free that day.
    fits = length <= timedelta(hours=1)
    assert fits == (offered[0][0] == start + timedelta(hours=1))
    assert all(begin.hour >= 9 and begin - start <= timedelta(days=14) for begin, _ in offered)


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
