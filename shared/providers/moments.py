"""Places the times of calendar entries, and widens those that cannot be placed exactly."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any

from shared.domain.interval import Interval, to_utc
from shared.domain.zones import is_zone, zone

EARLIEST_ZONE = timedelta(hours=14)
LATEST_ZONE = timedelta(hours=12)
"""A date begins 14 hours earlier in the earliest zone than in UTC, and ends 12 hours later in the
latest zone."""

ENDS_BEFORE_START = "It ends before it starts, so the whole time between counts as busy."
UNKNOWN_ZONE = "Its time zone is unknown, so every time that it could mean counts as busy."

# Far from the limits of datetime, so that every zone and every buffer can still be applied.
FIRST = datetime(1, 1, 4, tzinfo=UTC)
LAST = datetime(9999, 12, 28, tzinfo=UTC)
_MIDDLE_YEAR = 5000
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_MAX_OFFSET_HOURS = 15
_ZONE_NAME_LENGTH = 100


def utc(moment: datetime) -> datetime:
    """Return the instant in UTC, or the first or last supported one if it is out of range."""
    try:
        return min(max(to_utc(moment), FIRST), LAST)
    except ValueError:
        if moment.tzinfo is None:
            raise
        return LAST if moment.year > _MIDDLE_YEAR else FIRST


def placed(wall: datetime, address: tzinfo | None) -> Interval:
    """Return the instants that the wall time can mean: one, or all if the zone is unknown."""
    if address is not None:
        instant = utc(wall.replace(tzinfo=address))
        return Interval(instant, instant)
    return widest(wall, wall)


def widest(first: datetime, last: datetime) -> Interval:
    """Return the time from the wall time `first` in the earliest zone to `last` in the latest."""
    start, end = (utc(each.replace(tzinfo=UTC)) for each in (first, last))
    return Interval(
        start - EARLIEST_ZONE if start - FIRST > EARLIEST_ZONE else FIRST,
        end + LATEST_ZONE if LAST - end > LATEST_ZONE else LAST,
    )


def midnight(day: date) -> datetime:
    """Return the wall time at which the date begins."""
    return datetime.combine(day, time())


def next_midnight(day: date) -> datetime:
    """Return the wall time at which the date ends."""
    return midnight(day + timedelta(days=1) if day < date.max else day)


def known_zone(name: Any) -> tzinfo | None:
    """Return the zone with that IANA name, Windows name or offset (`GMT+02:00`), or None."""
    if not isinstance(name, str) or not 0 < len(name) <= _ZONE_NAME_LENGTH:
        return None
    if is_zone(name):
        return zone(name)
    if (offset := _OFFSET.fullmatch(name)) is not None:
        sign, hours, minutes = offset.groups()
        length = timedelta(hours=int(hours), minutes=int(minutes or 0))
        is_offset = length < timedelta(hours=_MAX_OFFSET_HOURS)
        return timezone(-length if sign == "-" else length) if is_offset else None
    # This large package is imported only for an entry with a name that is not an IANA name.
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415

    known = WINDOWS_TO_OLSON.get(name)
    return zone(known) if known and is_zone(known) else None
