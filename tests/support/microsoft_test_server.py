"""The Microsoft simulator for the provider contract, with what its operator and user can do."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from infra.local.simulators import microsoft
from infra.local.simulators.microsoft.events import apply_fields
from infra.local.simulators.microsoft.mailbox import CALENDAR_ID, OutlookMailbox
from infra.local.simulators.microsoft.outlook_event import OutlookEvent
from shared.domain.connection import Connection, OAuthCredential, Provider
from shared.domain.copy import CopyContent, CopyRef
from shared.domain.interval import Interval
from shared.ports import Account
from shared.providers.http import HttpClient
from shared.providers.microsoft import marks
from shared.providers.microsoft.calendar import MicrosoftCalendar
from shared.providers.microsoft.graph import PREFER
from shared.providers.microsoft.oauth import SCOPES
from shared.providers.tls import tls_context
from tests.support.provider_cases import CONNECTION_ID, RETRY_AFTER, ProviderCase, ServerFailure

EMAIL = microsoft.EMAILS[0]
EXPIRES_AT = datetime(2026, 3, 2, 11, tzinfo=UTC)
TIMEOUT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class RecordedExchange:
    """One request and its response."""

    request: httpx.Request
    sent: Any
    status: int
    received: Any


class RecordingTransport(httpx.HTTPTransport):
    """Records every exchange, and checks the headers every Graph request must have."""

    def __init__(self, allowed: str) -> None:
        super().__init__(verify=tls_context())
        self.exchanges: list[RecordedExchange] = []
        self._allowed = allowed

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url).startswith(self._allowed), f"requested {request.url}"
        assert "revokeSignInSessions" not in request.url.path
        assert not request.url.path.endswith("/cancel")
        assert "cookie" not in request.headers
        if request.url.path.startswith(microsoft.GRAPH):
            assert PREFER == request.headers["prefer"]
            assert request.headers["authorization"].startswith("Bearer ")
        response = super().handle_request(request)
        try:
            body = response.read()
        except httpx.HTTPError:
            response.close()
            raise
        stored = _json(body)
        self.exchanges.append(
            RecordedExchange(request, _json(request.content), response.status_code, stored)
        )
        return httpx.Response(response.status_code, headers=response.headers, content=body)


class MicrosoftTestServer:
    """The coach's default calendar."""

    can_fail = True

    def __init__(
        self, simulator: microsoft.MicrosoftSimulator, transport: RecordingTransport
    ) -> None:
        self.simulator = simulator
        self.transport = transport

    @property
    def mailbox(self) -> OutlookMailbox:
        """The coach's mailbox."""
        return self.simulator.mailbox(EMAIL)

    def items(self) -> Mapping[str, str]:
        return {
            each.ids[0]: json.dumps(
                {"fields": each.fields, "marks": each.marks}, ensure_ascii=False
            )
            for each in self.mailbox.events(CALENDAR_ID)
        }

    def item(self, external_id: str) -> OutlookEvent:
        """Return the event with that id."""
        event = self.mailbox.find(external_id)
        assert event is not None
        return event

    def put_raw(self, external_id: str, raw: str) -> None:
        item, stored = self.item(external_id), json.loads(raw)
        item.fields, item.marks = stored["fields"], stored["marks"]
        item.change += 1

    def add_entry(self, title: str, interval: Interval) -> None:
        start, end = (
            {"dateTime": f"{each:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
            for each in (interval.start, interval.end)
        )
        self.put(subject=title, start=start, end=end)

    def put(self, **fields: Any) -> OutlookEvent:
        """Add an event as the user."""
        hour = {"dateTime": "2026-03-02T10:00:00", "timeZone": "UTC"}
        times = {name: fields.pop(name, hour) for name in ("start", "end")}
        item = self.mailbox.create(CALENDAR_ID, times)
        item.fields |= fields
        return item

    def change(self, external_id: str, **fields: Any) -> None:
        """Change fields of an event as the user."""
        apply_fields(self.item(external_id), fields)

    def decorate(self, external_id: str) -> None:
        self.change(external_id, reminderMinutesBeforeStart=7, categories=["Coaching"])

    def is_decorated(self, external_id: str) -> bool:
        fields = self.item(external_id).fields
        return bool(
            fields["reminderMinutesBeforeStart"] == 7 and fields["categories"] == ["Coaching"]
        )

    def add_notes(self, external_id: str, notes: str, *, place: str | None = None) -> None:
        body = self.item(external_id).fields["body"]["content"]
        noted = body.replace("</body>", f"<p>{notes}</p></body>")
        fields: dict[str, Any] = {"body": {"contentType": "html", "content": noted}}
        self.change(
            external_id, **fields, **({"location": {"displayName": place}} if place else {})
        )

    def duplicate(self, external_id: str, interval: Interval) -> None:
        copied = self.item(external_id)
        kept = {name: copied.fields[name] for name in ("subject", "body", "location")}
        start, end = (
            {"dateTime": f"{each:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
            for each in (interval.start, interval.end)
        )
        self.put(**kept, start=start, end=end).marks.update(copied.marks)

    def ref(self, content: CopyContent) -> CopyRef:
        """Return the reference of the copy of that content, or one that does not exist."""
        for each in self.mailbox.events(CALENDAR_ID):
            if each.marks.get(marks.KEY) == content.key:
                return CopyRef(each.ids[0])
        return CopyRef("AAkA/nowhere==")

    def requests(self) -> int:
        return len(self.simulator.requests)

    def fail_next(self, failure: ServerFailure, *, method: str | None = None) -> None:
        fault = _FAULTS[failure]
        if method is not None:
            self.simulator.break_next(fault, method=method)
        elif failure in (ServerFailure.BROKEN_AFTER_COMMIT, ServerFailure.SILENT_AFTER_COMMIT):
            # The fault applies to the write, not to the search before it.
            for each in ("POST", "PATCH", "DELETE"):
                self.simulator.break_next(fault, method=each)
        else:
            self.simulator.break_next(fault)


@contextmanager
def microsoft_case(**changes: Any) -> Iterator[ProviderCase]:
    """Run a new Microsoft simulator; `changes` are fields of the connection."""
    with microsoft.serve() as simulator:
        transport = RecordingTransport(simulator.url)
        http = HttpClient(transport)
        try:
            provider = MicrosoftCalendar(simulator.graph_url, http=http)
            account = microsoft_account(simulator, **changes)
            yield ProviderCase(provider, account, MicrosoftTestServer(simulator, transport))
        finally:
            http.close()


def microsoft_account(simulator: microsoft.MicrosoftSimulator, **changes: Any) -> Account:
    """Return an account with access to the coach's default calendar."""
    access, refresh = simulator.sign_ins.grant(EMAIL, SCOPES)
    credential = OAuthCredential(access_token=access, refresh_token=refresh, expires_at=EXPIRES_AT)
    connection = Connection(
        id=CONNECTION_ID,
        user_id="user-1",
        provider=Provider.OUTLOOK,
        account="tenant:user",
        email=EMAIL,
        calendar_id=CALENDAR_ID,
        calendar_name="Calendar",
        zone="Europe/Berlin",
        credential=b"",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return Account(connection=replace(connection, **changes), credential=credential.to_text())


def requests_sent(server: MicrosoftTestServer) -> list[tuple[str, Any]]:
    """Return the method and body of each request so far."""
    return [(each.request.method, each.sent) for each in server.transport.exchanges]


def graph_error(status: int, code: str, **headers: str) -> dict[str, Any]:
    """Return the simulator fault that responds with Graph's error of that code."""
    body = {"error": {"code": code, "message": "No.", "innerError": {}}}
    return {"status": status, "headers": headers, "body": body}


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


_WAIT = {"Retry-After": str(int(RETRY_AFTER.total_seconds()))}
_FAULTS: Mapping[ServerFailure, dict[str, Any]] = {
    ServerFailure.UNAUTHORIZED: graph_error(401, "InvalidAuthenticationToken"),
    ServerFailure.RATE_LIMITED: graph_error(429, "ApplicationThrottled", **_WAIT),
    ServerFailure.BROKEN: graph_error(500, "InternalServerError"),
    ServerFailure.BROKEN_AFTER_COMMIT: {"kind": "after_write_status", "status": 503},
    ServerFailure.SILENT: {"kind": "timeout_before"},
    ServerFailure.SILENT_AFTER_COMMIT: {"kind": "timeout_after"},
    ServerFailure.TRUNCATED: {"kind": "truncate"},
    ServerFailure.HTML: {"kind": "html"},
}
