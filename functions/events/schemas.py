"""Events as the contract writes them."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StrictBool

from functions.events.answers import CopyOut, DayEntryOut, DayEventsOut, EventOut
from shared.api.envelope import Body
from shared.api.fields import (
    Email,
    Instant,
    Link,
    OwnerName,
    ParticipantIds,
    PersonName,
    Place,
    SessionId,
    Title,
    UserId,
    Zone,
    zulu,
)
from shared.api.sources import source
from shared.domain.caller import Caller
from shared.domain.connection import Provider
from shared.domain.copy_content import CopyView
from shared.domain.draft import EventChange, EventDraft
from shared.domain.event import Contact
from shared.usecases.booking.views import EventView
from shared.usecases.finding.days import DayEntry, DayView


class ContactIn(Body):
    """An address of a participant, for invitations only."""

    user_id: UserId
    email: Email
    name: PersonName | None = None

    def contact(self) -> Contact:
        """Return the domain's contact."""
        return Contact(self.user_id, self.email, self.name)


Contacts = Annotated[tuple[ContactIn, ...], Field(max_length=50)]


class CreateEvent(Body):
    """POST /events."""

    session_id: SessionId
    title: Title
    session_link: Link | None = None
    start_time: Instant
    end_time: Instant
    timezone: Zone = "UTC"
    location: Place | None = None
    owner: OwnerName
    coach_id: ParticipantIds = ()
    learner_id: ParticipantIds = ()
    admin_id: UserId | None = None
    auto_approval: StrictBool = False
    allow_conflicts: StrictBool = False
    contacts: Contacts = ()

    def draft(self) -> EventDraft:
        """Return what is asked for."""
        return EventDraft(
            session_id=self.session_id,
            title=self.title,
            start=self.start_time,
            end=self.end_time,
            zone=self.timezone,
            owner=self.owner,
            coach_ids=self.coach_id,
            learner_ids=self.learner_id,
            admin_id=self.admin_id,
            session_link=self.session_link,
            location=self.location,
            contacts=tuple(each.contact() for each in self.contacts),
            auto_approval=self.auto_approval,
            allow_conflicts=self.allow_conflicts,
        )


class UpdateEvent(Body):
    """PUT /events: only the fields given change; null clears a link or a location."""

    session_id: SessionId
    title: Title | None = None
    session_link: Link | None = None
    start_time: Instant | None = None
    end_time: Instant | None = None
    timezone: Zone | None = None
    location: Place | None = None
    owner: OwnerName | None = None
    coach_id: ParticipantIds | None = None
    learner_id: ParticipantIds | None = None
    admin_id: UserId | None = None
    allow_conflicts: StrictBool = False
    contacts: Contacts | None = None
    expected_version: Annotated[int, Field(ge=1, strict=True)] | None = None

    def change(self) -> EventChange:
        """Return what is to change."""
        given = {
            name: getattr(self, field)
            for field, name in _CHANGES.items()
            if field in self.model_fields_set
        }
        kept = {k: v for k, v in given.items() if v is not None or k in _CLEARABLE}
        if self.contacts is not None:
            kept["contacts"] = tuple(each.contact() for each in self.contacts)
        return EventChange(
            session_id=self.session_id,
            fields=kept,
            start=self.start_time,
            end=self.end_time,
            expected_version=self.expected_version,
            allow_conflicts=self.allow_conflicts,
        )


_CHANGES: Mapping[str, str] = {
    "title": "title",
    "session_link": "session_link",
    "timezone": "zone",
    "location": "location",
    "owner": "owner",
    "coach_id": "coach_ids",
    "learner_id": "learner_ids",
    "admin_id": "admin_id",
}
_CLEARABLE = {"session_link", "location"}


class SessionRef(Body):
    """POST /events/cancel."""

    session_id: SessionId


class Approval(SessionRef):
    """POST /events/approve."""

    allow_conflicts: StrictBool = False


def event_out(view: EventView) -> EventOut:
    """Return the contract's Event."""
    event = view.event
    return {
        "id": event.id,
        "sessionId": event.id,
        "title": event.title,
        "sessionLink": event.session_link,
        "startTime": zulu(event.interval.start),
        "endTime": zulu(event.interval.end),
        "timezone": event.zone,
        "location": event.location,
        "owner": event.owner,
        "coachId": list(event.coach_ids),
        "learnerId": list(event.learner_ids),
        "adminId": event.admin_id,
        "status": event.status,
        "version": event.version,
        "warnings": list(view.warnings),
        "sync": [_copy_out(each) for each in view.copies],
        "createdAt": zulu(event.created_at),
        "updatedAt": zulu(event.updated_at),
    }


def _copy_out(copy: CopyView) -> CopyOut:
    return {
        "userId": copy.user_id,
        "connectionId": copy.connection_id,
        "provider": copy.provider,
        "state": copy.state,
        "attempts": copy.attempts,
        "error": copy.error,
        "updatedAt": zulu(copy.updated_at),
    }


def day_out(view: DayView, caller: Caller | None) -> DayEventsOut:
    """Return the contract's DayEvents for this caller."""
    return {
        "userId": view.user_id,
        "date": view.day.isoformat(),
        "timezone": view.zone,
        "events": [_entry_out(each) for each in view.entries],
        "sources": [source(each, caller) for each in view.sources],
    }


def _entry_out(entry: DayEntry) -> DayEntryOut:
    told: DayEntryOut = {
        "source": _SOURCES[entry.provider],
        "title": entry.title,
        "startTime": zulu(entry.interval.start),
        "endTime": zulu(entry.interval.end),
        "allDay": entry.all_day,
        "busy": entry.busy,
    }
    return told if entry.times_only else _with_details(told, entry)


def _with_details(told: DayEntryOut, entry: DayEntry) -> DayEntryOut:
    return {
        **told,
        "id": entry.external_id,
        "sessionId": entry.session_id,
        "status": entry.status,
        "location": entry.location,
        "sessionLink": entry.url,
        "connectionId": entry.connection_id,
        "calendarName": entry.calendar_name,
    }


_SOURCES: Mapping[Provider | None, Literal["internal", "google", "outlook", "apple"]] = {
    None: "internal",
    Provider.GOOGLE: "google",
    Provider.OUTLOOK: "outlook",
    Provider.APPLE: "apple",
}
