"""How often one address may call the operations that need no token."""

from collections.abc import Iterator, Mapping
from itertools import count, cycle

import pytest

from tests.support.api import ApiResponse, call
from tests.support.http_contract import response_problems
from tests.support.requests import CHECK, QUERIES, SETUP
from tests.support.service import coach, installed, no_writes

LIMIT = 3
# Even if they fall into two minutes of the clock, one of them exceeds LIMIT.
TOO_MANY = 2 * LIMIT + 1
TARGETS = {
    "/api/v1/events": "/api/v1/events?date=2026-11-24&userId=1",
    CHECK: f"{CHECK}?userId=1&role=Coach&dateTime=2026-11-24T10:00:00Z",
    SETUP: f"{SETUP}?userId=1&role=Coach",
}
_HOSTS = count(1)

pytestmark = pytest.mark.usefixtures("limited")


@pytest.fixture(scope="module")
def limited(environment: Mapping[str, str]) -> Iterator[None]:
    """The functions with a low limit."""
    low = {"PUBLIC_REQUESTS_PER_MINUTE": str(LIMIT), "CALLBACKS_PER_MINUTE": str(LIMIT)}
    with installed({**environment, **low}):
        yield


def fresh_address() -> str:
    return f"198.51.100.{next(_HOSTS)}"


def call_often(path: str, address: str, bearer: str | None = None) -> list[ApiResponse]:
    return [call("GET", TARGETS[path], source_ip=address, bearer=bearer) for _ in range(TOO_MANY)]


def statuses(responses: list[ApiResponse]) -> set[int]:
    return {each.status for each in responses}


@pytest.mark.parametrize("provider", ["google", "outlook"])
def test_redirects_from_a_provider_are_counted_apart_from_other_requests(provider: str) -> None:
    address, target = fresh_address(), f"/api/v1/auth/{provider}/callback"
    assert 429 in statuses(call_often(SETUP, address))

    responses = [call("GET", target, source_ip=address) for _ in range(TOO_MANY)]

    assert ["INVALID_STATE"] * LIMIT == [each.code for each in responses[:LIMIT]]
    rejected = responses[-1]
    assert (429, "TOO_MANY_REQUESTS") == (rejected.status, rejected.code)
    assert 1 <= int(rejected.headers["Retry-After"]) <= 60
    assert [] == response_problems("GET", target, rejected.status, rejected.json)


@pytest.mark.parametrize("path", TARGETS)
def test_an_address_over_the_limit_gets_a_retry_after_header(path: str) -> None:
    responses = call_often(path, fresh_address())

    assert {200, 429} == statuses(responses)
    assert [200] * LIMIT == [each.status for each in responses[:LIMIT]]
    rejected = next(each for each in responses if each.status == 429)
    assert "TOO_MANY_REQUESTS" == rejected.code
    assert 1 <= int(rejected.headers["Retry-After"]) <= 60
    assert [] == response_problems("GET", path, rejected.status, rejected.json)


def test_all_public_operations_are_counted_together() -> None:
    address, targets = fresh_address(), cycle(TARGETS.values())

    # None of them is called more than LIMIT times.
    responses = [call("GET", next(targets), source_ip=address) for _ in range(TOO_MANY)]

    assert 429 in statuses(responses)


def test_addresses_are_counted_separately() -> None:
    assert 429 in statuses(call_often(CHECK, fresh_address()))

    assert 200 == call("GET", TARGETS[CHECK], source_ip=fresh_address()).status


def test_an_address_in_a_header_does_not_avoid_the_limit() -> None:
    address = fresh_address()

    responses = [
        call(
            "GET",
            TARGETS[SETUP],
            source_ip=address,
            headers={
                "X-Forwarded-For": fresh_address(),
                "Forwarded": f"for={fresh_address()}",
                "X-Real-IP": fresh_address(),
            },
        )
        for _ in range(TOO_MANY)
    ]

    assert 429 in statuses(responses)


def test_addresses_of_the_same_ipv6_site_are_counted_together() -> None:
    responses = [
        call("GET", TARGETS[SETUP], source_ip=f"2001:db8:0:{n:x}::{n:x}") for n in range(TOO_MANY)
    ]

    assert 429 in statuses(responses)


def test_a_day_list_with_a_token_is_not_counted_for_the_address() -> None:
    address = fresh_address()
    assert 429 in statuses(call_often("/api/v1/events", address))

    assert {200} == statuses(call_often("/api/v1/events", address, bearer=coach().bearer))


def test_the_own_day_list_is_not_counted() -> None:
    who, target = coach(), "/api/v1/events?date=2026-11-24"
    with no_writes():
        responses = [
            call("GET", f"{target}{own}", bearer=who.bearer) for own in ("", f"&userId={who.id}")
        ]

    assert {200} == statuses(responses)


def test_a_day_list_with_an_invalid_token_is_rejected() -> None:
    assert {401} == statuses(call_often("/api/v1/events", fresh_address(), bearer="garbage"))


def test_a_token_does_not_avoid_the_limit_on_public_routes() -> None:
    assert 429 in statuses(call_often(CHECK, fresh_address(), bearer=coach().bearer))


def test_an_invalid_request_is_rejected_before_it_is_counted() -> None:
    assert set(QUERIES[SETUP]) == {"userId", "role"}
    with no_writes():
        response = call("GET", SETUP, source_ip=fresh_address())

    assert 400 == response.status
