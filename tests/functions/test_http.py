"""HEAD, the id of a request, and what a response without a valid token says."""

import json
from http import HTTPStatus

import pytest

from infra.routes import ROUTES, Route
from tests.support.api import ApiResponse, call, token
from tests.support.rejected_requests import user_with_every_role
from tests.support.requests import QUERIES
from tests.support.service import book, call_api, coach, learner

pytestmark = pytest.mark.usefixtures("service")

READ = [
    each
    for each in ROUTES
    if each.method == "GET" and "{" not in each.path and not each.path.endswith("/callback")
]


def asked(method: str, route: Route) -> ApiResponse:
    query = QUERIES.get(route.path, {})
    return call_api(method, route.path, user_with_every_role(), query=query)


@pytest.mark.parametrize("route", READ, ids=lambda each: each.path)
def test_head_gets_the_status_and_the_headers_of_get(route: Route) -> None:
    get, head = asked("GET", route), asked("HEAD", route)

    assert (get.status, get.lasting_headers) == (head.status, head.lasting_headers)


def test_head_finds_an_event_as_get_does() -> None:
    who, other = coach(), learner()
    path = f"/api/v1/events/{book(who, who.id, other.id)['id']}"

    statuses = [call_api("HEAD", path, each).status for each in (who, coach(), None)]

    assert [200, 404, 401] == statuses


def test_head_is_not_supported_where_get_is_not() -> None:
    response = call("HEAD", "/api/v1/ses/notifications")

    assert (405, "POST") == (response.status, response.headers["Allow"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("GET", "/docs", 200),
        ("GET", "/api/v1/availability", 200),
        ("GET", "/api/v1/events/unknown", 404),
        ("POST", "/api/v1/events", 400),
        ("PATCH", "/api/v1/events", 405),
        ("GET", "/nowhere", 404),
    ],
)
def test_every_response_has_the_id_of_its_request(method: str, path: str, status: int) -> None:
    first, second = (call_api(method, path, coach()) for _ in range(2))

    assert (status, status) == (first.status, second.status)
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    for each in (first, second):
        if status >= HTTPStatus.BAD_REQUEST:
            assert each.json["requestId"] == each.headers["X-Request-Id"]


def test_a_document_that_is_not_sent_again_has_the_id_too() -> None:
    etag = call("GET", "/api/v1/openapi.json").headers["ETag"]

    response = call("GET", "/api/v1/openapi.json", headers={"If-None-Match": etag})

    assert (304, True) == (response.status, "X-Request-Id" in response.headers)


EXPIRED = token("1", "Coach", exp=1_700_000_000)
CHALLENGE = 'Bearer error="invalid_token", error_description="The token {}"'


@pytest.mark.parametrize(
    ("authorization", "reason", "challenge"),
    [
        (None, "missing", "Bearer"),
        ("", "missing", "Bearer"),
        ("Bearer ", "missing", "Bearer"),
        ("Basic YTpi", "missing", "Bearer"),
        ("Bearer x", "invalid_token", CHALLENGE.format("is not valid")),
        (f"Bearer {token('1', aud='x')}", "invalid_token", CHALLENGE.format("is not valid")),
        (f"Bearer {token('a b')}", "invalid_token", CHALLENGE.format("is not valid")),
        (f"Bearer {EXPIRED}", "expired", CHALLENGE.format("has expired")),
        (f"Bearer {EXPIRED}x", "invalid_token", CHALLENGE.format("is not valid")),
    ],
)
def test_a_missing_an_invalid_and_an_expired_token_are_told_apart(
    authorization: str | None, reason: str, challenge: str
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    response = call("GET", "/api/v1/availability", headers=headers)

    assert {"code": "UNAUTHORIZED", "reason": reason} == response.json["error"]
    assert challenge == response.headers["WWW-Authenticate"]
    assert ("expired" in json.dumps(response.json)) == (reason == "expired")


def test_a_location_and_a_reason_keep_their_lines() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id, location="12 High Street\r\nLondon")
    body = {"sessionId": event["id"], "reason": "I am ill.\n\nSorry!"}

    cancelled = call_api("POST", "/api/v1/events/cancel", who, body=body).data

    assert "12 High Street\nLondon" == cancelled["location"]
    assert "I am ill.\n\nSorry!" == cancelled["reason"]
