"""Reads the iCalendar object of a reply within bounds (RFC 5545, 5546).

Only the few properties of a reply are read, line by line. The rest is what the recipient's
calendar knows about the session, and may be anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.ports import ReplyUnreadable

LONGEST_CALENDAR = 200_000
MOST_LINES = 5_000
LONGEST_LINE = 10_000

_FOLD = re.compile(r"\r?\n[ \t]")
_NAMES = frozenset({"ATTENDEE", "COMMENT", "DTSTAMP", "METHOD", "RECURRENCE-ID", "SEQUENCE", "UID"})
_NAME = re.compile(r"[A-Za-z0-9-]+")
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^":;,]*)(?:,(?:"[^"]*"|[^":;,]*))*')
_ESCAPE = re.compile(r"\\(.)")
_CARET = re.compile(r"\^([n'^])")
_CARETS = {"n": "\n", "'": '"', "^": "^"}
_INSTANT = re.compile(r"\d{8}T\d{6}Z?")


@dataclass(frozen=True, slots=True)
class ContentLine:
    """One property: its value as written, and the first value of each parameter."""

    value: str
    parameters: Mapping[str, str]

    @property
    def text(self) -> str:
        """The value of a text property, without escapes (RFC 5545, 3.3.11)."""
        return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], self.value)

    def parameter(self, name: str) -> str:
        """Return a parameter without the escapes of RFC 6868, empty if it is missing."""
        return _CARET.sub(lambda match: _CARETS[match[1]], self.parameters.get(name, ""))

    @property
    def instant(self) -> datetime | None:
        """The value of a time stamp, None if it is not one; without a Z it counts as UTC."""
        if not _INSTANT.fullmatch(self.value):
            return None
        try:
            return datetime.strptime(self.value[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            return None


@dataclass(slots=True)
class ReplyCalendar:
    """The method of the object, and the properties of its only event by name."""

    method: str = ""
    event: dict[str, list[ContentLine]] = field(default_factory=dict)

    def one(self, name: str) -> ContentLine:
        """Return the only property of that name.

        Raises:
            ReplyUnreadable: when there is none, or more than one.
        """
        lines = self.event.get(name, [])
        if len(lines) != 1:
            raise ReplyUnreadable(f"The reply has {len(lines)} properties {name}.")
        return lines[0]

    def first(self, name: str) -> ContentLine | None:
        """Return the first property of that name, None if there is none."""
        return next(iter(self.event.get(name, ())), None)


def read_calendar(text: str) -> ReplyCalendar:
    """Return what a reply states.

    Raises:
        ReplyUnreadable: when it is not one complete VCALENDAR with one event, or exceeds a bound.
    """
    if len(text) > LONGEST_CALENDAR:
        raise ReplyUnreadable("The calendar object is too long.")
    whole = _FOLD.sub("", text.strip("\ufeff \t\r\n")).replace("\r\n", "\n")
    lines = [each for each in whole.split("\n") if each]
    if len(lines) > MOST_LINES:
        raise ReplyUnreadable("The calendar object has too many lines.")
    return _ReplyScan().scan(lines)


class _ReplyScan:
    def __init__(self) -> None:
        self._result = ReplyCalendar()
        self._path: list[str] = []
        self._events = 0

    def scan(self, lines: list[str]) -> ReplyCalendar:
        for line in lines:
            name = match[0].upper() if (match := _NAME.match(line)) else ""
            if name in {"BEGIN", "END"}:
                self._mark(name, line[len(name) :].lstrip(":").strip().upper())
            elif name in _NAMES:
                self._property(name, line)
        if self._path or self._events != 1:
            raise ReplyUnreadable("The calendar object is not complete, or has not one event.")
        return self._result

    def _mark(self, kind: str, component: str) -> None:
        if kind == "END":
            if not self._path or self._path.pop() != component:
                raise ReplyUnreadable("The calendar object is not complete.")
            return
        if (component == "VCALENDAR") == bool(self._path):
            raise ReplyUnreadable("The calendar object is not one VCALENDAR.")
        self._path.append(component)
        self._events += self._path == ["VCALENDAR", "VEVENT"]

    def _property(self, name: str, line: str) -> None:
        if len(line) > LONGEST_LINE:
            raise ReplyUnreadable("The calendar object has a property that is too long.")
        if self._path == ["VCALENDAR"] and name == "METHOD":
            self._result.method = _content_line(name, line).value.strip().upper()
        elif self._path == ["VCALENDAR", "VEVENT"]:
            self._result.event.setdefault(name, []).append(_content_line(name, line))


def _content_line(name: str, line: str) -> ContentLine:
    parameters: dict[str, str] = {}
    at = len(name)
    while match := _PARAMETER.match(line, at):
        parameters.setdefault(match[1].upper(), match[2].strip('"'))
        at = match.end()
    if line[at : at + 1] != ":":
        raise ReplyUnreadable(f"The reply has a property {name} that cannot be read.")
    return ContentLine(line[at + 1 :], parameters)
