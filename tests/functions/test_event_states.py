"""Declining, leaving, cancelling with a reason, reopening, and who attends, through HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.api import ApiResponse
from tests.support.oauth_flows import at
from tests.support.service import (
    NOW,
    User,
    admin,
    back_end,
    book,
    call_api,
    coach,
    fresh_id,
    learner,
    no_writes,
    session_body,
)

pytestmark = pytest.mark.usefixtures("service")

EVENTS = "/api/v1/events"
ENDED = NOW + timedelta(hours=27)


def send(action: str, who: User, event: dict[str, Any], **fields: Any) -> ApiResponse:
    body = {"sessionId": event["sessionId"], **fields}
    return call_api("POST", f"{EVENTS}/{action}", who, body=body)


def put(who: User, event: dict[str, Any], **fields: Any) -> ApiResponse:
    return call_api("PUT", EVENTS, who, body={"sessionId": event["sessionId"], **fields})


def people_of(event: dict[str, Any]) -> dict[str, Any]:
    """Return what a change of time or people must name."""
    return {name: event[name] for name in ("owner", "coachId", "learnerId")}


@pytest.mark.parametrize("who", [admin(), back_end()], ids=["admin", "service"])
def test_a_pending_session_is_declined_with_a_reason(who: User) -> None:
    teacher, other = coach(), learner()
    event = book(teacher, teacher.id, other.id, autoApproval=False)

    response = send("decline", who, event, reason="No room.", expectedVersion=1)

    assert (response.status, response.data["status"]) == (200, "DECLINED")
    assert (response.data["reason"], response.data["pendingUntil"]) == ("No room.", None)
    shown = call_api("GET", f"{EVENTS}/{event['id']}", other).data
    assert (shown["status"], shown["reason"]) == ("DECLINED", "No room.")
    assert book(teacher, teacher.id, other.id)


def test_declining_is_for_admins_and_services_only() -> None:
    teacher, other = coach(), learner()
    event = book(teacher, teacher.id, other.id, autoApproval=False)

    with no_writes():
        statuses = {send("decline", who, event).status for who in (teacher, other, coach())}

    assert statuses == {403}


def test_a_pending_session_says_until_when_it_waits() -> None:
    who = coach()
    soon = book(who, who.id, learner().id, autoApproval=False)
    times = {"startTime": "2027-03-02T10:00:00Z", "endTime": "2027-03-02T11:00:00Z"}
    far = book(who, who.id, learner().id, autoApproval=False, **times)

    assert soon["pendingUntil"] == soon["startTime"]
    assert far["pendingUntil"] == "2026-11-30T08:00:00Z"


def test_a_learner_leaves_a_group_and_the_others_keep_it() -> None:
    teacher, leaver, stays = coach(), learner(), learner()
    event = book(teacher, teacher.id, [leaver.id, stays.id])

    response = send("leave", leaver, event, expectedVersion=1)

    assert (response.status, response.data["learnerId"]) == (200, [stays.id])
    assert call_api("GET", f"{EVENTS}/{event['id']}", leaver).status == 404
    assert call_api("GET", f"{EVENTS}/{event['id']}", stays).data["status"] == "SCHEDULED"
    another = coach()
    assert book(another, another.id, leaver.id)
    assert send("leave", leaver, event).status == 404


def test_an_outdated_version_is_neither_declined_nor_left() -> None:
    teacher, other = coach(), learner()
    event = book(teacher, teacher.id, [other.id, learner().id], autoApproval=False)
    put(teacher, event, title="Changed")

    responses = [
        send("decline", admin(), event, expectedVersion=1),
        send("leave", other, event, expectedVersion=1),
        send("approve", admin(), event, expectedVersion=1),
        send("cancel", teacher, event, expectedVersion=1),
    ]

    assert {(each.status, each.code) for each in responses} == {(409, "VERSION_CONFLICT")}


def test_a_cancelled_session_shows_why() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)

    cancelled = send("cancel", who, event, reason="I am ill.")

    assert (cancelled.data["status"], cancelled.data["reason"]) == ("CANCELLED", "I am ill.")
    assert send("cancel", other, event, reason="Other").data == {
        **cancelled.data,
        "sync": cancelled.data["sync"],
    }


def test_a_session_that_is_over_is_only_cancelled() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, [other.id, learner().id])
    guests = f"/api/v1/sessions/{event['id']}/external-attendees"

    with at(ENDED):
        rejected = [
            put(who, event, title="Late"),
            send("leave", other, event),
            call_api("POST", f"{EVENTS}/{event['id']}/resend-invites", who, body={"force": True}),
            call_api(
                "PUT",
                guests,
                who,
                query={"sessionType": "group"},
                body={"attendees": ["gus@example.org"]},
            ),
        ]
        approved = send("approve", admin(), event)
        cancelled = send("cancel", who, event)

    assert {(each.status, each.code) for each in rejected} == {(409, "EVENT_ENDED")}
    assert (approved.status, approved.data["version"]) == (200, 1)
    assert (cancelled.status, cancelled.data["status"]) == (200, "CANCELLED")


def test_a_closed_session_is_booked_again_only_with_reopen() -> None:
    who, other = coach(), learner()
    body = session_body(who.id, other.id)
    event = call_api("POST", EVENTS, who, body=body).data
    send("cancel", who, event)

    late = call_api("POST", EVENTS, who, body=body)
    again = call_api("POST", EVENTS, who, body={**body, "reopen": True})
    repeated = call_api("POST", EVENTS, who, body=body)

    assert (late.status, late.code) == (409, "EVENT_CANCELLED")
    assert "PUT" not in late.json["message"]
    assert (again.status, again.data["status"], again.data["version"]) == (201, "SCHEDULED", 3)
    assert (repeated.status, repeated.data) == (200, again.data)


def test_an_admin_who_approves_takes_no_part() -> None:
    who, boss = coach(), admin()
    approved = book(who, who.id, learner().id, adminId=boss.id)

    assert (approved["adminId"], approved["adminAttends"]) == (boss.id, False)
    assert book(who, who.id, learner().id, adminId=boss.id, **_at(14), adminAttends=True)[
        "adminAttends"
    ]
    hosted = book(boss, ..., learner().id, owner="ADMIN", adminId=boss.id, **_at(16))
    assert hosted["adminAttends"]
    held = listed_sessions(boss)
    assert approved["id"] not in held
    assert hosted["id"] in held


def test_an_admin_is_added_and_removed_by_a_change() -> None:
    who, boss = coach(), admin()
    event = book(who, who.id, learner().id, adminId=boss.id)

    attends = put(who, event, adminAttends=True).data
    approves = put(who, event, adminAttends=False).data
    removed = put(who, event, **people_of(event), adminId=None).data

    assert [each["adminAttends"] for each in (attends, approves, removed)] == [True, False, False]
    assert [each["adminId"] for each in (attends, approves, removed)] == [boss.id, boss.id, None]
    assert removed["version"] == 4


@pytest.mark.parametrize(
    "field", ["title", "timezone", "owner", "coachId", "learnerId", "startTime", "adminAttends"]
)
def test_null_is_rejected_where_a_value_is_needed(field: str) -> None:
    who = coach()
    event = book(who, who.id, learner().id)

    with no_writes():
        response = put(who, event, **{field: None})

    assert response.status == 400
    assert response.json["error"]["details"][0]["field"] == field


def test_null_clears_the_fields_that_may_be_empty() -> None:
    who, other = coach(), learner()
    fields = {"sessionLink": "https://meet.example/1", "location": "Room 1", "adminId": "boss"}
    contacts = [{"userId": other.id, "email": "ada@example.org"}]
    event = book(who, who.id, other.id, **fields, contacts=contacts)

    cleared = put(who, event, **people_of(event), **dict.fromkeys([*fields, "contacts"])).data

    assert [cleared[name] for name in fields] == [None] * 3
    assert (cleared["version"], put(who, event, contacts=None).data["version"]) == (2, 2)


def test_the_whole_event_sent_back_changes_nothing() -> None:
    who = coach()
    event = book(who, who.id, learner().id, adminId="boss")

    assert put(who, event, **{**event, "expectedVersion": 1}).data["version"] == 1


def test_no_one_is_coach_and_learner_of_one_session() -> None:
    who = coach()

    response = call_api("POST", EVENTS, who, body=session_body(who.id, [who.id, learner().id]))

    assert (response.status, response.code) == (400, "VALIDATION_ERROR")
    assert response.json["error"]["details"][0]["field"] == "learnerId"


def test_a_contact_must_be_of_someone_in_the_session() -> None:
    who, other = coach(), learner()
    contacts = [{"userId": fresh_id(), "email": "x@example.org"}]

    created = call_api("POST", EVENTS, who, body=session_body(who.id, other.id, contacts=contacts))
    changed = put(who, book(who, who.id, other.id), contacts=contacts)

    for response in (created, changed):
        assert (response.status, response.code) == (400, "VALIDATION_ERROR")
        [problem] = response.json["error"]["details"]
        assert problem["field"] == "contacts.0.userId"
        assert f"{who.id}, {other.id}" in problem["message"]


def _at(hour: int) -> dict[str, str]:
    return {"startTime": f"2026-11-24T{hour}:00:00Z", "endTime": f"2026-11-24T{hour + 1}:00:00Z"}


def listed_sessions(who: User) -> set[str]:
    """Return the ids of the sessions in a user's day list."""
    day = call_api("GET", EVENTS, who, query={"date": "2026-11-24"}).data
    return {each["sessionId"] for each in day["events"]}
