"""What each operation, and the expiry of a pending event, makes of an event.

Each returns a new version of the event with an audit entry. Whether the caller may do it is decided
in shared/domain/policy.py.
"""

from dataclasses import replace
from datetime import datetime

from shared.domain.audit import SERVICE, AuditAction, AuditEntry, with_entry
from shared.domain.caller import EVENTS_SCOPE, Caller
from shared.domain.draft import DEFAULTS, BookingDefaults, EventDraft
from shared.domain.errors import (
    EventCancelled,
    EventEnded,
    EventExists,
    InvalidRequest,
    NotPending,
    VersionConflict,
)
from shared.domain.event import Event, EventStatus
from shared.domain.event_change import EventChange
from shared.domain.relation import Relation, relation_of, role_of
from shared.domain.text import is_blank

_SWEEPER = Caller(user_id="calendar-service", scopes=frozenset({EVENTS_SCOPE}))
"""The actor that the audit names when a pending event has expired."""

_CLOSED_AS = {
    EventStatus.CANCELLED: "was cancelled",
    EventStatus.DECLINED: "was declined",
    EventStatus.EXPIRED: "was not approved in time",
}


def created(
    draft: EventDraft, caller: Caller, *, now: datetime, defaults: BookingDefaults = DEFAULTS
) -> Event:
    """Return the first version of the requested event.

    Raises:
        InvalidRequest: naming the invalid field.
    """
    event = draft.event(now=now, defaults=defaults)
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


def declined(event: Event, caller: Caller, *, now: datetime, reason: str | None = None) -> Event:
    """Return the pending event as declined.

    Raises:
        NotPending: when it was approved already.
    """
    if event.status is EventStatus.SCHEDULED:
        raise NotPending("The event was approved already. Cancel it instead.")
    after = _closed(event, EventStatus.DECLINED, reason=reason, now=now)
    return _recorded(after, AuditAction.DECLINED, caller, before=event)


def cancelled(event: Event, caller: Caller, *, now: datetime, reason: str | None = None) -> Event:
    """Return the event as cancelled."""
    after = _closed(event, EventStatus.CANCELLED, reason=reason, now=now)
    return _recorded(after, AuditAction.CANCELLED, caller, before=event)


def expired(event: Event, *, now: datetime) -> Event:
    """Return the pending event as expired, which no user did."""
    after = _closed(event, EventStatus.EXPIRED, reason=None, now=now)
    return _recorded(after, AuditAction.EXPIRED, _SWEEPER, before=event)


def without_participant(event: Event, user_id: str, caller: Caller, *, now: datetime) -> Event:
    """Return the event without that participant, or cancelled if no coach or learner would be left.

    The contact of a removed participant is removed too. A cancelled event keeps its participants.
    """
    coaches = tuple(each for each in event.coach_ids if each != user_id)
    learners = tuple(each for each in event.learner_ids if each != user_id)
    if (event.coach_ids and not coaches) or (event.learner_ids and not learners):
        return cancelled(event, caller, now=now)
    after = replace(
        _next_version(event, event.status, now=now),
        coach_ids=coaches,
        learner_ids=learners,
        admin_id=None if event.admin_id == user_id else event.admin_id,
        contacts=tuple(each for each in event.contacts if each.user_id != user_id),
    )
    return _recorded(after, AuditAction.CHANGED, caller, before=event)


def left(event: Event, caller: Caller, *, now: datetime) -> Event:
    """Return the event without the caller, who is one of its learners.

    Raises:
        InvalidRequest: when the caller is not a learner of the session, or the only one.
    """
    others = tuple(each for each in event.learner_ids if each != caller.user_id)
    if len(others) == len(event.learner_ids):
        raise InvalidRequest("You are not a learner of this session. Change learnerId with PUT.")
    if not others:
        raise InvalidRequest(
            "You are the only learner of this session. A coach or an Admin can cancel it."
        )
    contacts = tuple(each for each in event.contacts if each.user_id != caller.user_id)
    after = _next_version(event, event.status, now=now)
    after = replace(after, learner_ids=others, contacts=contacts)
    return _recorded(after, AuditAction.LEFT, caller, before=event)


def reopened(stored: Event, event: Event, caller: Caller, *, keeps_guests: bool) -> Event:
    """Return a new event as the next version of a closed one with the same id.

    Copies and invitations are made again. With `keeps_guests`, the guests of the closed event are
    invited again too.
    """
    version = stored.version + 1
    after = replace(
        event,
        version=version,
        sequence=stored.sequence + 1,
        audit=tuple(each for each in stored.audit if each.action is AuditAction.CREATED)
        if keeps_guests
        else tuple(replace(each, version=version) for each in event.audit),
    )
    return _recorded(after, AuditAction.REOPENED, caller, before=after)


def replacing(stored: Event, event: Event, caller: Caller) -> Event:
    """Return a new event as the next version of one that blocks its id."""
    version = stored.version + 1
    after = replace(
        event,
        version=version,
        sequence=stored.sequence + 1,
        audit=tuple(replace(each, version=version) for each in event.audit),
    )
    creator = stored.created_by.actor_id if stored.created_by else ""
    note = f"replaced the event created by {creator}"
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


def check_open(event: Event) -> None:
    """Require an event that was not cancelled or declined, and has not expired.

    Raises:
        EventCancelled: when it is closed.
    """
    if event.is_closed:
        raise EventCancelled(
            f"The event {_CLOSED_AS[event.status]}. Create it again with reopen: true, or with "
            "another sessionId."
        )


def check_not_ended(event: Event, *, now: datetime) -> None:
    """Require a session that is not over.

    Raises:
        EventEnded: when it is.
    """
    if event.has_ended(now=now):
        raise EventEnded("The session is over. Only its record can be cancelled.")


def event_exists(event_id: str) -> EventExists:
    """Return the error for an id that has an event from another request body."""
    return EventExists(
        f"Session {event_id} already has an event created from a different request body. "
        "Change it with PUT /api/v1/events, or use another sessionId."
    )


def was_approved(event: Event, version: int | None) -> bool:
    """Return whether that version was approved, so that approving it again changes nothing."""
    return any(
        each.action is AuditAction.APPROVED and each.version - 1 == version for each in event.audit
    )


def is_blocking(stored: Event, event: Event, caller: Caller) -> bool:
    """Return whether the caller replaces the stored event with a new one of the same id.

    An Admin or a service replaces what is not scheduled and a user has created who takes no part in
    the new event. Otherwise any user could block an id of the platform.
    """
    creator = stored.created_by
    return (
        caller.manages_events
        and stored.status is not EventStatus.SCHEDULED
        and creator is not None
        and not creator.is_by_admin
        and creator.actor_id not in event.participants
    )


def _closed(event: Event, status: EventStatus, *, reason: str | None, now: datetime) -> Event:
    """Return the event without its time.

    What was cancelled after its end stays in calendars as it was, so its SEQUENCE stays too.
    """
    after = _next_version(event, status, now=now)
    sequence = event.sequence + (not event.has_ended(now=now))
    shown = reason if reason and not is_blank(reason) else None
    return replace(after, reason=shown, sequence=sequence)


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
