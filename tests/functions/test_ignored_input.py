"""What nobody asked for is ignored, and what is refused leaves everything as it was."""

import json
from typing import Any

import pytest

from infra.routes import ROUTES, Route
from tests.support.contract import codes
from tests.support.refusals import everybody, refused, sent
from tests.support.requests import (
    BODIES,
    QUERIES,
)
from tests.support.service import (
    ask,
    book,
    coach,
    dump,
    fresh_id,
    learner,
    session_body,
)

pytestmark = pytest.mark.usefixtures("service")


def test_problems_are_told_up_to_a_bound() -> None:
    week: dict[str, list[Any]] = {f"{'x' * 1000}{n}": [] for n in range(500)}

    answer = sent(
        "PUT",
        "/api/v1/availability",
        {**BODIES["PUT", "/api/v1/availability"], "availability": week},
    )

    refused(answer)
    assert len(json.dumps(answer.json)) < 10_000


def test_the_name_of_an_unknown_weekday_may_be_anything() -> None:
    for name in ("\ud800", "\x00", "", "a\r\nb"):
        body = {"role": "Coach", "timezone": "UTC", "availability": {name: []}}

        refused(sent("PUT", "/api/v1/availability", body))


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
        "start_time": "2000-01-01T00:00:00Z",
        "__class__": "x",
    }
    event = book(who, who.id, other.id, **owned)

    changed = ask(
        "PUT", "/api/v1/events", who, body={**owned, "sessionId": event["id"], "title": "New"}
    ).data

    assert (
        event["status"],
        event["version"],
        event["createdAt"],
    ) == ("SCHEDULED", 1, "2026-11-23T08:00:00Z")
    assert {**event, "title": "New", "version": 2} == changed


def test_a_holidays_id_and_owner_are_the_servers() -> None:
    who, other = coach(), coach()
    body = {**BODIES["POST", "/api/v1/holidays"], "id": "mine", "userId": other.id}

    made = ask("POST", "/api/v1/holidays", who, body=body).data

    assert made["id"] != "mine"
    assert ask("GET", "/api/v1/holidays", other).data == []


def test_refusals_leave_both_tables_as_they_were() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)
    before = dump()

    answers = [
        ask("POST", "/api/v1/events", other, body=session_body(who.id, other.id)),
        ask("POST", "/api/v1/events", who, body=session_body(who.id, fresh_id())),
        ask("PUT", "/api/v1/events", coach(), body={"sessionId": event["id"], "title": "x"}),
        ask("POST", "/api/v1/events/cancel", coach(), body={"sessionId": event["id"]}),
        ask("POST", "/api/v1/events/approve", who, body={"sessionId": event["id"]}),
        ask("PUT", "/api/v1/availability/timezone", who, body={"role": "Admin", "timezone": "UTC"}),
        ask("DELETE", "/api/v1/holidays/00000000-0000-4000-8000-000000000000", who),
        ask("DELETE", "/api/v1/connections/00000000-0000-4000-8000-000000000000", who),
        ask("GET", "/api/v1/auth/google", who),
    ]

    assert [each.status for each in answers] == [403, 409, 404, 404, 403, 403, 404, 404, 503]
    assert {each.code for each in answers} <= codes()
    assert before == dump()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_body_and_a_query_nobody_asked_for_are_ignored(route: Route) -> None:
    if (route.method, route.path) in BODIES or route.path in QUERIES:
        query, body = {"surplus": "1"}, {"surplus": 1}
        answer = ask(route.method, route.path, everybody(), query=query, body=body)
        assert answer.status in {400, 404}
    elif "{" not in route.path:
        answer = ask(route.method, route.path, everybody(), query={"x": ""}, body=[1])
        assert answer.status == 200
