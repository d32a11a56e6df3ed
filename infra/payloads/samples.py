"""The HTTP requests written as payloads, as data: at least one per route."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from shared.domain.connection import KNOWN_PROVIDERS, OAUTH_PROVIDERS

COACH = "<token of coach-1 as Coach>"
LEARNER = "<token of learner-1 as Learner>"
ADMIN = "<token of admin-1 as Admin>"
PLATFORM = "<token of platform with connections:provision>"
ERASER = "<token of platform with users:erase>"
EXPORTER = "<token of platform with users:export>"
WEBHOOK_ID = "3c4b1f5e-7d2a-4e0c-9b61-2f8a5d9e7c10"
"""The id in the OpenAPI document's examples."""

COOKIE = "__Host-oauth-9c8de0c790810186=YnJvd3Nlcg"
"""The cookie of the browser that started with the example's state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A request to one operation, and the status it must get.

    Parameters have the OpenAPI document's examples, except those in `parameters` and `omitted`.
    `example` names the body in the function's examples. `cookie` is the value of the Cookie header.
    `prerequisites` are the payloads to invoke first.
    """

    operation: str
    token: str | None = None
    example: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    omitted: Collection[str] = ()
    cookie: str | None = None
    prerequisites: tuple[str, ...] = ()
    status: int = 200


SNS_HEADERS = {
    "content-type": "text/plain; charset=UTF-8",
    "user-agent": "Amazon Simple Notification Service Agent",
    "x-amz-sns-message-type": "Notification",
}
"""The headers SNS sends with a message. It declares text/plain although the body is JSON."""

_BOOKED = ("events/create",)
_MAILED = (*_BOOKED, "calendar_sync/changed-event")

SAMPLES: Mapping[str, Sample] = {
    "status/health": Sample(operation="health"),
    "status/openapi-document": Sample(operation="openapiDocument"),
    "status/docs": Sample(operation="docs"),
    "console/console": Sample(operation="console"),
    "status/setup": Sample(operation="getStatus", token=COACH),
    "status/welcome": Sample(operation="getWelcome", token=COACH),
    "status/welcome-seen": Sample(operation="markWelcomeSeen", token=COACH),
    "events/create": Sample(
        operation="createEvent", token=COACH, example="coaching session", status=201
    ),
    "events/create-pending": Sample(
        operation="createEvent",
        token=LEARNER,
        example="one id instead of a list",
        status=201,
    ),
    "events/create-pending-with-offset": Sample(
        operation="createEvent", token=COACH, example="times with an offset", status=201
    ),
    "events/create-group": Sample(
        operation="createEvent",
        token=ADMIN,
        example="group session, ids as numbers and strings",
        status=201,
    ),
    "events/list-for-date": Sample(
        operation="listEventsForDate",
        token=COACH,
        parameters={"date": "2030-03-05", "userId": "coach-1", "timezone": "Europe/Berlin"},
        prerequisites=_BOOKED,
    ),
    "events/list-for-date-public": Sample(
        operation="listEventsForDate",
        parameters={"date": "2030-03-05", "userId": "coach-1", "timezone": "Europe/Berlin"},
        prerequisites=_BOOKED,
    ),
    "events/list-sessions": Sample(
        operation="listSessions",
        token=COACH,
        parameters={"userId": "coach-1", "status": "SCHEDULED"},
        omitted=("cursor",),
        prerequisites=_BOOKED,
    ),
    "events/list-pending-sessions": Sample(
        operation="listSessions",
        token=ADMIN,
        omitted=("userId", "cursor", "from", "to"),
        prerequisites=("events/create-pending",),
    ),
    "events/get": Sample(operation="getEvent", token=COACH, prerequisites=_BOOKED),
    "events/update": Sample(
        operation="updateEvent", token=COACH, example="another time", prerequisites=_BOOKED
    ),
    "events/cancel": Sample(
        operation="cancelEvent", token=COACH, example="by id", prerequisites=_BOOKED
    ),
    "events/cancel-with-reason": Sample(
        operation="cancelEvent", token=COACH, example="with a reason", prerequisites=_BOOKED
    ),
    "events/leave": Sample(
        operation="leaveEvent",
        token=LEARNER,
        example="by id",
        prerequisites=("events/create-group",),
    ),
    "events/decline": Sample(
        operation="declineEvent",
        token=ADMIN,
        example="by id",
        prerequisites=("events/create-pending-with-offset",),
    ),
    "events/approve": Sample(
        operation="approveEvent",
        token=ADMIN,
        example="by id",
        prerequisites=("events/create-pending",),
    ),
    "invites/status": Sample(operation="getInviteStatus", token=COACH, prerequisites=_MAILED),
    "invites/resend": Sample(
        operation="resendInvites", token=COACH, example="all recipients", prerequisites=_MAILED
    ),
    "invites/external-attendees": Sample(
        operation="listExternalAttendees",
        token=COACH,
        prerequisites=(*_BOOKED, "invites/replace-external-attendees"),
    ),
    "invites/replace-external-attendees": Sample(
        operation="replaceExternalAttendees",
        token=COACH,
        example="addresses with and without a name",
        prerequisites=_BOOKED,
    ),
    "availability/roles": Sample(operation="listRoles", token=COACH),
    "availability/get": Sample(
        operation="getAvailability",
        token=COACH,
        omitted=("userId",),
        prerequisites=("availability/replace",),
    ),
    "availability/replace": Sample(
        operation="replaceAvailability", token=COACH, example="weekdays"
    ),
    "availability/set-timezone": Sample(
        operation="setTimezone",
        token=COACH,
        example="a time zone",
        prerequisites=("availability/replace",),
    ),
    "slots/available-slots": Sample(
        operation="findSlots", token=COACH, parameters={"coachId": "coach-1"}
    ),
    "slots/available-slots-admin": Sample(operation="findSlotsAdmin", token=ADMIN),
    "slots/month-calendar": Sample(
        operation="monthCalendar", token=COACH, parameters={"coachId": "coach-1"}
    ),
    "slots/month-calendar-admin": Sample(operation="monthCalendarAdmin", token=ADMIN),
    "legacy/check-availability": Sample(operation="legacyCheckAvailability"),
    "legacy/calendar-setup": Sample(operation="legacyCalendarSetup"),
    "holidays/list": Sample(
        operation="listHolidays",
        token=COACH,
        omitted=("userId",),
        prerequisites=("holidays/create",),
    ),
    "holidays/create": Sample(
        operation="createHoliday", token=COACH, example="several days", status=201
    ),
    "holidays/delete": Sample(
        operation="deleteHoliday",
        token=COACH,
        omitted=("userId",),
        prerequisites=("holidays/create",),
    ),
    "webhooks/list": Sample(
        operation="listWebhooks", token=ADMIN, prerequisites=("webhooks/create",)
    ),
    "webhooks/create": Sample(
        operation="createWebhook", token=ADMIN, example="some types", status=201
    ),
    "webhooks/rotate-secret": Sample(
        operation="updateWebhook",
        token=ADMIN,
        example="a new secret, the old one is kept for two days",
        prerequisites=("webhooks/create",),
    ),
    "webhooks/delete": Sample(
        operation="deleteWebhook", token=ADMIN, prerequisites=("webhooks/create",)
    ),
    "webhooks/test": Sample(
        operation="testWebhook", token=ADMIN, prerequisites=("webhooks/create",)
    ),
    "webhooks/replay": Sample(
        operation="replayWebhook",
        token=ADMIN,
        example="since an instant",
        prerequisites=("webhooks/create",),
        status=202,
    ),
    "webhooks/deliveries": Sample(
        operation="listWebhookDeliveries",
        token=ADMIN,
        omitted=("cursor",),
        prerequisites=("webhooks/create",),
    ),
    **{
        f"connections/start-{provider}": Sample(
            operation="startConnect", token=COACH, parameters={"provider": provider}
        )
        for provider in KNOWN_PROVIDERS
    },
    **{
        f"connections/{provider}-callback": Sample(
            operation=f"{provider}Callback",
            omitted=("error", "error_description"),
            cookie=COOKIE,
            prerequisites=(f"connections/start-{provider}",),
            status=302,
        )
        for provider in OAUTH_PROVIDERS
    },
    "connections/google-callback-elsewhere": Sample(
        operation="googleCallback",
        omitted=("error", "error_description"),
        prerequisites=("connections/start-google",),
        status=302,
    ),
    "connections/complete-google": Sample(
        operation="completeConnection",
        token=COACH,
        example="the code of the redirect",
        prerequisites=("connections/google-callback-elsewhere",),
    ),
    "connections/connect-apple": Sample(
        operation="connectApple", token=COACH, example="another CalDAV server", status=201
    ),
    "connections/auto-provision": Sample(
        operation="autoProvisionConnection",
        token=PLATFORM,
        example="provider in lower case",
        status=201,
    ),
    "connections/list": Sample(
        operation="listConnections",
        token=COACH,
        omitted=("userId",),
        prerequisites=("connections/connect-apple",),
    ),
    "connections/delete": Sample(
        operation="deleteConnection", token=COACH, prerequisites=("connections/connect-apple",)
    ),
    "users/export": Sample(
        operation="exportUser",
        token=EXPORTER,
        parameters={"userId": "coach-1"},
        omitted=("cursor",),
        prerequisites=_BOOKED,
    ),
    "users/erase": Sample(
        operation="eraseUser", token=ERASER, parameters={"userId": "gone-1"}, status=202
    ),
    "users/erasure": Sample(
        operation="getErasure",
        token=ERASER,
        parameters={"userId": "gone-1"},
        prerequisites=("users/erase",),
    ),
    "changes/list": Sample(
        operation="listChanges", token=ADMIN, omitted=("since", "types"), prerequisites=_BOOKED
    ),
    "ses_notifications/over-http": Sample(operation="sesNotifications", example="a delivery"),
}
"""By file name: function and request."""
