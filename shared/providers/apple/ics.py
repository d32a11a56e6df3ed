"""Reads iCalendar text (RFC 5545) written by other software."""

import re
import threading
from collections.abc import Iterable

from icalendar import Calendar, Event
from icalendar.timezone import tzp
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from shared.domain.errors import CalendarMalformed
from shared.domain.zones import is_zone

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

# The library caches custom time zones by name for the whole process, and two calendars may use the
# same name for different zones.
_parse_lock = threading.Lock()

_HARMLESS_RULE = re.compile(
    r"(?:FREQ=YEARLY|INTERVAL=1|WKST=[A-Z]{2}|UNTIL=[0-9TZ]{8,16}|COUNT=\d{1,3}|BYMONTH=\d{1,2}"
    r"|BYDAY=[-+]?\d?[A-Z]{2}|BYMONTHDAY=[-+\d,]{1,30}|BYYEARDAY=[-+]?\d{1,3}|;)+",
    re.IGNORECASE,
)
_FOLD = re.compile(r"\r?\n[ \t]")
_ANCIENT = re.compile(r"^(DTSTART[^:]*:)(?:0|1[0-8]|19[0-6])\d+(?=\d{4}T)", re.IGNORECASE)


def read_calendar(text: str) -> Calendar:
    """Parse one calendar object, with its times in the zones it defines itself.

    Raises:
        CalendarMalformed: the text is not one complete VCALENDAR, or its zones have unusual rules.
    """
    with _parse_lock:
        try:
            calendar = Calendar.from_ical(_with_cheap_zones(text))
        except PARSE_ERRORS as error:
            raise CalendarMalformed(
                "The calendar contains an object that cannot be read."
            ) from error
        finally:
            tzp.use_zoneinfo()
    if not isinstance(calendar, Calendar):
        raise CalendarMalformed("The calendar contains an object that is not a VCALENDAR.")
    return calendar


def events_of(calendar: Calendar) -> list[Event]:
    """Return every VEVENT: a single event, or a series and its exceptions."""
    return [each for each in calendar.walk("VEVENT") if isinstance(each, Event)]


def zone_name(text: str | None) -> str | None:
    """Return the IANA name of a VTIMEZONE, with Windows names translated, or None."""
    for line in _FOLD.sub("", text or "").splitlines():
        name, _, value = line.partition(":")
        if name.upper().partition(";")[0] in ("TZID", "X-LIC-LOCATION"):
            known = WINDOWS_TO_OLSON.get(value.strip(), value.strip())
            if is_zone(known):
                return known
    return None


def _with_cheap_zones(text: str) -> str:
    """Return the text without definitions of zones known by name, and the others shortened.

    Every conversion searches a zone's rule from its DTSTART, which some software sets to 1601.
    """
    if "BEGIN:VTIMEZONE" not in text.upper():
        return text
    lines: list[str] = []
    zone: list[str] | None = None
    for line in _FOLD.sub("", text).splitlines():
        mark = line.strip().upper()
        if mark == "BEGIN:VTIMEZONE":
            zone = []
        if zone is None:
            lines.append(line)
            continue
        zone.append(_cheap_line(line))
        if mark == "END:VTIMEZONE":
            lines += () if _is_known(zone) else zone
            zone = None
    return "\r\n".join([*lines, *(zone or ()), ""])


def _cheap_line(line: str) -> str:
    name, _, rule = line.partition(":")
    if name.upper().startswith("RRULE") and not _HARMLESS_RULE.fullmatch(rule.strip()):
        raise CalendarMalformed("The calendar defines a time zone with an unusual rule.")
    return _ANCIENT.sub(r"\g<1>1970", line)


def _is_known(zone: Iterable[str]) -> bool:
    names = (line.partition(":")[2].strip() for line in zone if line.upper().startswith("TZID"))
    return any(name in WINDOWS_TO_OLSON or is_zone(name) for name in names)
