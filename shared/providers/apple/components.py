"""Reads a VEVENT: when it takes time, and what the calendar shows about it."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from shared.domain.copy import CalendarEntry, copy_key
from shared.domain.interval import Interval
from shared.providers.apple.budget import Budget
from shared.providers.apple.event_lines import EventLines, Property
from shared.providers.apple.object_zones import Zones
from shared.providers.apple.payload import SESSION_PROPERTY
from shared.providers.apple.times import (
    DAY,
    Duration,
    Length,
    Moment,
    Place,
    duration_of,
    extent_between,
    interval_of,
    moment_of,
)
from shared.providers.moments import UNKNOWN_ZONE

_KEY = re.compile(r"[a-v0-9]{52}")
_TRAVEL = "X-APPLE-TRAVEL-DURATION"
_LONGEST = timedelta(days=31)
"""An event that cannot be read, and that starts earlier than this before a look-up, is over."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What an entry shows, the same for every occurrence."""

    title: str
    busy: bool
    status: str | None
    location: str | None
    url: str | None
    copy_of: str | None
    copy_for_other: str | None
    key: str | None
    private: bool


@dataclass(slots=True, kw_only=True)
class Component:
    """One VEVENT with its start and length: an entry, a series, or an exception of a series.

    `travel` is the time that the calendar blocks before every occurrence.
    """

    event: EventLines
    zones: Zones
    start: Moment
    extent: Duration
    is_cancelled: bool
    is_transparent: bool
    travel: timedelta
    recurrence_id: Moment | None
    is_for_future: bool
    shown: _Shown | None = field(default=None, repr=False)

    @property
    def named(self) -> Moment:
        """The occurrence that an exception replaces; of other components, their start."""
        return self.recurrence_id or self.start

    @property
    def itself(self) -> "SeriesOccurrence":
        """The occurrence that the component describes."""
        return SeriesOccurrence(self, self.start, self.extent, self.named)


class SeriesOccurrence(NamedTuple):
    """One occurrence and the component that describes it.

    `named` is the time that the series would have it at, which differs within the series.
    """

    component: Component
    start: Moment
    extent: Duration
    named: Moment

    def interval(self, place: Place) -> Interval:
        """Return the time that it takes, with the travel time before it."""
        interval = interval_of(self.start, self.extent, place)
        travel = self.component.travel
        return interval.widened(travel, timedelta()) if travel else interval

    @property
    def dates(self) -> tuple[date, date]:
        """Its first and last date, if it lasts whole dates."""
        last = self.start.wall + self.extent.days - DAY
        return self.start.wall.date(), last.date()

    @property
    def identity(self) -> str:
        """A text that differs within the series, and is the same on every reading."""
        form = "%Y%m%d" if self.named.is_date else "%Y%m%dT%H%M%S"
        return f"{self.named.wall:{form}}"


@dataclass(frozen=True, slots=True)
class EntryMaker:
    """Makes the entries of one connection; `place` has the zone of its calendar."""

    connection_id: str
    addresses: frozenset[str]
    place: Place
    budget: Budget

    def component(self, event: EventLines, zones: Zones) -> Component:
        """Return the event with its times.

        Raises:
            ValueError: a line that decides its time or status cannot be read.
            OverflowError: a time is out of range.
        """
        start = _moment(event, "DTSTART", zones)
        if start is None:
            raise ValueError("an event without a start")
        named = event.one("RECURRENCE-ID")
        travel = event.one(_TRAVEL) if _TRAVEL in event else None
        return Component(
            event=event,
            zones=zones,
            start=start,
            extent=extent_between(start, _length(event, zones), self.place),
            is_cancelled=event.is_always("STATUS", "CANCELLED"),
            is_transparent=event.is_always("TRANSP", "TRANSPARENT"),
            travel=_exact(travel.value) if travel and not start.is_date else timedelta(),
            recurrence_id=moment_of(named, zones) if named else None,
            is_for_future=named is not None and _is_for_future(named),
        )

    def entry(self, found: SeriesOccurrence, interval: Interval, external_id: str) -> CalendarEntry:
        """Return the entry of an occurrence, which takes that interval."""
        component, start = found.component, found.start
        if component.shown is None:
            component.shown = self._shown(component)
        shown = component.shown
        is_known = start.is_date or self.place.knows(start) or start.zone is None
        return CalendarEntry(
            external_id=external_id,
            title=shown.title,
            interval=interval,
            all_day=start.is_date,
            busy=shown.busy,
            status=shown.status,
            location=shown.location,
            url=shown.url,
            copy_of=shown.copy_of,
            copy_for_other=shown.copy_for_other,
            key=shown.key,
            private=shown.private,
            problem=None if is_known else UNKNOWN_ZONE,
            dates=found.dates if start.is_date else None,
            in_any_zone=start.is_date and not self.place.knows(start),
        )

    def _shown(self, component: Component) -> _Shown:
        event = component.event
        uid, session = event.text("UID"), event.text(SESSION_PROPERTY)
        is_own = session is not None and uid == copy_key(session, self.connection_id)
        return _Shown(
            title=event.text("SUMMARY") or "",
            busy=not (component.is_transparent or self._is_declined(event)),
            status=(event.text("STATUS") or "").lower() or None,
            location=event.text("LOCATION"),
            url=event.text("URL"),
            copy_of=session if is_own else None,
            copy_for_other=None if is_own or not _is_key(uid) else session,
            key=uid,
            private=(event.text("CLASS") or "PUBLIC").upper() != "PUBLIC",
        )

    def _is_declined(self, event: EventLines) -> bool:
        return any(self._declined(each) for each in event.readable("ATTENDEE"))

    def _declined(self, attendee: Property) -> bool:
        self.budget.spend(2)
        declined = attendee.parameters.get("PARTSTAT", "").upper() == "DECLINED"
        # iCloud gives a principal's path instead of the address, and the address in EMAIL.
        names = {attendee.value.lower().removeprefix("mailto:")}
        names.add(attendee.parameters.get("EMAIL", "").lower())
        return declined and not names.isdisjoint(self.addresses)


def _is_key(uid: str | None) -> bool:
    """Return whether a UID has the form of our keys; a pasted duplicate has another one."""
    return uid is not None and _KEY.fullmatch(uid) is not None


def can_be_in(within: Interval, event: EventLines, zones: Zones, place: Place) -> bool:
    """Return whether an event that cannot be read can take time within the interval.

    It cannot if it starts after it, or if it has no recurrences and starts over a month before it.
    """
    try:
        start = _moment(event, "DTSTART", zones)
        if start is None:
            return True
        is_over = place.latest(start) + _LONGEST < within.start and not event.repeats
        return not is_over and place.earliest(start) < within.end
    except (ValueError, OverflowError):
        return True


def _moment(event: EventLines, name: str, zones: Zones) -> Moment | None:
    found = event.one(name)
    return None if found is None else moment_of(found, zones)


def _length(event: EventLines, zones: Zones) -> Length | None:
    end = _moment(event, "DTEND", zones)
    if end is not None or "DURATION" not in event:
        return end
    length = event.one("DURATION")
    return None if length is None else duration_of(length.value)


def _exact(text: str) -> timedelta:
    length = duration_of(text)
    return max(length.days + length.exact, timedelta())


def _is_for_future(named: Property) -> bool:
    return named.parameters.get("RANGE", "").upper() == "THISANDFUTURE"
