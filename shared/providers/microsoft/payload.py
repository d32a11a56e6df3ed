"""Converts a copy to a Graph event, and finds the fields an update must change.

Copies have no attendees, so Exchange sends no mail, and no online meeting of their own.
"""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.domain.copy import CopyContent
from shared.domain.errors import CalendarMalformed
from shared.domain.interval import to_utc
from shared.domain.text import cleaned, joined_line
from shared.providers.microsoft import marks

SELECT = "id,subject,start,end,isAllDay,isCancelled,isOnlineMeeting,location"

_TRANSACTIONS = uuid.UUID("b0c9d1f2-7a56-4e38-8d0b-6f4f3a1e5c27")


def new_event(content: CopyContent, *, connection_id: str, attempt: int) -> dict[str, Any]:
    """Return the event to create; attempts 0, 1, ... differ only in the transaction id."""
    return {
        **_fields(content),
        "body": _body(content),
        "showAs": "busy",
        "transactionId": transaction_id(content.key, attempt),
        "singleValueExtendedProperties": marks.to_properties(
            {
                marks.KEY: content.key,
                marks.SESSION: marks.session_mark(content.session_id, connection_id),
                marks.TEXT: _text_mark(content),
            }
        ),
    }


def changes(event: Mapping[str, Any], content: CopyContent) -> dict[str, Any]:
    """Return the fields in which the event differs from the content, as the body of a PATCH.

    The text of an event that has become an online meeting is not changed: it has the join link.
    """
    wanted = _fields(content)
    changed: dict[str, Any] = {}
    if event.get("subject") != wanted["subject"]:
        changed["subject"] = wanted["subject"]
    if event.get("isAllDay") or not _same_time(event, wanted):
        changed |= {name: wanted[name] for name in ("start", "end", "isAllDay")}
    if _location(event) != _location(wanted):
        changed["location"] = wanted["location"]
    # Graph returns text as HTML, so the text we wrote is compared by its digest.
    if marks.read(event).get(marks.TEXT) != _text_mark(content) and not _is_meeting(event):
        changed["body"] = _body(content)
        changed["singleValueExtendedProperties"] = marks.to_properties(
            {marks.TEXT: _text_mark(content)}
        )
    return changed


def link_of(event: Mapping[str, Any]) -> str | None:
    """Return the link in the text we wrote to the event, if any."""
    return marks.read(event).get(marks.TEXT, "").partition(" ")[2] or None


def instant(moment: Any) -> datetime:
    """Return a dateTimeTimeZone as an instant; its fraction of a second has seven digits.

    Raises:
        CalendarMalformed: its zone is not UTC, although every request asks for UTC.
        ValueError, TypeError, KeyError: it is not a dateTimeTimeZone.
    """
    if moment["timeZone"] != "UTC":
        raise CalendarMalformed("Graph returned a time in another zone than UTC.")
    parsed = datetime.fromisoformat(moment["dateTime"])
    return to_utc(parsed.replace(tzinfo=parsed.tzinfo or UTC))


def transaction_id(key: str, attempt: int) -> str:
    """Return the id with which Graph recognises a repeated create: the same for every retry."""
    return str(uuid.uuid5(_TRANSACTIONS, f"{key}/{attempt}"))


def _fields(content: CopyContent) -> dict[str, Any]:
    return {
        "subject": cleaned(content.title),
        "start": _moment(content.interval.start),
        "end": _moment(content.interval.end),
        "isAllDay": False,
        "location": {"displayName": cleaned(content.location or "")},
    }


def _moment(at: datetime) -> dict[str, str]:
    return {"dateTime": f"{to_utc(at):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}


def _body(content: CopyContent) -> dict[str, str]:
    return {"contentType": "text", "content": _text(content)}


def _text(content: CopyContent) -> str:
    text, link = cleaned(content.description), _link(content)
    return text if link in text else f"{text}\n{link}".strip()


def _text_mark(content: CopyContent) -> str:
    digest = hashlib.sha256(_text(content).encode()).hexdigest()
    return f"{digest} {_link(content)}".strip()


def _link(content: CopyContent) -> str:
    return joined_line(content.url or "")


def _same_time(event: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    try:
        return all(instant(event[name]) == instant(wanted[name]) for name in ("start", "end"))
    except (LookupError, TypeError, ValueError):
        return False


def _location(event: Mapping[str, Any]) -> str:
    location = event.get("location")
    name = location.get("displayName") if isinstance(location, dict) else None
    return name if isinstance(name, str) else ""


def _is_meeting(event: Mapping[str, Any]) -> bool:
    return event.get("isOnlineMeeting") is True
