"""The HTTP status of every error code, and the error envelope."""

import json
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.event_handler import Response, content_types

from shared.api.envelope import PRIVATE
from shared.api.instants import zulu
from shared.domain.errors import (
    CalendarServiceError,
    InvalidRequest,
    MethodNotAllowed,
    SlotTaken,
    TooManyRequests,
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
    "CALENDAR_UNREADABLE": 409,
    "EVENT_EXISTS": 409,
    "EVENT_CANCELLED": 409,
    "NOT_SCHEDULED": 409,
    "VERSION_CONFLICT": 409,
    "TOO_MANY_PENDING": 409,
    "TOO_MANY_SESSIONS": 409,
    "PAYLOAD_TOO_LARGE": 413,
    "TOO_MANY_REQUESTS": 429,
    "INTERNAL_ERROR": 500,
    "PROVIDER_UNREACHABLE": 502,
    "PROVIDER_NOT_CONFIGURED": 503,
}


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


_SECOND = timedelta(seconds=1)
_INTERNAL = "Internal error. Report the requestId to the operators."


def _fields(error: CalendarServiceError) -> dict[str, Any]:
    if isinstance(error, InvalidRequest) and error.problems:
        return {"details": [{"field": p.field, "message": p.message} for p in error.problems]}
    if isinstance(error, SlotTaken):
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
    if error.code == "UNAUTHORIZED":
        return {"WWW-Authenticate": "Bearer"}
    return {}
