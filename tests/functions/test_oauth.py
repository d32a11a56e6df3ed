"""Connecting Google and Outlook calendars: to the provider's page, through it, and back."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest

from tests.support.consent import consent
from tests.support.oauth_flows import (
    GOOGLE_EMAIL,
    PAGE,
    PERSONAL_EMAIL,
    PUBLIC_BASE_URL,
    WORK_EMAIL,
    Peers,
    at,
    come_back,
    connect,
    connections_of,
    day_sources,
    departure,
    other_client_secret,
    query_of,
)
from tests.support.service import NOW, ask, coach, dump, learner

BOTH = ["google", "outlook"]
TOKEN_PATH = {"google": "/token", "outlook": "/oauth2/v2.0/token"}
CALENDAR_PATH = {"google": "/calendar/*", "outlook": "/v1.0/me/calendar"}
EMAIL = {"google": GOOGLE_EMAIL, "outlook": WORK_EMAIL}
LATER = timedelta(hours=2)


def is_private(headers: Any) -> bool:
    """Whether an answer is kept nowhere and its address is told to nobody."""
    told = {name.lower(): value for name, value in headers.items()}
    return (told.get("cache-control"), told.get("referrer-policy")) == ("no-store", "no-referrer")


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


class TestState:
    """Whatever is wrong with a state is one answer, and nothing comes of it."""

    @pytest.mark.parametrize("provider", BOTH)
    @pytest.mark.parametrize("state", [None, "", "unknown", "ä", "x" * 4096])
    def test_missing_or_unknown(self, peers: Peers, provider: str, state: str | None) -> None:
        location = consent(departure(coach(), provider))

        self.refused(peers, provider, location, state=state)

    @pytest.mark.parametrize("provider", BOTH)
    def test_used_before(self, peers: Peers, provider: str) -> None:
        location = consent(departure(coach(), provider))
        assert 200 == come_back(location).status
        peers.of(provider).requests.clear()

        self.refused(peers, provider, location)

    @pytest.mark.parametrize("provider", BOTH)
    def test_used_up_by_a_refusal(self, peers: Peers, provider: str) -> None:
        location = consent(departure(coach(), provider))
        assert "ACCESS_DENIED" == come_back(location, error="access_denied").code

        self.refused(peers, provider, location)

    @pytest.mark.parametrize("provider", BOTH)
    def test_ten_minutes_old(self, peers: Peers, provider: str) -> None:
        location = consent(departure(coach(), provider))

        with at(NOW + timedelta(minutes=10)):
            self.refused(peers, provider, location)

    @pytest.mark.parametrize("provider", BOTH)
    def test_a_little_younger_still_serves(self, peers: Peers, provider: str) -> None:
        del peers
        location = consent(departure(coach(), provider))

        with at(NOW + timedelta(minutes=10, microseconds=-1)):
            assert 200 == come_back(location).status

    @pytest.mark.parametrize(("begun", "ended"), [("google", "outlook"), ("outlook", "google")])
    def test_of_a_flow_with_the_other_provider(self, peers: Peers, begun: str, ended: str) -> None:
        who = coach()
        location = consent(departure(who, begun))

        self.refused(peers, begun, location.replace(f"/auth/{begun}/", f"/auth/{ended}/"))

        assert [] == peers.asked(ended, TOKEN_PATH[ended])
        assert "INVALID_STATE" == come_back(location).code
        assert [] == connections_of(who)

    @pytest.mark.parametrize("provider", BOTH)
    def test_of_a_flow_that_began_with_a_page_to_return_to(
        self, peers: Peers, provider: str
    ) -> None:
        location = consent(departure(coach(), provider, return_to=PAGE))
        assert 302 == come_back(location).status
        peers.of(provider).requests.clear()

        self.refused(peers, provider, location)

    def refused(self, peers: Peers, provider: str, location: str, **changes: str | None) -> None:
        before = {
            key: [each for each in items if not each["pk"]["S"].startswith("state#")]
            for key, items in dump().items()
        }

        answer = come_back(location, **changes)

        assert (400, "INVALID_STATE") == (answer.status, answer.code)
        assert is_private(answer.headers)
        assert [] == peers.asked(provider, TOKEN_PATH[provider])
        assert before == {
            key: [each for each in items if not each["pk"]["S"].startswith("state#")]
            for key, items in dump().items()
        }


@pytest.mark.parametrize("provider", BOTH)
def test_a_connection_is_the_users_who_began_whoever_brings_the_code(
    peers: Peers, provider: str
) -> None:
    """A code of one flow under the state of another proves nothing, so nobody gets anything."""
    victim, attacker = coach(), learner()
    of_victim, of_attacker = (consent(departure(each, provider)) for each in (victim, attacker))

    answer = come_back(of_victim, code=query_of(of_attacker)["code"])

    assert (400, "CODE_REJECTED") == (answer.status, answer.code)
    assert ([], []) == (connections_of(victim), connections_of(attacker))
    assert 1 == len(peers.asked(provider, TOKEN_PATH[provider]))


@pytest.mark.parametrize("provider", BOTH)
def test_a_person_who_declines_is_told_so(peers: Peers, provider: str) -> None:
    who = coach()

    answer = connect(who, provider, allow=False)

    assert (400, "ACCESS_DENIED") == (answer.status, answer.code)
    assert is_private(answer.headers)
    assert [] == connections_of(who)
    assert [] == peers.asked(provider, TOKEN_PATH[provider])


def test_a_person_who_unticks_the_calendar_is_not_connected(peers: Peers) -> None:
    who = coach()

    answer = connect(who, "google", untick=["calendar.events.owned"])

    assert (400, "ACCESS_DENIED") == (answer.status, answer.code)
    assert "calendar" in answer.json["message"]
    assert [] == connections_of(who)
    assert [] == peers.google.api.mails


@pytest.mark.usefixtures("peers")
@pytest.mark.parametrize("provider", BOTH)
@pytest.mark.parametrize("code", ["made-up", "", None])
def test_a_code_the_provider_never_gave_is_rejected(provider: str, code: str | None) -> None:
    who = coach()

    answer = come_back(consent(departure(who, provider)), code=code)

    assert (400, "CODE_REJECTED") == (answer.status, answer.code)
    assert is_private(answer.headers)
    assert [] == connections_of(who)


@pytest.mark.parametrize("provider", BOTH)
@pytest.mark.parametrize("broken", [TOKEN_PATH, CALENDAR_PATH], ids=["tokens", "calendar"])
@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"kind": "drop_after"}, {"kind": "html"}], ids=str
)
def test_a_provider_that_fails_is_unreachable_and_nothing_is_stored(
    peers: Peers, provider: str, broken: dict[str, str], fault: dict[str, Any]
) -> None:
    who = coach()
    location = consent(departure(who, provider))
    peers.of(provider).break_next(fault, path=f"*{broken[provider]}", times=9)

    answer = come_back(location)

    assert (502, "PROVIDER_UNREACHABLE") == (answer.status, answer.code)
    assert is_private(answer.headers)
    assert [] == connections_of(who)


@pytest.mark.parametrize("provider", BOTH)
def test_a_wrong_client_secret_is_not_the_users_fault(peers: Peers, provider: str) -> None:
    who = coach()

    with other_client_secret(peers, provider):
        answer = connect(who, provider)

    assert (502, "PROVIDER_UNREACHABLE") == (answer.status, answer.code)
    assert [] == connections_of(who)


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
