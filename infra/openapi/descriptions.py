"""Texts of the OpenAPI document that are not in signatures or docstrings."""

from collections.abc import Mapping
from typing import Any

TITLE = "Calendar service"
DESCRIPTION = """\
Events, availability, holidays and calendar connections (Google, Microsoft, Apple) for a coaching \
platform.

Every JSON response is an envelope: {success: true, message, data} or {success: false, message, \
error: {code, details}, requestId}. error.code is one of the codes listed in ErrorEnvelope. A \
method that a path does not support returns 405 METHOD_NOT_ALLOWED, an unknown path 404 NOT_FOUND.

Instants in responses are RFC 3339 in UTC with a trailing Z. Requests may use any offset; an \
instant without an offset is UTC. User ids are opaque: an integer or a string of 1-64 characters \
A-Z a-z 0-9 _ -; responses always contain the string. Roles, owners and providers are parsed \
case-insensitively and returned in one spelling. Unknown body fields are ignored.
"""
BEARER = """\
Claims: sub (user id), roles (array of Coach, Learner, Admin), email (optional), scope (for a \
service). exp is required; iss and aud are checked. The token is signed with RS256 or ES256 and a \
key of the issuer's JWKS, or with HS256 and a shared secret if the stack is configured that way; a \
stack accepts only one of the two, and never an unsigned token.
"""
TAGS: Mapping[str, str] = {
    "Events": "Calendar event create, read, update, cancel and approval",
    "Invites": "E-mail invitations, their delivery and ad-hoc attendees",
    "Availability": "Weekly windows, bookable slots and month views",
    "Legacy": "Public service-to-service checks",
    "Holidays": "Personal time off",
    "Connections": "OAuth and CalDAV calendar connections",
    "Status": "Onboarding state",
    "Webhooks": "SES delivery notifications through SNS",
    "System": "Health and documentation",
}

PARAMETERS: Mapping[str, tuple[str, Any]] = {
    "date": ("A local date in timezone.", "2030-03-05"),
    "userId": ("The user whose events are listed. Default: the caller.", "1"),
    "timezone": ("An IANA time zone name. Unknown names are rejected.", "Asia/Kolkata"),
    "role": ("A role, case-insensitive.", "Coach"),
    "coachId": ("A coach.", "7"),
    "learnerId": ("A learner.", "learner-1"),
    "coachIds": ("More coaches: comma-separated, or the parameter repeated.", ["7", "coach-2"]),
    "learnerIds": ("More learners: comma-separated, or the parameter repeated.", ["8", "9"]),
    "sessionId": ("The session.", "session-1"),
    "eventId": ("The event's id, which is its session's id.", "session-1"),
    "reschedule": (
        (
            'With "true", the session sessionId, which the caller must be allowed to see, does '
            "not count as busy; sessionId is then required."
        ),
        "false",
    ),
    "duration": ("Slot length in minutes. Default: the organization's setting.", 60),
    "year": ("The year of the month.", 2030),
    "month": ("The month, 1 to 12.", 3),
    "dateTime": ("The instant to check.", "2030-03-05T09:00:00Z"),
    "sessionType": ("The kind of session.", "coaching"),
    "holidayId": ("The holiday.", "0b8f7c6e-2f0e-4a57-9d0e-2f6f2f1f9a10"),
    "connectionId": ("The connection.", "6f1d0c2a-9a54-4f0b-8a39-1f6e0d6c7b21"),
    "provider": ("The calendar provider, case-insensitive.", "google"),
    "redirectUri": (
        "Where the browser returns after the callback. Must be on the stack's allow-list.",
        "https://app.example/calendars",
    ),
    "code": ("The authorization code.", "4/0AX4XfWh"),
    "state": ("The state issued when connecting started.", "c3RhdGU"),
    "error": ("The provider's error.", "access_denied"),
}
"""By parameter name: its description and an example. A name means the same in all operations."""

OPERATION_PARAMETERS: Mapping[tuple[str, str], str] = {
    ("legacyCheckAvailability", "userId"): "The user to check.",
    ("legacyCalendarSetup", "userId"): "The user to check.",
    ("legacyCheckAvailability", "timezone"): "The time zone of a dateTime without an offset.",
}
"""By operation and parameter: a description that differs from the one in `PARAMETERS`."""

NAMES: Mapping[str, str] = {"MonthOut": "MonthView"}
"""By type: the component's name if it is not the type's name without In or Out."""

_CONTACTS = (
    "E-mail addresses of participants, used for invitations only, and only while the participant "
    "has no proven address. Admin, service and the session's coaches may give every address, other "
    "participants their own."
)

FIELDS: Mapping[tuple[str, str], str] = {
    ("ErrorEnvelope", "message"): "One sentence that says what is wrong and what to do.",
    ("ErrorEnvelope", "requestId"): "The id to report to the operators after an internal error.",
    ("Event", "version"): "Increases by one with every change.",
    ("Event", "sync"): "One entry for each calendar the event is, was or will be written to.",
    ("Event", "warnings"): (
        "Conflicts and unreadable calendars of people who need not be free, and those overridden."
    ),
    ("Event", "audit"): "For Admin and a service with events:write: the latest entry by action.",
    ("Audit", "by"): "The user id, or the sub of the service.",
    ("Connection", "status"): "unavailable: this version of the service cannot use it.",
    ("Copy", "state"): "PENDING until the calendar holds the current version.",
    ("DayEvents", "events"): "Ordered by start.",
    ("DayEntry", "source"): "busy for callers who may see times only.",
    ("DayEntry", "busy"): "False for entries marked free and for those the user declined.",
    ("SlotDay", "slots"): "Ordered by startTime.",
    ("Slot", "localStart"): "startTime as local time in timezone, with its offset.",
    (
        "MonthDay",
        "holidays",
    ): "The names of the caller's holidays (for Admin, of all); else 'Holiday'.",
    ("MonthDay", "sessions"): "Sessions the caller takes part in; for Admin and a service with the "
    "scope events:write, all.",
    ("InviteStatus", "summary"): "The number of these recipients by status.",
    ("CreateEvent", "sessionLink"): "http or https only.",
    ("CreateEvent", "contacts"): "E-mail addresses of participants, used for invitations "
    "only, and only while the participant has no proven address. Admin, service and the session's "
    "coaches may give every address, other participants their own.",
    ("UpdateEvent", "contacts"): "E-mail addresses of participants, used for invitations "
    "only, and only while the participant has no proven address. Admin, service and the session's "
    "coaches may give every address, other participants their own.",
    ("UpdateEvent", "expectedVersion"): "Reject the change if the event has another version.",
}
"""By component and property: what the name does not explain."""

HEADERS: Mapping[str, tuple[str, str]] = {
    "WWW-Authenticate": ("string", "Bearer."),
    "Allow": ("string", "The methods the path supports."),
    "Retry-After": ("integer", "How many seconds to wait before the next request."),
    "Location": ("string", "The address to go to."),
}
"""By header name: its type and description."""

HEADERS_OF_STATUS: Mapping[int, str] = {
    302: "Location",
    401: "WWW-Authenticate",
    405: "Allow",
    429: "Retry-After",
}

ERRORS: Mapping[str, str] = {
    "VALIDATION_ERROR": "Check the request: title is required.",
    "OWNER_REQUIRED": "Set owner to the owner of the event.",
    "START_IN_PAST": "startTime is in the past; choose a later time.",
    "CREDENTIALS_REJECTED": "The calendar server rejected the user name or password.",
    "NO_CALENDAR": "The account has no writable calendar that accepts events.",
    "SERVER_URL_NOT_ALLOWED": "The calendar server's address is not public.",
    "INVALID_STATE": "The state is unknown, already used or expired; start connecting again.",
    "ACCESS_DENIED": "Access was not granted; start again and allow calendar access.",
    "CODE_REJECTED": "The provider rejected the code; start connecting again.",
    "UNAUTHORIZED": "Send a token in the header Authorization: Bearer <token>.",
    "FORBIDDEN": (
        "Rule approve: only an Admin or a service with the scope events:write may do this."
    ),
    "SIGNATURE_INVALID": "The message's signature is not valid.",
    "NOT_FOUND": "There is no such event or session that you take part in.",
    "METHOD_NOT_ALLOWED": "/api/v1/events supports only GET, POST, PUT.",
    "SLOT_TAKEN": "A required participant is busy; choose one of the alternatives.",
    "CALENDAR_UNREADABLE": "A calendar of a required participant could not be read; try again.",
    "EVENT_EXISTS": "The session already has an event created from a different request body.",
    "EVENT_CANCELLED": "The event was cancelled. Create an event with a new sessionId.",
    "NOT_SCHEDULED": "The event is pending or cancelled, so it sends no invitations.",
    "VERSION_CONFLICT": "The event is at version 2. Read it again and repeat the change.",
    "PAYLOAD_TOO_LARGE": "The body is over 64 KiB; send less.",
    "TOO_MANY_PENDING": "You have requested 20 sessions that wait for approval. Wait for an "
    "approval or cancel one.",
    "TOO_MANY_SESSIONS": "One of the participants already has 20 sessions on that day (UTC). "
    "Choose another day.",
    "TOO_MANY_REQUESTS": "You may resend invitations 30 times an hour. Wait.",
    "INTERNAL_ERROR": "Internal error. Report the requestId to the operators.",
    "PROVIDER_UNREACHABLE": "The provider does not respond; try again.",
    "PROVIDER_NOT_CONFIGURED": "This stack is not configured for the provider.",
}
"""By error code: an example message."""
