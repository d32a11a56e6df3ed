"""Requests to Microsoft Graph v1.0 for one user within one deadline; failures raise our errors."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from shared.domain.connection import ProblemCode
from shared.domain.errors import (
    AccessExpired,
    CalendarMalformed,
    CalendarTooLarge,
    CredentialInvalid,
    ProviderFailure,
    ProviderRejected,
    ProviderUnavailable,
)
from shared.providers.codes import code
from shared.providers.http import HttpClient, HttpResponse
from shared.providers.limits import MAX_RESPONSE_BYTES, Deadline

# Request ids that survive a move, and times in UTC. Every request must have the same IdType,
# because the two kinds of id cannot be compared.
PREFER = 'IdType="ImmutableId", outlook.timezone="UTC"'
GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})

# The only code that says that an item or calendar does not exist. Any other 404 comes from a proxy
# or an outage.
_NOT_FOUND = "ErrorItemNotFound"
# 403 with one of these codes is about permissions. Without a code it comes from a proxy or from an
# outage.
_PERMISSIONS = frozenset(
    {"AccessDenied", "Authorization_RequestDenied", "ErrorAccessDenied", "accessDenied"}
)
_NO_CODE = frozenset({"", "UnknownError"})
# The account has no mailbox in Exchange Online: no licence, a server of its own, or deleted.
_NO_MAILBOX = frozenset(
    {
        "ErrorNonExistentMailbox",
        "MailboxNotEnabledForRESTAPI",
        "MailboxNotSupportedForRESTAPI",
        "OrganizationFromTenantGuidNotFound",
    }
)
_WAIT = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_NO_CONTENT = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.ACCEPTED})


@dataclass(frozen=True, slots=True)
class GraphResponse:
    """A response of Graph: `content` is the JSON object in its body, empty if there is none."""

    method: str
    http_response: HttpResponse
    content: Mapping[str, Any]

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.http_response.status

    @property
    def error_code(self) -> str:
        """Graph's error code, such as ErrorItemNotFound; empty if there is none."""
        error = self.content.get("error")
        return (code(error.get("code")) if isinstance(error, dict) else None) or ""

    @property
    def is_gone(self) -> bool:
        """True if Graph says that the item or calendar does not exist."""
        return self.status in GONE and self.error_code == _NOT_FOUND

    def failure(self) -> ProviderFailure:
        """Return the error for an unsuccessful status."""
        message = f"Microsoft Graph returned {self.status} {self.error_code}".rstrip()
        if self.status == HTTPStatus.UNAUTHORIZED:
            return AccessExpired(f"{message}.")
        wait = self.http_response.retry_after
        is_outage = self.status == HTTPStatus.FORBIDDEN and self.error_code in _NO_CODE
        missing = self._missing(message)
        if missing is not None:
            return missing
        if is_outage or self.status in _WAIT or self.status in GONE:
            answered = self.status < HTTPStatus.INTERNAL_SERVER_ERROR
            return ProviderUnavailable(f"{message}.", retry_after=wait, answered=answered)
        if HTTPStatus.BAD_REQUEST <= self.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return ProviderRejected(f"{message}.")
        unsettled = self.method != "GET"
        return ProviderUnavailable(f"{message}.", retry_after=wait, unsettled=unsettled)

    def _missing(self, message: str) -> ProviderFailure | None:
        """Return the error if the mailbox, the calendar or a permission is missing.

        A mailbox that is being moved is missing for a while, so writing to it is retried.
        """
        if self.error_code in _NO_MAILBOX:
            text = f"{message}: the account has no mailbox in Exchange Online."
            disabled = ProblemCode.CALENDAR_DISABLED
            return ProviderUnavailable(text, answered=True, problem=disabled)
        if self.is_gone:
            text = f"{message}: the calendar does not exist."
            return ProviderRejected(text, problem=ProblemCode.CALENDAR_DELETED)
        if self.status == HTTPStatus.FORBIDDEN and self.error_code in _PERMISSIONS:
            text = f"{message}: the user has not granted enough permissions."
            return CredentialInvalid(text, problem=ProblemCode.NEEDS_CONSENT)
        return None


class GraphClient:
    """Microsoft Graph at one address, such as https://graph.microsoft.com/v1.0."""

    def __init__(self, url: str, http: HttpClient) -> None:
        self.url = url.rstrip("/")
        self._home = httpx.URL(self.url)
        self._http = http

    def call(self, access_token: str, timeout: timedelta) -> "GraphCall":
        """Return a call for the user of the token; all its requests share `timeout`."""
        return GraphCall(self, self._http, access_token=access_token, timeout=timeout)

    def require_same_server(self, link: str) -> str:
        """Return the link unchanged if it is on this server.

        Raises:
            CalendarMalformed: the link is on another server, which must not get the access token.
        """
        try:
            url = httpx.URL(link)
        except (httpx.InvalidURL, TypeError) as error:
            raise CalendarMalformed("Graph's link to the next page is not a valid URL.") from error
        if _origin(url) != _origin(self._home) or url.userinfo:
            raise CalendarMalformed("Graph's link to the next page is on another server.")
        return link


class GraphCall:
    """The requests of one call to Graph."""

    def __init__(
        self, graph: GraphClient, http: HttpClient, *, access_token: str, timeout: timedelta
    ) -> None:
        self._graph = graph
        self._http = http
        self._deadline = Deadline(timeout)
        self._headers = {
            "Authorization": f"Bearer {access_token}",
            "Accept": "application/json",
            "Prefer": PREFER,
        }

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        content: Mapping[str, Any] | None = None,
        etag: str | None = None,
        expected: Collection[int] = frozenset(),
    ) -> GraphResponse:
        """Return a response that is successful or has one of the `expected` statuses.

        Of `expected`, 404 and 410 count only if Graph says that the item does not exist.

        `query` is not percent-encoded; the segments of `path` are.

        Raises:
            ProviderFailure: the response has another status or no JSON object.
        """
        url = self._graph.url + path
        if query:
            url += "?" + urlencode(query, safe="$", quote_via=quote)
        return self._send(method, url, content=content, etag=etag, expected=expected)

    def pages(
        self, path: str, query: Mapping[str, str], *, expected: Collection[int] = frozenset()
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the items of a collection, page by page; none for an expected status.

        Raises:
            CalendarMalformed: a link to the next page is on another server or was followed before.
            CalendarTooLarge: all pages together are over 5 MB.
        """
        response = self.request("GET", path, query=query, expected=expected)
        seen: set[str] = set()
        size = len(response.http_response.body)
        while response.status not in expected:
            yield from _items(response)
            link = response.content.get("@odata.nextLink")
            if link is None:
                return
            if link in seen:
                raise CalendarMalformed("Graph returned the same link to the next page twice.")
            seen.add(link)
            response = self._send("GET", self._graph.require_same_server(link))
            size += len(response.http_response.body)
            if size > MAX_RESPONSE_BYTES:
                raise CalendarTooLarge("The calendar's pages are over 5 MB in total.")

    def _send(
        self,
        method: str,
        url: str,
        *,
        content: Mapping[str, Any] | None = None,
        etag: str | None = None,
        expected: Collection[int] = frozenset(),
    ) -> GraphResponse:
        headers = {**self._headers, **({"If-Match": etag} if etag else {})}
        body = None
        if content is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(content).encode()
        http_response = self._http.send(
            method, url, headers=headers, content=body, deadline=self._deadline
        )
        response = GraphResponse(method, http_response, _object(http_response))
        if response.status in expected and (response.status not in GONE or response.is_gone):
            return response
        if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
            raise response.failure()
        if not response.content and response.status not in _NO_CONTENT:
            raise ProviderUnavailable(
                "Graph's response is not a JSON object.", unsettled=method != "GET"
            )
        return response


def segment(value: str) -> str:
    """Return the text percent-encoded as one path segment."""
    return quote(value, safe="")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    # httpx omits the scheme's default port and lower-cases scheme and host.
    return url.scheme, url.host, url.port


def _object(http_response: HttpResponse) -> Mapping[str, Any]:
    try:
        content = json.loads(http_response.body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _items(response: GraphResponse) -> list[Mapping[str, Any]]:
    items = response.content.get("value")
    if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
        raise ProviderUnavailable("Graph's response is not a list of items.")
    return items
