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
    instant,
    merged,
)
from infra.local.simulators.google_oauth import Authorization

BASE = "/calendar/v3"
DEFAULT_ZONE = "Europe/Berlin"
_SCOPE = "https://www.googleapis.com/auth/"
_EVENTS = frozenset({"calendar", "calendar.events", "calendar.events.owned"})
_READ_EVENTS = _EVENTS | {"calendar.readonly", "calendar.events.readonly"}
_CALENDARS = frozenset({"calendar", "calendar.readonly", "calendar.calendars.readonly"})
_CALENDAR_LIST = frozenset({"calendar", "calendar.readonly", "calendar.calendarlist.readonly"})
_SEND_UPDATES = (None, "all", "externalOnly", "none")
_LARGEST_PAGE = 2500


@dataclass
class Calendar:
    """One calendar; `events` holds deleted ones too, as cancelled."""

    id: str
    summary: str
    time_zone: str
    events: dict[str, Json] = field(default_factory=dict)

    def living(self) -> dict[str, Json]:
        """Return the events that were not deleted."""
        return {k: v for k, v in self.events.items() if v["status"] != "cancelled"}


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
        return _calendar_resource(self.calendar(email, calendar_id), email, request.path)

    def list(self, request: Request, email: str) -> Json:
        """calendarList.list."""
        self.calendar(email)
        mine = [each for (owner, _), each in self.calendars.items() if owner == email]
        items = [_calendar_resource(each, email, request.path) for each in mine]
        return {"kind": "calendar#calendarList", "items": items}

    def events(self, request: Request, email: str, *, calendar_id: str) -> Json:
        """events.list."""
        calendar, query = self.calendar(email, calendar_id), request.query
        start = _time(query, "timeMin")
        end = _time(query, "timeMax")
        if start and end and end <= start:
            raise Refusal(400, "timeRangeEmpty", "The specified time range is empty.")
        found = [
            each for each in _listed(calendar, query, end) if _within(each, calendar, start, end)
        ]
        if query.get("orderBy") == "startTime":
            found.sort(key=lambda each: instant(each["start"], calendar.time_zone))
        told = {
            "kind": "calendar#events",
            "etag": f'"p{len(calendar.events)}"',
            "summary": calendar.summary,
            "timeZone": query.get("timeZone", calendar.time_zone),
            "accessRole": "owner",
            "defaultReminders": [{"method": "popup", "minutes": 10}],
        }
        return {**told, **_page(found, request)}

    def event(self, request: Request, email: str, *, calendar_id: str, event_id: str) -> Json:
        """events.get; deleted events are told of as cancelled."""
        event = self._event(self.calendar(email, calendar_id), event_id)
        return _with_attendees(event, request.query)

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
        return _with_attendees(kept, request.query)

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


def _calendar_resource(calendar: Calendar, email: str, path: str) -> Json:
    told = {
        "kind": "calendar#calendar",
        "etag": '"1"',
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.time_zone,
    }
    if "calendarList" not in path:
        return told
    is_primary = {"primary": True} if calendar.id == email else {}
    return {**told, "kind": "calendar#calendarListEntry", "accessRole": "owner", **is_primary}


def _listed(calendar: Calendar, query: Mapping[str, str], end: datetime | None) -> Iterator[Json]:
    name, _, value = query.get("privateExtendedProperty", "").partition("=")
    for event in calendar.events.values():
        if event["status"] == "cancelled" and query.get("showDeleted") != "true":
            continue
        private = event.get("extendedProperties", {}).get("private", {})
        if name and private.get(name) != value:
            continue
        for each in _expanded(calendar, event, query, end):
            yield _with_attendees(each, query)


def _expanded(
    calendar: Calendar, event: Json, query: Mapping[str, str], end: datetime | None
) -> Iterable[Json]:
    if not event.get("recurrence") or query.get("singleEvents") != "true":
        return [event]
    found = instances(event, zone=calendar.time_zone, until=end)
    return (each for each in found if each["id"] not in calendar.events)


def _within(event: Json, calendar: Calendar, start: datetime | None, end: datetime | None) -> bool:
    if event.get("recurrence"):
        return True
    zone = calendar.time_zone
    ends_after = start is None or instant(event["end"], zone) > start
    return ends_after and (end is None or instant(event["start"], zone) < end)


def _page(found: Sequence[Json], request: Request) -> Json:
    """A page may be empty and have a next one: of an `empty_page` fault, and at Google's whim."""
    token = request.query.get("pageToken", "from-0")
    if not token.removeprefix("from-").isdigit():
        raise Refusal(400, "invalid", "Invalid page token value.")
    first = int(token.removeprefix("from-"))
    if request.fault.get("kind") == "empty_page":
        return {"items": [], "nextPageToken": f"from-{first:020}"}
    size = min(int(request.query.get("maxResults", "250")), _LARGEST_PAGE)
    items = list(found[first : first + size])
    more = {"nextPageToken": f"from-{first + size}"} if len(found) > first + size else {}
    return {"items": items, **more}


def _with_attendees(event: Json, query: Mapping[str, str]) -> Json:
    attendees = event.get("attendees", [])
    if len(attendees) <= int(query.get("maxAttendees", "1000000")):
        return event
    own = [each for each in attendees if each.get("self")]
    return {**event, "attendees": own, "attendeesOmitted": True}


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


def _time(query: Mapping[str, str], name: str) -> datetime | None:
    if name not in query:
        return None
    try:
        told = datetime.fromisoformat(query[name])
    except ValueError as error:
        raise Refusal(400, "badRequest", "Bad Request") from error
    if told.tzinfo is None:
        raise Refusal(400, "badRequest", "Bad Request")
    return told.replace(microsecond=0)


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
