"""The properties of one VEVENT (RFC 5545, 3.1)."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_TEXT = r'(?:"[^"]*"|[^":;,]*)'
_PARAMETER = re.compile(rf"\s*;\s*([A-Za-z0-9-]+)\s*=({_TEXT}(?:,{_TEXT})*)")
_ESCAPED = re.compile(r"\\([\\;,nN])")


class Property(NamedTuple):
    """A property with its parameters, whose names are in upper case."""

    value: str
    parameters: dict[str, str]


class EventLines:
    """One VEVENT. Values are parsed when they are asked for."""

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def add(self, name: str, rest: str) -> None:
        """Add the line of a property, without its name."""
        self._lines.setdefault(name, []).append(rest)

    def __contains__(self, name: str) -> bool:
        return name in self._lines

    @property
    def repeats(self) -> bool:
        """Whether it has further occurrences."""
        return "RRULE" in self._lines or "RDATE" in self._lines

    def all(self, name: str) -> Iterator[Property]:
        """Yield the properties with that name.

        Raises:
            ValueError: one of them cannot be split into parameters and a value.
        """
        for rest in self._lines.get(name, ()):
            yield _property(rest)

    def readable(self, name: str) -> Iterator[Property]:
        """Yield the properties with that name that can be split."""
        for rest in self._lines.get(name, ()):
            try:
                yield _property(rest)
            except ValueError:
                continue

    def one(self, name: str) -> Property | None:
        """Return the only property with that name, or None.

        Raises:
            ValueError: there are several that differ, it has no value, or it cannot be split.
        """
        lines = self._lines.get(name)
        if lines is None:
            return None
        if len(lines) > 1 and len(set(lines)) > 1:
            raise ValueError(f"there are several values of {name}")
        found = _property(lines[0])
        if not found.value:
            raise ValueError(f"{name} has no value")
        return found

    def text(self, name: str) -> str | None:
        """Return the first value of a text property without escapes, or None if it is empty."""
        lines = self._lines.get(name)
        if lines is None:
            return None
        if lines[0][:1] == ":":
            value = lines[0][1:].strip()
        else:
            value = next((each.value for each in self.readable(name)), "")
        return (_ESCAPED.sub(_unescaped, value) if "\\" in value else value) or None

    def is_always(self, name: str, value: str) -> bool:
        """Return whether the property is there and has only this value.

        Raises:
            ValueError: a line of it cannot be split.
        """
        if name not in self._lines:
            return False
        # A list, so that every line is split.
        values = [each.value.upper() for each in self.all(name)]
        return all(each == value for each in values)


def _property(rest: str) -> Property:
    if rest[:1] == ":":
        return Property(rest[1:].strip(), {})
    position, parameters = 0, {}
    while (found := _PARAMETER.match(rest, position)) is not None:
        parameters[found[1].upper()] = found[2].strip('"')
        position = found.end()
    if rest[position : position + 1] != ":":
        raise ValueError("a property without a value")
    return Property(rest[position + 1 :].strip(), parameters)


def _unescaped(escape: re.Match[str]) -> str:
    return "\n" if escape[1] in "nN" else escape[1]
