"""Query parameters and fields by name: unknown ones, other spellings, and what is ignored."""

from typing import Any
from urllib.parse import urlencode

import pytest

from infra.routes import ROUTES, Route
from tests.support.api import ApiResponse, call
from tests.support.rejected_requests import assert_rejected, send, user_with_every_role
from tests.support.requests import BODIES, EVENT, MONTH, MONTH_ADMIN, QUERIES, SLOTS_ADMIN
from tests.support.service import admin, book, call_api, coach, learner, no_writes

pytestmark = pytest.mark.usefixtures("service")

CALLBACKS = {each.path for each in ROUTES if each.path.endswith("/callback")}
STRICT = [each for each in ROUTES if each.path not in CALLBACKS]


def asked(route: Route, extra: str, bearer: str | None = None) -> ApiResponse:
    query = urlencode(QUERIES.get(route.path, {}) if route.method == "GET" else {})
    path = route.path.replace("{provider}", "google").replace("{", "").replace("}", "")
    body = BODIES.get((route.method, route.path))
    return call(route.method, f"{path}?{query}&{extra}", bearer=bearer, body=body)


def problems(response: ApiResponse) -> dict[str, str]:
    return {each["field"]: each["message"] for each in response.json["error"]["details"]}


@pytest.mark.parametrize("route", STRICT, ids=lambda each: f"{each.method} {each.path}")
def test_an_unknown_parameter_is_rejected_everywhere(route: Route) -> None:
    with no_writes():
        response = asked(route, "learnerid=x", user_with_every_role().bearer)

    assert_rejected(response)
    assert "learnerid" in problems(response)


def test_the_names_that_exist_are_listed() -> None:
    response = call_api(
        "GET", MONTH, coach(), query={**QUERIES[MONTH], "learner_id": "x", "timeZone": "Asia/Tokyo"}
    )

    names = "coachId, duration, learnerId, month, reschedule, role, sessionId, timezone, year"
    message = f"is not a parameter; the parameters are {names}"
    assert {"learner_id": message, "timeZone": message} == problems(response)
    none = problems(call_api("GET", "/health", query={"at": "1"}))
    assert {"at": "is not a parameter; there are none"} == none


def test_without_a_token_no_parameter_is_reported() -> None:
    assert call("GET", "/api/v1/availability?x=1").status == 401


def test_an_unknown_path_is_not_found_whatever_its_query() -> None:
    assert call("GET", "/nowhere?x=1").status == 404
    assert call("PATCH", "/api/v1/events?x=1").status == 405


def test_a_cache_buster_is_ignored() -> None:
    assert call_api("GET", "/health", query={"_": "1761955200000"}).status == 200
    assert call_api("GET", MONTH, admin(), query={**QUERIES[MONTH], "_": ""}).status == 200


@pytest.mark.parametrize("path", sorted(CALLBACKS))
def test_a_callback_ignores_what_a_provider_adds(path: str) -> None:
    added = {"scope": "email", "authuser": "0", "prompt": "consent", "session_state": "x"}

    response = call_api("GET", path, query={"code": "c", "state": "s", **added})

    assert response.code == "INVALID_STATE"


@pytest.mark.parametrize("path", [SLOTS_ADMIN, MONTH_ADMIN])
@pytest.mark.parametrize(
    ("query", "basis"),
    [
        ("coachIds[]=a&coachIds[]=b&learnerIds[]=c", "learner"),
        ("coachIds%5B%5D=a&learnerIds=c", "intersection"),
        ("coachIds[]=a&coachIds=a&learnerIds=c", "intersection"),
        ("coachId[]=a&learnerIds[]=c,d", "coach"),
        ("coachIds=a&coachIds=b&learnerIds=c", "learner"),
        ("coachIds=a%2Cb&learnerIds=c", "learner"),
        ("coachIds=&learnerIds=c", "learner"),
        ("coachIds=7&learnerIds=007", "intersection"),
    ],
)
def test_a_list_may_be_written_with_brackets(path: str, query: str, basis: str) -> None:
    others = {k: v for k, v in QUERIES[path].items() if not k.endswith("Ids")}

    response = call("GET", f"{path}?{urlencode(others)}&{query}", bearer=admin().bearer)

    assert basis == response.data["basis"]


@pytest.mark.parametrize("extra", ["date[]=2026-11-25", "coachIds[0]=a", "[]=a", "coachId[=a"])
def test_other_brackets_and_repeated_values_are_rejected(extra: str) -> None:
    query = urlencode(QUERIES[SLOTS_ADMIN])

    assert_rejected(call("GET", f"{SLOTS_ADMIN}?{query}&{extra}", bearer=admin().bearer))


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("coachIds", "coachId"),
        ("learnerIds", "learnerId"),
        ("learnerID", "learnerId"),
        ("learner_id", "learnerId"),
        ("coachId[]", "coachId"),
        ("start_time", "startTime"),
        ("timeZone", "timezone"),
        ("contact", "contacts"),
    ],
)
def test_a_field_in_another_spelling_is_rejected_with_the_right_name(
    method: str, name: str, field: str
) -> None:
    body = {**EVENT, "sessionId": "bad-1"}

    for content in (body, {key: each for key, each in body.items() if key != field}):
        response = send(method, "/api/v1/events", {**content, name: content.get(field, ["x"])})

        assert_rejected(response)
        assert {name: f"is not a field; use {field}"} == problems(response)


def test_a_field_in_another_spelling_is_rejected_inside_a_list_too() -> None:
    contact = {"user_id": "bad-coach", "email": "ada@example.org"}

    response = send("POST", "/api/v1/events", {**EVENT, "contacts": [contact]})

    assert_rejected(response)
    assert {"contacts.0.user_id": "is not a field; use userId"} == problems(response)


def test_the_whole_event_of_a_response_can_be_sent_back() -> None:
    who, other = coach(), learner()
    event: dict[str, Any] = book(who, who.id, other.id)

    response = call_api("PUT", "/api/v1/events", who, body=event)

    assert (200, event["version"]) == (response.status, response.data["version"])
