"""Items of events and copies, and their conversion."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pynamodb.attributes import ListAttribute, MapAttribute, NumberAttribute, UnicodeAttribute

from shared.domain.audit import AuditAction, AuditEntry
from shared.domain.copy import Copy, CopyRef, CopyState
from shared.domain.event import AdminPart, Contact, Event, EventStatus, Owner
from shared.domain.interval import Interval
from shared.stores.attributes import (
    DateAttribute,
    InstantAttribute,
    TextsAttribute,
    to_provider,
)
from shared.stores.rows import Row
from shared.stores.unsynced_rows import UnsyncedRow, pending_keys, unsynced_keys

EVENT_SK = "event"
COPY_PREFIX = "copy#"


class ContactMap(MapAttribute[str, Any]):
    """One contact inside an event item."""

    user_id = UnicodeAttribute()
    email = UnicodeAttribute()
    name = UnicodeAttribute(null=True)


class HoldMap(MapAttribute[str, Any]):
    """A stale hold: an agenda day that still contains an event which has moved away."""

    user_id = UnicodeAttribute()
    day = DateAttribute()


class AuditMap(MapAttribute[str, Any]):
    """One audit entry inside an event item."""

    action = UnicodeAttribute()
    actor_id = UnicodeAttribute()
    role = UnicodeAttribute()
    at = InstantAttribute()
    version = NumberAttribute()
    note = UnicodeAttribute(null=True)


class EventRow(UnsyncedRow):
    """sk = `event`; `stale_holds` exists only until the stale holds of a large move are released.

    Calendars and mail must follow every change, so the item is always written as unsynced.
    `unreachable` are the users whom neither a calendar nor mail reached when it was settled.
    """

    title = UnicodeAttribute()
    start = InstantAttribute()
    end = InstantAttribute()
    zone = UnicodeAttribute()
    owner = UnicodeAttribute()
    coach_ids = TextsAttribute()
    learner_ids = TextsAttribute()
    admin_id = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    request_digest = UnicodeAttribute()
    session_link = UnicodeAttribute(null=True)
    location = UnicodeAttribute(null=True)
    contacts = ListAttribute(of=ContactMap)
    version = NumberAttribute()
    sequence = NumberAttribute()
    stale_holds = ListAttribute(of=HoldMap, null=True)
    audit = ListAttribute(of=AuditMap, null=True)
    admin_part = UnicodeAttribute(null=True)
    approve_by = InstantAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    pending_shard = UnicodeAttribute(null=True)
    pending_until = UnicodeAttribute(null=True)
    unreachable = TextsAttribute(null=True)
    expires_at = NumberAttribute(null=True)


class CopyRow(Row):
    """sk = `copy#<connection id>`."""

    user_id = UnicodeAttribute()
    provider = UnicodeAttribute()
    state = UnicodeAttribute()
    desired_version = NumberAttribute()
    applied_version = NumberAttribute()
    applied_digest = UnicodeAttribute(null=True)
    external_id = UnicodeAttribute(null=True)
    etag = UnicodeAttribute(null=True)
    calendar_id = UnicodeAttribute(null=True)
    attempts = NumberAttribute()
    error = UnicodeAttribute(null=True)
    unsettled_until = InstantAttribute(null=True)
    not_before = InstantAttribute(null=True)
    updated_at = InstantAttribute()
    row_version = NumberAttribute()


def from_event(
    event: Event, stale_holds: Iterable[tuple[str, date]] = (), *, expires_at: int | None = None
) -> EventRow:
    """Convert an event with its stale holds."""
    stale = [_hold_map(user_id, day) for user_id, day in stale_holds]
    return EventRow(
        event.id,
        EVENT_SK,
        title=event.title,
        start=event.interval.start,
        end=event.interval.end,
        zone=event.zone,
        owner=event.owner.value,
        coach_ids=event.coach_ids,
        learner_ids=event.learner_ids,
        admin_id=event.admin_id,
        status=event.status.value,
        created_at=event.created_at,
        updated_at=event.updated_at,
        request_digest=event.request_digest,
        session_link=event.session_link,
        location=event.location,
        contacts=[_contact_map(each) for each in event.contacts],
        version=event.version,
        sequence=event.sequence,
        stale_holds=stale or None,
        audit=[_audit_map(each) for each in event.audit] or None,
        admin_part=event.admin_part.value,
        approve_by=event.approve_by,
        reason=event.reason,
        **pending_keys(event.id, event.pending_until, event.interval.start),
        expires_at=expires_at,
        **unsynced_keys(event.id, event.updated_at),
    )


def to_event(item: Mapping[str, Any]) -> Event:
    """Convert an event item."""
    row = EventRow.from_raw_data(dict(item))
    return Event(
        id=row.pk,
        title=row.title,
        interval=Interval(row.start, row.end),
        zone=row.zone,
        owner=Owner(row.owner),
        coach_ids=tuple(row.coach_ids),
        learner_ids=tuple(row.learner_ids),
        admin_id=row.admin_id,
        status=EventStatus(row.status),
        created_at=row.created_at,
        updated_at=row.updated_at,
        request_digest=row.request_digest,
        session_link=row.session_link,
        location=row.location,
        contacts=tuple(Contact(each.user_id, each.email, each.name) for each in row.contacts),
        version=int(row.version),
        sequence=int(row.sequence),
        audit=tuple(_audit_entry(each) for each in row.audit or () if _is_known(each)),
        # Before it was stored, every admin took part.
        admin_part=AdminPart(row.admin_part or AdminPart.ALWAYS),
        approve_by=row.approve_by,
        reason=row.reason,
    )


def to_stale_holds(item: Mapping[str, Any]) -> tuple[tuple[str, date], ...]:
    """Return the user and day of every stale hold in an event item."""
    row = EventRow.from_raw_data(dict(item))
    return tuple((each.user_id, each.day) for each in row.stale_holds or ())


def from_copy(copy: Copy) -> CopyRow:
    """Convert the record of a copy."""
    return CopyRow(
        copy.event_id,
        f"{COPY_PREFIX}{copy.connection_id}",
        user_id=copy.user_id,
        provider=copy.provider.value,
        state=copy.state.value,
        desired_version=copy.desired_version,
        applied_version=copy.applied_version,
        applied_digest=copy.applied_digest,
        external_id=copy.ref.external_id if copy.ref else None,
        etag=copy.ref.etag if copy.ref else None,
        calendar_id=copy.calendar_id,
        attempts=copy.attempts,
        error=copy.error,
        unsettled_until=copy.unsettled_until,
        not_before=copy.not_before,
        updated_at=copy.updated_at,
        row_version=copy.row_version,
    )


def to_copy(item: Mapping[str, Any]) -> Copy:
    """Convert a copy item."""
    row = CopyRow.from_raw_data(dict(item))
    return Copy(
        event_id=row.pk,
        connection_id=row.sk.removeprefix(COPY_PREFIX),
        user_id=row.user_id,
        provider=to_provider(row.provider),
        state=CopyState(row.state),
        desired_version=int(row.desired_version),
        applied_version=int(row.applied_version),
        applied_digest=row.applied_digest,
        ref=None if row.external_id is None else CopyRef(row.external_id, row.etag),
        calendar_id=row.calendar_id,
        attempts=int(row.attempts),
        error=row.error,
        unsettled_until=row.unsettled_until,
        not_before=row.not_before,
        updated_at=row.updated_at,
        row_version=int(row.row_version),
    )


def _contact_map(contact: Contact) -> ContactMap:
    return ContactMap(  # type: ignore[no-untyped-call]  # untyped in PynamoDB
        user_id=contact.user_id, email=contact.email, name=contact.name
    )


def _audit_map(entry: AuditEntry) -> AuditMap:
    return AuditMap(  # type: ignore[no-untyped-call]  # untyped in PynamoDB
        action=entry.action.value,
        actor_id=entry.actor_id,
        role=entry.role,
        at=entry.at,
        version=entry.version,
        note=entry.note,
    )


def _is_known(row: AuditMap) -> bool:
    return row.action in set(AuditAction)


def _audit_entry(row: AuditMap) -> AuditEntry:
    return AuditEntry(
        action=AuditAction(row.action),
        actor_id=row.actor_id,
        role=row.role,
        at=row.at,
        version=int(row.version),
        note=row.note,
    )


def _hold_map(user_id: str, day: date) -> HoldMap:
    return HoldMap(user_id=user_id, day=day)  # type: ignore[no-untyped-call]  # untyped in PynamoDB
