"""The HTTP routes as data: the only list of them. The stack and the local front both read it."""

from dataclasses import dataclass
from typing import Literal

Method = Literal["GET", "POST", "PUT", "DELETE"]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation: `function` names the folder under functions/ whose Lambda serves it."""

    method: Method
    path: str
    function: str


ROUTES: tuple[Route, ...] = (
    Route("GET", "/health", "status"),
    Route("GET", "/api/v1/openapi.json", "status"),
    Route("GET", "/docs", "status"),
    Route("GET", "/api/v1/status", "status"),
    Route("GET", "/api/v1/welcome-notification", "status"),
    Route("POST", "/api/v1/welcome-notification/seen", "status"),
    Route("GET", "/api/v1/events", "events"),
    Route("POST", "/api/v1/events", "events"),
    Route("PUT", "/api/v1/events", "events"),
    Route("POST", "/api/v1/events/cancel", "events"),
    Route("POST", "/api/v1/events/approve", "events"),
    Route("GET", "/api/v1/events/{eventId}", "events"),
    Route("GET", "/api/v1/events/{eventId}/invite-status", "invites"),
    Route("POST", "/api/v1/events/{eventId}/resend-invites", "invites"),
    Route("GET", "/api/v1/sessions/{sessionId}/external-attendees", "invites"),
    Route("PUT", "/api/v1/sessions/{sessionId}/external-attendees", "invites"),
    Route("GET", "/api/v1/availability/roles", "availability"),
    Route("GET", "/api/v1/availability", "availability"),
    Route("PUT", "/api/v1/availability", "availability"),
    Route("PUT", "/api/v1/availability/timezone", "availability"),
    Route("GET", "/api/v1/available-slots", "slots"),
    Route("GET", "/api/v1/available-slots-admin", "slots"),
    Route("GET", "/api/v1/month-calendar", "slots"),
    Route("GET", "/api/v1/month-calendar-admin", "slots"),
    Route("GET", "/api/v1/legacy/check-availability", "legacy"),
    Route("GET", "/api/v1/legacy/calendar-setup", "legacy"),
    Route("GET", "/api/v1/holidays", "holidays"),
    Route("POST", "/api/v1/holidays", "holidays"),
    Route("DELETE", "/api/v1/holidays/{holidayId}", "holidays"),
    Route("GET", "/api/v1/auth/{provider}", "connections"),
    Route("GET", "/api/v1/auth/google/callback", "connections"),
    Route("GET", "/api/v1/auth/outlook/callback", "connections"),
    Route("POST", "/api/v1/auth/apple/connect", "connections"),
    Route("POST", "/api/v1/connections/auto-provision", "connections"),
    Route("GET", "/api/v1/connections", "connections"),
    Route("DELETE", "/api/v1/connections/{connectionId}", "connections"),
    Route("POST", "/api/v1/ses/notifications", "ses_notifications"),
)

FALLBACK = "status"
"""The function that answers for a path no route names (API Gateway's `$default`)."""
