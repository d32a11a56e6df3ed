"""Converts Microsoft Graph events to calendar entries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarMalformed
from shared.domain.interval import Interval
from shared.domain.localtime import intervals_of_dates
from shared.domain.zones import is_zone, zone
from shared.providers.microsoft import marks
from shared.providers.microsoft.payload import instant, link_of

SELECT = (
    "id,subject,start,end,isAllDay,isCancelled,showAs,responseStatus,"
    "location,onlineMeeting,onlineMeetingUrl"
)

EARLIEST_ZONE = timedelta(hours=14)
LATEST_ZONE = timedelta(hours=12)
"""A date begins 14 hours earlier in the earliest zone than in UTC, and ends 12 hours later in the
latest zone."""

_FREE = frozenset({"free", "workingElsewhere"})
_DAY = timedelta(days=1)
_PARSE_ERRORS = (LookupError, TypeError, ValueError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphEntryReader:
    """Reads entries for one connection; `zone` is the mailbox's IANA time zone, if known."""

    connection_id: str
    zone: str | None

    def entry(self, event: Mapping[str, Any]) -> CalendarEntry | None:
        """Return the entry, or None for a cancelled event.

        Raises:
            CalendarMalformed: the event cannot be read.
        """
        if event.get("isCancelled") is True:
            return None
        try:
            return self._entry(event)
        except _PARSE_ERRORS as error:
            raise CalendarMalformed(
                "The calendar contains an event that cannot be read."
            ) from error

    def _entry(self, event: Mapping[str, Any]) -> CalendarEntry:
        all_day = event.get("isAllDay") is True
        return CalendarEntry(
            external_id=_external_id(event["id"]),
            title=event.get("subject") or "",
            interval=self._interval(event, all_day=all_day),
            all_day=all_day,
            busy=is_busy(event),
            status="tentative" if event.get("showAs") == "tentative" else "confirmed",
            location=(event.get("location") or {}).get("displayName") or None,
            url=_link(event),
            copy_of=marks.session_of(event, self.connection_id),
        )

    def _interval(self, event: Mapping[str, Any], *, all_day: bool) -> Interval:
        interval = Interval(instant(event["start"]), instant(event["end"]))
        # Midnights of an all-day event are dates in the mailbox's zone, whatever zone Graph names.
        # Other times have been converted and are instants.
        if not all_day or interval.start == interval.end or not _is_whole_days(interval):
            return interval
        first, last = interval.start.date(), (interval.end - _DAY).date()
        return self._interval_of_dates(first, last) or interval.widened(EARLIEST_ZONE, LATEST_ZONE)

    def _interval_of_dates(self, first: date, last: date) -> Interval | None:
        if self.zone is None or not is_zone(self.zone):
            return None
        days = intervals_of_dates(zone(self.zone), first, last)
        return Interval(days[0].start, days[-1].end) if days else None


def is_busy(event: Mapping[str, Any]) -> bool:
    """Return whether the event takes time: not if free or declined. Unknown values are busy."""
    declined = (event.get("responseStatus") or {}).get("response") == "declined"
    return not declined and event.get("showAs") not in _FREE


def _is_whole_days(interval: Interval) -> bool:
    return _is_midnight(interval.start) and _is_midnight(interval.end)


def _is_midnight(at: datetime) -> bool:
    return at.time() == time()


def _link(event: Mapping[str, Any]) -> str | None:
    meeting = event.get("onlineMeeting") or {}
    return meeting.get("joinUrl") or event.get("onlineMeetingUrl") or link_of(event)


def _external_id(event_id: Any) -> str:
    if not isinstance(event_id, str) or not event_id:
        raise ValueError("an event without an id")
    return event_id
