"""A request for every route, over data made for it alone, and the rule of who may send it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from infra.local.simulators.google import GUEST_SCOPES
from tests.support import access
from tests.support.access import Cast, Rule
from tests.support.consent import consent
from tests.support.icloudish import PASSWORD, USERNAME
from tests.support.oauth_flows import Peers, departure, query_of
from tests.support.service import ask, book, fresh_id, session_body
from tests.support.sns_signer import message

DAY = "2026-11-24"


@dataclass(frozen=True, slots=True)
class Stage:
    """Where it all happens: the simulated providers, and a CalDAV server by its address."""

    peers: Peers
    caldav: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One request but for its token; `segments` fill the placeholders of its path."""

    segments: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class Row:
    """`prepare` makes what the request is about, on behalf of the cast's owner."""

    method: str
    path: str
    rule: Rule
    prepare: Callable[[Cast, Stage], Asked] = lambda *_: Asked()
    note: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path}{self.note and f' ({self.note})'}"


def _asked(**query: str) -> Callable[[Cast, Stage], Asked]:
    return lambda *_: Asked(query=query)


def _sent(**body: Any) -> Callable[[Cast, Stage], Asked]:
    return lambda *_: Asked(body=body)


def _day(cast: Cast, _: Stage) -> Asked:
    return Asked(query={"date": DAY, "userId": cast.owner.id})


def _pair(**query: str) -> Callable[[Cast, Stage], Asked]:
    """Ask about the time of both."""
    return lambda cast, _: Asked(
        query={
            **query,
            "role": "Coach",
            "coachId": cast.owner.id,
            "learnerId": cast.participant.id,
        }
    )


def _user(**query: str) -> Callable[[Cast, Stage], Asked]:
    return lambda cast, _: Asked(query={**query, "userId": cast.owner.id, "role": "Coach"})


def _booked(cast: Cast, **changes: Any) -> str:
    event_id: str = book(cast.owner, cast.owner.id, cast.participant.id, **changes)["id"]
    return event_id


def _new_session(cast: Cast, _: Stage) -> Asked:
    return Asked(body=session_body(cast.owner.id, cast.participant.id))


def _same_session(cast: Cast, _: Stage) -> Asked:
    body = session_body(cast.owner.id, cast.participant.id)
    ask("POST", "/api/v1/events", cast.owner, body=body)
    return Asked(body=body)


def _event(cast: Cast, _: Stage) -> Asked:
    return Asked(segments={"eventId": _booked(cast)})


def _change(**changes: Any) -> Callable[[Cast, Stage], Asked]:
    def prepare(cast: Cast, _: Stage) -> Asked:
        event_id = _booked(cast, autoApproval=False)
        return Asked(body={"sessionId": event_id, **changes})

    return prepare


def _move(**changes: Any) -> Callable[[Cast, Stage], Asked]:
    def prepare(cast: Cast, _: Stage) -> Asked:
        kept = {"owner": "COACH", "coachId": cast.owner.id, "learnerId": cast.participant.id}
        times = {"startTime": f"{DAY}T14:00:00Z", "endTime": f"{DAY}T15:00:00Z"}
        return Asked(body={"sessionId": _booked(cast), **kept, **times, **changes})

    return prepare


def _guests(*, of_event: bool, written: bool) -> Callable[[Cast, Stage], Asked]:
    def prepare(cast: Cast, _: Stage) -> Asked:
        segments = {"sessionId": _booked(cast) if of_event else fresh_id()}
        if not written:
            return Asked(segments)
        body = {"attendees": ["ada@example.org", {"email": "bob@example.org", "name": "Bob"}]}
        return Asked(segments, {"sessionType": "coaching"}, body)

    return prepare


HOLIDAY = {"name": "Off", "role": "Coach", "startDate": "2026-12-24", "endDate": "2026-12-26"}


def _holiday(cast: Cast, _: Stage) -> Asked:
    made = ask("POST", "/api/v1/holidays", cast.owner, body=HOLIDAY).data
    return Asked({"holidayId": made["id"]})


def _connected(cast: Cast, stage: Stage) -> Asked:
    asked = _caldav_account(cast, stage)
    made = ask("POST", "/api/v1/auth/apple/connect", cast.owner, body=asked.body).data
    return Asked({"connectionId": made["id"]})


def _caldav_account(_: Cast, stage: Stage) -> Asked:
    return Asked(body={"username": USERNAME, "password": PASSWORD, "serverUrl": stage.caldav})


def _start(provider: str) -> Callable[[Cast, Stage], Asked]:
    return lambda *_: Asked({"provider": provider})


def _way_back(provider: str) -> Callable[[Cast, Stage], Asked]:
    """Let the owner consent at the provider; the browser that comes back may be anybody's."""

    def prepare(cast: Cast, stage: Stage) -> Asked:
        email = stage.peers.new_google_account() if provider == "google" else None
        location = consent(departure(cast.owner, provider), email=email)
        assert urlsplit(location).path == f"/api/v1/auth/{provider}/callback"
        return Asked(query=query_of(location))

    return prepare


def _tokens(cast: Cast, stage: Stage) -> Asked:
    email = stage.peers.new_google_account()
    access_token, _ = stage.peers.google.authorization.grant(email, frozenset(GUEST_SCOPES))
    body = {"userId": cast.owner.id, "provider": "google", "email": email}
    return Asked(body={**body, "accessToken": access_token})


_WEEK = {"monday": [{"startTime": "09:00", "endTime": "17:00"}]}
_EVENTS, _SLOTS, _MONTH = "/api/v1/events", "/api/v1/available-slots", "/api/v1/month-calendar"
_GUESTS = "/api/v1/sessions/{sessionId}/external-attendees"
_FORCED = "another time, whatever stands there"
_A_MONTH = {"year": "2026", "month": "11"}

ROWS: tuple[Row, ...] = (
    Row("GET", "/health", access.ANYBODY),
    Row("GET", "/docs", access.ANYBODY),
    Row("GET", "/api/v1/openapi.json", access.ANYBODY),
    Row("GET", _EVENTS, access.ANYBODY, _day),
    Row("POST", _EVENTS, access.OWNS, _new_session),
    Row("POST", _EVENTS, access.OWNS_AGAIN, _same_session, "again"),
    Row("PUT", _EVENTS, access.TAKES_PART, _change(title="New")),
    Row("PUT", _EVENTS, access.OWNS_WHAT_THEY_SEE, _move(), "another time"),
    Row("PUT", _EVENTS, access.IS_ADMIN, _move(allowConflicts=True), _FORCED),
    Row("POST", f"{_EVENTS}/cancel", access.TAKES_PART, _change()),
    Row("POST", f"{_EVENTS}/approve", access.IS_ADMIN, _change()),
    Row("GET", f"{_EVENTS}/{{eventId}}", access.TAKES_PART, _event),
    Row("GET", f"{_EVENTS}/{{eventId}}/invite-status", access.TAKES_PART, _event),
    Row("POST", f"{_EVENTS}/{{eventId}}/resend-invites", access.TAKES_PART, _event),
    Row("GET", _GUESTS, access.TAKES_PART, _guests(of_event=True, written=False)),
    Row(
        "GET",
        _GUESTS,
        access.SEES_WITHOUT_EVENT,
        _guests(of_event=False, written=False),
        "no event",
    ),
    Row("PUT", _GUESTS, access.TAKES_PART, _guests(of_event=True, written=True)),
    Row(
        "PUT", _GUESTS, access.IS_COACH_OR_ADMIN, _guests(of_event=False, written=True), "no event"
    ),
    Row("GET", "/api/v1/availability/roles", access.ANYBODY),
    Row("GET", "/api/v1/availability", access.ANYBODY),
    Row(
        "PUT",
        "/api/v1/availability",
        access.IS_COACH,
        _sent(role="Coach", timezone="UTC", availability=_WEEK),
    ),
    Row(
        "PUT",
        "/api/v1/availability/timezone",
        access.IS_COACH,
        _sent(role="Coach", timezone="Asia/Kolkata"),
    ),
    Row("GET", _SLOTS, access.ANYBODY, _pair(date=DAY)),
    Row("GET", f"{_SLOTS}-admin", access.IS_ADMIN, _pair(date=DAY)),
    Row("GET", _MONTH, access.ANYBODY, _pair(**_A_MONTH)),
    Row("GET", f"{_MONTH}-admin", access.IS_ADMIN, _pair(**_A_MONTH)),
    Row(
        "GET",
        "/api/v1/legacy/check-availability",
        access.ANYBODY,
        _user(dateTime=f"{DAY}T10:00:00Z"),
    ),
    Row("GET", "/api/v1/legacy/calendar-setup", access.ANYBODY, _user()),
    Row("GET", "/api/v1/holidays", access.ANYBODY),
    Row("POST", "/api/v1/holidays", access.IS_COACH, _sent(**HOLIDAY)),
    Row("DELETE", "/api/v1/holidays/{holidayId}", access.IS_THEIRS, _holiday),
    *(
        Row("GET", "/api/v1/auth/{provider}", access.ANYBODY, _start(name), name)
        for name in ("google", "outlook", "apple")
    ),
    Row("GET", "/api/v1/auth/google/callback", access.ANYBODY, _way_back("google")),
    Row("GET", "/api/v1/auth/outlook/callback", access.ANYBODY, _way_back("outlook")),
    Row("POST", "/api/v1/auth/apple/connect", access.ANYBODY, _caldav_account),
    Row("POST", "/api/v1/connections/auto-provision", access.IS_SERVICE, _tokens),
    Row("GET", "/api/v1/connections", access.ANYBODY),
    Row("DELETE", "/api/v1/connections/{connectionId}", access.IS_THEIRS, _connected),
    Row("GET", "/api/v1/status", access.IS_COACH, _asked(role="Coach")),
    Row("GET", "/api/v1/welcome-notification", access.ANYBODY),
    Row("POST", "/api/v1/welcome-notification/seen", access.ANYBODY),
    Row(
        "POST", "/api/v1/ses/notifications", access.PROVES_ITSELF, lambda *_: Asked(body=message())
    ),
)
