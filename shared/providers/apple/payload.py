"""A copy as iCalendar text (RFC 5545): written new, compared, and merged into what is there.

Copies carry no ORGANIZER, ATTENDEE or METHOD, so no server mails anybody, and times in UTC, so no
VTIMEZONE is needed. DTEND is always there; iCloud refuses events without it.
"""

import re
from typing import Any

from icalendar import Calendar, Event, vText, vUri

from shared.domain.copy import CopyContent
from shared.domain.errors import CalendarGarbled
from shared.providers.apple.ics import UNREADABLE, events_of, read_calendar

SESSION_PROPERTY = "X-CALENDAR-SERVICE-SESSION"
PRODUCT_ID = "-//Calendar service//Session copies//EN"

# Control characters but line feed, and the marks that reorder text on screen.
_UNSAFE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_SHOWN = ("SUMMARY", "DTSTART", "DTEND", "DESCRIPTION", "LOCATION", "URL")
_SCHEDULING = ("ORGANIZER", "ATTENDEE")


class CopyText:
    """A copy as a server holds it."""

    def __init__(self, text: str) -> None:
        """Read the text.

        Raises:
            CalendarGarbled: when it holds no event.
        """
        self._calendar = read_calendar(text)
        masters = [each for each in events_of(self._calendar) if "RECURRENCE-ID" not in each]
        if not masters:
            raise CalendarGarbled("The object in the calendar holds no event.")
        self._event = masters[0]

    @property
    def is_cancelled(self) -> bool:
        """Whether the user cancelled it instead of deleting it."""
        return str(self._event.get("STATUS", "")).upper() == "CANCELLED"

    def has_key(self, key: str) -> bool:
        """Whether it is the copy of that key."""
        return str(self._event.get("UID", "")) == key

    def is_copy_of(self, content: CopyContent) -> bool:
        """Whether it is the very copy `content` describes, at whatever state."""
        session = str(self._event.get(SESSION_PROPERTY, ""))
        return self.has_key(content.key) and session == content.session_id

    def shows(self, content: CopyContent) -> bool:
        """Whether a reader sees what `content` says already."""
        wanted = _event(content)
        same = all(_written(self._event, name) == _written(wanted, name) for name in _SHOWN)
        return same and not self.is_cancelled and "DURATION" not in self._event

    def merged(self, content: CopyContent) -> str:
        """Return the text with our fields as `content` says; what the user added stays.

        Raises:
            CalendarGarbled: when what is there cannot be written again.
        """
        wanted = _event(content)
        try:
            wanted["SEQUENCE"] = max(content.sequence, int(self._event.get("SEQUENCE", 0)))
            for name in (*_SHOWN, "DURATION", *_SCHEDULING, "STATUS" if self.is_cancelled else ""):
                self._event.pop(name, None)
            self._event.update(wanted)
            self._calendar.pop("METHOD", None)
            return _text(self._calendar)
        except UNREADABLE as error:
            raise CalendarGarbled("The copy in the calendar cannot be written again.") from error


def new_text(content: CopyContent) -> str:
    """Return the calendar object of a copy that is not there yet."""
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", PRODUCT_ID)
    calendar.add_component(_event(content))
    return _text(calendar)


def _event(content: CopyContent) -> Event:
    event = Event()
    event.add("UID", content.key)
    event.add("DTSTAMP", content.updated_at)
    event.add("LAST-MODIFIED", content.updated_at)
    event.add("SEQUENCE", content.sequence)
    event.add("DTSTART", content.interval.start.replace(microsecond=0))
    event.add("DTEND", content.interval.end.replace(microsecond=0))
    event[SESSION_PROPERTY] = vText(clean(content.session_id))
    event["SUMMARY"] = vText(clean(content.title))
    if content.description:
        event["DESCRIPTION"] = vText(clean(content.description))
    if content.location:
        event["LOCATION"] = vText(clean(content.location))
    if content.url:
        event["URL"] = vUri(clean(content.url).replace("\n", ""))
    return event


def clean(text: str) -> str:
    """Return the text without control characters; line breaks become line feeds."""
    return _UNSAFE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _written(event: Event, name: str) -> Any:
    value = event.get(name)
    if name.startswith("DT") and value is not None:
        return value.dt
    return None if value is None else str(value)


def _text(calendar: Calendar) -> str:
    return str(calendar.to_ical().decode())
