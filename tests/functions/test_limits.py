"""How often one address may ask the operations that need no token."""

from collections.abc import Iterator, Mapping
from itertools import count, cycle

import pytest

from tests.support.api import Answer, call
from tests.support.contract import answer_problems
from tests.support.requests import CHECK, QUERIES, SETUP
from tests.support.service import coach, installed, no_writes

LIMIT = 3
# However the minutes of the clock lie, these cannot all be in the first LIMIT of one.
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
    with installed({**environment, "PUBLIC_REQUESTS_PER_MINUTE": str(LIMIT)}):
        yield


def fresh_address() -> str:
    return f"198.51.100.{next(_HOSTS)}"


def ask_often(path: str, address: str, bearer: str | None = None) -> list[Answer]:
    return [call("GET", TARGETS[path], source_ip=address, bearer=bearer) for _ in range(TOO_MANY)]


def statuses(answers: list[Answer]) -> set[int]:
    return {each.status for each in answers}


@pytest.mark.parametrize("path", TARGETS)
def test_an_address_that_asks_too_often_is_told_when_it_may_again(path: str) -> None:
    answers = ask_often(path, fresh_address())

    assert {200, 429} == statuses(answers)
    assert [200] * LIMIT == [each.status for each in answers[:LIMIT]]
    refused = next(each for each in answers if each.status == 429)
    assert "TOO_MANY_REQUESTS" == refused.code
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert [] == answer_problems("GET", path, refused.status, refused.json)


def test_all_public_operations_are_counted_together() -> None:
    address, targets = fresh_address(), cycle(TARGETS.values())

    # None of them is asked more than LIMIT times.
    answers = [call("GET", next(targets), source_ip=address) for _ in range(TOO_MANY)]

    assert 429 in statuses(answers)


def test_addresses_are_counted_apart() -> None:
    assert 429 in statuses(ask_often(CHECK, fresh_address()))

    assert 200 == call("GET", TARGETS[CHECK], source_ip=fresh_address()).status


def test_whoever_writes_another_address_into_a_header_is_counted_all_the_same() -> None:
    address = fresh_address()

    answers = [
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

    assert 429 in statuses(answers)


def test_another_address_of_the_same_network_is_no_other_caller() -> None:
    answers = [
        call("GET", TARGETS[SETUP], source_ip=f"2001:db8:0:1::{n:x}") for n in range(TOO_MANY)
    ]

    assert 429 in statuses(answers)


def test_with_a_token_a_day_is_not_counted() -> None:
    with no_writes():
        answers = ask_often("/api/v1/events", fresh_address(), bearer=coach().bearer)

    assert {200} == statuses(answers)


def test_with_a_token_that_does_not_hold_a_day_is_refused_as_ever() -> None:
    assert {401} == statuses(ask_often("/api/v1/events", fresh_address(), bearer="garbage"))


def test_a_token_opens_nothing_where_none_is_asked_for() -> None:
    assert 429 in statuses(ask_often(CHECK, fresh_address(), bearer=coach().bearer))


def test_a_request_that_cannot_be_read_is_refused_before_anything_is_counted() -> None:
    assert set(QUERIES[SETUP]) == {"userId", "role"}
    with no_writes():
        answer = call("GET", SETUP, source_ip=fresh_address())

    assert 400 == answer.status
