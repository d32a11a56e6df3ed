"""Failures of schemathesis checks that are expected, each with the reason."""

import re
from collections.abc import Mapping
from typing import Any

REJECTIONS: Mapping[str, str] = {
    "OWNER_REQUIRED": "the required participants depend on the owner",
    "START_IN_PAST": "a schema has no clock",
    "INVALID_STATE": "only states and codes issued by the service are valid, and only once",
    "ACCESS_DENIED": "the provider reports it in a parameter",
    "CODE_REJECTED": "only the provider knows its codes",
    "CREDENTIALS_REJECTED": "only the CalDAV server knows its accounts",
    "CHANGES_EXPIRED": "only cursors of the last days are valid",
    "SERVER_URL_NOT_ALLOWED": "only a resolver knows whether an address is public",
}
"""Error codes that may reject a request that matches its schema, and why."""

_TWO_FIELDS = "a schema cannot compare two fields"
_HOST = "a pattern cannot tell which host a browser opens"
_OTHER_PARAMETER = "a parameter cannot depend on another"
_OTHER_FIELD = "a field cannot depend on another"

PROBLEMS: Mapping[str, str] = {
    r"must be (at most 24 hours )?after startTime": _TWO_FIELDS,
    r"must not be before startDate|must be within 366 days of startDate": _TWO_FIELDS,
    r"startTime and endTime must differ; a whole day is 00:00 to 24:00": _TWO_FIELDS,
    r"is required when reschedule is true": _OTHER_PARAMETER,
    r"is required with role (Coach|Learner|Admin)": _OTHER_PARAMETER,
    r"or learnerId, coachIds or learnerIds is required": _OTHER_PARAMETER,
    r"must be at most 62 days after from|must be after from": _OTHER_PARAMETER,
    r"must be the cursor of a page before": "only the service issues cursors",
    r"is not a cursor of this list|is not the cursor of a page": "only the service issues cursors",
    r"must be within the last 7 days": "a schema has no clock",
    r"is required without a bearer token": "a parameter cannot depend on the caller",
    r"owner (COACH|COACHEE|ADMIN) needs .+": _OTHER_FIELD,
    r"a person is coach or learner, not both: .+": _OTHER_FIELD,
    r"is not in the session; its ids are .*": _OTHER_FIELD,
    r"adminAttends needs adminId": _OTHER_FIELD,
    r"availability is required unless useDefaultAvailability is true": _OTHER_FIELD,
    r"is not on this stack's allow-list": "the list is part of the stack's settings",
    r"is not accepted by the provider": "only the provider knows its tokens",
    r"must not have a user name, a password or a backslash.*": _HOST,
    r"must have a host that cannot be taken for another.*": _HOST,
    r"must not contain invisible characters.*": "a format has no such rule",
    r"must not be blank": "the pattern leaves out invisible characters above U+FFFF",
    r"must be in the years 1970 to 2199( of UTC)?": "date formats have no bounds",
}
"""Patterns of field messages that VALIDATION_ERROR may have in the same way, and why."""

SNS_OPERATION = "POST /api/v1/ses/notifications"
"""SNS defines this body; the document allows any object."""

UNDER_AN_ID: Mapping[str, str] = {
    "POST /api/v1/events/cancel": "GET reads the event with that id",
    "POST /api/v1/events/leave": "GET reads the event with that id",
    "POST /api/v1/events/approve": "GET reads the event with that id",
    "POST /api/v1/events/decline": "GET reads the event with that id",
    "POST /api/v1/connections/auto-provision": "DELETE parses the segment as an id",
}
"""Paths that also match a path with a placeholder, so that its methods work there too."""

NO_SEGMENT = {
    "GET /api/v1/auth/{provider}",
    "POST /api/v1/auth/{provider}/complete",
    "DELETE /api/v1/users/{userId}",
    "GET /api/v1/users/{userId}/export",
}
"""A segment with characters that no route matches returns 404 before it can return 400."""


def is_waived(*, check: str, operation: str, status: int, response: Mapping[str, Any]) -> bool:
    """Return whether the failure of that check is expected."""
    match check:
        case "RejectedPositiveData":
            is_rejected = operation == SNS_OPERATION or _is_known_rejection(response)
            return status in {400, 410} and is_rejected
        case "UndefinedStatusCode":
            return status == 404 and operation in NO_SEGMENT
        case "AllowHeaderMismatch" | "UnsupportedMethodResponse":
            return operation in UNDER_AN_ID
    return False


def _is_known_rejection(response: Mapping[str, Any]) -> bool:
    error = response.get("error", {})
    if error.get("code") == "VALIDATION_ERROR":
        messages = [each["message"] for each in error.get("details", ())]
        return bool(messages) and all(map(_is_known, messages))
    return error.get("code") in REJECTIONS


def _is_known(message: str) -> bool:
    return any(re.fullmatch(each, message) for each in PROBLEMS)
