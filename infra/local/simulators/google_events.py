"""Event resources of the simulated Google: when they are, what they repeat, how they are merged."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # ships no types

Json = dict[str, Any]
MOST_INSTANCES = 20_000
ID = re.compile(r"[a-v0-9]{5,1024}")
_FOREVER = datetime(2100, 1, 1, tzinfo=UTC)


class Invalid(Exception):
    """The resource is not one Google takes; `reason` says why."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


def instant(moment: Mapping[str, Any], zone: str) -> datetime:
    """Return the instant of a start or end in a calendar of that zone.

    Raises:
        Invalid: when it has none or two.
    """
    if ("date" in moment) == ("dateTime" in moment):
        raise Invalid("invalid", "Invalid start or end time.")
    try:
        if "date" in moment:
            wall = datetime.combine(date.fromisoformat(moment["date"]), time())
            return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        told = datetime.fromisoformat(moment["dateTime"])
        if told.tzinfo is None:
            if "timeZone" not in moment:
                raise Invalid("required", "Missing time zone definition for start or end time.")
            told = told.replace(tzinfo=ZoneInfo(moment["timeZone"]))
        return told.astimezone(UTC)
    except (TypeError, ValueError, KeyError) as error:
        raise Invalid("invalid", f"Invalid time: {error}") from error


def check(event: Mapping[str, Any], zone: str) -> None:
    """Check what Google checks of a whole event.

    Raises:
        Invalid: when it is not one Google takes.
    """
    if "start" not in event or "end" not in event:
        raise Invalid("required", "Missing start or end time.")
    if ("date" in event["start"]) != ("date" in event["end"]):
        raise Invalid("invalid", "Start and end times must either both be date or both dateTime.")
    if instant(event["end"], zone) < instant(event["start"], zone):
        raise Invalid("timeRangeEmpty", "The specified time range is empty.")
    if (
        event.get("recurrence")
        and "timeZone" not in event["start"]
        and "date" not in event["start"]
    ):
        raise Invalid("required", "Missing time zone definition for start time.")
    source = event.get("source")
    if source and not str(source.get("url", "")).startswith(("http://", "https://")):
        raise Invalid("invalid", "Invalid source url.")
    for name, value in (event.get("extendedProperties") or {}).get("private", {}).items():
        if len(name) > 44 or len(value) > 1024:  # noqa: PLR2004 - Google's limits
            raise Invalid("invalid", "Extended property is too long.")


def merged(event: Json, change: Mapping[str, Any]) -> Json:
    """Return the event with a patch applied: objects merge, null removes, all else replaces."""
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
    """Yield the occurrences of a recurring event that start before `until`, without exceptions."""
    place = _place(event, zone)
    length = instant(event["end"], zone) - instant(event["start"], zone)
    occurrence = _whole_day if "date" in event["start"] else _timed
    for wall in _walls(event, place, zone=zone, until=until or _FOREVER):
        yield occurrence(event, wall, place=place, length=length)


def _walls(event: Json, place: ZoneInfo, *, zone: str, until: datetime) -> Iterator[datetime]:
    first = instant(event["start"], zone).astimezone(place).replace(tzinfo=None)
    lines = [_on_wall_clock(each, place) for each in event["recurrence"]]
    rule = rrulestr("\n".join(lines), dtstart=first, forceset=True)
    last = until.astimezone(place).replace(tzinfo=None)
    for number, wall in enumerate(rule):
        if wall >= last or number >= MOST_INSTANCES:
            return
        yield wall


def _timed(event: Json, wall: datetime, *, place: ZoneInfo, length: timedelta) -> Json:
    start = wall.replace(tzinfo=place).astimezone(UTC)
    name = {"timeZone": str(place)}
    return _occurrence(
        event,
        f"{start:%Y%m%dT%H%M%SZ}",
        {"dateTime": start.astimezone(place).isoformat(), **name},
        {"dateTime": (start + length).astimezone(place).isoformat(), **name},
    )


def _whole_day(event: Json, wall: datetime, *, place: ZoneInfo, length: timedelta) -> Json:  # noqa: ARG001 - as `_timed`
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


def _place(event: Json, zone: str) -> ZoneInfo:
    return ZoneInfo(event["start"].get("timeZone", zone))


def _on_wall_clock(line: str, place: ZoneInfo) -> str:
    """The line with every time on the wall clock of the event's zone, as dateutil wants them."""
    name, _, value = line.partition(":")
    if name.startswith("RRULE"):
        return re.sub(r"(?<=UNTIL=)\d{8}T\d{6}Z", lambda each: _local(each[0], place, place), line)
    kind, *parameters = name.split(";")
    zones = [ZoneInfo(each[5:]) for each in parameters if each.startswith("TZID=")]
    times = [_local(each, zones[0] if zones else place, place) for each in value.split(",")]
    return f"{kind}:{','.join(times)}"


def _local(stamp: str, own: ZoneInfo, place: ZoneInfo) -> str:
    told = datetime.strptime(stamp.removesuffix("Z"), "%Y%m%dT%H%M%S" if "T" in stamp else "%Y%m%d")  # noqa: DTZ007 - the zone follows
    there = told.replace(tzinfo=UTC if stamp.endswith("Z") else own)
    return f"{there.astimezone(place) if 'T' in stamp else told:%Y%m%dT%H%M%S}"
