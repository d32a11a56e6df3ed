"""A body that cannot be parsed is rejected, and nothing is written."""

import re

import pytest

from infra.routes import ROUTES, Route
from tests.support.api import call
from tests.support.rejected_requests import assert_rejected, send
from tests.support.requests import BODIES
from tests.support.service import no_writes

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("service")]

NEED_NO_BODY = {"/api/v1/events/{eventId}/resend-invites"}
LARGER = {"/api/v1/events": 128, "/api/v1/sessions/{sessionId}/external-attendees": 256}
"""The largest body of an operation in KiB, if it is not 64."""

WITH_TOKEN = [each for each in ROUTES if (each.method, each.path) in BODIES and not each.public]
JUNK = [
    b"",
    b"{",
    b"nonsense",
    b"[]",
    b"[{}]",
    b'"text"',
    b"7",
    b"null",
    b"true",
    b"NaN",
    b'{"title": NaN}',
    b'{"title": Infinity}',
    b'{"title": -Infinity}',
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf{}",
    b"\x00",
    b"9" * 5000,
    b"[" * 65_536,
    b'{"a":' * 13_000,
    b"{}{}",
    b"{'sessionId': 'x'}",
]


@pytest.mark.parametrize(("method", "path"), BODIES)
@pytest.mark.parametrize("raw", JUNK, ids=range(len(JUNK)))
def test_a_body_that_is_not_a_json_object_is_rejected(method: str, path: str, raw: bytes) -> None:
    if raw or path not in NEED_NO_BODY:
        assert_rejected(send(method, path, raw=raw))


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_a_body_over_its_operations_limit_is_too_large(method: str, path: str) -> None:
    kibibytes = LARGER.get(path, 64)
    body = {**BODIES[method, path], "ignored": "x" * kibibytes * 1024}

    assert_rejected(send(method, path, body), 413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_a_missing_required_field_is_named(method: str, path: str) -> None:
    for name in required_of(method, path):
        body = {each: value for each, value in BODIES[method, path].items() if each != name}

        response = send(method, path, body)

        assert_rejected(response)
        problem = {"field": name, "message": "is required"}
        assert problem in response.json["error"]["details"]


def required_of(method: str, path: str) -> list[str]:
    always = {
        "sessionId",
        "title",
        "startTime",
        "endTime",
        "owner",
        "role",
        "timezone",
        "name",
        "startDate",
        "endDate",
        "username",
        "password",
        "attendees",
        "Type",
        "MessageId",
        "TopicArn",
        "Message",
        "Timestamp",
    }
    optional = {"/api/v1/events": {"timezone"}}.get(path, set())
    if method == "PUT" and path == "/api/v1/events":
        return ["sessionId"]
    return [each for each in BODIES[method, path] if each in always - optional]


@pytest.mark.parametrize("route", WITH_TOKEN, ids=lambda each: f"{each.method} {each.path}")
@pytest.mark.parametrize("bearer", [None, "junk"])
def test_a_body_is_not_read_without_a_valid_token(route: Route, bearer: str | None) -> None:
    path = re.sub(r"[{}]", "", route.path)

    with no_writes():
        response = call(route.method, path, bearer=bearer, raw=b"x" * 1_000_000)

    assert_rejected(response, 401, "UNAUTHORIZED")
