"""Converts a copy to a Graph event, and finds the fields an update must change.

Copies have no attendees, so Exchange sends no mail, and no online meeting of their own.
"""

import hashlib
import html
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.domain.copy import CopyContent, copy_key, place_digest
from shared.domain.errors import CalendarMalformed
from shared.domain.interval import to_utc
from shared.domain.text import cleaned, in_one_line, joined_line
from shared.providers.microsoft import marks
from shared.providers.moments import utc
from shared.providers.own_text import delimited, has_part, merged_html, merged_text

SELECT = (
    "id,subject,body,start,end,isAllDay,isCancelled,isOnlineMeeting,location,attendees,type,"
    "seriesMasterId,transactionId"
)
ATTEMPTS = 4
"""How many transaction ids a copy may use; a deleted event keeps its own for a while."""

# Names of UTC that Graph or Outlook write.
_UTC = frozenset({"utc", "etc/utc", "etc/gmt", "gmt", "z", "tzone://microsoft/utc"})
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
                marks.WRITTEN: _written(content),
            }
        ),
    }


def is_copy(event: Mapping[str, Any], *, anchored: bool = False) -> bool:
    """Return whether a marked event is the copy itself, not a duplicate that the user has made.

    A duplicate has no transaction id of this service, or starts at another time than the copy that
    is `anchored`: it starts when this service wrote it to start. If the user has made a series of
    the copy, only the occurrence at that time is the copy.
    """
    found = marks.session_of(event)
    if found is None:
        return False
    if starts_as_written(event):
        return True
    if event.get("seriesMasterId") or anchored:
        return False
    key = copy_key(*found)
    own = {transaction_id(key, attempt) for attempt in range(ATTEMPTS)}
    has_no_times = event.get("transactionId") is None and marks.written_start(event) is None
    return event.get("transactionId") in own or has_no_times


def starts_as_written(event: Mapping[str, Any]) -> bool:
    """Return whether the event starts at the time that this service wrote."""
    written = marks.written_start(event)
    if written is None:
        return False
    try:
        return written == f"{instant(event['start']):%Y-%m-%dT%H:%M:%SZ}"
    except (LookupError, TypeError, ValueError, CalendarMalformed):
        return False


def changes(event: Mapping[str, Any], content: CopyContent) -> dict[str, Any]:
    """Return the fields in which the event differs from the content, as the body of a PATCH.

    The text and the place that the user added stay. In the text of an event that has become an
    online meeting, only our own part is replaced: the rest has the join link.
    """
    wanted = _fields(content)
    changed: dict[str, Any] = {}
    if event.get("subject") != wanted["subject"]:
        changed["subject"] = wanted["subject"]
    if event.get("isAllDay") or not _same_time(event, wanted):
        changed |= {name: wanted[name] for name in ("start", "end", "isAllDay")}
    changed |= _changed_place(event, wanted) | _changed_text(event, content)
    wanted_marks = {marks.TEXT: _text_mark(content), marks.WRITTEN: _written(content)}
    if "body" not in changed:
        del wanted_marks[marks.TEXT]
    current = marks.read(event)
    stale = {name: value for name, value in wanted_marks.items() if current.get(name) != value}
    if stale:
        changed["singleValueExtendedProperties"] = marks.to_properties(stale)
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
    name = moment["timeZone"]
    if not isinstance(name, str) or name.lower() not in _UTC:
        raise CalendarMalformed("Graph returned a time in another zone than UTC.")
    parsed = datetime.fromisoformat(moment["dateTime"])
    return utc(parsed.replace(tzinfo=parsed.tzinfo or UTC))


def transaction_id(key: str, attempt: int) -> str:
    """Return the id with which Graph recognises a repeated create: the same for every retry."""
    return str(uuid.uuid5(_TRANSACTIONS, f"{key}/{attempt}"))


def _fields(content: CopyContent) -> dict[str, Any]:
    return {
        "subject": cleaned(content.title),
        "start": _moment(content.interval.start),
        "end": _moment(content.interval.end),
        "isAllDay": False,
        "location": {"displayName": _place(content)},
    }


def _place(content: CopyContent) -> str:
    """Return one line: were Graph to change line breaks, each run would write the place again."""
    return in_one_line(cleaned(content.location or ""), between=", ")


def _moment(at: datetime) -> dict[str, str]:
    return {"dateTime": f"{to_utc(at):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}


def _body(content: CopyContent) -> dict[str, str]:
    return {"contentType": "text", "content": _text(content)}


def _text(content: CopyContent) -> str:
    text, link = cleaned(content.description), _link(content)
    return delimited(text if link in text else f"{text}\n{link}".strip())


def _changed_text(event: Mapping[str, Any], content: CopyContent) -> dict[str, Any]:
    # Graph returns text as HTML, so the text we wrote is compared by its digest.
    if marks.read(event).get(marks.TEXT) == _text_mark(content):
        return {}
    body = event.get("body")
    current = str(body.get("content") or "") if isinstance(body, Mapping) else ""
    session = content.session_id
    if _is_meeting(event) and not has_part(current, session_id=session):
        return {}
    if isinstance(body, Mapping) and str(body.get("contentType", "")).lower() == "html":
        ours = html.escape(_text(content), quote=False)
        merged = merged_html(current, ours, session_id=session, line_break="<br>")
        return {"body": {"contentType": "html", "content": merged}}
    text = merged_text(current, _text(content), session_id=session)
    return {"body": {"contentType": "text", "content": text}}


def _changed_place(event: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    current, place = _location(event), _location(wanted)
    if current == place:
        return {}
    # A place that this service did not write is the user's.
    is_ours = marks.written_place(event) == place_digest(current)
    return {"location": wanted["location"]} if place or is_ours else {}


def _written(content: CopyContent) -> str:
    start = f"{to_utc(content.interval.start):%Y-%m-%dT%H:%M:%SZ}"
    place = _place(content)
    return f"{start} {place_digest(place)}" if place else start


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
