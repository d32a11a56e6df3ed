"""Changing, cancelling and approving events."""

from typing import Any

import pytest

from tests.support.api import Answer
from tests.support.service import (
    User,
    admin,
    ask,
    book,
    coach,
    dump,
    fresh_id,
    learner,
    session_body,
)

pytestmark = pytest.mark.usefixtures("service")

EVENTS = "/api/v1/events"
LATER = {"startTime": "2026-11-24T14:00:00Z", "endTime": "2026-11-24T15:00:00Z"}


def put(who: User, event: dict[str, Any], **changes: Any) -> Answer:
    return ask("PUT", EVENTS, who, body={"sessionId": event["id"], **changes})


def move(who: User, event: dict[str, Any], **changes: Any) -> Answer:
    people = {"coachId": event["coachId"], "learnerId": event["learnerId"]}
    return put(who, event, **{"owner": "COACH", **people, **changes})


def cancel(who: User, event: dict[str, Any]) -> Answer:
    return ask("POST", f"{EVENTS}/cancel", who, body={"sessionId": event["id"]})


def approve(who: User, event: dict[str, Any], **more: Any) -> Answer:
    return ask("POST", f"{EVENTS}/approve", who, body={"sessionId": event["id"], **more})


def pair() -> tuple[User, User, dict[str, Any]]:
    who, other = coach(), learner()
    event = book(who, who.id, other.id, location="Room 2", sessionLink="https://meet.example")
    return who, other, event


def test_only_the_fields_given_change() -> None:
    who, _, event = pair()

    answer = put(who, event, title="Second steps", location=None)

    changed = {"title": "Second steps", "location": None, "version": 2}
    assert (200, {**event, **changed}) == (answer.status, answer.data)
    assert answer.data == ask("GET", f"{EVENTS}/{event['id']}", who).data


def test_a_change_of_nothing_keeps_the_version() -> None:
    who, _, event = pair()

    assert event == put(who, event).data
    assert event == put(who, event, title=event["title"]).data


def test_any_participant_may_change_a_title() -> None:
    _, other, event = pair()

    assert put(other, event, title="By the learner").data["title"] == "By the learner"


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
def test_a_change_of_time_or_people_needs_owner_and_its_people(changes: dict[str, Any]) -> None:
    who, _, event = pair()
    before = dump()

    answer = put(who, event, **changes)

    assert (answer.status, answer.code) == (400, "OWNER_REQUIRED")
    assert answer.json["error"]["details"]
    assert before == dump()


def test_moving_frees_the_old_time_and_holds_the_new() -> None:
    who, other, event = pair()

    moved = move(who, event, **LATER)

    assert (200, LATER["startTime"], 2) == (
        moved.status,
        moved.data["startTime"],
        moved.data["version"],
    )
    book(who, who.id, other.id)
    taken = ask("POST", EVENTS, who, body=session_body(who.id, other.id, **LATER))
    assert (taken.status, taken.code) == (409, "SLOT_TAKEN")


def test_an_event_never_conflicts_with_itself() -> None:
    who, _, event = pair()

    moved = move(who, event, startTime="2026-11-24T10:30:00Z", endTime="2026-11-24T11:30:00Z")

    assert moved.status == 200


def test_one_end_may_move_alone() -> None:
    who, _, event = pair()

    moved = move(who, event, endTime="2026-11-24T11:30:00Z").data

    assert (event["startTime"], "2026-11-24T11:30:00Z") == (moved["startTime"], moved["endTime"])


def test_moving_onto_another_session_is_refused_with_alternatives() -> None:
    who, other, event = pair()
    book(who, who.id, learner().id, **LATER)
    before = dump()

    answer = move(who, event, **LATER)

    assert (answer.status, answer.code) == (409, "SLOT_TAKEN")
    # Its own time counts as free, but lies before the time asked for.
    assert answer.json["error"]["alternatives"][0]["startTime"] == "2026-11-24T15:00:00Z"
    assert before == dump()
    assert event == ask("GET", f"{EVENTS}/{event['id']}", other).data


def test_moving_into_the_past_is_refused() -> None:
    who, _, event = pair()

    answer = move(who, event, startTime="2026-11-23T07:00:00Z", endTime="2026-11-23T08:30:00Z")

    assert (answer.status, answer.code) == (400, "START_IN_PAST")


@pytest.mark.parametrize("end", ["2026-11-24T10:00:00Z", "2026-11-25T10:00:01Z"])
def test_a_changed_length_keeps_to_the_bounds(end: str) -> None:
    who, _, event = pair()

    answer = move(who, event, endTime=end)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


def test_whoever_leaves_is_free_again_and_whoever_joins_is_taken() -> None:
    who, other, event = pair()
    joins = learner()

    changed = move(who, event, learnerId=[joins.id])

    assert [joins.id] == changed.data["learnerId"]
    assert ask("GET", f"{EVENTS}/{event['id']}", other).status == 404
    assert ask("GET", f"{EVENTS}/{event['id']}", joins).status == 200
    assert ask("POST", EVENTS, other, body=_by_learner(other)).status == 201
    assert ask("POST", EVENTS, joins, body=_by_learner(joins)).status == 409


def _by_learner(who: User) -> dict[str, Any]:
    return session_body(fresh_id(), who.id, owner="COACHEE")


def test_somebody_busy_cannot_be_made_to_join() -> None:
    who, _, event = pair()
    busy = learner()
    book(admin(), fresh_id(), busy.id)

    answer = move(who, event, learnerId=busy.id)

    assert (answer.status, answer.code) == (409, "SLOT_TAKEN")


def test_the_caller_must_be_the_owner_the_change_names() -> None:
    _, other, event = pair()

    answer = move(other, event, **LATER)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert move(other, event, owner="COACHEE", **LATER).status == 200
    assert move(admin(), event, **LATER, title="By the admin").status == 200


def test_an_event_of_others_reads_as_unknown_and_stays() -> None:
    _, _, event = pair()
    stranger = coach()
    before = dump()

    answers = [
        put(stranger, event, title="Mine"),
        move(stranger, event, coachId=stranger.id),
        cancel(stranger, event),
    ]

    assert [(each.status, each.code) for each in answers] == [(404, "NOT_FOUND")] * 3
    assert before == dump()


def test_a_stale_version_is_refused() -> None:
    who, _, event = pair()
    put(who, event, title="Second", expectedVersion=1)

    answer = put(who, event, title="Third", expectedVersion=1)

    assert (answer.status, answer.code) == (409, "VERSION_CONFLICT")
    assert put(who, event, title="Third", expectedVersion=2).status == 200


def test_a_cancelled_event_cannot_be_changed_or_approved() -> None:
    who, _, event = pair()
    cancel(who, event)

    answers = [put(who, event, title="Again"), move(who, event, **LATER), approve(admin(), event)]

    assert [(each.status, each.code) for each in answers] == [(409, "EVENT_CANCELLED")] * 3


def test_allow_conflicts_is_for_admin_only() -> None:
    who, other, event = pair()
    book(who, who.id, other.id, **LATER)

    theirs = move(who, event, **LATER, allowConflicts=True)
    forced = move(admin(), event, **LATER, allowConflicts=True)

    assert (theirs.status, theirs.code) == (403, "FORBIDDEN")
    assert (forced.status, len(forced.data["warnings"])) == (200, 2)


def test_cancelling_frees_the_time_and_again_answers_the_same() -> None:
    who, other, event = pair()

    first, second = cancel(other, event), cancel(who, event)

    assert (first.status, first.data["status"], first.data["version"]) == (200, "CANCELLED", 2)
    assert (200, first.data) == (second.status, second.data)
    assert book(who, who.id, other.id)["status"] == "SCHEDULED"


def test_an_unknown_session_is_not_found() -> None:
    event = {"id": fresh_id()}
    boss = admin()

    answers = [put(boss, event, title="x"), cancel(boss, event), approve(boss, event)]

    assert [(each.status, each.code) for each in answers] == [(404, "NOT_FOUND")] * 3


def test_only_an_admin_approves() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id, autoApproval=False)

    answers = [approve(each, event) for each in (who, other, coach())]

    assert [(each.status, each.code) for each in answers] == [(403, "FORBIDDEN")] * 3


def test_approving_schedules_and_again_changes_nothing() -> None:
    who, other, boss = coach(), learner(), admin()
    event = book(who, who.id, other.id, autoApproval=False)

    first, second = approve(boss, event), approve(boss, event)

    assert (200, {**event, "status": "SCHEDULED", "version": 2}) == (first.status, first.data)
    assert (200, first.data) == (second.status, second.data)


def test_approving_checks_the_time_again_unless_told_not_to() -> None:
    who, other, boss = coach(), learner(), admin()
    event = book(who, who.id, other.id, autoApproval=False)
    book(boss, who.id, fresh_id(), allowConflicts=True)

    refused = approve(boss, event)
    forced = approve(boss, event, allowConflicts=True)

    assert (refused.status, refused.code) == (409, "SLOT_TAKEN")
    assert refused.json["error"]["alternatives"]
    assert (
        forced.status,
        forced.data["status"],
        len(forced.data["warnings"]),
    ) == (200, "SCHEDULED", 1)
