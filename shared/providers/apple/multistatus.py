"""Parses multi-status responses (RFC 4918, section 13)."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from shared.domain.errors import ProviderUnavailable

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
SUBSCRIBED = "{http://calendarserver.org/ns/}subscribed"
_STATUS = re.compile("[1-5][0-9]{2}")
CALENDAR_ORDER = "{http://apple.com/ns/ical/}calendar-order"


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a response: its href as the server spells it, and its properties.

    `status` is the status of the resource itself. `failed` is the status of a property the server
    could not return, unless it is missing or forbidden.
    """

    href: str
    status: int
    properties: Mapping[str, Any]
    failed: int | None = None

    def text(self, name: str) -> str | None:
        """Return the property's text, or None if it has none."""
        element = self.properties.get(name)
        return None if element is None else (element.text or "").strip() or None

    def hrefs(self, name: str) -> list[str]:
        """Return the hrefs inside the property, in order."""
        element = self.properties.get(name)
        elements = () if element is None else element.iterfind(f"{DAV}href")
        return [href.text.strip() for href in elements if href.text and href.text.strip()]

    def tags_inside(self, name: str) -> set[str]:
        """Return the tags of all elements inside the property, at any depth."""
        element = self.properties.get(name)
        return set() if element is None else {each.tag for each in element.iterdescendants()}


def resources(tree: Any) -> list[Resource]:
    """Return every resource in a multi-status body; `tree` is its parsed XML.

    Raises:
        ProviderUnavailable: it is not a multi-status body, or a resource cannot be read.
    """
    return [_resource(each) for each in _responses(tree)]


def readable_resources(tree: Any) -> list[Resource]:
    """Return the resources in a multi-status body that can be read and did not fail.

    For a list of calendars, where one that fails must not hide the others.

    Raises:
        ProviderUnavailable: it is not a multi-status body.
    """
    found: list[Resource] = []
    for each in _responses(tree):
        with suppress(ProviderUnavailable):
            found.append(_resource(each))
    return [each for each in found if each.status < HTTPStatus.BAD_REQUEST]


def _responses(tree: Any) -> Iterator[Any]:
    if tree is None or tree.tag != f"{DAV}multistatus":
        raise ProviderUnavailable("The calendar server's response is not CalDAV.")
    yield from tree.iterfind(f"{DAV}response")


def _resource(response: Any) -> Resource:
    href, status = response.findtext(f"{DAV}href"), response.findtext(f"{DAV}status")
    if not href or not href.strip():
        raise ProviderUnavailable("The calendar server's response has a resource without an href.")
    properties: dict[str, Any] = {}
    failed: int | None = None
    for code, prop in _propstats(response):
        if code == HTTPStatus.OK:
            properties.update({child.tag: child for child in prop})
        elif code not in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED):
            failed = code
    return Resource(href.strip(), _code(status), properties, failed)


def _propstats(response: Any) -> Iterator[tuple[int, Any]]:
    for propstat in response.iterfind(f"{DAV}propstat"):
        prop = propstat.find(f"{DAV}prop")
        if prop is not None:
            yield _code(propstat.findtext(f"{DAV}status")), prop


def _code(line: str | None) -> int:
    """Return the code of a line such as `HTTP/1.1 200 OK`; a missing line means 200."""
    words = (line or "HTTP/1.1 200").split()
    code = words[1] if len(words) > 1 else ""
    if not _STATUS.fullmatch(code):
        raise ProviderUnavailable("The calendar server's response has an unreadable status.")
    return int(code)
