"""What the answers about the process and about a user's first steps hold."""

from typing import Literal

from typing_extensions import TypedDict

from shared.api.texts import InstantText
from shared.domain.role import Role


class HealthOut(TypedDict):
    """The process is up, in this version."""

    status: Literal["ok"]
    version: str


class StepOut(TypedDict):
    """One step of the checklist."""

    key: Literal["connect_calendar", "set_availability", "set_timezone"]
    done: bool


class StatusOut(TypedDict):
    """The checklist of a role; reconnectRequired tells of a connection that has stopped working."""

    role: Role
    hasConnection: bool
    hasAvailability: bool
    hasTimezone: bool
    reconnectRequired: bool
    isComplete: bool
    steps: list[StepOut]


class WelcomeOut(TypedDict):
    """Whether to show the welcome, and when it was first seen."""

    show: bool
    seenAt: InstantText | None
