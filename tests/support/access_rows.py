"""A request for every route, with its own data, and the rule for who may send it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from infra.local.simulators.google import GUEST_SCOPES
from tests.support import access
from tests.support.access import AccessRule, Callers
from tests.support.consent import consent
from tests.support.icloud_simulator import PASSWORD, USERNAME
from tests.support.oauth_flows import OAuthSimulators, authorization_url, query_of
from tests.support.service import book, call_api, fresh_id, session_body
from tests.support.sns_signer import message

DAY = "2026-11-24"


@dataclass(frozen=True, slots=True)
class Servers:
    """The simulated providers, and the address of a CalDAV server."""

    simulators: OAuthSimulators
    caldav: str


@dataclass(frozen=True, slots=True)
class RouteRequest:
    """A request without its token. `segments` fill the placeholders of the path."""

    segments: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class AccessCase:
    """One route and rule. `prepare` creates the request's data as the owner."""

    method: str
    path: str
    rule: AccessRule
    prepare: Callable[[Callers, Servers], RouteRequest] = lambda *_: RouteRequest()
    note: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path}{self.note and f' ({self.note})'}"


def _query(**query: str) -> Callable[[Callers, Servers], RouteRequest]:
    return lambda *_: RouteRequest(query=query)


def _body(**body: Any) -> Callable[[Callers, Servers], RouteRequest]:
    return lambda *_: RouteRequest(body=body)


def _day(callers: Callers, _: Servers) -> RouteRequest:
    return RouteRequest(query={"date": DAY, "userId": callers.owner.id})


def _pair(**query: str) -> Callable[[Callers, Servers], RouteRequest]:
    """Query the time of the owner and the participant."""
    return lambda callers, _: RouteRequest(
        query={
            **query,
            "role": "Coach",
            "coachId": callers.owner.id,
            "learnerId": callers.participant.id,
        }
    )


def _user(**query: str) -> Callable[[Callers, Servers], RouteRequest]:
    return lambda callers, _: RouteRequest(
        query={**query, "userId": callers.owner.id, "role": "Coach"}
    )


def _booked(callers: Callers, **changes: Any) -> str:
    event_id: str = book(callers.owner, callers.owner.id, callers.participant.id, **changes)["id"]
    return event_id


def _new_session(callers: Callers, _: Servers) -> RouteRequest:
    return RouteRequest(body=session_body(callers.owner.id, callers.participant.id))


def _same_session(callers: Callers, _: Servers) -> RouteRequest:
    body = session_body(callers.owner.id, callers.participant.id)
    call_api("POST", "/api/v1/events", callers.owner, body=body)
    return RouteRequest(body=body)


def _event(callers: Callers, _: Servers) -> RouteRequest:
    return RouteRequest(segments={"eventId": _booked(callers)})


def _change(**changes: Any) -> Callable[[Callers, Servers], RouteRequest]:
    def prepare(callers: Callers, _: Servers) -> RouteRequest:
        event_id = _booked(callers, autoApproval=False)
        return RouteRequest(body={"sessionId": event_id, **changes})

    return prepare


def _move(**changes: Any) -> Callable[[Callers, Servers], RouteRequest]:
    def prepare(callers: Callers, _: Servers) -> RouteRequest:
        unchanged = {
            "owner": "COACH",
            "coachId": callers.owner.id,
            "learnerId": callers.participant.id,
        }
        times = {"startTime": f"{DAY}T14:00:00Z", "endTime": f"{DAY}T15:00:00Z"}
        return RouteRequest(body={"sessionId": _booked(callers), **unchanged, **times, **changes})

    return prepare


def _guests(*, of_event: bool, written: bool) -> Callable[[Callers, Servers], RouteRequest]:
    def prepare(callers: Callers, _: Servers) -> RouteRequest:
        segments = {"sessionId": _booked(callers) if of_event else fresh_id()}
        if not written:
            return RouteRequest(segments)
        body = {"attendees": ["ada@example.org", {"email": "bob@example.org", "name": "Bob"}]}
        return RouteRequest(segments, {"sessionType": "coaching"}, body)

    return prepare


HOLIDAY = {"name": "Off", "role": "Coach", "startDate": "2026-12-24", "endDate": "2026-12-26"}


def _holiday(callers: Callers, _: Servers) -> RouteRequest:
    created = call_api("POST", "/api/v1/holidays", callers.owner, body=HOLIDAY).data
    return RouteRequest({"holidayId": created["id"]})


def _connected(callers: Callers, servers: Servers) -> RouteRequest:
    request = _caldav_account(callers, servers)
    created = call_api("POST", "/api/v1/auth/apple/connect", callers.owner, body=request.body).data
    return RouteRequest({"connectionId": created["id"]})


def _caldav_account(_: Callers, servers: Servers) -> RouteRequest:
    return RouteRequest(
        body={"username": USERNAME, "password": PASSWORD, "serverUrl": servers.caldav}
    )


def _start(provider: str) -> Callable[[Callers, Servers], RouteRequest]:
    return lambda *_: RouteRequest({"provider": provider})


def _callback(provider: str) -> Callable[[Callers, Servers], RouteRequest]:
    """Let the owner consent at the provider. Any browser may send the callback."""

    def prepare(callers: Callers, servers: Servers) -> RouteRequest:
        email = servers.simulators.new_google_account() if provider == "google" else None
        location = consent(authorization_url(callers.owner, provider), email=email)
        assert urlsplit(location).path == f"/api/v1/auth/{provider}/callback"
        return RouteRequest(query=query_of(location))

    return prepare


def _tokens(callers: Callers, servers: Servers) -> RouteRequest:
    email = servers.simulators.new_google_account()
    access_token, _ = servers.simulators.google.authorization.grant(email, frozenset(GUEST_SCOPES))
    body = {"userId": callers.owner.id, "provider": "google", "email": email}
    return RouteRequest(body={**body, "accessToken": access_token})


_WEEK = {"monday": [{"startTime": "09:00", "endTime": "17:00"}]}
_EVENTS, _SLOTS, _MONTH = "/api/v1/events", "/api/v1/available-slots", "/api/v1/month-calendar"
_GUESTS = "/api/v1/sessions/{sessionId}/external-attendees"
_FORCED = "another time, despite conflicts"
_A_MONTH = {"year": "2026", "month": "11"}

ROWS: tuple[AccessCase, ...] = (
    AccessCase("GET", "/health", access.ALL_CALLERS),
    AccessCase("GET", "/docs", access.ALL_CALLERS),
    AccessCase("GET", "/api/v1/openapi.json", access.ALL_CALLERS),
    AccessCase("GET", _EVENTS, access.ALL_CALLERS, _day),
    AccessCase("POST", _EVENTS, access.OWNS, _new_session),
    AccessCase("POST", _EVENTS, access.OWNS_AGAIN, _same_session, "again"),
    AccessCase("PUT", _EVENTS, access.TAKES_PART, _change(title="New")),
    AccessCase("PUT", _EVENTS, access.OWNS_AND_SEES, _move(), "another time"),
    AccessCase("PUT", _EVENTS, access.IS_ADMIN, _move(allowConflicts=True), _FORCED),
    AccessCase("POST", f"{_EVENTS}/cancel", access.TAKES_PART, _change()),
    AccessCase("POST", f"{_EVENTS}/approve", access.IS_ADMIN, _change()),
    AccessCase("GET", f"{_EVENTS}/{{eventId}}", access.TAKES_PART, _event),
    AccessCase("GET", f"{_EVENTS}/{{eventId}}/invite-status", access.TAKES_PART, _event),
    AccessCase("POST", f"{_EVENTS}/{{eventId}}/resend-invites", access.TAKES_PART, _event),
    AccessCase("GET", _GUESTS, access.TAKES_PART, _guests(of_event=True, written=False)),
    AccessCase(
        "GET",
        _GUESTS,
        access.SEES_WITHOUT_EVENT,
        _guests(of_event=False, written=False),
        "no event",
    ),
    AccessCase("PUT", _GUESTS, access.TAKES_PART, _guests(of_event=True, written=True)),
    AccessCase(
        "PUT", _GUESTS, access.IS_COACH_OR_ADMIN, _guests(of_event=False, written=True), "no event"
    ),
    AccessCase("GET", "/api/v1/availability/roles", access.ALL_CALLERS),
    AccessCase("GET", "/api/v1/availability", access.ALL_CALLERS),
    AccessCase(
        "PUT",
        "/api/v1/availability",
        access.IS_COACH,
        _body(role="Coach", timezone="UTC", availability=_WEEK),
    ),
    AccessCase(
        "PUT",
        "/api/v1/availability/timezone",
        access.IS_COACH,
        _body(role="Coach", timezone="Asia/Kolkata"),
    ),
    AccessCase("GET", _SLOTS, access.ALL_CALLERS, _pair(date=DAY)),
    AccessCase("GET", f"{_SLOTS}-admin", access.IS_ADMIN, _pair(date=DAY)),
    AccessCase("GET", _MONTH, access.ALL_CALLERS, _pair(**_A_MONTH)),
    AccessCase("GET", f"{_MONTH}-admin", access.IS_ADMIN, _pair(**_A_MONTH)),
    AccessCase(
        "GET",
        "/api/v1/legacy/check-availability",
        access.ALL_CALLERS,
        _user(dateTime=f"{DAY}T10:00:00Z"),
    ),
    AccessCase("GET", "/api/v1/legacy/calendar-setup", access.ALL_CALLERS, _user()),
    AccessCase("GET", "/api/v1/holidays", access.ALL_CALLERS),
    AccessCase("POST", "/api/v1/holidays", access.IS_COACH, _body(**HOLIDAY)),
    AccessCase("DELETE", "/api/v1/holidays/{holidayId}", access.OWNS_RECORD, _holiday),
    *(
        AccessCase("GET", "/api/v1/auth/{provider}", access.ALL_CALLERS, _start(name), name)
        for name in ("google", "outlook", "apple")
    ),
    AccessCase("GET", "/api/v1/auth/google/callback", access.ALL_CALLERS, _callback("google")),
    AccessCase("GET", "/api/v1/auth/outlook/callback", access.ALL_CALLERS, _callback("outlook")),
    AccessCase("POST", "/api/v1/auth/apple/connect", access.ALL_CALLERS, _caldav_account),
    AccessCase("POST", "/api/v1/connections/auto-provision", access.IS_SERVICE, _tokens),
    AccessCase("GET", "/api/v1/connections", access.ALL_CALLERS),
    AccessCase("DELETE", "/api/v1/connections/{connectionId}", access.OWNS_RECORD, _connected),
    AccessCase("GET", "/api/v1/status", access.IS_COACH, _query(role="Coach")),
    AccessCase("GET", "/api/v1/welcome-notification", access.ALL_CALLERS),
    AccessCase("POST", "/api/v1/welcome-notification/seen", access.ALL_CALLERS),
    AccessCase(
        "POST",
        "/api/v1/ses/notifications",
        access.IS_SIGNED,
        lambda *_: RouteRequest(body=message()),
    ),
)
