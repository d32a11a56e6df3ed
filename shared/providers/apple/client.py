"""The calendar and discovery ports for CalDAV: iCloud and every server that follows RFC 4791."""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from typing_extensions import override

from shared.domain.copy import CalendarEntry, CopyContent, CopyRef
from shared.domain.errors import (
    CalendarTooLarge,
    ProviderRejected,
    ProviderUnavailable,
    ServerUrlNotAllowed,
)
from shared.domain.interval import Interval
from shared.ports import Account, CaldavDiscovery, CalendarProvider, FoundCalendar
from shared.providers.apple import discovery
from shared.providers.apple.addresses import Address, Resolver, parse_address
from shared.providers.apple.budget import Budget
from shared.providers.apple.copies import CaldavCopies
from shared.providers.apple.credentials import (
    Credentials,
    checked_credentials,
    read_credentials,
)
from shared.providers.apple.dav import DavClient
from shared.providers.apple.dial import ConnectionRules, system_resolver
from shared.providers.apple.entries import CaldavEntryReader
from shared.providers.apple.multistatus import CALDAV, Resource
from shared.providers.limits import MAX_OCCURRENCES
from shared.providers.tls import tls_context

# Servers interpret floating times in a zone of their choice. So a wider span is requested, and
# entries outside the span are dropped afterwards.
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
class _OpenCalendar:
    dav: DavClient
    address: Address
    credentials: Credentials

    @property
    def addresses(self) -> frozenset[str]:
        """The addresses by which invitations name the account, in lower case."""
        return self.credentials.addresses | {self.credentials.username.lower()}

    def name_of(self, resource: Resource) -> str:
        """Return the address of an object, or its href as it is if that is no usable address.

        No request goes there: the response has the object's text already.
        """
        try:
            return str(self.dav.local_address(self.address, resource.href))
        except ServerUrlNotAllowed:
            return resource.href


class CaldavProvider(CalendarProvider, CaldavDiscovery):
    """Any CalDAV server.

    Connects only to https on port 443 of public addresses, and to `allowed_hosts` (`host:port`).
    `traffic_dump` is the value of PYTHON_CALDAV_COMMDUMP.

    Raises:
        ValueError: `traffic_dump` is set. The caldav package would then write all traffic to
            files, including passwords.
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
            raise ValueError("unset PYTHON_CALDAV_COMMDUMP: it writes all traffic to /tmp")
        self._rules = ConnectionRules(
            allowed=frozenset(each.lower() for each in allowed_hosts),
            resolve=resolver,
            tls=tls or tls_context(),
        )

    @override
    def discover(
        self, server_url: str, username: str, password: str, *, timeout: timedelta
    ) -> FoundCalendar:
        """Choose the calendar as described in `discovery.discover`."""
        server = parse_address(server_url, allowed=self._rules.allowed)
        credentials = checked_credentials(username, password, server=server.origin)
        with DavClient(self._rules, home=server, credentials=credentials, timeout=timeout) as dav:
            return discovery.discover(dav, server, credentials)

    @override
    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Send one request to the server."""
        with self._open(account, timeout) as calendar:
            resources = calendar.dav.report(calendar.address, _query(within))
            if len(resources) > MAX_OCCURRENCES:
                raise CalendarTooLarge(f"The calendar has over {MAX_OCCURRENCES} objects.")
            texts = [
                (calendar.name_of(each), text)
                for each in resources
                if (text := _calendar_data(each)) is not None
            ]
        if sum(text.upper().count("BEGIN:VEVENT") for _, text in texts) > MAX_OCCURRENCES:
            raise CalendarTooLarge(f"The calendar has over {MAX_OCCURRENCES} events.")
        connection, budget = account.connection, Budget()
        reader = CaldavEntryReader(
            connection_id=connection.id,
            addresses=calendar.addresses | {connection.email.lower()},
            zone=connection.zone,
        )
        entries = reader.read(texts, within=within, budget=budget)
        return tuple(sorted(entries, key=lambda each: (each.interval.start, each.external_id)))

    @override
    def create_copy(self, account: Account, content: CopyContent, *, timeout: timedelta) -> CopyRef:
        with self._open(account, timeout) as calendar:
            return CaldavCopies(calendar.dav, calendar.address).create(content)

    @override
    def update_copy(
        self, account: Account, ref: CopyRef, content: CopyContent, *, timeout: timedelta
    ) -> CopyRef:
        with self._open(account, timeout) as calendar:
            return CaldavCopies(calendar.dav, calendar.address).update(ref, content)

    @override
    def delete_copy(
        self, account: Account, ref: CopyRef | None, *, key: str, timeout: timedelta
    ) -> None:
        with self._open(account, timeout) as calendar:
            CaldavCopies(calendar.dav, calendar.address).delete(ref, key=key)

    @contextmanager
    def _open(self, account: Account, timeout: timedelta) -> Iterator[_OpenCalendar]:
        credentials = read_credentials(account.credential)
        try:
            address = parse_address(account.connection.calendar_id, allowed=self._rules.allowed)
            with DavClient(
                self._rules, home=address, credentials=credentials, timeout=timeout
            ) as dav:
                yield _OpenCalendar(dav, address, credentials)
        except ServerUrlNotAllowed as error:
            raise ProviderRejected(error.message) from error


def _query(within: Interval) -> str:
    span = within.widened(_SLACK, _SLACK)
    # Round outwards to whole seconds.
    end = span.end + timedelta(seconds=1)
    return _QUERY.format(start=span.start.strftime(_STAMP), end=end.strftime(_STAMP))


def _calendar_data(resource: Resource) -> str | None:
    """Return the object's text, or None if it has been deleted in the meantime."""
    if resource.status == HTTPStatus.INSUFFICIENT_STORAGE:
        raise CalendarTooLarge("The calendar server truncated its response.")
    if resource.status == HTTPStatus.NOT_FOUND:
        return None
    text = resource.text(f"{CALDAV}calendar-data")
    if text is None:
        raise ProviderUnavailable("The calendar server returned an object without its data.")
    return text
