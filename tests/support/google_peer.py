"""Google's side of the provider contract: the simulator as its operator and its user see it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from infra.local.simulators import google
from infra.local.simulators.google_calendar import BASE
from infra.local.simulators.google_errors import error_body
from shared.domain.connection import Connection, Provider
from shared.domain.copy import CopyContent, CopyRef
from shared.domain.credential import OAuthCredential
from shared.domain.interval import Interval
from shared.ports import Account
from shared.providers.google.calendar import GoogleCalendar
from shared.providers.google.oauth import CALENDAR_SCOPE
from shared.providers.http import Http
from tests.support.google_discovery import CheckedTransport
from tests.support.provider_peers import CONNECTION_ID, RETRY_AFTER, Failure, Party

EMAIL = google.EMAILS[0]
EXPIRES_AT = datetime(2026, 3, 2, 11, tzinfo=UTC)


class GooglePeer:
    """The coach's primary calendar."""

    can_fail = True

    def __init__(self, simulator: google.GoogleSimulator) -> None:
        self.simulator = simulator

    @property
    def events(self) -> dict[str, dict[str, Any]]:
        """Everything in the calendar, what was deleted as cancelled."""
        return self.simulator.calendar(EMAIL).events

    def items(self) -> Mapping[str, str]:
        living = self.simulator.calendar(EMAIL).living()
        return {name: json.dumps(each, ensure_ascii=False) for name, each in living.items()}

    def put_raw(self, external_id: str, raw: str) -> None:
        self.put({**json.loads(raw), "id": external_id})

    def add_entry(self, title: str, interval: Interval) -> None:
        start, end = ({"dateTime": each.isoformat()} for each in (interval.start, interval.end))
        self.put({"id": title.encode().hex(), "summary": title, "start": start, "end": end})

    def put(self, event: Mapping[str, Any]) -> None:
        """Let the user put an event there, or replace one."""
        kept = {"status": "confirmed", "eventType": "default", **deepcopy(dict(event))}
        self.events[kept["id"]] = {**kept, "etag": f'"user-{len(self.simulator.requests)}"'}

    def change(self, external_id: str, **fields: Any) -> None:
        """Let the user change fields of an event."""
        self.put({**self.events[external_id], **fields})

    def decorate(self, external_id: str) -> None:
        reminders = {"useDefault": False, "overrides": [{"method": "popup", "minutes": 15}]}
        self.change(external_id, reminders=reminders, colorId="7")

    def is_decorated(self, external_id: str) -> bool:
        event = self.events[external_id]
        return bool(event.get("colorId") == "7" and event["reminders"].get("overrides"))

    def ref(self, content: CopyContent) -> CopyRef:
        """Return where the first copy of that content is."""
        return CopyRef(content.key)

    def requests(self) -> int:
        return len(self.simulator.requests)

    def fail_next(self, failure: Failure, *, method: str | None = None) -> None:
        self.simulator.break_next(_FAULTS[failure], method=method or "")


@contextmanager
def google_party(**changes: Any) -> Iterator[Party]:
    """Run a Google of its own; every request to it is held to the published description."""
    with google.serve() as simulator:
        http = Http(CheckedTransport(BASE))
        try:
            provider = GoogleCalendar(simulator.environment["GOOGLE_CALENDAR_URL"], http=http)
            account = google_account(simulator)
            connection = replace(account.connection, **changes)
            yield Party(provider, replace(account, connection=connection), GooglePeer(simulator))
        finally:
            http.close()


def google_account(simulator: google.GoogleSimulator) -> Account:
    """Return a connection to the coach's primary calendar, opened."""
    access, refresh = simulator.authorization.grant(EMAIL, frozenset({"openid", CALENDAR_SCOPE}))
    credential = OAuthCredential(access_token=access, refresh_token=refresh, expires_at=EXPIRES_AT)
    return Account(connection=google_connection(), credential=credential.to_text())


def google_connection(**changes: Any) -> Connection:
    """Return a connection as kept."""
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
    """Return the fault that answers as Google's error of that reason."""
    return {"status": status, "headers": headers, "body": error_body(status, reason, "No.")}


_WAIT = {"Retry-After": str(int(RETRY_AFTER.total_seconds()))}
_FAULTS: Mapping[Failure, dict[str, Any]] = {
    Failure.UNAUTHORIZED: google_error(401, "authError"),
    Failure.RATE_LIMITED: google_error(403, "userRateLimitExceeded", **_WAIT),
    Failure.BROKEN: google_error(500, "backendError"),
    Failure.BROKEN_AFTER_COMMIT: {"kind": "after_write_status", "status": 503},
    Failure.SILENT: {"kind": "timeout_before"},
    Failure.SILENT_AFTER_COMMIT: {"kind": "timeout_after"},
    Failure.TRUNCATED: {"kind": "truncate"},
    Failure.HTML: {"kind": "html"},
}
