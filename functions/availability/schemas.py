"""Weekly windows as the contract writes them."""

from typing import Annotated, Any, cast

from pydantic import Field, StrictBool, model_validator

from functions.availability.answers import RoleAvailabilityOut, WeekWindowsOut, WindowOut
from shared.api.envelope import Body
from shared.api.fields import RoleName, Zone
from shared.domain.week import DAY_MINUTES, WEEKDAYS, RoleAvailability, Window, minutes_of

# The contract lists the days of a week from Sunday.
_TOLD = ("sunday", *WEEKDAYS[:-1])


def _wall_clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


StartTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
EndTime = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]


class WindowIn(Body):
    """One window; the weekday is the key it stands under, whatever its own dayOfWeek says."""

    start_time: StartTime
    end_time: EndTime
    timezone: Zone | None = None
    day_of_week: Annotated[Any, Field(examples=[1])] = None

    @model_validator(mode="after")
    def _not_equal(self) -> "WindowIn":
        if self.start_time == self.end_time:
            raise ValueError("startTime and endTime must differ; a whole day is 00:00 to 24:00")
        return self

    def window(self, weekday: int, zone: str) -> Window:
        """Return the domain's window."""
        return Window(
            weekday, minutes_of(self.start_time), minutes_of(self.end_time), self.timezone or zone
        )


DayWindows = Annotated[tuple[WindowIn, ...], Field(max_length=24)]


class WeekIn(Body):
    """Windows by weekday; a day left out has none."""

    model_config = Body.model_config | {"extra": "forbid"}

    sunday: DayWindows = ()
    monday: DayWindows = ()
    tuesday: DayWindows = ()
    wednesday: DayWindows = ()
    thursday: DayWindows = ()
    friday: DayWindows = ()
    saturday: DayWindows = ()


class ReplaceAvailability(Body):
    """PUT /availability."""

    role: RoleName
    timezone: Zone
    use_default_availability: StrictBool = False
    availability: WeekIn | None = None

    @model_validator(mode="after")
    def _windows_or_default(self) -> "ReplaceAvailability":
        if self.availability is None and not self.use_default_availability:
            raise ValueError("availability is required unless useDefaultAvailability is true")
        return self

    def windows(self) -> tuple[Window, ...] | None:
        """Return the windows to keep, or None for the organization's default ones."""
        if self.use_default_availability or self.availability is None:
            return None
        return tuple(
            window.window(number, self.timezone)
            for number, day in enumerate(WEEKDAYS)
            for window in getattr(self.availability, day)
        )


class SetTimezone(Body):
    """PUT /availability/timezone."""

    role: RoleName
    timezone: Zone


def availability_out(availability: RoleAvailability) -> RoleAvailabilityOut:
    """Return the contract's RoleAvailability."""
    days: dict[str, list[WindowOut]] = {day: [] for day in _TOLD}
    for window in availability.windows:
        days[WEEKDAYS[window.weekday]].append(_window_out(window))
    week = cast("WeekWindowsOut", days)
    return {
        "role": availability.role,
        "timezone": availability.zone,
        "useDefaultAvailability": availability.use_default,
        "availability": week,
    }


def _window_out(window: Window) -> WindowOut:
    return {
        "dayOfWeek": (window.weekday + 1) % 7,
        "startTime": _wall_clock(window.start),
        "endTime": "24:00" if window.end == DAY_MINUTES else _wall_clock(window.end),
        "timezone": window.zone,
    }
