"""What the document says in words beside what signatures and docstrings say."""

from collections.abc import Mapping
from typing import Any

TITLE = "Calendar service"
DESCRIPTION = """\
Events, availability, holidays and calendar connections (Google, Microsoft, Apple) for a coaching \
platform.

Every JSON answer is an envelope: {success: true, message, data} or {success: false, message, \
error: {code, details}, requestId}; error.code is one of the codes that ErrorEnvelope lists. A \
path asked with a method it does not have answers 405 METHOD_NOT_ALLOWED, one that does not exist \
404 NOT_FOUND.

Instants are RFC 3339 in UTC with a trailing Z in answers; in requests any offset is taken, and an \
instant without one is UTC. User ids are opaque: an integer or a string of 1-64 characters \
A-Z a-z 0-9 _ -; answers always carry the string. Roles, owners and providers are read without \
regard to case and answered in one spelling. Unknown body fields are ignored.
"""
BEARER = """\
Claims: sub (user id), roles (array of Coach, Learner, Admin), email (optional), scope (of a \
service). exp is required; iss and aud are checked. Signed with RS256 or ES256 and a key of the \
issuer's JWKS, or with HS256 and a shared secret where the stack is set up so; never either, never \
none.
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
    "date": ("A local date in timezone.", "2026-12-25"),
    "userId": ("Whose calendar; the caller's own when left out.", "1"),
    "timezone": ("An IANA name; an unknown one is refused.", "Asia/Kolkata"),
    "role": ("The role it is about, read without regard to case.", "Coach"),
    "coachId": ("The coach.", "7"),
    "learnerId": ("The learner.", "learner-1"),
    "coachIds": ("Further coaches: comma-separated, or the parameter repeated.", ["7", "coach-2"]),
    "learnerIds": ("Further learners: comma-separated, or the parameter repeated.", ["8", "9"]),
    "sessionId": ("The session.", "session-1"),
    "eventId": ("The event, by the id of its session.", "session-1"),
    "reschedule": (
        '"true" leaves the session sessionId out of the busy times; sessionId is then required.',
        "false",
    ),
    "duration": ("Slot length in minutes; the organization's setting when left out.", 60),
    "year": ("The year of the month.", 2026),
    "month": ("The month, 1 to 12.", 12),
    "dateTime": ("The instant.", "2026-12-25T09:00:00Z"),
    "sessionType": ("What kind of session it is.", "coaching"),
    "holidayId": ("The holiday.", "0b8f7c6e-2f0e-4a57-9d0e-2f6f2f1f9a10"),
    "connectionId": ("The connection.", "6f1d0c2a-9a54-4f0b-8a39-1f6e0d6c7b21"),
    "provider": ("Whose calendar it is, read without regard to case.", "google"),
    "redirectUri": (
        "Where the browser returns after the callback; it must stand on the stack's allow-list.",
        "https://app.example/calendars",
    ),
    "code": ("The authorization code.", "4/0AX4XfWh"),
    "state": ("The state that connecting was started with.", "c3RhdGU"),
    "error": ("What went wrong at the provider.", "access_denied"),
}
"""By name: what a parameter says, and an example. They mean the same wherever they stand."""

OPERATION_PARAMETERS: Mapping[tuple[str, str], str] = {
    ("legacyCheckAvailability", "userId"): "Whose time.",
    ("legacyCalendarSetup", "userId"): "Whose setup.",
    ("legacyCheckAvailability", "timezone"): "The zone of a dateTime without an offset.",
}
"""What a parameter says where that is not what it says elsewhere."""

NAMES: Mapping[str, str] = {"MonthOut": "MonthView"}
"""By type: the name of its component where that is not its own without In or Out."""

FIELDS: Mapping[tuple[str, str], str] = {
    ("ErrorEnvelope", "message"): "One plain sentence a developer can act on.",
    ("ErrorEnvelope", "requestId"): "What to tell us when something went wrong on our side.",
    ("Event", "version"): "Grows by one with every change.",
    ("Event", "sync"): "One entry for each calendar the event is, was or will be written to.",
    ("Event", "warnings"): "What was booked in spite of.",
    ("Copy", "state"): "PENDING until the calendar holds the current version.",
    ("DayEvents", "events"): "In order of start.",
    ("DayEntry", "busy"): "False for entries marked free or that the user declined.",
    ("SlotDay", "slots"): "In order of startTime.",
    ("Slot", "localStart"): "Wall clock of startTime in timezone, with its offset.",
    ("MonthDay", "holidays"): "Names, for the caller's own or Admin; 'Holiday' otherwise.",
    ("MonthDay", "sessions"): "Those the caller takes part in; all of them for Admin.",
    ("InviteStatus", "summary"): "Recipients counted by status.",
    ("CreateEvent", "sessionLink"): "http or https only.",
    ("CreateEvent", "contacts"): "Addresses of participants, for invitations only.",
    ("UpdateEvent", "contacts"): "Addresses of participants, for invitations only.",
    ("UpdateEvent", "expectedVersion"): "Refuse the change when the event has another version.",
}
"""By component and property: what a name does not say."""

HEADERS: Mapping[str, tuple[str, str]] = {
    "WWW-Authenticate": ("string", "Bearer."),
    "Allow": ("string", "The methods the path has."),
    "Retry-After": ("integer", "After how many seconds to ask again."),
    "Location": ("string", "Where the browser goes."),
}
"""By name: its type and what it says."""

HEADERS_OF_STATUS: Mapping[int, str] = {
    302: "Location",
    401: "WWW-Authenticate",
    405: "Allow",
    429: "Retry-After",
}

ERRORS: Mapping[str, str] = {
    "VALIDATION_ERROR": "Check the request: title is required.",
    "OWNER_REQUIRED": "Say who owns the event in owner.",
    "START_IN_PAST": "startTime is in the past; choose a later one.",
    "CREDENTIALS_REJECTED": "The calendar server refuses the user name and password.",
    "NO_CALENDAR": "No calendar of this account takes events and may be written to.",
    "SERVER_URL_NOT_ALLOWED": "The calendar server's address is not public.",
    "INVALID_STATE": "The state is unknown, used or expired; start connecting anew.",
    "ACCESS_DENIED": "Access was not granted; start anew and allow calendar access.",
    "CODE_REJECTED": "The provider refuses the code; start connecting anew.",
    "UNAUTHORIZED": "Send a token in the header Authorization: Bearer <token>.",
    "FORBIDDEN": "This needs the role Admin, which your token does not carry.",
    "SIGNATURE_INVALID": "The message's signature does not hold.",
    "NOT_FOUND": "There is nothing with that id that you take part in.",
    "METHOD_NOT_ALLOWED": "/api/v1/events takes GET, POST, PUT only.",
    "SLOT_TAKEN": "Somebody who must be free is not; choose one of the alternatives.",
    "CALENDAR_UNREADABLE": "A calendar of somebody who must be free could not be read; try again.",
    "EVENT_EXISTS": "The session has an event created from another body.",
    "EVENT_CANCELLED": "The event was cancelled; create a new one for a new sessionId.",
    "NOT_SCHEDULED": "The event is pending or cancelled, so it invites nobody now.",
    "VERSION_CONFLICT": "The event is at version 2; read it again and decide anew.",
    "PAYLOAD_TOO_LARGE": "The body is over 1024 KiB; send less.",
    "TOO_MANY_REQUESTS": "Too many requests from this address; wait and ask again.",
    "INTERNAL_ERROR": "Something went wrong on our side; tell us the requestId.",
    "PROVIDER_UNREACHABLE": "The provider does not answer just now; try again.",
    "PROVIDER_NOT_CONFIGURED": "This stack is not set up for the provider.",
}
"""By code: a message it may come with."""
