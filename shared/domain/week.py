"""Weekly windows: what a person or the organization says of an ordinary week."""

from dataclasses import dataclass

from shared.domain.role import Role

DAY_MINUTES = 24 * 60


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
    """What somebody set for one role: a zone, and windows or the choice of the default ones."""

    role: Role
    zone: str
    use_default: bool
    windows: tuple[Window, ...]


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
