"""Converts a copy to iCalendar text (RFC 5545), compares it and merges it into existing text.

Copies have no ORGANIZER, ATTENDEE or METHOD, so no server sends mail. Their times are in UTC, so no
VTIMEZONE is needed. DTEND is always set, because iCloud rejects events without it.
"""

from typing import Any

from icalendar import Calendar, Event, vText, vUri

from shared.domain.copy import CopyContent, place_digest
from shared.domain.errors import CalendarMalformed
from shared.domain.text import cleaned, joined_line
from shared.providers.apple.ics import PARSE_ERRORS, events_of, read_calendar
from shared.providers.own_text import delimited, has_plain_text, merged_text

SESSION_PROPERTY = "X-CALENDAR-SERVICE-SESSION"
PLACE_PROPERTY = "X-CALENDAR-SERVICE-PLACE"
PRODUCT_ID = "-//Calendar service//Session copies//EN"

_COMPARED = ("SUMMARY", "DTSTART", "DTEND", "URL")
_SCHEDULING = ("ORGANIZER", "ATTENDEE")
_OF_SERIES = ("RRULE", "RDATE", "EXDATE", "EXRULE")


class CopyText:
    """A copy as stored on a server.

    If the user has made a series of it, the first occurrence is the copy, and the others are the
    user's. Changes then go into an exception of the series.
    """

    def __init__(self, text: str) -> None:
        """Parse the text.

        Raises:
            CalendarMalformed: the text contains no event.
        """
        self._calendar = read_calendar(text)
        events = events_of(self._calendar)
        masters = [each for each in events if "RECURRENCE-ID" not in each]
        if not masters:
            raise CalendarMalformed("The object in the calendar contains no event.")
        self._master = masters[0]
        self._event = self._master
        if self.is_series:
            first = _value(self._master, "DTSTART")
            exceptions = (each for each in events if _value(each, "RECURRENCE-ID") == first)
            self._event = next(exceptions, None) or _occurrence(self._master)

    @property
    def is_series(self) -> bool:
        """True if the user has made a series of the copy."""
        return any(name in self._master for name in _OF_SERIES[:2])

    @property
    def is_cancelled(self) -> bool:
        """True if the user cancelled the copy, or its occurrence, instead of deleting it."""
        return str(self._event.get("STATUS", "")).upper() == "CANCELLED" or self._is_excluded

    def has_key(self, key: str) -> bool:
        """Return whether it is the copy with that key."""
        return str(self._master.get("UID", "")) == key

    def is_copy_of(self, content: CopyContent) -> bool:
        """Return whether it is the copy that `content` describes, up to date or not.

        Some servers remove the properties that they do not know; the key is enough then.
        """
        session = self._master.get(SESSION_PROPERTY)
        return self.has_key(content.key) and str(session or content.session_id) == (
            cleaned(content.session_id)
        )

    def matches(self, content: CopyContent) -> bool:
        """Return whether the visible fields already match `content`."""
        wanted = _event(content)
        same = all(_value(self._event, name) == _value(wanted, name) for name in _COMPARED)
        text, session = cleaned(content.description), content.session_id
        same_text = has_plain_text(self._text("DESCRIPTION"), text, session_id=session)
        same_place = self._place(content) == self._text("LOCATION")
        is_whole = "DURATION" not in self._event and not self.is_cancelled
        return same and same_text and same_place and is_whole

    def merge(self, content: CopyContent) -> str:
        """Return the text with our fields set to `content`; other fields are unchanged.

        The text and the place that the user added stay.

        Raises:
            CalendarMalformed: the existing text cannot be serialised.
        """
        wanted, place = _event(content), self._place(content)
        text, session = delimited(cleaned(content.description)), content.session_id
        merged = merged_text(self._text("DESCRIPTION"), text, session_id=session)
        try:
            wanted["SEQUENCE"] = max(content.sequence, _number(self._event.get("SEQUENCE")))
            for name in (*_COMPARED, *_SCHEDULING, "DURATION", PLACE_PROPERTY, "LOCATION"):
                self._event.pop(name, None)
            if self.is_cancelled:
                self._event.pop("STATUS", None)
            self._event.update(wanted)
            self._event["DESCRIPTION"] = vText(merged)
            if place:
                self._event["LOCATION"] = vText(place)
            if self._event not in self._calendar.subcomponents:
                self._calendar.add_component(self._event)
            self._calendar.pop("METHOD", None)
            return _serialised(self._calendar)
        except PARSE_ERRORS as error:
            raise CalendarMalformed("The copy in the calendar cannot be serialised.") from error

    def without_copy(self) -> str:
        """Return the text of the series without the occurrence that is the copy.

        Raises:
            CalendarMalformed: the existing text cannot be serialised.
        """
        try:
            if self._event in self._calendar.subcomponents:
                self._calendar.subcomponents.remove(self._event)
            if not self._is_excluded:
                self._master.add("EXDATE", _value(self._master, "DTSTART"))
            return _serialised(self._calendar)
        except PARSE_ERRORS as error:
            raise CalendarMalformed("The copy in the calendar cannot be serialised.") from error

    @property
    def _is_excluded(self) -> bool:
        found = self._master.get("EXDATE", []) if self.is_series else []
        dates = found if isinstance(found, list) else [found]
        first = _value(self._master, "DTSTART")
        return any(each.dt == first for one in dates for each in one.dts)

    def _place(self, content: CopyContent) -> str:
        """Return the place that the copy should have: ours, or else the user's own."""
        current, wanted = self._text("LOCATION"), cleaned(content.location or "")
        is_ours = str(self._event.get(PLACE_PROPERTY, "")) == place_digest(current)
        return wanted or ("" if is_ours else current)

    def _text(self, name: str) -> str:
        return str(self._event.get(name) or "")


def new_text(content: CopyContent) -> str:
    """Return the calendar object of a new copy."""
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", PRODUCT_ID)
    event = _event(content)
    event["DESCRIPTION"] = vText(delimited(cleaned(content.description)))
    if content.location:
        event["LOCATION"] = vText(cleaned(content.location))
    calendar.add_component(event)
    return _serialised(calendar)


def _event(content: CopyContent) -> Event:
    """Return our fields, without those in which the user may have added something."""
    event = Event()
    event.add("UID", content.key)
    event.add("DTSTAMP", content.updated_at)
    event.add("LAST-MODIFIED", content.updated_at)
    event.add("SEQUENCE", content.sequence)
    event.add("DTSTART", content.interval.start.replace(microsecond=0))
    event.add("DTEND", content.interval.end.replace(microsecond=0))
    event[SESSION_PROPERTY] = vText(cleaned(content.session_id))
    event["SUMMARY"] = vText(cleaned(content.title))
    if content.location:
        event[PLACE_PROPERTY] = vText(place_digest(cleaned(content.location)))
    if content.url:
        event["URL"] = vUri(joined_line(content.url))
    return event


def _occurrence(master: Event) -> Event:
    """Return an exception of a series for its first occurrence, without changes."""
    event = Event(master)
    for name in _OF_SERIES:
        event.pop(name, None)
    event.add("RECURRENCE-ID", _value(master, "DTSTART"))
    return event


def _number(value: Any) -> int:
    """Return a SEQUENCE, or 0 for one that is not a number."""
    try:
        return int(value or 0)
    except (TypeError, ValueError):
        return 0


def _value(event: Event, name: str) -> Any:
    value = event.get(name)
    if name.startswith(("DT", "RECURRENCE")) and value is not None:
        return value.dt
    return None if value is None else str(value)


def _serialised(calendar: Calendar) -> str:
    return str(calendar.to_ical().decode())
