"""Response data about events."""

from typing import Annotated, NotRequired

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from shared.api.instants import zulu
from shared.api.response_fields import DayText, InstantText, SourceOut, source_out
from shared.domain.audit import AuditAction, AuditEntry
from shared.domain.caller import Caller
from shared.domain.connection import KNOWN_PROVIDERS, Provider
from shared.domain.copy import CopyState
from shared.domain.copy_content import CopyView
from shared.domain.event import EventStatus, Owner
from shared.domain.role import Role
from shared.domain.warning import BookingWarning, WarningCode
from shared.usecases.booking.views import EventView
from shared.usecases.finding.days import DayEntry, DayView

EntrySource = Annotated[
    str, WithJsonSchema({"type": "string", "enum": ["internal", *KNOWN_PROVIDERS, "busy"]})
]
"""The provider that a day's entry was read from, or this service; busy if that is hidden."""


class CopyOut(TypedDict):
    """A calendar the event is, was or will be written to.

    For calendars of other users, connectionId is empty, and provider, attempts and error are null,
    except for Admin.
    """

    userId: str
    connectionId: str
    provider: Provider | None
    state: CopyState
    attempts: int | None
    error: str | None
    updatedAt: InstantText


class AuditOut(TypedDict):
    """Who did something to the event, and when. role is Admin, Coach, Learner or Service."""

    action: AuditAction
    by: str
    role: str
    at: InstantText
    version: int
    note: str | None


class WarningOut(TypedDict):
    """A warning about one participant, as an item of warnings with its code."""

    code: WarningCode
    userId: str
    role: Role
    message: str


class EventOut(TypedDict):
    """The event of a session; its id is the sessionId."""

    id: str
    sessionId: str
    title: str
    sessionLink: str | None
    startTime: InstantText
    endTime: InstantText
    timezone: str
    location: str | None
    owner: Owner
    coachId: list[str]
    learnerId: list[str]
    adminId: str | None
    adminAttends: bool
    status: EventStatus
    pendingUntil: InstantText | None
    reason: str | None
    version: int
    warnings: list[str]
    warningDetails: list[WarningOut]
    sync: list[CopyOut]
    audit: NotRequired[list[AuditOut]]
    createdAt: InstantText
    updatedAt: InstantText


class DayEntryOut(TypedDict):
    """One entry of the day.

    For callers who may see times only, source is busy and the fields after busy are omitted.
    startDate and endDate are the first and last date of an all-day entry, both included, else null.
    """

    source: EntrySource
    title: str
    startTime: InstantText
    endTime: InstantText
    allDay: bool
    busy: bool
    id: NotRequired[str | None]
    sessionId: NotRequired[str | None]
    status: NotRequired[str | None]
    location: NotRequired[str | None]
    sessionLink: NotRequired[str | None]
    connectionId: NotRequired[str | None]
    calendarName: NotRequired[str | None]
    startDate: NotRequired[DayText | None]
    endDate: NotRequired[DayText | None]


class DayEventsOut(TypedDict):
    """The entries of a local date ordered by start, and the calendars that were read.

    Without a token, sources is empty if the entries are complete; otherwise it has one item whose
    state is unavailable.
    """

    userId: str
    date: DayText
    timezone: str
    events: list[DayEntryOut]
    sources: list[SourceOut]


def event_out(view: EventView) -> EventOut:
    """Return the contract's Event."""
    event = view.event
    out: EventOut = {
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
        "adminAttends": event.attending_admin is not None,
        "status": event.status,
        "pendingUntil": zulu(event.pending_until) if event.pending_until else None,
        "reason": event.reason,
        "version": event.version,
        "warnings": [each.message for each in view.warnings],
        "warningDetails": [_warning_out(each) for each in view.warnings],
        "sync": [_copy_out(each) for each in view.copies],
        "createdAt": zulu(event.created_at),
        "updatedAt": zulu(event.updated_at),
    }
    if view.audit is not None:
        out["audit"] = [_audit_out(each) for each in view.audit]
    return out


def _audit_out(entry: AuditEntry) -> AuditOut:
    return {
        "action": entry.action,
        "by": entry.actor_id,
        "role": entry.role,
        "at": zulu(entry.at),
        "version": entry.version,
        "note": entry.note,
    }


def _warning_out(warning: BookingWarning) -> WarningOut:
    return {
        "code": warning.code,
        "userId": warning.user_id,
        "role": warning.role,
        "message": warning.message,
    }


def _copy_out(copy: CopyView) -> CopyOut:
    return {
        "userId": copy.user_id,
        "connectionId": copy.connection_id or "",
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
        "sources": [source_out(each, caller) for each in view.sources],
    }


def _entry_out(entry: DayEntry) -> DayEntryOut:
    times: DayEntryOut = {
        "source": "busy" if entry.times_only else entry.provider or "internal",
        "title": entry.title,
        "startTime": zulu(entry.interval.start),
        "endTime": zulu(entry.interval.end),
        "allDay": entry.all_day,
        "busy": entry.busy,
    }
    return times if entry.times_only else _with_details(times, entry)


def _with_details(times: DayEntryOut, entry: DayEntry) -> DayEntryOut:
    first, last = entry.dates or (None, None)
    return {
        **times,
        "id": entry.external_id,
        "sessionId": entry.session_id,
        "status": entry.status,
        "location": entry.location,
        "sessionLink": entry.url,
        "connectionId": entry.connection_id,
        "calendarName": entry.calendar_name,
        "startDate": first.isoformat() if first else None,
        "endDate": last.isoformat() if last else None,
    }
