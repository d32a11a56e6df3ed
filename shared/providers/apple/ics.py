"""Reads iCalendar text (RFC 5545) written by other software."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, tzinfo
from typing import Any

from icalendar import Calendar, Event
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from shared.domain.errors import CalendarMalformed
from shared.domain.zones import is_zone
from shared.providers.apple.budget import Budget
from shared.providers.apple.content_lines import (
    DATE_NAMES,
    MAX_OBJECT_CHARACTERS,
    ZONE_COMPONENT,
    ZONE_PARAMETER,
    object_lines,
    unfolded,
)
from shared.providers.apple.own_zones import known_zone, own_zone

PARSE_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""The exceptions the iCalendar libraries raise for malformed calendars."""


def read_calendar(
    text: str, budget: Budget | None = None, *, names: AbstractSet[str] | None = None
) -> Calendar:
    """Parse one calendar object, with its times in the zones it defines itself.

    With `names`, only its events are read, and of them only the properties with these names.

    Raises:
        CalendarMalformed: the text is not one complete VCALENDAR, or its zones have unusual rules.
        CalendarTooLarge: the object exceeds a bound, or the budget is used up.
    """
    budget = budget or Budget()
    checked = object_lines(text, budget, names=names)
    zones: dict[str, tzinfo] = {}
    for lines in checked.zones:
        if (found := own_zone(lines, budget)) is not None:
            zones.setdefault(found[0].strip("/"), found[1])
    try:
        calendar = Calendar.from_ical("\r\n".join([*checked.lines, ""]))
        for component in calendar.walk():
            _restore(component, zones)
    except PARSE_ERRORS as error:
        raise CalendarMalformed("The calendar contains an object that cannot be read.") from error
    return calendar


def events_of(calendar: Calendar) -> list[Event]:
    """Return every VEVENT: a single event, or a series and its exceptions."""
    return [each for each in calendar.walk("VEVENT") if isinstance(each, Event)]


def zone_name(text: str | None) -> str | None:
    """Return the IANA name of a VTIMEZONE, with Windows names translated, or None."""
    for line in unfolded((text or "")[:MAX_OBJECT_CHARACTERS]):
        name, _, value = line.partition(":")
        if name.upper().partition(";")[0] in ("TZID", "X-LIC-LOCATION"):
            known = WINDOWS_TO_OLSON.get(value.strip(), value.strip())
            if is_zone(known):
                return known
    return None


def _restore(component: Any, zones: Mapping[str, tzinfo]) -> None:
    """Put the names that the library must not see back, and the dates into their zones."""
    if component.name == ZONE_COMPONENT:
        component.name = "VTIMEZONE"
    for name in DATE_NAMES:
        value = component.get(name, [])
        for each in value if isinstance(value, list) else [value]:
            _place(each, zones)


def _place(value: Any, zones: Mapping[str, tzinfo]) -> None:
    name = value.params.pop(ZONE_PARAMETER, None)
    if name is None:
        return
    value.params["TZID"] = name
    own = zones.get(str(name).strip("/")) or known_zone(str(name))
    if own is None or str(value.params.get("VALUE", "")).upper() == "DATE":
        return
    for each in getattr(value, "dts", [value]):
        each.dt = _in_zone(each.dt, own)


def _in_zone(moment: Any, own: tzinfo) -> Any:
    if isinstance(moment, tuple):
        return tuple(_in_zone(each, own) for each in moment)
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=own)
    return datetime.combine(moment, time(), own) if isinstance(moment, date) else moment
