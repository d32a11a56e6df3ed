"""Converts a copy to an event resource of the Calendar API, recognises it and compares it.

Copies have no attendees, so Google sends no mail. They are marked by one private extended property
and by an id derived from the copy's key.
"""

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.domain.copy import CopyContent, copy_key
from shared.domain.interval import to_utc
from shared.domain.text import cleaned, joined_line

MARK = "svc_evt"
"""The private property, with value "<session>:<connection>". There is only one, because Google's
documents disagree on whether all constraints of a search must match."""

GENERATIONS = 5
"""How many event ids a copy may use; the id of a deleted event cannot be used again."""

EVENT_FIELDS = (
    "id,etag,status,summary,description,location,start,end,source,extendedProperties/private"
)

_WEB_ADDRESS = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)


def event_ids(key: str) -> tuple[str, ...]:
    """Return the event ids of a copy in the order to try them; each matches [a-v0-9]{52}."""
    later = (f"{key}|{number}" for number in range(1, GENERATIONS))
    return key, *(_base32hex(hashlib.sha256(each.encode()).digest()) for each in later)


def new_event(content: CopyContent, *, event_id: str, connection_id: str) -> dict[str, Any]:
    """Return the body of events.insert."""
    fields = {name: value for name, value in _event_fields(content).items() if value is not None}
    return {"id": event_id, **fields, **_mark(content, connection_id)}


def changes(item: Mapping[str, Any], content: CopyContent, *, connection_id: str) -> dict[str, Any]:
    """Return the body of events.patch: our fields that differ, empty if the copy is up to date."""
    wanted = _event_fields(content)
    changed = {
        name: wanted[name]
        for name in ("summary", "description", "location", "source")
        if (item.get(name) or None) != (wanted[name] or None)
    }
    for name in ("start", "end"):
        if _instant(item.get(name)) != to_utc(datetime.fromisoformat(wanted[name]["dateTime"])):
            # The user may have made it an all-day event; Google rejects a time next to a date.
            changed[name] = {**wanted[name], "date": None}
    if mark_of(item) != _mark_value(content, connection_id):
        changed.update(_mark(content, connection_id))
    return changed


def is_copy_of(item: Mapping[str, Any], content: CopyContent, *, connection_id: str) -> bool:
    """Return whether the event has the mark of this copy."""
    return mark_of(item) == _mark_value(content, connection_id)


def is_cancelled(item: Mapping[str, Any]) -> bool:
    """Return whether the user deleted the event; Google keeps returning deleted events."""
    return item.get("status") == "cancelled"


def mark_of(item: Mapping[str, Any]) -> str | None:
    """Return our mark on an event, or None."""
    extended = item.get("extendedProperties")
    private = extended.get("private") if isinstance(extended, Mapping) else None
    mark = private.get(MARK) if isinstance(private, Mapping) else None
    return mark if isinstance(mark, str) else None


def session_of(item: Mapping[str, Any], *, connection_id: str) -> str | None:
    """Return the session of which the event is this connection's own copy, else None.

    A duplicate made by the user has the mark too, but another id. It counts as the user's own
    event.
    """
    session, _, marked = (mark_of(item) or "").rpartition(":")
    if not session or marked != connection_id:
        return None
    return session if item.get("id") in event_ids(copy_key(session, connection_id)) else None


def _event_fields(content: CopyContent) -> dict[str, Any]:
    return {
        "summary": cleaned(content.title),
        # Google renders descriptions as HTML, and names must not become tags.
        "description": html.escape(cleaned(content.description), quote=False).replace("&amp;", "&"),
        "location": cleaned(content.location) if content.location else None,
        "source": _source(content.url),
        "start": {"dateTime": _timestamp(content.interval.start)},
        "end": {"dateTime": _timestamp(content.interval.end)},
    }


def _source(url: str | None) -> dict[str, str] | None:
    address = joined_line(url or "")
    # Google rejects the whole event if this link has another scheme.
    if not _WEB_ADDRESS.match(address):
        return None
    return {"title": "Join the session", "url": address}


def _mark(content: CopyContent, connection_id: str) -> dict[str, Any]:
    return {"extendedProperties": {"private": {MARK: _mark_value(content, connection_id)}}}


def _mark_value(content: CopyContent, connection_id: str) -> str:
    return f"{content.session_id}:{connection_id}"


def _instant(moment: Any) -> datetime | None:
    """Return the instant of a start or end; None for a date or an unexpected value."""
    try:
        return to_utc(datetime.fromisoformat(moment["dateTime"]))
    except (KeyError, TypeError, ValueError):
        return None


def _timestamp(instant: datetime) -> str:
    return f"{instant.replace(microsecond=0):%Y-%m-%dT%H:%M:%SZ}"


def _base32hex(digest: bytes) -> str:
    return base64.b32hexencode(digest).decode().rstrip("=").lower()
