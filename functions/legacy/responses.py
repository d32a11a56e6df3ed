"""Response data for older servers. These routes are public: never return anything else."""

from typing_extensions import TypedDict

from shared.api.response_fields import InstantText
from shared.domain.role import Role
from shared.usecases.finding.legacy import Reason


class FreeCheckOut(TypedDict):
    """Whether a user is free at an instant, and why."""

    userId: str
    role: Role
    dateTime: InstantText
    available: bool
    reason: Reason


class CalendarSetupOut(TypedDict):
    """Whether a user has any connection and any availability window."""

    userId: str
    role: Role
    hasConnection: bool
    hasAvailability: bool
    isComplete: bool
