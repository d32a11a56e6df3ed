"""Converts a copy to iCalendar text (RFC 5545), compares it and merges it into existing text.

Copies have no ORGANIZER, ATTENDEE or METHOD, so no server sends mail. Their times are in UTC, so no
VTIMEZONE is needed. DTEND is always set, because iCloud rejects events without it.
"""

from typing import Any

from icalendar import Calendar, Event, vText, vUri

from shared.domain.copy import CopyContent
from shared.domain.errors import CalendarMalformed
from shared.domain.text import cleaned, joined_line
from shared.providers.apple.ics import PARSE_ERRORS, events_of, read_calendar

SESSION_PROPERTY = "X-CALENDAR-SERVICE-SESSION"
PRODUCT_ID = "-//Calendar service//Session copies//EN"

_VISIBLE = ("SUMMARY", "DTSTART", "DTEND", "DESCRIPTION", "LOCATION", "URL")
_SCHEDULING = ("ORGANIZER", "ATTENDEE")


class CopyText:
    """A copy as stored on a server."""

    def __init__(self, text: str) -> None:
        """Parse the text.

        Raises:
            CalendarMalformed: the text contains no event.
        """
        self._calendar = read_calendar(text)
        masters = [each for each in events_of(self._calendar) if "RECURRENCE-ID" not in each]
        if not masters:
            raise CalendarMalformed("The object in the calendar contains no event.")
        self._event = masters[0]

    @property
    def is_cancelled(self) -> bool:
        """True if the user cancelled the copy instead of deleting it."""
        return str(self._event.get("STATUS", "")).upper() == "CANCELLED"

    def has_key(self, key: str) -> bool:
        """Return whether it is the copy with that key."""
        return str(self._event.get("UID", "")) == key

    def is_copy_of(self, content: CopyContent) -> bool:
        """Return whether it is the copy that `content` describes, up to date or not."""
        session = str(self._event.get(SESSION_PROPERTY, ""))
        return self.has_key(content.key) and session == content.session_id

    def matches(self, content: CopyContent) -> bool:
        """Return whether the visible fields already match `content`."""
        wanted = _event(content)
        same = all(_value(self._event, name) == _value(wanted, name) for name in _VISIBLE)
        return same and not self.is_cancelled and "DURATION" not in self._event

    def merge(self, content: CopyContent) -> str:
        """Return the text with our fields set to `content`; other fields are unchanged.

        Raises:
            CalendarMalformed: the existing text cannot be serialised.
        """
        wanted = _event(content)
        try:
            wanted["SEQUENCE"] = max(content.sequence, int(self._event.get("SEQUENCE", 0)))
            for name in (
                *_VISIBLE,
                "DURATION",
                *_SCHEDULING,
                "STATUS" if self.is_cancelled else "",
            ):
                self._event.pop(name, None)
            self._event.update(wanted)
            self._calendar.pop("METHOD", None)
            return _text(self._calendar)
        except PARSE_ERRORS as error:
            raise CalendarMalformed("The copy in the calendar cannot be serialised.") from error


def new_text(content: CopyContent) -> str:
    """Return the calendar object of a new copy."""
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
    event[SESSION_PROPERTY] = vText(cleaned(content.session_id))
    event["SUMMARY"] = vText(cleaned(content.title))
    if content.description:
        event["DESCRIPTION"] = vText(cleaned(content.description))
    if content.location:
        event["LOCATION"] = vText(cleaned(content.location))
    if content.url:
        event["URL"] = vUri(joined_line(content.url))
    return event


def _value(event: Event, name: str) -> Any:
    value = event.get(name)
    if name.startswith("DT") and value is not None:
        return value.dt
    return None if value is None else str(value)


def _text(calendar: Calendar) -> str:
    return str(calendar.to_ical().decode())
