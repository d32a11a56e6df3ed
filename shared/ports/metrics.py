"""What the service counts of its own work, for its dashboard and alarms."""

from enum import StrEnum
from typing import Protocol

NAMESPACE = "CalendarService"
"""Where the numbers stand in CloudWatch, each with the dimensions `service` and `stage`."""

SERVICE = "calendar-service"


class Metric(StrEnum):
    """Every number the service tells; its dimensions are those named, never an id."""

    SESSIONS_BOOKED = "SessionsBooked"
    """Events created, by status."""

    SLOTS_OFFERED = "SlotsOffered"
    """Free times in answers of the slot search."""

    COPIES_WRITTEN = "CopiesWritten"
    """Pieces of work on copies, by provider and outcome."""

    INVITES = "Invites"
    """What became of mails, by fate."""

    CALENDAR_READS = "CalendarReads"
    """Calendars asked for their entries, by provider and state."""

    RECONNECTS_REQUIRED = "ReconnectsRequired"
    """Connections only their user can mend from now on, by provider."""

    PROVIDER_MISCONFIGURED = "ProviderMisconfigured"
    """Calls a provider refused because our own client id or secret is wrong, by provider."""

    TOKEN_REFRESHES = "TokenRefreshes"  # noqa: S105 - a name
    """Connections whose tokens fell due, by outcome."""

    UNSYNCED_EVENTS = "UnsyncedEvents"
    """Events that wait for their calendars or mail, as far as they were looked at."""

    OLDEST_UNSYNCED = "OldestUnsyncedSeconds"
    """How long the longest waiting of them has waited; 0 when none waits."""


class Meter(Protocol):
    """Takes numbers; telling one never fails the work it is about."""

    def count(self, metric: Metric, number: int = 1, **dimensions: str) -> None:
        """Add so many."""
        ...

    def seconds(self, metric: Metric, seconds: float, **dimensions: str) -> None:
        """Tell how long something takes, or has waited."""
        ...
