"""HTTP to providers: one client per process, limited in time and size, without cookies."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from shared.domain.errors import CalendarTooLarge, ProviderUnavailable
from shared.providers.limits import MAX_RESPONSE_BYTES, Deadline
from shared.providers.tls import tls_context

_CHUNK_BYTES = 65_536
_MAX_WAIT_SECONDS = 86_400
# Google compresses responses only if the User-Agent also contains "gzip".
_AGENT = "calendar-service (gzip)"
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class _Timeouts(dict[str, float]):
    """httpx timeouts: each phase, from connect to read, may take the time left when it starts."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def get(self, _phase: str, _default: Any = None) -> Any:
        """Return the seconds a phase may take."""
        return self._deadline.remaining()


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """An HTTP response, read in full; header names are case-insensitive."""

    method: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """True for a 2xx status."""
        return 200 <= self.status < 300  # noqa: PLR2004 - what 2xx means

    @property
    def retry_after(self) -> timedelta | None:
        """The wait from Retry-After (RFC 9110, 10.2.3), at most a day; None if unreadable."""
        header = self.headers.get("Retry-After", "").strip()
        if header.isascii() and header.isdigit():
            return timedelta(seconds=min(int(header[:9]), _MAX_WAIT_SECONDS))
        try:
            # Measured on the server's clock, because the date refers to that clock.
            wait = parsedate_to_datetime(header) - parsedate_to_datetime(self.headers["Date"])
        except (ValueError, TypeError, KeyError, OverflowError):
            return None
        return min(max(wait, timedelta()), timedelta(seconds=_MAX_WAIT_SECONDS))

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            ValueError: the body is not JSON.
        """
        return json.loads(self.body)


class HttpClient:
    """An HTTP client without redirects, proxies and cookies; `transport` replaces the network."""

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(
            transport=transport,
            verify=tls_context(),
            trust_env=False,
            follow_redirects=False,
            # A cookie set in a response for one user would be sent with the next user's request.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            headers={"User-Agent": _AGENT, "Accept": "application/json"},
        )

    def send(
        self,
        method: str,
        url: str,
        *,
        deadline: Deadline,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        max_bytes: int = MAX_RESPONSE_BYTES,
    ) -> HttpResponse:
        """Send a request and return the response, whatever its status.

        Raises:
            CalendarTooLarge: the decompressed body is over `max_bytes`.
            ProviderUnavailable: no complete response arrived in time.
        """
        if deadline.has_passed:
            raise ProviderUnavailable("The time limit had passed before the request was sent.")
        request = self._client.build_request(
            method,
            url,
            params=params,
            headers=headers,
            content=content,
            extensions={"timeout": _Timeouts(deadline)},
        )
        try:
            response = self._client.send(request, stream=True)
            try:
                body = _read(response, deadline, max_bytes)
            finally:
                response.close()
        except _NOT_SENT as error:
            raise ProviderUnavailable(f"Could not connect to {request.url.host}.") from error
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise ProviderUnavailable(
                f"{request.url.host} sent no complete response in time.", unsettled=method != "GET"
            ) from error
        return HttpResponse(
            method=method, status=response.status_code, headers=response.headers, body=body
        )

    def close(self) -> None:
        """Close every connection."""
        self._client.close()


@cache
def shared_http() -> HttpClient:
    """Return the HTTP client of this process."""
    return HttpClient()


def _read(response: httpx.Response, deadline: Deadline, max_bytes: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes(_CHUNK_BYTES):
        body += chunk
        if len(body) > max_bytes:
            raise CalendarTooLarge("The calendar's response is over 5 MB.")
        deadline.remaining()
    return bytes(body)
