"""Reads the events of a calendar object, as far as they decide times and texts (RFC 5545)."""

import re
from dataclasses import dataclass, field

from shared.domain.errors import CalendarTooLarge
from shared.providers.apple.budget import Budget
from shared.providers.apple.content_lines import (
    MARK,
    MAX_COMPONENTS,
    MAX_DEPTH,
    MAX_LINE_CHARACTERS,
    MAX_VALUES,
    NAME,
    bounded_lines,
    not_a_calendar,
)
from shared.providers.apple.event_lines import EventLines
from shared.providers.apple.payload import SESSION_PROPERTY

_DECIDING = (
    "DTSTART",
    "DTEND",
    "DURATION",
    "EXDATE",
    "RDATE",
    "RECURRENCE-ID",
    "RRULE",
    "STATUS",
    "TRANSP",
    "X-APPLE-TRAVEL-DURATION",
)
"""The properties that decide when an entry takes time, and whether it does."""

_TEXTS = ("ATTENDEE", "CLASS", "LOCATION", "SUMMARY", "UID", "URL", SESSION_PROPERTY)
_IGNORED = (
    *("CREATED", "DESCRIPTION", "DTSTAMP", "LAST-MODIFIED", "ORGANIZER", "SEQUENCE"),
    *("ACTION", "PRODID", "TRIGGER", "TZID", "TZNAME", "TZOFFSETFROM", "TZOFFSETTO", "VERSION"),
)
_MARK = "a mark"
_KNOWN = {
    **{each: each for each in (*_DECIDING, *_TEXTS)},
    **dict.fromkeys(_IGNORED, ""),
    **dict.fromkeys(("BEGIN", "END"), _MARK),
}
"""What a name means: itself, a mark, or "" for properties that decide nothing."""
_MARKS = {
    f"{kind}:{name}": (kind, name)
    for kind in ("BEGIN", "END")
    for name in ("VCALENDAR", "VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT", "VALARM")
}
_ZONE_START = "BEGIN:VTIMEZONE"
_ZONE_END = "END:VTIMEZONE"
_EVENT_DEPTH = 2
_LISTS = frozenset({"EXDATE", "RDATE"})
_PROPERTY_COST = 6
_VALUE_COST = 5
_CHARACTERS_PER_STEP = 25
_PARAMETER_COST = 3
_MAX_PARAMETERS = 2_000

_BROKEN = re.compile(rf"\W*({'|'.join(_DECIDING)})(?![A-Z0-9-])", re.IGNORECASE)


@dataclass(slots=True)
class CalendarObject:
    """The events of one object, and the lines of each time zone that it defines."""

    events: list[EventLines] = field(default_factory=list)
    zones: list[tuple[str, ...]] = field(default_factory=list)


def read_object(text: str, budget: Budget) -> CalendarObject:
    """Return the events and time zones of a text.

    Lines that are not properties are ignored, as are all components inside an event.

    Raises:
        CalendarMalformed: the text is not one complete VCALENDAR.
        CalendarTooLarge: the object exceeds a bound, or the budget is used up.
    """
    return _EventScan(budget).scan(bounded_lines(text, budget))


class _EventScan:
    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._result = CalendarObject()
        self._path: list[str] = []
        self._components = 0
        self._values = 0
        self._event: EventLines | None = None
        """The event whose own properties follow; None inside its alarms."""
        self._zone: list[str] | None = None

    def scan(self, lines: list[str]) -> CalendarObject:
        self._take_known_zones(lines)
        name_of, common = NAME.match, _MARKS.get
        for line in lines:
            mark = common(line)
            if mark is not None:
                self._mark(*mark)
                continue
            raw = name_of(line)[0]  # type: ignore[index]  # always matches
            name = _KNOWN.get(raw)
            if name is None:
                name = _KNOWN.get("".join(raw.split()).upper())
            if name == _MARK:
                self._mark(*_mark_of(line))
            elif self._event is not None:
                self._add(self._event, name, raw, line)
            elif self._zone is not None:
                self._zone.append(line)
            elif not self._path:
                raise not_a_calendar()
        if self._path or not self._components:
            raise not_a_calendar()
        return self._result

    def _take_known_zones(self, lines: list[str]) -> None:
        """Take the definitions that another object had, whose lines have been judged."""
        start = 0
        while _ZONE_START in lines[start:] and _ZONE_END in lines[start:]:
            first = lines.index(_ZONE_START, start)
            last = lines.index(_ZONE_END, start) + 1
            definition = tuple(lines[first:last])
            if definition in self._budget.definitions:
                self._result.zones.append(definition)
                del lines[first:last]
                start = first
            else:
                start = max(first + 1, last)

    def _mark(self, kind: str, name: str) -> None:
        if kind == "BEGIN":
            self._begin(name)
        elif not self._path or self._path.pop() != name:
            raise not_a_calendar()
        depth = len(self._path)
        if self._zone is not None:
            self._zone.append(f"{kind}:{name}")
            if depth < _EVENT_DEPTH:
                definition = tuple(self._zone)
                self._result.zones.append(definition)
                self._budget.definitions.add(definition)
                self._zone = None
        is_event = depth == _EVENT_DEPTH and self._path[-1] == "VEVENT"
        self._event = self._result.events[-1] if is_event else None

    def _begin(self, name: str) -> None:
        self._components += 1
        if self._components > MAX_COMPONENTS or len(self._path) >= MAX_DEPTH:
            raise CalendarTooLarge("The calendar contains an object with too many components.")
        is_first = self._components == 1
        if (name == "VCALENDAR") != is_first or (not self._path and not is_first):
            raise not_a_calendar()
        if name in {"VEVENT", "VTIMEZONE"} and len(self._path) != 1:
            raise not_a_calendar()
        if name == "VEVENT":
            self._budget.take_event()
            self._result.events.append(EventLines())
            self._values = 0
        if name == "VTIMEZONE":
            self._zone = []
        self._path.append(name)

    def _add(self, event: EventLines, name: str | None, raw: str, line: str) -> None:
        if name is None:
            if (broken := _BROKEN.match(line)) is not None:
                event.add(broken[1].upper(), "")
        elif name and (name != "ATTENDEE" or "DECLINED" in line.upper()):
            parameters = line.count(";")
            if len(line) > MAX_LINE_CHARACTERS or parameters > _MAX_PARAMETERS:
                raise CalendarTooLarge("The calendar contains a property that is too long.")
            cost = _PARAMETER_COST * parameters + len(line) // _CHARACTERS_PER_STEP
            self._budget.spend(_PROPERTY_COST + cost)
            if name in _LISTS:
                self._count_values(line.count(",") + 1)
            event.add(name, line[len(raw) :])

    def _count_values(self, count: int) -> None:
        self._values += count
        if self._values > MAX_VALUES:
            raise CalendarTooLarge("The calendar contains a series with too many dates.")
        self._budget.spend(_VALUE_COST * count)


def _mark_of(line: str) -> tuple[str, str]:
    mark = MARK.fullmatch(line)
    if mark is None:
        raise not_a_calendar()
    return mark[1].upper(), mark[2].upper()
