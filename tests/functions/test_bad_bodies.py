"""A body that cannot be parsed is rejected, and nothing is written."""

import pytest

from tests.support.rejected_requests import assert_rejected, send
from tests.support.requests import BODIES

pytestmark = pytest.mark.usefixtures("service")

NEED_NO_BODY = {"/api/v1/events/{eventId}/resend-invites"}
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
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"{}{}",
    b"{'sessionId': 'x'}",
]


@pytest.mark.parametrize(("method", "path"), BODIES)
@pytest.mark.parametrize("raw", JUNK, ids=range(len(JUNK)))
def test_a_body_that_is_not_a_json_object_is_rejected(method: str, path: str, raw: bytes) -> None:
    if raw or path not in NEED_NO_BODY:
        assert_rejected(send(method, path, raw=raw))


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_a_body_over_a_mebibyte_is_too_large(method: str, path: str) -> None:
    body = {**BODIES[method, path], "ignored": "x" * 1024 * 1024}

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
