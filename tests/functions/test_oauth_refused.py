"""Coming back from a provider's page with what connects nobody, and how that is told."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.consent import consent
from tests.support.oauth_flows import (
    BOTH,
    PAGE,
    TOKEN_PATH,
    Peers,
    at,
    come_back,
    connect,
    connections_of,
    departure,
    is_private,
    other_client_secret,
    query_of,
)
from tests.support.service import NOW, coach, dump, learner

CALENDAR_PATH = {"google": "/calendar/*", "outlook": "/v1.0/me/calendar"}


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
