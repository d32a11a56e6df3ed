"""Response data about lists of sessions."""

from typing_extensions import TypedDict

from shared.api.instants import zulu
from shared.api.response_fields import InstantText
from shared.domain.event import Event, EventStatus, Owner
from shared.usecases.finding.session_list import SessionPage


class SessionOut(TypedDict):
    """A session in a list; its fields are those of the event."""

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
    status: EventStatus
    pendingUntil: InstantText | None
    version: int
    createdAt: InstantText
    updatedAt: InstantText


class SessionPageOut(TypedDict):
    """A page of sessions and the cursor of the next one."""

    sessions: list[SessionOut]
    cursor: str | None


def page_out(page: SessionPage) -> SessionPageOut:
    """Return the contract's SessionPage."""
    return {"sessions": [_session_out(each) for each in page.sessions], "cursor": page.cursor}


def _session_out(event: Event) -> SessionOut:
    return {
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
        "pendingUntil": zulu(event.pending_until) if event.pending_until else None,
        "version": event.version,
        "createdAt": zulu(event.created_at),
        "updatedAt": zulu(event.updated_at),
    }
