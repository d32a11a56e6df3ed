"""`DiscoveryCheckedTransport`, on which the other tests here rely, rejects wrong requests."""

import json
from typing import Any

import httpx
import pytest

from shared.providers.tls import tls_context
from tests.support.google_discovery import DiscoveryCheckedTransport, UndocumentedRequest

BASE = "https://google.example/calendar/v3"
EVENTS = f"{BASE}/calendars/primary/events"
GOOD = {
    "summary": "Lunch",
    "start": {"dateTime": "2026-03-02T10:00:00Z"},
    "end": {"dateTime": "2026-03-02T11:00:00Z"},
}


def send(method: str, url: str, body: Any = None) -> None:
    transport = DiscoveryCheckedTransport(
        "/calendar/v3", httpx.MockTransport(lambda _: httpx.Response(200))
    )
    content = None if body is None else json.dumps(body)
    headers = {} if body is None else {"Content-Type": "application/json"}
    with httpx.Client(transport=transport, verify=tls_context()) as client:
        client.request(method, url, content=content, headers=headers)


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("GET", f"{EVENTS}?singleEvents=true&timeMin=2026-03-02T10:00:00Z&maxResults=2500", None),
        ("GET", f"{EVENTS}?fields=items(id,start/dateTime),nextPageToken", None),
        ("POST", f"{EVENTS}?sendUpdates=none&conferenceDataVersion=1", GOOD),
        ("POST", EVENTS, {**GOOD, "extendedProperties": {"private": {"any": "text"}}}),
        ("PATCH", f"{EVENTS}/abcde", {"start": {"date": None}}),
        ("DELETE", f"{EVENTS}/abcde?sendUpdates=none", None),
    ],
)
def test_documented_requests_pass(method: str, url: str, body: Any) -> None:
    send(method, url, body)


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("PUT", EVENTS, GOOD),
        ("GET", f"{BASE}/calendars", None),
        ("GET", f"{EVENTS}?singleEvent=true", None),
        ("GET", f"{EVENTS}?singleEvents=yes", None),
        ("GET", f"{EVENTS}?maxResults=many", None),
        ("GET", f"{EVENTS}?timeMin=tomorrow", None),
        ("GET", f"{EVENTS}?fields=items(id,begin)", None),
        ("GET", f"{EVENTS}?calendarId=primary", None),
        ("POST", f"{EVENTS}?sendUpdates=nobody", GOOD),
        ("POST", f"{EVENTS}?conferenceDataVersion=2", GOOD),
        ("POST", EVENTS, {**GOOD, "title": "Lunch"}),
        ("POST", EVENTS, {**GOOD, "summary": 7}),
        ("POST", EVENTS, {**GOOD, "start": "2026-03-02"}),
        ("POST", EVENTS, {**GOOD, "start": {"dateTime": "noon"}}),
        ("POST", EVENTS, {**GOOD, "start": {"date": "2026-03-02T10:00:00Z"}}),
        ("POST", EVENTS, {**GOOD, "attendees": [{"mail": "x"}]}),
        ("POST", EVENTS, {**GOOD, "extendedProperties": {"private": {"any": 7}}}),
        ("POST", EVENTS, {"start": GOOD["start"]}),
        ("DELETE", f"{EVENTS}/abcde", {}),
    ],
)
def test_undocumented_requests_fail(method: str, url: str, body: Any) -> None:
    with pytest.raises(UndocumentedRequest):
        send(method, url, body)
