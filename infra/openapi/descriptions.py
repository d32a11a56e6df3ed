"""Texts of the OpenAPI document that are not in signatures or docstrings."""

from collections.abc import Mapping
from typing import Any

TITLE = "Calendar service"
DESCRIPTION = """\
Events, availability, holidays and calendar connections (Google, Microsoft, Apple) for a coaching \
platform.

Every JSON response is an envelope: {success: true, message, data} or {success: false, message, \
error: {code, details}, requestId}. error.code is one of the codes listed in ErrorEnvelope. A \
method that a path does not support returns 405 METHOD_NOT_ALLOWED, an unknown path 404 NOT_FOUND. \
HEAD works where GET does. Every response has the header X-Request-Id.

A body of several megabytes, too many requests per second, and a function that fails or takes too \
long get a response of API Gateway itself (413, 429, 500, 503): {message} without an envelope.

Instants in responses are RFC 3339 in UTC with a trailing Z. Requests may use any offset; an \
instant without an offset is UTC. User ids are opaque: an integer or a string of 1-64 characters \
A-Z a-z 0-9 _ -; responses always contain the string. Roles, owners and providers are parsed \
case-insensitively and returned in one spelling.

An unknown query parameter returns 400 VALIDATION_ERROR with the names that exist. Only _ is \
ignored, and everything unknown in the OAuth callbacks. name[] is read as name. Unknown body \
fields are ignored, but one that is a field's name in another spelling, such as learnerIds for \
learnerId, returns 400 VALIDATION_ERROR with the right name.
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
    "Users": "Export and erasure of a user's data",
    "Status": "Onboarding state",
    "Changes": "The domain events of the last 7 days",
    "Webhooks": "Receivers of domain events, and SES notifications through SNS",
    "System": "Health and documentation",
}

PARAMETERS: Mapping[str, tuple[str, Any]] = {
    "from": ("The start: an instant, or a date in UTC. Default: now.", "2030-03-01T00:00:00Z"),
    "to": (
        (
            "The end, at most 62 days later: an instant, which is excluded, or a date in UTC, "
            "which is included. Default: 62 days after from."
        ),
        "2030-03-31T00:00:00Z",
    ),
    "status": ("Only sessions with this status, case-insensitive.", "PENDING_APPROVAL"),
    "limit": ("How many items a page has at most.", 50),
    "cursor": (
        "The cursor of the previous page. Without it, the first page.",
        "MjAzMC0wMy0wNVQwOTowMDowMCswMDowMCBz",
    ),
    "since": ("The cursor of the previous page. Without it, the oldest event kept.", "c1-41"),
    "types": (
        "Only events of these types: comma-separated, or the parameter repeated.",
        ["session.booked", "session.cancelled"],
    ),
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
    "explain": (
        'With "true", explanation has every time of the grid with its reasons.',
        "false",
    ),
    "duration": ("Slot length in minutes. Default: the organization's setting.", 60),
    "year": ("The year of the month.", 2030),
    "month": ("The month, 1 to 12.", 3),
    "dateTime": ("The instant to check.", "2030-03-05T09:00:00Z"),
    "sessionType": ("The kind of session.", "coaching"),
    "holidayId": ("The holiday.", "0b8f7c6e-2f0e-4a57-9d0e-2f6f2f1f9a10"),
    "webhookId": ("The webhook.", "3c4b1f5e-7d2a-4e0c-9b61-2f8a5d9e7c10"),
    "connectionId": ("The connection.", "6f1d0c2a-9a54-4f0b-8a39-1f6e0d6c7b21"),
    "provider": ("The calendar provider, case-insensitive.", "google"),
    "redirectUri": (
        "Where the browser returns after the callback. Must be on the stack's allow-list.",
        "https://app.example/calendars",
    ),
    "code": ("The authorization code.", "4/0AX4XfWh"),
    "state": ("The state issued when connecting started.", "c3RhdGU"),
    "error": ("The provider's error.", "access_denied"),
    "error_description": (
        "The provider's text about the error. Only Microsoft's AADSTS code in it is read.",
        "AADSTS90094: An administrator must consent.",
    ),
}
"""By parameter name: its description and an example. A name means the same in all operations."""

OPERATION_PARAMETERS: Mapping[tuple[str, str], str] = {
    ("legacyCheckAvailability", "userId"): "The user to check.",
    ("legacyCalendarSetup", "userId"): "The user to check.",
    ("listSessions", "userId"): "The user whose sessions are listed. Default: the caller.",
    ("exportUser", "userId"): "The user to export.",
    ("eraseUser", "userId"): "The user to erase.",
    ("getErasure", "userId"): "The user whose erasure was requested.",
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
    ("Event", "adminAttends"): "Whether the user in adminId takes part, not only approves.",
    ("Event", "pendingUntil"): "When it expires unless it is approved; null if it is not pending.",
    ("Event", "reason"): "Why it was cancelled or declined.",
    ("Event", "sync"): "One entry for each calendar the event is, was or will be written to.",
    ("Event", "warnings"): (
        "Conflicts and unreadable calendars of people who need not be free, those overridden, and "
        "booking rules that the time breaks."
    ),
    ("Event", "warningDetails"): "The same warnings with code, user and role.",
    ("Warning", "message"): "The text of the same item in warnings.",
    ("SlotDay", "explanation"): "With explain: every time of the grid, ordered by startTime.",
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
    ("SessionPage", "sessions"): "Ordered by startTime.",
    ("SessionPage", "cursor"): "Send it to get the next page; null on the last one.",
    ("MonthDay", "sessions"): "Sessions the caller takes part in; for Admin and a service with the "
    "scope events:write, all.",
    ("InviteStatus", "summary"): "The number of these recipients by status.",
    ("CreateEvent", "sessionLink"): "http or https only.",
    ("CreateEvent", "adminAttends"): (
        "Whether the user in adminId takes part. Default: only if the session has no coach, unless "
        "the stack is configured otherwise."
    ),
    ("CreateEvent", "reopen"): "Book a cancelled, declined or expired session again.",
    ("Closing", "reason"): "Stored with the event; cancellations by mail show it.",
    ("CreateEvent", "contacts"): "E-mail addresses of participants, used for invitations "
    "only, and only while the participant has no proven address. Admin, service and the session's "
    "coaches may give every address, other participants their own.",
    ("UpdateEvent", "contacts"): "E-mail addresses of participants, used for invitations "
    "only, and only while the participant has no proven address. Admin, service and the session's "
    "coaches may give every address, other participants their own.",
    ("Erasure", "erased"): "How much was erased, by kind; complete once status is COMPLETED.",
    ("Erasure", "requestedBy"): "The sub of the service's token.",
    ("UserExport", "cursor"): "Send it as cursor to get the next page; null on the last page.",
    (
        "SessionExport",
        "role",
    ): "The user's role in the session, null for a former participant.",
    ("Webhook", "types"): "The types of domain events it is sent; empty for all.",
    ("Webhook", "disabledReason"): "failing: no delivery has succeeded for 24 hours.",
    (
        "Webhook",
        "failingSince",
    ): "Since when every delivery has failed; null if the last succeeded.",
    ("Webhook", "secrets"): "The active secrets without their values, the newest first.",
    (
        "WebhookWithSecret",
        "secret",
    ): "The new signing secret, shown only here; null if none is new.",
    ("WebhookAnswer", "delivered"): "Whether the receiver answered 2xx within 10 seconds.",
    ("WebhookDelivery", "id"): "The value of Calendar-Delivery-Id, the same for every attempt.",
    ("WebhookDelivery", "nextAttemptAt"): "Null if there is none.",
    ("WebhookDeliveryPage", "cursor"): "Send it to get the next page; null on the last one.",
    ("CreateWebhook", "types"): "Domain events to send, case-insensitive. Default: all.",
    ("UpdateWebhook", "keepSecretsHours"): "How long previous secrets sign after a rotation.",
    ("DomainEvent", "id"): "The same whenever the event is delivered again.",
    ("DomainEvent", "occurredAt"): "When the change was made.",
    ("DomainEvent", "subjectVersion"): "Discard an event with a lower one than already seen.",
    ("ChangePage", "cursor"): "Send it as since to get the next page.",
    ("ChangePage", "hasMore"): "Whether more events are listed now.",
    ("UpdateEvent", "expectedVersion"): "Reject the change if the event has another version.",
}
"""By component and property: what the name does not explain."""

HEADERS: Mapping[str, tuple[str, str]] = {
    "WWW-Authenticate": (
        "string",
        'Bearer; with error="invalid_token" if there is a token (RFC 6750, section 3).',
    ),
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
    "SERVER_URL_NOT_ALLOWED": "The server's address must use https on port 443.",
    "INVALID_STATE": "The state is unknown, already used or expired; start connecting again.",
    "ACCESS_DENIED": "Access was not granted; start again and allow calendar access.",
    "CODE_REJECTED": "The provider rejected the code; start connecting again.",
    "UNAUTHORIZED": "Send a token in the header Authorization: Bearer <token>.",
    "FORBIDDEN": (
        "Rule approve: only an Admin or a service with the scope events:write may do this."
    ),
    "SIGNATURE_INVALID": "The message's signature is not valid.",
    "NOT_FOUND": "There is no such event or session that you take part in.",
    "METHOD_NOT_ALLOWED": "/api/v1/events supports only GET, HEAD, POST, PUT.",
    "SLOT_TAKEN": "A required participant is busy; choose one of the alternatives.",
    "OUTSIDE_AVAILABILITY": "The time breaks a booking rule; choose one of the alternatives.",
    "CALENDAR_UNREADABLE": "A calendar of a required participant could not be read; try again.",
    "EVENT_EXISTS": "The session already has an event created from a different request body.",
    "EVENT_CANCELLED": "The event was cancelled. Create it again with reopen: true, or with "
    "another sessionId.",
    "EVENT_ENDED": "The session is over. Only its record can be cancelled.",
    "NOT_SCHEDULED": "The event is pending or cancelled, so it sends no invitations.",
    "NOT_PENDING": "The event was approved already. Cancel it instead.",
    "VERSION_CONFLICT": "The event is at version 2. Read it again and repeat the change.",
    "CHANGES_EXPIRED": (
        "The changes after this cursor are no longer listed; read the sessions again, then call "
        "without since."
    ),
    "PAYLOAD_TOO_LARGE": "The body is over 64 KiB; send less.",
    "TOO_MANY_PENDING": "You have requested 20 sessions that wait for approval. Wait for an "
    "approval or cancel one.",
    "TOO_MANY_SESSIONS": "One of the participants already has 20 sessions on that day (UTC). "
    "Choose another day.",
    "TOO_LARGE": "This is too large to be stored. Send fewer people, or choose another day.",
    "DISCONNECTED": "The user has disconnected this account. Send reconnect: true when the user "
    "asks to connect it again.",
    "TOO_MANY_REQUESTS": "You may resend invitations 30 times an hour. Wait.",
    "INTERNAL_ERROR": "Internal error. Report the requestId to the operators.",
    "PROVIDER_UNREACHABLE": "The provider does not respond; try again.",
    "PROVIDER_NOT_CONFIGURED": "This stack is not configured for the provider.",
}
"""By error code: an example message."""
