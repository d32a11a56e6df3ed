"""Arbitrary requests never cause an internal error, an invalid envelope or a partial write."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.routes import ROUTES, Route
from tests.support.api import ADMIN, COACH, LEARNER, ApiResponse, call
from tests.support.http_contract import response_problems
from tests.support.requests import BODIES, QUERIES
from tests.support.service import User, counting, no_writes

# Thousands of cases over lines that other tests cover; tracing them would double their time.
pytestmark = [pytest.mark.no_cover, pytest.mark.usefixtures("service"), pytest.mark.long]

FUZZER = User("fuzzer", (COACH, LEARNER, ADMIN))
WRITES = {
    # The only operation that writes without any input.
    "/api/v1/welcome-notification/seen": {"UpdateItem"},
}
LIMITS = settings(
    max_examples=20,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TEXT = st.one_of(
    st.text(max_size=30),
    # st.text does not generate lone surrogates.
    st.text(st.characters(categories=["Cs", "Cc", "Ll"]), max_size=5),
    st.sampled_from(["Coach", "UTC", "2026-11-24", "2026-11-24T10:00:00Z", "COACH", "a" * 70]),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    TEXT,
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)


def check_response(route: Route, response: ApiResponse) -> None:
    assert response.status < 500 or response.code == "PROVIDER_NOT_CONFIGURED", response.json
    assert response_problems(route.method, route.path, response.status, response.json) == []


def send(route: Route, query: dict[str, str], body: Any, segment: str) -> ApiResponse:
    path = re.sub(r"\{\w+\}", lambda _: quoted(segment), route.path)
    pairs = "&".join(f"{quoted(name)}={quoted(value)}" for name, value in query.items())
    target = f"{path}?{pairs}" if pairs else path
    return call(route.method, target, bearer=FUZZER.bearer, body=body)


def quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def mutated(given_values: dict[str, Any], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Generate a valid request with some values replaced, removed or added."""
    names = st.sampled_from(sorted(given_values)) if given_values else TEXT
    changes = st.dictionaries(names, values, max_size=3)
    return changes.map(lambda each: {**given_values, **each})


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.mark.parametrize("route", [r for r in ROUTES if (r.method, r.path) in BODIES], ids=named)
@LIMITS
@given(data=st.data())
def test_any_json_body_gets_a_response_of_the_contract(route: Route, data: st.DataObject) -> None:
    good = BODIES[route.method, route.path]
    # Only addresses that the guard rejects are tried as a server, so nothing leaves this machine.
    body = data.draw(JSON | mutated(good, JSON))
    if isinstance(body, dict) and "serverUrl" in good:
        body["serverUrl"] = data.draw(JSON.filter(lambda each: "//" not in str(each)))

    query = QUERIES.get(route.path, {}) if "{" in route.path else {}
    response = send(route, query, body, "x")

    check_response(route, response)
    if response.status >= 400:
        with no_writes(but=counting(route.method, route.path, has_token=True)):
            assert send(route, query, body, "x").status == response.status


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if (r.method, r.path) not in BODIES], ids=named
)
@LIMITS
@given(data=st.data())
def test_any_query_and_path_get_a_response_of_the_contract(
    route: Route, data: st.DataObject
) -> None:
    query = data.draw(
        st.dictionaries(TEXT, TEXT, max_size=4) | mutated(QUERIES.get(route.path, {}), TEXT)
    )
    segment = data.draw(TEXT.filter(lambda each: each and "/" not in each))

    counted = counting(route.method, route.path, has_token=True)
    with no_writes(but=counted.union(WRITES.get(route.path, ()))):
        response = send(route, query, None, segment)

    # A segment may happen to be part of another route, which then serves the request.
    if response.status != 405:
        check_response(route, response)
