"""One call's conversation with one CalDAV server, its failures told in our own terms."""

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import urljoin

import requests
from caldav.davclient import DAVClient
from caldav.lib.error import AuthorizationError, RateLimitError, parse_retry_after
from lxml import etree  # type: ignore[import-untyped]  # ships no types
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import HTTPError

from shared.domain.errors import (
    CalendarTooLarge,
    CredentialDead,
    ProviderRefused,
    ProviderUnavailable,
)
from shared.providers.apple.addresses import Address, checked
from shared.providers.apple.credentials import Credentials
from shared.providers.apple.dial import Deadline, Guard
from shared.providers.apple.multistatus import Resource, resources
from shared.providers.apple.session import GuardedSession

# At its lower levels the package logs headers and bodies.
logging.getLogger("caldav").setLevel(logging.WARNING)

GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})

_NO_ANSWER = (requests.RequestException, HTTPError, etree.LxmlError, OSError)
_LATER = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.MISDIRECTED_REQUEST,
        HTTPStatus.LOCKED,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
_NEVER = frozenset({HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.INSUFFICIENT_STORAGE})
_WRITES = frozenset({"PUT", "DELETE"})
_LONGEST_WAIT = 86_400.0
_XML = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `tree` is the body's XML when it is XML, `text` the body when it is not."""

    status: int
    headers: Mapping[str, str]
    tree: Any = None
    text: str = ""

    @property
    def etag(self) -> str | None:
        """The strong entity tag; a weak one is as good as none, it never matches."""
        return strong(self.headers.get("ETag"))


class Dav:
    """Talks to the server at `home` with these credentials; to be closed after one call.

    Every method raises:
        ServerUrlNotAllowed: the address, or where it leads, is not one we talk to.
        CredentialDead: 401, after exactly one request.
        ProviderUnavailable: no usable answer; `unsettled` when a write may have been carried out.
        ProviderRefused: any other refusal that is not expected.
    """

    def __init__(
        self, guard: Guard, *, home: Address, credentials: Credentials, timeout: timedelta
    ) -> None:
        self._allowed = guard.allowed
        self._session = GuardedSession(guard, home=home.origin, deadline=Deadline(timeout))
        self._client = DAVClient(
            url=str(home),
            # As bytes, because as text requests would write it in Latin-1.
            auth=HTTPBasicAuth(credentials.username.encode(), credentials.password.encode()),
            timeout=math.ceil(timeout.total_seconds()),
            enable_rfc6764=False,
        )
        self._client.session.close()
        self._client.session = self._session

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def address(self, base: Address, href: str) -> Address:
        """Return where an href in an answer from `base` leads."""
        return checked(urljoin(str(base), href), allowed=self._allowed)

    def request(
        self,
        method: str,
        address: Address,
        body: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        expected: frozenset[int] = frozenset(),
    ) -> Answer:
        """Return the answer when it is a success or of an `expected` status."""
        answer = self._sent(method, address, body, headers or {})
        if answer.status not in expected:
            _refuse_failure(answer, may_be_done=method in _WRITES)
        return answer

    def propfind(
        self, address: Address, body: str, *, depth: int, expected: frozenset[int] = frozenset()
    ) -> list[Resource]:
        """Return the resources and properties there; none when the status is an `expected` one."""
        headers = {"Depth": str(depth), "Content-Type": _XML}
        answer = self.request("PROPFIND", address, body, headers=headers, expected=expected)
        return [] if answer.status in expected else resources(answer.tree)

    def report(self, address: Address, body: str) -> list[Resource]:
        """Return the resources a query in the collection finds."""
        headers = {"Depth": "1", "Content-Type": _XML}
        return resources(self.request("REPORT", address, body, headers=headers).tree)

    def _sent(self, method: str, address: Address, body: str, headers: Mapping[str, str]) -> Answer:
        try:
            response = self._client.request(str(address), method, body, dict(headers))
            text = response.raw if response.tree is None else ""
            return Answer(response.status, response.headers, response.tree, text)
        except RateLimitError as error:
            return Answer(error.status or 503, {"Retry-After": error.retry_after or ""})
        except AuthorizationError as error:
            return Answer(error.status or 403, {})
        except _NO_ANSWER as error:
            raise self._no_answer(method) from error
        except (CalendarTooLarge, UnicodeDecodeError) as error:
            if method not in _WRITES and isinstance(error, CalendarTooLarge):
                raise
            raise self._no_answer(method) from error

    def _no_answer(self, method: str) -> ProviderUnavailable:
        return ProviderUnavailable(
            "The calendar server gave no usable answer in time.",
            unsettled=method in _WRITES and self._session.connected,
        )


def strong(etag: str | None) -> str | None:
    """Return the entity tag if it may stand in If-Match, else None (RFC 9110, 13.1.1)."""
    return etag if etag and etag.startswith('"') else None


def _refuse_failure(answer: Answer, *, may_be_done: bool) -> None:
    status = answer.status
    if _is_page(answer):
        raise ProviderUnavailable(
            "A web page answered in place of the calendar server.", unsettled=may_be_done
        )
    if status < HTTPStatus.BAD_REQUEST:
        return
    if status == HTTPStatus.UNAUTHORIZED:
        raise CredentialDead("The calendar server refused the user name and password.")
    broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in _NEVER
    if broken or status in _LATER:
        raise ProviderUnavailable(
            f"The calendar server answered {status}; it may work later.",
            retry_after=_wait(answer.headers.get("Retry-After")),
            unsettled=may_be_done and broken,
        )
    raise ProviderRefused(f"The calendar server answered {status} and will not do this.")


def _is_page(answer: Answer) -> bool:
    """Whether something in between, such as a sign-in portal, says 200 to whatever it is asked.

    A server that had done a write would be asked again, and say that it is done.
    """
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return answer.status == HTTPStatus.OK and kind == "text/html"


def _wait(header: str | None) -> timedelta | None:
    seconds = parse_retry_after(header) if header else None
    return None if seconds is None else timedelta(seconds=min(max(0, seconds), _LONGEST_WAIT))
