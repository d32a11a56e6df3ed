"""Asking for bookings, and checking that one refused leaves everything as it was."""

from typing import Any

from tests.support.api import Answer
from tests.support.service import User, ask, dump

EVENTS = "/api/v1/events"


def post(who: User, body: dict[str, Any]) -> Answer:
    """Ask for a booking."""
    return ask("POST", EVENTS, who, body=body)


def refused(who: User, body: dict[str, Any]) -> tuple[int, str]:
    """Ask for a booking that must not be made; return the status and the code of its answer."""
    before = dump()
    answer = post(who, body)
    assert before == dump()
    return answer.status, answer.code
