"""First steps as the contract writes them."""

from functions.status.answers import StatusOut, WelcomeOut
from shared.api.fields import zulu
from shared.domain.setup import Setup
from shared.usecases.people.onboarding import Welcome


def status_out(setup: Setup) -> StatusOut:
    """Return the contract's checklist."""
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
