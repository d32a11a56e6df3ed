"""Signing in with Google: the authorization request and the exchange of the code."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from infra.local.simulators import google
from infra.local.simulators.google.oauth import subject
from shared.domain.errors import (
    AccessDenied,
    CodeRejected,
    ProviderMisconfigured,
    ProviderUnavailable,
)
from shared.providers.google.oauth import CALENDAR_SCOPE, SCOPES, GoogleOAuthClient
from tests.support.google_sign_in import NONCE, NOW, REDIRECT, GoogleSignInFlow, tokens
from tests.support.google_test_server import EMAIL

CLAIMS = {
    "iss": "https://accounts.google.com",
    "aud": google.CLIENT_ID,
    "nonce": NONCE,
    "sub": "108",
    "email": EMAIL,
}


def test_only_these_scopes_are_requested(flow: GoogleSignInFlow) -> None:
    query = parse_qs(urlsplit(flow.url()).query)["scope"][0].split()

    assert {
        "openid",
        "email",
        "https://www.googleapis.com/auth/calendar.events.owned",
    } == set(query)
    assert flow.oauth.scopes == SCOPES == set(query)


def test_consent_and_offline_access_are_requested_with_pkce(flow: GoogleSignInFlow) -> None:
    query = dict(parse_qsl(urlsplit(flow.url()).query))

    expected = {
        "access_type": "offline",
        "prompt": "consent",
        "response_type": "code",
        "code_challenge_method": "S256",
        "redirect_uri": REDIRECT,
        "client_id": google.CLIENT_ID,
        "state": "state-1",
        "nonce": NONCE,
    }
    assert expected == {name: query[name] for name in expected}
    assert "include_granted_scopes" not in query


def test_a_code_is_exchanged_for_tokens_and_an_identity(flow: GoogleSignInFlow) -> None:
    sign_in = flow.sign_in()

    assert (subject(EMAIL), EMAIL) == (sign_in.account, sign_in.email)
    assert NOW + timedelta(seconds=3599) == sign_in.grant.expires_at
    assert SCOPES == sign_in.grant.scopes
    assert sign_in.grant.refresh_token in flow.google.authorization.refresh


def test_the_address_of_an_account_is_verified(flow: GoogleSignInFlow) -> None:
    assert flow.sign_in().is_email_verified


def test_an_address_that_its_user_never_confirmed_is_not_verified(flow: GoogleSignInFlow) -> None:
    flow.google.authorization.unverified.add(EMAIL)

    assert not flow.sign_in().is_email_verified


@pytest.mark.parametrize("verdict", [None, "true", 1, "false", [True]])
def test_an_address_is_verified_only_if_google_says_true(
    flow: GoogleSignInFlow, verdict: object
) -> None:
    token = flow.google.authorization.id_tokens.signed({**CLAIMS, "email_verified": verdict})
    flow.google.break_next({"status": 200, "body": tokens(id_token=token)}, path="/token")

    assert not flow.exchange("code").is_email_verified


def test_a_second_consent_returns_another_refresh_token(flow: GoogleSignInFlow) -> None:
    assert flow.refresh_token() != flow.refresh_token()


def test_a_code_can_be_used_once(flow: GoogleSignInFlow) -> None:
    code = flow.callback()["code"]
    flow.exchange(code)

    with pytest.raises(CodeRejected):
        flow.exchange(code)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"code_verifier": "another"}, CodeRejected),
        ({"nonce": "another"}, CodeRejected),
        ({"redirect_uri": "https://other.example/"}, ProviderMisconfigured),
    ],
)
def test_a_code_of_another_sign_in_is_rejected(
    flow: GoogleSignInFlow, changes: dict[str, str], expected: type[Exception]
) -> None:
    code = flow.callback()["code"]

    with pytest.raises(expected):
        flow.exchange(code, **changes)


def test_the_error_names_the_scope_the_user_unticked(flow: GoogleSignInFlow) -> None:
    code = flow.callback(untick=CALENDAR_SCOPE)["code"]

    with pytest.raises(AccessDenied) as caught:
        flow.exchange(code)

    assert "access to your calendar's events" in caught.value.message


def test_a_user_who_declines_comes_back_without_a_code(flow: GoogleSignInFlow) -> None:
    assert {"state": "state-1", "error": "access_denied"} == flow.callback(auto="deny")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": [google.CLIENT_ID, "another-client"]},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"email": None},
    ],
)
def test_an_invalid_identity_is_rejected(flow: GoogleSignInFlow, claims: dict[str, Any]) -> None:
    token = flow.google.authorization.id_tokens.signed({**CLAIMS, **claims})
    flow.google.break_next({"status": 200, "body": tokens(id_token=token)}, path="/token")

    with pytest.raises(CodeRejected):
        flow.exchange("code")


@pytest.mark.parametrize("token", [None, "", "a.b.c", "no token", 7])
def test_an_unreadable_identity_is_rejected(flow: GoogleSignInFlow, token: object) -> None:
    flow.google.break_next({"status": 200, "body": tokens(id_token=token)}, path="/token")

    with pytest.raises(CodeRejected):
        flow.exchange("code")


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_transient_failure_of_the_exchange_is_reported(
    flow: GoogleSignInFlow, status: int
) -> None:
    wait = {"Retry-After": "9"}
    flow.google.break_next({"status": status, "body": "", "headers": wait}, path="/token")

    with pytest.raises(ProviderUnavailable) as caught:
        flow.exchange("code")

    assert timedelta(seconds=9) == caught.value.retry_after


def test_repr_shows_no_secret(flow: GoogleSignInFlow) -> None:
    client = GoogleOAuthClient(client_id="id", client_secret=lambda: "s3cret")
    sign_in = flow.sign_in()

    text = f"{client!r} {sign_in!r}"

    assert "s3cret" not in text
    assert sign_in.grant.access_token not in text
