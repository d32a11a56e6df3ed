"""How much one user may request, book and keep."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from shared import wiring
from shared.domain.invite import DeliveryState
from tests.support.api import ApiResponse
from tests.support.mailed import attempt, invite
from tests.support.service import (
    User,
    admin,
    back_end,
    book,
    call_api,
    coach,
    fresh_id,
    installed,
    learner,
    session_body,
)

EVENTS, HOLIDAYS = "/api/v1/events", "/api/v1/holidays"
LIMITS = {
    "DAY_LISTS_PER_MINUTE": "3",
    "RESENDS_PER_SESSION_PER_HOUR": "2",
    "RESENDS_PER_USER_PER_HOUR": "3",
    "GUESTS_PER_SESSION": "4",
    "GUESTS_PER_USER_PER_DAY": "5",
    "PENDING_SESSIONS_PER_USER": "2",
    "FUTURE_SESSIONS_PER_USER": "4",
    "SESSIONS_PER_USER_PER_DAY": "3",
    "HOLIDAYS_PER_USER": "2",
}


@pytest.fixture(autouse=True, scope="module")
def _limited(environment: Mapping[str, str]) -> Iterator[None]:
    """The functions of a stack that sends mail, with low limits."""
    mail = {"MAIL_SENDER": "Sessions <sessions@mail.example>"}
    with installed({**environment, **mail, **LIMITS}):
        yield


def reject(response: ApiResponse, *, within: int) -> None:
    """Assert that the response is 429 with a Retry-After header of at most so many seconds."""
    assert (429, "TOO_MANY_REQUESTS") == (response.status, response.code)
    assert 1 <= int(response.headers["Retry-After"]) <= within


def at(day: int, hour: int = 10) -> dict[str, str]:
    """Return the times of a session in December 2026."""
    return {
        "startTime": f"2026-12-{day:02}T{hour:02}:00:00Z",
        "endTime": f"2026-12-{day:02}T{hour:02}:30:00Z",
    }


def create(who: User, coach_id: str, learner_id: str, **changes: Any) -> ApiResponse:
    return call_api("POST", EVENTS, who, body=session_body(coach_id, learner_id, **changes))


def put_guests(who: User, session_id: str, *names: str) -> ApiResponse:
    body = {"attendees": [f"{name}@example.org" for name in names]}
    path = f"/api/v1/sessions/{session_id}/external-attendees"
    return call_api("PUT", path, who, query={"sessionType": "group"}, body=body)


def test_day_lists_of_other_users_are_limited_per_user() -> None:
    who, query = coach(), {"date": "2026-11-24", "userId": "someone"}

    # Even if they fall into two minutes of the clock, one of them is over the limit.
    responses = [call_api("GET", EVENTS, who, query=query) for _ in range(7)]

    assert [200] * 3 == [each.status for each in responses[:3]]
    reject(next(each for each in responses if each.status != 200), within=60)
    assert call_api("GET", EVENTS, coach(), query=query).status == 200
    assert call_api("GET", EVENTS, who, query={"date": "2026-11-24"}).status == 200


def test_day_lists_of_an_admin_are_not_limited() -> None:
    boss, query = admin(), {"date": "2026-11-24", "userId": "someone"}

    assert {200} == {call_api("GET", EVENTS, boss, query=query).status for _ in range(7)}


def test_holidays_are_limited_per_user() -> None:
    who = coach()
    body = {"name": "x", "role": "Coach", "startDate": "2026-12-24", "endDate": "2026-12-26"}
    created = [call_api("POST", HOLIDAYS, who, body=body) for _ in range(2)]

    reject(call_api("POST", HOLIDAYS, who, body=body), within=3600)

    assert [201, 201] == [each.status for each in created]
    assert call_api("DELETE", f"{HOLIDAYS}/{created[0].data['id']}", who).status == 200
    assert call_api("POST", HOLIDAYS, who, body=body).status == 201


def test_pending_sessions_are_limited_per_creator() -> None:
    who, others = learner(), [coach() for _ in range(4)]

    def request(number: int) -> ApiResponse:
        times = {**at(1 + number), "owner": "COACHEE", "autoApproval": False}
        return create(who, others[number].id, who.id, **times)

    assert [201, 201] == [request(each).status for each in range(2)]
    rejected = request(2)

    assert (409, "TOO_MANY_PENDING") == (rejected.status, rejected.code)
    assert "Retry-After" not in rejected.headers
    event = call_api("GET", EVENTS, who, query={"date": "2026-12-01"}).data["events"][0]
    approved = call_api(
        "POST", f"{EVENTS}/approve", admin(), body={"sessionId": event["sessionId"]}
    )
    assert approved.status == 200
    assert request(3).status == 201


def test_pending_sessions_that_others_request_do_not_keep_a_coach_from_booking() -> None:
    who = coach()
    for number in range(3):
        other = learner()
        times = {**at(1 + number), "owner": "COACHEE", "autoApproval": False}
        assert create(other, who.id, other.id, **times).status == 201

    assert create(who, who.id, learner().id, **at(9), autoApproval=False).status == 201


def test_sessions_that_have_not_started_are_limited_per_creator() -> None:
    who = coach()
    created = [create(who, who.id, learner().id, **at(1 + number)) for number in range(5)]

    assert [201] * 4 == [each.status for each in created[:4]]
    assert (409, "TOO_MANY_PENDING") == (created[4].status, created[4].code)
    ref = {"sessionId": created[0].data["sessionId"]}
    assert call_api("POST", f"{EVENTS}/cancel", who, body=ref).status == 200
    assert create(who, who.id, learner().id, **at(9)).status == 201


@pytest.mark.parametrize("caller", [admin, back_end])
def test_the_platform_books_without_limits(caller: Any) -> None:
    boss, who = caller(), coach()

    created = [
        create(boss, who.id, learner().id, **at(1 + n // 5, 8 + n % 5), autoApproval=False)
        for n in range(6)
    ]

    assert {201} == {each.status for each in created}


def test_sessions_on_one_day_are_limited_per_participant() -> None:
    who, others = coach(), [learner() for _ in range(3)]
    for number, other in enumerate(others):
        times = {**at(7, 9 + number), "owner": "COACHEE", "autoApproval": False}
        assert create(other, who.id, other.id, **times).status == 201

    rejected = create(
        others[0], who.id, others[0].id, **at(7, 14), owner="COACHEE", autoApproval=False
    )

    assert (409, "TOO_MANY_SESSIONS") == (rejected.status, rejected.code)


def test_a_session_cannot_be_moved_to_a_day_that_is_full_but_can_move_within_it() -> None:
    who = coach()
    booked = [book(who, who.id, learner().id, **at(8, 8 + number)) for number in range(3)]
    other = book(who, who.id, learner().id, **at(9))

    def move(event: dict[str, Any], times: dict[str, str]) -> ApiResponse:
        people = {"owner": "COACH", "coachId": who.id, "learnerId": event["learnerId"]}
        return call_api(
            "PUT", EVENTS, who, body={"sessionId": event["sessionId"], **people, **times}
        )

    rejected = move(other, at(8, 15))

    assert (409, "TOO_MANY_SESSIONS") == (rejected.status, rejected.code)
    assert move(booked[0], at(8, 15)).status == 200


def test_guests_are_limited_per_session() -> None:
    who = coach()

    reject(put_guests(who, fresh_id(), *"abcde"), within=3600)

    assert put_guests(who, fresh_id(), *"abcd").status == 200


def test_guests_are_limited_per_user_and_day_and_count_when_they_are_added() -> None:
    who, session = coach(), fresh_id()
    assert [200, 200, 200] == [
        put_guests(who, session, *names).status for names in ("abc", "abc", "ab")
    ]
    assert put_guests(who, session, *"abc").status == 200

    reject(put_guests(who, fresh_id(), *"xy"), within=24 * 3600)

    assert put_guests(who, fresh_id(), "x").status == 200
    assert put_guests(admin(), fresh_id(), *"xyz").status == 200


def test_resends_are_limited_per_session_and_per_user() -> None:
    who = coach()
    first, second = (book(who, who.id, learner().id, **at(day))["sessionId"] for day in (1, 2))
    for session in (first, second):
        assert put_guests(who, session, "gus").status == 200
        bounced = invite(attempt(status=DeliveryState.BOUNCED), address="gus@example.org")
        wiring.invite_store().save_invite(replace(bounced, event_id=session))

    def resend(user: User, session: str) -> ApiResponse:
        body = {"recipients": ["gus@example.org"]}
        return call_api("POST", f"{EVENTS}/{session}/resend-invites", user, body=body)

    assert [200, 200] == [resend(who, first).status for _ in range(2)]
    reject(resend(who, first), within=3600)
    assert resend(who, second).status == 200
    reject(resend(who, second), within=3600)
    assert resend(admin(), first).status == 200
