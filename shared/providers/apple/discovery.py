"""Finds the calendar that accepts events behind a CalDAV address (RFC 4791, 5397, 6638)."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from shared.domain.errors import (
    CalendarServiceError,
    CalendarTooLarge,
    CredentialInvalid,
    CredentialsRejected,
    NoCalendar,
    ProviderFailure,
    ProviderRejected,
    ProviderUnavailable,
    ProviderUnreachable,
    ServerUrlNotAllowed,
)
from shared.ports import FoundCalendar
from shared.providers.apple.addresses import Address
from shared.providers.apple.credentials import Credentials, account_name
from shared.providers.apple.dav import GONE, DavClient
from shared.providers.apple.ics import zone_name
from shared.providers.apple.multistatus import (
    CALDAV,
    CALENDAR_ORDER,
    DAV,
    SUBSCRIBED,
    Resource,
)

_ENOUGH_TO_WRITE = frozenset({f"{DAV}write", f"{DAV}all", f"{DAV}write-content"})
_ENOUGH_TO_ADD = frozenset({f"{DAV}write", f"{DAV}all", f"{DAV}bind"})
_LAST = float("inf")
_MAX_HOMES = 10
_MAX_ADDRESSES = 50
_MAX_ADDRESS_CHARACTERS = 320
_WELL_KNOWN = "/.well-known/caldav"


def _propfind_for(*properties: str) -> str:
    elements = "".join(f"<{each}/>" for each in properties)
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<d:propfind xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" '
        f'xmlns:i="http://apple.com/ns/ical/"><d:prop>{elements}</d:prop></d:propfind>'
    )


_PRINCIPAL = _propfind_for("d:current-user-principal")
_HOMES = _propfind_for("c:calendar-home-set", "c:calendar-user-address-set", "c:schedule-inbox-URL")
_DEFAULT = _propfind_for("c:schedule-default-calendar-URL")
# iCloud leaves resourcetype out of allprop, so every property is requested by name.
_CALENDARS = _propfind_for(
    "d:resourcetype",
    "d:displayname",
    "d:current-user-privilege-set",
    "c:supported-calendar-component-set",
    "c:calendar-timezone",
    "i:calendar-order",
)


@dataclass(frozen=True, slots=True)
class _Calendar:
    address: Address
    properties: Resource

    @property
    def takes_events(self) -> bool:
        """True if it is a calendar of events in which the user may create and change events."""
        kinds = self.properties.tags_inside(f"{DAV}resourcetype")
        return f"{CALDAV}calendar" in kinds and SUBSCRIBED not in kinds and self._writable

    @property
    def order(self) -> tuple[float, str]:
        """The sort key: the user's order of calendars, then the address."""
        position = self.properties.text(CALENDAR_ORDER) or ""
        return float(position) if position.isdecimal() else _LAST, self.address.path

    @property
    def _writable(self) -> bool:
        privileges = self.properties.tags_inside(f"{DAV}current-user-privilege-set")
        has_privileges = f"{DAV}current-user-privilege-set" in self.properties.properties
        may_write = not privileges.isdisjoint(_ENOUGH_TO_WRITE)
        may_add = not privileges.isdisjoint(_ENOUGH_TO_ADD)
        return self._holds_events and (not has_privileges or (may_write and may_add))

    @property
    def _holds_events(self) -> bool:
        kinds = self.properties.properties.get(f"{CALDAV}supported-calendar-component-set")
        # A missing property means any kind of component (RFC 4791, 5.2.3).
        return kinds is None or "VEVENT" in {each.get("name", "").upper() for each in kinds}


def discover(dav: DavClient, server: Address, credentials: Credentials) -> FoundCalendar:
    """Return the calendar of the account that accepts events.

    It is the server's default calendar for new events, or else the first writable calendar, in the
    user's order and then by address.

    Raises:
        ServerUrlNotAllowed, CredentialsRejected, NoCalendar, ProviderUnreachable: see the port.
    """
    try:
        return _discover(dav, server, credentials)
    except CredentialInvalid as error:
        raise CredentialsRejected(error.message) from error
    except (ProviderUnavailable, ProviderRejected, CalendarTooLarge) as error:
        raise ProviderUnreachable(
            f"{error.message} Enter the address of a CalDAV server or of a principal on it."
        ) from error


def _discover(dav: DavClient, server: Address, credentials: Credentials) -> FoundCalendar:
    with _reference(dav, server, _entry_point(dav, server)) as address:
        principal = _only(dav.propfind(address, _HOMES, depth=0))
    calendars = sorted(_calendars(dav, address, principal), key=lambda each: each.order)
    if not calendars:
        raise NoCalendar("The account has no calendar that accepts events and is writable.")
    default = _default(dav, address, principal) if len(calendars) > 1 else None
    chosen = next((each for each in calendars if str(each.address) == default), calendars[0])
    return FoundCalendar(
        account=account_name(server.origin, credentials.username),
        email=_email(principal, credentials.username),
        calendar_id=str(chosen.address),
        calendar_name=chosen.properties.text(f"{DAV}displayname"),
        zone=zone_name(chosen.properties.text(f"{CALDAV}calendar-timezone")),
        credential=replace(credentials, addresses=_addresses(principal)).as_json,
    )


@contextmanager
def _reference(dav: DavClient, base: Address, href: str) -> Iterator[Address]:
    """Yield the address of an href on the same server.

    Raises:
        ServerUrlNotAllowed: the href names another server, and its path does not exist on this one.
    """
    address = dav.local_address(base, href)
    try:
        yield address
    except (ProviderUnavailable, ProviderRejected) as error:
        if not dav.is_local(base, href):
            message = "The calendar server refers to another server."
            raise ServerUrlNotAllowed(message) from error
        raise


def _entry_point(dav: DavClient, server: Address) -> str:
    """Return the href of the principal, from the server's address or else its well-known one."""
    try:
        return _principal(dav, server)
    except (ProviderUnavailable, ProviderRejected) as error:
        well_known = Address(server.origin, _WELL_KNOWN)
        if server.path not in ("", "/") or _is_final(error):
            raise
        try:
            return _principal(dav, well_known)
        except (ProviderUnavailable, ProviderRejected, ServerUrlNotAllowed):
            raise error from None


def _is_final(error: CalendarServiceError) -> bool:
    """Return whether the server asked to wait, so that no further request should be sent."""
    return isinstance(error, ProviderUnavailable) and error.retry_after is not None


def _principal(dav: DavClient, server: Address) -> str:
    resource = _only(dav.propfind(server, _PRINCIPAL, depth=0))
    hrefs = resource.hrefs(f"{DAV}current-user-principal")
    if hrefs:
        return hrefs[0]
    if f"{DAV}unauthenticated" in resource.tags_inside(f"{DAV}current-user-principal"):
        raise CredentialInvalid("The calendar server did not accept the user name and password.")
    raise ProviderRejected("The calendar server returned no principal.")


def _calendars(dav: DavClient, address: Address, principal: Resource) -> list[_Calendar]:
    """Return the calendars of every home that can be listed.

    Raises:
        CalendarServiceError: the error of the first home, if no home can be listed.
    """
    homes = principal.hrefs(f"{CALDAV}calendar-home-set")
    if not homes:
        raise ProviderRejected("The calendar server returned no calendar home.")
    found: list[_Calendar] = []
    failures: list[CalendarServiceError] = []
    for href in list(dict.fromkeys(homes))[:_MAX_HOMES]:
        try:
            with _reference(dav, address, href) as home:
                found += _calendars_in(dav, home)
        except (ProviderFailure, ServerUrlNotAllowed) as error:
            failures.append(error)
    if failures and not found:
        raise failures[0]
    return found


def _calendars_in(dav: DavClient, home: Address) -> list[_Calendar]:
    found: list[_Calendar] = []
    for each in dav.members(home, _CALENDARS):
        # A collection with an address that cannot be used does not hide the others.
        with suppress(ServerUrlNotAllowed):
            address = dav.local_address(home, each.href)
            found.append(_Calendar(_as_collection(address), each))
    return [each for each in found if each.takes_events]


def _default(dav: DavClient, address: Address, principal: Resource) -> str | None:
    """Return the address of the server's default calendar for new events, or None."""
    # The calendar is only a preference, so no failure matters.
    with suppress(ProviderFailure, ServerUrlNotAllowed):
        for inbox in principal.hrefs(f"{CALDAV}schedule-inbox-URL"):
            inbox_address = dav.local_address(address, inbox)
            for resource in dav.propfind(inbox_address, _DEFAULT, depth=0, expected=_NO_DEFAULT):
                for href in resource.hrefs(f"{CALDAV}schedule-default-calendar-URL"):
                    return str(_as_collection(dav.local_address(address, href)))
    return None


_NO_DEFAULT = GONE | {403, 405, 501}


def _email(principal: Resource, username: str) -> str:
    addresses = principal.hrefs(f"{CALDAV}calendar-user-address-set")
    mailboxes = [each[7:] for each in addresses if each.lower().startswith("mailto:")]
    return username if "@" in username or not mailboxes else mailboxes[0]


def _addresses(principal: Resource) -> frozenset[str]:
    """Return the addresses by which invitations name the account: mailboxes, paths and URNs."""
    hrefs = principal.hrefs(f"{CALDAV}calendar-user-address-set")[:_MAX_ADDRESSES]
    addresses = (each.lower().removeprefix("mailto:") for each in hrefs)
    return frozenset(each for each in addresses if len(each) <= _MAX_ADDRESS_CHARACTERS)


def _only(resources: list[Resource]) -> Resource:
    if not resources:
        raise ProviderRejected("The calendar server returned no properties of the resource.")
    return resources[0]


def _as_collection(address: Address) -> Address:
    path = address.path if address.path.endswith("/") else f"{address.path}/"
    return Address(address.origin, path)
