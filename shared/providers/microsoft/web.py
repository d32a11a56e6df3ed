"""HTTP to Microsoft: one client per process, bounded in time and size, remembering nobody."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from shared.domain.errors import CalendarTooLarge, ProviderUnavailable
from shared.providers.tls import tls_context

LONGEST_ANSWER_BYTES = 5_000_000

# The request had not left yet, so nothing of it can have been carried out.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Deadline:
    """The end of a call that may take `timeout` from now on."""

    def __init__(self, timeout: timedelta) -> None:
        self._until = time.monotonic() + timeout.total_seconds()

    def remaining(self) -> float:
        """Return the seconds left, zero or less when it has passed."""
        return self._until - time.monotonic()


class _Timeouts(dict[str, float]):
    """What each phase of a request may take: whatever is left when it begins."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def get(self, _phase: str, _default: Any = None) -> Any:
        """Return the seconds, never none: a socket would take that for not waiting at all."""
        return max(self._deadline.remaining(), 0.001)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read in full; header names in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def retry_after(self) -> timedelta | None:
        """How long the server asks to wait (RFC 9110, 10.2.3), if it says so intelligibly."""
        told = self.headers.get("Retry-After", "").strip()
        if told.isascii() and told.isdigit():
            return timedelta(seconds=min(int(told[:9]), 86_400))
        try:
            # By the server's own clock, which alone the date refers to.
            wait = parsedate_to_datetime(told) - parsedate_to_datetime(self.headers["Date"])
        except (ValueError, TypeError, KeyError):
            return None
        return max(wait, timedelta())


class Web:
    """An HTTP client without redirects, proxies or cookies; `transport` replaces the network."""

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(
            verify=tls_context(),
            trust_env=False,
            follow_redirects=False,
            # A cookie set for one user would be sent for the next.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            transport=transport,
        )

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None = None,
        deadline: Deadline,
    ) -> Answer:
        """Return the answer, whatever its status.

        Raises:
            ProviderUnavailable: no whole answer in time; `unsettled` unless nothing was sent.
            CalendarTooLarge: the answer is over 5 MB.
        """
        writes = method != "GET"
        if deadline.remaining() <= 0:
            raise ProviderUnavailable("Microsoft did not answer in time.")
        try:
            with self._client.stream(
                method,
                url,
                headers=dict(headers),
                content=content,
                extensions={"timeout": _Timeouts(deadline)},
            ) as response:
                body = _read(response, deadline, unsettled=writes)
                return Answer(response.status_code, response.headers, body)
        except _NEVER_SENT as error:
            raise ProviderUnavailable("Microsoft could not be reached.") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderUnavailable(
                "Microsoft did not answer, or not in full.", unsettled=writes
            ) from error

    def close(self) -> None:
        """End every connection."""
        self._client.close()


@cache
def shared_web() -> Web:
    """Return the client of this process."""
    return Web()


def _read(response: httpx.Response, deadline: Deadline, *, unsettled: bool) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > LONGEST_ANSWER_BYTES:
            raise CalendarTooLarge("Microsoft's answer is over 5 MB.")
        if deadline.remaining() <= 0:
            raise ProviderUnavailable("Microsoft did not answer in time.", unsettled=unsettled)
    return bytes(body)
