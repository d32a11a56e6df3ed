"""The metrics this service records for its dashboard and alarms."""

from enum import StrEnum
from typing import Protocol

NAMESPACE = "CalendarService"
"""The CloudWatch namespace; every metric has the dimensions `service` and `stage`."""

SERVICE = "calendar-service"


class Metric(StrEnum):
    """Every metric; its docstring names its further dimensions, which are never ids."""

    SESSIONS_BOOKED = "SessionsBooked"
    """Events created, by status."""

    SLOTS_OFFERED = "SlotsOffered"
    """Free times in responses of the slot search."""

    COPIES_WRITTEN = "CopiesWritten"
    """Reconciliations of copies, by provider and outcome."""

    INVITES = "Invites"
    """Delivery status changes of mails, by fate."""

    REPLIES = "Replies"
    """Replies to invitations, by outcome."""

    CALENDAR_READS = "CalendarReads"
    """Calendars read, by provider and state."""

    RECONNECTS_REQUIRED = "ReconnectsRequired"
    """Connections that stopped working until their user reconnects, by provider."""

    CONNECTIONS_SUSPENDED = "ConnectionsSuspended"
    """Connections whose server did not answer several calls in a row, by provider."""

    PROVIDER_MISCONFIGURED = "ProviderMisconfigured"
    """Calls a provider rejected because our own client id or secret is wrong, by provider."""

    TOKEN_REFRESHES = "TokenRefreshes"  # noqa: S105 - a name
    """Refreshes of expiring tokens, by outcome."""

    UNFORESEEN_ERRORS = "UnforeseenErrors"
    """Errors of one connection that no code expected, by work: read, copy, refresh or connect."""

    WEBHOOK_DELIVERIES = "WebhookDeliveries"
    """Attempts to deliver a domain event to a webhook, by outcome."""

    WEBHOOKS_DISABLED = "WebhooksDisabled"
    """Webhooks that were disabled because no delivery had succeeded for 24 hours."""

    EVENTS_PUBLISHED = "EventsPublished"
    """Domain events published, by type."""

    UNSYNCED_EVENTS = "UnsyncedEvents"
    """Unsynced events, without parked ones."""

    PARKED_EVENTS = "ParkedEvents"
    """Events that a sweep parked, because they had been re-queued too often without success."""

    OLDEST_UNSYNCED = "OldestUnsyncedSeconds"
    """The age of the oldest unsynced event in seconds; 0 when there is none."""


class Meter(Protocol):
    """Records metrics. Never raises."""

    def count(self, metric: Metric, number: int = 1, **dimensions: str) -> None:
        """Add `number` to a counter."""
        ...

    def seconds(self, metric: Metric, seconds: float, **dimensions: str) -> None:
        """Record a duration or an age in seconds."""
        ...
