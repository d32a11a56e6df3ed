"""How often one address may call the operations that ask for no token."""

from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address

from shared.domain.errors import TooManyRequests
from shared.domain.interval import EPOCH, Interval
from shared.ports import RequestCounts

WINDOW = timedelta(minutes=1)
_HOST_BITS = 64
"""How many bits of an IPv6 address whoever holds one may choose at will (RFC 6177, section 2)."""


class AddressLimit:
    """Lets each source address through `per_minute` times in each minute of UTC; 0: always.

    When the counter cannot be reached its error is raised, and nobody passes: the operations rest
    on the same table and would fail as well, and whoever floods one counter until DynamoDB
    throttles it must not get in by that.
    """

    def __init__(self, *, counts: RequestCounts, per_minute: int) -> None:
        self._counts = counts
        self._per_minute = per_minute

    def check(self, address: str, *, now: datetime) -> None:
        """Count a request from that IPv4 or IPv6 address.

        Raises:
            TooManyRequests: when it has used up its minute.
            ValueError: when it is no IP address.
        """
        if not self._per_minute:
            return
        start = now - (now - EPOCH) % WINDOW
        window = Interval(start, start + WINDOW)
        if self._counts.count(source_of(address), window) > self._per_minute:
            raise TooManyRequests(
                f"At most {self._per_minute} requests a minute without a token; wait, then go on.",
                window.end - now,
            )


def source_of(address: str) -> str:
    """Return what counts as one source: an IPv4 address, or the /64 an IPv6 address is in.

    Raises:
        ValueError: when it is no IP address.
    """
    found = ip_address(address)
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), _HOST_BITS), strict=False))
