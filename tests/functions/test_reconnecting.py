"""Connecting an account again, and disconnecting it, at Google and at Microsoft."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.support.consent import consent
from tests.support.oauth_flows import (
    CONNECTIONS,
    GOOGLE_EMAIL,
    OTHER_GOOGLE_EMAIL,
    PERSONAL_EMAIL,
    WORK_EMAIL,
    OAuthSimulators,
    at,
    authorization_url,
    connect,
    connections_of,
    day_sources,
    follow_callback,
    stored,
    tokens_in,
)
from tests.support.service import NOW, call_api, coach, learner

pytestmark = pytest.mark.long

BOTH = ["google", "outlook"]
LATER = timedelta(hours=2)


class TestReconnecting:
    @pytest.mark.parametrize("provider", BOTH)
    def test_reconnecting_the_same_account_keeps_its_connection(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        del simulators
        who = coach()
        first = connect(who, provider).data

        with at(NOW + timedelta(minutes=5)):
            second = connect(who, provider).data

        assert {**first, "tokenExpiresAt": "2026-11-23T09:04:59Z"} == second
        assert [second] == connections_of(who)

    @pytest.mark.parametrize("provider", BOTH)
    def test_reconnecting_after_disconnecting_creates_the_connection_again(
        self, simulators: OAuthSimulators, provider: str
    ) -> None:
        del simulators
        who = coach()
        first = connect(who, provider).data
        call_api("DELETE", f"{CONNECTIONS}/{first['id']}", who)

        assert first["id"] == connect(who, provider).data["id"]

    def test_another_account_is_another_connection(self, simulators: OAuthSimulators) -> None:
        del simulators
        who = coach()

        connected = [connect(who, "google", each) for each in (GOOGLE_EMAIL, OTHER_GOOGLE_EMAIL)]
        connected += [connect(who, "outlook", each) for each in (WORK_EMAIL, PERSONAL_EMAIL)]

        assert 4 == len({each.data["id"] for each in connected}) == len(connections_of(who))

    def test_reconnecting_restores_a_connection_with_an_ended_grant(
        self, simulators: OAuthSimulators
    ) -> None:
        who = coach()
        first = connect(who, "google").data
        simulators.google.authorization.end_grant(GOOGLE_EMAIL)
        assert ["reconnect_required"] == day_sources(who)
        assert ["reconnect_required"] == [each["status"] for each in connections_of(who)]

        again = connect(who, "google").data

        assert (first["id"], "active", None) == (
            again["id"],
            again["status"],
            again["lastError"],
        )
        assert ["ok"] == day_sources(who)

    def test_consent_without_a_new_refresh_token_keeps_the_old_one(
        self, simulators: OAuthSimulators
    ) -> None:
        who = coach()
        connect(who, "google")
        before = tokens_in(stored(who))
        authorization_page = httpx.URL(authorization_url(who, "google")).copy_remove_param("prompt")

        assert 200 == follow_callback(consent(str(authorization_page))).status

        after = tokens_in(stored(who))
        assert before.refresh_token == after.refresh_token is not None
        assert before.access_token != after.access_token
        assert 1 == len(simulators.google.authorization.refresh)
        with at(NOW + LATER):
            assert ["ok"] == day_sources(who)


class TestDisconnecting:
    def test_disconnecting_revokes_the_grant_at_google(self, simulators: OAuthSimulators) -> None:
        who = coach()
        connected = connect(who, "google", simulators.new_google_account()).data

        response = call_api("DELETE", f"{CONNECTIONS}/{connected['id']}", who)

        assert {"id": connected["id"], "revoked": True} == response.data
        assert [] == connections_of(who)
        assert not any(each.alive for each in simulators.google.authorization.refresh.values())

    def test_the_grant_is_not_revoked_while_another_user_has_the_account_connected(
        self, simulators: OAuthSimulators
    ) -> None:
        one, other = coach(), learner()
        email = simulators.new_google_account()
        mine, theirs = (connect(each, "google", email).data for each in (one, other))

        first = call_api("DELETE", f"{CONNECTIONS}/{mine['id']}", one)
        still = day_sources(other)
        last = call_api("DELETE", f"{CONNECTIONS}/{theirs['id']}", other)

        assert (False, ["ok"], True) == (first.data["revoked"], still, last.data["revoked"])
        assert 1 == len(simulators.requests_to("google", "/revoke"))

    def test_the_grant_is_revoked_even_if_another_account_is_connected(
        self, simulators: OAuthSimulators
    ) -> None:
        one, other = coach(), learner()
        mine = connect(one, "google", simulators.new_google_account()).data
        connect(other, "google", simulators.new_google_account())

        assert call_api("DELETE", f"{CONNECTIONS}/{mine['id']}", one).data["revoked"]
        assert ["ok"] == day_sources(other)
        assert 1 == len(simulators.requests_to("google", "/revoke"))

    def test_microsoft_has_no_revocation_and_gets_no_request(
        self, simulators: OAuthSimulators
    ) -> None:
        who = coach()
        connected = connect(who, "outlook").data
        simulators.microsoft.requests.clear()

        response = call_api("DELETE", f"{CONNECTIONS}/{connected['id']}", who)

        assert {"id": connected["id"], "revoked": False} == response.data
        assert ([], []) == (connections_of(who), simulators.microsoft.requests)

    @pytest.mark.parametrize("fault", [{"status": 503}, {"status": 400}, {"kind": "drop_before"}])
    def test_the_tokens_are_deleted_even_if_revoking_fails(
        self, simulators: OAuthSimulators, fault: dict[str, Any]
    ) -> None:
        who = coach()
        connected = connect(who, "google", simulators.new_google_account()).data
        simulators.google.break_next(fault, path="/revoke", times=9)

        response = call_api("DELETE", f"{CONNECTIONS}/{connected['id']}", who)

        assert {"id": connected["id"], "revoked": False} == response.data
        assert "account still lists" in response.json["message"]
        assert [] == connections_of(who)
