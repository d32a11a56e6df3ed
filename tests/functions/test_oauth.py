"""Connecting Google and Outlook calendars through the OAuth flow."""

import base64
import hashlib
from typing import Any

import pytest

from tests.support.consent import consent
from tests.support.oauth_flows import (
    BOTH,
    GOOGLE_EMAIL,
    PAGE,
    PERSONAL_EMAIL,
    PUBLIC_BASE_URL,
    TOKEN_PATH,
    WORK_EMAIL,
    OAuthSimulators,
    authorization_url,
    connect,
    connections_of,
    day_sources,
    follow_callback,
    is_private,
    query_of,
)
from tests.support.service import call_api, coach, dump

pytestmark = pytest.mark.long


@pytest.mark.usefixtures("simulators")
class TestAuthorizationUrl:
    @pytest.mark.parametrize("provider", BOTH)
    def test_the_authorization_url_has_a_pkce_challenge_a_state_and_a_redirect(
        self, provider: str
    ) -> None:
        response = call_api("GET", f"/api/v1/auth/{provider}", coach())

        parameters = query_of(response.data["authorizationUrl"])
        assert "2026-11-23T08:10:00Z" == response.data["expiresAt"]
        assert f"{PUBLIC_BASE_URL}/api/v1/auth/{provider}/callback" == parameters["redirect_uri"]
        assert ("code", "S256") == (
            parameters["response_type"],
            parameters["code_challenge_method"],
        )
        assert 43 == len(parameters["code_challenge"]) == len(parameters["state"])
        assert is_private(response.headers)

    def test_google_gets_the_minimal_scopes_with_offline_access_and_consent(self) -> None:
        parameters = query_of(authorization_url(coach(), "google"))

        calendar = "https://www.googleapis.com/auth/calendar.events.owned"
        assert {"openid", "email", calendar} == set(parameters["scope"].split())
        assert ("offline", "consent") == (parameters["access_type"], parameters["prompt"])

    def test_microsoft_gets_the_minimal_scopes_with_offline_access(self) -> None:
        parameters = query_of(authorization_url(coach(), "outlook"))

        sign_in_scopes = {"openid", "profile", "email", "offline_access"}
        calendar = {"Calendars.ReadWrite", "MailboxSettings.Read"}
        assert sign_in_scopes | calendar == set(parameters["scope"].split())

    def test_state_and_challenge_are_never_reused(self) -> None:
        who = coach()
        first, second = (query_of(authorization_url(who, "google")) for _ in range(2))

        assert not {first[each] for each in ("state", "nonce", "code_challenge")} & {
            second[each] for each in ("state", "nonce", "code_challenge")
        }

    @pytest.mark.parametrize("provider", [*BOTH, "apple"])
    @pytest.mark.parametrize(
        "address",
        [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "https:evil.example",
            f"{PAGE}x",
            PAGE.replace("app.example", "app.example.evil.example"),
            PAGE.replace("https", "http"),
            PAGE.upper(),
            "",
        ],
    )
    def test_a_page_not_on_the_allow_list_is_rejected(self, provider: str, address: str) -> None:
        before = dump()

        response = call_api(
            "GET", f"/api/v1/auth/{provider}", coach(), query={"redirectUri": address}
        )

        assert (400, "VALIDATION_ERROR") == (response.status, response.code)
        assert ["redirectUri"] == [each["field"] for each in response.json["error"]["details"]]
        assert before == dump()


@pytest.mark.parametrize(
    ("provider", "email"),
    [("google", GOOGLE_EMAIL), ("outlook", WORK_EMAIL), ("outlook", PERSONAL_EMAIL)],
)
def test_a_user_who_consents_is_connected(
    simulators: OAuthSimulators, provider: str, email: str
) -> None:
    who = coach()

    response = connect(who, provider, email)

    made = response.data
    assert (200, True) == (response.status, is_private(response.headers))
    assert (provider, email, "active") == (made["provider"], made["email"], made["status"])
    assert ("2026-11-23T08:59:59Z", None) == (made["tokenExpiresAt"], made["lastError"])
    assert made["calendarId"]
    assert made["calendarName"]
    assert [made] == connections_of(who)
    assert ["ok"] == day_sources(who)
    assert 1 == len(simulators.requests_to(provider, TOKEN_PATH[provider]))


@pytest.mark.parametrize("provider", BOTH)
def test_the_code_is_exchanged_with_the_verifier_of_its_challenge(
    simulators: OAuthSimulators, provider: str
) -> None:
    there = authorization_url(coach(), provider)

    follow_callback(consent(there))

    (parameters,) = simulators.requests_to(provider, TOKEN_PATH[provider])
    verifier = query_of(f"?{parameters['body']}")["code_verifier"]
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert query_of(there)["code_challenge"] == challenge
    assert verifier not in there


class TestRedirect:
    """With a return address, the browser is redirected there whatever the outcome."""

    @pytest.mark.parametrize("provider", BOTH)
    def test_the_redirect_reports_a_connected_calendar(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        del simulators
        who = coach()

        response = connect(who, provider, return_to=PAGE)

        outcome = f"?tab=1&status=connected&provider={provider}#accounts"
        assert f"https://app.example/calendars{outcome}" == self.address(response)
        assert ["active"] == [each["status"] for each in connections_of(who)]

    @pytest.mark.parametrize("provider", BOTH)
    def test_the_redirect_reports_a_declined_consent(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        del simulators

        response = connect(coach(), provider, allow=False, return_to=PAGE)

        assert self.failed(provider, "ACCESS_DENIED") == self.address(response)

    @pytest.mark.parametrize("provider", BOTH)
    def test_the_redirect_reports_a_rejected_code(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        del simulators
        location = consent(authorization_url(coach(), provider, return_to=PAGE))

        response = follow_callback(location, code="made-up")

        assert self.failed(provider, "CODE_REJECTED") == self.address(response)

    @pytest.mark.parametrize("provider", BOTH)
    def test_the_redirect_reports_an_unreachable_provider(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        location = consent(authorization_url(coach(), provider, return_to=PAGE))
        simulators.of(provider).break_next({"status": 500}, path="*/token", times=9)

        response = follow_callback(location)

        assert self.failed(provider, "PROVIDER_UNREACHABLE") == self.address(response)

    def test_a_return_address_without_a_query_gets_one(self, simulators: OAuthSimulators) -> None:
        del simulators

        response = connect(coach(), "google", return_to="https://app.example/other")

        expected = "https://app.example/other?status=connected&provider=google"
        assert expected == self.address(response)

    def failed(self, provider: str, code: str) -> str:
        outcome = f"?tab=1&status=error&provider={provider}&error={code}#accounts"
        return f"https://app.example/calendars{outcome}"

    def address(self, response: Any) -> str:
        assert (302, None) == (response.status, response.json)
        assert is_private(response.headers)
        location: str = response.headers["Location"]
        return location
