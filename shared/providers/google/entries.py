"""Converts pages of Google's events.list to calendar entries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from shared.domain.connection import Connection
from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarMalformed
from shared.domain.interval import Interval
from shared.providers.google.payload import is_cancelled, mark_of
from shared.providers.moments import (
    ENDS_BEFORE_START,
    UNKNOWN_ZONE,
    known_zone,
    midnight,
    next_midnight,
    placed,
    utc,
)

PAGE_FIELDS = (
    "kind,timeZone,nextPageToken,"
    "items(id,status,summary,location,start,end,transparency,visibility,eventType,recurringEventId,"
    "originalStartTime,attendees(self,responseStatus),extendedProperties/private,hangoutLink,"
    "source/url)"
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


def read_entries(
    pages: Iterable[EventsPage], connection: Connection, *, within: Interval
) -> tuple[CalendarEntry, ...]:
    """Return the entries that overlap `within`, and those with a problem, in order.

    A zero-length entry counts if its instant is inside. Cancelled events are left out.

    Raises:
        CalendarMalformed: an event cannot be read; it has the other entries.
    """
    found: list[CalendarEntry] = []
    failure: CalendarMalformed | None = None
    for page in pages:
        address = known_zone(page.zone) or known_zone(connection.zone)
        for item in page.items:
            try:
                entry = _entry(item, connection, address)
            except _PARSE_ERRORS as error:
                failure = failure or _unreadable(item, error)
                continue
            if entry is not None and (entry.problem or entry.interval.falls_within(within)):
                found.append(entry)
    entries = tuple(sorted(found, key=lambda each: (each.interval.start, each.external_id)))
    if failure is not None:
        failure.entries = entries
        raise failure
    return entries


def _entry(
    item: Mapping[str, Any], connection: Connection, address: tzinfo | None
) -> CalendarEntry | None:
    if is_cancelled(item):
        return None
    interval, problem = _time(item, address)
    mark = mark_of(item)
    session = mark.session if mark and mark.is_on(item) else None
    is_own = mark is not None and mark.connection == connection.id
    return CalendarEntry(
        external_id=str(item["id"]),
        title=_text(item, "summary") or "",
        interval=interval,
        all_day="dateTime" not in item["start"],
        busy=not _is_free(item),
        status=_text(item, "status"),
        location=_text(item, "location"),
        url=_text(item, "hangoutLink") or _text(item.get("source") or {}, "url"),
        copy_of=session if is_own else None,
        copy_for_other=None if is_own else session,
        problem=problem,
        private=_is_private(item),
        dates=_dates(item),
        in_any_zone="dateTime" not in item["start"] and address is None,
    )


def _dates(item: Mapping[str, Any]) -> tuple[date, date] | None:
    """Return the first and last date of an all-day event; the end that Google sends is the next."""
    if "dateTime" in item["start"]:
        return None
    first = date.fromisoformat(item["start"]["date"])
    end = _end(item).get("date")
    last = date.fromisoformat(end) - timedelta(days=1) if end else first
    return first, max(first, last)


def _end(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the end of an event, empty if it has none.

    Raises:
        TypeError: when it is something else.
    """
    end = item.get("end")
    if end is None:
        return {}
    if not isinstance(end, dict):
        raise TypeError("the end is not an object")
    return end


def _time(item: Mapping[str, Any], address: tzinfo | None) -> tuple[Interval, str | None]:
    """Return the time that the event takes, and what is wrong with an event whose time is widened.

    An event without an end takes its start (RFC 5545, 3.6.1): a date, or no time. A date that ends
    on or before its start is that one date.
    """
    start, end = item["start"], _end(item)
    first, last = _instants(start, address), _instants(end, address) if end else None
    ends_early = not end or ("date" in end and end["date"] <= start.get("date", ""))
    if "dateTime" not in start and ends_early:
        last = placed(next_midnight(date.fromisoformat(start["date"])), address)
    last = last or first
    exact = first.start == first.end and last.start == last.end
    if last.end < first.start:
        return Interval(last.start, first.end), ENDS_BEFORE_START
    is_date = "dateTime" not in start
    return Interval(first.start, last.end), None if exact or is_date else UNKNOWN_ZONE


def _instants(moment: Mapping[str, Any], address: tzinfo | None) -> Interval:
    """Return the instants that a start or end can mean."""
    if "dateTime" not in moment:
        return placed(midnight(date.fromisoformat(moment["date"])), address)
    parsed = datetime.fromisoformat(moment["dateTime"])
    if parsed.tzinfo is not None:
        return Interval(utc(parsed), utc(parsed))
    own = moment.get("timeZone")
    return placed(parsed, known_zone(own) if own else address)


def _is_free(item: Mapping[str, Any]) -> bool:
    return (
        item.get("transparency") == "transparent"
        or item.get("eventType") in _FREE_TYPES
        or any(
            each.get("self") is True and each.get("responseStatus") == "declined"
            for each in item.get("attendees") or ()
        )
    )


def _is_private(item: Mapping[str, Any]) -> bool:
    return item.get("visibility") in ("private", "confidential")


def _unreadable(item: Any, cause: Exception) -> CalendarMalformed:
    fields = item if isinstance(item, Mapping) else {}
    start = fields.get("start")
    moment = start if isinstance(start, Mapping) else {}
    failure = CalendarMalformed(
        "The calendar contains an event that cannot be read.",
        title="" if _is_private(fields) else _text(fields, "summary") or "",
        day=str(moment.get("date") or moment.get("dateTime") or "")[:10] or None,
    )
    failure.__cause__ = cause
    return failure


def _text(item: Mapping[str, Any], name: str) -> str | None:
    value = item.get(name)
    return str(value) if value else None
