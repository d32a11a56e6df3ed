"""Weekly availability windows of a person or the organization."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from shared.domain.interval import Span, Spans, merge
from shared.domain.localtime import DAY, stretches
from shared.domain.role import Role
from shared.domain.zones import zone

DAY_MINUTES = 24 * 60
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""Names by `Window.weekday`."""
WEEK_MINUTES = 7 * DAY_MINUTES

# 1970-01-01 was a Thursday, so its week started on Monday three days before the epoch.
_MONDAY = 3 * DAY
_WEEK = 7 * DAY


@dataclass(frozen=True, slots=True)
class Window:
    """Wall-clock minutes [start, end) of one weekday in one zone.

    `weekday` counts from Monday = 0, `start` is 0-1439 and `end` 1-1440 minutes since midnight. A
    window whose end is at or before its start continues past midnight: [start, 24:00) that day
    and [00:00, end) the next. `end` is 0 for a window entered with the end "00:00".
    """

    weekday: int
    start: int
    end: int
    zone: str

    @property
    def length(self) -> int:
        """Wall-clock minutes from start to end, 1-1440."""
        return (self.end - self.start - 1) % DAY_MINUTES + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAvailability:
    """A user's settings for one role: a zone, and windows or the choice of the default windows.

    `zone_only` means that the user set only the zone and did not choose the default windows.
    `changed_by` is who stored them last, the user or an Admin; None if they were stored before that
    was recorded, or never.
    """

    role: Role
    zone: str
    use_default: bool
    windows: tuple[Window, ...]
    zone_only: bool = False
    changed_by: str | None = None
    changed_at: datetime | None = None


def minutes_of(text: str) -> int:
    """Convert wall-clock text such as 09:30, up to 24:00, to minutes since midnight."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def merge_windows(windows: tuple[Window, ...]) -> tuple[Window, ...]:
    """Return the same wall-clock time as sorted windows, merged per weekday and zone.

    Windows that overlap or touch are merged if the result fits in one window (at most 24 hours).
    """
    result: list[Window] = []
    for window in sorted(windows, key=lambda each: (each.zone, each.weekday, each.start)):
        union = _union(result[-1], window) if result else None
        if union:
            result[-1] = union
        else:
            result.append(window)
    return tuple(sorted(result, key=lambda each: (each.weekday, each.start, each.zone)))


@lru_cache(maxsize=256)
def whole_week(zone: str) -> tuple[Window, ...]:
    """Return windows that cover every minute in a zone."""
    return tuple(Window(weekday, 0, DAY_MINUTES, zone) for weekday in range(len(WEEKDAYS)))


def windows_in_zone(windows: tuple[Window, ...], old: str, new: str) -> tuple[Window, ...]:
    """Return the windows with those of zone `old` in zone `new`, at the same wall-clock times.

    Windows in other zones stay as they are.
    """
    return merge_windows(
        tuple(replace(each, zone=new) if each.zone == old else each for each in windows)
    )


def open_spans(windows: tuple[Window, ...], start: int, end: int) -> Spans:
    """Return the instants of [start, end) that are inside a window, all in epoch seconds.

    An instant is inside when the wall clock of the window's zone shows its weekday and a time in
    [start, end). So a gap in the clock shortens a window and a repeated hour counts twice.

    Raises:
        ValueError: when a window's zone is not on the IANA list.
    """
    spans: list[Span] = []
    for name, pattern in _patterns(windows):
        for first, last, offset in stretches(zone(name), start, end):
            monday_before = (first + offset + _MONDAY) // _WEEK * _WEEK - offset - _MONDAY
            for monday in range(monday_before, last, _WEEK):
                spans += [
                    (max(monday + opens, first), min(monday + closes, last))
                    for opens, closes in pattern
                    if monday + opens < last and first < monday + closes
                ]
    return merge(spans)


@lru_cache(maxsize=1024)
def _patterns(windows: tuple[Window, ...]) -> tuple[tuple[str, Spans], ...]:
    """Return for each zone the seconds since Monday 00:00 that its windows cover."""
    names = dict.fromkeys(each.zone for each in windows)
    return tuple(
        (name, merge(span for each in windows if each.zone == name for span in _seconds(each)))
        for name in names
    )


def _seconds(window: Window) -> Spans:
    start = window.weekday * DAY_MINUTES + window.start
    end = start + window.length
    over = max(0, end - WEEK_MINUTES)
    return (start * 60, (end - over) * 60), (0, over * 60)


def _union(first: Window, second: Window) -> Window | None:
    if (first.zone, first.weekday) != (second.zone, second.weekday):
        return None
    if second.start > first.start + first.length:
        return None
    until = max(first.start + first.length, second.start + second.length)
    length = until - first.start
    if length > DAY_MINUTES or (length == DAY_MINUTES and first.start):
        return None
    end = until if until <= DAY_MINUTES else until - DAY_MINUTES
    return Window(first.weekday, first.start, end, first.zone)
