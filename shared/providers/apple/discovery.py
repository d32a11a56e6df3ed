"""From a CalDAV address to the calendar that takes events (RFC 4791, 5397, 6638)."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.errors import (
    CalendarTooLarge,
    CredentialDead,
    CredentialsRejected,
    NoCalendar,
    ProviderRefused,
    ProviderUnavailable,
    ProviderUnreachable,
)
from shared.ports import FoundCalendar
from shared.providers.apple.addresses import Address
from shared.providers.apple.credentials import Credentials, account_name
from shared.providers.apple.dav import GONE, Dav
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


def _asking(*properties: str) -> str:
    asked = "".join(f"<{each}/>" for each in properties)
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<d:propfind xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" '
        f'xmlns:i="http://apple.com/ns/ical/"><d:prop>{asked}</d:prop></d:propfind>'
    )


_PRINCIPAL = _asking("d:current-user-principal")
_HOMES = _asking("c:calendar-home-set", "c:calendar-user-address-set", "c:schedule-inbox-URL")
_DEFAULT = _asking("c:schedule-default-calendar-URL")
# iCloud leaves resourcetype out of allprop, so everything is asked for by name.
_CALENDARS = _asking(
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
        """Whether it is a calendar of events that this user may add to and change."""
        kinds = self.properties.inside(f"{DAV}resourcetype")
        return f"{CALDAV}calendar" in kinds and SUBSCRIBED not in kinds and self._writable

    @property
    def order(self) -> tuple[float, str]:
        """Where it comes among others: as the user has put them, then by address."""
        told = self.properties.text(CALENDAR_ORDER) or ""
        return float(told) if told.isdecimal() else _LAST, self.address.path

    @property
    def _writable(self) -> bool:
        privileges = self.properties.inside(f"{DAV}current-user-privilege-set")
        told = f"{DAV}current-user-privilege-set" in self.properties.properties
        may_write = not privileges.isdisjoint(_ENOUGH_TO_WRITE)
        may_add = not privileges.isdisjoint(_ENOUGH_TO_ADD)
        return self._holds_events and (not told or (may_write and may_add))

    @property
    def _holds_events(self) -> bool:
        kinds = self.properties.properties.get(f"{CALDAV}supported-calendar-component-set")
        # Not told means any kind (RFC 4791, 5.2.3).
        return kinds is None or "VEVENT" in {each.get("name", "").upper() for each in kinds}


def discover(dav: Dav, server: Address, credentials: Credentials) -> FoundCalendar:
    """Return the calendar of the account that takes events.

    That is the one the server names as the default for new events; else the first the user may
    write to, in the order the user gave them, then by address.

    Raises:
        ServerUrlNotAllowed, CredentialsRejected, NoCalendar, ProviderUnreachable: as the port says.
    """
    try:
        return _found(dav, server, credentials)
    except CredentialDead as error:
        raise CredentialsRejected(error.message) from error
    except (ProviderUnavailable, ProviderRefused, CalendarTooLarge) as error:
        raise ProviderUnreachable(
            f"{error.message} Give the address of a CalDAV server or of a principal on it."
        ) from error


def _found(dav: Dav, server: Address, credentials: Credentials) -> FoundCalendar:
    place = _principal(dav, server)
    principal = _only(dav.propfind(place, _HOMES, depth=0))
    calendars = sorted(_calendars(dav, place, principal), key=lambda each: each.order)
    if not calendars:
        raise NoCalendar("No calendar of this account takes events and may be written to.")
    default = _default(dav, place, principal) if len(calendars) > 1 else None
    chosen = next((each for each in calendars if str(each.address) == default), calendars[0])
    return FoundCalendar(
        account=account_name(server.origin, credentials.username),
        email=_email(principal, credentials.username),
        calendar_id=str(chosen.address),
        calendar_name=chosen.properties.text(f"{DAV}displayname"),
        zone=zone_name(chosen.properties.text(f"{CALDAV}calendar-timezone")),
        credential=credentials.as_json,
    )


def _principal(dav: Dav, server: Address) -> Address:
    found = _only(dav.propfind(server, _PRINCIPAL, depth=0))
    hrefs = found.hrefs(f"{DAV}current-user-principal")
    if hrefs:
        return dav.address(server, hrefs[0])
    if f"{DAV}unauthenticated" in found.inside(f"{DAV}current-user-principal"):
        raise CredentialDead("The calendar server does not know this user name and password.")
    raise ProviderRefused("The calendar server names no principal.")


def _calendars(dav: Dav, place: Address, principal: Resource) -> Iterable[_Calendar]:
    homes = principal.hrefs(f"{CALDAV}calendar-home-set")
    if not homes:
        raise ProviderRefused("The calendar server names no calendar home.")
    for href in homes:
        home = dav.address(place, href)
        for each in dav.propfind(home, _CALENDARS, depth=1):
            calendar = _Calendar(_folder(dav.address(home, each.href)), each)
            if calendar.takes_events:
                yield calendar


def _default(dav: Dav, place: Address, principal: Resource) -> str | None:
    """Return the address of the calendar that scheduling puts new events in, where told."""
    for inbox in principal.hrefs(f"{CALDAV}schedule-inbox-URL"):
        told = dav.propfind(dav.address(place, inbox), _DEFAULT, depth=0, expected=_NOT_TOLD)
        for resource in told:
            for href in resource.hrefs(f"{CALDAV}schedule-default-calendar-URL"):
                return str(_folder(dav.address(place, href)))
    return None


_NOT_TOLD = GONE | {403, 405, 501}


def _email(principal: Resource, username: str) -> str:
    addresses = principal.hrefs(f"{CALDAV}calendar-user-address-set")
    mailboxes = [each[7:] for each in addresses if each.lower().startswith("mailto:")]
    return username if "@" in username or not mailboxes else mailboxes[0]


def _only(found: list[Resource]) -> Resource:
    if not found:
        raise ProviderRefused("The calendar server tells nothing of the resource it named.")
    return found[0]


def _folder(address: Address) -> Address:
    path = address.path if address.path.endswith("/") else f"{address.path}/"
    return Address(address.origin, path)
