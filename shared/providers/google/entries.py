"""From pages of events.list to entries: what they say of whose time is taken when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from shared.domain.connection import Connection
from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarGarbled
from shared.domain.interval import Interval, to_utc
from shared.domain.zones import zone
from shared.providers.google.payload import is_cancelled, session_of

PAGE_FIELDS = (
    "kind,timeZone,nextPageToken,"
    "items(id,status,summary,location,start,end,transparency,eventType,"
    "attendees(self,responseStatus),extendedProperties/private,hangoutLink,source/url)"
)

_FREE_TYPES = frozenset({"workingLocation", "birthday"})
_UNREADABLE = (AttributeError, KeyError, OverflowError, TypeError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of events.list; `zone` is the calendar's own."""

    items: list[Any]
    zone: str | None
    next_token: str | None


def page_of(answer: Mapping[str, Any]) -> Page:
    """Read a page; an empty one may have a next.

    Raises:
        CalendarGarbled: when it is none. What cannot be read never reads as empty.
    """
    items, following = answer.get("items", []), answer.get("nextPageToken")
    if answer.get("kind") != "calendar#events" or not isinstance(items, list):
        raise CalendarGarbled("Google's answer is no list of events.")
    if following is not None and not isinstance(following, str):
        raise CalendarGarbled("Google's list of events has no readable next page.")
    told = answer.get("timeZone")
    return Page(items=items, zone=told if isinstance(told, str) else None, next_token=following)


def entries_of(page: Page, connection: Connection, *, within: Interval) -> Iterator[CalendarEntry]:
    """Yield the entries of a page that overlap `within`.

    Zero-length ones count as overlapping at their instant; cancelled ones are left out.

    Raises:
        CalendarGarbled: when one of them cannot be read.
    """
    for item in page.items:
        try:
            entry = _entry(item, connection, page.zone or connection.zone)
        except _UNREADABLE as error:
            raise CalendarGarbled("The calendar holds an event that cannot be read.") from error
        if entry is not None and entry.interval.falls_within(within):
            yield entry


def _entry(
    item: Mapping[str, Any], connection: Connection, calendar_zone: str | None
) -> CalendarEntry | None:
    if is_cancelled(item):
        return None
    start, end = item["start"], item["end"]
    if ("dateTime" in start) != ("dateTime" in end):
        raise ValueError("one end is a date and the other a time")
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
        return _located(datetime.combine(date.fromisoformat(moment["date"]), time()), calendar_zone)
    told = datetime.fromisoformat(moment["dateTime"])
    if told.tzinfo is not None:
        return to_utc(told)
    return _located(told, moment.get("timeZone") or calendar_zone)


def _located(wall: datetime, name: str | None) -> datetime:
    if name is None:
        raise ValueError("a local time in a calendar of no known zone")
    return to_utc(wall.replace(tzinfo=zone(name)))


def _text(item: Mapping[str, Any], name: str) -> str | None:
    value = item.get(name)
    return str(value) if value else None
