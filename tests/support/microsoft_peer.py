"""Microsoft's side of the provider contract: the simulator as its operator and its user see it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from infra.local.simulators import microsoft
from infra.local.simulators.microsoft_events import applied
from infra.local.simulators.microsoft_item import Item
from infra.local.simulators.microsoft_mailbox import CALENDAR_ID, Mailbox
from shared.domain.connection import Connection, Provider
from shared.domain.copy import CopyContent, CopyRef
from shared.domain.credential import OAuthCredential
from shared.domain.interval import Interval
from shared.ports import Account
from shared.providers.http import Http
from shared.providers.microsoft import marks
from shared.providers.microsoft.calendar import MicrosoftCalendar
from shared.providers.microsoft.graph import PREFER
from shared.providers.microsoft.oauth import SCOPES
from shared.providers.tls import tls_context
from tests.support.provider_peers import CONNECTION_ID, RETRY_AFTER, Failure, Party

EMAIL = microsoft.EMAILS[0]
EXPIRES_AT = datetime(2026, 3, 2, 11, tzinfo=UTC)
TIMEOUT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as they went over the wire."""

    request: httpx.Request
    sent: Any
    status: int
    received: Any


class RecordingTransport(httpx.HTTPTransport):
    """Keeps what is said, and holds every Graph request to what each of them must carry."""

    def __init__(self, allowed: str) -> None:
        super().__init__(verify=tls_context())
        self.exchanges: list[Exchange] = []
        self._allowed = allowed

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url).startswith(self._allowed), f"asked {request.url}"
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
        told = _json(body)
        self.exchanges.append(Exchange(request, _json(request.content), response.status_code, told))
        return httpx.Response(response.status_code, headers=response.headers, content=body)


class MicrosoftPeer:
    """The coach's own calendar."""

    can_fail = True

    def __init__(self, simulator: microsoft.Microsoft, transport: RecordingTransport) -> None:
        self.simulator = simulator
        self.transport = transport

    @property
    def mailbox(self) -> Mailbox:
        """The coach's mailbox."""
        return self.simulator.mailbox(EMAIL)

    def items(self) -> Mapping[str, str]:
        return {
            each.ids[0]: json.dumps(
                {"fields": each.fields, "marks": each.marks}, ensure_ascii=False
            )
            for each in self.mailbox.events(CALENDAR_ID)
        }

    def item(self, external_id: str) -> Item:
        """Return the event of that id."""
        found = self.mailbox.find(external_id)
        assert found is not None
        return found

    def put_raw(self, external_id: str, raw: str) -> None:
        item, told = self.item(external_id), json.loads(raw)
        item.fields, item.marks = told["fields"], told["marks"]
        item.change += 1

    def add_entry(self, title: str, interval: Interval) -> None:
        start, end = (
            {"dateTime": f"{each:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
            for each in (interval.start, interval.end)
        )
        self.put(subject=title, start=start, end=end)

    def put(self, **fields: Any) -> Item:
        """Let the user put an event there."""
        hour = {"dateTime": "2026-03-02T10:00:00", "timeZone": "UTC"}
        written = {name: fields.pop(name, hour) for name in ("start", "end")}
        item = self.mailbox.create(CALENDAR_ID, written)
        item.fields |= fields
        return item

    def change(self, external_id: str, **fields: Any) -> None:
        """Let the user change fields of an event."""
        applied(self.item(external_id), fields)

    def decorate(self, external_id: str) -> None:
        self.change(external_id, reminderMinutesBeforeStart=7, categories=["Coaching"])

    def is_decorated(self, external_id: str) -> bool:
        fields = self.item(external_id).fields
        return bool(
            fields["reminderMinutesBeforeStart"] == 7 and fields["categories"] == ["Coaching"]
        )

    def ref(self, content: CopyContent) -> CopyRef:
        """Return where the copy of that content is, if it is."""
        for each in self.mailbox.events(CALENDAR_ID):
            if each.marks.get(marks.KEY) == content.key:
                return CopyRef(each.ids[0])
        return CopyRef("AAkA/nowhere==")

    def requests(self) -> int:
        return len(self.simulator.requests)

    def fail_next(self, failure: Failure, *, method: str | None = None) -> None:
        fault = _FAULTS[failure]
        if method is not None:
            self.simulator.break_next(fault, method=method)
        elif failure in (Failure.BROKEN_AFTER_COMMIT, Failure.SILENT_AFTER_COMMIT):
            # Only what writes can have written; a look-up comes first.
            for each in ("POST", "PATCH", "DELETE"):
                self.simulator.break_next(fault, method=each)
        else:
            self.simulator.break_next(fault)


@contextmanager
def microsoft_party(**changes: Any) -> Iterator[Party]:
    """Run a Microsoft of its own; `changes` are fields of the connection."""
    with microsoft.serve() as simulator:
        transport = RecordingTransport(simulator.url)
        web = Http(transport)
        try:
            provider = MicrosoftCalendar(simulator.graph_url, web=web)
            account = microsoft_account(simulator, **changes)
            yield Party(provider, account, MicrosoftPeer(simulator, transport))
        finally:
            web.close()


def microsoft_account(simulator: microsoft.Microsoft, **changes: Any) -> Account:
    """Return a connection to the coach's own calendar, opened."""
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


def asked(peer: MicrosoftPeer) -> list[tuple[str, Any]]:
    """Return each request so far, as its method and what it carried."""
    return [(each.request.method, each.sent) for each in peer.transport.exchanges]


def graph_error(status: int, code: str, **headers: str) -> dict[str, Any]:
    """Return the fault that answers as Graph's error of that code."""
    body = {"error": {"code": code, "message": "No.", "innerError": {}}}
    return {"status": status, "headers": headers, "body": body}


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


_WAIT = {"Retry-After": str(int(RETRY_AFTER.total_seconds()))}
_FAULTS: Mapping[Failure, dict[str, Any]] = {
    Failure.UNAUTHORIZED: graph_error(401, "InvalidAuthenticationToken"),
    Failure.RATE_LIMITED: graph_error(429, "ApplicationThrottled", **_WAIT),
    Failure.BROKEN: graph_error(500, "InternalServerError"),
    Failure.BROKEN_AFTER_COMMIT: {"kind": "after_write_status", "status": 503},
    Failure.SILENT: {"kind": "timeout_before"},
    Failure.SILENT_AFTER_COMMIT: {"kind": "timeout_after"},
    Failure.TRUNCATED: {"kind": "truncate"},
    Failure.HTML: {"kind": "html"},
}
