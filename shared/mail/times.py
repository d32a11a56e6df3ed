"""Times of sessions as mails show them."""

from datetime import datetime

from shared.domain.interval import Interval
from shared.domain.zones import zone


def period(interval: Interval, zone_name: str) -> str:
    """Return start and end in a zone, with the zone's name and UTC offset."""
    start, end = (each.astimezone(zone(zone_name)) for each in (interval.start, interval.end))
    if (start.date(), start.utcoffset()) == (end.date(), end.utcoffset()):
        return f"{_day(start)}, {start:%H:%M} to {end:%H:%M} ({zone_name}, {_offset(start)})"
    return " to ".join(
        f"{_day(each)}, {each:%H:%M} ({zone_name}, {_offset(each)})" for each in (start, end)
    )


def short_start(interval: Interval, zone_name: str) -> str:
    """Return the start in a zone, short enough for a subject."""
    start = interval.start.astimezone(zone(zone_name))
    return f"{start:%a}, {start.day} {start:%b %Y}, {start:%H:%M} ({_offset(start)})"


def is_same_clock(interval: Interval, first: str, second: str) -> bool:
    """Whether clocks in both zones show the same start and end."""
    moments = (interval.start, interval.end)
    return all(
        each.astimezone(zone(first)).utcoffset() == each.astimezone(zone(second)).utcoffset()
        for each in moments
    )


def _day(moment: datetime) -> str:
    return f"{moment:%A}, {moment.day} {moment:%B %Y}"


def _offset(moment: datetime) -> str:
    digits = f"{moment:%z}"
    return f"UTC{digits[:3]}:{digits[3:5]}"
