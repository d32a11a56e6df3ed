"""Which requests are written as payloads: one for every route, as data."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

COACH = "<token of coach-1 as Coach>"
LEARNER = "<token of learner-1 as Learner>"
ADMIN = "<token of admin-1 as Admin>"
PLATFORM = "<token of platform with connections:provision>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A request of an operation that the API's document describes, and what answers it.

    Parameters have the document's examples but for `given` and without `left_out`; `example` names
    the body in the function's examples. `first` are the payloads that make what this one needs.
    """

    operation: str
    token: str | None = None
    example: str | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    left_out: Collection[str] = ()
    first: tuple[str, ...] = ()
    status: int = 200


HEADERS_OF_SNS = {
    "content-type": "text/plain; charset=UTF-8",
    "user-agent": "Amazon Simple Notification Service Agent",
    "x-amz-sns-message-type": "Notification",
}
"""What SNS sends beside a message: text/plain, although it is JSON."""

_BOOKED = ("events/create",)
_MAILED = (*_BOOKED, "calendar_sync/changed-event")

SAMPLES: Mapping[str, Sample] = {
    "status/health": Sample(operation="health"),
    "status/openapi-document": Sample(operation="openapiDocument"),
    "status/docs": Sample(operation="docs"),
    "status/setup": Sample(operation="getStatus", token=COACH),
    "status/welcome": Sample(operation="getWelcome", token=COACH),
    "status/welcome-seen": Sample(operation="markWelcomeSeen", token=COACH),
    "events/create": Sample(
        operation="createEvent", token=COACH, example="coaching session", status=201
    ),
    "events/create-pending": Sample(
        operation="createEvent",
        token=LEARNER,
        example="one id where several are meant",
        status=201,
    ),
    "events/list-for-date": Sample(
        operation="listEventsForDate",
        token=COACH,
        given={"date": "2030-03-05", "userId": "coach-1", "timezone": "Europe/Berlin"},
        first=_BOOKED,
    ),
    "events/list-for-date-public": Sample(
        operation="listEventsForDate",
        given={"date": "2030-03-05", "userId": "coach-1", "timezone": "Europe/Berlin"},
        first=_BOOKED,
    ),
    "events/get": Sample(operation="getEvent", token=COACH, first=_BOOKED),
    "events/update": Sample(
        operation="updateEvent", token=COACH, example="another time", first=_BOOKED
    ),
    "events/cancel": Sample(operation="cancelEvent", token=COACH, example="by id", first=_BOOKED),
    "events/approve": Sample(
        operation="approveEvent", token=ADMIN, example="by id", first=("events/create-pending",)
    ),
    "invites/status": Sample(operation="getInviteStatus", token=COACH, first=_MAILED),
    "invites/resend": Sample(
        operation="resendInvites", token=COACH, example="to everybody", first=_MAILED
    ),
    "invites/external-attendees": Sample(
        operation="listExternalAttendees",
        token=COACH,
        first=(*_BOOKED, "invites/replace-external-attendees"),
    ),
    "invites/replace-external-attendees": Sample(
        operation="replaceExternalAttendees",
        token=COACH,
        example="addresses, with a name or without",
        first=_BOOKED,
    ),
    "availability/roles": Sample(operation="listRoles", token=COACH),
    "availability/get": Sample(
        operation="getAvailability", token=COACH, first=("availability/replace",)
    ),
    "availability/replace": Sample(
        operation="replaceAvailability", token=COACH, example="weekdays"
    ),
    "availability/set-timezone": Sample(
        operation="setTimezone", token=COACH, example="as printed", first=("availability/replace",)
    ),
    "slots/available-slots": Sample(
        operation="findSlots", token=COACH, given={"coachId": "coach-1"}
    ),
    "slots/available-slots-admin": Sample(operation="findSlotsAdmin", token=ADMIN),
    "slots/month-calendar": Sample(
        operation="monthCalendar", token=COACH, given={"coachId": "coach-1"}
    ),
    "slots/month-calendar-admin": Sample(operation="monthCalendarAdmin", token=ADMIN),
    "legacy/check-availability": Sample(operation="legacyCheckAvailability"),
    "legacy/calendar-setup": Sample(operation="legacyCalendarSetup"),
    "holidays/list": Sample(operation="listHolidays", token=COACH, first=("holidays/create",)),
    "holidays/create": Sample(
        operation="createHoliday", token=COACH, example="some days", status=201
    ),
    "holidays/delete": Sample(operation="deleteHoliday", token=COACH, first=("holidays/create",)),
    "connections/start-google": Sample(operation="startConnect", token=COACH),
    "connections/start-outlook": Sample(
        operation="startConnect", token=COACH, given={"provider": "outlook"}
    ),
    "connections/start-apple": Sample(
        operation="startConnect", token=COACH, given={"provider": "apple"}
    ),
    "connections/google-callback": Sample(
        operation="googleCallback",
        left_out=("error",),
        first=("connections/start-google",),
        status=302,
    ),
    "connections/outlook-callback": Sample(
        operation="outlookCallback",
        left_out=("error",),
        first=("connections/start-outlook",),
        status=302,
    ),
    "connections/connect-apple": Sample(
        operation="connectApple", token=COACH, example="another CalDAV server", status=201
    ),
    "connections/auto-provision": Sample(
        operation="autoProvisionConnection",
        token=PLATFORM,
        example="provider as answers spell it",
        status=201,
    ),
    "connections/list": Sample(
        operation="listConnections", token=COACH, first=("connections/connect-apple",)
    ),
    "connections/delete": Sample(
        operation="deleteConnection", token=COACH, first=("connections/connect-apple",)
    ),
    "ses_notifications/over-http": Sample(operation="sesNotifications", example="a delivery"),
}
"""By the name of the file: function and request."""
