"""Arbitrary requests at every route: never our fault, always an envelope, never half a write."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.routes import ROUTES, Route
from tests.support.api import ADMIN, COACH, LEARNER, Answer, call
from tests.support.contract import answer_problems
from tests.support.requests import BODIES, QUERIES
from tests.support.service import User, counting, no_writes

# Thousands of cases over lines that plain tests cover already; tracing them doubles their time.
pytestmark = [pytest.mark.no_cover, pytest.mark.usefixtures("service")]

FUZZER = User("fuzzer", (COACH, LEARNER, ADMIN))
WRITES = {
    # Taking a state that was never there is one request: the deletion of nothing.
    "/api/v1/auth/google/callback": {"DeleteItem"},
    "/api/v1/auth/outlook/callback": {"DeleteItem"},
    # The one operation that writes and takes nothing.
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
    # What st.text leaves out: halves of surrogate pairs.
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


def is_fine(route: Route, answer: Answer) -> None:
    assert answer.status < 500 or answer.code == "PROVIDER_NOT_CONFIGURED", answer.json
    assert answer_problems(route.method, route.path, answer.status, answer.json) == []


def send(route: Route, query: dict[str, str], body: Any, segment: str) -> Answer:
    path = re.sub(r"\{\w+\}", lambda _: quoted(segment), route.path)
    pairs = "&".join(f"{quoted(name)}={quoted(value)}" for name, value in query.items())
    target = f"{path}?{pairs}" if pairs else path
    return call(route.method, target, bearer=FUZZER.bearer, body=body)


def quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def spoiled(given_values: dict[str, Any], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A good request with some values replaced, left out or added."""
    names = st.sampled_from(sorted(given_values)) if given_values else TEXT
    changes = st.dictionaries(names, values, max_size=3)
    return changes.map(lambda each: {**given_values, **each})


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.mark.parametrize("route", [r for r in ROUTES if (r.method, r.path) in BODIES], ids=named)
@LIMITS
@given(data=st.data())
def test_any_json_gets_an_answer_of_the_contract(route: Route, data: st.DataObject) -> None:
    good = BODIES[route.method, route.path]
    # No text leads off this machine: only addresses the guard refuses are tried as a server.
    body = data.draw(JSON | spoiled(good, JSON))
    if isinstance(body, dict) and "serverUrl" in good:
        body["serverUrl"] = data.draw(JSON.filter(lambda each: "//" not in str(each)))

    query = QUERIES.get(route.path, {}) if "{" in route.path else {}
    answer = send(route, query, body, "x")

    is_fine(route, answer)
    if answer.status >= 400:
        with no_writes():
            assert send(route, query, body, "x").status == answer.status


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if (r.method, r.path) not in BODIES], ids=named
)
@LIMITS
@given(data=st.data())
def test_any_query_and_path_get_an_answer_of_the_contract(
    route: Route, data: st.DataObject
) -> None:
    query = data.draw(
        st.dictionaries(TEXT, TEXT, max_size=4) | spoiled(QUERIES.get(route.path, {}), TEXT)
    )
    segment = data.draw(TEXT.filter(lambda each: each and "/" not in each))

    counted = counting(route.method, route.path, has_token=True)
    with no_writes(but=counted.union(WRITES.get(route.path, ()))):
        answer = send(route, query, None, segment)

    # A segment that spells another route's is answered by that route.
    if answer.status != 405:
        is_fine(route, answer)
