"""What creating, changing, approving, cancelling and replacing make of an event.

Each returns a new version of the event with an audit entry. Whether the caller may do it is decided
in shared/domain/policy.py.
"""

from dataclasses import replace
from datetime import datetime

from shared.domain.audit import SERVICE, AuditAction, AuditEntry, with_entry
from shared.domain.caller import Caller
from shared.domain.draft import EventDraft
from shared.domain.errors import EventCancelled, EventExists, VersionConflict
from shared.domain.event import Event, EventStatus
from shared.domain.event_change import EventChange
from shared.domain.relation import Relation, relation_of, role_of


def created(draft: EventDraft, caller: Caller, *, now: datetime) -> Event:
    """Return the first version of the requested event.

    Raises:
        InvalidRequest: naming the invalid field.
    """
    event = draft.event(now=now)
    return _recorded(event, AuditAction.CREATED, caller, before=event)


def changed(event: Event, change: EventChange, caller: Caller, *, now: datetime) -> Event:
    """Return the changed event, or the same object when nothing differs.

    Raises:
        InvalidRequest, StartInPast.
    """
    after = change.apply(event, now=now)
    if after is event:
        return event
    return _recorded(after, AuditAction.CHANGED, caller, before=event)


def approved(event: Event, caller: Caller, *, now: datetime) -> Event:
    """Return the event as scheduled."""
    after = _next_version(event, EventStatus.SCHEDULED, now=now)
    return _recorded(after, AuditAction.APPROVED, caller, before=event)


def cancelled(event: Event, caller: Caller, *, now: datetime) -> Event:
    """Return the event as cancelled."""
    after = _next_version(event, EventStatus.CANCELLED, now=now)
    after = replace(after, sequence=event.sequence + 1)
    return _recorded(after, AuditAction.CANCELLED, caller, before=event)


def replacing(stored: Event, event: Event, caller: Caller) -> Event:
    """Return a new event as the next version of a pending one that blocks its id.

    An Admin or a service replaces what a user has created who takes no part in the new event.
    Otherwise any user could block an id of the platform.

    Raises:
        EventExists: when the stored event is not one that the caller may replace.
    """
    creator = stored.created_by
    if creator is None or not caller.manages_events or not _is_blocking(stored, creator, event):
        raise EventExists(
            f"Session {event.id} already has an event created from a different request body. "
            "Change it with PUT /api/v1/events, or use another sessionId."
        )
    version = stored.version + 1
    after = replace(
        event,
        version=version,
        sequence=stored.sequence + 1,
        audit=tuple(replace(each, version=version) for each in event.audit),
    )
    note = f"replaced the pending event created by {creator.actor_id}"
    return _recorded(after, AuditAction.REPLACED, caller, before=stored, note=note)


def check_version(event: Event, expected_version: int | None) -> None:
    """Require the version that the caller has read, if one is given.

    Raises:
        VersionConflict: when the event has another version.
    """
    if expected_version not in {None, event.version}:
        raise VersionConflict(
            f"The event is at version {event.version}. Read it again and repeat the change."
        )


def check_not_cancelled(event: Event) -> None:
    """Require an event that was not cancelled.

    Raises:
        EventCancelled: when it was.
    """
    if event.is_cancelled:
        raise EventCancelled("The event was cancelled. Create an event with a new sessionId.")


def was_approved(event: Event, version: int | None) -> bool:
    """Return whether that version was approved, so that approving it again changes nothing."""
    return any(
        each.action is AuditAction.APPROVED and each.version - 1 == version for each in event.audit
    )


def _is_blocking(stored: Event, creator: AuditEntry, event: Event) -> bool:
    return (
        stored.status is EventStatus.PENDING_APPROVAL
        and not creator.is_by_admin
        and creator.actor_id not in event.participants
    )


def _next_version(event: Event, status: EventStatus, *, now: datetime) -> Event:
    return replace(event, status=status, version=event.version + 1, updated_at=now)


def _recorded(
    event: Event, action: AuditAction, caller: Caller, *, before: Event, note: str | None = None
) -> Event:
    """Return the event with an audit entry for the action that made this version of `before`."""
    entry = AuditEntry(
        action=action,
        actor_id=caller.user_id,
        role=_acting_role(caller, before),
        at=event.updated_at,
        version=event.version,
        note=note,
    )
    return replace(event, audit=with_entry(event.audit, entry))


def _acting_role(caller: Caller, event: Event) -> str:
    """Return the role in which the caller acts on the event."""
    relation = relation_of(caller, event)
    if relation is Relation.ADMIN and not caller.is_admin:
        return SERVICE
    role = role_of(relation)
    return role.value if role else ""
