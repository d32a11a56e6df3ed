"""Changing, cancelling and approving events."""

from typing import Any

import pytest

from tests.support.api import ApiResponse
from tests.support.service import (
    User,
    admin,
    book,
    call_api,
    coach,
    dump,
    fresh_id,
    learner,
    session_body,
)

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("service")]

EVENTS = "/api/v1/events"
LATER = {"startTime": "2026-11-24T14:00:00Z", "endTime": "2026-11-24T15:00:00Z"}


def put(who: User, event: dict[str, Any], **changes: Any) -> ApiResponse:
    return call_api("PUT", EVENTS, who, body={"sessionId": event["id"], **changes})


def move(who: User, event: dict[str, Any], **changes: Any) -> ApiResponse:
    people = {"coachId": event["coachId"], "learnerId": event["learnerId"]}
    return put(who, event, **{"owner": "COACH", **people, **changes})


def cancel(who: User, event: dict[str, Any]) -> ApiResponse:
    return call_api("POST", f"{EVENTS}/cancel", who, body={"sessionId": event["id"]})


def approve(who: User, event: dict[str, Any], **options: Any) -> ApiResponse:
    return call_api("POST", f"{EVENTS}/approve", who, body={"sessionId": event["id"], **options})


def pair() -> tuple[User, User, dict[str, Any]]:
    who, other = coach(), learner()
    event = book(who, who.id, other.id, location="Room 2", sessionLink="https://meet.example")
    return who, other, event


def test_only_the_given_fields_change() -> None:
    who, _, event = pair()

    response = put(who, event, title="Second steps", location=None)

    changed = {"title": "Second steps", "location": None, "version": 2}
    assert (200, {**event, **changed}) == (response.status, response.data)
    assert response.data == call_api("GET", f"{EVENTS}/{event['id']}", who).data


def test_an_update_without_changes_keeps_the_version() -> None:
    who, _, event = pair()

    assert event == put(who, event).data
    assert event == put(who, event, title=event["title"]).data


def test_the_learner_may_change_the_title_only_of_a_session_with_owner_coachee() -> None:
    who, other, event = pair()
    own = book(other, who.id, other.id, owner="COACHEE", autoApproval=False, **LATER)

    rejected = put(other, event, title="By the learner")

    assert (rejected.status, rejected.code) == (403, "FORBIDDEN")
    assert rejected.json["message"].startswith("Rule edit.details: only an Admin or a service")
    assert put(other, own, title="By the learner").data["title"] == "By the learner"


@pytest.mark.parametrize(
    "changes",
    [
        LATER,
        {"startTime": LATER["startTime"]},
        {"endTime": LATER["endTime"]},
        {"coachId": ["x"]},
        {"learnerId": "x"},
        {"adminId": "x"},
        {"owner": "COACH", **LATER},
        {"owner": "COACH", "coachId": ["x"], **LATER},
        {"owner": "COACH", "coachId": [], "learnerId": ["x"]},
        {"owner": "ADMIN", "coachId": ["x"]},
        {"owner": "ADMIN", "adminId": "x"},
    ],
)
def test_changing_the_time_or_participants_requires_the_owner_and_its_participants(
    changes: dict[str, Any],
) -> None:
    who, _, event = pair()
    before = dump()

    response = put(who, event, **changes)

    assert (response.status, response.code) == (400, "OWNER_REQUIRED")
    assert response.json["error"]["details"]
    assert before == dump()


def test_moving_frees_the_old_time_and_occupies_the_new_one() -> None:
    who, other, event = pair()

    moved = move(who, event, **LATER)

    assert (200, LATER["startTime"], 2) == (
        moved.status,
        moved.data["startTime"],
        moved.data["version"],
    )
    book(who, who.id, other.id)
    taken = call_api("POST", EVENTS, who, body=session_body(who.id, other.id, **LATER))
    assert (taken.status, taken.code) == (409, "SLOT_TAKEN")


def test_an_event_never_conflicts_with_itself() -> None:
    who, _, event = pair()

    moved = move(who, event, startTime="2026-11-24T10:30:00Z", endTime="2026-11-24T11:30:00Z")

    assert moved.status == 200


def test_the_start_or_the_end_may_change_alone() -> None:
    who, _, event = pair()

    moved = move(who, event, endTime="2026-11-24T11:30:00Z").data

    assert (event["startTime"], "2026-11-24T11:30:00Z") == (moved["startTime"], moved["endTime"])


def test_moving_onto_another_session_is_rejected_with_alternatives() -> None:
    who, other, event = pair()
    book(who, who.id, learner().id, **LATER)
    before = dump()

    response = move(who, event, **LATER)

    assert (response.status, response.code) == (409, "SLOT_TAKEN")
    offered = response.json["error"]["alternatives"]
    assert [each["startTime"][11:13] for each in offered] == ["11", "12", "13", "15", "16"]
    assert before == dump()
    assert event == call_api("GET", f"{EVENTS}/{event['id']}", other).data


def test_moving_into_the_past_is_rejected() -> None:
    who, _, event = pair()

    response = move(who, event, startTime="2026-11-23T07:00:00Z", endTime="2026-11-23T08:30:00Z")

    assert (response.status, response.code) == (400, "START_IN_PAST")


@pytest.mark.parametrize("end", ["2026-11-24T10:00:00Z", "2026-11-25T10:00:01Z"])
def test_a_changed_length_must_be_within_bounds(end: str) -> None:
    who, _, event = pair()

    response = move(who, event, endTime=end)

    assert (response.status, response.code) == (400, "VALIDATION_ERROR")


def test_a_removed_participant_is_free_and_an_added_one_is_busy() -> None:
    who, other, event = pair()
    joins = learner()

    changed = move(who, event, learnerId=[joins.id])

    assert [joins.id] == changed.data["learnerId"]
    assert call_api("GET", f"{EVENTS}/{event['id']}", other).status == 404
    assert call_api("GET", f"{EVENTS}/{event['id']}", joins).status == 200
    assert call_api("POST", EVENTS, other, body=_by_learner(other)).status == 201
    assert call_api("POST", EVENTS, joins, body=_by_learner(joins)).status == 409


def _by_learner(who: User) -> dict[str, Any]:
    return session_body(fresh_id(), who.id, owner="COACHEE", autoApproval=False)


def test_a_busy_participant_cannot_be_added() -> None:
    who, _, event = pair()
    busy = learner()
    book(admin(), fresh_id(), busy.id)

    response = move(who, event, learnerId=busy.id)

    assert (response.status, response.code) == (409, "SLOT_TAKEN")


def test_a_learner_moves_a_session_with_or_without_naming_themselves_as_owner() -> None:
    _, other, event = pair()

    as_coachee = move(other, event, owner="COACHEE", **LATER)
    as_stored = move(other, event, startTime="2026-11-24T14:30:00Z")

    assert (as_coachee.status, as_coachee.data["startTime"]) == (200, LATER["startTime"])
    assert (as_stored.status, as_stored.data["owner"]) == (200, "COACH")
    assert move(other, event, owner="COACHEE").status == 403
    assert move(other, event, owner="ADMIN", adminId=other.id, **LATER).status == 403
    assert move(admin(), event, **LATER, title="By the admin").status == 200


def test_another_users_event_looks_unknown_and_does_not_change() -> None:
    _, _, event = pair()
    stranger = coach()
    before = dump()

    responses = [
        put(stranger, event, title="Mine"),
        move(stranger, event, coachId=stranger.id),
        cancel(stranger, event),
    ]

    assert [(each.status, each.code) for each in responses] == [(404, "NOT_FOUND")] * 3
    assert before == dump()


def test_an_outdated_version_is_rejected() -> None:
    who, _, event = pair()
    put(who, event, title="Second", expectedVersion=1)

    response = put(who, event, title="Third", expectedVersion=1)

    assert (response.status, response.code) == (409, "VERSION_CONFLICT")
    assert put(who, event, title="Third", expectedVersion=2).status == 200


def test_a_cancelled_event_cannot_be_changed_or_approved() -> None:
    who, _, event = pair()
    cancel(who, event)

    responses = [put(who, event, title="Again"), move(who, event, **LATER), approve(admin(), event)]

    assert [(each.status, each.code) for each in responses] == [(409, "EVENT_CANCELLED")] * 3


def test_allow_conflicts_is_for_admin_only() -> None:
    who, other, event = pair()
    book(who, who.id, other.id, **LATER)

    theirs = move(who, event, **LATER, allowConflicts=True)
    forced = move(admin(), event, **LATER, allowConflicts=True)

    assert (theirs.status, theirs.code) == (403, "FORBIDDEN")
    assert (forced.status, len(forced.data["warnings"])) == (200, 2)


def test_cancelling_frees_the_time_and_repeating_it_returns_the_same() -> None:
    who, other, event = pair()

    first, second = cancel(other, event), cancel(who, event)

    assert (first.status, first.data["status"], first.data["version"]) == (200, "CANCELLED", 2)
    assert (200, first.data) == (second.status, second.data)
    assert book(who, who.id, other.id)["status"] == "SCHEDULED"


def test_an_unknown_session_is_not_found() -> None:
    event = {"id": fresh_id()}
    boss = admin()

    responses = [put(boss, event, title="x"), cancel(boss, event), approve(boss, event)]

    assert [(each.status, each.code) for each in responses] == [(404, "NOT_FOUND")] * 3


def test_only_an_admin_may_approve() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id, autoApproval=False)

    responses = [approve(each, event) for each in (who, other, coach())]

    assert [(each.status, each.code) for each in responses] == [(403, "FORBIDDEN")] * 3


def test_approving_schedules_the_event_and_repeating_it_changes_nothing() -> None:
    who, other, boss = coach(), learner(), admin()
    event = book(who, who.id, other.id, autoApproval=False)

    first, second = approve(boss, event), approve(boss, event)

    audit = first.data["audit"]
    assert [(each["action"], each["by"]) for each in audit] == [
        ("created", who.id),
        ("approved", boss.id),
    ]
    approved = {"status": "SCHEDULED", "pendingUntil": None, "version": 2, "audit": audit}
    assert (200, {**event, **approved}) == (
        first.status,
        first.data,
    )
    assert (200, first.data) == (second.status, second.data)


def test_approving_checks_for_conflicts_again_unless_they_are_allowed() -> None:
    who, other, boss = coach(), learner(), admin()
    event = book(who, who.id, other.id, autoApproval=False)
    book(boss, who.id, fresh_id(), allowConflicts=True)

    rejected = approve(boss, event)
    forced = approve(boss, event, allowConflicts=True)

    assert (rejected.status, rejected.code) == (409, "SLOT_TAKEN")
    assert rejected.json["error"]["alternatives"]
    assert (
        forced.status,
        forced.data["status"],
        len(forced.data["warnings"]),
    ) == (200, "SCHEDULED", 1)
