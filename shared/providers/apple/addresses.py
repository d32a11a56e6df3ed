"""The CalDAV addresses this service may connect to, and the IP addresses that count as public."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TypeAlias
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import idna

from shared.domain.errors import ServerUrlNotAllowed

Resolver: TypeAlias = Callable[[str, int], Sequence[str]]
"""Returns the IP addresses of a host name; raises OSError if there are none."""

DEFAULT_PORTS = {"http": 80, "https": 443}
ICLOUD_HOST = "caldav.icloud.com"

_MAX_URL_LENGTH = 2048
_ICLOUD_PARTITION = re.compile(r"p[0-9]{1,3}-caldav\.icloud\.com")
# At least one dot, none at the end, and a last label that cannot be part of an IP address.
_HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")
_ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f\\]")
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"

# Global according to `ipaddress`, but routed elsewhere (tunnels, translation) or nowhere.
_NOT_PUBLIC_V4 = tuple(IPv4Network(each) for each in ("192.0.0.0/24", "192.88.99.0/24"))
_UNICAST_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(each) for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port. Credentials belong to one origin."""

    scheme: str
    host: str
    port: int

    @property
    def host_port(self) -> str:
        """`host:port` as in an allow-list, with an IPv6 address in brackets."""
        return f"{self._bracketed}:{self.port}"

    @property
    def is_icloud(self) -> bool:
        """True for iCloud's main host and its partitions."""
        known = self.host == ICLOUD_HOST or _ICLOUD_PARTITION.fullmatch(self.host)
        return bool(known) and (self.scheme, self.port) == ("https", 443)

    def may_send_credentials_to(self, other: "Origin") -> bool:
        """Return whether credentials for this origin may be sent to the other.

        Only iCloud's main host links to another origin: the partition that has the account.
        """
        is_main_host = self.is_icloud and self.host == ICLOUD_HOST
        return other == self or (is_main_host and other.is_icloud)

    def __str__(self) -> str:
        is_default_port = DEFAULT_PORTS[self.scheme] == self.port
        return f"{self.scheme}://{self._bracketed if is_default_port else self.host_port}"

    @property
    def _bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address. Requests use only its normalised form, `str(address)`."""

    origin: Origin
    path: str

    def __str__(self) -> str:
        return f"{self.origin}{self.path}"


def parse_address(url: str, *, allowed: Collection[str]) -> Address:
    """Parse `url` and return the address, if this service may connect to it.

    Allowed are https on port 443 of a host name, and any `host:port` in `allowed`. The IP
    addresses of the name are checked later, when connecting.

    Raises:
        ServerUrlNotAllowed: the URL is not allowed or is spelled in an unusual way.
    """
    if len(url) > _MAX_URL_LENGTH or _UNPRINTABLE.search(url):
        raise _not_allowed("is too long or contains blanks, control characters or backslashes")
    parts = _split(url)
    origin = origin_of(url)
    if origin.host_port not in allowed:
        if not _HOST.fullmatch(origin.host):
            raise _not_allowed("must have a full domain name as its host, not an IP address")
        if (origin.scheme, origin.port) != ("https", 443):
            raise _not_allowed("must use https on port 443")
    return Address(origin, quote(parts.path, safe=_PATH_SAFE) or "/")


def resolve(base: Address, href: str, *, allowed: Collection[str]) -> Address:
    """Return the address that an href in a response of `base` refers to.

    Blanks in the href count as `%20`. An href that starts with two slashes is a path, unless the
    server's own name follows.

    Raises:
        ServerUrlNotAllowed: as `parse_address`.
    """
    if len(href) > _MAX_URL_LENGTH:
        raise _not_allowed("is too long")
    href = href.strip().replace(" ", "%20")
    if href.startswith("//") and not _is_network_path(base, href):
        href = "/" + href.lstrip("/")
    try:
        url = urljoin(str(base), href)
    except ValueError as error:
        raise _not_allowed("is not a URL") from error
    return parse_address(url, allowed=allowed)


def resolve_locally(base: Address, href: str, *, allowed: Collection[str]) -> Address:
    """Return the address on the server of `base` that an href in its response refers to.

    A server behind a proxy may give the address it has there. Only the path of such an href is
    used, so that no request is sent to another server.

    Raises:
        ServerUrlNotAllowed: as `parse_address`.
    """
    href = href.strip()
    if not _ABSOLUTE.match(href):
        return resolve(base, href, allowed=allowed)
    try:
        address = resolve(base, href, allowed=allowed)
    except ServerUrlNotAllowed:
        address = None
    if address is not None and base.origin.may_send_credentials_to(address.origin):
        return address
    parts = _split(href.replace(" ", "%20"))
    return resolve(base, "/" + parts.path.lstrip("/"), allowed=allowed)


def _is_network_path(base: Address, href: str) -> bool:
    return href[2:].partition("/")[0].lower() in (base.origin.host, base.origin.host_port)


def origin_of(url: str) -> Origin:
    """Return scheme, host and port of the URL, the host in ASCII.

    Raises:
        ServerUrlNotAllowed: the URL has no host, or has credentials, a query or a fragment.
    """
    parts = _split(url)
    host = parts.hostname or ""
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError as error:
            raise _not_allowed("has a host name that cannot be converted to ASCII") from error
    return Origin(parts.scheme, host, parts.port or DEFAULT_PORTS[parts.scheme])


def is_public(address: str) -> bool:
    """Return whether the IP address is directly reachable from the public internet."""
    ip = ip_address(address)
    if ip.version == 4:  # noqa: PLR2004 - the IP version
        special = ip.is_multicast or ip.is_reserved or any(ip in each for each in _NOT_PUBLIC_V4)
        return ip.is_global and not special
    special = ip not in _UNICAST_V6 or any(ip in each for each in _NOT_PUBLIC_V6)
    return ip.is_global and not special


def is_ip_address(host: str) -> bool:
    """Return whether the host is an IP address, which is not resolved."""
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
        raise _not_allowed("must not contain a user name or password")
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.netloc.endswith(":"):
        raise _not_allowed("must start with https:// and a host name")
    if parts.query or parts.fragment:
        raise _not_allowed("must not contain a query or a fragment")
    return parts


def _not_allowed(why: str) -> ServerUrlNotAllowed:
    return ServerUrlNotAllowed(f"The server's address {why}.")
