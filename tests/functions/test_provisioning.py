"""Connections made of the tokens the platform's own sign-in has obtained."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from infra.local.simulators import google
from shared.providers.microsoft.oauth import SCOPES
from tests.support.api import Answer, call, token
from tests.support.contract import answer_problems, error_problems
from tests.support.oauth_flows import (
    CONNECTIONS,
    Peers,
    at,
    connect,
    connections_of,
    day_sources,
    stored,
    tokens_in,
)
from tests.support.service import NOW, User, admin, ask, coach, dump, fresh_id, learner

PATH = "/api/v1/connections/auto-provision"
SCOPE = "connections:provision"
LATER = timedelta(hours=2)
MICROSOFT_SCOPES = SCOPES | {"openid", "profile", "offline_access"}


def provision(bearer: str | None = None, **body: Any) -> Answer:
    """Hand tokens over as the auth service, or as whoever the bearer is for."""
    answer = call("POST", PATH, bearer=bearer or token("auth-service", scope=SCOPE), body=body)
    if answer.status not in (502, 503):  # statuses any operation may have
        assert [] == answer_problems("POST", PATH, answer.status, answer.json)
    return answer


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Tokens of one account as a sign-in obtained them."""

    email: str
    access_token: str
    refresh_token: str

    def body(self, who: User, provider: str, /, **changes: Any) -> dict[str, Any]:
        """Return what the auth service sends; ... leaves a field out."""
        body = {
            "userId": who.id,
            "provider": provider,
            "email": self.email,
            "accessToken": self.access_token,
            "refreshToken": self.refresh_token,
            "tokenExpiresAt": "2026-11-23T09:00:00Z",
            **changes,
        }
        return {name: value for name, value in body.items() if value is not ...}


def signed_in(peers: Peers, provider: str, email: str | None = None) -> SignedIn:
    """Return new tokens of an account, a new one unless named."""
    if provider == "google":
        email = email or peers.new_google_account()
        access, refresh = peers.google.authorization.grant(email, frozenset(google.GUEST_SCOPES))
        assert refresh is not None
        return SignedIn(email, access, refresh)
    email = email or f"{fresh_id()}@contoso.example"
    return SignedIn(email, *peers.microsoft.sign_ins.grant(email, MICROSOFT_SCOPES))


@pytest.mark.parametrize("provider", ["google", "OUTLOOK"])
def test_tokens_become_a_connection_and_the_next_ones_update_it(
    peers: Peers, provider: str
) -> None:
    who, name = coach(), provider.lower()
    first = signed_in(peers, name)
    second = signed_in(peers, name, first.email)

    made = provision(**first.body(who, provider))
    again = provision(**second.body(who, provider, email=first.email.upper()))

    assert (201, 200) == (made.status, again.status)
    assert (name, first.email, "active") == tuple(
        made.data[each] for each in ("provider", "email", "status")
    )
    assert "2026-11-23T09:00:00Z" == made.data["tokenExpiresAt"]
    assert made.data["calendarId"]
    assert made.data["calendarName"]
    name_part, _, domain = first.email.partition("@")
    assert {**made.data, "email": f"{name_part.upper()}@{domain}"} == again.data
    assert [again.data] == connections_of(who)
    kept = tokens_in(stored(who))
    assert (second.access_token, second.refresh_token) == (kept.access_token, kept.refresh_token)
    assert ["ok"] == day_sources(who)


@pytest.mark.parametrize("provider", ["google", "outlook"])
def test_an_expired_token_is_refreshed_when_it_is_needed(peers: Peers, provider: str) -> None:
    who = coach()
    provision(**signed_in(peers, provider).body(who, provider))

    with at(NOW + LATER):
        assert ["ok"] == day_sources(who)


def test_a_token_without_an_expiry_is_refreshed_at_first_use(peers: Peers) -> None:
    who = coach()
    given = signed_in(peers, "google")
    provision(**given.body(who, "google", tokenExpiresAt=None))

    assert ["ok"] == day_sources(who)
    assert given.access_token != tokens_in(stored(who)).access_token


@pytest.mark.parametrize("absent", [..., None, ""])
def test_an_access_token_alone_serves_as_long_as_it_is_good(peers: Peers, absent: Any) -> None:
    who = coach()
    body = signed_in(peers, "google").body(
        who, "google", refreshToken=absent, tokenExpiresAt=absent or None
    )

    assert 201 == provision(**body).status

    assert ["ok"] == day_sources(who)
    peers.google.authorization.expire_access_tokens()
    assert ["reconnect_required"] == day_sources(who)
    assert ["reconnect_required"] == [each["status"] for each in connections_of(who)]


def test_a_chosen_calendar_is_taken_without_asking_the_provider(peers: Peers) -> None:
    who = coach()
    body = signed_in(peers, "google").body(
        who, "GOOGLE", calendarId="primary", calendarName="Work", userId=who.id
    )

    answer = provision(**body)

    assert ("primary", "Work") == (answer.data["calendarId"], answer.data["calendarName"])
    assert [] == peers.google.requests


def test_tokens_given_without_a_refresh_token_keep_the_one_there_was(peers: Peers) -> None:
    who = coach()
    first = signed_in(peers, "google")
    second = signed_in(peers, "google", first.email)
    provision(**first.body(who, "google"))

    provision(**second.body(who, "google", refreshToken=None))

    kept = tokens_in(stored(who))
    assert (second.access_token, first.refresh_token) == (kept.access_token, kept.refresh_token)


def test_granting_access_oneself_takes_the_provisioned_connection_over(peers: Peers) -> None:
    who = coach()
    given = signed_in(peers, "google")
    made = provision(**given.body(who, "google")).data

    connected = connect(who, "google", given.email).data
    again = provision(**signed_in(peers, "google", given.email).body(who, "google"))

    assert made["id"] == connected["id"] == again.data["id"]
    assert 200 == again.status
    assert 1 == len(connections_of(who))


def test_the_grant_stays_while_somebody_else_has_the_account_another_way(peers: Peers) -> None:
    one, other = coach(), learner()
    given = signed_in(peers, "google")
    mine = provision(**given.body(one, "google")).data
    theirs = connect(other, "google", given.email).data

    first = ask("DELETE", f"{CONNECTIONS}/{mine['id']}", one)
    still = day_sources(other)
    last = ask("DELETE", f"{CONNECTIONS}/{theirs['id']}", other)

    assert (False, ["ok"], True) == (first.data["revoked"], still, last.data["revoked"])


def test_a_connection_that_was_provisioned_first_leaves_nothing_behind(peers: Peers) -> None:
    one, other = coach(), learner()
    given = signed_in(peers, "google")
    provision(**given.body(one, "google"))
    mine = connect(one, "google", given.email).data
    ask("DELETE", f"{CONNECTIONS}/{mine['id']}", one)
    theirs = provision(**signed_in(peers, "google", given.email).body(other, "google")).data

    assert ask("DELETE", f"{CONNECTIONS}/{theirs['id']}", other).data["revoked"]


@pytest.mark.parametrize("claims", [{}, {"scope": "connections:read"}, {"scope": f"x{SCOPE}"}])
def test_a_users_token_is_not_enough(peers: Peers, claims: dict[str, str]) -> None:
    who = admin()
    before = dump()

    answer = provision(
        token(who.id, *who.roles, **claims), **signed_in(peers, "google").body(who, "google")
    )

    assert (403, "FORBIDDEN") == (answer.status, answer.code)
    assert before == dump()
    assert [] == peers.google.requests


def test_nobody_provisions_without_a_token(peers: Peers) -> None:
    answer = ask("POST", PATH, body=signed_in(peers, "google").body(coach(), "google"))

    assert (401, "UNAUTHORIZED") == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"userId": ...}, "userId"),
        ({"userId": "no/id"}, "userId"),
        ({"provider": "apple"}, "provider"),
        ({"email": "nobody"}, "email"),
        ({"accessToken": ""}, "accessToken"),
        ({"accessToken": "x" * 16385}, "accessToken"),
        ({"accessToken": "t\u00f6ken"}, "accessToken"),
        ({"accessToken": "to ken"}, "accessToken"),
        ({"accessToken": "token\n"}, "accessToken"),
        ({"refreshToken": "t\u00f6ken"}, "refreshToken"),
        ({"tokenExpiresAt": "soon"}, "tokenExpiresAt"),
        ({"calendarId": "x" * 1025}, "calendarId"),
        ({"calendarName": "x" * 501}, "calendarName"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused(
    peers: Peers, changes: dict[str, Any], field: str
) -> None:
    answer = provision(**signed_in(peers, "google").body(coach(), "google", **changes))

    assert (400, "VALIDATION_ERROR") == (answer.status, answer.code)
    assert [field] == [each["field"] for each in answer.json["error"]["details"]]


@pytest.mark.parametrize("provider", ["google", "outlook"])
def test_a_token_the_provider_refuses_is_the_callers_mistake(peers: Peers, provider: str) -> None:
    who = coach()
    body = signed_in(peers, provider).body(who, provider, accessToken="never-given")

    answer = provision(**body)

    assert (400, "VALIDATION_ERROR") == (answer.status, answer.code)
    assert ["accessToken"] == [each["field"] for each in answer.json["error"]["details"]]
    assert [] == connections_of(who)


@pytest.mark.parametrize("provider", ["google", "outlook"])
def test_a_provider_that_fails_is_unreachable(peers: Peers, provider: str) -> None:
    who = coach()
    peers.of(provider).break_next({"status": 503}, times=9)

    answer = provision(**signed_in(peers, provider).body(who, provider))

    assert (502, "PROVIDER_UNREACHABLE") == (answer.status, answer.code)
    assert [] == error_problems(answer.json)
    assert [] == connections_of(who)
