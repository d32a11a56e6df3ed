"""A copy as an event resource of the Calendar API: written new, recognised, and compared.

Copies carry no attendees, so Google mails nobody. They are marked by one private extended property
and by an id that follows from the copy's key.
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

MARK = "svc_evt"
"""The private property "<session>:<connection>": one, because Google's documents disagree whether
several constraints of a search all have to hold."""

GENERATIONS = 5
"""How many ids a copy may use up: an id whose event was deleted stays taken for ever."""

EVENT_FIELDS = (
    "id,etag,status,summary,description,location,start,end,source,extendedProperties/private"
)

# Control characters but line feed, and the marks that reorder text on screen.
_UNSAFE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)


def ids_of(key: str) -> tuple[str, ...]:
    """Return the event ids of a copy, the one to try first first: [a-v0-9]{52} each."""
    later = (f"{key}|{number}" for number in range(1, GENERATIONS))
    return key, *(_base32hex(hashlib.sha256(each.encode()).digest()) for each in later)


def new_event(content: CopyContent, *, event_id: str, connection_id: str) -> dict[str, Any]:
    """Return the body of events.insert."""
    shown = {name: value for name, value in _shown(content).items() if value is not None}
    return {"id": event_id, **shown, **_mark(content, connection_id)}


def changes(item: Mapping[str, Any], content: CopyContent, *, connection_id: str) -> dict[str, Any]:
    """Return the body of events.patch: our fields that differ, nothing when the copy is right."""
    wanted = _shown(content)
    changed = {
        name: wanted[name]
        for name in ("summary", "description", "location", "source")
        if (item.get(name) or None) != (wanted[name] or None)
    }
    for name in ("start", "end"):
        if _instant(item.get(name)) != to_utc(datetime.fromisoformat(wanted[name]["dateTime"])):
            # The user may have made it an all-day entry, and a time beside a date is refused.
            changed[name] = {**wanted[name], "date": None}
    if mark_of(item) != _mark_value(content, connection_id):
        changed.update(_mark(content, connection_id))
    return changed


def is_copy_of(item: Mapping[str, Any], content: CopyContent, *, connection_id: str) -> bool:
    """Whether the event carries the mark of this very copy."""
    return mark_of(item) == _mark_value(content, connection_id)


def is_cancelled(item: Mapping[str, Any]) -> bool:
    """Whether the user deleted the event; Google goes on telling of it."""
    return item.get("status") == "cancelled"


def mark_of(item: Mapping[str, Any]) -> str | None:
    """Return our mark on an event, or None."""
    extended = item.get("extendedProperties")
    private = extended.get("private") if isinstance(extended, Mapping) else None
    mark = private.get(MARK) if isinstance(private, Mapping) else None
    return mark if isinstance(mark, str) else None


def session_of(item: Mapping[str, Any], *, connection_id: str) -> str | None:
    """Return the session of which the event is this connection's own copy, else None.

    A duplicate the user made carries the mark too, but an id of its own, and takes their time.
    """
    session, _, marked = (mark_of(item) or "").rpartition(":")
    if not session or marked != connection_id:
        return None
    return session if item.get("id") in ids_of(copy_key(session, connection_id)) else None


def _shown(content: CopyContent) -> dict[str, Any]:
    return {
        "summary": _clean(content.title),
        # Google reads descriptions as HTML, and what people are called must not become tags.
        "description": html.escape(_clean(content.description), quote=False).replace("&amp;", "&"),
        "location": _clean(content.location) if content.location else None,
        "source": _source(content.url),
        "start": {"dateTime": _stamp(content.interval.start)},
        "end": {"dateTime": _stamp(content.interval.end)},
    }


def _source(url: str | None) -> dict[str, str] | None:
    address = _clean(url or "").replace("\n", "")
    # Google refuses the whole event for a link of another scheme there.
    if not _WEB_ADDRESS.match(address):
        return None
    return {"title": "Join the session", "url": address}


def _mark(content: CopyContent, connection_id: str) -> dict[str, Any]:
    return {"extendedProperties": {"private": {MARK: _mark_value(content, connection_id)}}}


def _mark_value(content: CopyContent, connection_id: str) -> str:
    return f"{content.session_id}:{connection_id}"


def _instant(moment: Any) -> datetime | None:
    """The instant of a start or end; None for whole days and whatever else is not ours."""
    try:
        return to_utc(datetime.fromisoformat(moment["dateTime"]))
    except (KeyError, TypeError, ValueError):
        return None


def _stamp(instant: datetime) -> str:
    return f"{instant.replace(microsecond=0):%Y-%m-%dT%H:%M:%SZ}"


def _clean(text: str) -> str:
    return _UNSAFE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _base32hex(digest: bytes) -> str:
    return base64.b32hexencode(digest).decode().rstrip("=").lower()
