"""Converts Microsoft Graph events to calendar entries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarMalformed
from shared.domain.interval import Interval
from shared.domain.localtime import intervals_of_dates
from shared.domain.zones import is_zone, zone
from shared.providers.microsoft import marks
from shared.providers.microsoft.payload import instant, is_copy, link_of, starts_as_written
from shared.providers.moments import ENDS_BEFORE_START, midnight, next_midnight, widest

SELECT = (
    "id,subject,start,end,isAllDay,isCancelled,showAs,sensitivity,responseStatus,"
    "location,onlineMeeting,onlineMeetingUrl,type,seriesMasterId,transactionId"
)

_FREE = frozenset({"free", "workingElsewhere"})
_DAY = timedelta(days=1)
_PARSE_ERRORS = (LookupError, TypeError, ValueError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphEntryReader:
    """Reads entries for one connection; `zone` is the mailbox's IANA time zone, if known."""

    connection_id: str
    zone: str | None

    def entries(self, events: Iterable[Mapping[str, Any]], within: Interval) -> list[CalendarEntry]:
        """Return the entries that overlap `within` and those with a problem, in order.

        Raises:
            CalendarMalformed: an event cannot be read; it has the other entries.
        """
        events = list(events)
        anchored = {_key(each) for each in events if starts_as_written(each)} - {None}
        found: list[CalendarEntry] = []
        failure: CalendarMalformed | None = None
        for each in events:
            try:
                entry = self.entry(each, anchored=_key(each) in anchored)
            except CalendarMalformed as error:
                failure = failure or error
                continue
            if entry and (entry.problem or entry.interval.falls_within(within)):
                found.append(entry)
        found.sort(key=lambda each: (each.interval.start, each.external_id))
        if failure is not None:
            failure.entries = tuple(found)
            raise failure
        return found

    def entry(self, event: Mapping[str, Any], *, anchored: bool = False) -> CalendarEntry | None:
        """Return the entry, or None for a cancelled event.

        `anchored` says that an event with the same key starts when this service wrote it to start.

        Raises:
            CalendarMalformed: the event cannot be read.
        """
        if event.get("isCancelled") is True:
            return None
        try:
            return self._entry(event, anchored=anchored)
        except (*_PARSE_ERRORS, CalendarMalformed) as error:
            raise _unreadable(event) from error

    def _entry(self, event: Mapping[str, Any], *, anchored: bool) -> CalendarEntry:
        all_day = event["isAllDay"]
        if not isinstance(all_day, bool):  # its midnights would be read in the wrong time zone
            raise TypeError("isAllDay is neither true nor false")
        dates = _dates_of(event) if all_day else None
        interval, problem = (self._interval(*dates), None) if dates else _time(event)
        mark = marks.session_of(event) if is_copy(event, anchored=anchored) else None
        session, connection = mark or (None, None)
        is_own = connection == self.connection_id
        return CalendarEntry(
            external_id=_external_id(event["id"]),
            title=event.get("subject") or "",
            interval=interval,
            all_day=all_day,
            busy=is_busy(event),
            status="tentative" if event.get("showAs") == "tentative" else "confirmed",
            location=(event.get("location") or {}).get("displayName") or None,
            url=_link(event),
            copy_of=session if is_own else None,
            copy_for_other=None if is_own else session,
            problem=problem,
            private=_is_private(event),
            dates=dates,
            in_any_zone=dates is not None and not self._knows_zone,
        )

    @property
    def _knows_zone(self) -> bool:
        return self.zone is not None and is_zone(self.zone)

    def _interval(self, first: date, last: date) -> Interval:
        wide = widest(midnight(first), next_midnight(last))
        if self.zone is None or not self._knows_zone:
            return wide
        # Separately, because an entry may last until the year 9999.
        begins = intervals_of_dates(zone(self.zone), first, first)
        ends = intervals_of_dates(zone(self.zone), last, last)
        return Interval(
            begins[0].start if begins else wide.start, ends[-1].end if ends else wide.end
        )


def _dates_of(event: Mapping[str, Any]) -> tuple[date, date] | None:
    """Return the first and last date of an all-day event, or None if it has times of a day.

    Midnights of an all-day event are dates in the mailbox's zone, whatever zone Graph names. Other
    times have been converted and are instants. A date that ends on or before its start is one date.
    """
    start, end = _bounds(event)
    if not _is_midnight(start) or not (_is_midnight(end) or end <= start):
        return None
    return start.date(), (end - _DAY).date() if end > start else start.date()


def _time(event: Mapping[str, Any]) -> tuple[Interval, str | None]:
    """Return the time that the event takes, and what is wrong with one that is widened."""
    start, end = _bounds(event)
    if end < start:
        return Interval(end, start), ENDS_BEFORE_START
    return Interval(start, end), None


def _bounds(event: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """Return start and end; an event without an end takes its start."""
    start = instant(event["start"])
    return start, instant(event["end"]) if event.get("end") else start


def is_busy(event: Mapping[str, Any]) -> bool:
    """Return whether the event takes time: not if free or declined. Unknown values are busy."""
    declined = (event.get("responseStatus") or {}).get("response") == "declined"
    return not declined and event.get("showAs") not in _FREE


def _is_midnight(at: datetime) -> bool:
    return at.time() == time()


def _link(event: Mapping[str, Any]) -> str | None:
    meeting = event.get("onlineMeeting") or {}
    return meeting.get("joinUrl") or event.get("onlineMeetingUrl") or link_of(event)


def _external_id(event_id: Any) -> str:
    if not isinstance(event_id, str) or not event_id:
        raise ValueError("an event without an id")
    return event_id


def _is_private(event: Mapping[str, Any]) -> bool:
    return event.get("sensitivity") in ("private", "personal", "confidential")


def _key(event: Mapping[str, Any]) -> str | None:
    return marks.read(event).get(marks.KEY)


def _unreadable(event: Mapping[str, Any]) -> CalendarMalformed:
    start, title = event.get("start"), event.get("subject")
    moment = start.get("dateTime") if isinstance(start, Mapping) else None
    return CalendarMalformed(
        "The calendar contains an event that cannot be read.",
        title=title if isinstance(title, str) and not _is_private(event) else "",
        day=moment[:10] if isinstance(moment, str) else None,
    )
