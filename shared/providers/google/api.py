"""Authorized calls to the Google Calendar API, version 3; every failure raises its own type."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from shared.domain.errors import CredentialInvalid
from shared.providers.google.failures import failure, malformed_response
from shared.providers.http import HttpClient, HttpResponse
from shared.providers.limits import MAX_RESPONSE_BYTES, Deadline


class GoogleCalendarApi:
    """The events of one calendar, for one call with one access token.

    Every method raises CopyGone for 404 and 410, and otherwise the error that `failures.failure`
    returns.
    """

    def __init__(
        self, http: HttpClient, base_url: str, *, calendar_id: str, token: str, deadline: Deadline
    ) -> None:
        if not token or not (token.isascii() and token.isprintable()) or " " in token:
            raise CredentialInvalid("The stored access token is malformed. Reconnect the calendar.")
        self._http = http
        self._events = f"{base_url.rstrip('/')}/calendars/{quote(calendar_id, safe='')}/events"
        self._authorization = {"Authorization": f"Bearer {token}"}
        self._deadline = deadline
        self._left = MAX_RESPONSE_BYTES

    def page(self, params: Mapping[str, str]) -> dict[str, Any]:
        """Return one page of events.list; all pages together are limited to 5 MB."""
        response = self._send("GET", "", params, max_bytes=self._left)
        self._left -= len(response.body)
        return _object(response)

    def get(self, event_id: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Return an event; a deleted one may be returned with status cancelled."""
        return _object(self._send("GET", event_id, params))

    def insert(self, body: Mapping[str, Any], params: Mapping[str, str]) -> dict[str, Any]:
        """Create an event.

        Raises:
            IdTaken: the calendar has, or had, an event with that id.
        """
        return _object(self._send("POST", "", params, body=body))

    def patch(
        self, event_id: str, body: Mapping[str, Any], params: Mapping[str, str], *, etag: str
    ) -> dict[str, Any]:
        """Change the fields in `body` of the event, if its etag is still `etag`.

        Raises:
            EventChanged: the event has another etag.
        """
        return _object(self._send("PATCH", event_id, params, body=body, etag=etag))

    def delete(self, event_id: str, params: Mapping[str, str]) -> None:
        """Delete an event, whatever its etag."""
        response = self._send("DELETE", event_id, params)
        if response.body.strip():
            raise malformed_response(response)

    def _send(
        self,
        method: str,
        event_id: str,
        params: Mapping[str, str],
        *,
        body: Mapping[str, Any] | None = None,
        etag: str | None = None,
        max_bytes: int = MAX_RESPONSE_BYTES,
    ) -> HttpResponse:
        headers = dict(self._authorization)
        if body is not None:
            headers["Content-Type"] = "application/json"
        if etag is not None:
            headers["If-Match"] = etag
        response = self._http.send(
            method,
            f"{self._events}/{quote(event_id, safe='')}" if event_id else self._events,
            deadline=self._deadline,
            params=params,
            headers=headers,
            content=None if body is None else json.dumps(body).encode(),
            max_bytes=max_bytes,
        )
        if not response.is_success:
            raise failure(response)
        return response


def _object(response: HttpResponse) -> dict[str, Any]:
    try:
        content = response.json()
    except ValueError as error:
        raise malformed_response(response) from error
    if not isinstance(content, dict):
        raise malformed_response(response)
    return content
