"""Converts calendar objects to calendar entries."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar

from shared.domain.copy import CalendarEntry, copy_key
from shared.domain.errors import CalendarMalformed
from shared.domain.interval import Interval, to_utc
from shared.domain.zones import zone
from shared.providers.apple.budget import Budget
from shared.providers.apple.ics import PARSE_ERRORS, events_of, read_calendar
from shared.providers.apple.payload import SESSION_PROPERTY
from shared.providers.apple.recurrence import occurrences

# A local time in an unknown zone can be any instant between UTC+14 and UTC-12.
_EARLIEST_ZONE = timedelta(hours=14)
_LATEST_ZONE = timedelta(hours=12)
_NAMES = frozenset(
    {
        "ATTENDEE",
        "DTEND",
        "DTSTART",
        "DURATION",
        "EXDATE",
        "LOCATION",
        "RDATE",
        "RECURRENCE-ID",
        "RRULE",
        "SEQUENCE",
        "STATUS",
        "SUMMARY",
        "TRANSP",
        "UID",
        "URL",
        SESSION_PROPERTY,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaldavEntryReader:
    """Reads entries for one connection; `addresses` are the user's own, in lower case."""

    connection_id: str
    addresses: frozenset[str]
    zone: str | None

    def entries(
        self, text: str, href: str, *, within: Interval, budget: Budget
    ) -> Iterator[CalendarEntry]:
        """Yield the entries of one calendar object that overlap `within`.

        A zero-length entry counts if its instant is inside. Cancelled events are left out.

        Raises:
            CalendarMalformed: the object cannot be read.
            CalendarTooLarge: it exceeds a bound, or the budget is used up.
        """
        calendar = read_calendar(text, budget, names=_NAMES)
        repeated = _repeats(calendar)
        try:
            for each in events_of(calendar):
                _check_order(each)
            for each in occurrences(calendar, within, budget):
                # Every attendee is compared with the user's addresses.
                budget.spend(2 * len(_values(each, "ATTENDEE")))
                entry = self._entry(each, f"{href}#{_recurrence_id(each)}" if repeated else href)
                if entry.interval.falls_within(within) and entry.status != "cancelled":
                    yield entry
        except PARSE_ERRORS as error:
            raise CalendarMalformed(
                "The calendar contains an event that cannot be read."
            ) from error

    def _entry(self, event: Any, external_id: str) -> CalendarEntry:
        start, end = event["DTSTART"].dt, event["DTEND"].dt
        return CalendarEntry(
            external_id=external_id,
            title=_text(event, "SUMMARY") or "",
            interval=Interval(self._earliest(start), self._latest(end)),
            all_day=not isinstance(start, datetime),
            busy=not self._is_free(event),
            status=(_text(event, "STATUS") or "").lower() or None,
            location=_text(event, "LOCATION"),
            url=_text(event, "URL"),
            copy_of=self._session_of(event),
        )

    def _is_free(self, event: Any) -> bool:
        transparent = (_text(event, "TRANSP") or "").upper() == "TRANSPARENT"
        return transparent or any(self._declined(each) for each in _values(event, "ATTENDEE"))

    def _declined(self, attendee: Any) -> bool:
        declined = str(attendee.params.get("PARTSTAT", "")).upper() == "DECLINED"
        # iCloud gives a principal's path instead of the address, and the address in EMAIL.
        names = {str(attendee).lower().removeprefix("mailto:")}
        names.add(str(attendee.params.get("EMAIL", "")).lower())
        return declined and not names.isdisjoint(self.addresses)

    def _session_of(self, event: Any) -> str | None:
        session = _text(event, SESSION_PROPERTY)
        is_own = session and _text(event, "UID") == copy_key(session, self.connection_id)
        return session if is_own else None

    def _earliest(self, moment: date) -> datetime:
        wall = _wall_clock(moment)
        if wall.tzinfo is not None:
            return to_utc(wall)
        if self.zone is not None:
            return _from_wall_clock(wall, zone(self.zone))
        return to_utc(wall.replace(tzinfo=UTC)) - _EARLIEST_ZONE

    def _latest(self, moment: date) -> datetime:
        wall = _wall_clock(moment)
        if wall.tzinfo is not None or self.zone is not None:
            return self._earliest(moment)
        return to_utc(wall.replace(tzinfo=UTC)) + _LATEST_ZONE


def _wall_clock(moment: date) -> datetime:
    # An ambiguous or nonexistent local time means the first of the two: RFC 5545, 3.3.5.
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time())


def _from_wall_clock(wall: datetime, address: ZoneInfo) -> datetime:
    return to_utc(wall.replace(tzinfo=address))


def _repeats(calendar: Calendar) -> bool:
    return any(
        name in event
        for event in events_of(calendar)
        for name in ("RRULE", "RDATE", "RECURRENCE-ID")
    )


def _recurrence_id(event: Any) -> str:
    """Return a text that identifies the occurrence in its series, the same on every reading."""
    return str(event["RECURRENCE-ID"].to_ical().decode())


def _check_order(event: Any) -> None:
    start, end, length = event["DTSTART"].dt, event.get("DTEND"), event.get("DURATION")
    inverted = length is not None and end is None and length.dt < timedelta()
    if end is not None:
        same_kind = isinstance(start, datetime) == isinstance(end.dt, datetime)
        inverted = not same_kind or _precedes(end.dt, start)
    if inverted:
        raise CalendarMalformed("The calendar contains an event that ends before it starts.")


def _precedes(end: date, start: date) -> bool:
    first, last = _wall_clock(start), _wall_clock(end)
    if first.tzinfo is None or last.tzinfo is None:
        return last.replace(tzinfo=None) < first.replace(tzinfo=None)
    return to_utc(last) < to_utc(first)


def _text(event: Any, name: str) -> str | None:
    values = _values(event, name)
    return str(values[0]) if values and str(values[0]) else None


def _values(event: Any, name: str) -> list[Any]:
    value = event.get(name)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
