"""The HTTP routes as data. The stack, the local server and the OpenAPI document read this list."""

from dataclasses import dataclass
from typing import Literal

from infra.access import AccessRule, CallerRule
from shared.domain.connection import OAUTH_PROVIDERS
from shared.domain.policy import Right
from shared.domain.time_policy import TimeQuestion

Method = Literal["GET", "POST", "PUT", "DELETE"]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. `function` is the folder under functions/ of the Lambda that serves it.

    A `public` route needs no token, so API Gateway gives it a bucket of its own. A route with an
    optional token (GET /api/v1/events) is not public: most of its callers have a token, and the
    function itself limits the others by IP address.

    `rules` says who may call it, also in the OpenAPI document and in docs/errors.md. Tests send
    every route as every kind of caller and compare the statuses with these rules.
    """

    method: Method
    path: str
    function: str
    rules: tuple[AccessRule, ...]
    public: bool = False

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods of HTTP it has: HEAD works where GET does (RFC 9110, section 9.1)."""
        return ("GET", "HEAD") if self.method == "GET" else (self.method,)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/health", "status", (CallerRule.PUBLIC,), public=True),
    Route("GET", "/api/v1/openapi.json", "status", (CallerRule.PUBLIC,), public=True),
    Route("GET", "/docs", "status", (CallerRule.PUBLIC,), public=True),
    Route("GET", "/console", "console", (CallerRule.PUBLIC,), public=True),
    Route("GET", "/api/v1/status", "status", (CallerRule.OWN_ROLE,)),
    Route("GET", "/api/v1/welcome-notification", "status", (CallerRule.OWN_DATA,)),
    Route("POST", "/api/v1/welcome-notification/seen", "status", (CallerRule.OWN_DATA,)),
    Route("GET", "/api/v1/events", "events", (CallerRule.DAY_LIST,)),
    Route(
        "POST",
        "/api/v1/events",
        "events",
        (
            Right.CREATE_AS_ADMIN,
            Right.CREATE_AS_COACH,
            Right.CREATE_AS_LEARNER,
            Right.AUTO_APPROVE,
            Right.ALLOW_CONFLICTS,
            Right.EDIT_CONTACTS,
        ),
    ),
    Route(
        "PUT",
        "/api/v1/events",
        "events",
        (
            Right.EDIT_DETAILS,
            Right.EDIT_CONTACTS,
            Right.MOVE,
            Right.CHANGE_PARTICIPANTS,
            Right.ALLOW_CONFLICTS,
        ),
    ),
    Route("POST", "/api/v1/events/cancel", "events", (Right.CANCEL,)),
    Route("POST", "/api/v1/events/leave", "events", (Right.LEAVE,)),
    Route("POST", "/api/v1/events/approve", "events", (Right.APPROVE, Right.ALLOW_CONFLICTS)),
    Route("POST", "/api/v1/events/decline", "events", (Right.DECLINE,)),
    Route(
        "GET",
        "/api/v1/events/{eventId}",
        "events",
        (Right.READ, Right.READ_COPIES, Right.READ_AUDIT),
    ),
    Route(
        "GET",
        "/api/v1/events/{eventId}/invite-status",
        "invites",
        (Right.READ, Right.READ_ALL_INVITES),
    ),
    Route("POST", "/api/v1/events/{eventId}/resend-invites", "invites", (Right.RESEND,)),
    Route("GET", "/api/v1/sessions", "events", (CallerRule.SESSION_LIST,)),
    Route(
        "GET",
        "/api/v1/sessions/{sessionId}/external-attendees",
        "invites",
        (Right.MANAGE_GUESTS, CallerRule.PREPARE_GUESTS),
    ),
    Route(
        "PUT",
        "/api/v1/sessions/{sessionId}/external-attendees",
        "invites",
        (Right.MANAGE_GUESTS, CallerRule.PREPARE_GUESTS),
    ),
    Route("GET", "/api/v1/availability/roles", "availability", (CallerRule.OWN_DATA,)),
    Route(
        "GET", "/api/v1/availability", "availability", (CallerRule.OWN_DATA, CallerRule.OTHERS_DATA)
    ),
    Route(
        "PUT", "/api/v1/availability", "availability", (CallerRule.OWN_ROLE, CallerRule.OTHERS_DATA)
    ),
    Route(
        "PUT",
        "/api/v1/availability/timezone",
        "availability",
        (CallerRule.OWN_ROLE, CallerRule.OTHERS_DATA),
    ),
    Route("GET", "/api/v1/available-slots", "slots", (TimeQuestion.PAIR, Right.READ)),
    Route("GET", "/api/v1/available-slots-admin", "slots", (TimeQuestion.SEVERAL,)),
    Route(
        "GET",
        "/api/v1/month-calendar",
        "slots",
        (TimeQuestion.COACH, TimeQuestion.LEARNER, TimeQuestion.PAIR, Right.READ),
    ),
    Route("GET", "/api/v1/month-calendar-admin", "slots", (TimeQuestion.SEVERAL,)),
    Route("GET", "/api/v1/legacy/check-availability", "legacy", (CallerRule.PUBLIC,), public=True),
    Route("GET", "/api/v1/legacy/calendar-setup", "legacy", (CallerRule.PUBLIC,), public=True),
    Route("GET", "/api/v1/holidays", "holidays", (CallerRule.OWN_DATA, CallerRule.OTHERS_DATA)),
    Route("POST", "/api/v1/holidays", "holidays", (CallerRule.OWN_ROLE, CallerRule.OTHERS_DATA)),
    Route(
        "DELETE",
        "/api/v1/holidays/{holidayId}",
        "holidays",
        (CallerRule.OWN_RECORD, CallerRule.OTHERS_DATA),
    ),
    Route("GET", "/api/v1/auth/{provider}", "connections", (CallerRule.OWN_DATA,)),
    *(
        Route(
            "GET",
            f"/api/v1/auth/{provider}/callback",
            "connections",
            (CallerRule.CALLBACK,),
            public=True,
        )
        for provider in OAUTH_PROVIDERS
    ),
    Route("POST", "/api/v1/auth/{provider}/complete", "connections", (CallerRule.COMPLETION,)),
    Route("POST", "/api/v1/auth/apple/connect", "connections", (CallerRule.OWN_DATA,)),
    Route("POST", "/api/v1/connections/auto-provision", "connections", (CallerRule.PROVISION,)),
    Route(
        "GET", "/api/v1/connections", "connections", (CallerRule.OWN_DATA, CallerRule.OTHERS_DATA)
    ),
    Route("DELETE", "/api/v1/connections/{connectionId}", "connections", (CallerRule.OWN_RECORD,)),
    Route("GET", "/api/v1/users/{userId}/export", "users", (CallerRule.EXPORT,)),
    Route("DELETE", "/api/v1/users/{userId}", "users", (CallerRule.ERASE,)),
    Route("GET", "/api/v1/users/{userId}/erasure", "users", (CallerRule.ERASE,)),
    Route("GET", "/api/v1/changes", "changes", (CallerRule.CHANGES,)),
    Route("GET", "/api/v1/webhooks", "webhooks", (CallerRule.WEBHOOKS,)),
    Route("POST", "/api/v1/webhooks", "webhooks", (CallerRule.WEBHOOKS,)),
    Route("PUT", "/api/v1/webhooks/{webhookId}", "webhooks", (CallerRule.WEBHOOKS,)),
    Route("DELETE", "/api/v1/webhooks/{webhookId}", "webhooks", (CallerRule.WEBHOOKS,)),
    Route("POST", "/api/v1/webhooks/{webhookId}/test", "webhooks", (CallerRule.WEBHOOKS,)),
    Route("POST", "/api/v1/webhooks/{webhookId}/replay", "webhooks", (CallerRule.WEBHOOKS,)),
    Route("GET", "/api/v1/webhooks/{webhookId}/deliveries", "webhooks", (CallerRule.WEBHOOKS,)),
    Route(
        "POST",
        "/api/v1/ses/notifications",
        "ses_notifications",
        (CallerRule.SIGNATURE,),
        public=True,
    ),
)

FALLBACK = "status"
"""The function that serves every other path (API Gateway's `$default` route)."""
