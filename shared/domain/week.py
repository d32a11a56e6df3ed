"""Weekly windows: what a person or the organization says of an ordinary week."""

from dataclasses import dataclass
from functools import lru_cache

from shared.domain.interval import Span, Spans, merge
from shared.domain.localtime import DAY, stretches
from shared.domain.role import Role
from shared.domain.zones import zone

DAY_MINUTES = 24 * 60
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""By `Window.weekday`."""
WEEK_MINUTES = 7 * DAY_MINUTES

# 1970-01-01 was a Thursday, so weeks that start on Monday are three days ahead of the epoch.
_MONDAY = 3 * DAY
_WEEK = 7 * DAY


@dataclass(frozen=True, slots=True)
class Window:
    """Wall-clock minutes [start, end) of one weekday in one zone.

    `weekday` counts from Monday = 0, `start` is 0-1439 and `end` 1-1440 minutes since midnight. A
    window whose end is at or before its start runs on through midnight: [start, 24:00) that day
    and [00:00, end) the next. `end` is 0 for a window that stops at the next midnight by "00:00".
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
    """What somebody set for one role: a zone, and windows or the choice of the default ones.

    `zone_only` says that they set nothing but the zone: the default windows hold unchosen.
    """

    role: Role
    zone: str
    use_default: bool
    windows: tuple[Window, ...]
    zone_only: bool = False


def minutes_of(text: str) -> int:
    """Return wall-clock text such as 09:30, up to 24:00, as minutes since midnight."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def merged(windows: tuple[Window, ...]) -> tuple[Window, ...]:
    """Return the same wall-clock time in order, windows of one weekday and zone joined.

    Windows that overlap or touch become one as long as one window can say it (at most 24 hours).
    """
    joined: list[Window] = []
    for window in sorted(windows, key=lambda each: (each.zone, each.weekday, each.start)):
        whole = _joined(joined[-1], window) if joined else None
        if whole:
            joined[-1] = whole
        else:
            joined.append(window)
    return tuple(sorted(joined, key=lambda each: (each.weekday, each.start, each.zone)))


def moved(windows: tuple[Window, ...], zone: str) -> tuple[Window, ...]:
    """Return the windows with the same wall-clock times in another zone."""
    return merged(tuple(Window(each.weekday, each.start, each.end, zone) for each in windows))


def open_spans(windows: tuple[Window, ...], start: int, end: int) -> Spans:
    """Return the instants of [start, end) that lie inside some window; all in epoch seconds.

    An instant is inside when the wall clock of the window's zone shows its weekday and a time in
    [start, end). So a gap in the clock shortens a window and a repeated hour counts twice.

    Raises:
        ValueError: when a window's zone is not on the IANA list.
    """
    found: list[Span] = []
    for name, pattern in _patterns(windows):
        for first, last, offset in stretches(zone(name), start, end):
            monday_before = (first + offset + _MONDAY) // _WEEK * _WEEK - offset - _MONDAY
            for monday in range(monday_before, last, _WEEK):
                found += [
                    (max(monday + opens, first), min(monday + closes, last))
                    for opens, closes in pattern
                    if monday + opens < last and first < monday + closes
                ]
    return merge(found)


@lru_cache(maxsize=1024)
def _patterns(windows: tuple[Window, ...]) -> tuple[tuple[str, Spans], ...]:
    """For each zone, the seconds since Monday 00:00 that its windows take."""
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


def _joined(first: Window, second: Window) -> Window | None:
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
