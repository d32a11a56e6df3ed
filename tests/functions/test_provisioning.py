"""Connections created from tokens that the platform's sign-in has obtained."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from infra.local.simulators import google
from shared.providers.microsoft.oauth import SCOPES
from tests.support.api import ApiResponse, call, token
from tests.support.http_contract import error_problems, response_problems
from tests.support.oauth_flows import (
    CONNECTIONS,
    OAuthSimulators,
    at,
    connect,
    connections_of,
    day_sources,
    stored,
    tokens_in,
)
from tests.support.service import NOW, User, admin, call_api, coach, dump, fresh_id, learner

pytestmark = pytest.mark.long

PATH = "/api/v1/connections/auto-provision"
SCOPE = "connections:provision"
LATER = timedelta(hours=2)
MICROSOFT_SCOPES = SCOPES | {"openid", "profile", "offline_access"}


def provision(bearer: str | None = None, **body: Any) -> ApiResponse:
    """Provision tokens as the auth service, or with another bearer token."""
    response = call("POST", PATH, bearer=bearer or token("auth-service", scope=SCOPE), body=body)
    if response.status not in (502, 503):  # statuses any operation may have
        assert [] == response_problems("POST", PATH, response.status, response.json)
    return response


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The tokens of one account from a sign-in."""

    email: str
    access_token: str
    refresh_token: str

    def body(self, who: User, provider: str, /, **changes: Any) -> dict[str, Any]:
        """Return the auth service's request body; `...` omits a field."""
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


def signed_in(simulators: OAuthSimulators, provider: str, email: str | None = None) -> SignedIn:
    """Return new tokens of an account; without `email`, of a new account."""
    if provider == "google":
        email = email or simulators.new_google_account()
        access, refresh = simulators.google.authorization.grant(
            email, frozenset(google.GUEST_SCOPES)
        )
        assert refresh is not None
        return SignedIn(email, access, refresh)
    email = email or f"{fresh_id()}@contoso.example"
    return SignedIn(email, *simulators.microsoft.sign_ins.grant(email, MICROSOFT_SCOPES))


@pytest.mark.parametrize("provider", ["google", "OUTLOOK"])
def test_provisioned_tokens_create_a_connection_and_later_ones_update_it(
    simulators: OAuthSimulators, provider: str
) -> None:
    who, name = coach(), provider.lower()
    first = signed_in(simulators, name)
    second = signed_in(simulators, name, first.email)

    made = provision(**first.body(who, provider))
    again = provision(**second.body(who, provider, email=first.email.upper()))

    assert (201, 200) == (made.status, again.status)
    assert (name, first.email, "active") == tuple(
        made.data[each] for each in ("provider", "email", "status")
    )
    assert "2026-11-23T08:59:59Z" == made.data["tokenExpiresAt"]
    assert made.data["calendarId"]
    assert made.data["calendarName"]
    assert made.data["email"].lower() == again.data["email"].lower()
    assert {**made.data, "email": again.data["email"]} == again.data
    assert [again.data] == connections_of(who)
    assert tokens_in(stored(who)).access_token not in {first.access_token, second.access_token}
    assert (tokens_in(stored(who)).refresh_token == second.refresh_token) == (name == "google")
    assert ["ok"] == day_sources(who)


@pytest.mark.parametrize("provider", ["google", "outlook"])
def test_an_expired_token_is_refreshed_on_use(simulators: OAuthSimulators, provider: str) -> None:
    who = coach()
    provision(**signed_in(simulators, provider).body(who, provider))

    with at(NOW + LATER):
        assert ["ok"] == day_sources(who)


def test_a_token_without_an_expiry_is_refreshed_on_first_use(simulators: OAuthSimulators) -> None:
    who = coach()
    tokens = signed_in(simulators, "google")
    provision(**tokens.body(who, "google", tokenExpiresAt=None))

    assert ["ok"] == day_sources(who)
    assert tokens.access_token != tokens_in(stored(who)).access_token


@pytest.mark.parametrize("absent", [..., None, ""])
def test_an_access_token_without_a_refresh_token_works_until_it_expires(
    simulators: OAuthSimulators, absent: Any
) -> None:
    who = coach()
    body = signed_in(simulators, "google").body(
        who, "google", refreshToken=absent, tokenExpiresAt=absent or None
    )

    assert 201 == provision(**body).status

    assert ["ok"] == day_sources(who)
    simulators.google.authorization.expire_access_tokens()
    assert ["reconnect_required"] == day_sources(who)
    assert ["reconnect_required"] == [each["status"] for each in connections_of(who)]


def test_a_given_calendar_is_read_before_it_counts_as_connected(
    simulators: OAuthSimulators,
) -> None:
    who = coach()
    body = signed_in(simulators, "google").body(
        who, "GOOGLE", calendarId="primary", calendarName="Work", userId=who.id
    )

    response = provision(**body)

    assert ("primary", "Work") == (response.data["calendarId"], response.data["calendarName"])
    paths = [each["path"] for each in simulators.google.requests]
    assert ["/token", "/calendar/v3/calendars/primary/events"] == paths


@pytest.mark.parametrize("provider", ["google", "outlook"])
def test_a_calendar_that_the_account_does_not_have_is_a_validation_error(
    simulators: OAuthSimulators, provider: str
) -> None:
    who = coach()
    body = signed_in(simulators, provider).body(who, provider, calendarId="gone@example.org")

    response = provision(**body)

    assert (400, "VALIDATION_ERROR") == (response.status, response.code)
    assert ["calendarId"] == [each["field"] for each in response.json["error"]["details"]]
    assert [] == connections_of(who)


def test_tokens_without_access_to_the_calendar_need_consent(simulators: OAuthSimulators) -> None:
    who = coach()
    access, refresh = simulators.google.authorization.grant(
        simulators.new_google_account(), frozenset({"openid", "email"})
    )
    assert refresh is not None
    body = SignedIn("c@gmail.example", access, refresh).body(who, "google")

    first, second = provision(**body), provision(**body)

    assert (201, 200) == (first.status, second.status)
    assert "Calendar connected." != first.json["message"]
    assert ("reconnect_required", True, "NEEDS_CONSENT") == (
        first.data["status"],
        first.data["needsConsent"],
        first.data["lastError"]["code"],
    )
    assert first.data == second.data


def test_tokens_with_fewer_rights_leave_a_connection_unchanged(
    simulators: OAuthSimulators,
) -> None:
    who = coach()
    connected = connect(who, "google").data
    access, refresh = simulators.google.authorization.grant(
        connected["email"], frozenset({"openid", "email"})
    )
    assert refresh is not None
    before = tokens_in(stored(who))

    again = provision(**SignedIn(connected["email"], access, refresh).body(who, "google"))

    assert (200, connected) == (again.status, again.data)
    assert before == tokens_in(stored(who))


def test_a_disconnected_account_is_connected_again_only_when_the_user_asks(
    simulators: OAuthSimulators,
) -> None:
    who = coach()
    tokens = signed_in(simulators, "google")
    made = provision(**tokens.body(who, "google")).data
    call_api("DELETE", f"{CONNECTIONS}/{made['id']}", who)

    next_sign_in = provision(**signed_in(simulators, "google", tokens.email).body(who, "google"))
    asked = provision(**tokens.body(who, "google", reconnect=True))
    later = provision(**signed_in(simulators, "google", tokens.email).body(who, "google"))

    assert (409, "DISCONNECTED") == (next_sign_in.status, next_sign_in.code)
    assert [201, 200] == [asked.status, later.status]
    assert made["id"] == asked.data["id"]


def test_provisioning_without_a_refresh_token_keeps_the_stored_tokens(
    simulators: OAuthSimulators,
) -> None:
    who = coach()
    first = signed_in(simulators, "google")
    second = signed_in(simulators, "google", first.email)
    provision(**first.body(who, "google"))
    before = tokens_in(stored(who))

    provision(**second.body(who, "google", refreshToken=None))

    assert before == tokens_in(stored(who))
    assert first.refresh_token == before.refresh_token


def test_connecting_oneself_takes_over_the_provisioned_connection(
    simulators: OAuthSimulators,
) -> None:
    who = coach()
    tokens = signed_in(simulators, "google")
    made = provision(**tokens.body(who, "google")).data

    connected = connect(who, "google", tokens.email).data
    again = provision(**signed_in(simulators, "google", tokens.email).body(who, "google"))

    assert made["id"] == connected["id"] == again.data["id"]
    assert 200 == again.status
    assert 1 == len(connections_of(who))


def test_the_grant_is_kept_while_another_user_has_the_account_connected(
    simulators: OAuthSimulators,
) -> None:
    one, other = coach(), learner()
    tokens = signed_in(simulators, "google")
    mine = provision(**tokens.body(one, "google")).data
    theirs = connect(other, "google", tokens.email).data

    first = call_api("DELETE", f"{CONNECTIONS}/{mine['id']}", one)
    still = day_sources(other)
    last = call_api("DELETE", f"{CONNECTIONS}/{theirs['id']}", other)

    assert (False, ["ok"], False) == (first.data["revoked"], still, last.data["revoked"])


def test_the_grant_of_a_sign_in_is_not_revoked(simulators: OAuthSimulators) -> None:
    who = coach()
    tokens = signed_in(simulators, "google")
    provision(**tokens.body(who, "google"))
    mine = connect(who, "google", tokens.email).data

    deleted = call_api("DELETE", f"{CONNECTIONS}/{mine['id']}", who).data

    assert not deleted["revoked"]
    assert simulators.google.authorization.refresh[tokens.refresh_token].alive


@pytest.mark.parametrize("claims", [{}, {"scope": "connections:read"}, {"scope": f"x{SCOPE}"}])
def test_a_users_token_is_not_enough(simulators: OAuthSimulators, claims: dict[str, str]) -> None:
    who = admin()
    before = dump()

    response = provision(
        token(who.id, *who.roles, **claims), **signed_in(simulators, "google").body(who, "google")
    )

    assert (403, "FORBIDDEN") == (response.status, response.code)
    assert before == dump()
    assert [] == simulators.google.requests


def test_provisioning_requires_a_token(simulators: OAuthSimulators) -> None:
    response = call_api("POST", PATH, body=signed_in(simulators, "google").body(coach(), "google"))

    assert (401, "UNAUTHORIZED") == (response.status, response.code)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"userId": ...}, "userId"),
        ({"userId": "no/id"}, "userId"),
        ({"provider": "apple"}, "provider"),
        ({"email": "no-address"}, "email"),
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
def test_an_invalid_body_is_rejected(
    simulators: OAuthSimulators, changes: dict[str, Any], field: str
) -> None:
    response = provision(**signed_in(simulators, "google").body(coach(), "google", **changes))

    assert (400, "VALIDATION_ERROR") == (response.status, response.code)
    assert [field] == [each["field"] for each in response.json["error"]["details"]]


@pytest.mark.parametrize("provider", ["google", "outlook"])
def test_a_token_the_provider_rejects_is_a_validation_error(
    simulators: OAuthSimulators, provider: str
) -> None:
    who = coach()
    body = signed_in(simulators, provider).body(
        who, provider, accessToken="never-given", refreshToken=None
    )

    response = provision(**body)

    assert (400, "VALIDATION_ERROR") == (response.status, response.code)
    assert ["accessToken"] == [each["field"] for each in response.json["error"]["details"]]
    assert [] == connections_of(who)


@pytest.mark.parametrize("provider", ["google", "outlook"])
def test_a_provider_that_fails_is_unreachable(simulators: OAuthSimulators, provider: str) -> None:
    who = coach()
    simulators.of(provider).break_next({"status": 503}, times=9)

    response = provision(**signed_in(simulators, provider).body(who, provider))

    assert (502, "PROVIDER_UNREACHABLE") == (response.status, response.code)
    assert [] == error_problems(response.json)
    assert [] == connections_of(who)
