"""What the answers to older servers hold, and all they ever may."""

from typing_extensions import TypedDict

from shared.api.texts import InstantText
from shared.domain.role import Role
from shared.usecases.finding.legacy import Reason


class FreeOut(TypedDict):
    """Whether a user is free at an instant, and why."""

    userId: str
    role: Role
    dateTime: InstantText
    available: bool
    reason: Reason


class SetupOut(TypedDict):
    """Whether a user has any connection and any availability window."""

    userId: str
    role: Role
    hasConnection: bool
    hasAvailability: bool
    isComplete: bool
