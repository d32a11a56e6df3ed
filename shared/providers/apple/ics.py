"""Reading iCalendar text (RFC 5545) that somebody else wrote."""

import re
import threading
from collections.abc import Iterable

from icalendar import Calendar, Event
from icalendar.timezone import tzp
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from shared.domain.errors import CalendarGarbled
from shared.domain.zones import is_zone

UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What the iCalendar libraries raise when a calendar holds nonsense."""

# The library keeps custom time zones by name for the whole process, and two calendars may give the
# same name to different zones.
_one_at_a_time = threading.Lock()

_HARMLESS_RULE = re.compile(
    r"(?:FREQ=YEARLY|INTERVAL=1|WKST=[A-Z]{2}|UNTIL=[0-9TZ]{8,16}|COUNT=\d{1,3}|BYMONTH=\d{1,2}"
    r"|BYDAY=[-+]?\d?[A-Z]{2}|BYMONTHDAY=[-+\d,]{1,30}|BYYEARDAY=[-+]?\d{1,3}|;)+",
    re.IGNORECASE,
)
_FOLD = re.compile(r"\r?\n[ \t]")
_ANCIENT = re.compile(r"^(DTSTART[^:]*:)(?:0|1[0-8]|19[0-6])\d+(?=\d{4}T)", re.IGNORECASE)


def read_calendar(text: str) -> Calendar:
    """Return the calendar object `text` holds, its times with the zones it defines itself.

    Raises:
        CalendarGarbled: when it is not one whole VCALENDAR, or its zones have unusual rules.
    """
    with _one_at_a_time:
        try:
            calendar = Calendar.from_ical(_with_cheap_zones(text))
        except UNREADABLE as error:
            raise CalendarGarbled("The calendar holds an object that cannot be read.") from error
        finally:
            tzp.use_zoneinfo()
    if not isinstance(calendar, Calendar):
        raise CalendarGarbled("The calendar holds an object that is not a VCALENDAR.")
    return calendar


def events_of(calendar: Calendar) -> list[Event]:
    """Return every VEVENT: a single one, or a series and its exceptions."""
    return [each for each in calendar.walk("VEVENT") if isinstance(each, Event)]


def zone_name(text: str | None) -> str | None:
    """Return the IANA name of the zone a VTIMEZONE describes, Windows names translated, or None."""
    for line in _FOLD.sub("", text or "").splitlines():
        name, _, value = line.partition(":")
        if name.upper().partition(";")[0] in ("TZID", "X-LIC-LOCATION"):
            known = WINDOWS_TO_OLSON.get(value.strip(), value.strip())
            if is_zone(known):
                return known
    return None


def _with_cheap_zones(text: str) -> str:
    """Return the text without zone definitions that are known by name, and the others shortened.

    A zone's rule is searched from its DTSTART (1601 with some writers) for every conversion.
    """
    if "BEGIN:VTIMEZONE" not in text.upper():
        return text
    kept: list[str] = []
    zone: list[str] | None = None
    for line in _FOLD.sub("", text).splitlines():
        mark = line.strip().upper()
        if mark == "BEGIN:VTIMEZONE":
            zone = []
        if zone is None:
            kept.append(line)
            continue
        zone.append(_cheap(line))
        if mark == "END:VTIMEZONE":
            kept += () if _is_known(zone) else zone
            zone = None
    return "\r\n".join([*kept, *(zone or ()), ""])


def _cheap(line: str) -> str:
    name, _, rule = line.partition(":")
    if name.upper().startswith("RRULE") and not _HARMLESS_RULE.fullmatch(rule.strip()):
        raise CalendarGarbled("The calendar defines a time zone with an unusual rule.")
    return _ANCIENT.sub(r"\g<1>1970", line)


def _is_known(zone: Iterable[str]) -> bool:
    names = (line.partition(":")[2].strip() for line in zone if line.upper().startswith("TZID"))
    return any(name in WINDOWS_TO_OLSON or is_zone(name) for name in names)
