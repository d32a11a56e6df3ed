"""The HTTP status of every error code, the error envelope, and the problems of a request."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.event_handler import Response, content_types

from shared.api.envelope import PRIVATE
from shared.api.instants import zulu
from shared.domain.errors import (
    CalendarServiceError,
    FieldProblem,
    InvalidRequest,
    MethodNotAllowed,
    TimeNotAvailable,
    TooManyRequests,
    Unauthorized,
)

STATUS: dict[str, int] = {
    "VALIDATION_ERROR": 400,
    "OWNER_REQUIRED": 400,
    "START_IN_PAST": 400,
    "CREDENTIALS_REJECTED": 400,
    "NO_CALENDAR": 400,
    "SERVER_URL_NOT_ALLOWED": 400,
    "INVALID_STATE": 400,
    "ACCESS_DENIED": 400,
    "CODE_REJECTED": 400,
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "SIGNATURE_INVALID": 403,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "SLOT_TAKEN": 409,
    "OUTSIDE_AVAILABILITY": 409,
    "CALENDAR_UNREADABLE": 409,
    "EVENT_EXISTS": 409,
    "EVENT_CANCELLED": 409,
    "EVENT_ENDED": 409,
    "NOT_SCHEDULED": 409,
    "NOT_PENDING": 409,
    "VERSION_CONFLICT": 409,
    "TOO_MANY_PENDING": 409,
    "TOO_MANY_SESSIONS": 409,
    "TOO_LARGE": 409,
    "DISCONNECTED": 409,
    "CHANGES_EXPIRED": 410,
    "PAYLOAD_TOO_LARGE": 413,
    "TOO_MANY_REQUESTS": 429,
    "INTERNAL_ERROR": 500,
    "PROVIDER_UNREACHABLE": 502,
    "PROVIDER_NOT_CONFIGURED": 503,
}
MAX_FIELD_NAME = 100
"""How many characters of a field's path are reported."""


def error_response(error: CalendarServiceError, request_id: str) -> Response[str]:
    """Return the error envelope. An internal error does not reveal its cause."""
    status = STATUS[error.code]
    message = error.message if status != STATUS["INTERNAL_ERROR"] else _INTERNAL
    body = {
        "success": False,
        "message": message,
        "error": {"code": error.code, **_fields(error)},
        "requestId": request_id,
    }
    return Response(
        status_code=status,
        content_type=content_types.APPLICATION_JSON,
        headers={**PRIVATE, **_headers(error)},
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
    )


def field_problem(error: Mapping[str, Any]) -> FieldProblem:
    """Return what pydantic found in the terms of JSON, with the field's path."""
    where, *path = error["loc"]
    own = _MESSAGES.get(error["type"])
    message = own.format(**error.get("ctx", {})) if own else error["msg"]
    message = message.removeprefix("Value error, ")
    name = ".".join(map(str, path)) or str(where)
    shown = "".join(each if each.isprintable() else "?" for each in name[:MAX_FIELD_NAME])
    return FieldProblem(shown, message[0].lower() + message[1:])


def unknown_parameter(name: str, known: Sequence[str]) -> Mapping[str, Any]:
    """Return the problem of a query parameter that an operation lacks, as pydantic reports one."""
    names = f"the parameters are {', '.join(sorted(known))}" if known else "there are none"
    return {"loc": ("query", name), "type": "unknown", "msg": f"is not a parameter; {names}"}


_MESSAGES: Mapping[str, str] = {
    "missing": "is required",
    "json_invalid": "is not one JSON object",
    "extra_forbidden": "is not a field",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "bool_type": "must be true or false",
    "int_type": "must be an integer",
    "int_parsing": "must be an integer",
    "int_parsing_size": "is too large",
    "literal_error": "must be {expected}",
    "string_type": "must be a string",
    "string_unicode": "must be text without a lone surrogate",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must not be empty",
    # Of secrets; arrays have a check of their own.
    "too_long": "must have at most {max_length} characters",
    "too_short": "must not be empty",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "uuid_type": "is not a valid id",
    "uuid_parsing": "is not a valid id",
}
"""By error type of pydantic: the message, where its own has words of Python."""
_SECOND = timedelta(seconds=1)
_INTERNAL = "Internal error. Report the requestId to the operators."


# RFC 6750, section 3: a request without a token gets no error, and an expired token is not valid.
CHALLENGES: Mapping[str, str] = {
    "missing": "Bearer",
    "invalid_token": 'Bearer error="invalid_token", error_description="The token is not valid"',
    "expired": 'Bearer error="invalid_token", error_description="The token has expired"',
}


def _fields(error: CalendarServiceError) -> dict[str, Any]:
    if isinstance(error, Unauthorized):
        return {"reason": error.reason}
    if isinstance(error, InvalidRequest) and error.problems:
        return {"details": [{"field": p.field, "message": p.message} for p in error.problems]}
    if isinstance(error, TimeNotAvailable):
        return {
            "alternatives": [
                {"startTime": zulu(each.start), "endTime": zulu(each.end)}
                for each in error.alternatives
            ]
        }
    return {}


def _headers(error: CalendarServiceError) -> dict[str, str]:
    if isinstance(error, MethodNotAllowed):
        return {"Allow": ", ".join(error.allowed)}
    if isinstance(error, TooManyRequests):
        return {"Retry-After": str(max(1, -(-error.retry_after // _SECOND)))}
    if isinstance(error, Unauthorized):
        return {"WWW-Authenticate": CHALLENGES[error.reason]}
    return {}
