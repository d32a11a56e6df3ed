"""Connecting Google and Outlook calendars: to the provider's page, through it, and back."""

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
    Peers,
    come_back,
    connect,
    connections_of,
    day_sources,
    departure,
    is_private,
    query_of,
)
from tests.support.service import ask, coach, dump


@pytest.mark.usefixtures("peers")
class TestDeparture:
    @pytest.mark.parametrize("provider", BOTH)
    def test_the_page_is_told_to_prove_and_to_come_back(self, provider: str) -> None:
        answer = ask("GET", f"/api/v1/auth/{provider}", coach())

        asked = query_of(answer.data["authorizationUrl"])
        assert "2026-11-23T08:10:00Z" == answer.data["expiresAt"]
        assert f"{PUBLIC_BASE_URL}/api/v1/auth/{provider}/callback" == asked["redirect_uri"]
        assert ("code", "S256") == (asked["response_type"], asked["code_challenge_method"])
        assert 43 == len(asked["code_challenge"]) == len(asked["state"])
        assert is_private(answer.headers)

    def test_google_is_asked_for_the_least_that_works_offline_and_with_consent(self) -> None:
        asked = query_of(departure(coach(), "google"))

        calendar = "https://www.googleapis.com/auth/calendar.events.owned"
        assert {"openid", "email", calendar} == set(asked["scope"].split())
        assert ("offline", "consent") == (asked["access_type"], asked["prompt"])

    def test_microsoft_is_asked_for_the_least_that_works_offline(self) -> None:
        asked = query_of(departure(coach(), "outlook"))

        signing_in = {"openid", "profile", "email", "offline_access"}
        calendar = {"Calendars.ReadWrite", "MailboxSettings.Read"}
        assert signing_in | calendar == set(asked["scope"].split())

    def test_nothing_that_must_be_new_comes_twice(self) -> None:
        who = coach()
        first, second = (query_of(departure(who, "google")) for _ in range(2))

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
    def test_a_page_off_the_allow_list_is_refused(self, provider: str, address: str) -> None:
        before = dump()

        answer = ask("GET", f"/api/v1/auth/{provider}", coach(), query={"redirectUri": address})

        assert (400, "VALIDATION_ERROR") == (answer.status, answer.code)
        assert ["redirectUri"] == [each["field"] for each in answer.json["error"]["details"]]
        assert before == dump()


@pytest.mark.parametrize(
    ("provider", "email"),
    [("google", GOOGLE_EMAIL), ("outlook", WORK_EMAIL), ("outlook", PERSONAL_EMAIL)],
)
def test_a_person_clicks_through_and_is_connected(peers: Peers, provider: str, email: str) -> None:
    who = coach()

    answer = connect(who, provider, email)

    made = answer.data
    assert (200, True) == (answer.status, is_private(answer.headers))
    assert (provider, email, "active") == (made["provider"], made["email"], made["status"])
    assert ("2026-11-23T08:59:59Z", None) == (made["tokenExpiresAt"], made["lastError"])
    assert made["calendarId"]
    assert made["calendarName"]
    assert [made] == connections_of(who)
    assert ["ok"] == day_sources(who)
    assert 1 == len(peers.asked(provider, TOKEN_PATH[provider]))


@pytest.mark.parametrize("provider", BOTH)
def test_the_code_is_redeemed_with_the_verifier_of_its_challenge(
    peers: Peers, provider: str
) -> None:
    there = departure(coach(), provider)

    come_back(consent(there))

    (asked,) = peers.asked(provider, TOKEN_PATH[provider])
    verifier = query_of(f"?{asked['body']}")["code_verifier"]
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert query_of(there)["code_challenge"] == challenge
    assert verifier not in there


class TestReturn:
    """With a page to return to the browser goes there, however it ended."""

    @pytest.mark.parametrize("provider", BOTH)
    def test_connected(self, peers: Peers, provider: str) -> None:
        del peers
        who = coach()

        answer = connect(who, provider, return_to=PAGE)

        told = f"?tab=1&status=connected&provider={provider}#accounts"
        assert f"https://app.example/calendars{told}" == self.address(answer)
        assert ["active"] == [each["status"] for each in connections_of(who)]

    @pytest.mark.parametrize("provider", BOTH)
    def test_declined(self, peers: Peers, provider: str) -> None:
        del peers

        answer = connect(coach(), provider, allow=False, return_to=PAGE)

        assert self.failed(provider, "ACCESS_DENIED") == self.address(answer)

    @pytest.mark.parametrize("provider", BOTH)
    def test_rejected(self, peers: Peers, provider: str) -> None:
        del peers
        location = consent(departure(coach(), provider, return_to=PAGE))

        answer = come_back(location, code="made-up")

        assert self.failed(provider, "CODE_REJECTED") == self.address(answer)

    @pytest.mark.parametrize("provider", BOTH)
    def test_unreachable(self, peers: Peers, provider: str) -> None:
        location = consent(departure(coach(), provider, return_to=PAGE))
        peers.of(provider).break_next({"status": 500}, path="*/token", times=9)

        answer = come_back(location)

        assert self.failed(provider, "PROVIDER_UNREACHABLE") == self.address(answer)

    def test_a_page_without_a_query_gets_one(self, peers: Peers) -> None:
        del peers

        answer = connect(coach(), "google", return_to="https://app.example/other")

        expected = "https://app.example/other?status=connected&provider=google"
        assert expected == self.address(answer)

    def failed(self, provider: str, code: str) -> str:
        told = f"?tab=1&status=error&provider={provider}&error={code}#accounts"
        return f"https://app.example/calendars{told}"

    def address(self, answer: Any) -> str:
        assert (302, None) == (answer.status, answer.json)
        assert is_private(answer.headers)
        location: str = answer.headers["Location"]
        return location
