"""Dates, times, durations and periods of iCalendar (RFC 5545, 3.3), and the instants they mean."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import NamedTuple, TypeAlias

from shared.domain.interval import Interval
from shared.providers.apple.event_lines import EventLines, Property
from shared.providers.apple.object_zones import Zones
from shared.providers.moments import EARLIEST_ZONE, LATEST_ZONE

DAY = timedelta(days=1)

ANYWHERE = timezone(timedelta(0), "unknown")
"""Stands for a zone that has a name but no known definition; compare it by identity."""

_MOMENT = re.compile(r"(\d{8})(?:[Tt](\d{6})([Zz]?))?", re.ASCII)
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,8})S)?)?",
    re.ASCII | re.IGNORECASE,
)
_MIDNIGHT = time()
_NO_TIME = timedelta()
_LEAP_SECOND = "60"
_END_OF_DAY = "240000"


class Moment(NamedTuple):
    """A date or a local time, and where it is meant.

    `zone` is None for a time or date in the zone of the calendar, and ANYWHERE for the unknown zone
    `zone_name`. A date is its midnight.
    """

    wall: datetime
    zone: tzinfo | None
    is_date: bool = False
    zone_name: str = ""

    def moved(self, length: timedelta) -> "Moment":
        """Return the moment at which the wall clock shows that much more."""
        return self._replace(wall=self.wall + length)


class Duration(NamedTuple):
    """A number of whole days, which follow the wall clock, and a time of exact length."""

    days: timedelta
    exact: timedelta


class Place(NamedTuple):
    """The zone of a calendar, if it is known, by which its times become instants."""

    zone: tzinfo | None

    def earliest(self, moment: Moment) -> datetime:
        """Return the first instant that the moment can mean, in UTC.

        A local time that the clock shows twice means the first of the two, and one that it never
        shows is read with the offset before the change: RFC 5545, 3.3.5.
        """
        zone = self.zone if moment.zone is None else moment.zone
        if zone is None or zone is ANYWHERE:
            return moment.wall.replace(tzinfo=UTC) - EARLIEST_ZONE
        at = moment.wall.replace(tzinfo=zone)
        return at if zone is UTC else at.astimezone(UTC)

    def latest(self, moment: Moment) -> datetime:
        """Return the last instant that the moment can mean, in UTC."""
        zone = self.zone if moment.zone is None else moment.zone
        if zone is None or zone is ANYWHERE:
            return moment.wall.replace(tzinfo=UTC) + LATEST_ZONE
        at = moment.wall.replace(tzinfo=zone)
        return at if zone is UTC else at.astimezone(UTC)

    def end_of_dates(self, moment: Moment) -> datetime:
        """Return the last instant at which the date before this one can end."""
        if not self.knows(moment):
            return self.latest(moment)
        second = moment._replace(wall=moment.wall.replace(fold=1))
        return max(self.earliest(moment), self.earliest(second))

    def knows(self, moment: Moment) -> bool:
        """Return whether the moment means one instant."""
        zone = self.zone if moment.zone is None else moment.zone
        return zone is not None and zone is not ANYWHERE

    def local_date(self, moment: Moment) -> date:
        """Return the date that a time stands for in a series of whole days.

        Some software writes a date as its midnight, in the zone of the calendar or in UTC.
        """
        if moment.zone is not UTC or self.zone is None:
            return moment.wall.date()
        local = moment.wall.replace(tzinfo=UTC).astimezone(self.zone)
        is_utc_midnight = local.time() != _MIDNIGHT and moment.wall.time() == _MIDNIGHT
        return moment.wall.date() if is_utc_midnight else local.date()


def moment_of(found: Property, zones: Zones) -> Moment:
    """Return the moment of a property with one value.

    Raises:
        ValueError: it is neither a date nor a time.
    """
    return _moment(found.value, found.parameters, zones)


def moments_of(
    event: EventLines, name: str, zones: Zones
) -> Iterator[tuple[Moment, "Length | None"]]:
    """Yield the values of a list of dates, times or periods; None is the length of a time.

    Raises:
        ValueError: a value cannot be read.
    """
    for found in event.all(name):
        for text in filter(None, map(str.strip, found.value.split(","))):
            first, _, last = text.partition("/")
            start = _moment(first, found.parameters, zones)
            yield start, _length(last, found.parameters, zones) if last else None


def duration_of(text: str) -> Duration:
    """Return the duration that a text names.

    Raises:
        ValueError: it names none, or one that is too long.
    """
    match = _DURATION.fullmatch(text)
    if match is None or not text[-1:].isalpha() or text[-1] in "Tt":
        raise ValueError("a duration that cannot be read")
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in match.groups()[1:])
    sign = -1 if match[1] == "-" else 1
    return Duration(
        sign * timedelta(weeks=weeks, days=days),
        sign * timedelta(hours=hours, minutes=minutes, seconds=seconds),
    )


def extent_between(start: Moment, length: "Length | None", place: Place) -> Duration:
    """Return the length of an entry; `length` is its DTEND or DURATION, None if it has neither.

    A date lasts whole days and at least one. The length of a time is exact, so it stays the same
    across a clock change: RFC 5545, 3.8.5.3.

    Raises:
        ValueError: a time ends before it starts, or only one of start and end is a date.
    """
    if start.is_date:
        return Duration(max(_days(start, length), DAY), _NO_TIME)
    if length is None:
        return Duration(_NO_TIME, _NO_TIME)
    if isinstance(length, Duration):
        if length.days + length.exact < _NO_TIME:
            raise ValueError("a negative duration")
        return length
    first, last = place.latest(start), place.latest(length)
    if length.is_date or (last < first and last < place.earliest(start)):
        raise ValueError("an end before the start")
    return Duration(_NO_TIME, last - first)


def interval_of(start: Moment, extent: Duration, place: Place) -> Interval:
    """Return the time from a start, which is the widest possible one if the zone is unknown."""
    first = place.earliest(start)
    if not start.is_date and not extent.days and place.knows(start):
        return Interval(first, first + extent.exact)
    end = start.moved(extent.days)
    last = place.end_of_dates(end) if start.is_date else place.latest(end) + extent.exact
    return Interval(first, max(first, last))


def _days(start: Moment, length: "Length | None") -> timedelta:
    if length is None:
        return DAY
    if isinstance(length, Duration):
        return length.days - (-length.exact // DAY) * DAY
    if not length.is_date:
        raise ValueError("a date that ends at a time")
    return length.wall - start.wall


def _length(text: str, parameters: dict[str, str], zones: Zones) -> "Length":
    if text[0] in "Pp+-":
        return duration_of(text)
    return _moment(text, parameters, zones)


def _moment(text: str, parameters: dict[str, str], zones: Zones) -> Moment:
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError("a time that cannot be read")
    is_date = parameters.get("VALUE", "").upper() == "DATE"
    if match[2] is None or is_date:
        name = "" if is_date else parameters.get("TZID", "")
        wall = datetime.fromisoformat(match[1])
        return Moment(wall, _zone(name, zones), is_date=True, zone_name=name)
    wall = _wall(match[1], match[2])
    if match[3]:
        return Moment(wall, UTC)
    name = parameters.get("TZID", "")
    return Moment(wall, _zone(name, zones), zone_name=name)


def _wall(date: str, clock: str) -> datetime:
    """Return the local time; a leap second is the second before it, and 24:00 the next midnight."""
    if clock == _END_OF_DAY:
        return datetime.fromisoformat(date) + DAY
    if clock[-2:] == _LEAP_SECOND:
        clock = f"{clock[:-2]}59"
    return datetime.fromisoformat(f"{date}T{clock}")


def _zone(name: str, zones: Zones) -> tzinfo | None:
    if not name:
        return None
    return zones.find(name) or ANYWHERE


Length: TypeAlias = Moment | Duration
