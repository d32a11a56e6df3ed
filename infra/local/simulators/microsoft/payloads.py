"""Parses requests to the simulated Graph and builds its responses."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from infra.local.simulators.http import SimulatedRequest, SimulatedResponse, json_response
from infra.local.simulators.microsoft.mailbox import CALENDAR_ID, OutlookMailbox
from infra.local.simulators.microsoft.outlook_event import GraphError, Json, OutlookEvent

_STATUSES = {"ErrorItemNotFound": 404, "ErrorAccessDenied": 403, "InvalidAuthenticationToken": 401}


def error(code: str, message: str, *, status: int | None = None, **extra: str) -> SimulatedResponse:
    """Return an error response of Graph."""
    inner = {"date": "2026-01-01T00:00:00", "request-id": "simulated"}
    body: Mapping[str, Any] = {"code": code, "message": message, **extra, "innerError": inner}
    return json_response({"error": body}, status=status or _STATUSES.get(code, 400))


def calendar(mailbox: OutlookMailbox, calendar_id: str) -> Json:
    """Return the JSON of a calendar."""
    return {
        "id": calendar_id,
        "name": mailbox.calendars[calendar_id],
        "canEdit": True,
        "isDefaultCalendar": calendar_id == CALENDAR_ID,
        "owner": {"name": mailbox.email, "address": mailbox.email},
    }


def check_calendar(mailbox: OutlookMailbox, calendar_id: str) -> None:
    """Raise GraphError unless the mailbox has that calendar."""
    if calendar_id not in mailbox.calendars:
        raise GraphError("ErrorItemNotFound", "The calendar does not exist.")


def event(mailbox: OutlookMailbox, event_id: str, calendar_id: str | None) -> OutlookEvent:
    """Return the event with that id, in that calendar if given; else raise GraphError."""
    item = mailbox.find(event_id)
    if item is None or calendar_id not in (None, item.calendar_id):
        raise GraphError("ErrorItemNotFound", "The specified object was not found in the store.")
    return item


def body_of(request: SimulatedRequest) -> Json:
    """Return the JSON object in a request; raise GraphError if there is none."""
    try:
        body = request.json
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise GraphError("BadRequest", "Unable to read JSON request payload.")
    return body


def prefer_of(request: SimulatedRequest) -> str:
    """Return the request's Prefer header."""
    return request.headers.get("prefer", "")


def bound(text: str) -> datetime:
    """Return a bound of a calendar view; without an offset it is in UTC."""
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=instant.tzinfo or UTC)
