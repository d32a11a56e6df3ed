"""Event resources of the simulated Google: times, validation, patches and recurrence."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # ships no types

Json = dict[str, Any]
MAX_INSTANCES = 20_000
ID = re.compile(r"[a-v0-9]{5,1024}")
_FOREVER = datetime(2100, 1, 1, tzinfo=UTC)


class InvalidGoogleEvent(Exception):
    """Google rejects the resource; `reason` is Google's reason code."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


def instant(moment: Mapping[str, Any], zone: str) -> datetime:
    """Return the instant of a start or end in a calendar of that zone.

    Raises:
        InvalidGoogleEvent: when it has no time, or two.
    """
    if ("date" in moment) == ("dateTime" in moment):
        raise InvalidGoogleEvent("invalid", "Invalid start or end time.")
    try:
        if "date" in moment:
            wall = datetime.combine(date.fromisoformat(moment["date"]), time())
            return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        parsed_time = datetime.fromisoformat(moment["dateTime"])
        if parsed_time.tzinfo is None:
            if "timeZone" not in moment:
                raise InvalidGoogleEvent(
                    "required", "Missing time zone definition for start or end time."
                )
            parsed_time = parsed_time.replace(tzinfo=ZoneInfo(moment["timeZone"]))
        return parsed_time.astimezone(UTC)
    except (TypeError, ValueError, KeyError) as error:
        raise InvalidGoogleEvent("invalid", f"Invalid time: {error}") from error


def check(event: Mapping[str, Any], zone: str) -> None:
    """Check a whole event as Google does.

    Raises:
        InvalidGoogleEvent: when Google would reject it.
    """
    if "start" not in event or "end" not in event:
        raise InvalidGoogleEvent("required", "Missing start or end time.")
    if ("date" in event["start"]) != ("date" in event["end"]):
        raise InvalidGoogleEvent(
            "invalid", "Start and end times must either both be date or both dateTime."
        )
    if instant(event["end"], zone) < instant(event["start"], zone):
        raise InvalidGoogleEvent("timeRangeEmpty", "The specified time range is empty.")
    if (
        event.get("recurrence")
        and "timeZone" not in event["start"]
        and "date" not in event["start"]
    ):
        raise InvalidGoogleEvent("required", "Missing time zone definition for start time.")
    source = event.get("source")
    if source and not str(source.get("url", "")).startswith(("http://", "https://")):
        raise InvalidGoogleEvent("invalid", "Invalid source url.")
    for name, value in (event.get("extendedProperties") or {}).get("private", {}).items():
        if len(name) > 44 or len(value) > 1024:  # noqa: PLR2004 - Google's limits
            raise InvalidGoogleEvent("invalid", "Extended property is too long.")


def merged(event: Json, change: Mapping[str, Any]) -> Json:
    """Return the event with a patch applied: objects merge, null removes, other values replace."""
    after = deepcopy(event)
    for name, value in change.items():
        if value is None:
            after.pop(name, None)
        elif isinstance(value, Mapping) and isinstance(after.get(name), dict):
            after[name] = merged(after[name], value)
        else:
            after[name] = deepcopy(value)
    return after


def instances(event: Json, *, zone: str, until: datetime | None) -> Iterator[Json]:
    """Yield the occurrences of a recurring event that start before `until`, ignoring exceptions."""
    event_zone = _event_zone(event, zone)
    length = instant(event["end"], zone) - instant(event["start"], zone)
    occurrence = _all_day if "date" in event["start"] else _timed
    for wall in _walls(event, event_zone, zone=zone, until=until or _FOREVER):
        yield occurrence(event, wall, event_zone=event_zone, length=length)


def _walls(event: Json, event_zone: ZoneInfo, *, zone: str, until: datetime) -> Iterator[datetime]:
    first = instant(event["start"], zone).astimezone(event_zone).replace(tzinfo=None)
    lines = [_on_wall_clock(each, event_zone) for each in event["recurrence"]]
    rule = rrulestr("\n".join(lines), dtstart=first, forceset=True)
    last = until.astimezone(event_zone).replace(tzinfo=None)
    for number, wall in enumerate(rule):
        if wall >= last or number >= MAX_INSTANCES:
            return
        yield wall


def _timed(event: Json, wall: datetime, *, event_zone: ZoneInfo, length: timedelta) -> Json:
    start = wall.replace(tzinfo=event_zone).astimezone(UTC)
    name = {"timeZone": str(event_zone)}
    return _occurrence(
        event,
        f"{start:%Y%m%dT%H%M%SZ}",
        {"dateTime": start.astimezone(event_zone).isoformat(), **name},
        {"dateTime": (start + length).astimezone(event_zone).isoformat(), **name},
    )


def _all_day(event: Json, wall: datetime, *, event_zone: ZoneInfo, length: timedelta) -> Json:  # noqa: ARG001 - as `_timed`
    days = date.fromisoformat(event["end"]["date"]) - date.fromisoformat(event["start"]["date"])
    start, end = {"date": f"{wall:%Y-%m-%d}"}, {"date": f"{wall.date() + days:%Y-%m-%d}"}
    return _occurrence(event, f"{wall:%Y%m%d}", start, end)


def _occurrence(event: Json, mark: str, start: Json, end: Json) -> Json:
    plain = {name: value for name, value in event.items() if name != "recurrence"}
    return {
        **plain,
        "id": f"{event['id']}_{mark}",
        "recurringEventId": event["id"],
        "originalStartTime": start,
        "start": start,
        "end": end,
    }


def _event_zone(event: Json, zone: str) -> ZoneInfo:
    return ZoneInfo(event["start"].get("timeZone", zone))


def _on_wall_clock(line: str, event_zone: ZoneInfo) -> str:
    """Return the line with every time as wall time of the event's zone, as dateutil requires."""
    name, _, value = line.partition(":")
    if name.startswith("RRULE"):
        return re.sub(
            r"(?<=UNTIL=)\d{8}T\d{6}Z", lambda each: _local(each[0], event_zone, event_zone), line
        )
    kind, *parameters = name.split(";")
    zones = [ZoneInfo(each[5:]) for each in parameters if each.startswith("TZID=")]
    times = [
        _local(each, zones[0] if zones else event_zone, event_zone) for each in value.split(",")
    ]
    return f"{kind}:{','.join(times)}"


def _local(stamp: str, own: ZoneInfo, event_zone: ZoneInfo) -> str:
    form = "%Y%m%dT%H%M%S" if "T" in stamp else "%Y%m%d"
    wall = datetime.strptime(stamp.removesuffix("Z"), form)  # noqa: DTZ007 - the zone follows
    aware = wall.replace(tzinfo=UTC if stamp.endswith("Z") else own)
    return f"{aware.astimezone(event_zone) if 'T' in stamp else wall:%Y%m%dT%H%M%S}"
