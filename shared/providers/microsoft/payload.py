"""A copy as a Graph event: written new, and the fields of it that an update must change.

Copies carry no attendees, so Exchange mails nobody, and no online meeting of their own.
"""

import hashlib
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.domain.copy import CopyContent
from shared.domain.errors import CalendarGarbled
from shared.domain.interval import to_utc
from shared.providers.microsoft import marks

SELECT = "id,subject,start,end,isAllDay,isCancelled,isOnlineMeeting,location"

_TRANSACTIONS = uuid.UUID("b0c9d1f2-7a56-4e38-8d0b-6f4f3a1e5c27")
# Control characters but tab and line feed, and the marks that reorder text on screen.
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def new_event(content: CopyContent, *, connection_id: str, attempt: int) -> dict[str, Any]:
    """Return the event to create; attempts 0, 1, ... differ in nothing but the transaction id."""
    return {
        **_fields(content),
        "body": _body(content),
        "showAs": "busy",
        "transactionId": transaction_id(content.key, attempt),
        "singleValueExtendedProperties": marks.written(
            {
                marks.KEY: content.key,
                marks.SESSION: marks.session_mark(content.session_id, connection_id),
                marks.TEXT: _text_mark(content),
            }
        ),
    }


def changes(event: Mapping[str, Any], content: CopyContent) -> dict[str, Any]:
    """Return the fields in which the event differs from the content, as a PATCH takes them.

    The text of an event that has become an online meeting is left alone: it holds the way in.
    """
    wanted = _fields(content)
    changed: dict[str, Any] = {}
    if event.get("subject") != wanted["subject"]:
        changed["subject"] = wanted["subject"]
    if event.get("isAllDay") or not _same_time(event, wanted):
        changed |= {name: wanted[name] for name in ("start", "end", "isAllDay")}
    if _place(event) != _place(wanted):
        changed["location"] = wanted["location"]
    # Graph hands a text back as HTML, so what was written is compared by its digest.
    if marks.read(event).get(marks.TEXT) != _text_mark(content) and not _is_meeting(event):
        changed["body"] = _body(content)
        changed["singleValueExtendedProperties"] = marks.written({marks.TEXT: _text_mark(content)})
    return changed


def link_of(event: Mapping[str, Any]) -> str | None:
    """Return the link our text in the event holds, if any."""
    return marks.read(event).get(marks.TEXT, "").partition(" ")[2] or None


def instant(moment: Any) -> datetime:
    """Return a dateTimeTimeZone as an instant; its fractions have seven digits.

    Raises:
        CalendarGarbled: when its zone is not UTC, in which all times are asked for.
        ValueError, TypeError, KeyError: when it is no dateTimeTimeZone.
    """
    if moment["timeZone"] != "UTC":
        raise CalendarGarbled("Graph told a time in another zone than UTC.")
    read = datetime.fromisoformat(moment["dateTime"])
    return to_utc(read.replace(tzinfo=read.tzinfo or UTC))


def transaction_id(key: str, attempt: int) -> str:
    """Return the id under which Graph takes a create once: the same for every retry."""
    return str(uuid.uuid5(_TRANSACTIONS, f"{key}/{attempt}"))


def clean(text: str) -> str:
    """Return the text without control characters; line breaks become line feeds."""
    return _UNSAFE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _fields(content: CopyContent) -> dict[str, Any]:
    return {
        "subject": clean(content.title),
        "start": _moment(content.interval.start),
        "end": _moment(content.interval.end),
        "isAllDay": False,
        "location": {"displayName": clean(content.location or "")},
    }


def _moment(at: datetime) -> dict[str, str]:
    return {"dateTime": f"{to_utc(at):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}


def _body(content: CopyContent) -> dict[str, str]:
    return {"contentType": "text", "content": _text(content)}


def _text(content: CopyContent) -> str:
    text, link = clean(content.description), _link(content)
    return text if link in text else f"{text}\n{link}".strip()


def _text_mark(content: CopyContent) -> str:
    digest = hashlib.sha256(_text(content).encode()).hexdigest()
    return f"{digest} {_link(content)}".strip()


def _link(content: CopyContent) -> str:
    return clean(content.url or "").replace("\n", "")


def _same_time(event: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    try:
        return all(instant(event[name]) == instant(wanted[name]) for name in ("start", "end"))
    except (LookupError, TypeError, ValueError):
        return False


def _place(event: Mapping[str, Any]) -> str:
    location = event.get("location")
    name = location.get("displayName") if isinstance(location, dict) else None
    return name if isinstance(name, str) else ""


def _is_meeting(event: Mapping[str, Any]) -> bool:
    return event.get("isOnlineMeeting") is True
