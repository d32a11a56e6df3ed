"""What the answers about roles and weekly windows hold."""

from typing_extensions import TypedDict

from shared.domain.role import Role


class RolesOut(TypedDict):
    """The roles the caller's token carries."""

    userId: str
    roles: list[Role]


class WindowOut(TypedDict):
    """One window; dayOfWeek counts from Sunday, 0, and agrees with the key it stands under."""

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
    """The weekly windows of one role."""

    role: Role
    timezone: str
    useDefaultAvailability: bool
    availability: WeekWindowsOut


class AvailabilityOut(TypedDict):
    """The weekly windows of each of the caller's roles."""

    userId: str
    availability: list[RoleAvailabilityOut]
