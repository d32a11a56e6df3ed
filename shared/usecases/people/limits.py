"""Limit how often one IP address may call the operations that need no token."""

from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address

from shared.domain.errors import TooManyRequests
from shared.domain.interval import EPOCH, Interval
from shared.ports import RequestCounts

WINDOW = timedelta(minutes=1)
_HOST_BITS = 64
"""The bits of an IPv6 address that its owner may choose freely (RFC 6177, section 2)."""


class AddressLimit:
    """Allows each source address `per_minute` requests per minute of UTC; 0 means no limit.

    If the counter fails, its error is raised and the request is rejected: the operations use the
    same table and would fail too, and an attacker must not get past the limit by flooding one
    counter until DynamoDB throttles it.
    """

    def __init__(self, *, counts: RequestCounts, per_minute: int) -> None:
        self._counts = counts
        self._per_minute = per_minute

    def check(self, address: str, *, now: datetime) -> None:
        """Count a request from that IPv4 or IPv6 address.

        Raises:
            TooManyRequests: when the address has made too many requests this minute.
            ValueError: when `address` is not an IP address.
        """
        if not self._per_minute:
            return
        start = now - (now - EPOCH) % WINDOW
        window = Interval(start, start + WINDOW)
        if self._counts.count(source_of(address), window) > self._per_minute:
            raise TooManyRequests(
                f"Only {self._per_minute} requests a minute without a token are allowed. Wait.",
                window.end - now,
            )


def source_of(address: str) -> str:
    """Return the source to count: an IPv4 address, or the /64 network of an IPv6 address.

    Raises:
        ValueError: when `address` is not an IP address.
    """
    parsed = ip_address(address)
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), _HOST_BITS), strict=False))
