"""Requests of the access tests about sessions and the time of their people.

Each function books or prepares what its request needs, as an Admin, and returns the request.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared import wiring
from shared.domain.connection import ConnectionStatus
from tests.support.access import People, SessionKind
from tests.support.oauth_flows import OAuthSimulators
from tests.support.service import admin, book, call_api, fresh_id, session_body
from tests.support.store_samples import connection

EVENTS = "/api/v1/events"
GUESTS = "/api/v1/sessions/{sessionId}/external-attendees"
DAY = "2026-11-24"
MONTH = {"year": "2026", "month": "11"}
GUEST = "guest@example.org"


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
    headers: Mapping[str, str] = field(default_factory=dict)


Prepare = Callable[[People, SessionKind, Servers], RouteRequest]


def query(**values: str) -> Prepare:
    """Send a query that needs nothing."""
    return lambda *_: RouteRequest(query=values)


def body(**values: Any) -> Prepare:
    """Send a body that needs nothing."""
    return lambda *_: RouteRequest(body=values)


def creation(*, contact: bool = False, **changes: Any) -> Prepare:
    """Create a session of that kind, pending unless `changes` say otherwise."""

    def prepare(people: People, session: SessionKind, _: Servers) -> RouteRequest:
        return RouteRequest(body=_session(people, session, **changes, **_contacts(people, contact)))

    return prepare


def repeated_creation(people: People, session: SessionKind, _: Servers) -> RouteRequest:
    """Create a session with owner COACH that exists already, from the same body."""
    request = _session(people, session, owner="COACH")
    call_api("POST", EVENTS, admin(), body=request)
    return RouteRequest(body=request)


def change(*, contact: bool = False, **changes: Any) -> Prepare:
    """Change a pending session; with `contact`, the contact of the user in adminId."""

    def prepare(people: People, session: SessionKind, _: Servers) -> RouteRequest:
        given = {**changes, **_contacts(people, contact)}
        return RouteRequest(body={"sessionId": _booked(people, session), **given})

    return prepare


def change_with_people(**changes: Any) -> Prepare:
    """Change a session and name its owner and all people, as a change of time requires."""

    def prepare(people: People, session: SessionKind, _: Servers) -> RouteRequest:
        booked = _session(people, session)
        call_api("POST", EVENTS, admin(), body=booked)
        named = {name: booked[name] for name in ("sessionId", "owner", "coachId", "learnerId")}
        return RouteRequest(body={**named, **changes})

    return prepare


TIMES = {"startTime": f"{DAY}T14:00:00Z", "endTime": f"{DAY}T15:00:00Z"}


def read(people: People, session: SessionKind, _: Servers) -> RouteRequest:
    """Read a scheduled session, of which the user in adminId has a calendar."""
    calendar = connection(
        fresh_id("c"), user_id=people.admin, status=ConnectionStatus.ACTIVE, last_error=None
    )
    wiring.people_store().save_connection(calendar)
    event = _booked(people, session, autoApproval=True, adminAttends=True)
    return RouteRequest(segments={"eventId": event})


def with_guest(people: People, session: SessionKind, servers: Servers) -> RouteRequest:
    """Send a request about a scheduled session that has a guest."""
    request = read(people, session, servers)
    path = GUESTS.replace("{sessionId}", request.segments["eventId"])
    call_api("PUT", path, admin(), query=_TYPE, body=_ATTENDEES)
    return RouteRequest(segments=request.segments, body={})


def guests(*, of_event: bool, written: bool) -> Prepare:
    """Read or write the guests of a session with or without an event."""

    def prepare(people: People, session: SessionKind, _: Servers) -> RouteRequest:
        segments = {"sessionId": _booked(people, session) if of_event else fresh_id()}
        return RouteRequest(segments, _TYPE, _ATTENDEES) if written else RouteRequest(segments)

    return prepare


def day_list(people: People, *_: Any) -> RouteRequest:
    """List the coach's day."""
    return RouteRequest(query={"date": DAY, "userId": people.coach})


def sessions(people: People, *_: Any) -> RouteRequest:
    """List the coach's sessions."""
    return RouteRequest(query={"userId": people.coach, "from": DAY})


def pair(**values: str) -> Prepare:
    """Ask about the time of the coach and the learner."""
    return lambda people, *_: RouteRequest(
        query={**values, "role": "Coach", "coachId": people.coach, "learnerId": people.learner}
    )


def rescheduled(people: People, session: SessionKind, servers: Servers) -> RouteRequest:
    """Ask about the time of the coach and the learner, without their session."""
    values = {"sessionId": _booked(people, session), "reschedule": "true"}
    return pair(date=DAY, **values)(people, session, servers)


def month_rescheduled(people: People, session: SessionKind, servers: Servers) -> RouteRequest:
    """Ask about a month of the coach and the learner, without their session."""
    values = {"sessionId": _booked(people, session), "reschedule": "true"}
    return pair(**MONTH, **values)(people, session, servers)


def month_of_coach(people: People, *_: Any) -> RouteRequest:
    """Ask about a month of the coach."""
    return RouteRequest(query={**MONTH, "role": "Coach", "coachId": people.coach})


def month_of_learner(people: People, *_: Any) -> RouteRequest:
    """Ask about a month of the learner."""
    return RouteRequest(query={**MONTH, "role": "Learner", "learnerId": people.learner})


_TYPE = {"sessionType": "coaching"}
_ATTENDEES = {"attendees": [GUEST, {"email": "bob@example.org", "name": "Bob"}]}


def _contacts(people: People, contact: bool) -> dict[str, Any]:  # noqa: FBT001 - a short helper
    address = {"userId": people.admin, "email": "another@example.org"}
    return {"contacts": [address]} if contact else {}


def _session(people: People, session: SessionKind, **changes: Any) -> dict[str, Any]:
    fields = {"owner": session.owner, "adminId": people.admin, "autoApproval": False, **changes}
    return session_body([people.coach], people.learners(session), **fields)


def _booked(people: People, session: SessionKind, **changes: Any) -> str:
    fields = {"owner": session.owner, "adminId": people.admin, "autoApproval": False, **changes}
    event = book(admin(), [people.coach], people.learners(session), **fields)
    return str(event["id"])
