"""Booking events with POST /api/v1/events, and reading them."""

import pytest

from tests.support.booking_requests import EVENTS, post, rejected
from tests.support.service import admin, book, call_api, coach, dump, learner, session_body

pytestmark = pytest.mark.usefixtures("service")


def test_a_booked_event_is_returned_in_full() -> None:
    who, other, boss = coach(), learner(), admin()
    body = session_body(
        who.id,
        [other.id],
        adminId=boss.id,
        title="Überblick 🗓",
        timezone="Asia/Kolkata",
        location="Room 2",
        sessionLink="https://meet.example/x?y=1",
        contacts=[{"userId": other.id, "email": "ada@example.org", "name": "Ada"}],
    )

    response = post(who, body)

    assert response.status == 201
    assert {
        "id": body["sessionId"],
        "sessionId": body["sessionId"],
        "title": "Überblick 🗓",
        "sessionLink": "https://meet.example/x?y=1",
        "startTime": "2026-11-24T10:00:00Z",
        "endTime": "2026-11-24T11:00:00Z",
        "timezone": "Asia/Kolkata",
        "location": "Room 2",
        "owner": "COACH",
        "coachId": [who.id],
        "learnerId": [other.id],
        "adminId": boss.id,
        "status": "SCHEDULED",
        "version": 1,
        "warnings": [],
        "sync": [],
        "createdAt": "2026-11-23T08:00:00Z",
        "updatedAt": "2026-11-23T08:00:00Z",
    } == response.data


def test_omitted_fields_have_their_defaults() -> None:
    who, other = coach(), learner()

    event = book(who, who.id, other.id, autoApproval=...)

    assert (
        event["status"],
        event["timezone"],
        event["location"],
        event["sessionLink"],
        event["adminId"],
    ) == ("PENDING_APPROVAL", "UTC", None, None, None)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z"),
        ("2026-11-24t10:00:00z", "2026-11-24t11:00:00z"),
        ("2026-11-24T15:30:00+05:30", "2026-11-24T06:00:00-05:00"),
        ("2026-11-24T10:00:00", "2026-11-24T11:00:00.000000"),
        ("2026-11-24T10:00:00-00:00", "2026-11-24T11:00Z"),
    ],
)
def test_instants_are_accepted_with_any_offset_and_returned_in_utc(start: str, end: str) -> None:
    who, other = coach(), learner()

    event = book(who, who.id, other.id, startTime=start, endTime=end)

    assert (
        event["startTime"],
        event["endTime"],
    ) == ("2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z")


@pytest.mark.parametrize("owner", ["COACH", "coach", "Coach"])
def test_owners_are_parsed_case_insensitively(owner: str) -> None:
    who, other = coach(), learner()

    assert book(who, who.id, other.id, owner=owner)["owner"] == "COACH"


def test_ids_may_be_integers_and_are_returned_as_strings() -> None:
    event = book(admin(), [7001, "7002"], 7003, owner="COACH")

    assert (event["coachId"], event["learnerId"]) == (["7001", "7002"], ["7003"])


def test_the_same_person_twice_takes_part_once() -> None:
    who, other = coach(), learner()

    assert [other.id] == book(who, who.id, [other.id, other.id])["learnerId"]


def test_the_same_body_again_returns_the_event_and_changes_nothing() -> None:
    who, other = coach(), learner()
    body = session_body(who.id, other.id)
    first = post(who, body)
    before = dump()

    again = post(who, {**body, "owner": "coach", "startTime": "2026-11-24T11:00:00+01:00"})

    assert (200, first.data) == (again.status, again.data)
    assert before == dump()


def test_the_same_body_returns_the_event_even_after_changes_and_cancelling() -> None:
    who, other = coach(), learner()
    body = session_body(who.id, other.id)
    post(who, body)
    call_api("POST", f"{EVENTS}/cancel", who, body={"sessionId": body["sessionId"]})

    again = post(who, body)

    assert (again.status, again.data["status"], again.data["version"]) == (200, "CANCELLED", 2)


def test_another_body_for_the_same_session_is_rejected() -> None:
    who, other = coach(), learner()
    body = session_body(who.id, other.id)
    post(who, body)

    response = rejected(who, {**body, "title": "Another"})

    assert response == (409, "EVENT_EXISTS")


def test_only_participants_and_admins_may_read_an_event() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)
    path = f"{EVENTS}/{event['id']}"

    for reader in (who, other, admin()):
        assert event == call_api("GET", path, reader).data
    response = call_api("GET", path, coach())
    assert (response.status, response.code) == (404, "NOT_FOUND")
