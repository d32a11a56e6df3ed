"""Event resources of the simulated Graph: validation, recurrence and JSON."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from html import escape, unescape
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import (  # type: ignore[import-untyped]  # ships no types
    DAILY,
    MONTHLY,
    WEEKLY,
    YEARLY,
    rrule,
)

from infra.local.simulators.microsoft.outlook_event import GraphError, Json, OutlookEvent
from infra.local.simulators.microsoft.queries import SELECTABLE, expanded

MAX_OCCURRENCES = 20_000

_WRITABLE = frozenset(
    re.findall(
        r"\w+",
        "subject body start end location locations attendees showAs isAllDay isReminderOn "
        "recurrence reminderMinutesBeforeStart categories sensitivity importance transactionId "
        "isOnlineMeeting onlineMeetingProvider singleValueExtendedProperties "
        "allowNewTimeProposals hideAttendees responseRequested",
    )
)
_FREQUENCIES = {
    "daily": DAILY,
    "weekly": WEEKLY,
    "absoluteMonthly": MONTHLY,
    "absoluteYearly": YEARLY,
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MEETING = "<br>Join the meeting<br>"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence of an event, as instants and as wall times."""

    item: OutlookEvent
    start: datetime
    end: datetime
    wall_start: datetime
    wall_end: datetime


def check(fields: Mapping[str, Any], *, new: bool) -> None:
    """Check the fields of a written event as Graph does.

    Raises:
        GraphError: when Graph would reject them.
    """
    if unknown := set(fields) - _WRITABLE:
        raise GraphError("RequestBodyRead", f"The property {sorted(unknown)} does not exist.")
    if new and not {"start", "end"} <= set(fields):
        raise GraphError("ErrorPropertyValidationFailure", "start and end are required.")
    if not new and "transactionId" in fields:
        raise GraphError("ErrorInvalidRequest", "transactionId cannot be changed.")
    for each in fields.get("singleValueExtendedProperties", ()):
        if set(each) != {"id", "value"} or not all(isinstance(v, str) and v for v in each.values()):
            raise GraphError("ErrorInvalidProperty", "An extended property has an id and a value.")
    if {"start", "end"} <= set(fields) and _instant(fields["end"]) < _instant(fields["start"]):
        raise GraphError("ErrorInvalidRequest", "The event ends before it starts.")


def apply_fields(item: OutlookEvent, fields: Mapping[str, Any]) -> None:
    """Write the fields into the item; other fields are unchanged."""
    given = deepcopy(dict(fields))
    for each in given.pop("singleValueExtendedProperties", ()):
        item.marks[each["id"]] = each["value"]
    if "body" in given:
        given["body"] = _stored_body(given["body"])
        if item.fields.get("isOnlineMeeting") and _MEETING not in given["body"]["content"]:
            # Exchange removes the meeting when its link is missing from the body.
            item.fields["onlineMeeting"] = None
    item.fields.update(given)
    item.change += 1


def occurrences(item: OutlookEvent, mailbox_zone: str, end: datetime) -> Iterator[Occurrence]:
    """Yield the item's occurrences that start before `end`, in order."""
    start, stop = item.fields["start"], item.fields["end"]
    zone = mailbox_zone if item.fields.get("isAllDay") else start["timeZone"]
    first, length = _wall(start), _wall(stop) - _wall(start)
    for count, wall in enumerate(_starts(item.fields.get("recurrence"), first)):
        begins = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        if begins >= end or count >= MAX_OCCURRENCES:
            return
        ends = (wall + length).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        yield Occurrence(item, begins, ends, wall, wall + length)


def event_json(
    item: OutlookEvent, query: Mapping[str, str], prefer: str, once: Occurrence | None = None
) -> Json:
    """Return the event's JSON, according to `$select`, `$expand` and the Prefer header.

    Raises:
        GraphError: when Graph would reject the query.
    """
    shown = {**item.fields, "id": item.ids['idtype="immutableid"' not in prefer.lower()]}
    shown |= _times(item, prefer, once)
    if 'outlook.body-content-type="text"' in prefer and "body" in shown:
        text = unescape(re.sub(r"<[^>]*>", "", shown["body"]["content"]))
        shown["body"] = {"contentType": "text", "content": text}
    selected = set(query["$select"].split(",")) if "$select" in query else SELECTABLE
    if unknown := selected - SELECTABLE:
        raise GraphError("RequestBroker--ParseUri", f"Could not find a property named {unknown}.")
    resource = {"@odata.etag": item.etag, "id": shown["id"]}
    resource |= {name: shown[name] for name in sorted(selected) if name in shown}
    if "$expand" in query:
        resource |= expanded(item, query["$expand"])
    return resource


def _times(item: OutlookEvent, prefer: str, once: Occurrence | None) -> Json:
    match = re.search(r'outlook\.timezone="([^"]+)"', prefer)
    zone = match[1] if match else "UTC"
    all_day = item.fields.get("isAllDay")
    names = ("start", "end")
    if once is None:
        walls = [_wall(item.fields[name]) for name in names]
        instants = [_instant(item.fields[name]) for name in names]
    else:
        walls, instants = [once.wall_start, once.wall_end], [once.start, once.end]
    # All-day events are dates, independent of the requested zone.
    shown = walls if all_day else [each.astimezone(ZoneInfo(zone)) for each in instants]
    times: Json = {
        name: {"dateTime": f"{at:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": zone}
        for name, at in zip(names, shown, strict=True)
    }
    if once is not None and item.fields.get("recurrence"):
        master = item.ids['idtype="immutableid"' not in prefer.lower()]
        times |= {"type": "occurrence", "seriesMasterId": master, "recurrence": None}
        times["id"] = f"{master}.{once.wall_start:%Y%m%d}"
    return times


def _starts(recurrence: Mapping[str, Any] | None, first: datetime) -> Iterator[datetime]:
    if not recurrence:
        yield first
        return
    pattern, limits = recurrence["pattern"], recurrence["range"]
    days = [_DAYS.index(each) for each in pattern.get("daysOfWeek", ())] or None
    until = limits.get("endDate") if limits["type"] == "endDate" else None
    yield from rrule(
        _FREQUENCIES[pattern["type"]],
        dtstart=first,
        interval=pattern.get("interval", 1),
        byweekday=days,
        count=limits["numberOfOccurrences"] if limits["type"] == "numbered" else None,
        until=datetime.combine(date.fromisoformat(until), time.max) if until else None,
    )


def _wall(moment: Mapping[str, str]) -> datetime:
    try:
        return datetime.fromisoformat(moment["dateTime"]).replace(tzinfo=None)
    except (KeyError, TypeError, ValueError) as error:
        raise GraphError("ErrorInvalidRequest", "A time must be a dateTimeTimeZone.") from error


def _instant(moment: Mapping[str, str]) -> datetime:
    wall = _wall(moment)
    try:
        return wall.replace(tzinfo=ZoneInfo(moment["timeZone"])).astimezone(UTC)
    except (KeyError, ValueError, OSError) as error:
        raise GraphError("TimeZoneNotSupportedException", "Unknown time zone.") from error


def _stored_body(body: Mapping[str, str]) -> Json:
    content = body["content"]
    if body.get("contentType", "text").lower() == "text":
        lines = "<br>\r\n".join(escape(each) for each in content.split("\n"))
        content = f"<html><body><div>{lines}</div></body></html>\r\n"
    return {"contentType": "html", "content": content}


def make_online_meeting(item: OutlookEvent, link: str) -> None:
    """Make the event an online meeting, as a user can in Outlook."""
    item.fields |= {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}
    item.fields["onlineMeeting"] = {"joinUrl": link}
    item.fields.setdefault("body", _stored_body({"content": ""}))
    item.fields["body"]["content"] += f"{_MEETING}{link}"
    item.change += 1
