"""Checks iCalendar text line by line (RFC 5545, 3.1), before a library parses it.

Lines are judged after unfolding, and the library receives the unfolded lines that were judged.
"""

import re
from dataclasses import dataclass, field

from shared.domain.errors import CalendarMalformed, CalendarTooLarge
from shared.providers.apple.budget import Budget

DATE_NAMES = ("DTSTART", "DTEND", "RECURRENCE-ID", "DUE", "RDATE", "EXDATE")
"""The properties whose TZID the library looks up."""

ZONE_PARAMETER = "X-CALENDAR-SERVICE-TZID"
ZONE_COMPONENT = "X-CALENDAR-SERVICE-VTIMEZONE"
"""The names under which the library sees TZID and VTIMEZONE.

It keeps zones in a cache of the process, so it must not see them under their own names.
"""

MAX_OBJECT_CHARACTERS = 1_000_000
MAX_LINES = 20_000
MAX_LINE_CHARACTERS = 100_000
MAX_COMPONENTS = 5_000
MAX_DEPTH = 6
MAX_VALUES = 2_000
"""The most values of EXDATE, RDATE and FREEBUSY in one component."""

_LINE_COST = 2
_OBJECT_COST = 20
_PROPERTY_COST = 40
_PARAMETER_COST = 3
_VALUE_COST = 15
_CHARACTERS_PER_STEP = 50
_PARSED_CHARACTERS_PER_STEP = 2
_BYTE_ORDER_MARK = "\ufeff"
_LISTS = frozenset({"EXDATE", "FREEBUSY", "RDATE"})

_FOLD = re.compile(r"(?<!\n)\n+[ \t]")
NAME = re.compile(r"[^:;]*")
MARK = re.compile(r"(BEGIN|END):([A-Z0-9-]+)\s*", re.IGNORECASE)
_TEXT = r'(?:"[^"]*"|[^":;,]*)'
_PARAMETER = re.compile(rf";([A-Za-z0-9-]+)=({_TEXT}(?:,{_TEXT})*)")
_HEAD = re.compile(rf"[A-Za-z-]+(?:{_PARAMETER.pattern})*:")
_MAX_HEAD_CHARACTERS = 2_000


def unfolded(text: str) -> list[str]:
    """Return the lines of the text, unfolded, without empty ones.

    Only CRLF and LF end a line; other separators of Unicode are part of a value.
    """
    whole = text.removeprefix(_BYTE_ORDER_MARK).strip().replace("\r\n", "\n")
    if "\n " in whole or "\n\t" in whole:
        whole = _FOLD.sub("", whole)
    return [line for line in whole.split("\n") if line]


@dataclass(slots=True)
class ObjectLines:
    """The lines of one calendar object, and those of each time zone that it defines."""

    lines: list[str] = field(default_factory=list)
    zones: list[list[str]] = field(default_factory=list)


def bounded_lines(text: str, budget: Budget) -> list[str]:
    """Return the unfolded lines of a text that is within the bounds.

    Raises:
        CalendarTooLarge: the object exceeds a bound, or the budget is used up.
    """
    budget.spend(_OBJECT_COST + len(text) // _CHARACTERS_PER_STEP)
    if len(text) > MAX_OBJECT_CHARACTERS:
        raise CalendarTooLarge("The calendar contains an object that is too long.")
    lines = unfolded(text)
    if len(lines) > MAX_LINES:
        raise CalendarTooLarge("The calendar contains an object with too many lines.")
    budget.spend(_LINE_COST * len(lines))
    return lines


def object_lines(text: str, budget: Budget) -> ObjectLines:
    """Return the lines for the library.

    Raises:
        CalendarMalformed: the text is not one complete VCALENDAR.
        CalendarTooLarge: the object exceeds a bound, or the budget is used up.
    """
    return _LineScan(budget).scan(bounded_lines(text, budget))


class _LineScan:
    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._result = ObjectLines()
        self._path: list[str] = []
        self._components = 0
        self._values = 0

    def scan(self, lines: list[str]) -> ObjectLines:
        for line in lines:
            raw = line[: NAME.match(line).end()]  # type: ignore[union-attr]  # always matches
            name = "".join(raw.split()).upper()
            if name in {"BEGIN", "END"}:
                self._mark(line)
            elif not self._path:
                raise not_a_calendar()
            else:
                self._property(name, name + line[len(raw) :])
        if self._path or not self._components:
            raise not_a_calendar()
        return self._result

    def _mark(self, line: str) -> None:
        mark = MARK.fullmatch(line)
        if mark is None:
            raise not_a_calendar()
        kind, name = mark[1].upper(), mark[2].upper()
        if kind == "BEGIN":
            self._begin(name)
        shown = ZONE_COMPONENT if name == "VTIMEZONE" else name
        if self._is_in_zone:
            self._result.zones[-1].append(f"{kind}:{name}")
        self._result.lines.append(f"{kind}:{shown}")
        if kind == "END" and (not self._path or self._path.pop() != name):
            raise not_a_calendar()

    def _begin(self, name: str) -> None:
        self._components += 1
        if self._components > MAX_COMPONENTS or len(self._path) >= MAX_DEPTH:
            raise CalendarTooLarge("The calendar contains an object with too many components.")
        is_first = self._components == 1
        if (name == "VCALENDAR") != is_first or (not self._path and not is_first):
            raise not_a_calendar()
        if name in {"VEVENT", "VTIMEZONE"} and self._path != ["VCALENDAR"]:
            raise not_a_calendar()
        if name == "VEVENT":
            self._budget.take_event()
        if name == "VTIMEZONE":
            self._result.zones.append([])
        self._path.append(name)
        self._values = 0

    def _property(self, name: str, line: str) -> None:
        if self._is_in_zone:
            self._result.zones[-1].append(line)
        if len(line) > MAX_LINE_CHARACTERS:
            raise CalendarTooLarge("The calendar contains a property that is too long.")
        parameters = _PARAMETER_COST * line.count(";")
        characters = len(line) // _PARSED_CHARACTERS_PER_STEP
        self._budget.spend(_PROPERTY_COST + parameters + characters)
        if name in _LISTS:
            self._count_values(line.count(",") + 1)
        self._result.lines.append(_without_zone(line) if name in DATE_NAMES else line)

    def _count_values(self, count: int) -> None:
        self._values += count
        if self._values > MAX_VALUES:
            raise CalendarTooLarge("The calendar contains a series with too many dates.")
        self._budget.spend(_VALUE_COST * count)

    @property
    def _is_in_zone(self) -> bool:
        return "VTIMEZONE" in self._path


def _without_zone(line: str) -> str:
    """Return the line of a date with its TZID renamed."""
    head = _HEAD.match(line[:_MAX_HEAD_CHARACTERS])
    if head is None:
        raise CalendarMalformed("The calendar contains a date that cannot be read.")
    return _PARAMETER.sub(_renamed, head[0]) + line[head.end() :]


def _renamed(parameter: re.Match[str]) -> str:
    name = parameter[1].upper()
    return f";{ZONE_PARAMETER if name == 'TZID' else name}={parameter[2]}"


def not_a_calendar() -> CalendarMalformed:
    """Return the error about a text with another structure."""
    return CalendarMalformed("The calendar contains an object that is not one complete VCALENDAR.")
