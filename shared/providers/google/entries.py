"""Converts pages of Google's events.list to calendar entries."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from shared.domain.connection import Connection
from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarMalformed
from shared.domain.interval import Interval, to_utc
from shared.domain.zones import zone
from shared.providers.google.payload import is_cancelled, session_of

PAGE_FIELDS = (
    "kind,timeZone,nextPageToken,"
    "items(id,status,summary,location,start,end,transparency,eventType,"
    "attendees(self,responseStatus),extendedProperties/private,hangoutLink,source/url)"
)

_FREE_TYPES = frozenset({"workingLocation", "birthday"})
_PARSE_ERRORS = (AttributeError, KeyError, OverflowError, TypeError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsPage:
    """One page of events.list; `zone` is the calendar's time zone."""

    items: list[Any]
    zone: str | None
    next_token: str | None


def parse_page(payload: Mapping[str, Any]) -> EventsPage:
    """Parse a page; an empty page may have a next page.

    Raises:
        CalendarMalformed: the payload is not a page. It never counts as an empty one.
    """
    items, next_token = payload.get("items", []), payload.get("nextPageToken")
    if payload.get("kind") != "calendar#events" or not isinstance(items, list):
        raise CalendarMalformed("Google's response is not a list of events.")
    if next_token is not None and not isinstance(next_token, str):
        raise CalendarMalformed("Google's list of events has an unreadable next page token.")
    name = payload.get("timeZone")
    return EventsPage(
        items=items, zone=name if isinstance(name, str) else None, next_token=next_token
    )


def page_entries(
    page: EventsPage, connection: Connection, *, within: Interval
) -> Iterator[CalendarEntry]:
    """Yield the entries of a page that overlap `within`.

    A zero-length entry counts if its instant is inside. Cancelled events are left out.

    Raises:
        CalendarMalformed: an event cannot be read.
    """
    for item in page.items:
        try:
            entry = _entry(item, connection, page.zone or connection.zone)
        except _PARSE_ERRORS as error:
            raise CalendarMalformed(
                "The calendar contains an event that cannot be read."
            ) from error
        if entry is not None and entry.interval.falls_within(within):
            yield entry


def _entry(
    item: Mapping[str, Any], connection: Connection, calendar_zone: str | None
) -> CalendarEntry | None:
    if is_cancelled(item):
        return None
    start, end = item["start"], item["end"]
    if ("dateTime" in start) != ("dateTime" in end):
        raise ValueError("one of start and end is a date and the other a time")
    return CalendarEntry(
        external_id=str(item["id"]),
        title=_text(item, "summary") or "",
        interval=Interval(_instant(start, calendar_zone), _instant(end, calendar_zone)),
        all_day="dateTime" not in start,
        busy=not _is_free(item),
        status=_text(item, "status"),
        location=_text(item, "location"),
        url=_text(item, "hangoutLink") or _text(item.get("source") or {}, "url"),
        copy_of=session_of(item, connection_id=connection.id),
    )


def _is_free(item: Mapping[str, Any]) -> bool:
    return (
        item.get("transparency") == "transparent"
        or item.get("eventType") in _FREE_TYPES
        or any(
            each.get("self") is True and each.get("responseStatus") == "declined"
            for each in item.get("attendees") or ()
        )
    )


def _instant(moment: Mapping[str, Any], calendar_zone: str | None) -> datetime:
    if "dateTime" not in moment:
        return _in_zone(datetime.combine(date.fromisoformat(moment["date"]), time()), calendar_zone)
    parsed = datetime.fromisoformat(moment["dateTime"])
    if parsed.tzinfo is not None:
        return to_utc(parsed)
    return _in_zone(parsed, moment.get("timeZone") or calendar_zone)


def _in_zone(wall: datetime, name: str | None) -> datetime:
    if name is None:
        raise ValueError("a local time in a calendar without a known time zone")
    return to_utc(wall.replace(tzinfo=zone(name)))


def _text(item: Mapping[str, Any], name: str) -> str | None:
    value = item.get(name)
    return str(value) if value else None
