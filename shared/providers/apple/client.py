"""CalDAV behind the ports: iCloud, and every other server that keeps to RFC 4791."""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from shared.domain.copy import CalendarEntry, CopyContent, CopyRef
from shared.domain.errors import (
    CalendarTooLarge,
    ProviderRefused,
    ProviderUnavailable,
    ServerUrlNotAllowed,
)
from shared.domain.interval import Interval
from shared.ports import Account, FoundCalendar
from shared.providers.apple import discovery
from shared.providers.apple.addresses import Address, Resolver, checked
from shared.providers.apple.copies import Copies
from shared.providers.apple.credentials import checked_credentials, read_credentials
from shared.providers.apple.dav import Dav
from shared.providers.apple.dial import Guard, system_resolver
from shared.providers.apple.entries import Reader
from shared.providers.apple.multistatus import CALDAV, Resource
from shared.providers.apple.recurrence import Budget
from shared.providers.limits import MOST_OCCURRENCES
from shared.providers.tls import tls_context

# Servers place floating times in a zone of their own choice; what is near is sorted out here.
_SLACK = timedelta(days=1)
_STAMP = "%Y%m%dT%H%M%SZ"
_QUERY = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">'
    "<d:prop><d:getetag/><c:calendar-data/></d:prop>"
    '<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">'
    '<c:time-range start="{start}" end="{end}"/>'
    "</c:comp-filter></c:comp-filter></c:filter></c:calendar-query>"
)


@dataclass(frozen=True, slots=True)
class _Conversation:
    dav: Dav
    calendar: Address
    username: str


class CaldavProvider:
    """A `CalendarProvider` and a `CaldavDiscovery`.

    Only https on port 443 of public addresses is talked to, and what `allowed_hosts` (`host:port`)
    opens besides. `traffic_dump` is the value of PYTHON_CALDAV_COMMDUMP.

    Raises:
        ValueError: when `traffic_dump` is set, because the package would then write everything
            said, passwords included, to files.
    """

    def __init__(
        self,
        allowed_hosts: Iterable[str] = (),
        *,
        resolver: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
        traffic_dump: str = "",
    ) -> None:
        if traffic_dump:
            raise ValueError("unset PYTHON_CALDAV_COMMDUMP: it writes calendars to /tmp")
        self._guard = Guard(
            allowed=frozenset(each.lower() for each in allowed_hosts),
            resolve=resolver,
            tls=tls or tls_context(),
        )

    def discover(
        self, server_url: str, username: str, password: str, *, timeout: timedelta
    ) -> FoundCalendar:
        """Return the calendar that takes events; see `discovery.discover` for the choice."""
        server = checked(server_url, allowed=self._guard.allowed)
        credentials = checked_credentials(username, password, server=server.origin)
        with Dav(self._guard, home=server, credentials=credentials, timeout=timeout) as dav:
            return discovery.discover(dav, server, credentials)

    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Return every entry that overlaps `within`, by start; one request to the server."""
        with self._talking(account, timeout) as talk:
            found = talk.dav.report(talk.calendar, _query(within))
            texts = [
                (str(talk.dav.address(talk.calendar, each.href)), text)
                for each in found
                if (text := _calendar_data(each)) is not None
            ]
        if sum(text.upper().count("BEGIN:VEVENT") for _, text in texts) > MOST_OCCURRENCES:
            raise CalendarTooLarge(f"The calendar has over {MOST_OCCURRENCES} events.")
        connection, budget = account.connection, Budget()
        reader = Reader(
            connection_id=connection.id,
            addresses=frozenset({connection.email.lower(), talk.username.lower()}),
            zone=connection.zone,
        )
        entries = [
            entry
            for href, text in texts
            for entry in reader.entries(text, href, within=within, budget=budget)
        ]
        return tuple(sorted(entries, key=lambda each: (each.interval.start, each.external_id)))

    def create_copy(self, account: Account, content: CopyContent, *, timeout: timedelta) -> CopyRef:
        """Make the calendar hold `content` at `<key>.ics`, once however often it is asked."""
        with self._talking(account, timeout) as talk:
            return Copies(talk.dav, talk.calendar).create(content)

    def update_copy(
        self, account: Account, ref: CopyRef, content: CopyContent, *, timeout: timedelta
    ) -> CopyRef:
        """Bring our fields of the copy to `content`; what the user added to it stays."""
        with self._talking(account, timeout) as talk:
            return Copies(talk.dav, talk.calendar).update(ref, content)

    def delete_copy(
        self, account: Account, ref: CopyRef | None, *, key: str, timeout: timedelta
    ) -> None:
        """Remove the copy, also one the user has changed."""
        with self._talking(account, timeout) as talk:
            Copies(talk.dav, talk.calendar).delete(ref, key=key)

    @contextmanager
    def _talking(self, account: Account, timeout: timedelta) -> Iterator[_Conversation]:
        credentials = read_credentials(account.credential)
        try:
            calendar = checked(account.connection.calendar_id, allowed=self._guard.allowed)
            with Dav(self._guard, home=calendar, credentials=credentials, timeout=timeout) as dav:
                yield _Conversation(dav, calendar, credentials.username)
        except ServerUrlNotAllowed as error:
            raise ProviderRefused(error.message) from error


def _query(within: Interval) -> str:
    span = within.widened(_SLACK, _SLACK)
    # Rounded outwards to whole seconds.
    end = span.end + timedelta(seconds=1)
    return _QUERY.format(start=span.start.strftime(_STAMP), end=end.strftime(_STAMP))


def _calendar_data(resource: Resource) -> str | None:
    """Return the object's text, or None when it was deleted meanwhile."""
    if resource.status == HTTPStatus.INSUFFICIENT_STORAGE:
        raise CalendarTooLarge("The calendar server cut its answer short.")
    if resource.status == HTTPStatus.NOT_FOUND:
        return None
    text = resource.text(f"{CALDAV}calendar-data")
    if text is None:
        raise ProviderUnavailable("The calendar server left out an object it found.")
    return text
