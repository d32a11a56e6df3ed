"""This service's provider clients over a server that gives one prepared answer to every request."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from shared.domain.connection import Connection, OAuthCredential, Provider
from shared.domain.copy import CalendarEntry, CopyContent, CopyRef, copy_key
from shared.domain.errors import CalendarServiceError
from shared.domain.interval import Interval
from shared.ports import Account, CalendarProvider
from shared.providers.apple.client import CaldavProvider
from shared.providers.apple.credentials import Credentials
from shared.providers.google.calendar import GoogleCalendar
from shared.providers.http import HttpClient
from shared.providers.microsoft.calendar import MicrosoftCalendar
from tests.support.google_test_server import google_connection
from tests.support.loopback_http import loopback_server, read_request, send_response

T = TypeVar("T")
ANSWERS = Path(__file__).parents[1] / "data" / "answers"
WEEK = Interval(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC))
TIMEOUT = timedelta(seconds=5)
READS = {
    Provider.APPLE: "caldav.xml",
    Provider.GOOGLE: "google.json",
    Provider.OUTLOOK: "graph.json",
}
"""The seed that answers the reading of a calendar."""
WRITES = {Provider.GOOGLE: "google-event.json", Provider.OUTLOOK: "graph-event.json"}
"""The seed that answers the writing of a copy. CalDAV answers with a status and an etag."""

_GRAPH = "https://graph.example/v1.0"
_HREF = "/cal/copy.ics"


def seed(name: str) -> bytes:
    """Return a stored answer."""
    return (ANSWERS / name).read_bytes()


@dataclass
class Answer:
    """The answer to every request, and the number of requests since it was set."""

    body: bytes = b""
    status: int = 200
    etag: str = '"1"'
    requests: int = 0

    def set(self, body: bytes, status: int, etag: str = '"1"') -> None:
        """Give another answer from now on."""
        self.body, self.status, self.etag, self.requests = body, status, etag, 0

    def over_httpx(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of Google's or Microsoft's client."""
        del request
        self.requests += 1
        headers = {"Content-Type": "application/json"}
        return httpx.Response(self.status, headers=headers, content=self.body)

    def over_http(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer a request of the CalDAV client."""
        read_request(handler)
        self.requests += 1
        headers = {"Content-Type": "application/xml", "ETag": self.etag}
        send_response(handler, self.status, headers, self.body)


@dataclass(frozen=True)
class AnsweredProvider:
    """One provider's client, an account, and the answer to its requests."""

    client: CalendarProvider
    account: Account
    answer: Answer
    copy_id: str

    def entries(self, body: bytes) -> tuple[CalendarEntry, ...] | None:
        """Return the entries that an answer has, None if the calendar counts as unreadable."""
        is_caldav = self.account.connection.provider is Provider.APPLE
        self.answer.set(body, 207 if is_caldav else 200)
        try:
            return self.client.entries(self.account, WEEK, timeout=TIMEOUT)
        except CalendarServiceError:
            return None

    def write_all(self, body: bytes, status: int, etag: str) -> Iterator[int]:
        """Create, update and delete a copy; yield the number of requests of each."""
        ref = CopyRef(self.copy_id, '"1"')
        calls: list[Callable[[], Any]] = [
            lambda: self.client.create_copy(self.account, content(), timeout=TIMEOUT),
            lambda: self.client.update_copy(self.account, ref, content(), timeout=TIMEOUT),
            lambda: self.client.delete_copy(self.account, ref, key=KEY, timeout=TIMEOUT),
            lambda: self.client.delete_copy(self.account, None, key=KEY, timeout=TIMEOUT),
        ]
        for call in calls:
            self.answer.set(body, status, etag)
            with suppress(CalendarServiceError):  # from which the copy's next state follows
                call()
            yield self.answer.requests


@contextmanager
def answered_providers() -> Iterator[dict[Provider, AnsweredProvider]]:
    """Run the clients of all providers."""
    answers = {provider: Answer() for provider in READS}
    with loopback_server(answers[Provider.APPLE].over_http) as url:
        clients: dict[Provider, CalendarProvider] = {
            Provider.APPLE: CaldavProvider([urlsplit(url).netloc]),
            Provider.GOOGLE: GoogleCalendar(
                "https://google.example/calendar/v3", http=_http(answers[Provider.GOOGLE])
            ),
            Provider.OUTLOOK: MicrosoftCalendar(_GRAPH, http=_http(answers[Provider.OUTLOOK])),
        }
        places = {Provider.APPLE: f"{url}/cal/"}
        copies = {Provider.APPLE: f"{url}{_HREF}"}
        yield {
            provider: AnsweredProvider(
                client,
                _account(provider, places.get(provider, "primary")),
                answers[provider],
                copies.get(provider, KEY),
            )
            for provider, client in clients.items()
        }


KEY = copy_key("s1", google_connection().id)


def content() -> CopyContent:
    """Return what a copy should contain."""
    start = datetime(2026, 3, 2, 10, tzinfo=UTC)
    return CopyContent(
        session_id="s1",
        key=KEY,
        title="Coaching",
        interval=Interval(start, start + timedelta(hours=1)),
        description="Session: s1",
        location=None,
        url=None,
        sequence=0,
        updated_at=start,
    )


def busy_times(entries: Iterable[CalendarEntry]) -> list[Interval]:
    """Return the times that are taken, merged."""
    merged: list[Interval] = []
    busy = (each.interval for each in entries if each.busy and each.copy_of is None)
    for each in sorted(busy, key=lambda interval: interval.start):
        if merged and each.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, each.end))
        else:
            merged.append(each)
    return merged


def covers(wider: list[Interval], times: list[Interval]) -> bool:
    """Return whether all of the times are taken in the wider ones, within the week read."""
    return all(
        any(
            other.start <= max(each.start, WEEK.start) and min(each.end, WEEK.end) <= other.end
            for other in wider
        )
        for each in times
    )


def steps_of(work: Callable[[], T]) -> tuple[T, int]:
    """Return the result of `work`, and how many functions this thread called for it."""
    calls = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        return work(), calls
    finally:
        sys.setprofile(before)


def _http(answer: Answer) -> HttpClient:
    return HttpClient(httpx.MockTransport(answer.over_httpx))


def _account(provider: Provider, calendar_id: str) -> Account:
    connection: Connection = replace(
        google_connection(), provider=provider, calendar_id=calendar_id
    )
    if provider is Provider.APPLE:
        return Account(connection=connection, credential=Credentials("user", "password").as_json)
    token = OAuthCredential(access_token="token", expires_at=WEEK.end)
    return Account(connection=connection, credential=token.to_text())


def as_json(value: Any) -> bytes:
    """Return a JSON body."""
    return json.dumps(value).encode()
