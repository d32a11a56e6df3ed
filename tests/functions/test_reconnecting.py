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
    Peers,
    at,
    come_back,
    connect,
    connections_of,
    day_sources,
    departure,
    stored,
    tokens_in,
)
from tests.support.service import NOW, ask, coach, learner

BOTH = ["google", "outlook"]
LATER = timedelta(hours=2)


class TestConnectingAgain:
    @pytest.mark.parametrize("provider", BOTH)
    def test_the_same_account_keeps_its_connection(self, peers: Peers, provider: str) -> None:
        del peers
        who = coach()
        first = connect(who, provider).data

        with at(NOW + timedelta(minutes=5)):
            second = connect(who, provider).data

        assert {**first, "tokenExpiresAt": "2026-11-23T09:04:59Z"} == second
        assert [second] == connections_of(who)

    @pytest.mark.parametrize("provider", BOTH)
    def test_also_after_it_was_disconnected(self, peers: Peers, provider: str) -> None:
        del peers
        who = coach()
        first = connect(who, provider).data
        ask("DELETE", f"{CONNECTIONS}/{first['id']}", who)

        assert first["id"] == connect(who, provider).data["id"]

    def test_another_account_is_another_connection(self, peers: Peers) -> None:
        del peers
        who = coach()

        made = [connect(who, "google", each) for each in (GOOGLE_EMAIL, OTHER_GOOGLE_EMAIL)]
        made += [connect(who, "outlook", each) for each in (WORK_EMAIL, PERSONAL_EMAIL)]

        assert 4 == len({each.data["id"] for each in made}) == len(connections_of(who))

    def test_it_mends_a_connection_whose_grant_has_ended(self, peers: Peers) -> None:
        who = coach()
        first = connect(who, "google").data
        peers.google.authorization.end_grant(GOOGLE_EMAIL)
        assert ["reconnect_required"] == day_sources(who)
        assert ["reconnect_required"] == [each["status"] for each in connections_of(who)]

        again = connect(who, "google").data

        assert (first["id"], "active", None) == (
            again["id"],
            again["status"],
            again["lastError"],
        )
        assert ["ok"] == day_sources(who)

    def test_consent_that_brings_no_refresh_token_keeps_the_old_one(self, peers: Peers) -> None:
        who = coach()
        connect(who, "google")
        before = tokens_in(stored(who))
        there = httpx.URL(departure(who, "google")).copy_remove_param("prompt")

        assert 200 == come_back(consent(str(there))).status

        after = tokens_in(stored(who))
        assert before.refresh_token == after.refresh_token is not None
        assert before.access_token != after.access_token
        assert 1 == len(peers.google.authorization.refresh)
        with at(NOW + LATER):
            assert ["ok"] == day_sources(who)


class TestDisconnecting:
    def test_google_is_told_to_end_the_grant(self, peers: Peers) -> None:
        who = coach()
        made = connect(who, "google", peers.new_google_account()).data

        answer = ask("DELETE", f"{CONNECTIONS}/{made['id']}", who)

        assert {"id": made["id"], "revoked": True} == answer.data
        assert [] == connections_of(who)
        assert not any(each.alive for each in peers.google.authorization.refresh.values())

    def test_not_while_another_user_has_the_same_account_connected(self, peers: Peers) -> None:
        one, other = coach(), learner()
        email = peers.new_google_account()
        mine, theirs = (connect(each, "google", email).data for each in (one, other))

        first = ask("DELETE", f"{CONNECTIONS}/{mine['id']}", one)
        still = day_sources(other)
        last = ask("DELETE", f"{CONNECTIONS}/{theirs['id']}", other)

        assert (False, ["ok"], True) == (first.data["revoked"], still, last.data["revoked"])
        assert 1 == len(peers.asked("google", "/revoke"))

    def test_another_account_is_no_reason_not_to(self, peers: Peers) -> None:
        one, other = coach(), learner()
        mine = connect(one, "google", peers.new_google_account()).data
        connect(other, "google", peers.new_google_account())

        assert ask("DELETE", f"{CONNECTIONS}/{mine['id']}", one).data["revoked"]
        assert ["ok"] == day_sources(other)
        assert 1 == len(peers.asked("google", "/revoke"))

    def test_microsoft_offers_nothing_to_revoke_and_is_asked_nothing(self, peers: Peers) -> None:
        who = coach()
        made = connect(who, "outlook").data
        peers.microsoft.requests.clear()

        answer = ask("DELETE", f"{CONNECTIONS}/{made['id']}", who)

        assert {"id": made["id"], "revoked": False} == answer.data
        assert ([], []) == (connections_of(who), peers.microsoft.requests)

    @pytest.mark.parametrize("fault", [{"status": 503}, {"status": 400}, {"kind": "drop_before"}])
    def test_the_tokens_are_erased_even_if_revoking_fails(
        self, peers: Peers, fault: dict[str, Any]
    ) -> None:
        who = coach()
        made = connect(who, "google", peers.new_google_account()).data
        peers.google.break_next(fault, path="/revoke", times=9)

        answer = ask("DELETE", f"{CONNECTIONS}/{made['id']}", who)

        assert {"id": made["id"], "revoked": False} == answer.data
        assert "account itself" in answer.json["message"]
        assert [] == connections_of(who)
