"""A Google grant after the sign-in: refresh, revocation, and errors."""

from datetime import timedelta
from typing import Any

import pytest

from infra.local.simulators.google.oauth import MAX_REFRESH_TOKENS
from shared.domain.errors import (
    CredentialInvalid,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderUnavailable,
)
from shared.providers.google.oauth import SCOPES
from shared.providers.http import HttpClient
from tests.support.google_sign_in import NOW, GoogleSignInFlow, oauth_for, tokens
from tests.support.google_test_server import EMAIL


def test_a_refresh_returns_a_new_token_and_keeps_the_old_refresh_token(
    flow: GoogleSignInFlow,
) -> None:
    before = flow.sign_in().grant
    assert before.refresh_token is not None

    after = flow.oauth.refresh(before.refresh_token, now=NOW + timedelta(hours=1))

    assert before.access_token != after.access_token
    assert (None, SCOPES) == (after.refresh_token, after.scopes)
    assert NOW + timedelta(hours=1, seconds=3599) == after.expires_at


def test_a_rotated_refresh_token_is_returned(flow: GoogleSignInFlow) -> None:
    payload = tokens(refresh_token="1//new")
    flow.google.break_next({"status": 200, "body": payload}, path="/token")

    assert "1//new" == flow.oauth.refresh("1//old", now=NOW).refresh_token


def test_a_refresh_sends_one_request(flow: GoogleSignInFlow) -> None:
    flow.google.break_next({"status": 503, "body": ""}, path="/token", times=9)

    with pytest.raises(ProviderUnavailable):
        flow.oauth.refresh("1//x", now=NOW)

    assert 1 == len(flow.google.requests)


def test_a_revoked_grant_is_invalid(flow: GoogleSignInFlow) -> None:
    token = flow.refresh_token()
    flow.google.authorization.end_grant(EMAIL)

    with pytest.raises(CredentialInvalid):
        flow.oauth.refresh(token, now=NOW)


def test_one_refresh_token_too_many_ends_the_oldest(flow: GoogleSignInFlow) -> None:
    oldest = flow.refresh_token()
    for _ in range(MAX_REFRESH_TOKENS):
        flow.google.authorization.grant(EMAIL, frozenset())

    with pytest.raises(CredentialInvalid):
        flow.oauth.refresh(oldest, now=NOW)


def test_a_wrong_client_secret_is_a_misconfiguration(
    flow: GoogleSignInFlow, http: HttpClient
) -> None:
    token = flow.refresh_token()
    wrong = oauth_for(flow.google, http, secret="wrong")

    with pytest.raises(ProviderMisconfigured) as caught:
        wrong.refresh(token, now=NOW)

    assert "GOOGLE_CLIENT_ID" in caught.value.message


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, {"error": "invalid_grant"}, CredentialInvalid),
        (400, {"error": "invalid_grant", "error_subtype": "invalid_rapt"}, CredentialInvalid),
        (400, {"error": "invalid_token"}, CredentialInvalid),
        (400, {"error": "invalid_request"}, ProviderMisconfigured),
        (400, {"error": "invalid_scope"}, ProviderMisconfigured),
        (401, {"error": "invalid_client"}, ProviderMisconfigured),
        (401, {"error": "unauthorized_client"}, CredentialInvalid),
        (400, {"error": "admin_policy_enforced"}, CredentialInvalid),
        (400, {"error": "policy_enforced"}, CredentialInvalid),
        (400, {"error": "access_denied"}, CredentialInvalid),
        (503, {"error": "access_denied"}, ProviderUnavailable),
        (401, {"error": "deleted_client"}, ProviderMisconfigured),
        (403, {"error": "org_internal"}, ProviderMisconfigured),
        (400, {"error": "internal_failure"}, ProviderUnavailable),
        (400, {"error": "temporarily_unavailable"}, ProviderUnavailable),
        (400, {"error": "something_new"}, ProviderUnavailable),
        (400, {"error": {"code": 400}}, ProviderUnavailable),
        (403, "<html>Sorry...</html>", ProviderUnavailable),
        (429, {"error": "rate_limited"}, ProviderUnavailable),
        (500, {"error": "invalid_grant"}, ProviderUnavailable),
        (502, "<html>Bad gateway</html>", ProviderUnavailable),
        (503, "", ProviderUnavailable),
        (200, "<html>Sign in to the hotel network</html>", ProviderUnavailable),
        (200, [], ProviderUnavailable),
        (200, {}, ProviderUnavailable),
        (200, tokens(access_token=None), ProviderUnavailable),
        (200, tokens(access_token=""), ProviderUnavailable),
        (200, tokens(expires_in=None), ProviderUnavailable),
        (200, tokens(expires_in="soon"), ProviderUnavailable),
        (200, tokens(expires_in=-1), ProviderUnavailable),
        (200, tokens(expires_in=10**12), ProviderUnavailable),
        (200, tokens(expires_in=float("inf")), ProviderUnavailable),
        (200, tokens(scope=7), ProviderUnavailable),
        (302, "", ProviderUnavailable),
    ],
)
def test_refresh_errors(
    flow: GoogleSignInFlow, status: int, body: Any, expected: type[ProviderFailure]
) -> None:
    flow.google.break_next({"status": status, "body": body}, path="/token")

    with pytest.raises(ProviderFailure) as caught:
        flow.oauth.refresh("1//s3cret", now=NOW)

    assert expected is caught.type
    assert "s3cret" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize("kind", ["timeout_before", "drop_before", "drop_after", "truncate"])
def test_a_token_endpoint_that_does_not_respond_is_retried_later(
    flow: GoogleSignInFlow, kind: str
) -> None:
    token = flow.refresh_token()
    flow.google.break_next({"kind": kind, "seconds": 0.05}, path="/token")

    with pytest.raises(ProviderUnavailable):
        flow.oauth.refresh(token, now=NOW)

    assert flow.oauth.refresh(token, now=NOW).access_token


def test_a_lifetime_given_as_text_is_read(flow: GoogleSignInFlow) -> None:
    flow.google.break_next({"status": 200, "body": tokens(expires_in="60")}, path="/token")

    assert NOW + timedelta(minutes=1) == flow.oauth.refresh("1//x", now=NOW).expires_at


def test_revoking_ends_the_whole_grant(flow: GoogleSignInFlow) -> None:
    first, second = flow.refresh_token(), flow.refresh_token()

    assert flow.oauth.revoke(first)

    with pytest.raises(CredentialInvalid):
        flow.oauth.refresh(second, now=NOW)


def test_revoking_an_ended_grant_returns_false(flow: GoogleSignInFlow) -> None:
    token = flow.refresh_token()
    flow.oauth.revoke(token)

    assert not flow.oauth.revoke(token)


def test_a_failed_revocation_raises(flow: GoogleSignInFlow) -> None:
    flow.google.break_next({"status": 502, "body": ""}, path="/revoke")

    with pytest.raises(ProviderUnavailable):
        flow.oauth.revoke("1//x")
