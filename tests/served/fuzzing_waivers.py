"""What checks of schemathesis may complain of, each with the reason why that is no fault."""

import re
from collections.abc import Mapping
from typing import Any

REFUSALS: Mapping[str, str] = {
    "OWNER_REQUIRED": "which participants a change needs depends on its owner",
    "START_IN_PAST": "a schema knows no clock",
    "INVALID_STATE": "only a state of ours holds, and each serves once",
    "ACCESS_DENIED": "the provider says so in a parameter",
    "CODE_REJECTED": "a provider knows its codes",
    "CREDENTIALS_REJECTED": "a CalDAV server knows its accounts",
}
"""Error codes that may refuse a request which fits its schema, and why no schema can say so."""

PROBLEMS: Mapping[str, str] = {
    r"must be (at most 24 hours )?after startTime": "no schema compares two fields",
    r"must not be before startDate|must be within 366 days of startDate": "likewise",
    r"startTime and endTime must differ; a whole day is 00:00 to 24:00": "likewise",
    r"is required when reschedule is true": "nor makes one parameter depend on another",
    r"is required with role (Coach|Learner|Admin)": "likewise",
    r"or learnerId, coachIds or learnerIds is required": "likewise",
    r"is required without a bearer token": "nor a parameter on who is asking",
    r"owner (COACH|COACHEE|ADMIN) needs .+": "nor one field of a body on another",
    r"availability is required unless useDefaultAvailability is true": "likewise",
    r"is not on this stack's allow-list": "the list is the stack's",
    r"is not accepted by the provider": "a provider knows its tokens",
    r"must be in the years 1970 to 2199( of UTC)?": "the formats of dates have no bounds",
}
"""Likewise what VALIDATION_ERROR may tell of a field: patterns that fit its whole message."""

OF_SNS = "POST /api/v1/ses/notifications"
"""What SNS sends is its own to describe; the document says any object."""

UNDER_AN_ID: Mapping[str, str] = {
    "POST /api/v1/events/cancel": "GET reads the event of that name",
    "POST /api/v1/events/approve": "GET reads the event of that name",
    "POST /api/v1/connections/auto-provision": "DELETE takes what stands there for an id",
}
"""Paths that a path with a placeholder fits too: its methods are allowed there, and work."""

NO_SEGMENT = "GET /api/v1/auth/{provider}"
"""Characters that no segment of a path may hold lead to no route, so 404 comes before 400."""


def is_waived(*, check: str, operation: str, status: int, answer: Mapping[str, Any]) -> bool:
    """Return whether the complaint of that check is no fault."""
    match check:
        case "RejectedPositiveData":
            return status == 400 and (operation == OF_SNS or _is_refused_in_words(answer))
        case "UndefinedStatusCode":
            return status == 404 and operation == NO_SEGMENT
        case "AllowHeaderMismatch" | "UnsupportedMethodResponse":
            return operation in UNDER_AN_ID
    return False


def _is_refused_in_words(answer: Mapping[str, Any]) -> bool:
    error = answer.get("error", {})
    if error.get("code") == "VALIDATION_ERROR":
        told = [each["message"] for each in error.get("details", ())]
        return bool(told) and all(map(_is_known, told))
    return error.get("code") in REFUSALS


def _is_known(message: str) -> bool:
    return any(re.fullmatch(each, message) for each in PROBLEMS)
