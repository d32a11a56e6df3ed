"""Converts a copy to an event resource of the Calendar API, recognises it and compares it.

Copies have no attendees, so Google sends no mail. They are marked by private extended properties
and by an id derived from the copy's key.
"""

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.domain.copy import CopyContent, copy_key, place_digest
from shared.domain.interval import to_utc
from shared.domain.text import cleaned, joined_line
from shared.providers.own_text import delimited, has_html, merged_html

MARK = "svc_evt"
"""The private property with value "<session>:<connection>". A search has only this one, because
Google's documents disagree on whether all constraints must match."""

WRITTEN = "svc_out"
"""The private property with value "<start> <digest of the place>", as this service wrote them."""

GENERATIONS = 5
"""How many event ids a copy may use; the id of a deleted event cannot be used again."""

EVENT_FIELDS = (
    "id,etag,status,summary,description,location,start,end,source,recurrence,"
    "extendedProperties/private"
)

_WEB_ADDRESS = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)


def event_ids(key: str) -> tuple[str, ...]:
    """Return the event ids of a copy in the order to try them; each matches [a-v0-9]{52}."""
    later = (f"{key}|{number}" for number in range(1, GENERATIONS))
    return key, *(_base32hex(hashlib.sha256(each.encode()).digest()) for each in later)


@dataclass(frozen=True, slots=True)
class CopyMark:
    """Our mark on an event: whose copy it is, and the start and place that were written."""

    session: str
    connection: str
    start: str | None
    place: str | None

    def is_on(self, item: Mapping[str, Any]) -> bool:
        """Return whether the event is the copy itself.

        A duplicate made by the user has the mark too, but another id. If the user has made a series
        of the copy, only the occurrence at the time that was written is the copy.
        """
        ids = event_ids(copy_key(self.session, self.connection))
        if item.get("recurringEventId") in ids:
            return self.start is not None and self.start in _starts(item)
        return item.get("id") in ids


def new_event(content: CopyContent, *, event_id: str, connection_id: str) -> dict[str, Any]:
    """Return the body of events.insert."""
    fields = {name: value for name, value in _event_fields(content).items() if value is not None}
    text = _html(delimited(cleaned(content.description)))
    return {"id": event_id, **fields, "description": text, **_mark(content, connection_id)}


def changes(item: Mapping[str, Any], content: CopyContent, *, connection_id: str) -> dict[str, Any]:
    """Return the body of events.patch: our fields that differ, empty if the copy is up to date.

    The text and the place that the user added stay.
    """
    wanted, mark = _event_fields(content), mark_of(item)
    changed = {
        name: wanted[name]
        for name in ("summary", "source")
        if (item.get(name) or None) != (wanted[name] or None)
    }
    for name in ("start", "end"):
        if _instant(item.get(name)) != to_utc(datetime.fromisoformat(wanted[name]["dateTime"])):
            # The user may have made it an all-day event; Google rejects a time next to a date.
            changed[name] = {**wanted[name], "date": None}
    changed |= _changed_text(item, content) | _changed_place(item, mark, wanted["location"])
    if mark != _wanted_mark(content, connection_id):
        changed.update(_mark(content, connection_id))
    return changed


def is_copy_of(item: Mapping[str, Any], content: CopyContent, *, connection_id: str) -> bool:
    """Return whether the event has the mark of this copy."""
    mark = mark_of(item)
    return mark is not None and (mark.session, mark.connection) == (
        content.session_id,
        connection_id,
    )


def is_cancelled(item: Mapping[str, Any]) -> bool:
    """Return whether the user deleted the event; Google keeps returning deleted events."""
    return item.get("status") == "cancelled"


def mark_of(item: Mapping[str, Any]) -> CopyMark | None:
    """Return our mark on an event, or None."""
    extended = item.get("extendedProperties")
    private = extended.get("private") if isinstance(extended, Mapping) else None
    if not isinstance(private, Mapping) or not isinstance(private.get(MARK), str):
        return None
    session, _, connection = private[MARK].rpartition(":")
    start, _, place = str(private.get(WRITTEN) or "").partition(" ")
    return CopyMark(session, connection, start or None, place or None)


def occurrence_id(item: Mapping[str, Any]) -> str | None:
    """Return the id of the copy's occurrence if the user has made a series of it, else None."""
    mark = mark_of(item)
    start = mark.start if mark else None
    if not item.get("recurrence") or start is None:
        return None
    return f"{item['id']}_{re.sub('[-:]', '', start)}"


def _event_fields(content: CopyContent) -> dict[str, Any]:
    return {
        "summary": cleaned(content.title),
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


def _changed_text(item: Mapping[str, Any], content: CopyContent) -> dict[str, str]:
    current, text = item.get("description") or "", cleaned(content.description)
    if has_html(current, text, session_id=content.session_id):
        return {}
    line_break = "<br>" if "<br" in current.lower() else "\n"
    ours, session = _html(delimited(text)), content.session_id
    return {"description": merged_html(current, ours, session_id=session, line_break=line_break)}


def _changed_place(
    item: Mapping[str, Any], mark: CopyMark | None, wanted: str | None
) -> dict[str, str | None]:
    current = item.get("location") or None
    if wanted is None:
        # A place that this service did not write is the user's.
        is_ours = current is not None and mark is not None and mark.place == place_digest(current)
        return {"location": None} if is_ours else {}
    return {"location": wanted} if current != wanted else {}


def _html(text: str) -> str:
    # Google renders descriptions as HTML, and names must not become tags.
    return html.escape(text, quote=False).replace("&amp;", "&")


def _wanted_mark(content: CopyContent, connection_id: str) -> CopyMark:
    place = place_digest(cleaned(content.location)) if content.location else None
    return CopyMark(content.session_id, connection_id, _timestamp(content.interval.start), place)


def _mark(content: CopyContent, connection_id: str) -> dict[str, Any]:
    mark = _wanted_mark(content, connection_id)
    written = f"{mark.start} {mark.place or ''}".strip()
    private = {MARK: f"{mark.session}:{mark.connection}", WRITTEN: written}
    return {"extendedProperties": {"private": private}}


def _starts(item: Mapping[str, Any]) -> set[str]:
    """Return when the occurrence starts, now and before the user moved it."""
    instants = (_instant(item.get(name)) for name in ("originalStartTime", "start"))
    return {_timestamp(each) for each in instants if each is not None}


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
