"""Which CalDAV addresses the service talks to, and which IP addresses count as public."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TypeAlias
from urllib.parse import SplitResult, quote, urlsplit

import idna

from shared.domain.errors import ServerUrlNotAllowed

Resolver: TypeAlias = Callable[[str, int], Sequence[str]]
"""Returns the IP addresses of a host name; raises OSError when it has none."""

DEFAULT_PORTS = {"http": 80, "https": 443}
ICLOUD_HOST = "caldav.icloud.com"

_LONGEST_URL = 2048
_ICLOUD_PARTITION = re.compile(r"p[0-9]{1,3}-caldav\.icloud\.com")
# Dots inside, no dot at the end, and a last label that cannot be read as part of an IP address.
_HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f\\]")
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"

# Global by `ipaddress`, but leading elsewhere (tunnels, translation) or nowhere.
_NOT_PUBLIC_V4 = tuple(IPv4Network(each) for each in ("192.0.0.0/24", "192.88.99.0/24"))
_UNICAST_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(each) for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port: what credentials are given for."""

    scheme: str
    host: str
    port: int

    @property
    def host_port(self) -> str:
        """As an allow-list names it: `host:port`, an IPv6 address in brackets."""
        return f"{self._bracketed}:{self.port}"

    @property
    def is_icloud(self) -> bool:
        """Whether it is Apple's, at the front door or in a partition."""
        known = self.host == ICLOUD_HOST or _ICLOUD_PARTITION.fullmatch(self.host)
        return bool(known) and (self.scheme, self.port) == ("https", 443)

    def leads_to(self, other: "Origin") -> bool:
        """Whether credentials given for this origin may be sent to the other.

        Only Apple's front door leads anywhere else: to the partition that holds the account.
        """
        front_door = self.is_icloud and self.host == ICLOUD_HOST
        return other == self or (front_door and other.is_icloud)

    def __str__(self) -> str:
        usual = DEFAULT_PORTS[self.scheme] == self.port
        return f"{self.scheme}://{self._bracketed if usual else self.host_port}"

    @property
    def _bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address: `str()` of it is the only spelling that is ever requested."""

    origin: Origin
    path: str

    def __str__(self) -> str:
        return f"{self.origin}{self.path}"


def checked(url: str, *, allowed: Collection[str]) -> Address:
    """Return the address `url` spells, if it is one this service may talk to.

    That is https on port 443 of a host name, or anything whose `host:port` is in `allowed`.
    Where the name leads is checked when it is connected to.

    Raises:
        ServerUrlNotAllowed: for anything else, odd spellings included.
    """
    if len(url) > _LONGEST_URL or _UNPRINTABLE.search(url):
        raise _not_allowed("is too long or holds blanks, control characters or backslashes")
    parts = _split(url)
    origin = origin_of(url)
    if origin.host_port not in allowed:
        if not _HOST.fullmatch(origin.host):
            raise _not_allowed("must name its host as a full domain name, not an IP address")
        if (origin.scheme, origin.port) != ("https", 443):
            raise _not_allowed("must be https on port 443")
    return Address(origin, quote(parts.path, safe=_PATH_SAFE) or "/")


def origin_of(url: str) -> Origin:
    """Return scheme, host and port of the URL, the host in ASCII.

    Raises:
        ServerUrlNotAllowed: when it has none, or holds credentials, a query or a fragment.
    """
    parts = _split(url)
    host = parts.hostname or ""
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError as error:
            raise _not_allowed("has a host name that cannot be written in ASCII") from error
    return Origin(parts.scheme, host, parts.port or DEFAULT_PORTS[parts.scheme])


def is_public(address: str) -> bool:
    """Whether the IP address is one that anybody on the internet reaches directly."""
    ip = ip_address(address)
    if ip.version == 4:  # noqa: PLR2004 - the IP version
        odd = ip.is_multicast or ip.is_reserved or any(ip in each for each in _NOT_PUBLIC_V4)
        return ip.is_global and not odd
    odd = ip not in _UNICAST_V6 or any(ip in each for each in _NOT_PUBLIC_V6)
    return ip.is_global and not odd


def is_literal(host: str) -> bool:
    """Whether the host is an IP address, which needs no resolver."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError as error:
        raise _not_allowed("is not a URL") from error
    if "@" in parts.netloc:
        raise _not_allowed("must not hold a user name or password")
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.netloc.endswith(":"):
        raise _not_allowed("must start with https:// and a host name")
    if parts.query or parts.fragment:
        raise _not_allowed("must not hold a query or a fragment")
    return parts


def _not_allowed(why: str) -> ServerUrlNotAllowed:
    return ServerUrlNotAllowed(f"The calendar server's address {why}.")
