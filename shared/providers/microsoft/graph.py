"""Microsoft Graph v1.0 as a conversation: one user, one deadline, failures told in our words."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from shared.domain.errors import (
    AccessExpired,
    CalendarGarbled,
    CalendarTooLarge,
    CredentialDead,
    ProviderFailure,
    ProviderRefused,
    ProviderUnavailable,
)
from shared.providers.codes import code
from shared.providers.http import Answer, Deadline, Http
from shared.providers.limits import LONGEST_ANSWER_BYTES

# Ids that survive a move, and times in UTC; without the first, ids of the two kinds would mix.
PREFER = 'IdType="ImmutableId", outlook.timezone="UTC"'
GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})

_NOBODYS_RIGHTS = frozenset({"ErrorQuotaExceeded", "ErrorMessageSizeExceeded"})
_WAIT = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_NO_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.ACCEPTED})


@dataclass(frozen=True, slots=True)
class Reply:
    """What Graph answered: `content` is its JSON object, empty where there is none."""

    method: str
    answer: Answer
    content: Mapping[str, Any]

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.answer.status

    @property
    def error_code(self) -> str:
        """Graph's own code of an error, such as ErrorItemNotFound; empty without one."""
        error = self.content.get("error")
        return (code(error.get("code")) if isinstance(error, dict) else None) or ""

    def failure(self) -> ProviderFailure:
        """Return what a status other than success means."""
        what = f"Microsoft Graph answered {self.status} {self.error_code}".rstrip()
        if self.status == HTTPStatus.UNAUTHORIZED:
            return AccessExpired(f"{what}.")
        if self.status == HTTPStatus.FORBIDDEN and self.error_code not in _NOBODYS_RIGHTS:
            return CredentialDead(f"{what}: the granted rights do not suffice.")
        wait = self.answer.retry_after
        if self.status in _WAIT:
            return ProviderUnavailable(f"{what}.", retry_after=wait)
        if HTTPStatus.BAD_REQUEST <= self.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return ProviderRefused(f"{what}.")
        unsettled = self.method != "GET"
        return ProviderUnavailable(f"{what}.", retry_after=wait, unsettled=unsettled)


class Graph:
    """Microsoft Graph at one address, such as https://graph.microsoft.com/v1.0."""

    def __init__(self, url: str, web: Http) -> None:
        self.url = url.rstrip("/")
        self._home = httpx.URL(self.url)
        self._web = web

    def talk(self, access_token: str, timeout: timedelta) -> "Talk":
        """Return a conversation for whoever the token is for; all of it within `timeout`."""
        return Talk(self, self._web, access_token=access_token, timeout=timeout)

    def checked(self, link: str) -> str:
        """Return the link as it is, when it leads nowhere but here.

        Raises:
            CalendarGarbled: when it does not; the access token must not go there.
        """
        try:
            url = httpx.URL(link)
        except (httpx.InvalidURL, TypeError) as error:
            raise CalendarGarbled("Graph's link to the next page is no address.") from error
        if _origin(url) != _origin(self._home) or url.userinfo:
            raise CalendarGarbled("Graph's link to the next page leads to another server.")
        return link


class Talk:
    """One call's requests to Graph."""

    def __init__(self, graph: Graph, web: Http, *, access_token: str, timeout: timedelta) -> None:
        self._graph = graph
        self._web = web
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
    ) -> Reply:
        """Return the reply: success, or one of the `expected` statuses.

        `query` is not yet percent-encoded, the segments of `path` are.

        Raises:
            ProviderFailure: any other status, or an answer that is not what Graph answers.
        """
        url = self._graph.url + path
        if query:
            url += "?" + urlencode(query, safe="$", quote_via=quote)
        return self._send(method, url, content=content, etag=etag, expected=expected)

    def pages(
        self, path: str, query: Mapping[str, str], *, expected: Collection[int] = frozenset()
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the items of a collection, page after page; none for an expected status.

        Raises:
            CalendarGarbled: when a page leads to another server, or around in a circle.
            CalendarTooLarge: when all pages together are over 5 MB.
        """
        reply = self.request("GET", path, query=query, expected=expected)
        seen: set[str] = set()
        size = len(reply.answer.body)
        while reply.status not in expected:
            yield from _items(reply)
            link = reply.content.get("@odata.nextLink")
            if link is None:
                return
            if link in seen:
                raise CalendarGarbled("Graph's pages lead around in a circle.")
            seen.add(link)
            reply = self._send("GET", self._graph.checked(link))
            size += len(reply.answer.body)
            if size > LONGEST_ANSWER_BYTES:
                raise CalendarTooLarge("The calendar's pages are over 5 MB.")

    def _send(
        self,
        method: str,
        url: str,
        *,
        content: Mapping[str, Any] | None = None,
        etag: str | None = None,
        expected: Collection[int] = frozenset(),
    ) -> Reply:
        headers = {**self._headers, **({"If-Match": etag} if etag else {})}
        body = None
        if content is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(content).encode()
        answer = self._web.send(method, url, headers=headers, content=body, deadline=self._deadline)
        reply = Reply(method, answer, _object(answer))
        if reply.status in expected:
            return reply
        if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            raise reply.failure()
        if not reply.content and reply.status not in _NO_BODY:
            raise ProviderUnavailable(
                "Graph's answer is no JSON object.", unsettled=method != "GET"
            )
        return reply


def segment(value: str) -> str:
    """Return the text as one segment of a path."""
    return quote(value, safe="")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    # httpx leaves the port out where it is the scheme's own, and lower-cases scheme and host.
    return url.scheme, url.host, url.port


def _object(answer: Answer) -> Mapping[str, Any]:
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _items(reply: Reply) -> list[Mapping[str, Any]]:
    items = reply.content.get("value")
    if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
        raise ProviderUnavailable("Graph's answer is no list of items.")
    return items
