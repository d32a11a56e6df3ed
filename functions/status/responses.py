"""Response data about the service's health and a user's onboarding."""

from typing import Literal

from typing_extensions import TypedDict

from shared.api.instants import zulu
from shared.api.response_fields import InstantText
from shared.domain.role import Role
from shared.domain.setup import Setup
from shared.usecases.people.onboarding import Welcome


class HealthOut(TypedDict):
    """The process is up, with this version."""

    status: Literal["ok"]
    version: str


class SetupStepOut(TypedDict):
    """One step of the setup checklist."""

    key: Literal["connect_calendar", "set_availability", "set_timezone"]
    done: bool


class SetupStatusOut(TypedDict):
    """The setup checklist of a role; reconnectRequired is true if a connection stopped working."""

    role: Role
    hasConnection: bool
    hasAvailability: bool
    hasTimezone: bool
    reconnectRequired: bool
    isComplete: bool
    steps: list[SetupStepOut]


class WelcomeOut(TypedDict):
    """Whether to show the welcome message, and when the user first saw it."""

    show: bool
    seenAt: InstantText | None


def setup_status_out(setup: Setup) -> SetupStatusOut:
    """Return the contract's setup checklist."""
    return {
        "role": setup.role,
        "hasConnection": setup.has_connection,
        "hasAvailability": setup.has_availability,
        "hasTimezone": setup.has_timezone,
        "reconnectRequired": setup.reconnect_required,
        "isComplete": setup.is_complete,
        "steps": [
            {"key": "connect_calendar", "done": setup.has_connection},
            {"key": "set_availability", "done": setup.has_availability},
            {"key": "set_timezone", "done": setup.has_timezone},
        ],
    }


def welcome_out(welcome: Welcome) -> WelcomeOut:
    """Return the contract's welcome."""
    return {"show": welcome.show, "seenAt": zulu(welcome.seen_at) if welcome.seen_at else None}
