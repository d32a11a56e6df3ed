"""A value of the wrong type is rejected with its field's name, and nothing is written."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from tests.support.bad_values import (
    BAD_ATTENDEES,
    BAD_CONTACTS,
    BAD_IDS,
    BAD_INSTANTS,
    BAD_RECIPIENTS,
)
from tests.support.rejected_requests import assert_rejected, send
from tests.support.requests import BODIES

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("service")]

WRONG_TYPES: list[Any] = [7, 7.5, True, [], {}, ["x"], {"x": 1}, 10**400, [[["x"]]]]


TEXT_FIELDS = {
    ("POST", "/api/v1/events"): ("title", "location", "sessionLink", "timezone", "owner"),
    ("PUT", "/api/v1/events"): ("title", "location", "sessionLink", "timezone", "owner"),
    ("PUT", "/api/v1/availability"): ("role", "timezone"),
    ("PUT", "/api/v1/availability/timezone"): ("role", "timezone"),
    ("POST", "/api/v1/holidays"): ("name", "role", "startDate", "endDate"),
    ("POST", "/api/v1/auth/apple/connect"): ("username", "password", "serverUrl"),
    ("POST", "/api/v1/ses/notifications"): ("Type", "TopicArn", "Message", "SigningCertURL"),
}


def wrong_values() -> Iterator[tuple[str, str, str, Any]]:
    for (method, path), names in TEXT_FIELDS.items():
        yield from ((method, path, name, value) for name, value in product(names, WRONG_TYPES))
    events = "/api/v1/events"
    not_flags: list[Any] = ["true", "yes", 1, 0, None, []]
    instants, ids = ("startTime", "endTime"), ("coachId", "learnerId", "adminId")
    for method in ("POST", "PUT"):
        not_instants = (*BAD_INSTANTS, 1795600000, True, [])
        yield from ((method, events, *each) for each in product(instants, not_instants))
        yield from ((method, events, *each) for each in product(ids, BAD_IDS))
        yield from ((method, events, "contacts", value) for value in BAD_CONTACTS)
        yield from ((method, events, "allowConflicts", value) for value in not_flags)
    yield from (("POST", events, "autoApproval", value) for value in not_flags)
    versions: list[Any] = ["1", 1.0, 0, -1, True, "x", []]
    yield from (("PUT", events, "expectedVersion", value) for value in versions)
    resend = "/api/v1/events/{eventId}/resend-invites"
    yield from (("POST", resend, "force", value) for value in not_flags)
    yield from (("POST", resend, "recipients", value) for value in BAD_RECIPIENTS)
    guests = "/api/v1/sessions/{sessionId}/external-attendees"
    yield from (("PUT", guests, "attendees", value) for value in BAD_ATTENDEES)
    for path in ("/api/v1/events/cancel", "/api/v1/events/approve"):
        yield from (("POST", path, "sessionId", value) for value in (*BAD_IDS, []))


@pytest.mark.parametrize(("method", "path", "name", "value"), list(wrong_values()))
def test_a_value_of_the_wrong_type_is_rejected_and_named(
    method: str, path: str, name: str, value: Any
) -> None:
    response = send(method, path, {**BODIES[method, path], name: value})

    assert_rejected(response)
    fields = [each["field"].partition(".")[0] for each in response.json["error"]["details"]]
    assert name in fields
