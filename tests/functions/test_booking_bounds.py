"""The limits of a booking: its owner, time, length and number of participants."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.booking_requests import post, rejected
from tests.support.service import (
    User,
    admin,
    back_end,
    book,
    coach,
    fresh_id,
    learner,
    session_body,
)

pytestmark = pytest.mark.usefixtures("service")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"coachId": ...}, "coachId"),
        ({"learnerId": ...}, "learnerId"),
        ({"learnerId": []}, "learnerId"),
        ({"owner": "COACHEE", "coachId": ...}, "coachId"),
        ({"owner": "ADMIN"}, "adminId"),
        ({"owner": "ADMIN", "adminId": "a", "coachId": ..., "learnerId": ...}, "coachId"),
    ],
)
def test_each_owner_requires_its_participants(changes: dict[str, Any], field: str) -> None:
    boss = admin()
    body = session_body(boss.id, "l", **changes)

    response = post(boss, body)

    assert (response.status, response.code) == (400, "VALIDATION_ERROR")
    assert [field] == [each["field"] for each in response.json["error"]["details"]]


@pytest.mark.parametrize(("owner", "place"), [("COACH", 0), ("COACHEE", 1), ("ADMIN", 2)])
def test_only_the_named_owner_or_an_admin_may_book(owner: str, place: int) -> None:
    people = [coach(), learner(), admin()]
    body = session_body(
        people[0].id, people[1].id, adminId=people[2].id, owner=owner, autoApproval=False
    )
    without_role = [User(each.id, ()) for each in people]

    others = [each for each in people[:2] if each is not people[place]]
    responses = [rejected(each, body) for each in (*without_role, *others)]

    assert set(responses) == {(403, "FORBIDDEN")}
    assert post(people[place], body).status == 201


@pytest.mark.parametrize("caller", [admin, back_end])
@pytest.mark.parametrize("owner", ["COACH", "COACHEE", "ADMIN"])
def test_an_admin_or_a_service_may_book_for_others(owner: str, caller: Callable[[], User]) -> None:
    event = book(caller(), coach().id, learner().id, owner=owner, adminId=admin().id)

    assert (event["owner"], event["status"]) == (owner, "SCHEDULED")


@pytest.mark.parametrize(
    ("start", "end", "status"),
    [
        ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z", 400),
        ("2026-11-24T10:00:00Z", "2026-11-24T09:59:59Z", 400),
        ("2026-11-24T10:00:00Z", "2026-11-25T10:00:00Z", 201),
        ("2026-11-24T10:00:00Z", "2026-11-25T10:00:00.000001Z", 400),
        ("2199-12-31T23:00:00Z", "2199-12-31T23:59:59.999999Z", 201),
    ],
)
def test_a_session_has_a_positive_length_of_at_most_a_day(
    start: str, end: str, status: int
) -> None:
    who = coach()

    response = post(who, session_body(who.id, learner().id, startTime=start, endTime=end))

    assert status == response.status


@pytest.mark.parametrize(
    ("start", "status"), [("2026-11-23T08:00:00Z", 201), ("2026-11-23T07:59:59.999999Z", 400)]
)
def test_a_session_may_start_now_but_not_before(start: str, status: int) -> None:
    who = coach()
    body = session_body(who.id, learner().id, startTime=start, endTime="2026-11-23T09:00:00Z")

    response = post(who, body)

    assert status == response.status
    assert status == 201 or response.code == "START_IN_PAST"


def test_fifty_people_may_take_part_and_no_more() -> None:
    who = coach()
    many = [fresh_id("many") for _ in range(50)]

    assert post(who, session_body(who.id, many[:49])).status == 201
    assert rejected(who, session_body(who.id, many)) == (400, "VALIDATION_ERROR")
    assert rejected(who, session_body(who.id, [*many, "one-more"])) == (400, "VALIDATION_ERROR")
