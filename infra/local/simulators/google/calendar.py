"""The simulated Calendar API, version 3: calendars and events."""

import itertools
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from infra.local.simulators.google import fields
from infra.local.simulators.google.errors import GoogleApiError
from infra.local.simulators.google.events import (
    ID,
    InvalidGoogleEvent,
    Json,
    check,
    instances,
    merged,
)
from infra.local.simulators.google.listing import Calendar, matching_events, page, with_attendees
from infra.local.simulators.google.oauth import Authorization
from infra.local.simulators.google.requests import body_of, check_match, writable_fields
from infra.local.simulators.http import (
    SimulatedRequest,
    SimulatedResponse,
    SimulatorRoute,
    json_response,
)

BASE = "/calendar/v3"
DEFAULT_ZONE = "Europe/Berlin"
_SCOPE = "https://www.googleapis.com/auth/"
_EVENTS = frozenset({"calendar", "calendar.events", "calendar.events.owned"})
_READ_EVENTS = _EVENTS | {"calendar.readonly", "calendar.events.readonly"}
_CALENDARS = frozenset({"calendar", "calendar.readonly", "calendar.calendars.readonly"})
_CALENDAR_LIST = frozenset({"calendar", "calendar.readonly", "calendar.calendarlist.readonly"})
_SEND_UPDATES = (None, "all", "externalOnly", "none")


@dataclass
class CalendarApi:
    """The calendars of every account; the id of a primary one is the account's address."""

    authorization: Authorization
    calendars: dict[tuple[str, str], Calendar] = field(default_factory=dict)
    mails: list[dict[str, Any]] = field(default_factory=list)
    _versions: Iterator[int] = field(default_factory=lambda: itertools.count(3_500_000_000_000_000))

    def routes(self) -> Sequence[SimulatorRoute]:
        """Return the paths of the API."""
        events = f"{BASE}/calendars/{{calendar_id}}/events"
        return (
            SimulatorRoute(
                "GET", f"{BASE}/calendars/{{calendar_id}}", self._on(_CALENDARS, self.get)
            ),
            SimulatorRoute(
                "GET", f"{BASE}/users/me/calendarList", self._on(_CALENDAR_LIST, self.list)
            ),
            SimulatorRoute(
                "GET",
                f"{BASE}/users/me/calendarList/{{calendar_id}}",
                self._on(_CALENDAR_LIST, self.get),
            ),
            SimulatorRoute("GET", events, self._on(_READ_EVENTS, self.events)),
            SimulatorRoute("POST", events, self._on(_EVENTS, self.insert)),
            SimulatorRoute("GET", f"{events}/{{event_id}}", self._on(_READ_EVENTS, self.event)),
            SimulatorRoute("PATCH", f"{events}/{{event_id}}", self._on(_EVENTS, self.patch)),
            SimulatorRoute("DELETE", f"{events}/{{event_id}}", self._on(_EVENTS, self.delete)),
        )

    def calendar(self, email: str, calendar_id: str = "primary") -> Calendar:
        """Return a calendar of an account.

        Raises:
            GoogleApiError: when the account has none with that id.
        """
        name = email if calendar_id == "primary" else calendar_id
        if name == email:
            primary = Calendar(email, email, DEFAULT_ZONE)
            return self.calendars.setdefault((email, email), primary)
        if (email, name) not in self.calendars:
            raise GoogleApiError(404, "notFound", "Not Found")
        return self.calendars[email, name]

    def get(self, request: SimulatedRequest, email: str, *, calendar_id: str) -> Json:
        """calendars.get and calendarList.get."""
        listed = "calendarList" in request.path
        return self.calendar(email, calendar_id).resource(email, listed=listed)

    def list(self, _: SimulatedRequest, email: str) -> Json:
        """calendarList.list."""
        self.calendar(email)
        owned = [each for (owner, _), each in self.calendars.items() if owner == email]
        items = [each.resource(email, listed=True) for each in owned]
        return {"kind": "calendar#calendarList", "items": items}

    def events(self, request: SimulatedRequest, email: str, *, calendar_id: str) -> Json:
        """events.list."""
        calendar, query = self.calendar(email, calendar_id), request.query
        content = {
            "kind": "calendar#events",
            "etag": f'"p{len(calendar.events)}"',
            "summary": calendar.summary,
            "timeZone": query.get("timeZone", calendar.time_zone),
            "accessRole": "owner",
            "defaultReminders": [{"method": "popup", "minutes": 10}],
        }
        return {**content, **page(matching_events(calendar, query), request)}

    def event(
        self, request: SimulatedRequest, email: str, *, calendar_id: str, event_id: str
    ) -> Json:
        """events.get; a deleted event has the status cancelled."""
        event = self._event(self.calendar(email, calendar_id), event_id)
        return with_attendees(event, request.query)

    def insert(self, request: SimulatedRequest, email: str, *, calendar_id: str) -> Json:
        """events.insert; the id of a deleted event cannot be used again."""
        calendar, body = self.calendar(email, calendar_id), body_of(request)
        event_id = body.get("id") or secrets.token_hex(13)
        if not ID.fullmatch(event_id):
            raise GoogleApiError(400, "invalid", "Invalid resource id value.")
        if event_id in calendar.events:
            raise GoogleApiError(409, "duplicate", "The requested identifier already exists.")
        now = _now()
        event = {
            "kind": "calendar#event",
            "status": "confirmed",
            "htmlLink": f"https://www.google.com/calendar/event?eid={event_id}",
            "created": now,
            "creator": {"email": email, "self": True},
            "organizer": {"email": email, "self": True},
            "iCalUID": f"{event_id}@google.com",
            "sequence": 0,
            "reminders": {"useDefault": True},
            "eventType": "default",
            **writable_fields(body, request),
            "id": event_id,
        }
        return self._store(calendar, event, request, email)

    def patch(
        self, request: SimulatedRequest, email: str, *, calendar_id: str, event_id: str
    ) -> Json:
        """events.patch."""
        calendar, body = self.calendar(email, calendar_id), body_of(request)
        before = self._event(calendar, event_id)
        check_match(before, request)
        if before["status"] == "cancelled" and "status" not in body:
            raise GoogleApiError(403, "forbidden", "The event was deleted.")
        if "eventType" in body and body["eventType"] != before["eventType"]:
            raise GoogleApiError(400, "invalid", "The event type cannot be changed.")
        return self._store(calendar, merged(before, writable_fields(body, request)), request, email)

    def delete(
        self, request: SimulatedRequest, email: str, *, calendar_id: str, event_id: str
    ) -> None:
        """events.delete."""
        calendar = self.calendar(email, calendar_id)
        before = self._event(calendar, event_id)
        check_match(before, request)
        if before["status"] == "cancelled":
            raise GoogleApiError(410, "deleted", "Resource has been deleted")
        self._store(calendar, {**before, "status": "cancelled"}, request, email)
        for each in list(calendar.events.values()):
            if each.get("recurringEventId") == event_id:
                del calendar.events[each["id"]]

    def _event(self, calendar: Calendar, event_id: str) -> Json:
        if event_id in calendar.events:
            return calendar.events[event_id]
        series = calendar.current_events().get(event_id.rpartition("_")[0])
        if series is not None and series.get("recurrence"):
            for each in instances(series, zone=calendar.time_zone, until=None):
                if each["id"] == event_id:
                    return each
        raise GoogleApiError(404, "notFound", "Not Found")

    def _store(
        self, calendar: Calendar, event: Json, request: SimulatedRequest, email: str
    ) -> Json:
        if request.query.get("sendUpdates") not in _SEND_UPDATES:
            raise GoogleApiError(400, "invalidParameter", "Invalid value for: sendUpdates")
        check(event, calendar.time_zone)
        stored = {**deepcopy(event), "updated": _now(), "etag": f'"{next(self._versions)}"'}
        calendar.events[stored["id"]] = stored
        self._mail(stored, request.query, email)
        return with_attendees(stored, request.query)

    def _mail(self, event: Json, query: Mapping[str, str], email: str) -> None:
        if query.get("sendUpdates") in ("all", "externalOnly"):
            guests = [each["email"] for each in event.get("attendees", ())]
            self.mails += [
                {"to": guest, "eventId": event["id"], "status": event["status"]}
                for guest in guests
                if guest != email
            ]

    def _on(
        self, scopes: Iterable[str], method: Callable[..., Json | None]
    ) -> Callable[..., SimulatedResponse]:
        accepted = {_SCOPE + each for each in scopes}

        def respond(request: SimulatedRequest, **variables: str) -> SimulatedResponse:
            try:
                return self._authorized(request, accepted, method, variables)
            except InvalidGoogleEvent as error:
                return GoogleApiError(400, error.reason, error.message).response()
            except GoogleApiError as error:
                return error.response()

        return respond

    def _authorized(
        self,
        request: SimulatedRequest,
        accepted: set[str],
        method: Callable[..., Json | None],
        variables: Mapping[str, str],
    ) -> SimulatedResponse:
        record = self.authorization.bearer_token(request)
        if record is None:
            raise GoogleApiError(401, "authError", "Invalid Credentials", status="UNAUTHENTICATED")
        if not accepted & record.scopes:
            raise GoogleApiError(
                403,
                "insufficientPermissions",
                "Request had insufficient authentication scopes.",
                status="PERMISSION_DENIED",
            )
        try:
            mask = fields.parse(request.query["fields"]) if "fields" in request.query else {}
        except ValueError as error:
            raise GoogleApiError(400, "invalidParameter", str(error)) from error
        content = method(request, record.email, **variables)
        return (
            SimulatedResponse(status=204)
            if content is None
            else json_response(fields.select(content, mask))
        )


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
