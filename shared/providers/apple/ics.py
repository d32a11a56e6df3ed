"""Reads iCalendar text (RFC 5545) written by other software."""

from datetime import date, datetime, time, tzinfo
from typing import Any

from icalendar import Calendar, Event

from shared.domain.errors import CalendarMalformed
from shared.providers.apple.budget import Budget
from shared.providers.apple.content_lines import (
    DATE_NAMES,
    MAX_OBJECT_CHARACTERS,
    ZONE_COMPONENT,
    ZONE_PARAMETER,
    object_lines,
    unfolded,
)
from shared.providers.apple.object_zones import Zones
from shared.providers.apple.zone_names import known_zone

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


def read_calendar(text: str) -> Calendar:
    """Parse one calendar object, with its times in the zones it defines itself.

    Raises:
        CalendarMalformed: the text is not one complete VCALENDAR, or cannot be read.
        CalendarTooLarge: the object exceeds a bound.
    """
    budget = Budget()
    checked = object_lines(text, budget)
    zones = Zones([tuple(each) for each in checked.zones], budget)
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
    """Return the IANA name of a VTIMEZONE, by its name or that of its place, or None."""
    for line in unfolded((text or "")[:MAX_OBJECT_CHARACTERS]):
        name, _, value = line.partition(":")
        if name.upper().partition(";")[0] in ("TZID", "X-LIC-LOCATION"):
            known = known_zone(value.strip())
            if known is not None:
                return known.key
    return None


def _restore(component: Any, zones: Zones) -> None:
    """Put the names that the library must not see back, and the dates into their zones."""
    if component.name == ZONE_COMPONENT:
        component.name = "VTIMEZONE"
    for name in DATE_NAMES:
        value = component.get(name, [])
        for each in value if isinstance(value, list) else [value]:
            _place(each, zones)


def _place(value: Any, zones: Zones) -> None:
    name = value.params.pop(ZONE_PARAMETER, None)
    if name is None:
        return
    value.params["TZID"] = name
    own = zones.find(str(name))
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
