from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import transitions
from shared.domain.audit import AuditAction
from shared.domain.caller import Caller
from shared.domain.errors import (
    EventCancelled,
    InvalidRequest,
    NotPending,
    VersionConflict,
)
from shared.domain.event import Contact, Event, EventStatus
from shared.domain.event_change import EventChange
from shared.domain.role import Role
from tests.support.platform import ADMIN, COACH, LEARNER, NOW, STRANGER, draft, hours

LATER = NOW + timedelta(hours=1)
SERVICE = Caller(user_id="platform", scopes=frozenset({"events:write"}))
SQUATTED = transitions.created(
    draft(coach_ids=(STRANGER.user_id,), auto_approval=False), STRANGER, now=NOW
)
"""A pending event whose creator takes no part in the session of the coach and the learner."""


def pending() -> Event:
    return transitions.created(draft(auto_approval=False), COACH, now=NOW)


def entries(event: Event) -> list[tuple[str, str, str, int]]:
    return [(each.action.value, each.actor_id, each.role, each.version) for each in event.audit]


def wanted(caller: Caller = ADMIN) -> Event:
    return transitions.created(draft(), caller, now=LATER)


def test_the_creator_is_recorded_with_the_first_version() -> None:
    event = pending()

    assert entries(event) == [("created", "coach-1", "Coach", 1)]
    assert event.created_by == event.audit[0]
    assert event.audit[0].at == NOW


@pytest.mark.parametrize(
    ("caller", "role"),
    [
        (ADMIN, "Admin"),
        (SERVICE, "Service"),
        (replace(SERVICE, roles=ADMIN.roles), "Admin"),
        (COACH, "Coach"),
        (LEARNER, "Learner"),
        (replace(COACH, roles=frozenset(Role) - {Role.ADMIN}), "Coach"),
        (replace(LEARNER, roles=frozenset(Role) - {Role.ADMIN}), "Learner"),
    ],
)
def test_an_action_is_recorded_with_the_role_that_counted(caller: Caller, role: str) -> None:
    cancelled = transitions.cancelled(pending(), caller, now=LATER)

    assert entries(cancelled)[-1] == ("cancelled", caller.user_id, role, 2)
    assert cancelled.audit[-1].at == LATER


def test_a_handover_is_recorded_with_the_role_before_it() -> None:
    change = EventChange(session_id="s1", fields={"coach_ids": ("coach-2",)})

    changed = transitions.changed(pending(), change, COACH, now=LATER)

    assert entries(changed)[-1] == ("changed", "coach-1", "Coach", 2)


def test_a_change_without_a_difference_is_not_recorded() -> None:
    event = pending()

    same = EventChange(session_id="s1", fields={"title": event.title})

    assert transitions.changed(event, same, COACH, now=LATER) is event


def test_approving_schedules_and_cancelling_raises_the_sequence() -> None:
    approved = transitions.approved(pending(), ADMIN, now=LATER)
    cancelled = transitions.cancelled(approved, ADMIN, now=LATER)

    assert (approved.status, approved.version, approved.sequence) == (EventStatus.SCHEDULED, 2, 0)
    assert (cancelled.status, cancelled.version, cancelled.sequence) == (
        EventStatus.CANCELLED,
        3,
        1,
    )
    assert approved.updated_at == cancelled.updated_at == LATER


STEPS: dict[AuditAction, Callable[[Event, int], Event]] = {
    AuditAction.CHANGED: lambda event, number: transitions.changed(
        event, EventChange(session_id="s1", fields={"title": f"{number}"}), COACH, now=LATER
    ),
    AuditAction.APPROVED: lambda event, _: transitions.approved(event, ADMIN, now=LATER),
    AuditAction.CANCELLED: lambda event, _: transitions.cancelled(event, LEARNER, now=LATER),
}


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=8))
def test_each_action_makes_the_next_version_and_stores_its_latest_entry(
    actions: list[AuditAction],
) -> None:
    event = pending()
    for number, action in enumerate(actions):
        event = STEPS[action](event, number)

    latest = {AuditAction.CREATED: 1} | {each: n for n, each in enumerate(actions, 2)}
    assert event.version == len(actions) + 1
    assert {each.action: each.version for each in event.audit} == latest


def test_a_blocked_session_id_goes_on_from_the_event_that_blocked_it() -> None:
    stored = replace(SQUATTED, version=4, sequence=2)

    event = transitions.replacing(stored, wanted(), ADMIN)

    assert (event.version, event.sequence) == (5, 3)
    assert (event.coach_ids, event.created_at) == (("coach-1",), LATER)
    assert entries(event) == [
        ("created", "admin-1", "Admin", 5),
        ("replaced", "admin-1", "Admin", 5),
    ]
    assert event.audit[-1].note == "replaced the event created by stranger"


def test_a_service_may_replace_too() -> None:
    event = transitions.replacing(SQUATTED, wanted(SERVICE), SERVICE)

    assert entries(event)[-1] == ("replaced", "platform", "Service", 2)


@pytest.mark.parametrize(
    ("stored", "caller"),
    [
        (SQUATTED, COACH),
        (replace(SQUATTED, status=EventStatus.SCHEDULED), ADMIN),
        (replace(SQUATTED, audit=()), ADMIN),
        (pending(), ADMIN),
        (transitions.created(draft(auto_approval=False), SERVICE, now=NOW), ADMIN),
    ],
    ids=[
        "by a coach",
        "scheduled",
        "by an unrecorded user",
        "by a participant",
        "by a service",
    ],
)
def test_any_other_event_of_the_same_id_is_not_replaced(stored: Event, caller: Caller) -> None:
    assert not transitions.is_blocking(stored, wanted(), caller)


@pytest.mark.parametrize("status", sorted(set(EventStatus) - {EventStatus.SCHEDULED}))
def test_an_outsiders_event_blocks_an_id_unless_it_is_scheduled(status: EventStatus) -> None:
    assert transitions.is_blocking(replace(SQUATTED, status=status), wanted(), ADMIN)


def test_a_version_is_required_only_if_it_is_given() -> None:
    transitions.check_version(SQUATTED, None)
    transitions.check_version(SQUATTED, 1)
    with pytest.raises(VersionConflict, match="at version 1"):
        transitions.check_version(SQUATTED, 2)


@pytest.mark.parametrize(
    ("closed", "message"),
    [
        (transitions.cancelled(pending(), COACH, now=NOW), "was cancelled"),
        (transitions.declined(pending(), ADMIN, now=NOW), "was declined"),
        (transitions.expired(pending(), now=NOW), "was not approved in time"),
    ],
)
def test_a_closed_event_is_not_changed(closed: Event, message: str) -> None:
    transitions.check_open(pending())
    with pytest.raises(EventCancelled, match=message):
        transitions.check_open(closed)


def test_closing_stores_the_reason_and_raises_the_sequence() -> None:
    cancelled = transitions.cancelled(pending(), COACH, now=LATER, reason="I am ill.")
    declined = transitions.declined(pending(), ADMIN, now=LATER, reason="Not this week.")
    expired = transitions.expired(pending(), now=LATER)

    assert [(each.status, each.reason) for each in (cancelled, declined, expired)] == [
        (EventStatus.CANCELLED, "I am ill."),
        (EventStatus.DECLINED, "Not this week."),
        (EventStatus.EXPIRED, None),
    ]
    assert {(each.version, each.sequence) for each in (cancelled, declined, expired)} == {(2, 1)}
    assert entries(expired)[-1] == ("expired", "calendar-service", "Service", 2)


def test_an_approved_event_is_not_declined() -> None:
    with pytest.raises(NotPending):
        transitions.declined(transitions.approved(pending(), ADMIN, now=LATER), ADMIN, now=LATER)


def test_cancelling_after_the_end_keeps_the_sequence() -> None:
    approved = transitions.approved(pending(), ADMIN, now=NOW)

    cancelled = transitions.cancelled(approved, COACH, now=approved.interval.end)

    assert (cancelled.sequence, cancelled.was_cancelled_after_end) == (0, True)
    assert not transitions.cancelled(approved, COACH, now=LATER).was_cancelled_after_end


def test_a_learner_leaves_with_their_contact_and_the_others_stay() -> None:
    contacts = (Contact("learner-1", "l1@example.org"), Contact("learner-2", "l2@example.org"))
    group = draft(learner_ids=("learner-1", "learner-2"), contacts=contacts).event(now=NOW)

    after = transitions.left(group, LEARNER, now=LATER)

    assert (after.learner_ids, after.contacts) == (("learner-2",), contacts[1:])
    assert (after.version, after.sequence, entries(after)[-1][0]) == (2, 0, "left")


@pytest.mark.parametrize("caller", [LEARNER, ADMIN])
def test_the_only_learner_and_others_cannot_leave(caller: Caller) -> None:
    alone = draft(coach_ids=("coach-1", "coach-2")).event(now=NOW)

    with pytest.raises(InvalidRequest, match="learner"):
        transitions.left(alone, caller, now=LATER)


@pytest.mark.parametrize("keeps_guests", [True, False])
def test_a_reopened_event_goes_on_from_the_closed_one(keeps_guests: bool) -> None:  # noqa: FBT001 - a parameter
    closed = replace(transitions.cancelled(pending(), COACH, now=NOW), version=4, sequence=2)

    event = transitions.reopened(closed, wanted(), ADMIN, keeps_guests=keeps_guests)

    assert (event.version, event.sequence, event.status) == (5, 3, EventStatus.SCHEDULED)
    assert event.created_by
    assert event.created_by.actor_id == "admin-1"
    assert event.first_version == (1 if keeps_guests else 5)


def test_an_approval_is_remembered_by_the_version_that_was_approved() -> None:
    moved = EventChange(session_id="s1", start=hours(8).start)
    approved = transitions.approved(pending(), ADMIN, now=LATER)
    later = transitions.changed(approved, moved, COACH, now=LATER)

    assert [transitions.was_approved(later, each) for each in (1, 2, 3, None)] == [
        True,
        False,
        False,
        False,
    ]
    assert not transitions.was_approved(pending(), 1)
