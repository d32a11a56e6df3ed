"""The Google simulator for the provider contract, with what its operator and its user can do."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from infra.local.simulators import google
from infra.local.simulators.google.calendar import BASE
from infra.local.simulators.google.errors import error_body
from shared.domain.connection import Connection, OAuthCredential, Provider
from shared.domain.copy import CopyContent, CopyRef
from shared.domain.interval import Interval
from shared.ports import Account
from shared.providers.google.calendar import GoogleCalendar
from shared.providers.google.oauth import CALENDAR_SCOPE
from shared.providers.http import HttpClient
from tests.support.google_discovery import DiscoveryCheckedTransport
from tests.support.provider_cases import CONNECTION_ID, RETRY_AFTER, ProviderCase, ServerFailure

EMAIL = google.EMAILS[0]
EXPIRES_AT = datetime(2026, 3, 2, 11, tzinfo=UTC)


class GoogleTestServer:
    """The coach's primary calendar."""

    can_fail = True

    def __init__(self, simulator: google.GoogleSimulator) -> None:
        self.simulator = simulator

    @property
    def events(self) -> dict[str, dict[str, Any]]:
        """All events in the calendar; deleted ones have status cancelled."""
        return self.simulator.calendar(EMAIL).events

    def items(self) -> Mapping[str, str]:
        current = self.simulator.calendar(EMAIL).current_events()
        return {name: json.dumps(each, ensure_ascii=False) for name, each in current.items()}

    def put_raw(self, external_id: str, raw: str) -> None:
        self.put({**json.loads(raw), "id": external_id})

    def add_entry(self, title: str, interval: Interval) -> None:
        start, end = ({"dateTime": each.isoformat()} for each in (interval.start, interval.end))
        self.put({"id": title.encode().hex(), "summary": title, "start": start, "end": end})

    def put(self, event: Mapping[str, Any]) -> None:
        """Add or replace an event as the user."""
        stored = {"status": "confirmed", "eventType": "default", **deepcopy(dict(event))}
        self.events[stored["id"]] = {**stored, "etag": f'"user-{len(self.simulator.requests)}"'}

    def change(self, external_id: str, **fields: Any) -> None:
        """Change fields of an event as the user."""
        self.put({**self.events[external_id], **fields})

    def decorate(self, external_id: str) -> None:
        reminders = {"useDefault": False, "overrides": [{"method": "popup", "minutes": 15}]}
        self.change(external_id, reminders=reminders, colorId="7")

    def is_decorated(self, external_id: str) -> bool:
        event = self.events[external_id]
        return bool(event.get("colorId") == "7" and event["reminders"].get("overrides"))

    def add_notes(self, external_id: str, notes: str, *, place: str | None = None) -> None:
        text = f"{self.events[external_id]['description']}\n{notes}"
        self.change(external_id, description=text, **({"location": place} if place else {}))

    def duplicate(self, external_id: str, interval: Interval) -> None:
        start, end = ({"dateTime": each.isoformat()} for each in (interval.start, interval.end))
        self.put({**self.events[external_id], "id": "pasted1", "start": start, "end": end})

    def ref(self, content: CopyContent) -> CopyRef:
        """Return the reference of the first copy of that content."""
        return CopyRef(content.key)

    def requests(self) -> int:
        return len(self.simulator.requests)

    def fail_next(self, failure: ServerFailure, *, method: str | None = None) -> None:
        self.simulator.break_next(_FAULTS[failure], method=method or "")


@contextmanager
def google_case(**changes: Any) -> Iterator[ProviderCase]:
    """Run a new Google simulator; every request is checked against the discovery document."""
    with google.serve() as simulator:
        http = HttpClient(DiscoveryCheckedTransport(BASE))
        try:
            provider = GoogleCalendar(simulator.environment["GOOGLE_CALENDAR_URL"], http=http)
            account = google_account(simulator)
            connection = replace(account.connection, **changes)
            yield ProviderCase(
                provider, replace(account, connection=connection), GoogleTestServer(simulator)
            )
        finally:
            http.close()


def google_account(simulator: google.GoogleSimulator) -> Account:
    """Return an account with access to the coach's primary calendar."""
    access, refresh = simulator.authorization.grant(EMAIL, frozenset({"openid", CALENDAR_SCOPE}))
    credential = OAuthCredential(access_token=access, refresh_token=refresh, expires_at=EXPIRES_AT)
    return Account(connection=google_connection(), credential=credential.to_text())


def google_connection(**changes: Any) -> Connection:
    """Return a stored Google connection."""
    connection = Connection(
        id=CONNECTION_ID,
        user_id="user-1",
        provider=Provider.GOOGLE,
        account="108",
        email=EMAIL,
        calendar_id="primary",
        calendar_name=EMAIL,
        zone="Europe/Berlin",
        credential=b"",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return replace(connection, **changes)


def google_error(status: int, reason: str, **headers: str) -> dict[str, Any]:
    """Return the simulator fault that responds with Google's error for that reason."""
    return {"status": status, "headers": headers, "body": error_body(status, reason, "No.")}


_WAIT = {"Retry-After": str(int(RETRY_AFTER.total_seconds()))}
_FAULTS: Mapping[ServerFailure, dict[str, Any]] = {
    ServerFailure.UNAUTHORIZED: google_error(401, "authError"),
    ServerFailure.RATE_LIMITED: google_error(403, "userRateLimitExceeded", **_WAIT),
    ServerFailure.BROKEN: google_error(500, "backendError"),
    ServerFailure.BROKEN_AFTER_COMMIT: {"kind": "after_write_status", "status": 503},
    ServerFailure.SILENT: {"kind": "timeout_before"},
    ServerFailure.SILENT_AFTER_COMMIT: {"kind": "timeout_after"},
    ServerFailure.TRUNCATED: {"kind": "truncate"},
    ServerFailure.HTML: {"kind": "html"},
}
