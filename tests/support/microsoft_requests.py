"""What tests ask of the simulated Microsoft as its users and clients do."""

from functools import partial
from typing import Any

import httpx

from shared.providers.tls import tls_context

SCOPE = "openid profile email offline_access Calendars.ReadWrite MailboxSettings.Read"

# Building a TLS context of its own for each request would take longer than all else.
get = partial(httpx.get, verify=tls_context())
post = partial(httpx.post, verify=tls_context())


def hour(at: int = 10, **changes: Any) -> dict[str, Any]:
    """Return an event of one hour, as Graph is told of it."""
    start, end = (
        {"dateTime": f"2026-03-02T{each:02}:00:00", "timeZone": "UTC"} for each in (at, at + 1)
    )
    return {"subject": "Yoga", "start": start, "end": end, **changes}


def code_of(answer: httpx.Response) -> str:
    """Return which of Graph's errors an answer is."""
    return str(answer.json()["error"]["code"])
