from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.audit import AuditAction
from shared.domain.domain_event import DomainEvent, DomainEventType
from shared.domain.event import Contact, Event, EventStatus
from shared.domain.session_events import session_events, unreachable_events
from tests.support.store_samples import NOON, audit_entry, hours, session

BOOKED = session(
    audit=(audit_entry(AuditAction.CREATED, "coach-1", "Coach"),),
    contacts=(Contact("learner-1", "secret@example.com"),),
)


def after(old: Event, action: AuditAction, **changes: object) -> Event:
    """Return the next version of a session."""
    version = old.version + 1
    entry = audit_entry(action, "admin-1", "Admin", version=version)
    fields = {"version": version, "audit": (*old.audit, entry), **changes}
    return replace(old, **fields)  # type: ignore[arg-type]  # any fields


def only(old: Event | None, new: Event | None) -> DomainEvent:
    """Return the one domain event of a write."""
    (event,) = session_events(old, new)
    return event


def test_a_new_session_is_booked() -> None:
    event = only(None, BOOKED)

    assert (event.type, event.subject_version) == (DomainEventType.SESSION_BOOKED, 1)
    assert event.occurred_at == BOOKED.updated_at
    assert event.data["learnerId"] == ["learner-1"]
    assert event.data["by"] == {"userId": "coach-1", "role": "Coach"}


def test_no_event_has_the_addresses_of_contacts() -> None:
    changed = after(BOOKED, AuditAction.CHANGED, contacts=())

    assert "secret@example.com" not in only(None, BOOKED).text + only(BOOKED, changed).text
    assert only(BOOKED, changed).data["changes"] == {}


def test_a_change_has_the_old_and_new_values() -> None:
    event = only(BOOKED, after(BOOKED, AuditAction.CHANGED, title="New", interval=hours(11)))

    assert event.type is DomainEventType.SESSION_CHANGED
    assert event.data["changes"] == {
        "title": {"old": BOOKED.title, "new": "New"},
        "startTime": {"old": "2026-11-23T09:00:00Z", "new": "2026-11-23T11:00:00Z"},
        "endTime": {"old": "2026-11-23T10:00:00Z", "new": "2026-11-23T12:00:00Z"},
    }


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        (AuditAction.APPROVED, EventStatus.SCHEDULED, DomainEventType.SESSION_APPROVED),
        (AuditAction.DECLINED, EventStatus.DECLINED, DomainEventType.SESSION_DECLINED),
        (AuditAction.EXPIRED, EventStatus.EXPIRED, DomainEventType.SESSION_EXPIRED),
        (AuditAction.CANCELLED, EventStatus.CANCELLED, DomainEventType.SESSION_CANCELLED),
    ],
)
def test_each_change_of_status_has_its_type(
    action: AuditAction, status: EventStatus, kind: DomainEventType
) -> None:
    pending = replace(BOOKED, status=EventStatus.PENDING_APPROVAL)

    assert only(pending, after(pending, action, status=status)).type is kind


def test_a_learner_who_leaves_is_named() -> None:
    group = replace(BOOKED, learner_ids=("learner-1", "learner-2"))

    event = only(group, after(group, AuditAction.LEFT, learner_ids=("learner-2",)))

    assert event.type is DomainEventType.SESSION_PARTICIPANT_LEFT
    assert event.data["leftUserIds"] == ["learner-1"]


@pytest.mark.parametrize("action", [AuditAction.REOPENED, AuditAction.REPLACED])
def test_a_session_booked_anew_under_its_id_is_booked(action: AuditAction) -> None:
    closed = replace(BOOKED, status=EventStatus.CANCELLED)
    anew = after(closed, action, status=EventStatus.SCHEDULED)

    assert only(closed, anew).type is DomainEventType.SESSION_BOOKED


def test_a_write_of_the_same_version_is_no_change() -> None:
    assert not [*session_events(BOOKED, replace(BOOKED, coach_ids=("erased-1",)))]


def test_a_deletion_after_the_retention_is_no_change() -> None:
    assert not [*session_events(BOOKED, None)]


def test_the_id_is_that_of_the_subject_version_and_type() -> None:
    again = replace(BOOKED, updated_at=BOOKED.updated_at + timedelta(hours=1))
    next_one = after(BOOKED, AuditAction.CHANGED, title="New")

    assert only(None, BOOKED).id == only(None, again).id
    assert only(None, BOOKED).id != only(BOOKED, next_one).id


def test_whom_nothing_reaches_is_named_once_per_version() -> None:
    first = [*unreachable_events(BOOKED, (), ("learner-1",), at=NOON)]
    repeated = [*unreachable_events(BOOKED, ("learner-1",), ("learner-1",), at=NOON)]

    (event,) = first
    assert (event.subject.id, event.data["role"]) == ("1-a/learner-1", "Learner")
    assert repeated == []
