"""Apply the limits of shared/domain/limits.py: count what callers do, and reject the rest."""

import logging
from collections.abc import Mapping
from datetime import datetime
from ipaddress import IPv4Address, IPv6Network, ip_address

from typing_extensions import override

from shared.domain.interval import EPOCH, Interval
from shared.domain.limits import Limit
from shared.ports import CountUnavailable, RequestCounts

_SITE_BITS = 56
"""The prefix of an IPv6 site; its owner may choose the other bits freely (RFC 6177, section 2)."""

log = logging.getLogger(__name__)


class Limits:
    """The limits that a use-case applies, each with the allowed number; 0 means no limit.

    Keys are what a limit counts separately: a user id, an address. The store has only a hash.

    If the counter fails, `take` raises, because an attacker must not get past a limit by flooding
    one counter until DynamoDB throttles it. Limits with `fails_open` let the request pass.
    """

    def __init__(self, *, counts: RequestCounts, allowed: Mapping[Limit, int]) -> None:
        self._counts = counts
        self._allowed = {limit: number for limit, number in allowed.items() if number}

    def take(self, limit: Limit, key: str, *, now: datetime, number: int = 1) -> None:
        """Count `number` uses at `now`, all or none.

        Raises:
            TooManyRequests: when there are more uses in this window than allowed.
            CountUnavailable: when the counter fails.
        """
        if limit not in self._allowed or not number:
            return
        window = window_of(limit, now)
        try:
            count = self._counts.count(_source(limit, key), window, number)
        except CountUnavailable:
            if not limit.fails_open:
                raise
            log.warning("limit not counted", extra={"limit": limit.setting})
            return
        if count > self._allowed[limit]:
            if limit.is_given_back:
                self.give_back(limit, key, now=now, number=number)
            log.info("limit reached", extra={"limit": limit.setting})
            raise limit.exceeded(self._allowed[limit], window.end - now)

    def take_for_address(self, limit: Limit, address: str, *, now: datetime) -> None:
        """Count one use by the source of an IPv4 or IPv6 address.

        Raises:
            TooManyRequests: when the source has made more requests in this window than allowed.
            ValueError: when `address` is not an IP address.
        """
        self.take(limit, source_of(address), now=now)

    def count(self, limit: Limit, key: str, *, now: datetime) -> int:
        """Count one use that is allowed in any case; return the count, 0 if there is none."""
        return self._add(limit, key, 1, now=now)

    def give_back(self, limit: Limit, key: str, *, now: datetime, number: int = 1) -> None:
        """Subtract uses that were counted in the window of `now`."""
        self._add(limit, key, -number, now=now)

    def check(self, limit: Limit, number: int) -> None:
        """Check that `number` stored things, with the one to be added, are allowed.

        Raises:
            TooManyRequests, TooManyPending, TooManySessions: when they are not.
        """
        if number > self._allowed.get(limit, number):
            log.info("limit reached", extra={"limit": limit.setting})
            raise limit.exceeded(self._allowed[limit])

    def _add(self, limit: Limit, key: str, number: int, *, now: datetime) -> int:
        """Return the new count, 0 if the limit is off or the counter fails."""
        if limit not in self._allowed or not number:
            return 0
        try:
            return self._counts.count(_source(limit, key), window_of(limit, now), number)
        except CountUnavailable:
            log.warning("limit not counted", extra={"limit": limit.setting})
            return 0


class _Uncounted(RequestCounts):
    """Counts nothing."""

    @override
    def count(self, source: str, window: Interval, number: int = 1) -> int:
        return 0


NO_LIMITS = Limits(counts=_Uncounted(), allowed={})
"""For use-cases without limits."""


def window_of(limit: Limit, now: datetime) -> Interval:
    """Return the window of the limit that contains `now`; windows start at multiples of its length.

    Raises:
        ValueError: when the limit counts what is stored.
    """
    if limit.window is None:
        raise ValueError(f"{limit.setting} has no window")
    start = now - (now - EPOCH) % limit.window
    return Interval(start, start + limit.window)


def source_of(address: str) -> str:
    """Return the source to count: an IPv4 address, or the /56 network of an IPv6 address.

    Raises:
        ValueError: when `address` is not an IP address.
    """
    parsed = ip_address(address)
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), _SITE_BITS), strict=False))


def _source(limit: Limit, key: str) -> str:
    return f"{limit.setting}#{key}"
