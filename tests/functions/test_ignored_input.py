"""Unexpected input is ignored, and rejected requests change nothing."""

import json
from typing import Any

import pytest

from infra.routes import ROUTES, Route
from tests.support.http_contract import codes
from tests.support.rejected_requests import assert_rejected, send, user_with_every_role
from tests.support.requests import (
    BODIES,
    QUERIES,
)
from tests.support.service import (
    book,
    call_api,
    coach,
    dump,
    fresh_id,
    learner,
    session_body,
)

pytestmark = pytest.mark.usefixtures("service")


def test_the_number_of_reported_problems_is_limited() -> None:
    week: dict[str, list[Any]] = {f"{'x' * 1000}{n}": [] for n in range(60)}

    response = send(
        "PUT",
        "/api/v1/availability",
        {**BODIES["PUT", "/api/v1/availability"], "availability": week},
    )

    assert_rejected(response)
    assert len(json.dumps(response.json)) < 10_000


def test_an_unknown_weekday_is_reported_whatever_its_name() -> None:
    for name in ("\ud800", "\x00", "", "a\r\nb"):
        body = {"role": "Coach", "timezone": "UTC", "availability": {name: []}}

        assert_rejected(send("PUT", "/api/v1/availability", body))


def test_server_owned_and_unknown_fields_are_ignored() -> None:
    who, other = coach(), learner()
    owned = {
        "id": "mine",
        "status": "CANCELLED",
        "version": 9,
        "sequence": 9,
        "createdAt": "2000-01-01T00:00:00Z",
        "updatedAt": "2000-01-01T00:00:00Z",
        "sync": [{"state": "SYNCED"}],
        "warnings": ["x"],
        "request_digest": "x",
        "requestDigest": "x",
        "participants": ["x"],
        "__class__": "x",
    }
    event = book(who, who.id, other.id, **owned)

    changed = call_api(
        "PUT", "/api/v1/events", who, body={**owned, "sessionId": event["id"], "title": "New"}
    ).data

    assert (
        event["status"],
        event["version"],
        event["createdAt"],
    ) == ("SCHEDULED", 1, "2026-11-23T08:00:00Z")
    assert {**event, "title": "New", "version": 2} == changed


def test_a_holidays_id_and_owner_are_set_by_the_server() -> None:
    who, other = coach(), coach()
    body = {**BODIES["POST", "/api/v1/holidays"], "id": "mine"}

    made = call_api("POST", "/api/v1/holidays", who, body=body).data
    of_other = call_api("POST", "/api/v1/holidays", who, body={**body, "userId": other.id})

    assert made["id"] != "mine"
    assert of_other.status == 403
    assert call_api("GET", "/api/v1/holidays", other).data == []


def test_rejected_requests_do_not_change_either_table() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)
    before = dump()

    responses = [
        call_api("POST", "/api/v1/events", other, body=session_body(who.id, other.id)),
        call_api("POST", "/api/v1/events", who, body=session_body(who.id, fresh_id())),
        call_api("PUT", "/api/v1/events", coach(), body={"sessionId": event["id"], "title": "x"}),
        call_api("POST", "/api/v1/events/cancel", coach(), body={"sessionId": event["id"]}),
        call_api("POST", "/api/v1/events/approve", who, body={"sessionId": event["id"]}),
        call_api(
            "PUT", "/api/v1/availability/timezone", who, body={"role": "Admin", "timezone": "UTC"}
        ),
        call_api("DELETE", "/api/v1/holidays/00000000-0000-4000-8000-000000000000", who),
        call_api("DELETE", "/api/v1/connections/00000000-0000-4000-8000-000000000000", who),
        call_api("GET", "/api/v1/auth/google", who),
    ]

    assert [each.status for each in responses] == [403, 409, 404, 404, 403, 403, 404, 404, 503]
    assert {each.code for each in responses} <= codes()
    assert before == dump()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_an_unexpected_body_is_ignored(route: Route) -> None:
    if (route.method, route.path) in BODIES or route.path in QUERIES:
        response = call_api(route.method, route.path, user_with_every_role(), body={"surplus": 1})
        assert response.status in {400, 404}
    elif "{" not in route.path:
        response = call_api(route.method, route.path, user_with_every_role(), body=[1])
        assert response.status == 200
