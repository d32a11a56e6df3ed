"""Calls of the Calendar API, version 3: authorized, and every failure told by its type."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from shared.domain.errors import CredentialDead
from shared.providers.google.failures import failure, garbled
from shared.providers.http import Answer, Deadline, Http
from shared.providers.limits import LONGEST_ANSWER_BYTES


class Api:
    """The events of one calendar, for one piece of work with one access token.

    Raises of every call: CopyGone for 404 and 410, and what `failures.failure` says.
    """

    def __init__(
        self, http: Http, base_url: str, *, calendar_id: str, token: str, deadline: Deadline
    ) -> None:
        if not token or not (token.isascii() and token.isprintable()) or " " in token:
            raise CredentialDead("The access token is no token; the calendar must be reconnected.")
        self._http = http
        self._events = f"{base_url.rstrip('/')}/calendars/{quote(calendar_id, safe='')}/events"
        self._authorization = {"Authorization": f"Bearer {token}"}
        self._deadline = deadline
        self._left = LONGEST_ANSWER_BYTES

    def page(self, params: Mapping[str, str]) -> dict[str, Any]:
        """Return one page of events.list; all pages together may have 5 MB."""
        answer = self._send("GET", "", params, longest=self._left)
        self._left -= len(answer.body)
        return _object(answer)

    def get(self, event_id: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Return an event; one that was deleted may come with status cancelled."""
        return _object(self._send("GET", event_id, params))

    def insert(self, body: Mapping[str, Any], params: Mapping[str, str]) -> dict[str, Any]:
        """Make an event.

        Raises:
            IdTaken: the calendar has, or had, one with that id.
        """
        return _object(self._send("POST", "", params, body=body))

    def patch(
        self, event_id: str, body: Mapping[str, Any], params: Mapping[str, str], *, etag: str
    ) -> dict[str, Any]:
        """Change the fields in `body` of the event, if it still is in the state of that etag.

        Raises:
            Changed: it is not.
        """
        return _object(self._send("PATCH", event_id, params, body=body, etag=etag))

    def delete(self, event_id: str, params: Mapping[str, str]) -> None:
        """Delete an event, whatever its state."""
        answer = self._send("DELETE", event_id, params)
        if answer.body.strip():
            raise garbled(answer)

    def _send(
        self,
        method: str,
        event_id: str,
        params: Mapping[str, str],
        *,
        body: Mapping[str, Any] | None = None,
        etag: str | None = None,
        longest: int = LONGEST_ANSWER_BYTES,
    ) -> Answer:
        headers = dict(self._authorization)
        if body is not None:
            headers["Content-Type"] = "application/json"
        if etag is not None:
            headers["If-Match"] = etag
        answer = self._http.send(
            method,
            f"{self._events}/{quote(event_id, safe='')}" if event_id else self._events,
            deadline=self._deadline,
            params=params,
            headers=headers,
            content=None if body is None else json.dumps(body).encode(),
            longest=longest,
        )
        if not answer.is_success:
            raise failure(answer)
        return answer


def _object(answer: Answer) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError as error:
        raise garbled(answer) from error
    if not isinstance(found, dict):
        raise garbled(answer)
    return found
