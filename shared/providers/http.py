"""HTTP to providers: one client per process, bounded in time and size, remembering nobody."""

import json
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
from shared.providers.limits import LONGEST_ANSWER_BYTES
from shared.providers.tls import tls_context

_CHUNK_BYTES = 65_536
_LONGEST_WAIT_SECONDS = 86_400
# Google compresses only for agents that say gzip in their name, too.
_AGENT = "calendar-service (gzip)"
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class Deadline:
    """The end of one call, however many requests it takes."""

    def __init__(self, timeout: timedelta) -> None:
        self._end = time.monotonic() + timeout.total_seconds()

    @property
    def has_passed(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self._end

    def remaining(self) -> float:
        """Return the seconds left.

        Raises:
            TimeoutError: when none are.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Timeouts(dict[str, float]):
    """Every phase of a request, connecting to reading, may take what is left when it begins."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def get(self, _phase: str, _default: Any = None) -> Any:
        """Return the seconds a phase may take."""
        return self._deadline.remaining()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer read in full; header names are in any case."""

    method: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - what 2xx means

    @property
    def retry_after(self) -> timedelta | None:
        """How long the server asks to wait (RFC 9110, 10.2.3), if it says so intelligibly."""
        told = self.headers.get("Retry-After", "").strip()
        if told.isascii() and told.isdigit():
            return timedelta(seconds=min(int(told[:9]), _LONGEST_WAIT_SECONDS))
        try:
            # By the server's own clock, which alone the date refers to.
            wait = parsedate_to_datetime(told) - parsedate_to_datetime(self.headers["Date"])
        except (ValueError, TypeError, KeyError):
            return None
        return min(max(wait, timedelta()), timedelta(seconds=_LONGEST_WAIT_SECONDS))

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            ValueError: when it is not.
        """
        return json.loads(self.body)


class Http:
    """An HTTP client without redirects, proxies or cookies; `transport` replaces the network."""

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(
            transport=transport,
            verify=tls_context(),
            trust_env=False,
            follow_redirects=False,
            # A cookie set for one user would be sent for the next.
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
        longest: int = LONGEST_ANSWER_BYTES,
    ) -> Answer:
        """Return the answer, whatever its status.

        Raises:
            CalendarTooLarge: the answer is over `longest` bytes, unpacked.
            ProviderUnavailable: no whole answer came in time.
        """
        if deadline.has_passed:
            raise ProviderUnavailable("There was no time left to ask.")
        request = self._client.build_request(
            method,
            url,
            params=params,
            headers=headers,
            content=content,
            extensions={"timeout": _Timeouts(deadline)},
        )
        try:
            answer = self._client.send(request, stream=True)
            try:
                body = _read(answer, deadline, longest)
            finally:
                answer.close()
        except _NOT_SENT as error:
            raise ProviderUnavailable(f"{request.url.host} could not be reached.") from error
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise ProviderUnavailable(
                f"{request.url.host} gave no whole answer in time.", unsettled=method != "GET"
            ) from error
        return Answer(method=method, status=answer.status_code, headers=answer.headers, body=body)

    def close(self) -> None:
        """End every connection."""
        self._client.close()


@cache
def shared_http() -> Http:
    """Return the client of this process."""
    return Http()


def _read(answer: httpx.Response, deadline: Deadline, longest: int) -> bytes:
    body = bytearray()
    for chunk in answer.iter_bytes(_CHUNK_BYTES):
        body += chunk
        if len(body) > longest:
            raise CalendarTooLarge("The calendar's answer is over 5 MB.")
        deadline.remaining()
    return bytes(body)
