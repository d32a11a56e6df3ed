"""Finds a copy that is no longer at its address: renamed, or moved to another calendar."""

from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus

from shared.domain.connection import ProblemCode
from shared.domain.errors import (
    CalendarMalformed,
    ProviderRejected,
    ProviderUnavailable,
    ServerUrlNotAllowed,
)
from shared.providers.apple.addresses import Address
from shared.providers.apple.dav import GONE, DavClient
from shared.providers.apple.multistatus import CALDAV, DAV, SUBSCRIBED, Resource
from shared.providers.apple.payload import CopyText

_MAX_CALENDARS = 8
_NO_SEARCH = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.NOT_IMPLEMENTED,
    }
)
_KINDS = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/></d:prop></d:propfind>'
)
_WITH_UID = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">'
    "<d:prop><d:getetag/><c:calendar-data/></d:prop>"
    '<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">'
    '<c:prop-filter name="UID"><c:text-match collation="i;octet">{key}</c:text-match>'
    "</c:prop-filter></c:comp-filter></c:comp-filter></c:filter></c:calendar-query>"
)


class MovedCopies:
    """Searches the calendar and those beside it for the UID of a copy."""

    def __init__(self, dav: DavClient, calendar: Address) -> None:
        self._dav = dav
        self._calendar = calendar

    def find(self, key: str) -> Address | None:
        """Return where the copy with that key is now, or None if it is in none of the calendars.

        Raises:
            ProviderRejected: the calendar does not exist any more.
            ProviderUnavailable: it is unknown whether it exists.
        """
        for calendar in self._calendars():
            found = self._in(calendar, key)
            if found is not None:
                return found
        return None

    def _calendars(self) -> Iterator[Address]:
        listed = self._listed()
        if listed is None:
            self._require_calendar()
        elif self._calendar not in listed:
            raise ProviderRejected(
                "The calendar does not exist any more.", problem=ProblemCode.CALENDAR_DELETED
            )
        yield self._calendar
        others = (each for each in listed or () if each != self._calendar)
        yield from list(others)[:_MAX_CALENDARS]

    def _listed(self) -> list[Address] | None:
        """Return the calendars in the collection above, or None if it cannot be listed."""
        path = self._calendar.path.rstrip("/").rpartition("/")[0] + "/"
        home = Address(self._calendar.origin, path)
        try:
            members = self._dav.members(home, _KINDS)
        except (ProviderRejected, ServerUrlNotAllowed):
            return None
        listed: list[Address] = []
        for each in members:
            with suppress(ServerUrlNotAllowed):
                address = self._dav.local_address(home, each.href)
                if _is_calendar(each):
                    listed.append(Address(address.origin, address.path.rstrip("/") + "/"))
        return listed or None

    def _require_calendar(self) -> None:
        if not self._dav.propfind(self._calendar, _KINDS, depth=0, expected=GONE):
            # The server may have an outage: only a list without the calendar is certain.
            raise ProviderUnavailable(
                "The calendar server does not find the calendar.", answered=True
            )

    def _in(self, calendar: Address, key: str) -> Address | None:
        try:
            found = self._dav.search(calendar, _WITH_UID.format(key=key), expected=_NO_SEARCH)
        except (ProviderRejected, ServerUrlNotAllowed):
            found = None if calendar == self._calendar else []
        if found is None:
            return self._at_usual_name(calendar, key)
        for each in found:
            if _has_key(each.text(f"{CALDAV}calendar-data") or "", key):
                return self._dav.local_address(calendar, each.href)
        return None

    def _at_usual_name(self, calendar: Address, key: str) -> Address | None:
        """Look for the object under the name that most clients give it, if searches are refused."""
        address = self._dav.address(calendar, f"{key}.ics")
        response = self._dav.request("GET", address, expected=GONE | _NO_SEARCH)
        is_found = response.status not in GONE | _NO_SEARCH and _has_key(response.text, key)
        return address if is_found else None


def _is_calendar(resource: Resource) -> bool:
    kinds = resource.tags_inside(f"{DAV}resourcetype")
    return f"{CALDAV}calendar" in kinds and SUBSCRIBED not in kinds


def _has_key(text: str, key: str) -> bool:
    if key not in text:
        return False
    try:
        return CopyText(text).has_key(key)
    except CalendarMalformed:
        return False
