"""Response data about roles and weekly windows."""

from typing import cast

from typing_extensions import TypedDict

from shared.api.instants import zulu
from shared.api.response_fields import InstantText
from shared.domain.role import Role
from shared.domain.week import DAY_MINUTES, WEEKDAYS, RoleAvailability, Window

# The contract lists the days of a week from Sunday.
_DAYS = ("sunday", *WEEKDAYS[:-1])


class RolesOut(TypedDict):
    """The roles in the caller's token."""

    userId: str
    roles: list[Role]


class WindowOut(TypedDict):
    """One window. dayOfWeek counts from Sunday (0) and matches the key it is listed under."""

    dayOfWeek: int
    startTime: str
    endTime: str
    timezone: str


class WeekWindowsOut(TypedDict):
    """Windows by weekday."""

    sunday: list[WindowOut]
    monday: list[WindowOut]
    tuesday: list[WindowOut]
    wednesday: list[WindowOut]
    thursday: list[WindowOut]
    friday: list[WindowOut]
    saturday: list[WindowOut]


class RoleAvailabilityOut(TypedDict):
    """The weekly windows of one role. changedBy is the user or an Admin who set them last."""

    role: Role
    timezone: str
    useDefaultAvailability: bool
    availability: WeekWindowsOut
    changedBy: str | None
    changedAt: InstantText | None


class SavedAvailabilityOut(RoleAvailabilityOut):
    """New windows or a new zone, with the ids of the coming sessions that are outside them."""

    conflictingSessions: list[str]


class AvailabilityOut(TypedDict):
    """The weekly windows of each of the user's roles."""

    userId: str
    availability: list[RoleAvailabilityOut]


def availability_out(availability: RoleAvailability) -> RoleAvailabilityOut:
    """Return the contract's RoleAvailability."""
    days: dict[str, list[WindowOut]] = {day: [] for day in _DAYS}
    for window in availability.windows:
        days[WEEKDAYS[window.weekday]].append(_window_out(window))
    week = cast("WeekWindowsOut", days)
    return {
        "role": availability.role,
        "timezone": availability.zone,
        "useDefaultAvailability": availability.use_default,
        "availability": week,
        "changedBy": availability.changed_by,
        "changedAt": zulu(availability.changed_at) if availability.changed_at else None,
    }


def saved_availability_out(
    availability: RoleAvailability, conflicting_sessions: tuple[str, ...]
) -> SavedAvailabilityOut:
    """Return the contract's RoleAvailability with the sessions outside it."""
    return {
        **availability_out(availability),
        "conflictingSessions": list(conflicting_sessions),
    }


def _window_out(window: Window) -> WindowOut:
    return {
        "dayOfWeek": (window.weekday + 1) % 7,
        "startTime": _wall_clock(window.start),
        "endTime": "24:00" if window.end == DAY_MINUTES else _wall_clock(window.end),
        "timezone": window.zone,
    }


def _wall_clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
