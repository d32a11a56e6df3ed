"""OAUTH_BINDING=off: any browser finishes connecting, as older front ends need."""

from collections.abc import Iterator

import pytest

from tests.support.consent import consent
from tests.support.cookie_jar import CookieJar
from tests.support.oauth_flows import (
    BOTH,
    PAGE,
    OAuthSimulators,
    connections_of,
    follow_callback,
    with_oauth_simulators,
)
from tests.support.service import call_api, coach


@pytest.fixture(scope="module")
def unbound(ministack_url: str) -> Iterator[OAuthSimulators]:
    """The functions without the binding."""
    with with_oauth_simulators(ministack_url, OAUTH_BINDING="off") as simulators:
        yield simulators


@pytest.mark.usefixtures("unbound")
@pytest.mark.parametrize("provider", BOTH)
@pytest.mark.parametrize("page", [None, PAGE])
def test_any_browser_finishes_once_and_no_cookie_is_set(provider: str, page: str | None) -> None:
    who, query = coach(), {"redirectUri": page} if page else None
    start = call_api("GET", f"/api/v1/auth/{provider}", who, query=query)
    location = consent(start.data["authorizationUrl"])

    response = follow_callback(location, browser=CookieJar())

    assert () == start.cookies == response.cookies
    assert 1 == len(connections_of(who))
    assert page is None or "status=connected" in response.headers["Location"]
    assert "INVALID_STATE" == follow_callback(location, browser=CookieJar()).code
