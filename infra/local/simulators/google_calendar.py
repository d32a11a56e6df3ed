"""The Calendar API, simulated: calendars and events as version 3 keeps and refuses them."""

import itertools
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from infra.local.simulators import google_fields
from infra.local.simulators.common import Answer, Request, Route, json_answer
from infra.local.simulators.google_errors import Refusal
from infra.local.simulators.google_events import (
    ID,
    Invalid,
    Json,
    check,
    instances,
    merged,
)
from infra.local.simulators.google_listing import Calendar, found, page, with_attendees
from infra.local.simulators.google_oauth import Authorization

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
    """The calendars of every account, each with a primary one named by its address."""

    authorization: Authorization
    calendars: dict[tuple[str, str], Calendar] = field(default_factory=dict)
    mails: list[dict[str, Any]] = field(default_factory=list)
    _versions: Iterator[int] = field(default_factory=lambda: itertools.count(3_500_000_000_000_000))

    def routes(self) -> Sequence[Route]:
        """Return the paths of the API."""
        events = f"{BASE}/calendars/{{calendar_id}}/events"
        return (
            Route("GET", f"{BASE}/calendars/{{calendar_id}}", self._on(_CALENDARS, self.get)),
            Route("GET", f"{BASE}/users/me/calendarList", self._on(_CALENDAR_LIST, self.list)),
            Route(
                "GET",
                f"{BASE}/users/me/calendarList/{{calendar_id}}",
                self._on(_CALENDAR_LIST, self.get),
            ),
            Route("GET", events, self._on(_READ_EVENTS, self.events)),
            Route("POST", events, self._on(_EVENTS, self.insert)),
            Route("GET", f"{events}/{{event_id}}", self._on(_READ_EVENTS, self.event)),
            Route("PATCH", f"{events}/{{event_id}}", self._on(_EVENTS, self.patch)),
            Route("DELETE", f"{events}/{{event_id}}", self._on(_EVENTS, self.delete)),
        )

    def calendar(self, email: str, calendar_id: str = "primary") -> Calendar:
        """Return a calendar of an account.

        Raises:
            Refusal: when the account has none with that id.
        """
        name = email if calendar_id == "primary" else calendar_id
        if name == email:
            made = Calendar(email, email, DEFAULT_ZONE)
            return self.calendars.setdefault((email, email), made)
        if (email, name) not in self.calendars:
            raise Refusal(404, "notFound", "Not Found")
        return self.calendars[email, name]

    def get(self, request: Request, email: str, *, calendar_id: str) -> Json:
        """calendars.get and calendarList.get."""
        listed = "calendarList" in request.path
        return self.calendar(email, calendar_id).resource(email, listed=listed)

    def list(self, _: Request, email: str) -> Json:
        """calendarList.list."""
        self.calendar(email)
        mine = [each for (owner, _), each in self.calendars.items() if owner == email]
        items = [each.resource(email, listed=True) for each in mine]
        return {"kind": "calendar#calendarList", "items": items}

    def events(self, request: Request, email: str, *, calendar_id: str) -> Json:
        """events.list."""
        calendar, query = self.calendar(email, calendar_id), request.query
        told = {
            "kind": "calendar#events",
            "etag": f'"p{len(calendar.events)}"',
            "summary": calendar.summary,
            "timeZone": query.get("timeZone", calendar.time_zone),
            "accessRole": "owner",
            "defaultReminders": [{"method": "popup", "minutes": 10}],
        }
        return {**told, **page(found(calendar, query), request)}

    def event(self, request: Request, email: str, *, calendar_id: str, event_id: str) -> Json:
        """events.get; deleted events are told of as cancelled."""
        event = self._event(self.calendar(email, calendar_id), event_id)
        return with_attendees(event, request.query)

    def insert(self, request: Request, email: str, *, calendar_id: str) -> Json:
        """events.insert; an id stays taken after its event was deleted."""
        calendar, body = self.calendar(email, calendar_id), _body(request)
        event_id = body.get("id") or secrets.token_hex(13)
        if not ID.fullmatch(event_id):
            raise Refusal(400, "invalid", "Invalid resource id value.")
        if event_id in calendar.events:
            raise Refusal(409, "duplicate", "The requested identifier already exists.")
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
            **_conferenced(body, request),
            "id": event_id,
        }
        return self._keep(calendar, event, request, email)

    def patch(self, request: Request, email: str, *, calendar_id: str, event_id: str) -> Json:
        """events.patch."""
        calendar, body = self.calendar(email, calendar_id), _body(request)
        before = self._event(calendar, event_id)
        _check_match(before, request)
        if before["status"] == "cancelled" and "status" not in body:
            raise Refusal(403, "forbidden", "The event was deleted.")
        if "eventType" in body and body["eventType"] != before["eventType"]:
            raise Refusal(400, "invalid", "The event type cannot be changed.")
        return self._keep(calendar, merged(before, _conferenced(body, request)), request, email)

    def delete(self, request: Request, email: str, *, calendar_id: str, event_id: str) -> None:
        """events.delete."""
        calendar = self.calendar(email, calendar_id)
        before = self._event(calendar, event_id)
        _check_match(before, request)
        if before["status"] == "cancelled":
            raise Refusal(410, "deleted", "Resource has been deleted")
        self._keep(calendar, {**before, "status": "cancelled"}, request, email)
        for each in list(calendar.events.values()):
            if each.get("recurringEventId") == event_id:
                del calendar.events[each["id"]]

    def _event(self, calendar: Calendar, event_id: str) -> Json:
        if event_id in calendar.events:
            return calendar.events[event_id]
        series = calendar.living().get(event_id.rpartition("_")[0])
        if series is not None and series.get("recurrence"):
            for each in instances(series, zone=calendar.time_zone, until=None):
                if each["id"] == event_id:
                    return each
        raise Refusal(404, "notFound", "Not Found")

    def _keep(self, calendar: Calendar, event: Json, request: Request, email: str) -> Json:
        if request.query.get("sendUpdates") not in _SEND_UPDATES:
            raise Refusal(400, "invalidParameter", "Invalid value for: sendUpdates")
        check(event, calendar.time_zone)
        kept = {**deepcopy(event), "updated": _now(), "etag": f'"{next(self._versions)}"'}
        calendar.events[kept["id"]] = kept
        self._mail(kept, request.query, email)
        return with_attendees(kept, request.query)

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
    ) -> Callable[..., Answer]:
        accepted = {_SCOPE + each for each in scopes}

        def answer(request: Request, **variables: str) -> Answer:
            try:
                return self._authorized(request, accepted, method, variables)
            except Invalid as error:
                return Refusal(400, error.reason, error.message).answer()
            except Refusal as error:
                return error.answer()

        return answer

    def _authorized(
        self,
        request: Request,
        accepted: set[str],
        method: Callable[..., Json | None],
        variables: Mapping[str, str],
    ) -> Answer:
        held = self.authorization.holder(request)
        if held is None:
            raise Refusal(401, "authError", "Invalid Credentials", status="UNAUTHENTICATED")
        if not accepted & held.scopes:
            raise Refusal(
                403,
                "insufficientPermissions",
                "Request had insufficient authentication scopes.",
                status="PERMISSION_DENIED",
            )
        try:
            mask = google_fields.parse(request.query["fields"]) if "fields" in request.query else {}
        except ValueError as error:
            raise Refusal(400, "invalidParameter", str(error)) from error
        told = method(request, held.email, **variables)
        return Answer(status=204) if told is None else json_answer(google_fields.select(told, mask))


def _conferenced(body: Json, request: Request) -> Json:
    """Version 0 clients know no conferences: what they write has none."""
    if request.query.get("conferenceDataVersion") == "1":
        return body
    return (
        {**body, "conferenceData": None}
        if request.method == "PATCH"
        else {name: value for name, value in body.items() if name != "conferenceData"}
    )


def _check_match(event: Json, request: Request) -> None:
    wanted = request.headers.get("if-match")
    if wanted not in (None, "*", event["etag"]):
        raise Refusal(412, "conditionNotMet", "Precondition Failed")


def _body(request: Request) -> Json:
    try:
        body = request.json
    except ValueError as error:
        raise Refusal(400, "parseError", "Parse Error") from error
    if not isinstance(body, dict):
        raise Refusal(400, "required", "Missing body")
    return body


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
