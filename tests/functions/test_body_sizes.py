"""The largest body of each operation holds the longest values that its document allows."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from functions.availability.handler import replace_availability
from functions.connections.handler import auto_provision_connection
from functions.events.booking import create_event, update_event
from functions.invites.handler import replace_external_attendees, resend_invites
from shared.api.operation import max_body_bytes

LETTER = "\u6f22"
"""A letter that takes three bytes, or six as an escape."""

ADDRESS = f"{'a' * 64}@{'b' * 255}"
ZONE = "America/Argentina/ComodRivadavia"
PEOPLE = [f"{number:064}" for number in range(50)]
EVENT = {
    "sessionId": "s" * 64,
    "title": LETTER * 300,
    "sessionLink": "https://" + "x" * 2040,
    "startTime": "2027-01-11T09:00:00.000000+00:00",
    "endTime": "2027-01-11T10:00:00.000000+00:00",
    "timezone": ZONE,
    "location": LETTER * 1000,
    "owner": "COACHEE",
    "coachId": PEOPLE,
    "learnerId": PEOPLE,
    "adminId": "a" * 64,
    "contacts": [{"userId": each, "email": ADDRESS, "name": LETTER * 200} for each in PEOPLE],
}
WINDOW = {"startTime": "00:00", "endTime": "00:30", "timezone": ZONE, "dayOfWeek": "wednesday"}
DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
LARGEST: Mapping[Callable[..., Any], Any] = {
    create_event: EVENT,
    update_event: EVENT,
    replace_external_attendees: {
        "attendees": [{"email": ADDRESS, "name": LETTER * 200} for _ in range(100)]
    },
    resend_invites: {"recipients": [ADDRESS] * 100, "force": True},
    replace_availability: {
        "role": "Learner",
        "timezone": ZONE,
        "availability": {day: [WINDOW] * 24 for day in DAYS},
    },
    auto_provision_connection: {
        "userId": "u" * 64,
        "provider": "microsoft",
        "email": ADDRESS,
        "accessToken": "t" * 16384,
        "refreshToken": "t" * 16384,
        "calendarId": LETTER * 1024,
        "calendarName": LETTER * 500,
    },
}


@pytest.mark.parametrize("handler", LARGEST, ids=lambda each: each.__name__)
def test_the_largest_body_is_allowed_even_with_escapes(handler: Callable[..., Any]) -> None:
    body = json.dumps(LARGEST[handler])

    assert len(body) <= max_body_bytes(handler)
