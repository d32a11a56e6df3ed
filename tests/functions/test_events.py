"""Booking events with POST /api/v1/events, and reading them."""

from typing import Any

import pytest

from shared import wiring
from shared.domain.connection import ConnectionStatus
from tests.support.booking_requests import EVENTS, post, rejected
from tests.support.service import (
    admin,
    back_end,
    book,
    call_api,
    coach,
    dump,
    fresh_id,
    learner,
    session_body,
)
from tests.support.store_samples import connection

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
        "adminAttends": False,
        "status": "SCHEDULED",
        "pendingUntil": None,
        "reason": None,
        "version": 1,
        "warnings": [],
        "warningDetails": [],
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


def test_the_same_body_returns_the_event_even_after_changes() -> None:
    who, other = coach(), learner()
    body = session_body(who.id, other.id)
    post(who, body)
    changed = {"sessionId": body["sessionId"], "title": "Second steps"}
    call_api("PUT", EVENTS, who, body=changed)

    again = post(who, body)

    assert (again.status, again.data["title"], again.data["version"]) == (200, "Second steps", 2)


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

    for reader in (who, other):
        assert event == call_api("GET", path, reader).data
    for reader in (admin(), back_end()):
        assert event == without_audit(call_api("GET", path, reader).data)
    response = call_api("GET", path, coach())
    assert (response.status, response.code) == (404, "NOT_FOUND")


def without_audit(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name != "audit"}


def test_admins_and_services_see_who_did_what_and_when() -> None:
    who, other, boss, platform = coach(), learner(), admin(), back_end()
    event = book(who, who.id, other.id, autoApproval=False)
    ref = {"sessionId": event["id"]}
    call_api("PUT", EVENTS, who, body={**ref, "title": "New"})
    call_api("POST", f"{EVENTS}/approve", boss, body=ref)
    call_api("POST", f"{EVENTS}/cancel", platform, body=ref)

    shown = [
        call_api("GET", f"{EVENTS}/{event['id']}", each).data.get("audit")
        for each in (who, other, boss, platform)
    ]

    at = "2026-11-23T08:00:00Z"
    assert shown[:2] == [None, None]
    assert shown[2] == shown[3]
    assert shown[3] == [
        {"action": action, "by": by, "role": role, "at": at, "version": version, "note": None}
        for action, by, role, version in (
            ("created", who.id, "Coach", 1),
            ("changed", who.id, "Coach", 2),
            ("approved", boss.id, "Admin", 3),
            ("cancelled", platform.id, "Service", 4),
        )
    ]


def test_of_other_users_calendars_only_the_state_is_shown() -> None:
    who, other, boss = coach(), learner(), admin()
    made = connection(fresh_id("c"), user_id=other.id, status=ConnectionStatus.ACTIVE)
    event = book(who, who.id, [other.id, fresh_id()])
    wiring.people_store().save_connection(made)

    shown = {
        user.id: call_api("GET", f"{EVENTS}/{event['id']}", user).data["sync"]
        for user in (who, other, boss)
    }

    state = {"userId": other.id, "state": "PENDING", "updatedAt": "2026-11-23T08:00:00Z"}
    hidden = {"connectionId": "", "provider": None, "attempts": None, "error": None}
    full = {"connectionId": made.id, "provider": "google", "attempts": 0, "error": None}
    assert shown[who.id] == [{**state, **hidden}]
    assert shown[other.id] == shown[boss.id] == [{**state, **full}]


def test_an_admins_session_replaces_a_pending_one_that_blocks_its_id() -> None:
    squatter, who, other, boss = coach(), coach(), learner(), admin()
    blocking = book(squatter, squatter.id, other.id, autoApproval=False)
    body = session_body(who.id, other.id, sessionId=blocking["id"])

    by_coach, by_admin, again = post(who, body), post(boss, body), post(boss, body)

    assert (by_coach.status, by_coach.code) == (409, "EVENT_EXISTS")
    assert (by_admin.status, by_admin.data["version"]) == (201, 2)
    assert [each["action"] for each in by_admin.data["audit"]] == ["created", "replaced"]
    assert by_admin.data["audit"][1]["note"] == (f"replaced the event created by {squatter.id}")
    assert (again.status, again.data) == (200, by_admin.data)
    assert call_api("GET", f"{EVENTS}/{blocking['id']}", squatter).status == 404
    assert book(squatter, squatter.id, learner().id)
