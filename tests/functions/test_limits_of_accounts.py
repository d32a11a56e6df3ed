"""How many calendar accounts one user may connect, and how many may wait for consent."""

from collections.abc import Iterator

import pytest

from tests.support.api import ApiResponse
from tests.support.consent import consent
from tests.support.oauth_flows import (
    OAuthSimulators,
    authorization_url,
    connect,
    follow_callback,
    with_oauth_simulators,
)
from tests.support.service import User, call_api, coach


@pytest.fixture(scope="module")
def limited(ministack_url: str) -> Iterator[OAuthSimulators]:
    """The functions with simulators of Google and Microsoft, and low limits."""
    limits = {"CONNECTIONS_PER_USER": "2", "OPEN_OAUTH_STATES_PER_USER": "2"}
    with with_oauth_simulators(ministack_url, **limits) as simulators:
        yield simulators


def start(who: User, provider: str = "google") -> ApiResponse:
    return call_api("GET", f"/api/v1/auth/{provider}", who)


def reject(response: ApiResponse, *, within: int) -> None:
    assert (429, "TOO_MANY_REQUESTS") == (response.status, response.code)
    assert 1 <= int(response.headers["Retry-After"]) <= within


def test_connections_are_limited_per_user_and_reconnecting_is_not(
    limited: OAuthSimulators,
) -> None:
    who = coach()
    emails = [limited.new_google_account() for _ in range(3)]
    first, second, third = (connect(who, "google", each) for each in emails)

    assert [200, 200] == [first.status, second.status]
    reject(third, within=3600)
    assert connect(who, "google", emails[0]).status == 200
    assert call_api("DELETE", f"/api/v1/connections/{first.data['id']}", who).status == 200
    assert connect(who, "google", emails[2]).status == 200


def test_open_authorizations_are_limited_per_user_until_they_are_finished(
    limited: OAuthSimulators,
) -> None:
    who = coach()
    url = authorization_url(who, "google")
    assert start(who, "outlook").status == 200

    reject(start(who), within=600)

    assert start(coach()).status == 200
    assert follow_callback(consent(url, email=limited.new_google_account())).status == 200
    assert start(who).status == 200
