"""OAuth callbacks that connect no calendar, and their errors."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.consent import consent
from tests.support.oauth_flows import (
    BOTH,
    OWN_BROWSER,
    PAGE,
    TOKEN_PATH,
    OAuthSimulators,
    at,
    authorization_url,
    connect,
    connections_of,
    dump_but,
    follow_callback,
    is_private,
    query_of,
    with_rotated_client_secret,
)
from tests.support.service import NOW, coach, learner

pytestmark = pytest.mark.long

CALENDAR_PATH = {"google": "/calendar/*", "outlook": "/v1.0/me/calendar"}


class TestState:
    """Every invalid state gets the same error and connects nothing."""

    @pytest.mark.parametrize("provider", BOTH)
    @pytest.mark.parametrize("state", [None, "", "unknown", "ä", "x" * 4096])
    def test_a_missing_or_unknown_state_is_rejected(
        self, simulators: OAuthSimulators, provider: str, state: str | None
    ) -> None:
        location = consent(authorization_url(coach(), provider))

        self.rejected_callback(simulators, provider, location, state=state)

    @pytest.mark.parametrize("provider", BOTH)
    def test_a_state_that_was_used_before_is_rejected(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        location = consent(authorization_url(coach(), provider))
        assert 200 == follow_callback(location).status
        simulators.of(provider).requests.clear()

        self.rejected_callback(simulators, provider, location)

    @pytest.mark.parametrize("provider", BOTH)
    def test_a_state_that_ended_in_a_refusal_is_rejected(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        location = consent(authorization_url(coach(), provider))
        assert "ACCESS_DENIED" == follow_callback(location, error="access_denied").code

        self.rejected_callback(simulators, provider, location)

    @pytest.mark.parametrize("provider", BOTH)
    def test_a_state_that_is_ten_minutes_old_is_rejected(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        location = consent(authorization_url(coach(), provider))

        with at(NOW + timedelta(minutes=10)):
            self.rejected_callback(simulators, provider, location)

    @pytest.mark.parametrize("provider", BOTH)
    def test_a_slightly_younger_state_is_accepted(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        del simulators
        location = consent(authorization_url(coach(), provider))

        with at(NOW + timedelta(minutes=10, microseconds=-1)):
            assert 200 == follow_callback(location).status

    @pytest.mark.parametrize(("start", "end"), [("google", "outlook"), ("outlook", "google")])
    def test_a_state_of_the_other_provider_is_rejected(
        self, simulators: OAuthSimulators, start: str, end: str
    ) -> None:
        who = coach()
        location = consent(authorization_url(who, start))

        self.rejected_callback(
            simulators, start, location.replace(f"/auth/{start}/", f"/auth/{end}/")
        )

        assert [] == simulators.requests_to(end, TOKEN_PATH[end])
        assert "INVALID_STATE" == follow_callback(location).code
        assert [] == connections_of(who)

    @pytest.mark.parametrize("provider", BOTH)
    def test_a_rejected_state_does_not_redirect_to_its_return_address(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        location = consent(authorization_url(coach(), provider, return_to=PAGE))
        assert 302 == follow_callback(location).status
        simulators.of(provider).requests.clear()

        self.rejected_callback(simulators, provider, location)

    def rejected_callback(
        self, simulators: OAuthSimulators, provider: str, location: str, **changes: str | None
    ) -> None:
        before = dump_but("state#")

        response = follow_callback(location, browser=OWN_BROWSER, **changes)

        assert (400, "INVALID_STATE") == (response.status, response.code)
        assert is_private(response.headers)
        assert [] == simulators.requests_to(provider, TOKEN_PATH[provider])
        assert before == dump_but("state#")


@pytest.mark.parametrize("provider", BOTH)
def test_a_connection_belongs_to_the_user_who_started_connecting(
    simulators: OAuthSimulators, provider: str
) -> None:
    """A code from one flow with the state of another connects nothing."""
    victim, attacker = coach(), learner()
    of_victim, of_attacker = (
        consent(authorization_url(each, provider)) for each in (victim, attacker)
    )

    response = follow_callback(of_victim, code=query_of(of_attacker)["code"])

    assert (400, "CODE_REJECTED") == (response.status, response.code)
    assert ([], []) == (connections_of(victim), connections_of(attacker))
    assert 1 == len(simulators.requests_to(provider, TOKEN_PATH[provider]))


@pytest.mark.parametrize("provider", BOTH)
def test_a_user_who_declines_gets_access_denied(simulators: OAuthSimulators, provider: str) -> None:
    who = coach()

    response = connect(who, provider, allow=False)

    assert (400, "ACCESS_DENIED") == (response.status, response.code)
    assert is_private(response.headers)
    assert [] == connections_of(who)
    assert [] == simulators.requests_to(provider, TOKEN_PATH[provider])


def test_a_user_who_deselects_the_calendar_scope_is_not_connected(
    simulators: OAuthSimulators,
) -> None:
    who = coach()

    response = connect(who, "google", untick=["calendar.events.owned"])

    assert (400, "ACCESS_DENIED") == (response.status, response.code)
    assert "calendar" in response.json["message"]
    assert [] == connections_of(who)
    assert [] == simulators.google.api.mails


@pytest.mark.usefixtures("simulators")
@pytest.mark.parametrize("provider", BOTH)
@pytest.mark.parametrize("code", ["made-up", "", None])
def test_a_code_that_the_provider_did_not_issue_is_rejected(
    provider: str, code: str | None
) -> None:
    who = coach()

    response = follow_callback(consent(authorization_url(who, provider)), code=code)

    assert (400, "CODE_REJECTED") == (response.status, response.code)
    assert is_private(response.headers)
    assert [] == connections_of(who)


@pytest.mark.parametrize("provider", BOTH)
@pytest.mark.parametrize("broken", [TOKEN_PATH, CALENDAR_PATH], ids=["tokens", "calendar"])
@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"kind": "drop_after"}, {"kind": "html"}], ids=str
)
def test_a_provider_that_fails_is_unreachable_and_nothing_is_stored(
    simulators: OAuthSimulators, provider: str, broken: dict[str, str], fault: dict[str, Any]
) -> None:
    who = coach()
    location = consent(authorization_url(who, provider))
    simulators.of(provider).break_next(fault, path=f"*{broken[provider]}", times=9)

    response = follow_callback(location)

    assert (502, "PROVIDER_UNREACHABLE") == (response.status, response.code)
    assert is_private(response.headers)
    assert [] == connections_of(who)


@pytest.mark.parametrize("provider", BOTH)
def test_a_wrong_client_secret_is_not_reported_as_the_users_error(
    simulators: OAuthSimulators, provider: str
) -> None:
    who = coach()

    with with_rotated_client_secret(simulators, provider):
        response = connect(who, provider)

    assert (502, "PROVIDER_UNREACHABLE") == (response.status, response.code)
    assert [] == connections_of(who)
