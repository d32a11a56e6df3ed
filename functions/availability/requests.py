"""Request bodies for weekly windows, parsed into domain windows."""

from typing import Annotated, Any

from pydantic import Field, StrictBool, model_validator

from shared.api.envelope import Body
from shared.api.fields import RoleName, UserId, at_most
from shared.api.instants import Zone
from shared.domain.week import WEEKDAYS, Window, minutes_of

StartTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
EndTime = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]


class WindowIn(Body):
    """One window. The key it is listed under decides its weekday; dayOfWeek is ignored."""

    start_time: StartTime
    end_time: EndTime
    timezone: Zone | None = None
    day_of_week: Annotated[Any, Field(examples=[1])] = None

    @model_validator(mode="after")
    def _check_length(self) -> "WindowIn":
        if self.start_time == self.end_time:
            raise ValueError("startTime and endTime must differ; a whole day is 00:00 to 24:00")
        return self

    def window(self, weekday: int, zone: str) -> Window:
        """Return the domain window; `zone` applies if the window has no time zone."""
        return Window(
            weekday, minutes_of(self.start_time), minutes_of(self.end_time), self.timezone or zone
        )


DayWindows = Annotated[tuple[WindowIn, ...], Field(max_length=24), at_most(24)]


class WeekIn(Body):
    """Windows by weekday; an omitted day has none."""

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

    user_id: UserId | None = None
    role: RoleName
    timezone: Zone
    use_default_availability: StrictBool = False
    availability: WeekIn | None = None

    @model_validator(mode="after")
    def _check_windows_or_default(self) -> "ReplaceAvailability":
        if self.availability is None and not self.use_default_availability:
            raise ValueError("availability is required unless useDefaultAvailability is true")
        return self

    def windows(self) -> tuple[Window, ...] | None:
        """Return the windows to store, or None for the organization's default windows."""
        if self.use_default_availability or self.availability is None:
            return None
        return tuple(
            window.window(number, self.timezone)
            for number, day in enumerate(WEEKDAYS)
            for window in getattr(self.availability, day)
        )


class SetTimezone(Body):
    """PUT /availability/timezone."""

    user_id: UserId | None = None
    role: RoleName
    timezone: Zone
