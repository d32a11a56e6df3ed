"""What requests to the simulated Graph carry, and how its answers are shaped."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from infra.local.simulators.common import Answer, Request, json_answer
from infra.local.simulators.microsoft_item import Invalid, Item, Json
from infra.local.simulators.microsoft_mailbox import CALENDAR_ID, Mailbox

_STATUSES = {"ErrorItemNotFound": 404, "ErrorAccessDenied": 403, "InvalidAuthenticationToken": 401}


def error(code: str, message: str, *, status: int | None = None, **extra: str) -> Answer:
    """Return an error answer as Graph gives it."""
    inner = {"date": "2026-01-01T00:00:00", "request-id": "simulated"}
    body: Mapping[str, Any] = {"code": code, "message": message, **extra, "innerError": inner}
    return json_answer({"error": body}, status=status or _STATUSES.get(code, 400))


def calendar(mailbox: Mailbox, calendar_id: str) -> Json:
    """Return the calendar as Graph tells it."""
    return {
        "id": calendar_id,
        "name": mailbox.calendars[calendar_id],
        "canEdit": True,
        "isDefaultCalendar": calendar_id == CALENDAR_ID,
        "owner": {"name": mailbox.email, "address": mailbox.email},
    }


def check_calendar(mailbox: Mailbox, calendar_id: str) -> None:
    """Raise Invalid when the mailbox has no such calendar."""
    if calendar_id not in mailbox.calendars:
        raise Invalid("ErrorItemNotFound", "The calendar is not there.")


def event(mailbox: Mailbox, event_id: str, calendar_id: str | None) -> Item:
    """Return the event of that id, in that calendar if one is named; Invalid without one."""
    item = mailbox.find(event_id)
    if item is None or calendar_id not in (None, item.calendar_id):
        raise Invalid("ErrorItemNotFound", "The specified object was not found in the store.")
    return item


def body_of(request: Request) -> Json:
    """Return the JSON object a request carries; Invalid without one."""
    try:
        body = request.json
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Invalid("BadRequest", "Unable to read JSON request payload.")
    return body


def prefer_of(request: Request) -> str:
    """Return the request's Prefer header."""
    return request.headers.get("prefer", "")


def bound(text: str) -> datetime:
    """Return a bound of a view; without an offset it is in UTC."""
    read = datetime.fromisoformat(text)
    return read.replace(tzinfo=read.tzinfo or UTC)
