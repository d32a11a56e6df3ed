"""Evaluates the time zones that a calendar object defines itself (RFC 5545, 3.6.5)."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # ships no types
from typing_extensions import override

from shared.domain.errors import CalendarMalformed, CalendarTooLarge
from shared.providers.apple.budget import Budget
from shared.providers.apple.searches import budgeted_rule

MAX_OBSERVANCES = 200
MAX_ONSETS = 2_000
"""The most changes of the offset in one zone."""

_ONSET_COST = 10
_FIRST_YEAR = 1970
_ANCIENT_YEAR = 1900
_LAST_YEAR = 2070
_HARMLESS_RULE = re.compile(
    r"(?:FREQ=YEARLY|INTERVAL=\d{1,2}|WKST=[A-Z]{2}|UNTIL=[0-9TZ]{8,16}|COUNT=\d{1,3}"
    r"|BYMONTH=\d{1,2}|BYDAY=[-+]?\d?[A-Z]{2}|BYMONTHDAY=[-+\d,]{1,30}|BYYEARDAY=[-+]?\d{1,3}"
    r"|BYHOUR=\d{1,2}|BYMINUTE=\d{1,2}|BYSECOND=\d{1,2}|BYSETPOS=[-+]?\d{1,2}|;)+",
    re.IGNORECASE,
)
_UNTIL = re.compile(r"UNTIL=(\d{8}(?:T\d{6})?)(Z?)", re.IGNORECASE)
_OFFSET = re.compile(r"([+-]?)(\d{2})(\d{2})(\d{2})?", re.ASCII)
_NO_TIME = timedelta()
_Onset = tuple[datetime, timedelta, timedelta]
"""The local time of a change, and the offset before and after it."""


class OwnZone(tzinfo):
    """A zone with a list of onsets.

    A local time that occurs twice means the first of the two, and one that the clock skips has the
    offset before the change (RFC 5545, 3.3.5).
    """

    def __init__(self, name: str, first: timedelta, onsets: list[_Onset]) -> None:
        self._name = name
        ordered = _in_order(onsets)
        self._first = ordered[0][1] if ordered else first
        self._walls = [wall + max(after - before, _NO_TIME) for wall, before, after in ordered]
        self._offsets = [after for _, _, after in ordered]

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


def _in_order(onsets: list[_Onset]) -> list[_Onset]:
    """Return the onsets without those of two observances at one time.

    Some software gives all observances one DTSTART, and their rules decide.
    """
    ordered = sorted(set(onsets))
    times = Counter(wall for wall, _, _ in ordered)
    return [each for each in ordered if times[each[0]] == 1]


@dataclass(frozen=True, slots=True)
class Observance:
    """A STANDARD or DAYLIGHT of a VTIMEZONE: its properties by name."""

    is_standard: bool
    properties: dict[str, list[str]]

    @property
    def offset(self) -> timedelta:
        """The offset from its onsets on."""
        return _offset(self._only("TZOFFSETTO"))

    def onsets(self, budget: Budget) -> Iterator[_Onset]:
        """Yield its onsets until 2070."""
        before = _offset(self._only("TZOFFSETFROM"))
        after = _offset(self._only("TZOFFSETTO"))
        for wall in self._walls(budget):
            budget.spend(_ONSET_COST)
            yield wall, before, after

    @property
    def is_recent(self) -> bool:
        """Whether it has an onset since 1970, as far as that is visible without evaluating it."""
        starts = [*self.properties.get("DTSTART", []), *self.properties.get("RDATE", [])]
        until = [_UNTIL.search(each) for each in self.properties.get("RRULE", [])]
        years = [each[:4] for text in starts for each in text.split(",")]
        years += [each[1][:4] if each else str(_FIRST_YEAR) for each in until]
        return max(years, default="") >= str(_FIRST_YEAR)

    def _walls(self, budget: Budget) -> Iterator[datetime]:
        start = _wall(self._only("DTSTART"))
        rules = self.properties.get("RRULE", [])
        if not rules:
            yield start
        for each in rules:
            yield from self._repeated(start, each.strip(";"), budget)
        for dates in self.properties.get("RDATE", []):
            for date in filter(None, dates.split(",")):
                yield _wall(date.partition("/")[0])

    def _repeated(self, start: datetime, rule: str, budget: Budget) -> Iterator[datetime]:
        if not _HARMLESS_RULE.fullmatch(rule):
            raise CalendarMalformed("The calendar defines a time zone with an unusual rule.")
        text = _UNTIL.sub(self._local_until, rule)
        until = _UNTIL.search(text)
        is_old = until is not None and int(until[1][:4]) < _FIRST_YEAR
        # A search starts at DTSTART, which some software sets to 1601.
        is_kept = is_old or "COUNT" in rule.upper() or "INTERVAL" in rule.upper()
        first = start if is_kept else _not_ancient(start)
        # DTSTART is an onset even if the rule does not name it: RFC 5545, 3.6.5.
        yield start
        for wall in budgeted_rule(rrulestr(text, dtstart=first, ignoretz=True), budget):
            if wall.year > _LAST_YEAR:
                break
            yield wall

    def _local_until(self, until: re.Match[str]) -> str:
        if "T" not in until[1]:
            return f"UNTIL={until[1]}T235959"
        before = _offset(self._only("TZOFFSETFROM")) if until[2] else _NO_TIME
        return f"UNTIL={_wall(until[1]) + before:%Y%m%dT%H%M%S}"

    def _only(self, name: str) -> str:
        values = self.properties.get(name, [])
        if len(values) != 1:
            raise CalendarMalformed(f"The calendar defines a time zone without one {name}.")
        return values[0]


def evaluated(name: str, observances: list[Observance], budget: Budget) -> OwnZone:
    """Return the zone that some observances define.

    Raises:
        CalendarMalformed: they cannot be read, or have unusual rules.
        CalendarTooLarge: they exceed a bound, or the budget is used up.
    """
    onsets: list[_Onset] = []
    try:
        for each in observances:
            for onset in each.onsets(budget):
                onsets.append(onset)
                if len(onsets) > MAX_ONSETS:
                    raise CalendarTooLarge("The calendar defines a time zone with many changes.")
        return OwnZone(name, observances[0].offset, onsets)
    except (ValueError, TypeError, OverflowError) as error:
        raise CalendarMalformed("The calendar defines a time zone that cannot be read.") from error


def observances_of(lines: Sequence[str]) -> list[Observance]:
    """Return the observances of a VTIMEZONE.

    Raises:
        CalendarTooLarge: there are too many.
    """
    result: list[Observance] = []
    for line in lines[1:]:
        name, value = _parts(line)
        if name == "BEGIN":
            if len(result) >= MAX_OBSERVANCES:
                raise CalendarTooLarge("The calendar defines a time zone with many observances.")
            result.append(Observance(value == "STANDARD", {}))
        elif result:
            result[-1].properties.setdefault(name, []).append(value)
    return result


def value_of(lines: Sequence[str], name: str) -> str:
    """Return the first value of a property of a VTIMEZONE, or ""."""
    return next((value for key, value in map(_parts, lines) if key == name), "")


def _parts(line: str) -> tuple[str, str]:
    head, _, value = line.partition(":")
    return head.partition(";")[0].upper(), value.strip()


def _wall(text: str) -> datetime:
    form = "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d"
    return datetime.strptime(text.removesuffix("Z"), form)  # noqa: DTZ007 - a local time


def _not_ancient(start: datetime) -> datetime:
    if start.year >= _ANCIENT_YEAR:
        return start
    return start.replace(year=_FIRST_YEAR - 1, day=min(start.day, 28))


def _offset(text: str) -> timedelta:
    match = _OFFSET.fullmatch(text)
    if match is None:
        raise CalendarMalformed("The calendar defines a time zone with an unreadable offset.")
    hours, minutes, seconds = (int(each or 0) for each in match.groups()[1:])
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if offset >= timedelta(days=1):
        raise CalendarMalformed("The calendar defines a time zone with an unreadable offset.")
    return -offset if match[1] == "-" else offset
