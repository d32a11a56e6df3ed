"""The HTTP routes as data. The stack, the local server and the OpenAPI document read this list."""

from dataclasses import dataclass
from typing import Literal

from shared.domain.connection import OAUTH_PROVIDERS

Method = Literal["GET", "POST", "PUT", "DELETE"]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. `function` is the folder under functions/ of the Lambda that serves it.

    A `public` route needs no token, so API Gateway throttles it more tightly than the others. A
    route with an optional token (GET /api/v1/events) is not public: most of its callers have a
    token, and the function itself limits the others by IP address.
    """

    method: Method
    path: str
    function: str
    public: bool = False


ROUTES: tuple[Route, ...] = (
    Route("GET", "/health", "status", public=True),
    Route("GET", "/api/v1/openapi.json", "status", public=True),
    Route("GET", "/docs", "status", public=True),
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
    Route("GET", "/api/v1/legacy/check-availability", "legacy", public=True),
    Route("GET", "/api/v1/legacy/calendar-setup", "legacy", public=True),
    Route("GET", "/api/v1/holidays", "holidays"),
    Route("POST", "/api/v1/holidays", "holidays"),
    Route("DELETE", "/api/v1/holidays/{holidayId}", "holidays"),
    Route("GET", "/api/v1/auth/{provider}", "connections"),
    *(
        Route("GET", f"/api/v1/auth/{provider}/callback", "connections", public=True)
        for provider in OAUTH_PROVIDERS
    ),
    Route("POST", "/api/v1/auth/apple/connect", "connections"),
    Route("POST", "/api/v1/connections/auto-provision", "connections"),
    Route("GET", "/api/v1/connections", "connections"),
    Route("DELETE", "/api/v1/connections/{connectionId}", "connections"),
    Route("POST", "/api/v1/ses/notifications", "ses_notifications", public=True),
)

FALLBACK = "status"
"""The function that serves every other path (API Gateway's `$default` route)."""
