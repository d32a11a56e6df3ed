"""Items of the events table, and their translation."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pynamodb.attributes import ListAttribute, MapAttribute, NumberAttribute, UnicodeAttribute

from shared.domain.connection import Provider
from shared.domain.copy import Copy, CopyRef, CopyState
from shared.domain.event import Contact, Event, EventStatus, Owner
from shared.domain.interval import Interval
from shared.stores.attributes import DateAttribute, InstantAttribute, TextsAttribute
from shared.stores.rows import Row
from shared.stores.unsynced_rows import UnsyncedRow, unsynced_keys

EVENT_SK = "event"
COPY_PREFIX = "copy#"


class ContactMap(MapAttribute[str, Any]):
    """One contact inside an event item."""

    user_id = UnicodeAttribute()
    email = UnicodeAttribute()
    name = UnicodeAttribute(null=True)


class HoldMap(MapAttribute[str, Any]):
    """An agenda day that still shows an event which has moved away from it."""

    user_id = UnicodeAttribute()
    day = DateAttribute()


class EventRow(UnsyncedRow):
    """sk = `event`; `stale_holds` is there only while a large move is not settled.

    Every change is one to bring to calendars and mail, so the whole item is written unsynced.
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
    attempts = NumberAttribute()
    error = UnicodeAttribute(null=True)
    unsettled_until = InstantAttribute(null=True)
    not_before = InstantAttribute(null=True)
    updated_at = InstantAttribute()
    row_version = NumberAttribute()


def from_event(event: Event, stale_holds: Iterable[tuple[str, date]] = ()) -> EventRow:
    """Return the item for an event and the agenda days it has left but not yet cleared."""
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
        **unsynced_keys(event.id, event.updated_at),
    )


def to_event(item: Mapping[str, Any]) -> Event:
    """Return the event an item stands for."""
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
    )


def to_stale_holds(item: Mapping[str, Any]) -> tuple[tuple[str, date], ...]:
    """Return the user and day of every hold the event has left but not yet cleared."""
    row = EventRow.from_raw_data(dict(item))
    return tuple((each.user_id, each.day) for each in row.stale_holds or ())


def from_copy(copy: Copy) -> CopyRow:
    """Return the item for the record of a copy."""
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
        attempts=copy.attempts,
        error=copy.error,
        unsettled_until=copy.unsettled_until,
        not_before=copy.not_before,
        updated_at=copy.updated_at,
        row_version=copy.row_version,
    )


def to_copy(item: Mapping[str, Any]) -> Copy | None:
    """Return the record, or None when its provider is not one this version knows."""
    row = CopyRow.from_raw_data(dict(item))
    if row.provider not in set(Provider):
        return None
    return Copy(
        event_id=row.pk,
        connection_id=row.sk.removeprefix(COPY_PREFIX),
        user_id=row.user_id,
        provider=Provider(row.provider),
        state=CopyState(row.state),
        desired_version=int(row.desired_version),
        applied_version=int(row.applied_version),
        applied_digest=row.applied_digest,
        ref=None if row.external_id is None else CopyRef(row.external_id, row.etag),
        attempts=int(row.attempts),
        error=row.error,
        unsettled_until=row.unsettled_until,
        not_before=row.not_before,
        updated_at=row.updated_at,
        row_version=int(row.row_version),
    )


def _contact_map(contact: Contact) -> ContactMap:
    return ContactMap(  # type: ignore[no-untyped-call]  # PynamoDB left it without types
        user_id=contact.user_id, email=contact.email, name=contact.name
    )


def _hold_map(user_id: str, day: date) -> HoldMap:
    return HoldMap(user_id=user_id, day=day)  # type: ignore[no-untyped-call]  # likewise
