"""Recurrence rules as other software writes them (RFC 5545, 3.3.10; RFC 7529)."""

import re
from dataclasses import dataclass
from datetime import datetime

from shared.providers.apple.event_lines import Property
from shared.providers.apple.object_zones import Zones
from shared.providers.apple.times import DAY, Moment, Place, moment_of

_PARTS = frozenset(
    {
        "BYDAY",
        "BYHOUR",
        "BYMINUTE",
        "BYMONTH",
        "BYMONTHDAY",
        "BYSECOND",
        "BYSETPOS",
        "BYWEEKNO",
        "BYYEARDAY",
        "COUNT",
        "FREQ",
        "INTERVAL",
        "WKST",
    }
)
_TIMES_OF_DAY = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})
_FREQUENCIES_OF_DATES = frozenset({"DAILY", "MONTHLY", "WEEKLY", "YEARLY"})
_DAYS_OF_RULES = ("BYDAY", "BYMONTHDAY", "BYYEARDAY")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKS_OF_MONTH = 5
_WEEKS_OF_YEAR = 53
_LAST_DAY_OF_EVERY_MONTH = 28
_NUMBERED = re.compile(r"[-+]?\d+[A-Z]{2}")
_ANY_ZONE = 2 * DAY


@dataclass(frozen=True, slots=True)
class SeriesRule:
    """A rule without its end, as text for a search, and its end."""

    text: str
    until: Moment | None

    def keeps(self, moment: Moment, place: Place) -> bool:
        """Return whether the series lasts until this moment, as far as UNTIL can be read so.

        An UNTIL of another kind than the start, which RFC 5545 forbids, means its last possible
        time: a date means that whole date, and a time without Z one in the zone of the start.
        """
        until = self.until
        if until is None:
            return True
        if until.is_date:
            date = until.wall.date()
            return moment.wall.date() <= date or place.local_date(moment) <= date
        if until.zone is None:
            return moment.wall <= until.wall
        is_before = place.earliest(moment) <= place.earliest(until)
        return is_before or (moment.is_date and moment.wall <= until.wall)

    @property
    def last_wall(self) -> datetime | None:
        """A local time after the last occurrence, whatever the zones, or None without an end."""
        return None if self.until is None else self.until.wall + _ANY_ZONE


def rule_of(text: str, first: Moment, zones: Zones) -> SeriesRule:
    """Return the rule of a series that starts at `first`.

    Raises:
        ValueError: it cannot be read, or has parts that this service does not know.
    """
    parts = _parts(text)
    until = parts.pop("UNTIL", None)
    _check_calendar(parts.pop("RSCALE", "GREGORIAN"), parts.pop("SKIP", "OMIT"), parts, first)
    if not parts.keys() <= _PARTS or "FREQ" not in parts:
        raise ValueError("a recurrence rule with an unknown part")
    if first.is_date:
        if parts["FREQ"] not in _FREQUENCIES_OF_DATES:
            raise ValueError("a recurrence rule of times in a series of dates")
        parts = {name: value for name, value in parts.items() if name not in _TIMES_OF_DAY}
    _complete_days(parts, first)
    return SeriesRule(
        ";".join(f"{name}={value}" for name, value in parts.items()),
        moment_of(Property(until, {}), zones) if until else None,
    )


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in "".join(text.split()).upper().split(";"):
        name, _, value = part.partition("=")
        if value and parts.setdefault(name, value) != value:
            raise ValueError("a recurrence rule with two values of one part")
    return parts


def _check_calendar(scale: str, skip: str, parts: dict[str, str], first: Moment) -> None:
    """Raise ValueError if the rule follows another calendar, or moves dates that do not exist."""
    days = [abs(int(each)) for each in parts.get("BYMONTHDAY", "0").split(",")]
    may_skip = max(*days, first.wall.day) > _LAST_DAY_OF_EVERY_MONTH
    if scale != "GREGORIAN" or (skip != "OMIT" and may_skip):
        raise ValueError("a recurrence rule of another calendar")


def _complete_days(parts: dict[str, str], first: Moment) -> None:
    """Write BYDAY as `dateutil` reads it.

    `dateutil` wants days with and without a number to match at once, and takes all days of a week
    that is given by its number alone.
    """
    if "BYWEEKNO" in parts and not any(name in parts for name in _DAYS_OF_RULES):
        parts["BYDAY"] = _WEEKDAYS[first.wall.weekday()]
    days = parts.get("BYDAY", "").split(",")
    plain = [each for each in days if not _NUMBERED.fullmatch(each)]
    is_mixed = 0 < len(plain) < len(days)
    if is_mixed and parts["FREQ"] in {"MONTHLY", "YEARLY"}:
        is_monthly = parts["FREQ"] == "MONTHLY" or "BYMONTH" in parts
        weeks = range(1, (_WEEKS_OF_MONTH if is_monthly else _WEEKS_OF_YEAR) + 1)
        numbered = [each for each in days if each not in plain]
        numbered += [f"{week}{day}" for day in plain for week in weeks]
        parts["BYDAY"] = ",".join(dict.fromkeys(numbered))
