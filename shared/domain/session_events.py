"""The domain events of sessions and of participants whom no calendar and no mail reaches."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from shared.domain.audit import AuditAction
from shared.domain.domain_event import (
    DomainEvent,
    DomainEventType,
    EventSubject,
    SubjectKind,
    domain_event,
    instant_text,
)
from shared.domain.event import Event, EventStatus
from shared.domain.role import Role

_BY_STATUS = {
    EventStatus.PENDING_APPROVAL: DomainEventType.SESSION_CHANGED,
    EventStatus.SCHEDULED: DomainEventType.SESSION_APPROVED,
    EventStatus.CANCELLED: DomainEventType.SESSION_CANCELLED,
    EventStatus.DECLINED: DomainEventType.SESSION_DECLINED,
    EventStatus.EXPIRED: DomainEventType.SESSION_EXPIRED,
}
"""The type of a change to that status."""

_BOOKINGS = {AuditAction.CREATED, AuditAction.REOPENED, AuditAction.REPLACED}
_NOT_A_CHANGE = {"sessionId", "by"}


def session_events(old: Event | None, new: Event | None) -> Iterator[DomainEvent]:
    """Yield the domain event of a write that made a new version of an event.

    Other writes of the row, such as the mark that calendars match it, are no change of the session,
    and neither are its deletion after the retention and the removal of personal data from it.
    """
    if new is None or (old is not None and old.version >= new.version):
        return
    kind = _kind(old, new)
    left = [each for each in old.participants if each not in new.participants] if old else []
    changes = _changes(old, new) if old and kind is not DomainEventType.SESSION_BOOKED else {}
    yield domain_event(
        kind,
        EventSubject(SubjectKind.SESSION, new.id),
        new.version,
        at=new.updated_at,
        data={
            **session_data(new),
            **({"changes": changes} if kind is DomainEventType.SESSION_CHANGED else {}),
            **({"leftUserIds": left} if kind is DomainEventType.SESSION_PARTICIPANT_LEFT else {}),
        },
    )


def unreachable_events(
    event: Event, old: Iterable[str], new: Iterable[str], *, at: datetime
) -> Iterator[DomainEvent]:
    """Yield a domain event for each user whom neither a calendar nor mail reaches any more.

    `old` and `new` are the users recorded before and after a write of the event's row.
    """
    roles = dict(reversed(event.attendees))
    for user in sorted(set(new) - set(old)):
        yield domain_event(
            DomainEventType.PARTICIPANT_UNREACHABLE,
            EventSubject(SubjectKind.PARTICIPANT, f"{event.id}/{user}"),
            event.version,
            at=at,
            data={
                "sessionId": event.id,
                "userId": user,
                "role": roles.get(user, Role.ADMIN).value,
                "startTime": instant_text(event.interval.start),
            },
        )


def session_data(event: Event) -> dict[str, Any]:
    """Return the session as its domain events show it, without contacts: those are addresses."""
    until = event.pending_until
    return {
        "sessionId": event.id,
        "status": event.status.value,
        "title": event.title,
        "startTime": instant_text(event.interval.start),
        "endTime": instant_text(event.interval.end),
        "timezone": event.zone,
        "owner": event.owner.value,
        "coachId": list(event.coach_ids),
        "learnerId": list(event.learner_ids),
        "adminId": event.admin_id,
        "adminAttends": event.attending_admin is not None,
        "location": event.location,
        "sessionLink": event.session_link,
        "pendingUntil": instant_text(until) if until else None,
        "reason": event.reason,
        "by": _actor(event),
    }


def _kind(old: Event | None, new: Event) -> DomainEventType:
    actions = {each.action for each in new.audit if each.version == new.version}
    if old is None or actions & _BOOKINGS or (old.is_closed and not new.is_closed):
        return DomainEventType.SESSION_BOOKED
    if AuditAction.LEFT in actions:
        return DomainEventType.SESSION_PARTICIPANT_LEFT
    if old.status is new.status:
        return DomainEventType.SESSION_CHANGED
    return _BY_STATUS[new.status]


def _changes(old: Event, new: Event) -> Mapping[str, Any]:
    """Return the old and the new value of each field that differs."""
    before, after = session_data(old), session_data(new)
    return {
        name: {"old": before[name], "new": after[name]}
        for name in after
        if name not in _NOT_A_CHANGE and before[name] != after[name]
    }


def _actor(event: Event) -> dict[str, str] | None:
    """Return who made this version, None if that was not recorded."""
    entry = next((each for each in event.audit if each.version == event.version), None)
    return {"userId": entry.actor_id, "role": entry.role} if entry else None
