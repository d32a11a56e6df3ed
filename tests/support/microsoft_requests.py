"""Requests of users and clients to the Microsoft simulator."""

from functools import partial
from typing import Any

import httpx

from shared.providers.tls import tls_context

SCOPE = "openid profile email offline_access Calendars.ReadWrite MailboxSettings.Read"

# Building a TLS context for each request would take longer than the rest of the test.
get = partial(httpx.get, verify=tls_context())
post = partial(httpx.post, verify=tls_context())


def hour(at: int = 10, **changes: Any) -> dict[str, Any]:
    """Return a one-hour event as sent to Graph."""
    start, end = (
        {"dateTime": f"2026-03-02T{each:02}:00:00", "timeZone": "UTC"} for each in (at, at + 1)
    )
    return {"subject": "Yoga", "start": start, "end": end, **changes}


def error_code_of(response: httpx.Response) -> str:
    """Return Graph's error code in a response."""
    return str(response.json()["error"]["code"])
