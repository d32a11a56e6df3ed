"""The requests of one call to one CalDAV server; failures raise our errors."""

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Self

import requests
from caldav.davclient import DAVClient
from caldav.lib.error import AuthorizationError, RateLimitError, parse_retry_after
from lxml import etree  # type: ignore[import-untyped]  # ships no types
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import HTTPError

from shared.domain.errors import (
    CalendarTooLarge,
    CredentialInvalid,
    ProviderRejected,
    ProviderUnavailable,
    ServerUrlNotAllowed,
)
from shared.providers.apple.addresses import Address, resolve, resolve_locally
from shared.providers.apple.credentials import Credentials
from shared.providers.apple.dial import ConnectionRules
from shared.providers.apple.multistatus import Resource, readable_resources, resources
from shared.providers.apple.session import GuardedSession
from shared.providers.limits import Deadline

# Below WARNING the package logs headers and bodies.
logging.getLogger("caldav").setLevel(logging.WARNING)

GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})

_NO_RESPONSE = (requests.RequestException, HTTPError, etree.LxmlError, OSError)
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
_MAX_REQUESTS = 30
"""How many requests one call may send: a server's response can name any number of collections."""

_WRITES = frozenset({"PUT", "DELETE"})
_MAX_WAIT_SECONDS = 86_400.0
_XML = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class DavResponse:
    """A response: `tree` is the body parsed as XML; `text` is the body if it is not XML."""

    status: int
    headers: Mapping[str, str]
    tree: Any = None
    text: str = ""

    @property
    def etag(self) -> str | None:
        """The strong entity tag, or None. A weak one is ignored, because it never matches."""
        return strong_etag(self.headers.get("ETag"))


class DavClient:
    """Sends requests to the server at `home` with these credentials; close it after one call.

    Every method raises:
        ServerUrlNotAllowed: the address, or the IP address it resolves to, is not allowed.
        CredentialInvalid: 401, after exactly one request.
        ProviderUnavailable: no usable response; `unsettled` if a write may have been carried out.
        ProviderRejected: any other error status that is not expected, or over 30 requests.
    """

    def __init__(
        self, rules: ConnectionRules, *, home: Address, credentials: Credentials, timeout: timedelta
    ) -> None:
        self._allowed = rules.allowed
        self._requests = 0
        self._session = GuardedSession(
            rules, home=home.origin, credentials=credentials, deadline=Deadline(timeout)
        )
        self._client = DAVClient(
            url=str(home),
            # As bytes, because requests encodes text as Latin-1.
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
        """Resolve a stored href, or one that may refer to another server."""
        return resolve(base, href, allowed=self._allowed)

    def local_address(self, base: Address, href: str) -> Address:
        """Resolve an href from a response of `base` on the same server."""
        return resolve_locally(base, href, allowed=self._allowed)

    def is_local(self, base: Address, href: str) -> bool:
        """Return whether an href from a response of `base` is on the same server."""
        try:
            return base.origin.may_send_credentials_to(self.address(base, href).origin)
        except ServerUrlNotAllowed:
            return False

    def request(
        self,
        method: str,
        address: Address,
        body: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        expected: frozenset[int] = frozenset(),
    ) -> DavResponse:
        """Return a response that is successful or has an `expected` status."""
        response = self._send(method, address, body, headers or {})
        if response.status not in expected:
            _raise_for_status(response, is_write=method in _WRITES)
        return response

    def propfind(
        self, address: Address, body: str, *, depth: int, expected: frozenset[int] = frozenset()
    ) -> list[Resource]:
        """Return the resources there with their properties; none for an `expected` status."""
        headers = {"Depth": str(depth), "Content-Type": _XML}
        response = self.request("PROPFIND", address, body, headers=headers, expected=expected)
        return [] if response.status in expected else resources(response.tree)

    def members(self, address: Address, body: str) -> list[Resource]:
        """Return the members of a collection that can be read, with their properties."""
        headers = {"Depth": "1", "Content-Type": _XML}
        response = self.request("PROPFIND", address, body, headers=headers)
        return readable_resources(response.tree)

    def report(self, address: Address, body: str) -> list[Resource]:
        """Return the resources that a query finds in the collection."""
        headers = {"Depth": "1", "Content-Type": _XML}
        return resources(self.request("REPORT", address, body, headers=headers).tree)

    def search(
        self, address: Address, body: str, *, expected: frozenset[int]
    ) -> list[Resource] | None:
        """Return the readable resources that a query finds; None for an `expected` status."""
        headers = {"Depth": "1", "Content-Type": _XML}
        response = self.request("REPORT", address, body, headers=headers, expected=expected)
        return None if response.status in expected else readable_resources(response.tree)

    def _send(
        self, method: str, address: Address, body: str, headers: Mapping[str, str]
    ) -> DavResponse:
        self._requests += 1
        if self._requests > _MAX_REQUESTS:
            raise ProviderRejected("The calendar server's responses lead to too many requests.")
        try:
            response = self._client.request(str(address), method, body, dict(headers))
            text = response.raw if response.tree is None else ""
            return DavResponse(response.status, response.headers, response.tree, text)
        except RateLimitError as error:
            return DavResponse(error.status or 503, {"Retry-After": error.retry_after or ""})
        except AuthorizationError as error:
            return DavResponse(error.status or 403, {})
        except _NO_RESPONSE as error:
            raise self._no_response(method) from error
        except (CalendarTooLarge, ValueError, OverflowError) as error:
            if method not in _WRITES and isinstance(error, CalendarTooLarge):
                raise
            raise self._no_response(method) from error

    def _no_response(self, method: str) -> ProviderUnavailable:
        return ProviderUnavailable(
            "The calendar server sent no usable response in time.",
            unsettled=method in _WRITES and self._session.connected,
        )


def strong_etag(etag: str | None) -> str | None:
    """Return the entity tag if it is allowed in If-Match, else None (RFC 9110, 13.1.1)."""
    return etag if etag and etag.startswith('"') else None


def _raise_for_status(response: DavResponse, *, is_write: bool) -> None:
    status = response.status
    if _is_page(response):
        raise ProviderUnavailable(
            "The server returned a web page instead of a calendar response.", unsettled=is_write
        )
    if status < HTTPStatus.BAD_REQUEST:
        return
    if status == HTTPStatus.UNAUTHORIZED:
        raise CredentialInvalid("The calendar server rejected the user name and password.")
    broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in _NEVER
    if broken or status in _LATER:
        raise ProviderUnavailable(
            f"The calendar server returned {status}; a later request may succeed.",
            retry_after=_wait(response.headers.get("Retry-After")),
            unsettled=is_write and broken,
            answered=not broken,
        )
    raise ProviderRejected(f"The calendar server rejected the request with {status}.")


def _is_page(response: DavResponse) -> bool:
    """Return whether an intermediary, such as a sign-in portal, returned a page with status 200.

    If the server did carry out the write, retrying it is harmless.
    """
    content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return response.status == HTTPStatus.OK and content_type == "text/html"


def _wait(header: str | None) -> timedelta | None:
    try:
        seconds = parse_retry_after(header) if header else None
    except OverflowError:
        return None
    return None if seconds is None else timedelta(seconds=min(max(0, seconds), _MAX_WAIT_SECONDS))
