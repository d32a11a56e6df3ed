"""Booking requests, and a check that a rejected one changes nothing."""

from typing import Any

from tests.support.api import ApiResponse
from tests.support.service import User, call_api, dump

EVENTS = "/api/v1/events"


def post(who: User, body: dict[str, Any]) -> ApiResponse:
    """Request a booking."""
    return call_api("POST", EVENTS, who, body=body)


def rejected(who: User, body: dict[str, Any]) -> tuple[int, str]:
    """Request a booking that must be rejected; return status and error code."""
    before = dump()
    response = post(who, body)
    assert before == dump()
    return response.status, response.code
