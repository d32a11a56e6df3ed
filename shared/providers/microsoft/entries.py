"""From Graph events to entries: what they say of whose time is taken when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarGarbled
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
"""A date begins 14 hours before UTC's in the earliest zone and ends 12 hours after in the last."""

_FREE = frozenset({"free", "workingElsewhere"})
_DAY = timedelta(days=1)
_UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whose calendar is read; `zone` is the mailbox's, by its IANA name, where known."""

    connection_id: str
    zone: str | None

    def entry(self, event: Mapping[str, Any]) -> CalendarEntry | None:
        """Return the entry, or None for a cancelled one.

        Raises:
            CalendarGarbled: when the event cannot be read.
        """
        if event.get("isCancelled") is True:
            return None
        try:
            return self._entry(event)
        except _UNREADABLE as error:
            raise CalendarGarbled("The calendar holds an event that cannot be read.") from error

    def _entry(self, event: Mapping[str, Any]) -> CalendarEntry:
        all_day = event.get("isAllDay") is True
        return CalendarEntry(
            external_id=_told(event["id"]),
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
        told = Interval(instant(event["start"]), instant(event["end"]))
        # Midnights are dates of the mailbox, whatever zone they are told in; anything else has
        # been converted, and means what it says.
        if not all_day or told.start == told.end or not _is_dates(told):
            return told
        return self._of_dates(told.start.date(), (told.end - _DAY).date()) or told.widened(
            EARLIEST_ZONE, LATEST_ZONE
        )

    def _of_dates(self, first: date, last: date) -> Interval | None:
        if self.zone is None or not is_zone(self.zone):
            return None
        shown = intervals_of_dates(zone(self.zone), first, last)
        return Interval(shown[0].start, shown[-1].end) if shown else None


def is_busy(event: Mapping[str, Any]) -> bool:
    """Whether the event takes time: not when marked free or declined; unknown marks do."""
    declined = (event.get("responseStatus") or {}).get("response") == "declined"
    return not declined and event.get("showAs") not in _FREE


def _is_dates(told: Interval) -> bool:
    return _is_midnight(told.start) and _is_midnight(told.end)


def _is_midnight(at: datetime) -> bool:
    return at.time() == time()


def _link(event: Mapping[str, Any]) -> str | None:
    meeting = event.get("onlineMeeting") or {}
    return meeting.get("joinUrl") or event.get("onlineMeetingUrl") or link_of(event)


def _told(external_id: Any) -> str:
    if not isinstance(external_id, str) or not external_id:
        raise ValueError("an event without an id")
    return external_id
