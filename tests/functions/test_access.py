"""Which tokens are valid, and that callers without access learn nothing about a record."""

import base64
import hmac
import json
import re
import time
from collections.abc import Mapping
from typing import Any

import pytest

from infra.local.aws import HS256_SECRET
from infra.routes import ROUTES, Route
from tests.support.api import ApiResponse, call, token
from tests.support.http_contract import contract, operation, response_problems
from tests.support.requests import BODIES
from tests.support.service import (
    User,
    admin,
    book,
    call_api,
    coach,
    dump,
    fresh_id,
    learner,
    no_writes,
    session_body,
)

pytestmark = pytest.mark.usefixtures("service")

HOUR = 3600
ALL_CLAIMS = {
    "sub": "u",
    "roles": ["Admin"],
    "iss": "local",
    "aud": "calendar-service",
    "exp": 4102444800,
}


def unsigned(algorithm: str) -> str:
    return signed({"alg": algorithm, "typ": "JWT"}, ALL_CLAIMS).rpartition(".")[0] + "."


def signed(header: Mapping[str, Any], claims: Mapping[str, Any], digest: str = "sha256") -> str:
    """Return a token with a valid signature, whatever its header."""
    text = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
    signature = hmac.digest(HS256_SECRET.encode(), text.encode(), digest)
    return f"{text}.{encoded(signature)}"


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def without(claim: str) -> str:
    left = {name: value for name, value in ALL_CLAIMS.items() if name != claim}
    return signed({"alg": "HS256"}, left)


BAD_TOKENS: Mapping[str, str] = {
    "expired": token("u", "Admin", exp=int(time.time()) - HOUR),
    "another secret": token("u", "Admin", secret="x" * 40),
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "alg HS256 without a signature": unsigned("HS256"),
    "HS512": signed({"alg": "HS512"}, ALL_CLAIMS, "sha512"),
    "HS256 said to be another": signed({"alg": "RS256"}, ALL_CLAIMS),
    "another token type": signed({"alg": "HS256", "typ": "logout+jwt"}, ALL_CLAIMS),
    "a type that is not a string": signed({"alg": "HS256", "typ": 7}, ALL_CLAIMS),
    "a critical extension": signed({"alg": "HS256", "crit": ["x"], "x": 1}, ALL_CLAIMS),
    "wrong issuer": token("u", "Admin", iss="other"),
    "wrong audience": token("u", "Admin", aud="other"),
    "not yet": token("u", "Admin", nbf=int(time.time()) + HOUR),
    "issued in the future": token("u", "Admin", iat=int(time.time()) + HOUR),
    "no exp": without("exp"),
    "no sub": without("sub"),
    "no iss": without("iss"),
    "no aud": without("aud"),
    "an empty sub": token("", "Admin"),
    "an odd sub": token("../admin", "Admin"),
    "a long sub": token("u" * 65, "Admin"),
    "a boolean sub": token(True, "Admin"),  # noqa: FBT003 - the claim is the point
    "an infinite exp": token("u", "Admin", exp=float("inf")),
    "a textual exp": token("u", "Admin", exp="tomorrow"),
    "garbage": "garbage",
    "three dots": "a.b.c",
    "not ascii": "ä.ö.ü",
    "empty parts": "..",
    "a null header": "bnVsbA.e30.c2ln",
}


ANYTHING = "00000000-0000-4000-8000-000000000000"
PROTECTED = [
    each
    for each in ROUTES
    if each.path in contract()["paths"]
    and operation(each.method, each.path).get("security") is None
]
ONE_OF_EACH_FUNCTION = {each.function: each for each in PROTECTED}


def send(route: Route, bearer: str | None, *, body: Any = None) -> ApiResponse:
    path = re.sub(r"\{\w+\}", ANYTHING, route.path)
    response = call(route.method, path, bearer=bearer, body=body)
    assert response_problems(route.method, route.path, response.status, response.json) == []
    return response


@pytest.mark.parametrize("bad", BAD_TOKENS)
@pytest.mark.parametrize("function", ONE_OF_EACH_FUNCTION)
def test_an_invalid_token_is_rejected(function: str, bad: str) -> None:
    with no_writes():
        response = send(ONE_OF_EACH_FUNCTION[function], BAD_TOKENS[bad])

    assert (response.status, response.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("bad", BAD_TOKENS)
def test_an_optional_token_must_be_valid_if_it_is_sent(bad: str) -> None:
    response = call("GET", "/api/v1/events?date=2026-11-24&userId=1", bearer=BAD_TOKENS[bad])

    assert (response.status, response.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("route", PROTECTED, ids=lambda each: f"{each.method} {each.path}")
def test_an_invalid_request_without_a_token_is_reported_only_as_unauthorized(route: Route) -> None:
    response = send(route, None, body={} if route.method in {"POST", "PUT"} else None)

    assert (response.status, response.code) == (401, "UNAUTHORIZED")


def test_the_scheme_of_the_header_must_be_bearer() -> None:
    assert call("GET", "/api/v1/holidays", bearer="").status == 401


def test_the_case_of_role_names_and_integers_as_sub_do_not_matter() -> None:
    data = call("GET", "/api/v1/availability/roles", bearer=token(77, "aDMIN", "Unknown")).data

    assert data == {"userId": "77", "roles": ["Admin"]}


def attempt(action: str, who: User, body: dict[str, Any]) -> ApiResponse:
    events, ref = "/api/v1/events", {"sessionId": body["sessionId"]}
    return {
        "read": lambda: call_api("GET", f"{events}/{body['sessionId']}", who),
        "change": lambda: call_api("PUT", events, who, body={**ref, "title": "New"}),
        "cancel": lambda: call_api("POST", f"{events}/cancel", who, body=ref),
    }[action]()


def test_a_participant_with_an_admin_token_counts_as_both() -> None:
    boss = admin()
    event = book(boss, boss.id, learner().id)

    assert call_api("GET", f"/api/v1/events/{event['id']}", boss).status == 200


@pytest.mark.parametrize("action", ["read", "change", "cancel"])
def test_another_users_id_looks_like_an_unknown_id(action: str) -> None:
    owner, stranger = coach(), coach()
    body = session_body(owner.id, learner().id)
    call_api("POST", "/api/v1/events", owner, body=body)
    unknown = {**body, "sessionId": fresh_id()}
    before = dump()

    foreign, missing = (attempt(action, stranger, each) for each in (body, unknown))

    assert (foreign.status, missing.status) == (404, 404)
    assert without_ids(foreign, body["sessionId"]) == without_ids(missing, unknown["sessionId"])
    assert before == dump()


@pytest.mark.parametrize("kind", ["holidays", "connections"])
def test_another_users_holiday_or_connection_looks_like_an_unknown_one(kind: str) -> None:
    owner, stranger = coach(), coach()
    made = call_api("POST", "/api/v1/holidays", owner, body=BODIES["POST", "/api/v1/holidays"]).data
    unknown = "00000000-0000-4000-8000-000000000001"

    foreign = call_api("DELETE", f"/api/v1/{kind}/{made['id']}", stranger)
    missing = call_api("DELETE", f"/api/v1/{kind}/{unknown}", stranger)

    assert (foreign.status, missing.status) == (404, 404)
    assert without_ids(foreign, made["id"]) == without_ids(missing, unknown)


def without_ids(response: ApiResponse, identity: str) -> str:
    fields = {name: value for name, value in response.json.items() if name != "requestId"}
    return json.dumps(fields).replace(identity, "<id>")
