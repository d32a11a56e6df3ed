"""events.list of the simulated Google: filters, expansion of series, and pages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from infra.local.simulators.google.errors import GoogleApiError
from infra.local.simulators.google.events import Json, instances, instant
from infra.local.simulators.http import SimulatedRequest

_MAX_PAGE_SIZE = 2500


@dataclass
class Calendar:
    """One calendar; `events` includes deleted ones, with the status cancelled."""

    id: str
    summary: str
    time_zone: str
    events: dict[str, Json] = field(default_factory=dict)

    def current_events(self) -> dict[str, Json]:
        """Return the events that are not deleted."""
        return {k: v for k, v in self.events.items() if v["status"] != "cancelled"}

    def resource(self, email: str, *, listed: bool) -> Json:
        """Return the resource of calendars.get, or if `listed` of the account's calendarList."""
        fields = {"etag": '"1"', "id": self.id, "summary": self.summary, "timeZone": self.time_zone}
        if not listed:
            return {"kind": "calendar#calendar", **fields}
        is_primary = {"primary": True} if self.id == email else {}
        return {"kind": "calendar#calendarListEntry", **fields, "accessRole": "owner", **is_primary}


def matching_events(calendar: Calendar, query: Mapping[str, str]) -> list[Json]:
    """Return the calendar's events that match a query."""
    start, end = _time(query, "timeMin"), _time(query, "timeMax")
    if start and end and end <= start:
        raise GoogleApiError(400, "timeRangeEmpty", "The specified time range is empty.")
    events = [each for each in _listed(calendar, query, end) if _within(each, calendar, start, end)]
    if query.get("orderBy") == "startTime":
        events.sort(key=lambda each: instant(each["start"], calendar.time_zone))
    return events


def _listed(calendar: Calendar, query: Mapping[str, str], end: datetime | None) -> Iterator[Json]:
    name, _, value = query.get("privateExtendedProperty", "").partition("=")
    for event in calendar.events.values():
        if event["status"] == "cancelled" and query.get("showDeleted") != "true":
            continue
        private = event.get("extendedProperties", {}).get("private", {})
        if name and private.get(name) != value:
            continue
        for each in _expanded(calendar, event, query, end):
            yield with_attendees(each, query)


def _expanded(
    calendar: Calendar, event: Json, query: Mapping[str, str], end: datetime | None
) -> Iterable[Json]:
    if not event.get("recurrence") or query.get("singleEvents") != "true":
        return [event]
    occurrences = instances(event, zone=calendar.time_zone, until=end)
    return (each for each in occurrences if each["id"] not in calendar.events)


def _within(event: Json, calendar: Calendar, start: datetime | None, end: datetime | None) -> bool:
    if event.get("recurrence"):
        return True
    zone = calendar.time_zone
    ends_after = start is None or instant(event["end"], zone) > start
    return ends_after and (end is None or instant(event["start"], zone) < end)


def page(events: Sequence[Json], request: SimulatedRequest) -> Json:
    """Return the items of a page and the next page's token.

    As with Google, a page with a next page may be empty: the `empty_page` fault does that.
    """
    token = request.query.get("pageToken", "from-0")
    if not token.removeprefix("from-").isdigit():
        raise GoogleApiError(400, "invalid", "Invalid page token value.")
    first = int(token.removeprefix("from-"))
    if request.fault.get("kind") == "empty_page":
        return {"items": [], "nextPageToken": f"from-{first:020}"}
    size = min(int(request.query.get("maxResults", "250")), _MAX_PAGE_SIZE)
    items = list(events[first : first + size])
    more = {"nextPageToken": f"from-{first + size}"} if len(events) > first + size else {}
    return {"items": items, **more}


def with_attendees(event: Json, query: Mapping[str, str]) -> Json:
    """Return the event with all attendees, or only the account's own above maxAttendees."""
    attendees = event.get("attendees", [])
    if len(attendees) <= int(query.get("maxAttendees", "1000000")):
        return event
    own = [each for each in attendees if each.get("self")]
    return {**event, "attendees": own, "attendeesOmitted": True}


def _time(query: Mapping[str, str], name: str) -> datetime | None:
    if name not in query:
        return None
    try:
        time = datetime.fromisoformat(query[name])
    except ValueError as error:
        raise GoogleApiError(400, "badRequest", "Bad Request") from error
    if time.tzinfo is None:
        raise GoogleApiError(400, "badRequest", "Bad Request")
    return time.replace(microsecond=0)
