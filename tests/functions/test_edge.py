"""The functions of a stack behind CloudFront."""

from collections.abc import Iterator, Mapping

import pytest

from infra.local.aws import create_secrets
from infra.routes import ROUTES
from shared.api.origin import ADDRESS_HEADER, SECRET_HEADER
from tests.support.api import ApiResponse, call
from tests.support.http_contract import error_problems
from tests.support.requests import SETUP
from tests.support.service import coach, fresh_id, installed, no_writes

SECRET = "s3cret"
LIMIT = 2
TARGET = f"{SETUP}?userId=1&role=Coach"
OUTSIDE = "192.0.2.77"


@pytest.fixture(autouse=True, scope="module")
def _edge(environment: Mapping[str, str]) -> Iterator[None]:
    """The functions with the secret of CloudFront, and a low limit per address."""
    name = fresh_id("origin")
    create_secrets(environment, {name: SECRET})
    own = {"ORIGIN_SECRET_ID": name, "PUBLIC_REQUESTS_PER_MINUTE": str(LIMIT)}
    with installed({**environment, **own}):
        yield


def through_cloudfront(viewer: str, *, source_ip: str = OUTSIDE, **more: str) -> ApiResponse:
    headers = {SECRET_HEADER: SECRET, ADDRESS_HEADER: viewer, **more}
    return call("GET", TARGET, source_ip=source_ip, headers=headers)


@pytest.mark.parametrize("route", ROUTES, ids=lambda each: f"{each.method} {each.path}")
def test_no_route_responds_to_requests_that_go_round_cloudfront(route: object) -> None:
    method, path = route.method, route.path.replace("{", "").replace("}", "")  # type: ignore[attr-defined]

    with no_writes():
        responses = [
            call(method, path, bearer=coach().bearer, headers=headers)
            for headers in ({}, {SECRET_HEADER: "guess"}, {SECRET_HEADER: ""})
        ]

    for each in responses:
        assert (each.status, each.code) == (403, "FORBIDDEN")
        assert each.json["message"] == "Call the API at its public address."
        assert error_problems(each.json) == []


def test_the_viewers_address_is_counted_and_not_that_of_cloudfront() -> None:
    # Even if they fall into two minutes of the clock, one of them exceeds LIMIT.
    statuses = [through_cloudfront("198.51.100.1").status for _ in range(2 * LIMIT + 1)]

    assert 429 in statuses
    assert through_cloudfront("198.51.100.2").status == 200


def test_the_address_header_alone_does_not_name_a_viewer(environment: Mapping[str, str]) -> None:
    own = {"ORIGIN_SECRET_ID": "", "PUBLIC_REQUESTS_PER_MINUTE": str(LIMIT)}
    with installed({**environment, **own}):
        statuses = [
            through_cloudfront(f"198.51.100.{10 + n}", source_ip="192.0.2.78").status
            for n in range(2 * LIMIT + 1)
        ]

    assert 429 in statuses


def test_a_secret_that_is_not_ascii_is_rejected() -> None:
    assert call("GET", TARGET, headers={SECRET_HEADER: "sé"}).status == 403
