"""Evaluates the time zones that a calendar object defines itself (RFC 5545, 3.6.5)."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # ships no types
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON
from typing_extensions import override

from shared.domain.errors import CalendarMalformed, CalendarTooLarge
from shared.domain.zones import is_zone, zone
from shared.providers.apple.budget import Budget
from shared.providers.apple.recurrence import budgeted_rule

MAX_OBSERVANCES = 200
MAX_ONSETS = 2_000
"""The most changes of the offset in one zone."""

_ONSET_COST = 10
_FIRST_YEAR = 1970
_LAST_YEAR = 2070
_HARMLESS_RULE = re.compile(
    r"(?:FREQ=YEARLY|INTERVAL=1|WKST=[A-Z]{2}|UNTIL=[0-9TZ]{8,16}|COUNT=\d{1,3}|BYMONTH=\d{1,2}"
    r"|BYDAY=[-+]?\d?[A-Z]{2}|BYMONTHDAY=[-+\d,]{1,30}|BYYEARDAY=[-+]?\d{1,3}|;)+",
    re.IGNORECASE,
)
_UNTIL = re.compile(r"UNTIL=(\d{8}T\d{6})Z", re.IGNORECASE)
_OFFSET = re.compile(r"([+-]?)(\d{2})(\d{2})(\d{2})?")
_MAX_NAME_PARTS = 3
_Onset = tuple[datetime, timedelta]


class OwnZone(tzinfo):
    """A zone with a list of onsets; a local time that occurs twice means the first of the two."""

    def __init__(self, name: str, first: timedelta, onsets: list[_Onset]) -> None:
        self._name = name
        self._first = first
        ordered = sorted(onsets)
        self._walls = [wall for wall, _ in ordered]
        self._offsets = [offset for _, offset in ordered]

    @override
    def utcoffset(self, dt: datetime | None, /) -> timedelta:
        if dt is None:
            return self._first
        index = bisect_right(self._walls, dt.replace(tzinfo=None))
        return self._offsets[index - 1] if index else self._first

    @override
    def dst(self, dt: datetime | None, /) -> timedelta:
        return timedelta()

    @override
    def tzname(self, dt: datetime | None, /) -> str:
        return self._name


@dataclass(frozen=True, slots=True)
class _Observance:
    is_standard: bool
    properties: dict[str, list[str]]

    def onsets(self, budget: Budget) -> Iterator[_Onset]:
        offset = _offset(self._only("TZOFFSETTO"))
        for wall in self._walls(budget):
            budget.spend(_ONSET_COST)
            yield wall, offset

    @property
    def offset(self) -> timedelta:
        return _offset(self._only("TZOFFSETTO"))

    def _walls(self, budget: Budget) -> Iterator[datetime]:
        start = _wall(self._only("DTSTART"))
        rules = self.properties.get("RRULE", [])
        if not rules:
            yield start
        for each in rules:
            if not _HARMLESS_RULE.fullmatch(each):
                raise CalendarMalformed("The calendar defines a time zone with an unusual rule.")
            # A search starts at DTSTART, which some software sets to 1601.
            first = start if "COUNT" in each.upper() else _not_ancient(start)
            text = _UNTIL.sub(self._local_until, each)
            for wall in budgeted_rule(rrulestr(text, dtstart=first, ignoretz=True), budget):
                if wall.year > _LAST_YEAR:
                    break
                yield wall
        for dates in self.properties.get("RDATE", []):
            for date in dates.split(","):
                yield _wall(date)

    def _local_until(self, until: re.Match[str]) -> str:
        before = _offset(self._only("TZOFFSETFROM"))
        return f"UNTIL={_wall(until[1]) + before:%Y%m%dT%H%M%S}"

    def _only(self, name: str) -> str:
        values = self.properties.get(name, [])
        if len(values) != 1:
            raise CalendarMalformed(f"The calendar defines a time zone without one {name}.")
        return values[0]


def own_zone(lines: list[str], budget: Budget) -> tuple[str, tzinfo] | None:
    """Return the name and the zone that a VTIMEZONE defines; None without a name or offsets.

    A zone known by name is the one of the IANA database.

    Raises:
        CalendarMalformed: the zone cannot be read, or has unusual rules.
        CalendarTooLarge: the zone exceeds a bound, or the budget is used up.
    """
    name = next((value for key, value in map(_parts, lines) if key == "TZID"), "")
    name = name.replace("\\", "")
    if not name:
        return None
    known = WINDOWS_TO_OLSON.get(name, name)
    if is_zone(known):
        return name, zone(known)
    key = tuple(lines)
    if key not in budget.zones:
        observances = _observances(lines)
        if not observances:
            return None
        budget.zones[key] = _evaluated(name, observances, budget)
    return name, budget.zones[key]


def known_zone(name: str) -> tzinfo | None:
    """Return the zone of a name without a definition, or None.

    Some names have a path before the IANA name: `/example.org/Europe/Berlin`.
    """
    known = WINDOWS_TO_OLSON.get(name, name.strip("/"))
    parts = known.split("/")
    suffixes = range(1, _MAX_NAME_PARTS + 1) if name.startswith("/") else ()
    names = (known, *("/".join(parts[-count:]) for count in reversed(suffixes)))
    return next((zone(each) for each in names if is_zone(each)), None)


def _evaluated(name: str, observances: list[_Observance], budget: Budget) -> OwnZone:
    onsets: list[_Onset] = []
    try:
        for each in observances:
            for onset in each.onsets(budget):
                onsets.append(onset)
                if len(onsets) > MAX_ONSETS:
                    raise CalendarTooLarge("The calendar defines a time zone with many changes.")
        first = next((each for each in observances if each.is_standard), observances[0])
        return OwnZone(name, first.offset, onsets)
    except (ValueError, TypeError, OverflowError) as error:
        raise CalendarMalformed("The calendar defines a time zone that cannot be read.") from error


def _observances(lines: list[str]) -> list[_Observance]:
    result: list[_Observance] = []
    for line in lines[1:]:
        name, value = _parts(line)
        if name == "BEGIN":
            if len(result) >= MAX_OBSERVANCES:
                raise CalendarTooLarge("The calendar defines a time zone with many observances.")
            result.append(_Observance(value == "STANDARD", {}))
        elif result:
            result[-1].properties.setdefault(name, []).append(value)
    return result


def _parts(line: str) -> tuple[str, str]:
    head, _, value = line.partition(":")
    return head.partition(";")[0].upper(), value.strip()


def _wall(text: str) -> datetime:
    form = "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d"
    return datetime.strptime(text.removesuffix("Z"), form)  # noqa: DTZ007 - a local time


def _not_ancient(start: datetime) -> datetime:
    if start.year >= _FIRST_YEAR:
        return start
    return start.replace(year=_FIRST_YEAR, day=min(start.day, 28))


def _offset(text: str) -> timedelta:
    match = _OFFSET.fullmatch(text)
    if match is None:
        raise CalendarMalformed("The calendar defines a time zone with an unreadable offset.")
    hours, minutes, seconds = (int(each or 0) for each in match.groups()[1:])
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if offset >= timedelta(days=1):
        raise CalendarMalformed("The calendar defines a time zone with an unreadable offset.")
    return -offset if match[1] == "-" else offset
